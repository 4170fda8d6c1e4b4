"""The doors of this server: the signed list for programs and mirrors, and the page that explains them to people."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from wearemany.adapters import server
from wearemany.campaigns.services import campaign_by_handle
from wearemany.doors import Door
from wearemany.wall.doors import doors_note, server_name, server_verifier
from wearemany.wall.mirrors.listing import mirrors_listed
from wearemany.web.context import door_of
from wearemany.web.qr import qr_svg


@dataclass(frozen=True)
class DoorView:
    """A door on the page that explains them; `code` is its QR code."""

    door: Door
    url: str
    is_here: bool
    code: SafeString


@require_safe
def doors_file(request: HttpRequest) -> HttpResponse:
    """Answer the server's signed list; any page anywhere may read it."""
    return _note(server_name())


@require_safe
def log_doors_file(request: HttpRequest, handle: str) -> HttpResponse:
    """Answer the list signed under the name of a campaign's log, so that the log's key alone verifies it."""
    return _note(campaign_by_handle(handle).origin)


@require_safe
def doors(request: HttpRequest, language: str) -> HttpResponse:
    """Explain the doors: which there are, what to do when one is blocked, where the signed list is."""
    here = door_of(request)
    urls = [(door, door.url(f"/{language}/")) for door in server.doors()]
    views = [DoorView(door, url, is_here=door == here, code=qr_svg(url)) for door, url in urls]
    values = {
        "doors": views,
        "has_onion": any(view.door.kind == "onion" for view in views),
        "mirrors": mirrors_listed(),
        "verifier_key": server_verifier().vkey,
    }
    return render(request, "doors.html", values)


def _note(name: str) -> HttpResponse:
    response = HttpResponse(doors_note(name), content_type="text/plain; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "no-cache"
    return response
