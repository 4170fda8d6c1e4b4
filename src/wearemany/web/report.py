"""Reporting a post, without an account, a script or an address: what is wrong, where, perhaps a few words; a number.

By that number the outcome is seen, or the report taken back. Nothing is hidden by it: that is `moderation.reports`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from wearemany.campaigns.services import campaign_by_handle
from wearemany.errors import N_, Refused, TryAgain
from wearemany.moderation.models import Report
from wearemany.moderation.numbers import number_kept, number_new, number_read
from wearemany.moderation.reports import (
    WORDS_MAX,
    ReportOrder,
    report_by_number,
    report_make,
    report_withdraw,
)
from wearemany.photos.guesses import brake
from wearemany.rendering.addresses import Addresses
from wearemany.rendering.reports import KINDS, PLACES, report_standing
from wearemany.wall.queries import number, post_at
from wearemany.web import failures
from wearemany.web.answers import neutral


@dataclass(frozen=True)
class ReportForm:
    """The form as it is shown or came back."""

    number: str = field(repr=False)
    kind: str = ""
    place: str = ""
    words: str = ""
    sentence: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, language: str, handle: str, position: int) -> HttpResponse:
    """Ask what is wrong; take the report, and show its number once."""
    campaign = campaign_by_handle(handle)
    posted = request.POST if request.method == "POST" else None
    known = report_by_number(number_read(posted.get("number", ""))) if posted is not None else None
    if posted is not None and known is not None:
        return report_told(request, known, shown_number=posted["number"])
    post = post_at(campaign, position)
    if post is None:
        raise Refused(
            "post-taken-back",
            N_("This post was taken back. It is no longer on the wall, and the number does not count it."),
        )
    path = Addresses(language, handle).report(position)
    if posted is None:
        return _asked(request, path, ReportForm(number_new()))
    form = ReportForm(
        number=number_kept(posted.get("number", "")),
        kind=posted.get("kind", ""),
        place=posted.get("place", ""),
        words=posted.get("words", ""),
    )
    order = ReportOrder(
        post=post,
        kind=form.kind,
        number=number_read(form.number),
        place=form.place,
        words=form.words,
        wall_posts=number(campaign).tally.posts,
    )
    try:
        made = report_make(order)
    except (Refused, TryAgain) as error:
        again = ReportForm(form.number, form.kind, form.place, form.words, failures.sentence_of(error))
        return _asked(request, path, again, status=failures.status_of(error))
    return report_told(request, made, shown_number=form.number)


@require_POST
def withdraw(request: HttpRequest, language: str) -> HttpResponse:
    """Take a report back, by its number."""
    typed = request.POST.get("number", "")[:60]
    known = report_by_number(number_read(typed))
    if known is None:
        brake.wrong()
        raise Refused(
            "report-unknown",
            N_("We know of nothing with this number. Perhaps it is mistyped, or it was answered long ago."),
        )
    report_withdraw(known)
    known.refresh_from_db()
    return report_told(request, known, shown_number=typed)


def report_told(request: HttpRequest, known: Report, *, shown_number: str) -> HttpResponse:
    """Say how a report stands, and its number."""
    return _answer(request, "told", {"number": shown_number, "report": report_standing(known)})


def _asked(request: HttpRequest, path: str, form: ReportForm, *, status: int = 200) -> HttpResponse:
    values = {
        "path": path,
        "mine": path.removesuffix("report") + "mine",
        "form": form,
        "kinds": [(kind.value, gettext(words)) for kind, words in KINDS.items()],
        "places": [(place.value, gettext(words)) for place, words in PLACES.items()],
        "words_max": WORDS_MAX,
    }
    return _answer(request, "ask", values, status=status)


def _answer(request: HttpRequest, name: str, values: dict[str, object], *, status: int = 200) -> HttpResponse:
    return neutral(render(request, f"report/{name}.html", values, status=status), referrer="same-origin")
