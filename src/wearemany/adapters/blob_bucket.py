"""Blobs in an S3 bucket, for servers of more than one machine; obstore speaks the protocol.

Put-if-absent is a conditional write (`If-None-Match: *`), which the server must honour (`breaches` tries
it). Streams beyond 5 MiB are multipart uploads: what a killed process left of one is invisible, and the
bucket's own life-cycle rule has to remove it after a day.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from wearemany.adapters.blob_contract import Absent, BlobStore, checked, fresh_key, key_taken
from wearemany.errors import N_, Broken, TryAgain

_PART_BYTES = 5 * 1024 * 1024
_PARTS_AT_ONCE = 2
_REPEATS = 3
_REPEAT_FOR = timedelta(seconds=10)


@dataclass(frozen=True)
class BucketSpec:
    """Where a bucket is and who we are there; an empty endpoint means Amazon's own."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    key_id: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


class BucketBlobs(BlobStore):
    """A bucket as a blob store. Nothing is asked of the network until the first call."""

    def __init__(self, spec: BucketSpec) -> None:
        self._store = S3Store(
            spec.bucket,
            prefix=spec.prefix or None,
            region=spec.region,
            access_key_id=spec.key_id or None,
            secret_access_key=spec.secret or None,
            endpoint=spec.endpoint or None,
            virtual_hosted_style_request=not spec.endpoint,
            client_options={
                "allow_http": spec.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(seconds=60),
            },
            retry_config={"max_retries": _REPEATS, "retry_timeout": _REPEAT_FOR},
        )

    def put(self, key: str, content: bytes) -> None:
        """Write the blob whole, replacing what was there."""
        with _told_writing(checked(key)):
            obstore.put(self._store, key, content, use_multipart=False)

    def put_new(self, key: str, content: bytes) -> bool:
        """Write the blob unless there is one; True when this call wrote it, False when one exists."""
        with _told_writing(checked(key)):
            try:
                obstore.put(self._store, key, content, mode="create")
            except (AlreadyExistsError, PreconditionError):
                return False
            return True

    def get(self, key: str) -> bytes:
        """Return the blob's bytes; raises Absent."""
        with _told(checked(key)):
            return bytes(obstore.get(self._store, key).bytes())

    def keeps_versions(self) -> bool:
        """Tell whether the bucket keeps old versions: then it gives each write a version of its own."""
        key = fresh_key("doctor")
        with _told_writing(key):
            written = obstore.put(self._store, key, b"a version?")
        self.delete(key)
        return written["version"] not in (None, "", "null")

    def delete(self, key: str) -> None:
        """Remove the blob; nothing happens when there is none."""
        with _told(checked(key)), suppress(FileNotFoundError):
            obstore.delete(self._store, key)

    def list(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys below the folder `prefix` (all when empty), in no promised order."""
        with _told(prefix or "the bucket"):
            for page in obstore.list(self._store, checked(prefix) if prefix else None):
                for found in page:
                    yield found["path"]

    def exists(self, key: str) -> bool:
        """Say whether there is a blob under this key."""
        with _told(checked(key)):
            try:
                obstore.head(self._store, key)
            except FileNotFoundError:
                return False
            return True

    async def get_async(self, key: str) -> bytes:
        """Return the blob's bytes; raises Absent."""
        with _told(checked(key)):
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())

    async def delete_async(self, key: str) -> None:
        """Remove the blob; nothing happens when there is none."""
        with _told(checked(key)), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Write a blob while it arrives; see the contract. Holds at most three parts of 5 MiB."""
        checked(key)
        parts = _Parts(chunks)
        first = await parts.next()
        if parts.ended:
            # Small enough for one request, which can be conditional; most photos go this way.
            with _told_writing(key):
                try:
                    await obstore.put_async(self._store, key, first, mode="create")
                except (AlreadyExistsError, PreconditionError):
                    raise key_taken(key) from None
            return parts.size_bytes
        await self._put_parts(key, first=first, parts=parts)
        return parts.size_bytes

    async def _put_parts(self, key: str, *, first: bytes, parts: _Parts) -> None:
        # A multipart write cannot be conditional. Keys are fresh random names, so looking before is enough.
        with _told(key), suppress(FileNotFoundError):
            await obstore.head_async(self._store, key)
            raise key_taken(key)

        async def all_parts() -> AsyncIterator[bytes]:
            yield first
            while not parts.ended:
                yield await parts.next()

        try:
            with _told_writing(key):
                await obstore.put_async(
                    self._store,
                    key,
                    all_parts(),
                    use_multipart=True,
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
        except BaseException:
            if parts.failure is not None:
                raise parts.failure from None
            raise


class _Parts:
    """Gathers a stream into parts of exactly 5 MiB (the last one shorter), counting and remembering."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._held = bytearray()
        self.size_bytes = 0
        self.ended = False
        self.failure: BaseException | None = None

    async def next(self) -> bytes:
        try:
            while len(self._held) < _PART_BYTES:
                chunk = await anext(self._chunks)
                self._held += chunk
                self.size_bytes += len(chunk)
        except StopAsyncIteration:
            self.ended = True
        except BaseException as cause:
            # obstore reports a failing stream in its own words; the caller wants the real error.
            self.failure = cause
            raise
        part = bytes(self._held[:_PART_BYTES])
        del self._held[:_PART_BYTES]
        return part


@contextmanager
def _told(key: str) -> Iterator[None]:
    """Turn obstore's errors into ours."""
    try:
        yield
    except FileNotFoundError:
        raise Absent(key) from None
    except (PermissionDeniedError, UnauthenticatedError) as cause:
        raise Broken(
            "storage-not-permitted",
            N_("The server may not use its storage. Check the keys of the bucket."),
            cause=f"{key}: {cause}",
        ) from cause
    except (BaseError, OSError) as cause:
        raise TryAgain(
            "storage-unreachable",
            N_("The server's storage does not answer right now. Please try again in a moment."),
            cause=f"{key}: {cause}",
        ) from cause


@contextmanager
def _told_writing(key: str) -> Iterator[None]:
    """Turn obstore's errors into ours; when writing, only the bucket itself can be missing."""
    try:
        with _told(key):
            yield
    except Absent as cause:
        raise Broken(
            "storage-no-bucket",
            N_("The bucket named in the options does not exist. Create it, or correct the name."),
            cause=f"no bucket for {key}",
        ) from cause
