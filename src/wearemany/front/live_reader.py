"""One reader of the live stream: its line of waiting bytes, its heartbeat, and how it ends.

The bytes of an event are made once and shared by all readers; a reader holds references only.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from wearemany.adapters import clock
from wearemany.front.parts import AnyLiveEvent, Limits
from wearemany.front.request import Receive, Request, Send

_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_RETRY_LEAST_MS = 2_000
_RETRY_SPREAD_MS = 6_000
_FAREWELL_S = 2.0


@dataclass(frozen=True)
class Shown:
    """An event as bytes on the wire, and what has to be known of it without reading them."""

    position: int
    is_post: bool
    is_refresh: bool
    wire: bytes


def frame(event: AnyLiveEvent) -> Shown:
    """Write an event in the event-stream format."""
    lines = [f"id: {event.id}", f"event: {event.event}"]
    lines += [f"data: {line}" for line in _LINE_ENDS.split(event.data)]
    return Shown(
        position=event.id,
        is_post=event.event == "post",
        is_refresh=event.event == "refresh",
        wire=("\n".join(lines) + "\n\n").encode(),
    )


class Reader:
    """Belongs to the event loop. `show` and `end` may be called at any time, also before `run`."""

    def __init__(self, request: Request, send: Send, *, limits: Limits) -> None:
        self._cut = request.cut
        self._send = send
        self._waiting = limits.reader_waiting
        self._heartbeat_s = limits.heartbeat_s
        self._line: list[bytes] = [_retry_line()]
        self._woken = asyncio.Event()
        self._woken.set()
        self._position = -1
        self._ended = False
        self._pump: asyncio.Task[None] | None = None

    def show(self, events: Sequence[Shown]) -> None:
        """Put events in the reader's line; a reader that has let too many wait until now is ended instead."""
        if self._ended:
            return
        if len(self._line) > self._waiting:
            self._line.clear()
            self.end()
            if self._pump is not None:
                self._pump.cancel()
            return
        for event in events:
            # Catching up may have shown already what the channel brings now.
            if event.is_post and event.position <= self._position:
                continue
            self._position = max(self._position, event.position)
            self._line.append(event.wire)
        self._woken.set()

    def end(self) -> None:
        """End the stream after what is being sent."""
        self._ended = True
        self._woken.set()

    async def run(self, receive: Receive) -> None:
        """Send until the reader goes away, does not keep up, or is ended."""
        self._pump = asyncio.create_task(self._sending())
        listening = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({self._pump, listening}, return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                await self._farewell(listening)
        finally:
            for task in (self._pump, listening):
                task.cancel()
            await asyncio.gather(self._pump, listening, return_exceptions=True)

    async def _farewell(self, listening: asyncio.Task[None]) -> None:
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            # It does not even take the end: what waits in the system's buffers is not worth keeping.
            self._cut()
            await asyncio.wait({listening}, timeout=_FAREWELL_S)

    async def _sending(self) -> None:
        while not self._ended or self._line:
            try:
                async with asyncio.timeout(self._heartbeat_s):
                    await self._woken.wait()
            except TimeoutError:
                await self._send({"type": "http.response.body", "body": b": beat\n\n", "more_body": True})
                continue
            self._woken.clear()
            wire = b"".join(self._line)
            self._line.clear()
            if wire:
                await self._send({"type": "http.response.body", "body": wire, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _retry_line() -> bytes:
    # Each reader its own pause, so that a restart does not bring all of them back in the same moment.
    drawn = int.from_bytes(clock.random_bytes(2), "big")
    return b"retry: %d\n\n" % (_RETRY_LEAST_MS + drawn * _RETRY_SPREAD_MS // 65536)
