"""Resumable uploads by the tus protocol 1.0.0: creation (with upload), expiration, checksum, termination.

The front has received and sealed the bytes before (`front.pieces`), and refuses what a request's head shows to be
impossible; here its place in the upload is found. The only metadata that is read is `form`: names of files are
dropped unread, and nothing of them is stored or logged.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from wearemany.adapters.received import ENVIRON_KEY, ReceivedFile
from wearemany.api.asking import refusal
from wearemany.errors import N_, Refused, WeAreManyError
from wearemany.photos.resumable import (
    ResumableView,
    resumable_add,
    resumable_begin,
    resumable_end,
    resumable_look,
    resumable_unknown,
)
from wearemany.photos.secrets import form_digest, form_token_checked

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
CHECKSUMS = "sha1,sha256"
_PATH = "/upload/"
_ID = re.compile(r"[a-z2-7]{26}")
_LONGEST_NUMBER = 18

View = Callable[..., HttpResponse]


def tus(view: View) -> View:
    """Make a view answer as the protocol wants it, errors included; nothing of an upload is kept by anybody."""

    @wraps(view)
    def answered(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            response = view(request, **named)
        except WeAreManyError as error:
            response = refusal(error)
        response.headers["Tus-Resumable"] = VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered


@tus
def uploads(request: HttpRequest) -> HttpResponse:
    """Say what can be done here (OPTIONS), or begin an upload (POST), perhaps with its first bytes."""
    if request.method == "OPTIONS":
        return _abilities()
    if request.method != "POST":
        return _not_so("OPTIONS, POST")
    if "Upload-Defer-Length" in request.headers:
        raise Refused(
            "length-unknown",
            N_("Please say how long the photo is before sending it: we take no unknown lengths."),
        )
    length_bytes = _number(request, "Upload-Length")
    view = resumable_begin(form_digest=form_digest(_form_token(request)), length_bytes=length_bytes)
    received = _received(request)
    if received is not None:
        view = _first_added(view, received)
    response = _told(view, status=201)
    # Without a host: right under every name that this server answers to.
    response.headers["Location"] = f"{_PATH}{view.id}"
    return response


@tus
def upload(request: HttpRequest, upload_id: str) -> HttpResponse:
    """Say how far an upload is (HEAD), take the next piece (PATCH), or forget it all (DELETE)."""
    if request.method == "OPTIONS":
        return _abilities()
    if not _ID.fullmatch(upload_id):
        raise resumable_unknown()
    # The bridge asks a HEAD as a GET.
    if request.method in ("GET", "HEAD"):
        view = resumable_look(upload_id)
        response = _told(view, status=200)
        response.headers["Upload-Length"] = str(view.length_bytes)
        return response
    if request.method == "PATCH":
        offset_bytes = _number(request, "Upload-Offset")
        view = resumable_add(upload_id=upload_id, offset_bytes=offset_bytes, received=_received(request))
        return _told(view, status=204)
    if request.method == "DELETE":
        resumable_end(upload_id)
        return HttpResponse(status=204)
    return _not_so("OPTIONS, HEAD, PATCH, DELETE")


def _first_added(view: ResumableView, received: ReceivedFile) -> ResumableView:
    try:
        return resumable_add(upload_id=view.id, offset_bytes=0, received=received)
    except Refused:
        # Its sender never learns where it is.
        resumable_end(view.id)
        raise


def _abilities() -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings.WEAREMANY["UPLOAD_MAX_BYTES"]),
            "Tus-Checksum-Algorithm": CHECKSUMS,
        },
    )


def _told(view: ResumableView, *, status: int) -> HttpResponse:
    response = HttpResponse(status=status)
    del response.headers["Content-Type"]
    response.headers["Upload-Offset"] = str(view.offset_bytes)
    if view.expires_at is not None:
        response.headers["Upload-Expires"] = http_date(view.expires_at.timestamp())
    return response


def _not_so(allowed: str) -> HttpResponse:
    return HttpResponse(status=405, headers={"Allow": allowed})


def _received(request: HttpRequest) -> ReceivedFile | None:
    received: tuple[ReceivedFile, ...] = request.META.get(ENVIRON_KEY, ())
    return received[0] if received else None


def _number(request: HttpRequest, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_NUMBER:
        raise Refused(
            "header-unreadable", N_("The header %(name)s is missing or is not a whole number."), name=name
        )
    return int(text)


def _form_token(request: HttpRequest) -> str:
    """Return the posting form's token out of the metadata; everything else there is left unread."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        name, _, value = pair.strip().partition(" ")
        if name == "form":
            try:
                return form_token_checked(base64.b64decode(value.strip(), validate=True).decode("ascii"))
            except (binascii.Error, ValueError):
                break
    return form_token_checked("")
