"""Resumable uploads at the door: the bodies that the tus protocol sends to /upload, sealed while they arrive.

A line that is cut in the middle of a piece loses nothing that had arrived: it is sealed, stored and handed on as
a shorter piece, so that even a bad line gets on. A line that died without a word is cut when its sender comes
back on another one: the newer request of an upload waits until what the older one brought counts. What the head
of a request already shows to be impossible is refused before its body is read. Which upload a piece belongs to,
and where in it, is Django's business.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from wearemany.adapters import clock
from wearemany.adapters.sealed import KEY_BYTES, Sealer
from wearemany.errors import N_, Refused, TryAgain
from wearemany.front.answers import Answer
from wearemany.front.arrivals import Arrival, SenderGone, body_too_large
from wearemany.front.bridge import NO_BODY, Body
from wearemany.front.intake import Intake, announced_bytes, kind_of
from wearemany.front.multipart import FilePart
from wearemany.front.parts import Limits
from wearemany.front.request import Receive, Request
from wearemany.front.storing import Storing, stopped

FIELD = "piece"
VERSION = b"1.0.0"
_KIND = "application/offset+octet-stream"
_BEGINNING = "/upload"
_PATH = re.compile(r"/upload(/[^/]*)?")
_TURN_S = 10.0
_OVERRIDES = frozenset({"PATCH", "DELETE", "HEAD"})
_CHECKSUMS = ("sha1", "sha256")


@dataclass(frozen=True)
class Piece:
    """What arrived. `cut` says why it is shorter than its sender meant; None when it came whole."""

    body: Body
    cut: Exception | None = None


def is_resumable(request: Request) -> bool:
    """Tell whether a request is the tus protocol's."""
    return _PATH.fullmatch(request.path) is not None


def overridden(request: Request) -> Request:
    """Return the request under the method that an old client or proxy could not send as it is."""
    wished = request.headers.get(b"x-http-method-override", b"").decode("latin-1").upper()
    return replace(request, method=wished) if request.method == "POST" and wished in _OVERRIDES else request


def marked(answer: Answer) -> Answer:
    """Return an answer with what the protocol wants to see on every one of them."""
    if answer.header(b"tus-resumable") is not None:
        return answer
    return answer.with_headers((b"tus-resumable", VERSION), (b"tus-version", VERSION))


