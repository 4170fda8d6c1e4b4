"""What holds for every request that reaches Django: the strict policy, the door, the language, the origin, the errors.

The order in the settings matters: policy outermost, so that error pages carry it too; errors innermost.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from wearemany.adapters import server
from wearemany.doors import ONION, Door, door_at
from wearemany.errors import N_, Refused
from wearemany.web import failures
from wearemany.web.context import CODES, door_of, host_of

Answer = Callable[[HttpRequest], HttpResponseBase]

PAGE = "text/html"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

POLICY = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

STRICT_TRANSPORT = "max-age=31536000"
"""A year: a browser that was here once over HTTPS does not let anybody talk it into plain HTTP."""


class PolicyMiddleware:
    """Put the policy on every answer; a view may say something stricter, and nothing may carry a time."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, then add the policy."""
        response = self.get_response(request)
        for name, value in POLICY.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        # A time of change would tell when somebody posted.
        del response.headers["Last-Modified"]
        return response


class DoorMiddleware:
    """Let in through the doors alone, and mark what an answer leaves in the browser as the door's own.

    Cookies are secure exactly where the door speaks HTTPS: one server may have an onion door without it beside
    a web door with it. Tor Browser is told of the onion door where the web door is one that it believes.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; a host that is none of ours is refused before anything is made for it."""
        if not host_of(request):
            refusal = Refused(
                "host-unknown",
                N_("This server does not answer under that address. Please use one of its own."),
            )
            return failures.answer(request, refusal)
        response = self.get_response(request)
        door = door_of(request)
        for cookie in response.cookies.values():
            cookie["secure"] = door.is_secure
        if door.is_secure:
            # Not for subdomains: those may be somebody else's. Nor by an onion door, whose address is its own proof.
            response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        onion = _onion(door)
        if onion and request.method == "GET" and response.headers.get("Content-Type", "").startswith(PAGE):
            response.headers["Onion-Location"] = onion.url(request.get_full_path())
        return response


def _onion(door: Door) -> Door | None:
    """Return the onion door to tell of behind `door`."""
    if not door.is_secure or door.kind == ONION:
        return None
    return next((other for other in server.doors() if other.kind == ONION), None)


class LanguageMiddleware:
    """Speak the language that the path begins with.

    Where a path has none (the start page, the team's desk) the browser's wish decides; such answers are
    never kept by a cache, so nothing has to vary.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request in its language."""
        language = path_language(request.path) or wished_language(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class SameOriginMiddleware:
    """Let only our own pages act. No cookie and no token are needed for it: the browser says where it comes from.

    An attacker's page can leave out neither `Origin` nor `Sec-Fetch-Site` in the browsers of these years.
    A request that has none of them comes from a program or a very old browser, which carries nobody's
    rights: it may act as a stranger may, but not at the desk.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or refuse it."""
        if request.method not in SAFE_METHODS and not is_ours(request):
            refusal = Refused(
                "other-origin",
                N_("This form was sent from another address. Please open our page and send it from there."),
            )
            return failures.answer(request, refusal)
        return self.get_response(request)


class ErrorMiddleware:
    """Turn every error of a view into a page, or into JSON for a script: a sentence, what to do, never a trace."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; errors come by the hook below, a method that is not taken comes as an empty answer."""
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response.headers.get("Allow", "GET, HEAD")
            response = failures.answer(request, failures.method_unknown())
            response.headers["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        """Answer instead of the view that failed."""
        return failures.answer(request, exception)


def path_language(path: str) -> str | None:
    """Return the interface language that the path begins with, if any."""
    head = path.lstrip("/").partition("/")[0]
    return head if head in CODES else None


def wished_language(request: HttpRequest) -> str:
    """Return the interface language that the browser asks for, else the first."""
    for tag, _ in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")[:200]):
        root = tag.split("-")[0]
        if root in CODES:
            return root
    return CODES[0]


def is_ours(request: HttpRequest) -> bool:
    """Tell whether an acting request comes from a page of this server (or from no page at all)."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    if origin is None:
        return site is not None or not request.path.startswith("/desk")
    if origin == "null":
        # Pages that send no referrer send no origin either. The keep-page is one; its secret code is what
        # gives the right there, and no other page knows it.
        return site is not None or path_is_keep(request.path)
    door = door_at(host := host_of(request), server.doors())
    return origin.lower() == door.origin if door else urlsplit(origin).netloc.lower() == host


def path_is_keep(path: str) -> bool:
    """Tell whether the path is one of the keep-page's."""
    return path.lstrip("/").split("/")[1:2] == ["keep"]
