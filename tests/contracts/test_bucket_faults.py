"""A bucket that does not answer or does not let us in: which error, and how soon."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.rigs.swift import SwiftServer, fresh_bucket
from wearemany.adapters.blobs import BucketBlobs, BucketSpec
from wearemany.errors import Broken, TryAgain


async def _one(content: bytes) -> AsyncIterator[bytes]:
    yield content


def test_a_dead_server_is_worth_trying_again() -> None:
    """Nobody listens: every operation says TryAgain within seconds, none says Absent."""
    store = BucketBlobs(BucketSpec(bucket="b", endpoint="http://127.0.0.1:9", key_id="k", secret="s"))
    started = time.monotonic()
    for act in (
        lambda: store.put("key", b"x"),
        lambda: store.put_new("key", b"x"),
        lambda: store.get_or_none("key"),
        lambda: store.exists("key"),
        lambda: store.delete("key"),
        lambda: list(store.list()),
        lambda: asyncio.run(store.get_or_none_async("key")),
        lambda: asyncio.run(store.put_stream("key", _one(b"x"))),
    ):
        with pytest.raises(TryAgain) as caught:
            act()
        assert caught.value.code == "storage-unreachable"
        assert "127.0.0.1" not in str(caught.value)
    assert time.monotonic() - started < 60


def test_a_wrong_secret_needs_a_person(swift: SwiftServer) -> None:
    """Being turned away is not worth repeating, and the secret is in no message."""
    store = BucketBlobs(replace(fresh_bucket(swift), secret="a-wrong-secret"))
    with pytest.raises(Broken) as caught:
        store.put("key", b"x")
    assert caught.value.code == "storage-not-permitted"
    assert "a-wrong-secret" not in caught.value.cause + str(caught.value)


def test_a_missing_bucket_is_not_an_absent_blob_when_writing(swift: SwiftServer) -> None:
    """Writing to a bucket that does not exist is a fault of the set-up."""
    store = BucketBlobs(replace(fresh_bucket(swift), bucket="no-such-bucket"))
    with pytest.raises(Broken) as caught:
        store.put("key", b"x")
    assert caught.value.code == "storage-no-bucket"


def test_corners_of_one_bucket_do_not_see_each_other(swift: SwiftServer) -> None:
    """A prefix is a wall: keys and lists of one never show in another."""
    first, second = BucketBlobs(fresh_bucket(swift)), BucketBlobs(fresh_bucket(swift))
    first.put("a/b", b"x")
    assert list(first.list()) == ["a/b"]
    assert list(second.list()) == []
    assert second.get_or_none("a/b") is None
