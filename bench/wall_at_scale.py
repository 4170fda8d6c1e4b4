"""The wall page and the newest posts as JSON at ten million entries, while fifty more come every second.

    python bench/wall_at_scale.py [--entries 10000000] [--seconds 6] [--rounds 3]

Two real servers (`wearemany serve`) on SQLite, one with the entries asked for and one with 10,000; on both a child
moves the published size on by one entry fifty times a second. The entries table is filled by SQL; the newest two
thousand are whole posts, decided and appended by the real road, older ones are entries alone (their posts would be
other tables' size). Beside them, under the same server class with the same options, a bare ASGI callable that
returns the same bytes. Asked by `wrk` (Debian), one thread, 64 connections, gzip; interleaved, medians.

Limits: at least 80 % of the bare callable's requests/s; at most 1.1 times dearer than at 10,000 entries;
p99 under 20 ms. The database file is some 4 GB in a temporary folder and goes away afterwards.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import pickle
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.rigs.crowd import set_up, shown
from tests.rigs.serving import Serving, campaign_arguments, server_in

from wearemany.front.serve import FrontServer, listen

HANDLE = "red"
WHOLE_POSTS = 2000
PER_SECOND = 50.0
CONNECTIONS = 64
PATHS = {"wall page": f"/en/{HANDLE}/", "newest JSON": f"/en/{HANDLE}/newest.json"}
TICKS_A_S = os.sysconf("SC_CLK_TCK")
FILL = """
insert into wall_entry (campaign_id, position, kind, line, day, live, standing, commitment, edit_version, is_repeat)
with recursive n(i) as (select {first} union all select i + 1 from n where i + 1 < {end})
select {campaign}, i, 'post', {line}, '2026-03-08', 1, '{standing}', randomblob(32), 1, 0 from n
"""


@dataclass
class Seen:
    """What one server gave for one address, round by round."""

    per_s: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)

    def median(self) -> tuple[float, float, float]:
        """Return requests a second, p99 in ms and CPU in us a request."""
        return statistics.median(self.per_s), statistics.median(self.p99_ms), statistics.median(self.cpu_us)


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_S


@contextmanager
def wall_of(folder: Path, entries: int) -> Iterator[tuple[Serving, subprocess.Popen[str]]]:
    """Serve a wall with so many entries; yields the server and the child that lets it grow."""
    with server_in(folder, DARKROOM_CHILDREN="0") as server:
        server.command(*campaign_arguments(HANDLE))
        rig = [sys.executable, "-m", "tests.rigs.crowd"]
        beside: dict[str, Any] = {"env": server.environment, "cwd": Path(__file__).resolve().parents[1]}
        put = [*rig, "put", HANDLE, str(WHOLE_POSTS), "--pictures-each", "100"]
        subprocess.run(put, stdout=subprocess.DEVNULL, check=True, **beside)
        subprocess.run([*rig, "append", HANDLE], check=True, **beside)
        began = time.monotonic()
        filled(folder / "data" / "wearemany.sqlite3", entries - WHOLE_POSTS - 1)
        print(f"{entries} entries filled in {time.monotonic() - began:.0f} s", flush=True)
        server.start()
        growing = subprocess.Popen(
            [sys.executable, __file__, "--grow", str(entries)], text=True, stdin=subprocess.PIPE, **beside
        )
        try:
            yield server, growing
        finally:
            growing.terminate()
            growing.wait(20)


def filled(database: Path, count: int) -> None:
    """Put entries behind those that stand there, so that the newest posts are whole ones."""
    with sqlite3.connect(database, isolation_level=None) as line:
        line.execute("pragma synchronous = off")
        line.execute("pragma cache_size = -400000")
        indexes = line.execute(
            "select name, sql from sqlite_master where type = 'index' and tbl_name = 'wall_entry' and sql is not null"
        ).fetchall()
        sample = line.execute(
            "select campaign_id, line, standing from wall_entry where kind = 'post' limit 1"
        )
        campaign, bytes_of_line, standing = sample.fetchone()
        line.execute("begin")
        for name, _ in indexes:
            line.execute(f"drop index {name}")
        line.execute("update wall_entry set position = position + ?", (count,))
        literal = "x'" + bytes(bytes_of_line).hex() + "'"
        line.execute(FILL.format(first=0, end=count, campaign=campaign, line=literal, standing=standing))
        for _, statement in indexes:
            line.execute(statement)
        line.execute(
            "update log_head set size = size + ?, published_size = published_size + ?", (count, count)
        )
        line.execute("commit")


def grow(entries: int) -> None:
    """Let the public see one entry more fifty times a second, over and over within the newest half."""
    set_up()
    first = entries - WHOLE_POSTS // 2
    began, number = time.monotonic(), 0
    while True:
        shown(HANDLE, first + number % (WHOLE_POSTS // 2))
        number += 1
        time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))


class Bare:
    """The callable that ours is held against: the same bytes, no question asked."""

    at_hand = None

    def __init__(self, answers: dict[str, tuple[int, list[tuple[bytes, bytes]], bytes]]) -> None:
        self._answers = answers

    def begin_closing(self) -> None:
        """Nobody stays."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        status, headers, body = self._answers[scope["path"]]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def bare() -> None:
    """Serve what comes in on standard input; runs in a child."""
    answers = pickle.load(sys.stdin.buffer)
    bound = listen("127.0.0.1", 0)
    server = FrontServer(
        Bare(answers),  # type: ignore[arg-type] # all that the server asks of a front
        listening=bound,
        on_started=lambda: print(server.port, flush=True),
    )
    server.serve_until_stopped()


