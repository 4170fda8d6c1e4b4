"""Small things that every page view says: may it be kept, are few bytes wanted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

# The front keeps what carries this, for exactly as long as nothing public of the campaign changes.
EPOCH_HEADER = "X-Cache-Epoch"


def kept(response: HttpResponse, *, handle: str) -> HttpResponse:
    """Let the front keep an answer that is the same for everybody; browsers ask again each time."""
    response.headers[EPOCH_HEADER] = handle
    response.headers["Cache-Control"] = "no-cache"
    return response


def kept_lagging(response: HttpResponse, *, handle: str) -> HttpResponse:
    """As `kept`, for what a whole crowd reads: it may be up to a second behind what was added to the wall."""
    response = kept(response, handle=handle)
    response.headers[EPOCH_HEADER] = f"{handle} lag"
    return response


def wants_few_bytes(request: HttpRequest) -> bool:
    """Tell whether the reader asked for few bytes, by the address or by the browser's setting."""
    return "lite" in request.GET or request.headers.get("Save-Data", "").strip().lower() == "on"


def neutral(response: HttpResponse, *, referrer: str = "no-referrer") -> HttpResponse:
    """Make an answer that leaves no trace in caches, referrers or search engines: the pages around a secret code.

    With `same-origin` nobody else learns anything either, and browsers that say nothing but `Origin` can act.
    """
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = referrer
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response
