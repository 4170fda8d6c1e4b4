"""For what fetches public files from anywhere: a server of files in memory, and power that fails between two writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest


@dataclass
class Site:
    """A web server of files; what is not among them answers 404, or the status it is told to.

    `cuts` says after how many bytes a file's answer breaks off; `asked` is what was asked for.
    """

    address: str
    files: dict[str, bytes]
    statuses: dict[str, int]
    cuts: dict[str, int]
    asked: list[str]


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve files from memory on this machine."""
    files, statuses, cuts, asked = dict[str, bytes](), dict[str, int](), dict[str, int](), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            content = files.get(self.path)
            self.send_response(statuses.get(self.path, 404 if content is None else 200))
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write((content or b"")[: cuts.get(self.path)])

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_address[1]}", files, statuses, cuts, asked)
    server.shutdown()
    server.server_close()


ENOUGH = 10**6


class PowerCut(Exception):
    """The power failed before a file was put in its place."""


@dataclass
class Power:
    """How many more files can be put in their places before the power fails."""

    writes_left: int = ENOUGH


@pytest.fixture
def power(monkeypatch: pytest.MonkeyPatch) -> Power:
    """Let the power fail when as many files as the test says were put in their places."""
    power, real = Power(), os.replace

    def counted(source: Path, target: Path) -> None:
        power.writes_left -= 1
        if power.writes_left < 0:
            raise PowerCut
        real(source, target)

    monkeypatch.setattr(os, "replace", counted)
    return power
