"""A child that has no memory left, through the door: its photo is taken by another child or told why not."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from tests.darkroom.conftest import encoded, person
from tests.darkroom.doorway import Doorway, doorway
from wearemany.darkroom.refusals import REFUSALS

ROOM_BYTES = 12_000_000


def squeezed(door: Doorway) -> int:
    """Leave every child hardly more memory than it has now; returns how many there are."""
    children = door.watch.children()
    for pid in children:
        has_bytes = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
        most = has_bytes + ROOM_BYTES
        resource.prlimit(pid, resource.RLIMIT_AS, (most, most))
    return len(children)


@pytest.mark.long
def test_a_child_without_memory_costs_no_photo(tmp_path: Path) -> None:
    """A child that had photos before hands its photo to a fresh one; a fresh one without memory refuses clearly."""
    large = encoded(person(height=4000), "JPEG", quality=92)
    with doorway(tmp_path, children=1) as door:
        assert door.send("before", encoded(person(), "JPEG"), way="multipart").taken
        assert squeezed(door) == 1
        assert door.send("squeezed", large, way="multipart").taken
        ended = door.watch.children()
        assert door.send("after", large, way="tus").taken
        assert squeezed(door) == len(ended) == 1
        for number in range(3):
            sent = door.send(str(number), large, way="tus")
            assert sent.wrong == [] and (sent.taken or sent.answer == REFUSALS["photo-too-complicated"]), (
                sent.answer
            )
        assert door.settled(), door.left_over()
