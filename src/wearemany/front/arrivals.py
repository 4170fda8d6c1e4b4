"""Bodies that are arriving: how long each may take, how many there may be, and which one has to make room.

Nothing here knows who sends. When there are too many at once the slowest of them makes room, so that a crowd
of crawling uploads does not keep out an honest one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from wearemany.errors import N_, Refused
from wearemany.front.parts import Limits
from wearemany.front.refusals import doors_busy
from wearemany.front.request import Message, Receive

_SPARED_S = 10.0
_CRAWLING_BYTES_PER_S = 4_096.0


class SenderGone(Exception):
    """The line was cut before the body was whole; there is nobody to answer."""


def body_too_large(limit_bytes: int) -> Refused:
    """Return the refusal of a body or file that is larger than we take."""
    return Refused(
        "body-too-large",
        N_(
            "This is larger than we can take: a photo may have at most %(megabytes)d MB. Please send a smaller one."
        ),
        megabytes=limit_bytes // (1024 * 1024),
    )


def _too_slow() -> Refused:
    return Refused(
        "body-too-slow",
        N_("The line was too slow, so nothing was kept. Please try again, perhaps with a smaller photo."),
    )


class Arrival:
    """One body on its way in. Its time limits run from `began_at_s`."""

    def __init__(self, *, began_at_s: float) -> None:
        self.began_at_s = began_at_s
        self.bytes = 0
        self.whole = False
        self.makes_room = False
        self._timeout: asyncio.Timeout | None = None

    def rate(self, now_s: float) -> float:
        """Return the mean rate so far in bytes a second."""
        return self.bytes / max(0.001, now_s - self.began_at_s)

    def make_room(self, now_s: float) -> None:
        """End this arrival: its reader raises `doors-busy`."""
        self.makes_room = True
        if self._timeout is not None:
            self._timeout.reschedule(now_s)

    async def chunks(self, receive: Receive, limits: Limits) -> AsyncIterator[bytes]:
        """Yield the body as it arrives.

        Raises Refused `body-too-large` or `body-too-slow`, TryAgain `doors-busy` when it had to make room, and
        SenderGone when the line was cut.
        """
        loop = asyncio.get_running_loop()
        deadline_at_s = self.began_at_s + limits.deadline_s
        window_at_s, window_from = self.began_at_s + limits.window_s, 0
        while not self.whole:
            message = await self._next(receive, until_s=min(deadline_at_s, window_at_s))
            if message["type"] != "http.request":
                raise SenderGone
            chunk = bytes(message.get("body", b""))
            self.whole = not message.get("more_body", False)
            self.bytes += len(chunk)
            if self.bytes > limits.body_bytes:
                raise body_too_large(limits.part_bytes)
            # Within each window some progress: a sender that drips a byte a minute is not a slow line.
            if self.bytes - window_from >= limits.window_bytes:
                window_at_s, window_from = loop.time() + limits.window_s, self.bytes
            if chunk:
                handed_at_s = loop.time()
                yield chunk
                # What the store takes for itself is not the sender's slowness.
                window_at_s += loop.time() - handed_at_s

    async def _next(self, receive: Receive, *, until_s: float) -> Message:
        try:
            async with asyncio.timeout_at(until_s) as self._timeout:
                if self.makes_room:
                    raise doors_busy()
                return await receive()
        except TimeoutError:
            raise (doors_busy() if self.makes_room else _too_slow()) from None
        finally:
            self._timeout = None


class Arrivals:
    """All bodies that are arriving at this process, at most `most`."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._open: set[Arrival] = set()

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def opened(self) -> Iterator[Arrival]:
        """Count one more body for the length of the block; raises TryAgain `doors-busy` when none can make room."""
        now_s = asyncio.get_running_loop().time()
        if len(self._open) >= self._most:
            self._make_room(now_s)
        arrival = Arrival(began_at_s=now_s)
        self._open.add(arrival)
        try:
            yield arrival
        finally:
            self._open.discard(arrival)

    def _make_room(self, now_s: float) -> None:
        old_enough = [one for one in self._open if now_s - one.began_at_s > _SPARED_S and not one.whole]
        slowest = min(old_enough, key=lambda one: one.rate(now_s), default=None)
        if slowest is None or slowest.rate(now_s) > _CRAWLING_BYTES_PER_S:
            raise doors_busy()
        slowest.make_room(now_s)
        self._open.discard(slowest)
