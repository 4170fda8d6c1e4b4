"""A bulk import of real pictures, killed in the middle and started again. Usage: python -m bench.importing COUNT

Draws COUNT small pictures that differ (people without a face of their own, one in a hundred no picture or cut off),
imports the folder by the command with the real darkroom, kills it when half is sent, starts it again, and looks at
what the server holds. Prints a table of what it took.
"""

from __future__ import annotations

import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image
from tests.darkroom.conftest import encoded, person
from tests.rigs.serving import ROOT, Serving, campaign_arguments, server_in

ONE_BAD_IN = 100
SHIRTS = ((190, 30, 40), (160, 20, 30), (40, 80, 170), (225, 60, 60), (30, 120, 60))


@dataclass(frozen=True)
class Imported:
    """What came of it, and what it took; processor time without that of the run that was killed."""

    pictures: int
    bad: int
    posts: int
    photos_developed: int
    photos_refused: int
    copies: int
    refused_told: int
    uploads_left: int
    killed_at: int
    wall_s: float
    cpu_s: float


def draw(folder: Path, count: int) -> int:
    """Draw pictures, none like another, into a folder; returns how many of them are bad."""
    chance, bad = random.Random(count), 0
    folder.mkdir()
    people = [Image.fromarray(person(shirt=shirt, height=400)) for shirt in SHIRTS]
    for number in range(count):
        left, top = chance.randrange(40), chance.randrange(40)
        one = chance.choice(people).crop((left, top, left + 256, top + 340))
        content = encoded(np.asarray(one), "JPEG", quality=chance.randrange(70, 95))
        if number % ONE_BAD_IN == ONE_BAD_IN - 1:
            bad += 1
            content = content[: len(content) // 3] if bad % 2 else b"%PDF-1.7"
        (folder / f"{number:05}.jpg").write_bytes(content)
    return bad


def imported(count: int, place: Path) -> Imported:
    """Import so many pictures in a folder of its own, killed once on the way."""
    bad = draw(place / "pictures", count)
    with server_in(place, DATABASE="", STORAGE="", DARKROOM_CHILDREN="2") as server:
        server.command(*campaign_arguments("red"))
        began, cpu_before_s = time.monotonic(), children_cpu_s()
        killed_at = run(server, place, kill_at=count // 2)
        run(server, place, kill_at=0)
        took = {"wall_s": time.monotonic() - began, "cpu_s": children_cpu_s() - cpu_before_s}
        (held,) = rows(
            server,
            "SELECT (SELECT count(*) FROM post), (SELECT count(*) FROM development), "
            "(SELECT count(*) FROM photo WHERE refused_code != ''), (SELECT count(*) FROM rendition), "
            "(SELECT count(*) FROM photo WHERE upload_id IS NOT NULL)",
        )
    posts, developed, refused, copies, uploads = (int(str(number)) for number in held)
    return Imported(
        pictures=count, bad=bad, posts=posts, photos_developed=developed, photos_refused=refused, copies=copies,
        refused_told=sum('"refused"' in line for line in last_lines(place / "slips.csv.report.jsonl")),
        uploads_left=uploads, killed_at=killed_at, **took,
    )  # fmt: skip


def run(server: Serving, place: Path, *, kill_at: int) -> int:
    """Run the command to its end, or kill it once so many pictures are sent; returns how many were sent."""
    report = place / "slips.csv.report.jsonl"
    command = ["import", "red", str(place / "pictures"), "--slips", str(place / "slips.csv"), "--agreed"]
    with subprocess.Popen(
        [sys.executable, "-m", "wearemany", *command],
        env=server.environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            if kill_at and len(list(last_lines(report))) >= kill_at:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.2)
    return len(list(last_lines(report)))


def last_lines(report: Path) -> Iterator[str]:
    """Yield the last line of each picture in a report."""
    last: dict[str, str] = {}
    if report.exists():
        for line in report.read_text().splitlines():
            last[line.split('"file": "', 1)[-1].split('"', 1)[0]] = line
    yield from last.values()


def rows(server: Serving, query: str) -> list[tuple[object, ...]]:
    """Ask the server's database."""
    with closing(sqlite3.connect(server.folder / "data" / "wearemany.sqlite3")) as database:
        return database.execute(query).fetchall()


def children_cpu_s() -> float:
    """Return the processor time of all ended children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(count: int) -> int:
    """Import and print; exit code 1 when a picture is lost, double, or not told of."""
    with tempfile.TemporaryDirectory(prefix="importing-") as folder:
        found = imported(count, Path(folder))
    print("| pictures | killed at | posts | developed | refused, and told | copies | wall s | processor s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    print(
        f"| {found.pictures:,} | {found.killed_at:,} | {found.posts:,} | {found.photos_developed:,} | "
        f"{found.refused_told:,} | {found.copies:,} | {found.wall_s:.0f} | {found.cpu_s:.0f} |"
    )
    return 0 if is_whole(found) else 1


def is_whole(found: Imported) -> bool:
    """Say whether every good picture is one developed post, every bad one is told of, and nothing is left over."""
    good = found.pictures - found.bad
    wanted = replace(
        found, photos_developed=good, refused_told=found.bad, copies=6 * good, uploads_left=0,
        posts=good + found.photos_refused,
    )  # fmt: skip
    return found == wanted


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