def answer_of(port: int, path: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return an answer with its headers as they came, but for those that the server adds itself."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = line.getresponse()
    body = answer.read()
    headers = [
        (name.encode(), value.encode())
        for name, value in answer.getheaders()
        if name.lower() not in ("date", "connection")
    ]
    return answer.status, headers, body


def told(text: str, pattern: str) -> re.Match[str]:
    """Return where wrk says what is looked for."""
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"wrk said nothing of {pattern}: {text}")
    return found


def asked(pid: int, port: int, path: str, *, seconds: float, into: Seen) -> None:
    """Ask with wrk and note what came."""
    before = cpu_s(pid)
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", "-H", "Accept-Encoding: gzip",
         f"http://127.0.0.1:{port}{path}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    spent = cpu_s(pid) - before
    assert "Non-2xx" not in done.stdout, done.stdout
    number, unit = told(done.stdout, r"99%\s+([\d.]+)(us|ms|s)").groups()
    count = int(told(done.stdout, r"(\d+) requests in")[1])
    into.per_s.append(float(told(done.stdout, r"Requests/sec:\s+([\d.]+)")[1]))
    into.p99_ms.append(float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit])
    into.cpu_us.append(spent / count * 1e6)


def report(results: dict[tuple[str, str], Seen], *, entries: int) -> None:
    """Print the figures and what they are held against."""
    figures = {}
    for name in PATHS:
        large, small, peer = (results[who, name].median() for who in ("large", "small", "bare"))
        for who, (per_s, p99_ms, us) in (
            (f"ours, {entries} entries", large), ("ours, 10000 entries", small), ("bare callable", peer),
        ):  # fmt: skip
            print(f"{name}: {who}: {per_s:.0f} requests/s, p99 {p99_ms:.1f} ms, CPU {us:.0f} us a request")
        share, dearer = large[0] / peer[0], large[2] / small[2]
        print(
            f"{name}: {share:.0%} of the bare callable's (at least 80 %), {dearer:.2f} times dearer (at most 1.1)"
        )
        figures[name] = {"share": share, "dearer": dearer, "p99_ms": large[1]}
    print(json.dumps(figures))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--grow", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.bare or chosen.grow:
        bare() if chosen.bare else grow(chosen.grow)
        return
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt-get install wrk")
    results: dict[tuple[str, str], Seen] = {}
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        large, _ = stack.enter_context(wall_of(folders[0], chosen.entries))
        small, _ = stack.enter_context(wall_of(folders[1], 10_000))
        answers = {path: answer_of(large.port, path) for path in PATHS.values()}
        peer = subprocess.Popen(
            [sys.executable, __file__, "--bare"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        stack.callback(lambda: (peer.terminate(), peer.wait(20)))
        assert peer.stdin is not None and peer.stdout is not None and large.process and small.process
        peer.stdin.write(pickle.dumps(answers))
        peer.stdin.close()
        peer_port = int(peer.stdout.readline())
        servers = {
            "large": (large.process.pid, large.port), "bare": (peer.pid, peer_port),
            "small": (small.process.pid, small.port),
        }  # fmt: skip
        for _ in range(chosen.rounds):
            for name, path in PATHS.items():
                for who, (pid, port) in servers.items():
                    asked(
                        pid, port, path, seconds=chosen.seconds, into=results.setdefault((who, name), Seen())
                    )
    report(results, entries=chosen.entries)


if __name__ == "__main__":
    main()
