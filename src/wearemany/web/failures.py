"""Errors as pages: which title, which way on. What is the same at every edge is in `rendering.troubles`."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from wearemany.errors import N_, Refused, TryAgain, WeAreManyError
from wearemany.rendering.troubles import (
    json_answer,
    known_of,
    note,
    retry_after_s,
    sentence_of,
    status_of,
    unexpected,
    wants_json,
)
from wearemany.web.context import CODES

__all__ = [
    "answer",
    "bad_request",
    "broken",
    "not_allowed",
    "not_found",
    "sentence_of",
    "status_of",
    "wants_json",
]

_NO_WALL = frozenset({"address-unknown", "campaign-unknown"})


@dataclass(frozen=True)
class Failure:
    """What an error looks like from outside."""

    status: int
    code: str
    title: str
    sentence: str
    way: str = "/"
    way_words: str = ""


def answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the page, or for a script the JSON, that answers an error; keeps the private cause in the log."""
    known = known_of(error)
    note(error, known)
    response: HttpResponse
    if wants_json(request):
        response = json_answer(known)
    else:
        failure = _failure(request, known)
        response = render(request, "error.html", {"failure": failure}, status=failure.status)
    response.headers["Cache-Control"] = "no-store"
    if (wait_s := retry_after_s(known)) is not None:
        response.headers["Retry-After"] = str(wait_s)
    return response


def _way(request: HttpRequest, error: WeAreManyError) -> tuple[str, str]:
    """Return where to go from here: the campaign's wall where the path names one, else the start."""
    parts = request.path.strip("/").split("/")
    if parts[0] == "desk":
        return "/desk/", gettext("Back to the desk")
    if len(parts) > 2 and parts[0] in CODES and parts[1] != "keep" and error.code not in _NO_WALL:
        return f"/{parts[0]}/{parts[1]}/", gettext("Back to the wall")
    return "/", gettext("Go to the start")


def method_unknown() -> Refused:
    """Return the refusal of a method that an address does not take."""
    return Refused(
        "method-unknown", N_("This address cannot be used in that way. Please go back and try again.")
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself found wrong with a request."""
    return answer(request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that nobody may make."""
    return answer(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that there is not."""
    return answer(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer when something failed outside every view."""
    return answer(request, unexpected())


def _failure(request: HttpRequest, error: WeAreManyError) -> Failure:
    way, way_words = _way(request, error)
    status = status_of(error)
    return Failure(status, error.code, _title(error, status), sentence_of(error), way, way_words)


def _title(error: WeAreManyError, status: int) -> str:
    if isinstance(error, TryAgain):
        return gettext("Please wait a moment")
    if not isinstance(error, Refused):
        return gettext("Our mistake")
    titles = {
        404: gettext("Nothing here"),
        409: gettext("Not now"),
        410: gettext("Taken back"),
    }
    return titles.get(status, gettext("That did not work"))
