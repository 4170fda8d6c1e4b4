"""Errors as every edge shows them: which status, which sentence, which JSON.

The one place where an error's sentence is translated. Pages around it belong to the edge (`web.failures`).
"""

from __future__ import annotations

import logging
import traceback

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext

from wearemany.errors import N_, Broken, Refused, TryAgain, WeAreManyError

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5
_PROGRAMS = ("/api/", "/upload/")

# A refusal is 400 unless its code says more.
STATUS = {
    "address-unknown": 404,
    "campaign-unknown": 404,
    "page-unknown": 404,
    "post-unknown": 404,
    "report-unknown": 404,
    "host-unknown": 421,
    "post-hidden": 409,
    "post-taken-back": 410,
    "campaign-closed": 409,
    "campaign-frozen": 409,
    "campaign-paused": 409,
    "code-unknown": 404,
    "method-unknown": 405,
    "not-allowed": 403,
    "offset-differs": 409,
    "other-origin": 403,
    "upload-gone": 410,
    "upload-too-large": 413,
    "upload-unknown-here": 404,
    "too-many": 429,
}


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script or a program asks, and not a person."""
    if request.path.startswith(_PROGRAMS) or request.path == "/upload":
        return True
    return "application/json" in request.headers.get("Accept", "")


def json_answer(error: Exception) -> JsonResponse:
    """Return the JSON that answers an error: its code, and its sentence in the reader's language."""
    known = known_of(error)
    values = {"error": {"code": known.code, "sentence": sentence_of(known)}}
    return JsonResponse(values, status=status_of(known))


def sentence_of(error: WeAreManyError) -> str:
    """Return an error's safe sentence in the language of the page, values filled in."""
    sentence = gettext(error.sentence)
    return sentence % error.values if error.values else sentence


def status_of(error: WeAreManyError) -> int:
    """Return the HTTP status that goes with an error."""
    if isinstance(error, TryAgain):
        return 503
    return STATUS.get(error.code, 400) if isinstance(error, Refused) else 500


def retry_after_s(error: WeAreManyError) -> int | None:
    """Return in how many seconds the same may work; None when it will not."""
    if not isinstance(error, TryAgain):
        return None
    return int(str(error.values.get("retry_after_s", RETRY_AFTER_S)))


def known_of(error: Exception) -> WeAreManyError:
    """Return the error of ours that stands for any error."""
    if isinstance(error, WeAreManyError):
        return error
    if isinstance(error, Http404):
        return Refused(
            "address-unknown",
            N_("There is nothing at this address. Perhaps it was taken back, or the link is cut off."),
        )
    if isinstance(error, PermissionDenied):
        return Refused("not-allowed", N_("You cannot do this. If you are of the team, please sign in first."))
    if isinstance(error, (BadRequest, SuspiciousOperation)):
        return Refused(
            "request-odd",
            N_("The server could not read this. Please open the page again and send it once more."),
        )
    if isinstance(error, OperationalError):
        # A full disk, a database that is being restarted, a lock held for too long: its transaction is undone.
        return TryAgain(
            "database-unwritable",
            N_(
                "The server cannot write anything down right now, so nothing was changed. Please try again in a minute."
            ),
            cause=type(error).__name__,
        )
    return unexpected()


def unexpected() -> Broken:
    """Return what is told when something failed that nobody foresaw."""
    return Broken("unexpected", N_("Something went wrong on our side. Please try again in a while."))


def note(error: Exception, known: WeAreManyError) -> None:
    """Log what a person has to look at: the place in the code, never a message that may hold somebody's words."""
    if isinstance(known, Broken):
        frames = traceback.extract_tb(error.__traceback__)
        place = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-6:]))
        log.error("%s %s %s %s", known.code, type(error).__name__, known.cause, place)
    elif known.cause:
        log.info("%s %s", known.code, known.cause)
