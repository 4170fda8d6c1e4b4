"""Body intake: everything that is sent to us is received here, without a thread, before Django hears of it.

A form with files is taken apart while it arrives; each file is sealed under a fresh key and streamed into the
blob store. Any other body is small text. When anything goes wrong, and when the line is cut, what was stored
of the request is removed again before the error passes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from wearemany.adapters.blobs import BlobStore
from wearemany.errors import N_, Refused
from wearemany.front.arrivals import Arrival, Arrivals, body_too_large
from wearemany.front.bridge import NO_BODY, Body
from wearemany.front.multipart import FormReader, body_unreadable, boundary_of
from wearemany.front.parts import Limits
from wearemany.front.request import Receive, Request
from wearemany.front.storing import Storing, stopped
from wearemany.front.trouble import told

logger = logging.getLogger(__name__)

_URLENCODED = "application/x-www-form-urlencoded"
_TEXT_TYPES = frozenset({_URLENCODED, "application/json", "text/plain", ""})


class Intake:
    """Receives bodies; belongs to the event loop."""

    def __init__(self, store: BlobStore, limits: Limits) -> None:
        self.store = store
        self._limits = limits
        self.arrivals = Arrivals(most=limits.open_bodies)

    async def receive(self, request: Request, receive: Receive) -> Body:
        """Return the whole body, its files stored and sealed.

        Raises Refused or TryAgain for a body we do not take, SenderGone when the line was cut; nothing of the
        request is in the store then. The caller owns the files of a returned body.
        """
        if not request.has_body:
            return NO_BODY
        kind = kind_of(request)
        announced = announced_bytes(request)
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
                await self.store.delete_async(blob)
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
        storing: list[Storing] = []
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

    async def _hand_on(self, reader: FormReader, storing: list[Storing]) -> None:
        for part in reader.files[len(storing) :]:
            storing.append(Storing(part, self.store))
        for one in storing:
            await one.take()

    async def _undo(self, storing: list[Storing]) -> None:
        await self.discard(await stopped(storing))


def kind_of(request: Request) -> str:
    """Return what a body says that it is, in small letters and without its parameters."""
    return request.headers.get(b"content-type", b"").decode("latin-1").split(";")[0].strip().lower()


def announced_bytes(request: Request) -> int | None:
    """Return how long a body says that it is; None when it does not say."""
    announced = request.headers.get(b"content-length")
    if announced is None:
        return None
    if not announced.isdigit() or len(announced) > 18:
        raise body_unreadable("content-length is not a number")
    return int(announced)
