"""A connection whose answer goes on for hours: nothing of its request is left, no parser and no task.

What does not live here: how a connection gets this far (`serve`), and what is sent on it (`live_reader`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableSet

_FAREWELL_S = 2.0


class HeldLine(asyncio.Protocol):
    """Belongs to the event loop; every method returns at once."""

    __slots__ = ("_among", "_lost", "_stalled_s", "_timer", "_transport")

    def __init__(self, transport: asyncio.Transport, *, among: MutableSet[object], stalled_s: float) -> None:
        self._transport = transport
        self._lost: Callable[[], None] | None = None
        self._among = among
        self._stalled_s = stalled_s
        self._timer: asyncio.TimerHandle | None = None
        among.add(self)

    def watch(self, lost: Callable[[], None]) -> None:
        """Have `lost` called once, when the connection is gone."""
        self._lost = lost

    def put(self, wire: bytes) -> None:
        """Send bytes as they are, or let them wait; a line that is lost swallows them."""
        if not self._transport.is_closing():
            self._transport.write(wire)

    def waiting_bytes(self) -> int:
        """Return how much of what was sent the other side has not taken yet."""
        return self._transport.get_write_buffer_size()

    def end(self, wire: bytes) -> None:
        """Send the last bytes and hang up; what is not taken within a moment is not worth keeping."""
        if not self._transport.is_closing():
            self._transport.write(wire)
            self._transport.close()
            self._abort_after(_FAREWELL_S)

    def cut(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()

    def shutdown(self) -> None:
        """Hang up; what the server calls on every connection when it stops."""
        self.end(b"")

    def pause_writing(self) -> None:
        """Give a reader that has stopped reading a while."""
        self._abort_after(self._stalled_s)

    def resume_writing(self) -> None:
        """Go on sending."""
        if not self._transport.is_closing():
            self._no_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who listens, once."""
        self._no_timer()
        self._among.discard(self)
        if self._lost is not None:
            self._lost()

    def _abort_after(self, seconds: float) -> None:
        self._no_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._transport.abort)

    def _no_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
