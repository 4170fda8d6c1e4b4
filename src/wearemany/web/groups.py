"""The group door: a leader comes in by an invitation, sends many photos in one sitting, prints slips, confirms covers.

The invitation's secret and the leader's own code come in forms alone, or behind the #. Every act is a POST that answers
with the sitting's page, neutral like the keep-page; what a leader types beside a photo is echoed on its slip and kept
nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from wearemany.adapters.received import ENVIRON_KEY, ReceivedFile
from wearemany.campaigns.groups import MOST_MAX, invitation_by_token
from wearemany.campaigns.models import Campaign, GroupInvitation
from wearemany.campaigns.services import campaign_by_handle
from wearemany.errors import N_, Refused, TryAgain
from wearemany.moderation.services import post_withdraw
from wearemany.photos.groups import GroupPhoto, group_post_submit, sitting_new, sitting_posts
from wearemany.photos.guesses import brake
from wearemany.photos.keepcode import normalise
from wearemany.photos.services import post_confirm
from wearemany.photos.slips import is_sitting
from wearemany.rendering.frames import campaign_view
from wearemany.rendering.group_page import first_post, group_page
from wearemany.web import failures
from wearemany.web.answers import neutral
from wearemany.web.context import door_of

LABEL_MAX = 40
_TOKEN = re.compile(r"[a-z2-7]{26}")
_PHOTO_FIELD = re.compile(r"photo-(\d{1,3})")


@dataclass(frozen=True)
class Sitting:
    """What a form of the sitting carries: the leader's code, the invitation where more may be sent, its campaign."""

    code: str = field(repr=False)
    token: str = field(repr=False)
    campaign: Campaign
    invitation: GroupInvitation | None


@dataclass(frozen=True)
class Said:
    """What just happened, or what was wrong. `slips` says that the slips are to be shown."""

    told: str = ""
    wrong: str = ""
    slips: str = ""


