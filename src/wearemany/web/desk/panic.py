"""The desk's switches: one press each way, not asked twice, since nothing is lost and it goes back.

The panic switch lets doors, wall or both stand still; the guard asks browsers for a small proof of work; the word of
the day is asked for on paper.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from wearemany.campaigns import freezing
from wearemany.errors import Refused
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on


def _for_parts(act: Callable[..., None], *, done: str) -> Callable[..., HttpResponseBase]:
    """Return the view that does this to the parts that were ticked."""

    def view(request: HttpRequest, seat: Seat) -> HttpResponse:
        try:
            act(campaign=seat.campaign, parts=request.POST.getlist("part"))
        except Refused as refusal:
            return page_shown(request, seat, "desk/campaign.html", {}, refusal=refusal)
        return sent_on(seat, "campaign", done=done)

    return organiser(require_POST(view))


def _for_raids(act: Callable[..., None], *, done: str) -> Callable[..., HttpResponseBase]:
    """Return the view of a switch that stands on the page about raids."""

    def view(request: HttpRequest, seat: Seat) -> HttpResponse:
        act(campaign=seat.campaign)
        return sent_on(seat, "raids", done=done)

    return organiser(require_POST(view))


freeze = _for_parts(freezing.campaign_freeze, done="frozen")
thaw = _for_parts(freezing.campaign_thaw, done="thawed")
guard = _for_raids(freezing.campaign_guard, done="guarded")
unguard = _for_raids(freezing.campaign_unguard, done="unguarded")
word = _for_raids(freezing.campaign_word_ask, done="word-asked")
no_word = _for_raids(freezing.campaign_word_drop, done="word-dropped")
