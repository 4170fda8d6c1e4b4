"""Siege of the front: slow uploads and half-open headers, while readers ask for the wall and one honest upload goes in.

    python bench/front.py                       a front of its own, with a small application behind it
    python bench/front.py --url URL --wall PATH --join PATH     any running server, say `wearemany serve`

Prints one JSON line: the wall's latency in calm and under siege, honest uploads, memory of the own server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from wearemany.adapters.blobs import FolderBlobs
from wearemany.front import FrontParts, LiveEvent, build
from wearemany.front.serve import FrontServer, listen

HANDLE = "siege"
WALL = f"/en/{HANDLE}/"
JOIN = f"/en/{HANDLE}/join"
BOUNDARY = "----siege"


@dataclass(frozen=True)
class Target:
    """Where the server is, and which of its pages are asked for."""

    host: str
    port: int
    wall: str = WALL
    join: str = JOIN


@dataclass(frozen=True)
class Force:
    """How hard the siege is."""

    uploads: int = 200
    upload_bytes_per_s: int = 2048
    half_open: int = 200
    seconds: float = 30.0
    readers: int = 4
    reads_per_s: float = 100.0
    honest_bytes: int = 3_000_000


@dataclass(frozen=True)
class Measured:
    """Latencies of the wall in milliseconds, and what became of the honest uploads."""

    reads: int
    failed_reads: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    honest_sent: int
    honest_received: int
    honest_s: float
    slow_uploads_open: int


def _form(content_bytes: int) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    return head.encode() + os.urandom(content_bytes) + f"\r\n--{BOUNDARY}--\r\n".encode()


def _post_head(target: Target, length: int) -> bytes:
    return (
        f"POST {target.join} HTTP/1.1\r\nHost: {target.host}:{target.port}\r\nContent-Length: {length}\r\n"
        f"Connection: close\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    ).encode()


class Siege:
    """One siege of one target; `measure` runs it."""

    def __init__(self, target: Target, force: Force) -> None:
        self._target = target
        self._force = force
        self._took_ms: list[float] = []
        self._failed = 0
        self._open_uploads = 0
        self._honest_s: list[float] = []
        self._honest_sent = 0

    async def measure(self) -> Measured:
        """Attack, read and upload for the force's time; return what was seen."""
        force = self._force
        attackers = [asyncio.create_task(self._upload_slowly()) for _ in range(force.uploads)]
        attackers += [asyncio.create_task(self._stay_half_open()) for _ in range(force.half_open)]
        await asyncio.sleep(3.0 if attackers else 0.0)
        until = time.monotonic() + force.seconds
        readers = [asyncio.create_task(self._read(until)) for _ in range(force.readers)]
        honest = asyncio.create_task(self._upload_honestly(until))
        await asyncio.gather(*readers, honest)
        held = self._open_uploads
        for attacker in attackers:
            attacker.cancel()
        await asyncio.gather(*attackers, return_exceptions=True)
        took = sorted(self._took_ms) or [float("inf")]
        return Measured(
            reads=len(self._took_ms),
            failed_reads=self._failed,
            p50_ms=round(took[len(took) // 2], 2),
            p99_ms=round(took[min(len(took) - 1, len(took) * 99 // 100)], 2),
            worst_ms=round(took[-1], 2),
            honest_sent=self._honest_sent,
            honest_received=len(self._honest_s),
            honest_s=round(max(self._honest_s, default=-1.0), 3),
            slow_uploads_open=held,
        )

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._target.host, self._target.port)

    async def _upload_slowly(self) -> None:
        while True:
            with suppress(OSError):
                _, writer = await self._connect()
                self._open_uploads += 1
                try:
                    writer.write(_post_head(self._target, 2_000_000) + _form(0)[:90])
                    while not writer.is_closing():
                        writer.write(os.urandom(self._force.upload_bytes_per_s))
                        await writer.drain()
                        await asyncio.sleep(1)
                finally:
                    self._open_uploads -= 1
                    writer.close()
            await asyncio.sleep(1)

    async def _stay_half_open(self) -> None:
        while True:
            with suppress(OSError):
                _, writer = await self._connect()
                try:
                    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                    while not writer.is_closing():
                        writer.write(b"a")
                        await writer.drain()
                        await asyncio.sleep(2)
                finally:
                    writer.close()
            await asyncio.sleep(0.5)

    async def _read(self, until: float) -> None:
        pause_s = self._force.readers / self._force.reads_per_s
        ask = f"GET {self._target.wall} HTTP/1.1\r\nHost: {self._target.host}:{self._target.port}\r\n"
        ask += "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        while time.monotonic() < until:
            began = time.perf_counter()
            try:
                async with asyncio.timeout(10):
                    reader, writer = await self._connect()
                    writer.write(ask.encode())
                    answer = await reader.read(-1)
                    writer.close()
            except (OSError, TimeoutError):
                answer = b""
            if answer.startswith(b"HTTP/1.1 200 "):
                self._took_ms.append((time.perf_counter() - began) * 1000)
            else:
                self._failed += 1
            await asyncio.sleep(pause_s)

    async def _upload_honestly(self, until: float) -> None:
        body = _form(self._force.honest_bytes)
        while time.monotonic() < until:
            began = time.perf_counter()
            self._honest_sent += 1
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(30):
                    reader, writer = await self._connect()
                    writer.write(_post_head(self._target, len(body)) + body)
                    await writer.drain()
                    answer = await reader.read(-1)
                    writer.close()
                # A server that looks into the form may refuse it; what counts is that it arrived and was read.
                if b" " in answer and answer.split(b" ", 2)[1] in (b"200", b"303", b"400"):
                    self._honest_s.append(time.perf_counter() - began)
            await asyncio.sleep(3)


def _serve(folder: str) -> None:
    """Serve a small application whose wall changes every second; prints its port. Runs in the child."""

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Sequence[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("X-Cache-Epoch", HANDLE)])
        return [b"<p>wall</p>" * 4000]

    def epochs() -> Mapping[str, tuple[int, ...]]:
        return {HANDLE: (1, 1, int(time.monotonic()))}

    def uploads_kept(blobs: Sequence[str]) -> Collection[str]:
        return ()

    def live_events(language: str, handle: str, after: int | None) -> Sequence[LiveEvent]:
        return []

    front = build(
        FrontParts(
            wsgi=wsgi,
            store=FolderBlobs(Path(folder)),
            say=lambda language, sentence: sentence,
            epochs=epochs,
            rendition_open=lambda name: None,
            live_events=live_events,
            uploads_kept=uploads_kept,
        )
    )
    server = FrontServer(
        front, listening=listen("127.0.0.1", 0), on_started=lambda: print(server.port, flush=True)
    )
    server.serve_until_stopped()


def memory_mb(pid: int) -> float:
    """Return what a process holds in memory, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return -1.0


def besieged(force: Force) -> dict[str, object]:
    """Start an own front, measure it in calm and under siege, stop it; return the figures."""
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [sys.executable, __file__, "--serve", folder], stdout=subprocess.PIPE, text=True
        )
        try:
            assert child.stdout is not None
            target = Target("127.0.0.1", int(child.stdout.readline()))
            idle_mb = memory_mb(child.pid)
            calm = asyncio.run(
                Siege(target, Force(uploads=0, half_open=0, seconds=min(5.0, force.seconds))).measure()
            )
            siege = asyncio.run(Siege(target, force).measure())
            after_mb = memory_mb(child.pid)
        finally:
            child.terminate()
            exit_code = child.wait(20)
        left = sum(path.is_file() for path in Path(folder).rglob("*"))
    return {
        "calm": asdict(calm),
        "siege": asdict(siege),
        "idle_mb": idle_mb,
        "after_mb": after_mb,
        "files_left": left,
        "exit_code": exit_code,
    }


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--serve", metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--url", help="HOST:PORT of a running server")
    parser.add_argument("--wall", default=WALL)
    parser.add_argument("--join", default=JOIN)
    parser.add_argument("--seconds", type=float, default=30.0)
    chosen = parser.parse_args()
    force = Force(seconds=chosen.seconds)
    if chosen.serve:
        _serve(chosen.serve)
    elif chosen.url:
        host, _, port = chosen.url.rpartition(":")
        target = Target(host, int(port), chosen.wall, chosen.join)
        print(json.dumps(asdict(asyncio.run(Siege(target, force).measure()))))
    else:
        print(json.dumps(besieged(force)))


if __name__ == "__main__":
    main()
