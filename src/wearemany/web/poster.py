"""The poster: one sheet for a wall, a window, a hand. Made for print, the same on a screen, without scripts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wearemany.campaigns.services import campaign_by_handle
from wearemany.rendering.frames import campaign_view
from wearemany.web.answers import kept
from wearemany.web.context import door_of, other_doors
from wearemany.web.qr import qr_svg

# The largest size in which words fit a sheet: up to so many characters, the longest word up to so many.
_PHRASE_SIZES = ((16, 8, "large"), (30, 11, "big"), (40, 13, "middle"), (80, 18, "small"))
_CALL_SIZES = ((140, 40, "large"), (320, 50, "middle"), (700, 70, "small"))


@require_safe
def poster(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Show the poster; its code leads to the posting page behind the reader's own door, the others stand below."""
    view = campaign_view(campaign_by_handle(handle), language=language)
    door = door_of(request)
    leads_to = door.url(view.at.join if view.joins else view.at.wall)
    values = {
        "campaign": view,
        "code": qr_svg(leads_to),
        "short": f"{door.netloc}{view.at.wall}".rstrip("/"),
        "phrase_size": _size(view.phrase, _PHRASE_SIZES),
        "call_size": _size(view.call, _CALL_SIZES),
        "others": [f"{other.netloc}{view.at.wall}".rstrip("/") for other in other_doors(request)],
        "has_onion": any(other.kind == "onion" for other in other_doors(request)),
    }
    return kept(render(request, "poster.html", values), handle=handle)


def _size(text: str, sizes: tuple[tuple[int, int, str], ...]) -> str:
    longest = max((len(word) for word in text.split()), default=0)
    fitting = (name for most, most_in_word, name in sizes if len(text) <= most and longest <= most_in_word)
    return next(fitting, "smallest")
