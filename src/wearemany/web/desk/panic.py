"""The panic switch at the desk: one press freezes, one press thaws. Not asked twice: it loses nothing and goes back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from wearemany.campaigns.freezing import (
    campaign_freeze,
    campaign_guard,
    campaign_thaw,
    campaign_unguard,
    campaign_word_ask,
    campaign_word_drop,
)
from wearemany.errors import Refused
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on


@organiser
@require_POST
def freeze(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Let the doors, the wall or both stand still."""
    try:
        campaign_freeze(campaign=seat.campaign, parts=request.POST.getlist("part"))
    except Refused as refusal:
        return page_shown(request, seat, "desk/campaign.html", {}, refusal=refusal)
    return sent_on(seat, "campaign", done="frozen")


@organiser
@require_POST
def guard(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask browsers for a small proof of work."""
    campaign_guard(campaign=seat.campaign)
    return sent_on(seat, "raids", done="guarded")


@organiser
@require_POST
def unguard(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask for it no more."""
    campaign_unguard(campaign=seat.campaign)
    return sent_on(seat, "raids", done="unguarded")


@organiser
@require_POST
def word(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask for the word of the day."""
    campaign_word_ask(campaign=seat.campaign)
    return sent_on(seat, "raids", done="word-asked")


@organiser
@require_POST
def no_word(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask for it no more."""
    campaign_word_drop(campaign=seat.campaign)
    return sent_on(seat, "raids", done="word-dropped")


@organiser
@require_POST
def thaw(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Let them go on."""
    try:
        campaign_thaw(campaign=seat.campaign, parts=request.POST.getlist("part"))
    except Refused as refusal:
        return page_shown(request, seat, "desk/campaign.html", {}, refusal=refusal)
    return sent_on(seat, "campaign", done="thawed")
