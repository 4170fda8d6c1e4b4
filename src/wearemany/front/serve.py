"""Running the front: uvicorn in this process, without access log, addresses or server name.

The protocol is uvicorn's own with a guard: a connection has so many seconds to send whole headers of a bounded
size, a reader that stops reading is dropped, and when there are too many connections the longest-waiting one
without a request makes room.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, MutableSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from wearemany.errors import N_, Refused
from wearemany.front.app import Front
from wearemany.front.held import HeldLine
from wearemany.front.request import LINE

logger = logging.getLogger(__name__)

_GRACE_S = 5
_BACKLOG = 1024
_WAITING_MOST_BYTES = 64 * 1024
_SWITCH_S = 0.0005
_STOPPING = (signal.SIGINT, signal.SIGTERM)
_REFUSED = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n"
    b"cache-control: no-store\r\n\r\n"
)


AtHand = Callable[[bytes, list[tuple[bytes, bytes]]], bytes | None]
"""(address, headers) of a GET -> all of the answer after its status line and the server's own headers, or None."""


@dataclass(frozen=True)
class LineLimits:
    """What one connection may cost, and how many there may be."""

    connections: int = 16_384
    headers_s: float = 15.0
    header_bytes: int = 32 * 1024
    headers: int = 100
    stalled_s: float = 60.0
    keep_alive_s: int = 20


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with the guard; made per server by `guarded`, which sets the class attributes."""

    line = LineLimits()
    at_hand: AtHand | None = None
    without_request: dict[GuardedProtocol, None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._headers_timer: asyncio.TimerHandle | None = None
        self._stalled_timer: asyncio.TimerHandle | None = None
        self._headers_whole = False
        self._header_bytes = 0
        self._is_answered = False

    def hold(self) -> HeldLine | None:
        """Let go of the request under way and of all that reading requests needs (see `Line`)."""
        if self.transport.is_closing():
            return None
        self._headers_came()
        self._unstall()
        self._unset_keepalive_if_required()
        # What sends answers is to believe that nobody listens; what comes in is no request any more.
        self.cycle.disconnected = True
        self.parser = None  # type: ignore[assignment] # as uvicorn does with a lost connection
        self.connections.discard(self)
        among = cast("MutableSet[object]", self.connections)
        held = HeldLine(self.transport, among=among, stalled_s=self.line.stalled_s)
        self.transport.set_protocol(held)
        return held

    def peer(self) -> str:
        """Return the address at the other end (see `Line`)."""
        name = self.transport.get_extra_info("peername")
        return str(name[0]) if isinstance(name, tuple) else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Take a connection; the address it comes from is forgotten here."""
        super().connection_made(transport)
        self.client = None
        self._make_room()
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        self._headers_came()
        self._unstall()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, within the time and size that headers may take."""
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._is_answered or (self._headers_whole and not self._between_requests()):
            return
        self._await_headers()
        if not self._headers_whole:
            self._header_bytes += len(data)
        if self._header_bytes > self.line.header_bytes:
            self._refuse_headers()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._headers_whole = False
        self._header_bytes = 0
        self._is_answered = False
        self.scope["state"][LINE] = self

    def on_headers_complete(self) -> None:
        """Pass a request on when its headers are in bounds."""
        self._headers_whole = True
        self._headers_came()
        size_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size_bytes > self.line.header_bytes or len(self.headers) > self.line.headers:
            self._refuse_headers()
            return
        self._is_answered = self._answered_at_once()
        if not self._is_answered:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request; one that was answered at once has ended already."""
        if not self._is_answered:
            super().on_message_complete()

    def _answered_at_once(self) -> bool:
        """Answer a plain GET with what is at hand, without a task of its own: what a crowd asks must cost little.

        Only on a line on which nothing else is under way and nothing waits; everything else goes the long way.
        """
        parser = self.parser
        if (
            self.at_hand is None
            or parser.get_method() != b"GET"
            or (self.cycle is not None and not self.cycle.response_complete)
            or parser.get_http_version() != "1.1"
            or not parser.should_keep_alive()
            or self.transport.is_closing()
            or self.transport.get_write_buffer_size() > _WAITING_MOST_BYTES
        ):
            return False
        rest = self.at_hand(self.url, self.headers)
        if rest is None:
            return False
        own = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        self.transport.write(b"".join((b"HTTP/1.1 200 OK\r\n", *own, rest)))
        self.on_response_complete()
        return True

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self.without_request[self] = None

    def pause_writing(self) -> None:
        """Give a reader that has stopped reading a while."""
        super().pause_writing()
        self._stalled_timer = self.loop.call_later(self.line.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on sending."""
        self._unstall()
        super().resume_writing()

    def _between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_headers(self) -> None:
        if self._headers_timer is None:
            self.without_request[self] = None
            self._headers_timer = self.loop.call_later(self.line.headers_s, self.transport.abort)

    def _headers_came(self) -> None:
        self.without_request.pop(self, None)
        if self._headers_timer is not None:
            self._headers_timer.cancel()
            self._headers_timer = None

    def _unstall(self) -> None:
        if self._stalled_timer is not None:
            self._stalled_timer.cancel()
            self._stalled_timer = None

    def _refuse_headers(self) -> None:
        # Whether an answer is under way does not matter: whoever sends such headers is no browser.
        if not self.transport.is_closing():
            self.transport.write(_REFUSED)
            self.transport.close()

    def _make_room(self) -> None:
        if len(self.connections) <= self.line.connections:
            return
        oldest = next(iter(self.without_request), self)
        oldest.without_request.pop(oldest, None)
        oldest.transport.abort()


def guarded(line: LineLimits, at_hand: AtHand | None = None) -> type[GuardedProtocol]:
    """Return the protocol class of one server."""

    class Guarded(GuardedProtocol):
        pass

    Guarded.line = line
    Guarded.at_hand = at_hand
    Guarded.without_request = {}
    return Guarded


class FrontServer(uvicorn.Server):
    """uvicorn's server that says when it listens, and sends live readers away before it waits for the rest.

    Set `should_exit` from any thread to stop it.
    """

    def __init__(
        self,
        front: Front,
        *,
        listening: socket.socket,
        on_started: Callable[[], None] | None = None,
        line: LineLimits | None = None,
    ) -> None:
        line = line or LineLimits()
        super().__init__(
            uvicorn.Config(
                front,
                http=guarded(line, front.at_hand),
                ws="none",
                lifespan="on",
                interface="asgi3",
                log_config=None,
                # Its warnings tell of odd requests only; a crowd of those must not fill the log.
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=_BACKLOG,
                timeout_keep_alive=line.keep_alive_s,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._front = front
        self._listening = listening
        self._on_started = on_started

    @property
    def port(self) -> int:
        """The port this server listens on."""
        return int(self._listening.getsockname()[1])

    def serve_until_stopped(self) -> None:
        """Serve; returns after SIGINT, SIGTERM (in the main thread) or `should_exit`."""
        self.run(sockets=[self._listening])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM and return, where uvicorn would end the process before anybody can tidy up."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _STOPPING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets=sockets)
        if self.started and self._on_started is not None:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send live readers away, then stop as uvicorn does."""
        self._front.begin_closing()
        await super().shutdown(sockets=sockets)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address; port 0 takes any free one.

    Raises Refused `address-taken` when another program listens there, `address-unusable` otherwise.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as cause:
        bound.close()
        if cause.errno == errno.EADDRINUSE:
            raise Refused(
                "address-taken",
                N_("Another program uses port %(port)d already. Stop it, or choose another with --port."),
                cause=str(cause),
                port=port,
            ) from cause
        raise Refused(
            "address-unusable",
            N_(
                "This machine cannot listen on %(host)s, port %(port)d. Choose others with --host and --port."
            ),
            cause=str(cause),
            host=host,
            port=port,
        ) from cause
    return bound


def run(front: Front, *, host: str, port: int, on_started: Callable[[], None] | None = None) -> None:
    """Serve the front until SIGINT or SIGTERM; `on_started` is called once, when requests are taken."""
    line = LineLimits(connections=min(LineLimits.connections, _files_open_most() * 4 // 5))
    # A page is rendered in a thread whose every row read lets the busy loop in; five milliseconds each, Python's usual
    # patience, would make seconds of a rendering, and readers of an old page wait for it.
    sys.setswitchinterval(_SWITCH_S)
    # Who asks for a page must find a connection, however many stay to watch.
    front.live.admit_most(line.connections * 4 // 5)
    listening = listen(host, port)
    FrontServer(front, listening=listening, on_started=on_started, line=line).serve_until_stopped()


def _files_open_most() -> int:
    """Raise the limit of open files as far as allowed and return it: each reader is one, the usual 1,024 are few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return soft if soft != resource.RLIM_INFINITY else 1 << 20
