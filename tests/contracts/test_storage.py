"""The storage contract, held against every store there is: memory, a folder, a bucket of a real S3 server."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.rigs.stores import MemoryBlobs
from tests.rigs.swift import SwiftServer, bucket_versioned, fresh_bucket
from wearemany.adapters.blobs import Absent, BlobStore, BucketBlobs, breaches, fresh_key, put_immutable
from wearemany.errors import Broken, TryAgain

KEY = "tile/0/x001/067.p/12"
MEGABYTE = 1024 * 1024
PART_BYTES = 5 * MEGABYTE


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield chunks with a breath between, as a line does."""
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


@pytest.mark.parametrize("content", [b"", b"red", bytes(range(256)) * 1000], ids=["empty", "short", "256k"])
def test_what_was_put_is_what_is_got(store: BlobStore, content: bytes) -> None:
    """A blob returns byte for byte, to synchronous and asynchronous readers."""
    store.put(KEY, content)
    assert store.get(KEY) == content
    assert store.get_or_none(KEY) == content
    assert asyncio.run(store.get_async(KEY)) == content
    assert asyncio.run(store.get_or_none_async(KEY)) == content
    assert store.exists(KEY)


def test_absence_is_said_in_one_way(store: BlobStore) -> None:
    """A missing blob raises Absent, or is None, and a folder of blobs is not itself a blob."""
    store.put(KEY, b"red")
    for key in ("tile/0/x001/068", "nothing", "tile/0", f"{KEY}x"):
        with pytest.raises(Absent):
            store.get(key)
        with pytest.raises(Absent):
            asyncio.run(store.get_async(key))
        assert store.get_or_none(key) is None
        assert asyncio.run(store.get_or_none_async(key)) is None
        assert not store.exists(key)


def test_put_and_replace_leave_the_last_content(store: BlobStore) -> None:
    """Writing over a blob gives the new one whole, shorter or longer."""
    for act, content in [(store.put, b"first"), (store.replace, b"2"), (store.put, b"the third one")]:
        act("checkpoint", content)
        assert store.get("checkpoint") == content


def test_put_new_writes_once(store: BlobStore) -> None:
    """The first writer wins, the second is told so, and the blob stays."""
    assert store.put_new(KEY, b"first") is True
    assert store.put_new(KEY, b"second") is False
    assert store.get(KEY) == b"first"
    store.delete(KEY)
    assert store.put_new(KEY, b"third") is True


