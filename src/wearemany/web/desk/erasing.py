"""Erasing for good at the desk: a post or everything of the campaign, asked for by one organiser, agreed to by another.

Hidden with the asking. What waits can be kept after all by any organiser; the passphrase, where one is set, burns the
campaign at once.
"""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from wearemany.errors import N_, Refused
from wearemany.moderation.erasing import OUT_OF_REACH
from wearemany.moderation.purging import (
    campaign_erase_progress,
    campaign_purge,
    campaign_purge_of,
    campaign_purge_undo,
    delay,
    post_purge,
    post_purge_of,
)
from wearemany.moderation.services import decision_undo
from wearemany.wall.burning import campaign_burn
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on
from wearemany.web.desk.posts import post_numbered
from wearemany.worker.seldom import AtMost

_TRIES_AN_HOUR = 5
_tries = AtMost(every_s=3600.0)


@organiser
@require_POST
def erase_post(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Ask for a post's erasure, or agree to it."""
    is_now = post_purge(post=post_numbered(seat, number), account=seat.account)
    return sent_on(
        seat, "posts" if is_now else f"posts?number={number}", done="erased" if is_now else "erasing"
    )


@organiser
@require_POST
def keep_post(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Keep a post after all, while nobody carried it out."""
    post = post_numbered(seat, number)
    if post_purge_of(post) is None:
        return sent_on(seat, f"posts?number={number}")
    decision_undo(post=post, account=seat.account)
    return sent_on(seat, f"posts?number={number}", done="kept")


@organiser
@require_http_methods(["GET", "HEAD", "POST"])
def campaign(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Say what erasing a campaign means and how far it is; a POST asks for it, agrees, takes it back, or burns."""
    if request.method != "POST":
        return _page(request, seat)
    try:
        done = _acted(request, seat)
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return sent_on(seat, "campaign/erase", done=done)


def _acted(request: HttpRequest, seat: Seat) -> str:
    act = request.POST.get("act", "")
    if act == "keep":
        campaign_purge_undo(campaign=seat.campaign)
        return "kept"
    if request.POST.get("sure") != "yes":
        raise Refused(
            "erase-not-sure", N_("Please tick that you are sure: it cannot be undone once it is done.")
        )
    if act == "burn":
        _check_passphrase(request.POST.get("passphrase", ""))
        campaign_burn(seat.campaign)
        return "burning"
    if campaign_purge(campaign=seat.campaign, account=seat.account):
        campaign_burn(seat.campaign)
        return "burning"
    return "erasing-all"


def _check_passphrase(typed: str) -> None:
    wanted = str(settings.WEAREMANY["BURN_PASSPHRASE"]).strip()
    may_try = bool(wanted) and _tries.take(0, limit=_TRIES_AN_HOUR)
    if not may_try or not hmac.compare_digest(typed.strip().encode(), wanted.encode()):
        raise Refused(
            "burn-passphrase",
            N_("This is not the passphrase, or it was tried too often. Nothing was burned."),
        )


def _page(request: HttpRequest, seat: Seat, *, refusal: Refused | None = None) -> HttpResponse:
    order = campaign_purge_of(seat.campaign)
    values = {
        "order": order,
        "is_mine": order is not None and order.account_id == seat.account.pk,
        "progress": campaign_erase_progress(seat.campaign),
        "out_of_reach": [gettext(sentence) for sentence in OUT_OF_REACH],
        "hours": round(delay().total_seconds() / 3600),
        "has_passphrase": bool(settings.WEAREMANY["BURN_PASSPHRASE"]),
    }
    return page_shown(request, seat, "desk/erase.html", values, refusal=refusal)
