"""The stores that the storage contract is held against; each test starts with an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rigs.stores import MemoryBlobs
from tests.rigs.swift import SwiftServer, fresh_bucket, swift_server
from wearemany.adapters.blobs import BlobStore, BucketBlobs, FolderBlobs


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwiftServer]:
    """A real OpenStack Swift that speaks S3, for the whole session."""
    with swift_server(tmp_path_factory.mktemp("swift")) as server:
        yield server


@pytest.fixture(params=["memory", "folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """One empty store of each kind."""
    if request.param == "memory":
        return MemoryBlobs()
    if request.param == "folder":
        return FolderBlobs(tmp_path / "blobs")
    server: SwiftServer = request.getfixturevalue("swift")
    return BucketBlobs(fresh_bucket(server))
