"""Somebody kills a running server's children, or the server, while photos arrive: none is lost and none is double."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from tests.darkroom.conftest import encoded
from tests.darkroom.doorway import COPIES, Doorway, Sent, doorway

AT_ONCE = 8
LATEST_S = 900.0
"""A photo whose child is killed again and again waits twice as long each time."""
BACK_WITHIN_S = 45.0
"""After the server was killed: well below the 90 seconds for which a photo is claimed."""


def photo(number: int) -> bytes:
    """Draw a photo that is like no other."""
    pixels = np.full((240, 180, 3), (number * 37 % 256, number % 256, 90), np.uint8)
    pixels[number % 200 :, ::3] = (number // 256, 200, number * 11 % 256)
    return encoded(pixels, "JPEG")


@contextmanager
def now_and_then(
    act: Callable[[], bool], *, every_s: float, at_most: int | None = None
) -> Iterator[list[bool]]:
    """Do something at no set time, again and again, or so many times; yields whether it did each time."""
    over, done, chance = threading.Event(), list[bool](), random.Random(11)

    def go_round() -> None:
        while len(done) != at_most and not over.wait(chance.uniform(0.2, 1.8) * every_s):
            done.append(act())

    thread = threading.Thread(target=go_round)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


def all_posted(door: Doorway, count: int) -> list[Sent]:
    """Post so many photos, a few at a time."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(lambda n: door.send(f"{n}", photo(n), way="multipart"), range(count)))


def none_lost_none_double(door: Doorway, all_sent: Sequence[Sent]) -> None:
    """Every author has one photo, developed once, and the server holds nothing besides."""
    count = len(all_sent)
    assert [sent for sent in all_sent if not sent.taken or sent.wrong] == []
    (held,) = door.rows(
        "SELECT (SELECT count(*) FROM post), (SELECT count(*) FROM photo WHERE upload_id IS NULL AND due_at IS NULL), "
        "(SELECT count(*) FROM development), (SELECT count(*) FROM rendition), "
        "(SELECT count(DISTINCT blob) FROM rendition)"
    )
    assert held == (count, count, count, 6 * count, 6 * count)


def a_child_killed(door: Doorway, seen: list[int]) -> bool:
    """Kill one of the server's children, if three photos came through since the last one died.

    More often, on a slow machine, and somebody's photo is killed nine times in a row and waits its ten minutes.
    """
    now = sum(path.is_file() for path in (door.server.folder / "data" / "blobs" / "r").rglob("*"))
    children = door.watch.children() if now >= seen[-1] + 3 * COPIES else []
    if children:
        seen.append(now)
        with suppress(ProcessLookupError):
            os.kill(random.choice(children), signal.SIGKILL)
    return bool(children)


def photos_survive_the_server(
    folder: Path, *, count: int, every_s: float, children: int, at_most: int | None = None
) -> int:
    """Post photos while the server is killed and started again and again; returns how often it was."""
    with doorway(folder, children=children) as door:
        door.patience_s = 60.0

        def kill() -> bool:
            door.killed_and_started()
            return True

        with now_and_then(kill, every_s=every_s, at_most=at_most) as kills:
            all_sent = all_posted(door, count)
        none_lost_none_double(door, all_sent)
        assert max(sent.seconds for sent in all_sent) < BACK_WITHIN_S
    assert door.watch.alive() == []
    return len(kills)


def test_a_few_photos_survive_the_death_of_their_server(tmp_path: Path) -> None:
    """Half a dozen posts, the server killed twice while they are on their way."""
    assert photos_survive_the_server(tmp_path, count=6, every_s=0.5, children=1, at_most=2) > 0


@pytest.mark.long
def test_photos_survive_many_deaths_of_their_server(tmp_path: Path) -> None:
    """150 posts, the server killed every few seconds."""
    assert photos_survive_the_server(tmp_path, count=150, every_s=5.0, children=2) > 5


@pytest.mark.long
def test_five_hundred_uploads_survive_the_death_of_children(tmp_path: Path) -> None:
    """Through the door of one server, whose children are killed at random moments."""
    seen = [0]
    with doorway(tmp_path) as door:
        door.settle_s = LATEST_S
        door.patience_s = 60.0
        with now_and_then(lambda: a_child_killed(door, seen), every_s=1.2) as kills:
            all_sent = all_posted(door, 500)
        none_lost_none_double(door, all_sent)
        assert sum(kills) > 20
        assert door.settled(), door.left_over()
    assert door.watch.alive() == []
