"""A small house behind a real front on a real server: a few WSGI pages, a real blob store, real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest

from wearemany.adapters.blobs import FolderBlobs
from wearemany.adapters.received import ENVIRON_KEY, ReceivedFile
from wearemany.front import FrontParts, Limits, LiveEvent, build
from wearemany.front.serve import FrontServer, LineLimits, listen

# One client for all tests: making one reads every root certificate of the machine.
client = httpx.Client(
    verify=False, timeout=20, limits=httpx.Limits(max_connections=300, max_keepalive_connections=0)
)

HANDLE = "red-for-irina"
NAME = "abcdefghijklmnopqrstuvwxyz"
PICTURE = b"RIFF....WEBP" + b"picture" * 50


@dataclass(frozen=True)
class Picture:
    content: bytes = PICTURE
    media_type: str = "image/webp"
    etag: str = '"abcdefghijklmnopqrstuvwxyz"'


@dataclass
class House:
    """What the stations would answer, and what has been asked of them."""

    folder: Path
    epoch: tuple[int, ...] = (1, 1, 4)
    epochs_fail: bool = False
    public: bool = True
    keeps_uploads: bool = True
    render_s: float = 0.0
    renders: int = 0
    live_calls: list[tuple[str, int | None]] = field(default_factory=list)
    live_data: str = "card"
    forms: list[list[tuple[str, str]]] = field(default_factory=list)
    uploads: list[tuple[ReceivedFile, ...]] = field(default_factory=list)
    environs: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.counting = threading.Lock()
        self.store = FolderBlobs(self.folder / "blobs")

    def wsgi(self, environ, start_response):
        """A wall page that may be kept, a page of one's own, a form, and one that fails."""
        self.environs.append(environ)
        path = environ["PATH_INFO"]
        kind = [("Content-Type", "text/html; charset=utf-8")]
        if path == "/broken":
            raise RuntimeError("a view failed")
        if path == "/slow":
            time.sleep(0.6)
        if environ["REQUEST_METHOD"] == "POST":
            raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            self.forms.append(parse_qsl(raw.decode(), keep_blank_values=True))
            self.uploads.append(environ[ENVIRON_KEY])
            start_response("200 OK", kind)
            return [b"received"]
        with self.counting:
            self.renders += 1
            number = self.renders
        time.sleep(self.render_s)
        if path.startswith(f"/en/{HANDLE}/") and not path.endswith("/join"):
            kind.append(("X-Cache-Epoch", f"{HANDLE} lag" if path.endswith("/crowded") else HANDLE))
        start_response("200 OK", kind)
        return [f"<p>page {path} as of {self.epoch}, number {number}</p><!--late-->".encode() + b"x" * 3000]

    def epochs(self) -> Mapping[str, tuple[int, ...]]:
        if self.epochs_fail:
            raise OSError("no database")
        return {HANDLE: self.epoch}

    def rendition_open(self, name: str) -> Picture | None:
        return Picture() if self.public and name == NAME else None

    def live_events(self, language: str, handle: str, after: int | None) -> Sequence[LiveEvent]:
        self.live_calls.append((language, after))
        last = self.epoch[-1] - 1
        if after is None:
            return [LiveEvent(last, "refresh", f"window {self.epoch}")]
        return [LiveEvent(at, "post", f"{self.live_data} {at}") for at in range(after + 1, last + 1)]

    def uploads_kept(self, blobs: Sequence[str]) -> Collection[str]:
        return set(blobs) if self.keeps_uploads else set()

    def say(self, language: str, sentence: str) -> str:
        return f"[{language}] {sentence}"

    def parts(self, limits: Limits, *, threads: int = 4, waiting: int = 64) -> FrontParts:
        return FrontParts(
            wsgi=self.wsgi,
            store=self.store,
            say=self.say,
            epochs=self.epochs,
            rendition_open=self.rendition_open,
            live_events=self.live_events,
            uploads_kept=self.uploads_kept,
            static={
                "/static/page.0123.css": (b"p { color: red } " * 200, "text/css; charset=utf-8"),
                "/static/dot.4567.png": (b"\x89PNG\r\n", "image/png"),
            },
            style="/static/page.0123.css",
            limits=limits,
            threads=threads,
            waiting=waiting,
        )

    def on_disk(self) -> list[Path]:
        """Every file in the house's folder."""
        return [path for path in self.folder.rglob("*") if path.is_file()]


@dataclass
class Served:
    """A front that serves a house on a port of this machine."""

    house: House
    server: FrontServer
    port: int

    @property
    def front(self):
        return self.server._front

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def line(self, *, small_buffer: bool = False) -> socket.socket:
        """A fresh connection."""
        raw = socket.socket()
        if small_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.settimeout(10)
        raw.connect(("127.0.0.1", self.port))
        return raw


@contextmanager
def serving(
    house: House,
    limits: Limits | None = None,
    *,
    line: LineLimits | None = None,
    threads: int = 4,
    waiting: int = 64,
    parts: FrontParts | None = None,
) -> Iterator[Served]:
    """Serve the house until the block ends."""
    started = threading.Event()
    bound = listen("127.0.0.1", 0)
    front = build(parts or house.parts(limits or Limits(), threads=threads, waiting=waiting))
    server = FrontServer(front, listening=bound, on_started=started.set, line=line)
    thread = threading.Thread(target=server.serve_until_stopped, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield Served(house, server, server.port)
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive()


def read_all(line: socket.socket) -> bytes:
    """Read until the other side closes."""
    received = b""
    while True:
        try:
            chunk = line.recv(65536)
        except ConnectionResetError:
            return received
        if not chunk:
            return received
        received += chunk


def read_until(line: socket.socket, mark: bytes, *, limit_s: float = 10.0) -> bytes:
    """Read until `mark` has come; fails when it does not come in time."""
    line.settimeout(limit_s)
    received = b""
    while mark not in received:
        try:
            chunk = line.recv(65536)
        except TimeoutError:
            pytest.fail(f"{mark!r} did not come in {limit_s} s: {received[-300:]!r}")
        assert chunk, f"closed before {mark!r}: {received[-300:]!r}"
        received += chunk
    return received


def eventually(holds, *, limit_s: float = 5.0) -> None:
    """Wait until something holds; fails when it does not in time."""
    until = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < until, "it did not come to hold"
        time.sleep(0.02)


def form(parts: Sequence[tuple[str, str | None, bytes]], *, boundary: str = "----edge7") -> bytes:
    """Return a multipart body of (field, file name or None, content)."""
    body = b""
    for name, filename, content in parts:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if filename is not None:
            body += f'; filename="{filename}"\r\nContent-Type: image/jpeg'.encode()
        body += b"\r\n\r\n" + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def post_head(path: str, *, length: int | None, boundary: str = "----edge7", more: str = "") -> bytes:
    """Return the head of a multipart POST."""
    told = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{told}\r\n{more}"
        f"Content-Type: multipart/form-data; boundary={boundary}\r\n\r\n"
    ).encode()
