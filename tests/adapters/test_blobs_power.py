"""Folder blobs and the power cut: at every single act of the disk, whole or nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.rigs.stores import PowerCut, PowerLost
from wearemany.adapters.blobs import BlobStore

KEY = "tile/0/x001/067"
OLD, NEW = b"old" * 1000, b"new" * 2000


async def _pieces() -> AsyncIterator[bytes]:
    for start in range(0, len(NEW), 1000):
        yield NEW[start : start + 1000]


def put(store: BlobStore) -> None:
    store.put(KEY, NEW)


def put_new(store: BlobStore) -> None:
    store.put_new(KEY, NEW)


def put_stream(store: BlobStore) -> None:
    asyncio.run(store.put_stream(KEY, _pieces()))


def delete(store: BlobStore) -> None:
    store.delete(KEY)


CASES: list[tuple[Callable[[BlobStore], None], bytes | None, bytes | None]] = [
    (put, None, NEW),
    (put, OLD, NEW),
    (put_new, None, NEW),
    (put_new, OLD, OLD),
    (put_stream, None, NEW),
    (delete, OLD, None),
]


def _before(folder: Path, content: bytes | None) -> PowerCut:
    power = PowerCut(folder)
    store = power.open()
    if content is not None:
        store.put(KEY, content)
    return power


@pytest.mark.parametrize("worst", [True, False], ids=["all unsynced lost", "by chance"])
@pytest.mark.parametrize(("act", "before", "after"), CASES)
def test_a_finished_act_survives(
    tmp_path: Path, act: Callable[[BlobStore], None], before: bytes | None, after: bytes | None, worst: bool
) -> None:
    """When the call has returned, a power cut takes nothing back."""
    for seed in range(1 if worst else 20):
        power = _before(tmp_path / str(seed), before)
        act(power.open())
        power.cut(None if worst else random.Random(seed))
        assert power.open().get_or_none(KEY) == after


@pytest.mark.parametrize("worst", [True, False], ids=["all unsynced lost", "by chance"])
@pytest.mark.parametrize(("act", "before", "after"), CASES)
def test_an_interrupted_act_is_whole_or_nothing(
    tmp_path: Path, act: Callable[[BlobStore], None], before: bytes | None, after: bytes | None, worst: bool
) -> None:
    """The power goes at each act in turn: the blob is the old one or the new one, and acting again succeeds."""
    for number in range(1000):
        for seed in range(1 if worst else 8):
            power = _before(tmp_path / f"{number}-{seed}", before)
            store = power.open()
            power.lose_power_at(number)
            finished = False
            try:
                act(store)
                finished = True
            except PowerLost:
                pass
            power.cut(None if worst else random.Random(seed))
            revived = power.open()
            assert revived.get_or_none(KEY) in (before, after), f"torn at act {number}"
            if revived.get_or_none(KEY) == before or act is not put_stream:
                act(revived)
            assert revived.get_or_none(KEY) == after
        if finished:
            return
    raise AssertionError("the act never ends")


def test_a_store_that_forgot_to_sync_is_found_out(tmp_path: Path) -> None:
    """The rig itself can fail: without syncing, the finished write is lost."""

    class Careless(PowerCut):
        def sync_folder(self, path: Path) -> None:
            """Do nothing."""

    power = Careless(tmp_path / "blobs")
    power.open().put(KEY, NEW)
    power.cut()
    assert power.open().get_or_none(KEY) is None


def test_drafts_of_a_killed_process_are_swept(tmp_path: Path) -> None:
    """What a dead process left is removed once it is old, and never shows as a blob."""
    power = _before(tmp_path / "blobs", OLD)
    store = power.open()
    power.lose_power_at(2)
    with pytest.raises(PowerLost):
        store.put("other", NEW)
    store = power.open()
    assert list(store.list()) == [KEY]
    assert store.sweep(older_than_s=3600) == 0
    assert store.sweep(older_than_s=-1) == 1
    assert list((tmp_path / "blobs" / ".drafts").iterdir()) == []
    assert store.get(KEY) == OLD
