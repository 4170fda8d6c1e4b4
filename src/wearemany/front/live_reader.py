"""One reader of the live stream, and the bytes that all readers share.

An event becomes bytes once; a delivery is one write of those bytes to a reader's line, without a task or a copy
of its own. What a reader does not take waits in its line; who lets too much wait is sent away and comes back
with its place. What does not live here: which events there are (`live`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wearemany.adapters import clock
from wearemany.front.held import HeldLine
from wearemany.front.parts import AnyLiveEvent

_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_RETRY_LEAST_MS = 2_000
_RETRY_SPREAD_MS = 6_000


@dataclass(frozen=True)
class Shown:
    """An event as bytes of the event-stream format, and what has to be known of it without reading them."""

    position: int
    is_post: bool
    is_refresh: bool
    wire: bytes


class Batch:
    """Events that go out together, with the one serialisation of all of them that most readers get."""

    __slots__ = ("events", "first_post", "last", "wire")

    def __init__(self, events: Sequence[Shown]) -> None:
        self.events = tuple(events)
        self.first_post = min((one.position for one in events if one.is_post), default=None)
        self.last = max((one.position for one in events), default=-1)
        self.wire = _chunk(b"".join(one.wire for one in events))

    @property
    def has_refresh(self) -> bool:
        """Whether the newest window comes with it."""
        return any(one.is_refresh for one in self.events)

    def wire_after(self, position: int) -> bytes:
        """Return the bytes for a reader that has seen the posts up to a position."""
        if self.first_post is None or self.first_post > position:
            return self.wire
        return _chunk(b"".join(one.wire for one in self.events if not one.is_post or one.position > position))


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
    """Belongs to the event loop; everything returns at once. One that `is_over` is sent nothing more."""

    __slots__ = ("_line", "_position", "_waiting_most_bytes", "is_over")

    def __init__(self, line: HeldLine, *, waiting_most_bytes: int) -> None:
        self._line = line
        self._waiting_most_bytes = waiting_most_bytes
        self._position = -1
        self.is_over = False

    def greet(self) -> None:
        """Send the pause after which this reader is to come back, whenever it is sent away."""
        self._line.put(_chunk(_retry_line()))

    def show(self, batch: Batch) -> None:
        """Send events, but for posts that the reader has; one that has let too much wait is sent away instead."""
        if self.is_over or not batch.events:
            return
        if self._line.waiting_bytes() > self._waiting_most_bytes:
            self.end()
            return
        # Catching up may have shown already what the channel brings now.
        wire = batch.wire_after(self._position)
        if batch.last > self._position:
            self._position = batch.last
        self._line.put(wire)

    def beat(self) -> None:
        """Send a comment, so that nobody takes a quiet line for a dead one; unless something waits there anyway."""
        if not self.is_over and not self._line.waiting_bytes():
            self._line.put(_BEAT)

    def end(self) -> None:
        """End the stream after what waits in its line."""
        if not self.is_over:
            self.is_over = True
            self._line.end(_LAST_CHUNK)


def _chunk(wire: bytes) -> bytes:
    """Return bytes as one chunk of a chunked answer; nothing stays nothing, since an empty chunk is the end."""
    return b"%x\r\n%b\r\n" % (len(wire), wire) if wire else b""


_BEAT = _chunk(b": beat\n\n")
_LAST_CHUNK = b"0\r\n\r\n"


def _retry_line() -> bytes:
    # Each reader its own pause, so that a restart does not bring all of them back in the same moment.
    drawn = int.from_bytes(clock.random_bytes(2), "big")
    return b"retry: %d\n\n" % (_RETRY_LEAST_MS + drawn * _RETRY_SPREAD_MS // 65536)
