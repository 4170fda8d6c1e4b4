"""The way in to blob storage: one contract, two stores, and the choice between them.

The promises are written in `blob_contract`; the stores are `blob_folder` and `blob_bucket`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from wearemany.adapters.blob_bucket import BucketBlobs, BucketSpec
from wearemany.adapters.blob_contract import Absent, BlobStore, breaches, fresh_key, put_immutable
from wearemany.adapters.blob_folder import FolderBlobs
from wearemany.errors import N_, Refused

__all__ = [
    "Absent",
    "BlobStore",
    "BucketBlobs",
    "BucketSpec",
    "FolderBlobs",
    "breaches",
    "fresh_key",
    "open_store",
    "put_immutable",
]


def open_store(options: Mapping[str, object]) -> BlobStore:
    """Return the store that the options name: a bucket when STORAGE is `s3://BUCKET/PREFIX`, else a folder.

    An empty STORAGE means `blobs` in the DATA folder. Raises Refused `storage-address` for anything else.
    """
    address = str(options["STORAGE"])
    if not address:
        return FolderBlobs(cast(Path, options["DATA"]) / "blobs")
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.netloc:
        raise Refused(
            "storage-address",
            N_("The storage address is not understood. Write s3://BUCKET, or leave it empty for a folder."),
            cause=address,
        )
    return BucketBlobs(
        BucketSpec(
            bucket=parts.netloc,
            prefix=parts.path.strip("/"),
            endpoint=str(options["S3_ENDPOINT"]),
            region=str(options["S3_REGION"]),
            key_id=str(options["S3_KEY_ID"]),
            secret=str(options["S3_SECRET"]),
        )
    )
