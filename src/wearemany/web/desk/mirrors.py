"""Copies that others keep: named by organisers, with what the last look at each came to; and the keys for pictures."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from wearemany.adapters import clock
from wearemany.campaigns.services import preset_rules
from wearemany.errors import Refused
from wearemany.moderation.purging import delay
from wearemany.wall.mirrors.listing import is_listed, mirror_add, mirror_remove, mirrors_of
from wearemany.wall.mirrors.offer import (
    NAME_MAX,
    mirror_key_agree,
    mirror_key_make,
    mirror_key_revoke,
    mirror_keys_of,
)
from wearemany.wall.mirrors.probe import FINDINGS
from wearemany.wall.models import Mirror, MirrorKey
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on


@dataclass(frozen=True)
class MirrorView:
    """A copy, whether it stands in the signed list, and what is wrong with it; not looked at yet has neither."""

    url: str
    is_listed: bool
    was_looked_at: bool
    finding: str


@dataclass(frozen=True)
class KeyView:
    """A key; `waits_until` is when it holds by itself, None when it does, `is_mine` that somebody else has to agree."""

    pk: str
    name: str
    day: datetime.date
    waits_until: datetime.datetime | None
    is_mine: bool


@organiser
@require_http_methods(["GET", "HEAD", "POST"])
def mirrors(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List the copies and the keys; a POST names a copy."""
    if request.method != "POST":
        return _page(request, seat)
    try:
        mirror_add(campaign=seat.campaign, url=request.POST.get("url", "")[:400])
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return sent_on(seat, "mirrors", done="mirror-named")


@organiser
@require_POST
def remove(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Take a copy off the list."""
    mirror_remove(campaign=seat.campaign, url=request.POST.get("url", "")[:400])
    return sent_on(seat, "mirrors", done="mirror-removed")


@organiser
@require_POST
def make_key(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Make a key and show it this once; it opens nothing before a second organiser agrees, or the delay is over."""
    name = request.POST.get("name", "")[:400]
    try:
        made = mirror_key_make(campaign=seat.campaign, name=name, account=seat.account)
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return _page(request, seat, secret=made.secret, name=made.key.name)


@organiser
@require_POST
def agree_to_key(request: HttpRequest, seat: Seat, key: str) -> HttpResponse:
    """Let a colleague's key hold."""
    try:
        mirror_key_agree(campaign=seat.campaign, key_id=key, account=seat.account)
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return sent_on(seat, "mirrors", done="mirror-key-agreed")


@organiser
@require_POST
def revoke_key(request: HttpRequest, seat: Seat, key: str) -> HttpResponse:
    """Revoke a key: its copy lets go of all pictures at its next run."""
    mirror_key_revoke(campaign=seat.campaign, key_id=key)
    return sent_on(seat, "mirrors", done="mirror-key-revoked")


def _page(
    request: HttpRequest, seat: Seat, *, secret: str = "", name: str = "", refusal: Refused | None = None
) -> HttpResponse:
    values = {
        "mirrors": [_view(row) for row in mirrors_of(seat.campaign)],
        "keys": [_key_view(row, seat) for row in mirror_keys_of(seat.campaign)],
        "hours": round(delay().total_seconds() / 3600),
        "pictures_out": preset_rules(seat.campaign).pictures_out,
        "secret": secret,
        "secret_name": name,
        "typed": request.POST.dict() if refusal else {},
        "name_max": NAME_MAX,
    }
    return page_shown(request, seat, "desk/mirrors.html", values, refusal=refusal)


def _key_view(row: MirrorKey, seat: Seat) -> KeyView:
    waits_until = row.holds_from if row.holds_from and row.holds_from > clock.now() else None
    return KeyView(row.pk, row.name, row.day, waits_until, row.asked_by_id == seat.account.pk)


def _view(row: Mirror) -> MirrorView:
    finding = gettext(FINDINGS[row.finding]) if row.finding else ""
    return MirrorView(row.url, is_listed(row), row.looked_at is not None, finding)
