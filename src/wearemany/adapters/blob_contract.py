"""What a blob store promises, in words and types; every store passes tests/contracts/test_storage.py.

A blob is bytes under a key. Keys are ASCII paths (`tile/0/x001/067.p/12`); no key is the folder of another.
A store knows nothing of what it keeps: personal blobs come sealed (`sealed`), and erasure destroys their keys
before it deletes them.

Durable when?  When a writing call returns. Content is synced before its name appears, so a power cut leaves
               the old content, the new one or nothing, never half of it.
Concurrent?    Yes: threads, processes and nodes. Of two `put` the last one wins whole. Of two `put_new` in the
               same moment one wins whole; on a folder, and on S3 servers that check and write in one step, only
               the winner is told True, on others (Swift) both may be. So it guards against mistakes and is no
               lock: whoever must exclude others does that in the database.
Who retries?   The caller. (S3 repeats lost requests by itself for a few seconds.) TryAgain (`storage-full`,
               `storage-unreachable`) means: nothing, or all of it, was written.
Absent?        `Absent` and only that; every other error says nothing about whether the blob is there.
Twice?         `put`, `replace` and `delete` may be repeated. `put_new` may say False although the
               first attempt was the one that wrote: whoever must know compares, as `put_immutable` does.
Seen when?     By everybody, as soon as the writing call returns. `list` may miss what is written meanwhile.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator

from wearemany.adapters import clock
from wearemany.errors import N_, Broken
from wearemany.ids import ID_BYTES, opaque

KEY_MAX_CHARACTERS = 512
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")


class Absent(Broken):
    """There is no blob under this key; the one error that says so."""

    def __init__(self, key: str) -> None:
        super().__init__("blob-absent", N_("A stored file is no longer there."), cause=f"no blob {key}")
        self.key = key


class BlobStore(ABC):
    """The contract of this module. Async methods are for the front's event loop; they never block it."""

    @abstractmethod
    def put(self, key: str, content: bytes) -> None:
        """Write the blob whole, replacing what was there."""

    @abstractmethod
    def put_new(self, key: str, content: bytes) -> bool:
        """Write the blob unless there is one; True when this call wrote it, False when one exists."""

    @abstractmethod
    def get(self, key: str) -> bytes:
        """Return the blob's bytes; raises Absent."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the blob; nothing happens when there is none."""

    @abstractmethod
    def list(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys below the folder `prefix` (all when empty), in no promised order."""

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Say whether there is a blob under this key."""

    @abstractmethod
    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Write a blob while it arrives, under a fresh key; return its size in bytes.

        Durable at return. When the iterator raises, or the task is cancelled, the error passes on and no blob
        is there. Raises Broken `blob-key-taken` when the key is not fresh; what was there stays.
        """

    def keeps_versions(self) -> bool:
        """Tell whether what is deleted stays behind as an old version; tries it on a blob of its own."""
        return False

    def replace(self, key: str, content: bytes) -> None:
        """Write over a blob that changes on purpose (a checkpoint); the same act as `put`, said aloud."""
        self.put(key, content)

    def get_or_none(self, key: str) -> bytes | None:
        """Return the blob's bytes, or None when there is none."""
        try:
            return self.get(key)
        except Absent:
            return None

    async def get_async(self, key: str) -> bytes:
        """Return the blob's bytes; raises Absent."""
        return await asyncio.to_thread(self.get, key)

    async def get_or_none_async(self, key: str) -> bytes | None:
        """Return the blob's bytes, or None when there is none."""
        try:
            return await self.get_async(key)
        except Absent:
            return None

    async def delete_async(self, key: str) -> None:
        """Remove the blob; nothing happens when there is none."""
        await asyncio.to_thread(self.delete, key)


def put_immutable(store: BlobStore, key: str, content: bytes) -> None:
    """Write a blob that must never change; repeating it with the same bytes is nothing.

    Raises Broken `immutable-changed` when other bytes are there already: they stay, and somebody has to look.
    """
    if store.put_new(key, content):
        return
    if store.get(key) != content:
        raise Broken(
            "immutable-changed",
            N_("A published file would have changed, so nothing was written. Run `wearemany doctor`."),
            cause=f"other bytes under {key}",
        )


def breaches(store: BlobStore) -> list[str]:
    """Try the promises that a set-up can break, on one test blob; return a line for each broken one.

    For the doctor. Errors of the store pass on: they already say what is wrong.
    """
    key, content = fresh_key("doctor"), clock.random_bytes(64)
    wrong = []
    if not store.put_new(key, content) or store.get_or_none(key) != content:
        wrong.append("it does not keep what it is given")
    if store.put_new(key, b"other"):
        wrong.append("it lets a published file be written over (it ignores If-None-Match)")
    store.delete(key)
    if store.exists(key):
        wrong.append("it does not delete")
    if store.keeps_versions():
        wrong.append(
            "it keeps old versions, so nothing is ever erased: switch versioning off, delete the old ones"
        )
    return wrong


def fresh_key(folder: str) -> str:
    """Return a key in `folder` that nobody has used or can guess."""
    return f"{folder}/{opaque(clock.random_bytes(ID_BYTES))}"


def checked(key: str) -> str:
    """Return the key when it is one; raises ValueError for `..`, hidden names, odd letters, great length."""
    if len(key) > KEY_MAX_CHARACTERS or not all(_SEGMENT.fullmatch(part) for part in key.split("/")):
        raise ValueError(f"not a blob's key: {key[:80]!r}")
    return key


def key_taken(key: str) -> Broken:
    """Return the error of a stream whose key was not fresh."""
    return Broken(
        "blob-key-taken",
        N_("The file could not be stored under a new name. Please try again."),
        cause=f"{key} is taken",
    )
