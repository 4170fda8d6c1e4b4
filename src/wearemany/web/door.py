"""The posting page: one form, the same with and without scripts; its answer is the keep-page itself.

Photos come sealed from the front. What was received stays with the form when something else is missing, and
the same form sent twice is one post. Nothing here says what becomes of the post: that is `keep`.
"""

from __future__ import annotations

import json
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import (
    campaign_by_handle,
    posting_checked,
    posting_refusal,
    preset_rules,
)
from wearemany.errors import Refused, TryAgain
from wearemany.mail.setup import mail_door_address
from wearemany.photos.daily_word import word_of_day
from wearemany.photos.models import Post
from wearemany.photos.orders import PHOTOS_MAX
from wearemany.photos.proofs import challenge_make
from wearemany.photos.resumable import upload_empty
from wearemany.photos.secrets import form_token_checked
from wearemany.photos.services import post_by_code, post_submit
from wearemany.rendering.frames import campaign_view
from wearemany.web import failures
from wearemany.web.door_form import (
    JoinForm,
    complaint_of,
    form_new,
    form_read,
    order_of,
    uploads_receive,
    with_kept,
)
from wearemany.web.keep import keep_answer

UPLOADS_POSTED_MOST = 12


def join(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Show the form, or take what it sends and answer with the keep-page."""
    campaign = campaign_by_handle(handle)
    if request.method == "POST":
        return _submit(request, campaign, language)
    if (refusal := posting_refusal(campaign)) is not None:
        return _shut(request, campaign, language, refusal)
    form = form_new(language, cover_rule=preset_rules(campaign).cover)
    return _page(request, campaign, language, form)


def join_photo(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Receive one photo for a form that is still open on somebody's screen; answers scripts only."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    campaign = campaign_by_handle(handle)
    try:
        posting_checked(campaign)
        uploads = uploads_receive(request, form_token_checked(request.POST.get("form", "")))
    except (Refused, TryAgain) as error:
        return _told(request, error)
    if not uploads:
        return _told(request, upload_empty())
    return _unkept(JsonResponse({"upload": uploads[0].pk}))


def _submit(request: HttpRequest, campaign: Campaign, language: str) -> HttpResponse:
    rules = preset_rules(campaign)
    form = form_read(request.POST, language=language, cover_rule=rules.cover)
    known = post_by_code(form.code)
    if known is not None and known.campaign_id == campaign.pk:
        # The answer was lost, or the button was pressed twice: bytes that came again are not needed.
        return _done(request, known, form, language)
    error: Refused | TryAgain | None = posting_refusal(campaign)
    if error is not None:
        script = failures.wants_json(request)
        return _told(request, error) if script else _shut(request, campaign, language, error)
    upload_ids = list(dict.fromkeys(request.POST.getlist("upload")))[:UPLOADS_POSTED_MOST]
    try:
        upload_ids += [upload.pk for upload in uploads_receive(request, form.token)]
        post = post_submit(order_of(form, campaign=campaign, language=language, upload_ids=upload_ids))
    except (Refused, TryAgain) as again:
        error = again
    else:
        return _done(request, post, form, language)
    if failures.wants_json(request):
        return _told(request, error)
    complaint = complaint_of(error, failures.sentence_of(error))
    form = replace(with_kept(form, upload_ids), complaint=complaint)
    return _page(request, campaign, language, form, status=failures.status_of(error))


def _done(request: HttpRequest, post: Post, form: JoinForm, language: str) -> HttpResponse:
    if failures.wants_json(request):
        # The script sends the same form once more, now as a page: so that loading it again keeps working.
        return _unkept(JsonResponse({"posted": True}))
    return keep_answer(request, post=post, code=form.code, language=language, told="posted")


def _page(
    request: HttpRequest, campaign: Campaign, language: str, form: JoinForm, *, status: int = 200
) -> HttpResponse:
    rules = preset_rules(campaign)
    values = {
        "campaign": campaign_view(campaign, language=language),
        "form": form,
        "rules": rules,
        "photos_max": PHOTOS_MAX,
        "by_mail": mail_door_address(campaign, language=language) is not None,
        "release_minutes": rules.release_every_s // 60,
        "daily_word": word_of_day(campaign.origin, clock.now().date(), language=language)
        if campaign.asks_word
        else "",
        "challenge": json.dumps(challenge_make(form.code)) if campaign.guarded else "",
    }
    return _unkept(render(request, "door/join.html", values, status=status))


def _shut(request: HttpRequest, campaign: Campaign, language: str, error: Refused | TryAgain) -> HttpResponse:
    values = {
        "campaign": campaign_view(campaign, language=language),
        "sentence": failures.sentence_of(error),
    }
    return _unkept(render(request, "door/shut.html", values, status=failures.status_of(error)))


def _told(request: HttpRequest, error: Refused | TryAgain) -> HttpResponse:
    """Answer a script: the sentence, and the step of the form that it belongs to."""
    complaint = complaint_of(error, failures.sentence_of(error))
    values = {"error": {"code": complaint.code, "sentence": complaint.sentence, "step": complaint.step}}
    return _unkept(JsonResponse(values, status=failures.status_of(error)))


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