@require_safe
def door(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Ask for the invitation; with scripts its secret is taken from behind the # and sent as a form."""
    values = {"campaign": campaign_view(campaign_by_handle(handle), language=language), "sentence": ""}
    return neutral(render(request, "door/group_in.html", values))


def sitting(request: HttpRequest, language: str) -> HttpResponse:
    """Open a sitting, take photos for it, confirm, leave out; always answer with its page."""
    if request.method != "POST":
        return neutral(render(request, "door/group_in.html", {"sentence": ""}))
    found = _found(request, language)
    if found is None:
        brake.wrong()
        sentence = gettext("We do not know this invitation or code. Please check that all of it is there.")
        return neutral(render(request, "door/group_in.html", {"sentence": sentence}, status=404))
    acts = {"send": _send, "confirm": _confirm, "leave": _leave}
    step = request.POST.get("step", "")
    try:
        said = (
            acts[step](request, found, language)
            if step in acts
            else Said(slips=step if step == "slips" else "")
        )
    except (Refused, TryAgain) as error:
        said = Said(wrong=failures.sentence_of(error), slips="slips" if step == "send" else "")
    return _page(request, found, language, said)


def photo(request: HttpRequest, language: str) -> HttpResponse:
    """Take one photo of a sitting; answers scripts only."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = _found(request, language)
    if found is None:
        brake.wrong()
        return neutral(JsonResponse({"error": {"code": "group-unknown", "sentence": ""}}, status=404))
    try:
        sent = _sent(request, found, language)
        if not sent:
            raise Refused("upload-empty", N_("Nothing arrived. Please choose the photo again."))
    except (Refused, TryAgain) as error:
        values = {"error": {"code": error.code, "sentence": failures.sentence_of(error)}}
        return neutral(JsonResponse(values, status=failures.status_of(error)))
    return neutral(JsonResponse({"sent": sent}))


def _send(request: HttpRequest, found: Sitting, language: str) -> Said:
    if not _sent(request, found, language) and "scripts" not in request.POST:
        raise Refused("photo-missing", N_("There is no photo yet. Please choose one and send again."))
    return Said(told=gettext("The photos have arrived. Please print or copy the codes now."), slips="slips")


def _sent(request: HttpRequest, found: Sitting, language: str) -> list[int]:
    """Make a post of each photo that came with this request; returns their numbers."""
    files = [(number, one) for one in request.META.get(ENVIRON_KEY, ()) if (number := _number(one))]
    if found.invitation is None:
        raise Refused(
            "group-no-invitation", N_("To send more photos, please open the invitation's link once more.")
        )
    for number, received in files:
        group_post_submit(
            invitation=found.invitation,
            photo=GroupPhoto(
                sitting=found.code,
                number=number,
                cover=request.POST.get("cover", ""),
                language=language,
                has_stated=request.POST.get("stated", ""),
            ),
            received=received,
        )
    return [number for number, _ in files]


def _confirm(request: HttpRequest, found: Sitting, language: str) -> Said:
    """Take the leader's word for the pictures that stood on the page, and for no other."""
    posts = sitting_posts(found.code)
    for number in _numbers(request):
        if number in posts:
            post_confirm(post=posts[number])
    return Said(told=gettext("Thank you. We show them as you saw them."))


def _leave(request: HttpRequest, found: Sitting, language: str) -> Said:
    """Leave photos out: taken back and erased."""
    posts = sitting_posts(found.code)
    for number in _numbers(request):
        if number in posts:
            post_withdraw(post=posts[number])
    return Said(told=gettext("Left out, and erased here. Its slip's code works no more."))


def _page(request: HttpRequest, found: Sitting, language: str, said: Said) -> HttpResponse:
    if found.invitation is not None:
        found.invitation.refresh_from_db()
    following = request.POST.get("next", "")
    page = group_page(
        campaign=found.campaign,
        sitting=found.code,
        invitation=found.invitation,
        language=language,
        labels=_labels(request),
        next_number=min(int(following), MOST_MAX + 1) if following.isascii() and following.isdecimal() else 1,
    )
    values = {
        "group": page,
        "sitting": found.code,
        "token": found.token if found.invitation else "",
        "said": said,
        "closed": failures.sentence_of(page.inviting.closed)
        if page.inviting and page.inviting.closed
        else "",
        "label_max": LABEL_MAX,
        "origin": door_of(request).origin,
        "stated": request.POST.get("stated", ""),
        "cover": request.POST.get("cover", ""),
    }
    return neutral(render(request, "door/group.html", values, status=400 if said.wrong else 200))


def _found(request: HttpRequest, language: str) -> Sitting | None:
    """Return the sitting that a form speaks of: by the invitation, by the leader's code, or by both."""
    given = request.POST.get("given", "")[:400].strip()
    token = (request.POST.get("token", "") or given.rpartition("#")[2]).strip().lower()
    code = normalise(request.POST.get("sitting", "") or given)
    invitation = invitation_by_token(token) if _TOKEN.fullmatch(token) else None
    if not is_sitting(code):
        if invitation is None:
            return None
        return Sitting(sitting_new(language), token, invitation.campaign, invitation)
    if invitation is not None:
        return Sitting(code, token, invitation.campaign, invitation)
    post = first_post(code)
    return Sitting(code, "", post.campaign, None) if post else None


def _number(received: ReceivedFile) -> int:
    matched = _PHOTO_FIELD.fullmatch(received.field)
    return int(matched.group(1)) if matched else 0


def _numbers(request: HttpRequest) -> list[int]:
    typed = request.POST.getlist("number")[:MOST_MAX]
    return [int(number) for number in typed if number.isascii() and number.isdecimal() and len(number) < 4]


def _labels(request: HttpRequest) -> dict[int, str]:
    return {
        int(name[6:]): " ".join(str(text).split())[:LABEL_MAX]
        for name, text in request.POST.items()
        if re.fullmatch(r"label-\d{1,3}", name)
    }