class Turn:
    """One request's time with its upload, until it is answered."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self._arrival: Arrival | None = None
        self._ends = False

    def receives(self, arrival: Arrival) -> None:
        """Say which body is arriving; it ends at once when a newer request is waiting already."""
        self._arrival = arrival
        if self._ends:
            self.end()

    def end(self) -> None:
        """Let what is arriving end here."""
        self._ends = True
        if self._arrival is not None:
            self._arrival.make_room(asyncio.get_running_loop().time())


class Pieces:
    """Receives the bodies of resumable uploads; belongs to the event loop and shares the intake's places."""

    def __init__(self, intake: Intake, limits: Limits) -> None:
        self._intake = intake
        self._limits = limits
        self._newest: dict[str, Turn] = {}

    @asynccontextmanager
    async def turn(self, request: Request) -> AsyncIterator[Turn]:
        """Let a request be the only one of its upload in this process, for as long as that can be had.

        It only helps a bad line: what another process does, and what takes too long, the rows sort out.
        """
        turn, earlier = Turn(), self._newest.get(request.path)
        if request.path != _BEGINNING:
            self._newest[request.path] = turn
        try:
            if earlier is not None:
                earlier.end()
                with suppress(TimeoutError):
                    await asyncio.wait_for(earlier.over.wait(), _TURN_S)
            yield turn
        finally:
            turn.over.set()
            if self._newest.get(request.path) is turn:
                del self._newest[request.path]

    async def receive(self, request: Request, receive: Receive, turn: Turn) -> Piece:
        """Return what arrived, stored and sealed; the caller owns the file of the returned body.

        Raises Refused or TryAgain for what we do not take, and SenderGone when the line was cut before it brought
        anything worth keeping; nothing of the request is in the store then.
        """
        self._check_head(request)
        if not request.has_body:
            return Piece(NO_BODY)
        if kind_of(request) != _KIND:
            raise Refused(
                "piece-type-unknown",
                N_("Pieces of a photo are sent as application/offset+octet-stream and as nothing else."),
            )
        if (announced_bytes(request) or 0) > self._limits.part_bytes:
            raise body_too_large(self._limits.part_bytes)
        checksum = _checksum_of(request)
        with self._intake.arrivals.opened() as arrival:
            turn.receives(arrival)
            piece = await self._piece(receive, arrival, checksum)
        if isinstance(piece.cut, SenderGone) and request.method == "POST":
            # Whoever begins an upload learns where it is by the answer only, and nobody is there to hear it.
            await self._intake.discard([file.blob for file in piece.body.files])
            raise piece.cut
        return piece

    def _check_head(self, request: Request) -> None:
        if request.method != "OPTIONS" and request.headers.get(b"tus-resumable") != VERSION:
            raise Refused(
                "upload-version-unknown",
                N_(
                    "This address speaks the tus protocol 1.0.0 for resumable uploads. Please say so, or use a form."
                ),
            )
        length = request.headers.get(b"upload-length", b"")
        if request.method == "POST" and length.isdigit() and int(length[:20]) > self._limits.part_bytes:
            raise body_too_large(self._limits.part_bytes)

    async def _piece(self, receive: Receive, arrival: Arrival, checksum: _Checksum | None) -> Piece:
        key = clock.random_bytes(KEY_BYTES)
        part = FilePart(field=FIELD, key=key, sealer=Sealer(key))
        storing = Storing(part, self._intake.store)
        try:
            cut = await self._take(arrival.chunks(receive, self._limits), storing, part, checksum)
            if cut is not None and (part.size_bytes < self._limits.crumb_bytes or checksum is not None):
                # Not worth a piece of its own; and half of what a checksum speaks of cannot be checked.
                raise cut
            if checksum is not None:
                checksum.check()
            if not part.size_bytes:
                await asyncio.shield(self._undo(storing))
                return Piece(NO_BODY)
            part.pieces.append(part.sealer.finish())
            part.ended = True
            await storing.take()
            received = await storing.kept()
        except BaseException:
            # Shielded: a second cancellation must not leave sealed bytes behind.
            await asyncio.shield(self._undo(storing))
            raise
        return Piece(Body(files=(received,)), cut)

    async def _take(
        self, chunks: AsyncIterator[bytes], storing: Storing, part: FilePart, checksum: _Checksum | None
    ) -> Exception | None:
        """Seal and store what arrives; return why it ended early, or None when it came whole."""
        while True:
            try:
                chunk = await anext(chunks)
            except StopAsyncIteration:
                return None
            except (SenderGone, Refused, TryAgain) as cut:
                return cut
            part.size_bytes += len(chunk)
            if part.size_bytes > self._limits.part_bytes:
                raise body_too_large(self._limits.part_bytes)
            if checksum is not None:
                checksum.seen.update(chunk)
            sealed = part.sealer.update(chunk)
            if sealed:
                part.pieces.append(sealed)
                await storing.take()

    async def _undo(self, storing: Storing) -> None:
        await self._intake.discard(await stopped([storing]))


class _Checksum:
    """The digest that a sender says its piece has, and that of what arrived."""

    def __init__(self, name: str, expected: bytes) -> None:
        self.seen = hashlib.new(name, usedforsecurity=False)
        self._expected = expected

    def check(self) -> None:
        if self.seen.digest() != self._expected:
            raise Refused(
                "checksum-differs",
                N_("This piece was damaged on its way and was not kept. Please send it once more."),
            )


def _checksum_of(request: Request) -> _Checksum | None:
    told = request.headers.get(b"upload-checksum")
    if told is None:
        return None
    name, _, digest = told.decode("latin-1").partition(" ")
    try:
        expected = base64.b64decode(digest, validate=True)
    except (binascii.Error, ValueError):
        expected = b""
    if name not in _CHECKSUMS or not expected:
        raise Refused(
            "checksum-unknown",
            N_("Checksums of pieces are sha1 or sha256, in base64. Please use one of them."),
        )
    return _Checksum(name, expected)
