"""A request as the front sees it: method, path, headers; never who sent it.

What does not live here: bodies (`intake`), and what Django is told (`bridge`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, cast

from wearemany.front.held import HeldLine
from wearemany.languages import INTERFACE_LANGUAGES

# ASGI's own shapes: what a server sends is a plain dictionary.
Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PROGRAMS = ("/api/", "/upload/")
LINE = "wearemany.line"
_CODES = tuple(language.code for language in INTERFACE_LANGUAGES)


class Line(Protocol):
    """The connection itself, for answers that go on."""

    def hold(self) -> HeldLine | None:
        """Forget the request, so that thousands of lines cost little; None when the connection is gone already.

        The answer must have begun, chunked. No further request is answered on this line.
        """

    def peer(self) -> str:
        """Return the address at the other end, "" for none: for `senders` alone, which keeps it nowhere."""


@dataclass(frozen=True)
class Request:
    """A request's head. `headers` has lower-case names; repeated ones are joined.

    `line` is the connection, where the server in front of us hands it on: our own does.
    """

    method: str
    path: str
    raw_path: bytes
    query: bytes
    scheme: str
    http_version: str
    server: tuple[str, int | None]
    headers: Mapping[bytes, bytes]
    line: Line | None = None

    @property
    def reads(self) -> bool:
        """Whether this asks for something to read (GET or HEAD)."""
        return self.method in ("GET", "HEAD")

    @property
    def has_body(self) -> bool:
        """Whether the sender announced a body."""
        return b"transfer-encoding" in self.headers or self.headers.get(b"content-length", b"0") != b"0"

    @property
    def language(self) -> str:
        """The interface language: the path's, else the first that the reader accepts, else English."""
        first = self.path[1:].split("/", 1)[0]
        if first in _CODES:
            return first
        accepted = self.headers.get(b"accept-language", b"").decode("latin-1").lower()
        for part in accepted.split(",")[:20]:
            code = part.split(";")[0].strip().split("-")[0]
            if code in _CODES:
                return code
        return _CODES[0]

    @property
    def wants_json(self) -> bool:
        """Whether a script asked, which reads JSON and not a page."""
        if self.path.startswith(_PROGRAMS) or self.path == "/upload":
            return True
        return b"application/json" in self.headers.get(b"accept", b"")

    @property
    def takes_gzip(self) -> bool:
        """Whether a gzip body may be sent."""
        return takes_gzip(self.headers.get(b"accept-encoding", b""))

    def holds(self, *etags: bytes) -> bool:
        """Tell whether the reader says it holds one of these versions already (If-None-Match)."""
        given = self.headers.get(b"if-none-match")
        if given is None:
            return False
        held = {part.strip().removeprefix(b"W/") for part in given.split(b",")}
        return b"*" in held or not held.isdisjoint(etags)


@lru_cache(maxsize=256)
def takes_gzip(accepted: bytes) -> bool:
    """Tell whether an `Accept-Encoding` allows a gzip body; browsers send the same few over and over."""
    for part in accepted.split(b","):
        name, _, weight = part.partition(b";")
        if name.strip().lower() in (b"gzip", b"*"):
            return weight.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False


def request_of(scope: Scope) -> Request:
    """Read an ASGI scope; the sender's address in it is left alone."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        name = name.lower()
        if name in headers:
            joint = b"; " if name == b"cookie" else b", "
            headers[name] = headers[name] + joint + value
        else:
            headers[name] = value
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"],
        path=scope["path"],
        raw_path=raw_path.split(b"?")[0],
        query=scope.get("query_string") or b"",
        scheme=scope.get("scheme") or "http",
        http_version=scope.get("http_version") or "1.1",
        server=cast("tuple[str, int | None]", scope.get("server") or ("localhost", 80)),
        headers=headers,
        line=(scope.get("state") or {}).get(LINE),
    )


def warm_request(path: str, *, host: str) -> Request:
    """Return a request of our own, that nobody sent."""
    headers = {b"host": host.encode()}
    return Request("GET", path, path.encode(), b"", "http", "1.1", ("localhost", 80), headers)
