"""The recount page as a server gives it out, beside each log's files, and the signed note that says which it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import etag, require_safe

from wearemany.adapters import server
from wearemany.campaigns.services import campaign_by_handle
from wearemany.tlog.note import Signer
from wearemany.wall.recounting.page import page_note, recount_page


def _etag(request: HttpRequest, handle: str) -> str:
    return f'"{recount_page().digest[:32]}"'


# Nothing in the page is secret, and nothing in it is anybody's: packing it betrays nothing.
@gzip_page
@etag(_etag)
@require_safe
def recount_html(request: HttpRequest, handle: str) -> HttpResponse:
    """Answer the page, under its own policy; it asks the log beside it when it is not told otherwise."""
    campaign_by_handle(handle)
    page = recount_page()
    response = HttpResponse(page.content, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = page.policy
    response.headers["Cache-Control"] = "no-cache"
    return readable_anywhere(response)


@require_safe
def recount_note(request: HttpRequest, handle: str) -> HttpResponse:
    """Answer what the page's digest is, signed under the log's name, so that the log's key verifies it."""
    signer = Signer(campaign_by_handle(handle).origin, server.keys().signing_seed)
    response = HttpResponse(page_note(signer), content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return readable_anywhere(response)


def readable_anywhere(response: HttpResponse) -> HttpResponse:
    """Let any page anywhere read an answer: checking must not depend on us."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
