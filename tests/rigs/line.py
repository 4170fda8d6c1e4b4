"""A phone's line for tests: a loopback proxy before a real server that is thin, late, and cut where a test says.

It counts and keeps every byte that left the phone, so that a test can say what was sent and not only what came of it.
It knows of HTTP only where a request begins and which one it is; what the bytes mean is the tests' business.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

CHUNK_BYTES = 2048
BUFFER_BYTES = 8192
LIFE_S = 900.0
REQUEST = re.compile(rb"(GET|POST|PATCH|HEAD|DELETE) (/\S*) HTTP/1\.1\r\n")


@dataclass(frozen=True)
class LineSpec:
    """What the line is like. `latency_s` is there and back again; no rate means as fast as the machine.

    `cuts_after_bytes` count what the phone has sent in all. `answers_lost` are patterns of "METHOD /path": one answer
    to each is cut off just before it, when the server has done its work and the phone has not heard of it.
    """

    bytes_per_s: float | None = None
    latency_s: float = 0.0
    cuts_after_bytes: tuple[int, ...] = ()
    answers_lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sent:
    """One request as it left the phone; its body is shorter than announced where the line was cut."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class _Way:
    """One direction of the line: all connections share its rate, and every byte is late by half the latency."""

    def __init__(self, spec: LineSpec) -> None:
        self._spec = spec
        self._free_at = 0.0

    async def pass_on(self, size: int) -> float:
        """Wait while the line is busy with these bytes; returns when they come out at the other end."""
        if self._spec.bytes_per_s is not None:
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + size / self._spec.bytes_per_s
            await asyncio.sleep(self._free_at - now)
        return time.monotonic() + self._spec.latency_s / 2


@dataclass
class Line:
    """A line that is open; figures grow while it is used."""

    spec: LineSpec
    target_port: int
    port: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    cuts: int = 0
    lost: int = 0
    is_down: bool = False
    streams: list[bytearray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cuts_due = sorted(self.spec.cuts_after_bytes)
        self._losses_due = [re.compile(pattern) for pattern in self.spec.answers_lost]
        self._ways = (_Way(self.spec), _Way(self.spec))

    @property
    def base(self) -> str:
        """The address that the phone uses."""
        return f"http://127.0.0.1:{self.port}"

    def requests(self) -> list[Sent]:
        """Return every request that was sent, connection by connection."""
        return [request for stream in self.streams for request in requests_in(bytes(stream))]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side, or the line, ends it."""
        stream = bytearray()
        tasks: list[asyncio.Task[None]] = []
        away: asyncio.StreamWriter | None = None
        try:
            if self.is_down:
                return
            away_reader, away = await asyncio.open_connection("127.0.0.1", self.target_port)
            self.streams.append(stream)
            await asyncio.sleep(self.spec.latency_s)  # the handshake
            tasks = [
                asyncio.create_task(self._carry(reader, away, stream, is_up=True)),
                asyncio.create_task(self._carry(away_reader, writer, stream, is_up=False)),
            ]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            pass  # the rig ends; asyncio would otherwise report every connection
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            _hang_up(writer)
            if away is not None:
                _hang_up(away)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, stream: bytearray, *, is_up: bool
    ) -> None:
        flying: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        landing = asyncio.create_task(self._land(flying, sink, stream, is_up=is_up))
        try:
            while chunk := await source.read(CHUNK_BYTES):
                if landing.done():
                    return
                flying.put_nowait((await self._ways[is_up].pass_on(len(chunk)), chunk))
                if is_up:
                    self.sent_bytes += len(chunk)
                    stream += chunk
                    if self._cuts_due and self.sent_bytes >= self._cuts_due[0]:
                        self._cuts_due.pop(0)
                        self.cuts += 1
                        return
                else:
                    self.received_bytes += len(chunk)
            await flying.join()
        finally:
            landing.cancel()
            await asyncio.gather(landing, return_exceptions=True)

    async def _land(
        self,
        flying: asyncio.Queue[tuple[float, bytes]],
        sink: asyncio.StreamWriter,
        stream: bytearray,
        *,
        is_up: bool,
    ) -> None:
        while True:
            due_at, chunk = await flying.get()
            await asyncio.sleep(due_at - time.monotonic())
            if not is_up and self._is_lost(stream):
                _hang_up(sink)
                return
            sink.write(chunk)
            await sink.drain()
            flying.task_done()

    def _is_lost(self, stream: bytearray) -> bool:
        """Tell whether the answer that begins now is one of those to be lost."""
        if not self._losses_due:
            return False
        asked = REQUEST.findall(bytes(stream))
        line = b" ".join(asked[-1]).decode() if asked else ""
        for pattern in self._losses_due:
            if pattern.fullmatch(line):
                self._losses_due.remove(pattern)
                self.lost += 1
                return True
        return False


@contextlib.contextmanager
def line_to(port: int, spec: LineSpec) -> Iterator[Line]:
    """Open a line to a server on this machine. It ends with the block, and by itself after a quarter of an hour."""
    line = Line(spec, port)
    loop = asyncio.new_event_loop()
    listener = socket.socket()
    # Small buffers: what the phone has handed over is to be on the line, not in this machine's memory.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    listener.bind(("127.0.0.1", 0))
    line.port = int(listener.getsockname()[1])
    stopped = asyncio.Event()

    async def run() -> None:
        server = await asyncio.start_server(line.serve, sock=listener, limit=BUFFER_BYTES)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), LIFE_S)
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
        loop.close()


def requests_in(stream: bytes) -> list[Sent]:
    """Take apart what one connection carried: heads by their blank line, bodies by their announced length."""
    found = []
    at = 0
    while (end := stream.find(b"\r\n\r\n", at)) >= 0:
        first, *rest = stream[at:end].decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
        at = end + 4 + int(headers.get("content-length", "0"))
        found.append(Sent(method, path, headers, stream[end + 4 : at]))
    return found


def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Drop a connection as a cut line does: with a reset."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
