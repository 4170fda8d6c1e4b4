"""Choosing a store, a folder's own faults, and the rigs that play faults."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.rigs.stores import Fault, FaultyBlobs, Killed, MemoryBlobs
from wearemany.adapters.blob_folder import Disk
from wearemany.adapters.blobs import BucketBlobs, FolderBlobs, open_store
from wearemany.errors import Broken, Refused, TryAgain


def _options(tmp_path: Path, storage: str) -> dict[str, object]:
    return {
        "DATA": tmp_path,
        "STORAGE": storage,
        "S3_ENDPOINT": "http://127.0.0.1:9",
        "S3_REGION": "us-east-1",
        "S3_KEY_ID": "k",
        "S3_SECRET": "s",
    }


def test_the_default_store_is_a_folder_in_the_data_folder(tmp_path: Path) -> None:
    """Without an address blobs live below DATA, readable by the owner only."""
    store = open_store(_options(tmp_path, ""))
    assert isinstance(store, FolderBlobs)
    store.put("a/b", b"x")
    for path in (tmp_path / "blobs").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
    assert (tmp_path / "blobs" / "a" / "b").read_bytes() == b"x"


def test_an_address_chooses_a_bucket_and_nonsense_is_refused(tmp_path: Path) -> None:
    """`s3://` means a bucket; a misspelt address stops the program."""
    assert isinstance(open_store(_options(tmp_path, "s3://bucket/some/prefix")), BucketBlobs)
    for address in ("s3:/bucket", "bucket", "https://example.org/bucket", "s3://"):
        with pytest.raises(Refused) as caught:
            open_store(_options(tmp_path, address))
        assert caught.value.code == "storage-address"


class FullDisk(Disk):
    """A disk that takes ten bytes."""

    def write(self, handle: int, content: bytes) -> None:
        os.write(handle, content[:10])
        raise OSError(errno.ENOSPC, "No space left on device")


class DyingDisk(Disk):
    """A disk whose syncs fail: the content may or may not be there."""

    def sync(self, handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")


async def _stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize(
    ("disk", "expected", "code"),
    [(FullDisk(), TryAgain, "storage-full"), (DyingDisk(), Broken, "storage-broken")],
    ids=["full", "dying"],
)
def test_a_disk_that_fails_leaves_the_old_and_no_rubbish(
    tmp_path: Path, disk: Disk, expected: type[Exception], code: str
) -> None:
    """Whatever the disk does, the error is ours, the old blob stays and no draft is left."""
    FolderBlobs(tmp_path).put("key", b"old")
    store = FolderBlobs(tmp_path, disk=disk)
    for act in (
        lambda: store.put("key", b"new" * 100),
        lambda: store.put_new("other", b"new" * 100),
        lambda: asyncio.run(store.put_stream("third", _stream(b"new", b"new"))),
    ):
        with pytest.raises(expected) as caught:
            act()
        assert getattr(caught.value, "code", None) == code
    assert list(store.list()) == ["key"]
    assert store.get("key") == b"old"
    assert list((tmp_path / ".drafts").iterdir()) == []


@pytest.mark.parametrize("fault", list(Fault))
def test_the_faulty_store_does_what_it_says(fault: Fault) -> None:
    """Each fault raises its error, once, with or without the deed done."""
    store = FaultyBlobs(MemoryBlobs())
    store.put("first", b"1")
    store.fail(1, fault)
    assert store.get("first") == b"1"
    killed = fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
    with pytest.raises(Killed if killed else TryAgain):
        store.put("second", b"2")
    assert store.exists("second") == (fault in (Fault.HAD_HAPPENED, Fault.KILLED_AFTER))
    assert store.operations == [("put", "first"), ("get", "first"), ("put", "second"), ("exists", "second")]


def test_the_faulty_store_accuses_whoever_changes_the_immutable() -> None:
    """Tiles may be written again, never otherwise, not even after a delete."""
    store = FaultyBlobs(MemoryBlobs(), immutable=lambda key: key.startswith("tile/"))
    store.put("tile/0/000", b"x")
    store.put("tile/0/000", b"x")
    store.put("checkpoint", b"1")
    store.put("checkpoint", b"2")
    with pytest.raises(AssertionError, match="tile/0/000"):
        store.replace("tile/0/000", b"y")
    store.delete("tile/0/000")
    with pytest.raises(AssertionError, match="tile/0/000"):
        store.put_new("tile/0/000", b"y")