def test_one_of_many_writers_wins(store: BlobStore) -> None:
    """Of writers at the same moment one wins whole, and it was told so; on a folder nobody else was."""
    contents = [f"writer {number}".encode() * 100 for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        won = list(threads.map(lambda content: store.put_new(KEY, content), contents))
    # S3 servers that look before they write (Swift is one) may tell several; see the contract.
    assert won.count(True) == 1 or (isinstance(store, BucketBlobs) and any(won))
    assert store.get(KEY) in [content for content, told in zip(contents, won, strict=True) if told]
    assert store.put_new(KEY, b"late") is False


def test_an_immutable_blob_may_be_repeated_but_not_changed(store: BlobStore) -> None:
    """The same bytes again are nothing; other bytes are an alarm, and nothing is written."""
    put_immutable(store, KEY, b"tile")
    put_immutable(store, KEY, b"tile")
    with pytest.raises(Broken) as caught:
        put_immutable(store, KEY, b"elit")
    assert caught.value.code == "immutable-changed"
    assert store.get(KEY) == b"tile"


def test_delete_may_be_repeated(store: BlobStore) -> None:
    """Deleting removes the blob; deleting nothing is nothing."""
    store.put(KEY, b"red")
    store.delete(KEY)
    store.delete(KEY)
    store.delete("never/there")
    assert store.get_or_none(KEY) is None
    store.put(KEY, b"again")
    asyncio.run(store.delete_async(KEY))
    asyncio.run(store.delete_async(KEY))
    assert not store.exists(KEY)
    assert list(store.list()) == []


def test_list_yields_the_keys_below_a_folder(store: BlobStore) -> None:
    """A prefix is a folder, not the beginning of a name; empty means everything."""
    keys = {"checkpoint", "tile/0/000", "tile/0/001.p/3", "tile/1/000", "tilework/x"}
    for key in keys:
        store.put(key, b"")
    assert set(store.list()) == keys
    assert set(store.list("tile")) == {key for key in keys if key.startswith("tile/")}
    assert set(store.list("tile/0")) == {"tile/0/000", "tile/0/001.p/3"}
    assert list(store.list("nowhere")) == []


@pytest.mark.parametrize(
    "key",
    ["", "/", "a//b", "/a", "a/", "..", "../a", "a/../b", ".drafts/x", "a/.hidden", "a b", "ключ", "a\n"],
)
def test_what_is_not_a_key_is_refused_everywhere(store: BlobStore, key: str) -> None:
    """No odd or climbing key reaches the disk or the bucket."""
    for act in (store.get, store.delete, store.exists):
        with pytest.raises(ValueError):
            act(key)
    for write in (store.put, store.put_new):
        with pytest.raises(ValueError):
            write(key, b"")
    with pytest.raises(ValueError):
        asyncio.run(store.put_stream(key, stream(b"x")))


def test_fresh_keys_are_keys_and_never_alike(store: BlobStore) -> None:
    """A fresh key can be written at once, below its folder."""
    first, second = fresh_key("uploads"), fresh_key("uploads")
    assert first != second
    assert store.put_new(first, b"x")
    assert list(store.list("uploads")) == [first]


@pytest.mark.parametrize(
    "chunks",
    [
        [],
        [b"", b""],
        [b"one", b"", b"two"],
        [b"r" * MEGABYTE] * 5,
        [b"r" * MEGABYTE, b"e" * 100_001] * 9,
    ],
    ids=["nothing", "empty chunks", "small", "exactly one part", "three parts"],
)
def test_a_stream_is_stored_whole(store: BlobStore, chunks: list[bytes]) -> None:
    """However a blob arrives, its size is returned and its bytes are there."""
    content = b"".join(chunks)
    assert asyncio.run(store.put_stream(KEY, stream(*chunks))) == len(content)
    assert hashlib.sha256(store.get(KEY)).digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize("size", [3, PART_BYTES + 3], ids=["small", "in parts"])
def test_a_stream_does_not_write_over_a_blob(store: BlobStore, size: int) -> None:
    """A stream wants a fresh key; what has the key stays."""
    store.put(KEY, b"mine")
    with pytest.raises(Broken) as caught:
        asyncio.run(store.put_stream(KEY, stream(b"x" * size)))
    assert caught.value.code == "blob-key-taken"
    assert store.get(KEY) == b"mine"


class LineLost(OSError):
    """The supporter's connection broke."""


@pytest.mark.parametrize("size", [3, PART_BYTES + 3, 3 * PART_BYTES], ids=["small", "in parts", "large"])
def test_a_stream_that_breaks_leaves_nothing(store: BlobStore, size: int) -> None:
    """The sender's own error comes out, and no blob is there."""

    async def broken() -> AsyncIterator[bytes]:
        for start in range(0, size, MEGABYTE):
            yield b"x" * min(MEGABYTE, size - start)
        raise LineLost

    with pytest.raises(LineLost):
        asyncio.run(store.put_stream(KEY, broken()))
    assert store.get_or_none(KEY) is None
    assert list(store.list()) == []


@pytest.mark.parametrize("size", [3, PART_BYTES + 3], ids=["small", "in parts"])
def test_a_cancelled_stream_leaves_nothing(store: BlobStore, size: int) -> None:
    """A deadline that strikes in mid-stream ends it for good."""

    async def stalling() -> AsyncIterator[bytes]:
        yield b"x" * size
        await asyncio.sleep(60)

    async def cut_short() -> None:
        async with asyncio.timeout(0.5):
            await store.put_stream(KEY, stalling())

    with pytest.raises(TimeoutError):
        asyncio.run(cut_short())
    assert store.get_or_none(KEY) is None
    assert list(store.list()) == []


def test_many_streams_at_once_do_not_mix(store: BlobStore) -> None:
    """Uploads that arrive interleaved are each stored whole."""

    async def all_at_once() -> None:
        await asyncio.gather(
            *(store.put_stream(f"up/{n}", stream(*[bytes([n]) * 1000] * 20)) for n in range(8))
        )

    asyncio.run(all_at_once())
    for number in range(8):
        assert store.get(f"up/{number}") == bytes([number]) * 20_000


def test_a_sound_store_shows_no_breach(store: BlobStore) -> None:
    """The doctor's trial finds nothing and leaves nothing."""
    assert breaches(store) == []
    assert list(store.list()) == []


def test_a_store_that_breaks_its_word_is_named() -> None:
    """A server that ignores conditions, or keeps what it should delete, is found by the doctor's trial."""

    class Careless(MemoryBlobs):
        def put_new(self, key: str, content: bytes) -> bool:
            self.put(key, content)
            return True

        def delete(self, key: str) -> None:
            """Keep it."""

    assert len(breaches(Careless())) == 2


def test_errors_have_one_tree() -> None:
    """Absent is never worth trying again, so a loop stops on it."""
    assert not issubclass(Absent, TryAgain)


def test_a_bucket_that_keeps_old_versions_is_told(swift: SwiftServer) -> None:
    """Nothing would ever be erased there: the doctor's look says so, and a server does not begin on it."""
    bucket = BucketBlobs(fresh_bucket(swift))
    assert breaches(bucket) == []
    bucket_versioned(swift, status="Enabled")
    try:
        assert bucket.keeps_versions()
        assert any("old versions" in line for line in breaches(bucket))
    finally:
        bucket_versioned(swift, status="Suspended")
    assert not bucket.keeps_versions()
