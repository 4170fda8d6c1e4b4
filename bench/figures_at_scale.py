"""The figures page, its table and its JSON on a long wall: with the days counted into rows, and before they are.

    python bench/figures_at_scale.py [--entries 2000000] [--days 200]

A real server (`wearemany serve`) on SQLite, its entries filled by SQL over so many days. Cold is the server's first
answer while no day is counted yet, as after a database was rebuilt; meanwhile another page is asked for all the
time, and its slowest answer says whether anybody else waited. Then the days are counted, and each page is
asked again, each time with one more entry public, so that no answer comes out of a cache.

Limits: 50 ms warm; cold nobody waits for it.
"""

from __future__ import annotations

import argparse
import http.client
import importlib
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.wall_at_scale import HANDLE, cpu_s, filled
from tests.rigs.crowd import set_up
from tests.rigs.serving import Serving, campaign_arguments, server_in

PATHS = (f"/en/{HANDLE}/figures", f"/en/{HANDLE}/figures.csv", f"/en/{HANDLE}/figures.json")
BESIDE = f"/en/{HANDLE}/story"
WHOLE_POSTS, ROUNDS = 100, 15
SPREAD = "update wall_entry set day = date('2025-06-01', '+' || (position * {days} / {entries}) || ' days')"


def answer(port: int, path: str) -> tuple[int, float, bytes]:
    """Ask once; returns status, milliseconds and the body."""
    began = time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=300)) as line:
        line.request("GET", path)
        told = line.getresponse()
        body = told.read()
    return told.status, (time.perf_counter() - began) * 1000, body


def beside(port: int, over: threading.Event, into: list[float]) -> None:
    """Ask for another page, over and over, and note how long each answer took."""
    while not over.wait(0.01):
        into.append(answer(port, BESIDE)[1])


def counted(database: Path) -> int:
    """Return how far the days are counted."""
    with closing(sqlite3.connect(database, timeout=20)) as line:
        row = line.execute("select position from cursor where consumer = 'figures'").fetchone()
    return int(row[0]) if row else 0


def prepared(server: Serving, *, entries: int, days: int) -> Path:
    """Fill the wall, and forget what was counted of its days."""
    server.command(*campaign_arguments(HANDLE))
    rig = [sys.executable, "-m", "tests.rigs.crowd"]
    root = Path(__file__).resolve().parents[1]
    for act in (("put", HANDLE, str(WHOLE_POSTS), "--pictures-each", "100"), ("append", HANDLE)):
        subprocess.run([*rig, *act], stdout=subprocess.DEVNULL, check=True, env=server.environment, cwd=root)
    database = server.folder / "data" / "wearemany.sqlite3"
    filled(database, entries - WHOLE_POSTS - 1)
    with closing(sqlite3.connect(database)) as line, line:
        line.execute("pragma synchronous = off")
        line.execute(SPREAD.format(days=days, entries=entries))
        line.execute("delete from cursor where consumer = 'figures'")
        line.execute("delete from day_figures")
    return database


def count_days() -> None:
    """Count the days as the worker does, of entries that no file of a log has; runs in a child."""
    set_up()
    day_figures = importlib.import_module("wearemany.wall.day_figures")
    day_figures._checkpoint = lambda _: ("", None)  # type: ignore[attr-defined]
    while day_figures.figures_pending():
        pass


def one_more(database: Path, size: int) -> None:
    """Let the public see the wall up to so many entries."""
    with closing(sqlite3.connect(database, timeout=20)) as line, line:
        line.execute("update log_head set published_size = ?", (size,))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--entries", type=int, default=2_000_000)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.count:
        count_days()
        return
    with tempfile.TemporaryDirectory() as folder, server_in(Path(folder), DARKROOM_CHILDREN="0") as server:
        database = prepared(server, entries=chosen.entries, days=chosen.days)
        print(f"{chosen.entries:,} entries over {chosen.days} days are filled", flush=True)
        server.start()
        assert server.process is not None
        answer(server.port, BESIDE)
        over, waits = threading.Event(), list[float]()
        other = threading.Thread(target=beside, args=(server.port, over, waits))
        other.start()
        began, reached = time.monotonic(), counted(database)
        for path in PATHS:
            status, ms, body = answer(server.port, path)
            print(
                f"cold, {reached:,} counted: {path}: {status}, {ms:.0f} ms, {len(body):,} bytes", flush=True
            )
        child = [sys.executable, __file__, "--count"]
        subprocess.run(child, check=True, env=server.environment, cwd=Path(__file__).resolve().parents[1])
        print(f"all days are counted after {time.monotonic() - began:.1f} s", flush=True)
        over.set()
        other.join()
        waits.sort()
        print(
            f"another page meanwhile: {statistics.median(waits):.0f} ms, slowest of {len(waits)} {waits[-1]:.0f} ms"
        )
        for path in PATHS:
            took, before = [], cpu_s(server.process.pid)
            for number in range(ROUNDS):
                one_more(database, chosen.entries - number - 1)
                time.sleep(1.1)
                status, ms, body = answer(server.port, path)
                assert status == 200, status
                took.append(ms)
            assert "json" not in path or len(json.loads(body)["days"]) == chosen.days
            cpu_ms = (cpu_s(server.process.pid) - before) * 1000 / ROUNDS
            print(
                f"warm: {path}: {statistics.median(took):.1f} ms, slowest {max(took):.1f} ms (limit 50); at most "
                f"{cpu_ms:.0f} ms of processor, the server's own watch included",
                flush=True,
            )


if __name__ == "__main__":
    main()
