"""A file on its way into the blob store while it still arrives.

What it is made of is sealed before (`multipart`, `pieces`); which request it belongs to is not known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from wearemany.adapters.blobs import BlobStore, fresh_key
from wearemany.adapters.received import ReceivedFile
from wearemany.front.multipart import FilePart, body_unreadable

_PIECES_WAITING = 4


class Storing:
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


async def stopped(storing: Sequence[Storing]) -> list[str]:
    """End the tasks of these files and return the blobs that had been stored already: the caller deletes them."""
    for one in storing:
        await one.stop()
    return [one.blob for one in storing if one.stored]
