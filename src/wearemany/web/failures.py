"""Errors as answers: which status, which page, which JSON. The one place where an error's sentence is translated."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext

from wearemany.errors import N_, Broken, Refused, TryAgain, WeAreManyError
from wearemany.web.context import CODES

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5

# A refusal is 400 unless its code says more.
STATUS = {
    "address-unknown": 404,
    "campaign-unknown": 404,
    "page-unknown": 404,
    "post-unknown": 404,
    "post-taken-back": 410,
    "campaign-closed": 409,
    "campaign-paused": 409,
    "code-unknown": 404,
    "method-unknown": 405,
    "not-allowed": 403,
    "other-origin": 403,
    "upload-too-large": 413,
    "too-many": 429,
}
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
    known = _known(error)
    way, way_words = _way(request, known)
    failure = replace(_failure(known), way=way, way_words=way_words)
    _note(error, known)
    if wants_json(request):
        values = {"error": {"code": failure.code, "sentence": failure.sentence}}
        response: HttpResponse = JsonResponse(values, status=failure.status)
    else:
        response = render(request, "error.html", {"failure": failure}, status=failure.status)
    response.headers["Cache-Control"] = "no-store"
    if isinstance(known, TryAgain):
        response.headers["Retry-After"] = str(known.values.get("retry_after_s", RETRY_AFTER_S))
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


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script asks, and not a person."""
    return "application/json" in request.headers.get("Accept", "")


def sentence_of(error: WeAreManyError) -> str:
    """Return an error's safe sentence in the language of the page, values filled in."""
    sentence = gettext(error.sentence)
    return sentence % error.values if error.values else sentence


def status_of(error: WeAreManyError) -> int:
    """Return the HTTP status that goes with an error."""
    return _failure(error).status


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
    return answer(
        request, Broken("unexpected", N_("Something went wrong on our side. Please try again in a while."))
    )


def _known(error: Exception) -> WeAreManyError:
    if isinstance(error, WeAreManyError):
        return error
    if isinstance(error, Http404):
        return Refused(
            "address-unknown",
            N_("There is nothing at this address. Perhaps it was taken back, or the link is cut off."),
        )
    if isinstance(error, PermissionDenied):
        return Refused("not-allowed", N_("You cannot do this. If you are of the team, please sign in first."))
    if isinstance(error, SuspiciousOperation):
        return Refused(
            "request-odd",
            N_("The server could not read this. Please open the page again and send it once more."),
        )
    return Broken("unexpected", N_("Something went wrong on our side. Please try again in a while."))


def _failure(error: WeAreManyError) -> Failure:
    sentence = sentence_of(error)
    if isinstance(error, TryAgain):
        return Failure(503, error.code, gettext("Please wait a moment"), sentence)
    if isinstance(error, Refused):
        status = STATUS.get(error.code, 400)
        titles = {
            404: gettext("Nothing here"),
            409: gettext("Not now"),
            410: gettext("Taken back"),
        }
        return Failure(status, error.code, titles.get(status, gettext("That did not work")), sentence)
    return Failure(500, error.code, gettext("Our mistake"), sentence)


def _note(error: Exception, known: WeAreManyError) -> None:
    """Log what a person has to look at: the place in the code, never a message that may hold somebody's words."""
    if isinstance(known, Broken):
        frames = traceback.extract_tb(error.__traceback__)
        place = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-6:]))
        log.error("%s %s %s %s", known.code, type(error).__name__, known.cause, place)
    elif known.cause:
        log.info("%s %s", known.code, known.cause)
