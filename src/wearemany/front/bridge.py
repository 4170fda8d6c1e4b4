"""The bridge to Django: complete requests in, complete answers out, in a bounded pool of threads.

Bodies have been received before (`intake`), so a thread never waits for the network. Each keeps its database
connection from one request to the next. No address of the sender reaches it: neither the connection's nor any that a
proxy wrote into a header.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

from wearemany.adapters.received import ENVIRON_KEY, ReceivedFile
from wearemany.front.answers import Answer, Header
from wearemany.front.refusals import doors_busy
from wearemany.front.request import Request

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

_NOT_FOR_DJANGO = frozenset(
    {
        b"cf-connecting-ip",
        b"client-ip",
        b"content-length",
        b"content-type",
        b"fastly-client-ip",
        b"forwarded",
        b"from",
        b"proxy",
        b"true-client-ip",
        b"via",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"x-forwarded",
        b"x-forwarded-for",
        b"x-real-ip",
    }
)
_HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"content-length"})


@dataclass(frozen=True)
class Body:
    """A body that arrived whole: its text, what kind of text, and the files that went into the store."""

    content: bytes = b""
    content_type: str = ""
    files: tuple[ReceivedFile, ...] = ()


NO_BODY = Body()


class Bridge:
    """Calls the WSGI application; `threads` at a time, with at most `waiting` more in line."""

    def __init__(self, wsgi: WSGIApplication, *, threads: int, waiting: int) -> None:
        self._wsgi = wsgi
        self._most = threads + waiting
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self._busy = 0

    async def answer(self, request: Request, body: Body = NO_BODY) -> Answer:
        """Return Django's answer; raises TryAgain `doors-busy` when the line is too long.

        What the application raises passes on. When the caller is cancelled the thread still ends its work.
        """
        if self._busy >= self._most:
            raise doors_busy()
        self._busy += 1
        try:
            environ = _environ(request, body)
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._call, environ)
        finally:
            self._busy -= 1

    def close(self) -> None:
        """Stop the threads once they have ended what they do."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _call(self, environ: dict[str, Any]) -> Answer:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _exc_info: _ExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            begun[:] = [(status, headers)]
            return written.append

        written: list[bytes] = []
        chunks: Iterable[bytes] = self._wsgi(environ, start_response)
        try:
            written.extend(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, headers = begun[0]
        return Answer(int(status.split(" ", 1)[0]), _sent(headers), b"".join(written))


def _sent(headers: list[tuple[str, str]]) -> tuple[Header, ...]:
    pairs = ((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)
    return tuple((name, value) for name, value in pairs if name not in _HOP_BY_HOP)


def _environ(request: Request, body: Body) -> dict[str, Any]:
    host, port = request.server
    environ: dict[str, Any] = {
        # A HEAD is asked as GET; sending drops the body.
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.raw_path).decode("latin-1"),
        "QUERY_STRING": request.query.decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{request.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "CONTENT_TYPE": body.content_type,
        "CONTENT_LENGTH": str(len(body.content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(body.content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        ENVIRON_KEY: body.files,
    }
    for name, value in request.headers.items():
        # A header with an underscore would pass for the one with a dash.
        if name not in _NOT_FOR_DJANGO and b"_" not in name:
            environ["HTTP_" + name.decode("latin-1").upper().replace("-", "_")] = value.decode("latin-1")
    return environ
