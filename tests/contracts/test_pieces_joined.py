"""A photo in pieces becomes one blob on every store: joining streams from the store into the store."""

from __future__ import annotations

import random

import pytest

from tests.rig import KEYS, House
from wearemany.adapters.blobs import BlobStore, fresh_key
from wearemany.adapters.received import ReceivedFile
from wearemany.adapters.sealed import open_sealed, seal
from wearemany.photos.models import Upload
from wearemany.photos.resumable import resumable_add, resumable_begin
from wearemany.photos.secrets import form_digest, upload_owner
from wearemany.photos.steps import blobs_doom_pending
from wearemany.worker.loop import run_until_idle

FORM = "f" * 26


@pytest.mark.database
def test_large_and_small_pieces_become_one_blob(db: None, house: House, store: BlobStore) -> None:
    """Also where one of them alone is more than a bucket takes in one request; the pieces are gone afterwards."""
    house.use(store)
    content = random.Random(3).randbytes(7_000_000)
    upload_id = resumable_begin(form_digest=form_digest(FORM), length_bytes=len(content)).id
    at = 0
    for size in (30_000, 6_000_000, 900_000, 70_000):
        key, blob = KEYS.new_key(), fresh_key("u")
        store.put(blob, seal(key, content[at : at + size]))
        received = ReceivedFile(field="piece", blob=blob, key=key, size_bytes=size)
        at = resumable_add(upload_id=upload_id, offset_bytes=at, received=received).offset_bytes
    row = Upload.objects.get(pk=upload_id)
    key = KEYS.unwrap(bytes(row.wrapped_key), owner=upload_owner(upload_id))
    assert open_sealed(key, store.get(row.blob)) == content
    run_until_idle((blobs_doom_pending,))
    assert list(store.list("u")) == [row.blob]
