"""Body intake: everything that is sent to us is received here, without a thread, before Django hears of it.

A form with files is taken apart while it arrives; each file is sealed under a fresh key and streamed into the
blob store. Any other body is small text. When anything goes wrong, and when the line is cut, what was stored
of the request is removed again before the error passes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

from wearemany.adapters.blobs import BlobStore, fresh_key
from wearemany.adapters.received import ReceivedFile
from wearemany.errors import N_, Refused
from wearemany.front.arrivals import Arrival, Arrivals, body_too_large
from wearemany.front.bridge import NO_BODY, Body
from wearemany.front.multipart import FilePart, FormReader, body_unreadable, boundary_of
from wearemany.front.parts import Limits
from wearemany.front.request import Receive, Request
from wearemany.front.trouble import told

logger = logging.getLogger(__name__)

_URLENCODED = "application/x-www-form-urlencoded"
_PIECES_WAITING = 4
_TEXT_TYPES = frozenset({_URLENCODED, "application/json", "text/plain", ""})


class Intake:
    """Receives bodies; belongs to the event loop."""

    def __init__(self, store: BlobStore, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self.arrivals = Arrivals(most=limits.open_bodies)

    async def receive(self, request: Request, receive: Receive) -> Body:
        """Return the whole body, its files stored and sealed.

        Raises Refused or TryAgain for a body we do not take, SenderGone when the line was cut; nothing of the
        request is in the store then. The caller owns the files of a returned body.
        """
        if not request.has_body:
            return NO_BODY
        kind = _kind(request)
        announced = _announced_bytes(request)
        most = self._limits.body_bytes if kind == "multipart/form-data" else self._limits.text_bytes
        if announced is not None and announced > most:
            raise body_too_large(self._limits.part_bytes)
        with self.arrivals.opened() as arrival:
            if kind == "multipart/form-data":
                return await self._form(request, receive, arrival)
            if kind in _TEXT_TYPES:
                return await self._text(request, receive, arrival)
            raise Refused(
                "body-type-unknown",
                N_("What was sent is of a kind we do not take. Please use the form on the page."),
                cause=kind[:80],
            )

    async def discard(self, blobs: Sequence[str]) -> None:
        """Delete blobs that nobody owns; a failure is logged and left to the daily sweep."""
        for blob in blobs:
            try:
                await self._store.delete_async(blob)
            except Exception as error:
                logger.error("a discarded upload could not be deleted: %s", told(error))

    async def _text(self, request: Request, receive: Receive, arrival: Arrival) -> Body:
        content = bytearray()
        async for chunk in arrival.chunks(receive, self._limits):
            content += chunk
            if len(content) > self._limits.text_bytes:
                raise body_too_large(self._limits.part_bytes)
        return Body(bytes(content), request.headers.get(b"content-type", b"").decode("latin-1"))

    async def _form(self, request: Request, receive: Receive, arrival: Arrival) -> Body:
        reader = FormReader(boundary_of(request.headers[b"content-type"].decode("latin-1")), self._limits)
        storing: list[_Storing] = []
        try:
            async for chunk in arrival.chunks(receive, self._limits):
                reader.write(chunk)
                await self._hand_on(reader, storing)
            content = reader.finish()
            files = tuple([await one.kept() for one in storing])
        except BaseException:
            # Shielded: a second cancellation must not leave sealed bytes behind.
            await asyncio.shield(self._undo(storing))
            raise
        return Body(content, _URLENCODED, files)

    async def _hand_on(self, reader: FormReader, storing: list[_Storing]) -> None:
        for part in reader.files[len(storing) :]:
            storing.append(_Storing(part, self._store))
        for one in storing:
            await one.take()

    async def _undo(self, storing: list[_Storing]) -> None:
        for one in storing:
            await one.stop()
        await self.discard([one.blob for one in storing if one.stored])


class _Storing:
    """One file on its way into the store. The store's own task pulls the pieces out of a short line."""

    def __init__(self, part: FilePart, store: BlobStore) -> None:
        self.blob = fresh_key("u")
        self._part = part
        self._line: asyncio.Queue[bytes | None] = asyncio.Queue(_PIECES_WAITING)
        self._task = asyncio.create_task(store.put_stream(self.blob, self._pieces()))

    @property
    def stored(self) -> bool:
        """Whether the blob is in the store, so that undoing means deleting it."""
        return self._task.done() and not self._task.cancelled() and self._task.exception() is None

    async def take(self) -> None:
        """Hand on what was sealed; waits while the store is behind, and raises what the store raised."""
        pieces, self._part.pieces = self._part.pieces, []
        for piece in pieces:
            await self._put(piece)
        if pieces and self._part.ended:
            await self._put(None)

    async def kept(self) -> ReceivedFile:
        """Return the received file once it is durable."""
        if not self._part.ended:
            raise body_unreadable("a file without an end")
        await self._task
        return ReceivedFile(
            field=self._part.field, blob=self.blob, key=self._part.key, size_bytes=self._part.size_bytes
        )

    async def stop(self) -> None:
        """End the store's task and wait until it has removed what it had written."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _put(self, piece: bytes | None) -> None:
        if self._line.full():
            putting = asyncio.create_task(self._line.put(piece))
            await asyncio.wait({putting, self._task}, return_when=asyncio.FIRST_COMPLETED)
            if not putting.done():
                putting.cancel()
        elif not self._task.done():
            self._line.put_nowait(piece)
        if self._task.done() and not self.stored:
            # A full disk, say: raise it now rather than after the rest of the upload.
            self._task.result()

    async def _pieces(self) -> AsyncIterator[bytes]:
        while True:
            piece = await self._line.get()
            if piece is None:
                return
            yield piece


def _kind(request: Request) -> str:
    return request.headers.get(b"content-type", b"").decode("latin-1").split(";")[0].strip().lower()


def _announced_bytes(request: Request) -> int | None:
    announced = request.headers.get(b"content-length")
    if announced is None:
        return None
    if not announced.isdigit() or len(announced) > 18:
        raise body_unreadable("content-length is not a number")
    return int(announced)
