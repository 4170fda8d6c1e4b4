"""For the press: public posts whose authors agreed to be printed, each with its words, its credit and its picture.

Only organisers see it: they pass pictures on by hand, to whom they know. No public address leads to the larger copies.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wearemany.campaigns.services import preset_rules
from wearemany.rendering.addresses import Addresses
from wearemany.wall.press import PressPost, press_picture, press_posts
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown

PAGE = 24
_NUMBER_DIGITS = 12


@dataclass(frozen=True)
class PressShot:
    """One picture: the small copy for the page, where the large one is, and how large that is."""

    number: int
    small: str
    path: str
    width_px: int
    height_px: int
    alt: str


@dataclass(frozen=True)
class PressLine:
    """One post. `name` is what its author wants to be called, and so the credit; empty when nothing was given."""

    number: int
    path: str
    caption: str
    language: str
    name: str
    shots: tuple[PressShot, ...]


@organiser
@require_safe
def press(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List what newspapers may print, the newest first, a page at a time by number."""
    found = press_posts(seat.campaign, before=_before(request), limit=PAGE + 1)
    values = {
        "lines": [_line(one, seat) for one in found[:PAGE]],
        "older": found[PAGE - 1].position if len(found) > PAGE else None,
        "is_open": preset_rules(seat.campaign).pictures_out,
    }
    return page_shown(request, seat, "desk/press.html", values)


@organiser
@require_safe
def download(request: HttpRequest, seat: Seat, number: int, shot: int) -> HttpResponse:
    """Hand out one picture in the largest size that is kept; the file's name says nothing but the post's number."""
    opened = press_picture(seat.campaign, position=number, number=shot)
    if opened is None:
        raise Http404
    answer = HttpResponse(opened.content, content_type=opened.media_type)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{seat.campaign.handle}-{number}-{shot}.jpg"'
    )
    return answer


def _line(one: PressPost, seat: Seat) -> PressLine:
    shots = []
    for photo in one.photos:
        small, large = photo.rendition("640", "jpeg"), photo.press or photo.rendition("main", "jpeg")
        if small is None or large is None:
            continue
        number = photo.position + 1
        shots.append(
            PressShot(
                number=number,
                small=seat.path(f"picture/{small.file}"),
                path=seat.path(f"press/{one.position}/{number}"),
                width_px=large.width_px,
                height_px=large.height_px,
                alt=photo.alt,
            )
        )
    return PressLine(
        number=one.position,
        path=Addresses("en", seat.campaign.handle).post(one.position),
        caption=one.post.caption,
        language=one.post.language,
        name=one.post.name,
        shots=tuple(shots),
    )


def _before(request: HttpRequest) -> int | None:
    typed = request.GET.get("before", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _NUMBER_DIGITS else None
