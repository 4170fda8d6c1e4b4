"""Blob stores that misbehave on a schedule: one that forgets, one that fails, one whose power is cut.

`MemoryBlobs` is the contract at its plainest. `FaultyBlobs` wraps any store and fails at chosen operations, before
or after they happened. `PowerCut` is a real folder whose unsynced writes can be dropped.
"""

from __future__ import annotations

import enum
import hashlib
import random
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from wearemany.adapters.blob_contract import Absent, BlobStore, checked, key_taken
from wearemany.adapters.blob_folder import Disk, FolderBlobs
from wearemany.errors import TryAgain


class MemoryBlobs(BlobStore):
    """A dictionary that keeps the contract; durable for as long as the test runs."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def put(self, key: str, content: bytes) -> None:
        with self._lock:
            self.blobs[checked(key)] = bytes(content)

    def put_new(self, key: str, content: bytes) -> bool:
        with self._lock:
            if checked(key) in self.blobs:
                return False
            self.blobs[key] = bytes(content)
            return True

    def get(self, key: str) -> bytes:
        with self._lock:
            if checked(key) not in self.blobs:
                raise Absent(key)
            return self.blobs[key]

    def delete(self, key: str) -> None:
        with self._lock:
            self.blobs.pop(checked(key), None)

    def list(self, prefix: str = "") -> Iterator[str]:
        start = f"{checked(prefix)}/" if prefix else ""
        with self._lock:
            found = [key for key in self.blobs if key.startswith(start)]
        yield from found

    def exists(self, key: str) -> bool:
        with self._lock:
            return checked(key) in self.blobs

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        checked(key)
        content = b"".join([chunk async for chunk in chunks])
        if not self.put_new(key, content):
            raise key_taken(key)
        return len(content)


class Fault(enum.Enum):
    """How an operation goes wrong."""

    FAILED = "it failed"
    HAD_HAPPENED = "it failed and had happened"
    KILLED_BEFORE = "the process was killed just before"
    KILLED_AFTER = "the process was killed just after"


class Killed(BaseException):
    """The process ends here. Not an Exception: no handler of the program may catch it and go on."""


class FaultyBlobs(BlobStore):
    """Passes every operation on to `inner`, counts it, and fails where it was told to.

    Operations are numbered from 0 in `operations`, as (name, key). A run without faults tells how many there
    are; then each number is tried with each fault. Keys for which `immutable` says yes may be written any
    number of times with the same bytes: other bytes raise AssertionError, also after a delete.
    """

    def __init__(self, inner: BlobStore, *, immutable: Callable[[str], bool] = lambda key: False) -> None:
        self.inner = inner
        self.operations: list[tuple[str, str]] = []
        self._immutable = immutable
        self._plan: dict[int, Fault] = {}
        self._digests: dict[str, bytes] = {}

    def fail(self, number: int, fault: Fault) -> None:
        """Let the operation `number` from now (0: the next one) go wrong once."""
        self._plan[len(self.operations) + number] = fault

    def put(self, key: str, content: bytes) -> None:
        with self._operation("put", key):
            self._accuse(key, content)
            self.inner.put(key, content)

    def put_new(self, key: str, content: bytes) -> bool:
        with self._operation("put_new", key):
            written = self.inner.put_new(key, content)
            if written:
                self._accuse(key, content)
            return written

    def replace(self, key: str, content: bytes) -> None:
        with self._operation("replace", key):
            self._accuse(key, content)
            self.inner.replace(key, content)

    def get(self, key: str) -> bytes:
        with self._operation("get", key):
            return self.inner.get(key)

    def delete(self, key: str) -> None:
        with self._operation("delete", key):
            self.inner.delete(key)

    def list(self, prefix: str = "") -> Iterator[str]:
        with self._operation("list", prefix):
            found = [*self.inner.list(prefix)]
        yield from found

    def exists(self, key: str) -> bool:
        with self._operation("exists", key):
            return self.inner.exists(key)

    def keeps_versions(self) -> bool:
        return self.inner.keeps_versions()

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        with self._operation("put_stream", key):
            return await self.inner.put_stream(key, chunks)

    @contextmanager
    def _operation(self, name: str, key: str) -> Iterator[None]:
        fault = self._plan.pop(len(self.operations), None)
        self.operations.append((name, key))
        if fault is Fault.FAILED:
            raise _unreachable(f"{name} {key} failed")
        if fault is Fault.KILLED_BEFORE:
            raise Killed(f"before {name} {key}")
        yield
        if fault is Fault.HAD_HAPPENED:
            raise _unreachable(f"{name} {key} failed and had happened")
        if fault is Fault.KILLED_AFTER:
            raise Killed(f"after {name} {key}")

    def _accuse(self, key: str, content: bytes) -> None:
        if self._immutable(key):
            digest = hashlib.sha256(content).digest()
            assert self._digests.setdefault(key, digest) == digest, f"the immutable blob {key} changed"


class PowerLost(BaseException):
    """The machine is dark. Raised by every further act of its disk until the power is back."""


@dataclass(eq=False)
class _Inode:
    """One file's bytes: what was written, and how much of it would survive."""

    written: bytearray = field(default_factory=bytearray)
    synced: bytes = b""


@dataclass(eq=False)
class _Folder:
    """Stands for a folder among the names."""


_Names = dict[Path, "_Inode | _Folder"]


class PowerCut(Disk):
    """A folder store on a disk that keeps for sure only what was synced.

    `open()` gives a FolderBlobs as after boot. `cut()` drops every unsynced byte and name (the worst case);
    `cut(random.Random(seed))` lets each of them survive or not by chance, which finds what the worst case
    hides. `lose_power_at(n)` stops everything at the n-th act from now; then `cut` and `open` again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.acts = 0
        self._dark_at: int | None = None
        self._names: _Names = {}
        self._durable: _Names = {}
        self._handles: dict[int, _Inode] = {}

    def open(self) -> FolderBlobs:
        """Return the store as a freshly started process sees it; the power is on."""
        self._dark_at = None
        return FolderBlobs(self.folder, disk=self)

    def lose_power_at(self, number: int) -> None:
        """Let the power go at the act `number` from now (0: the next one), which does not happen any more."""
        self._dark_at = self.acts + number

    def cut(self, chance: random.Random | None = None) -> None:
        """Make the folder what a power cut would leave; stores opened before must not be used again."""
        survivors: _Names = {}
        for path in sorted({*self._names, *self._durable}):
            now, then = self._names.get(path), self._durable.get(path)
            kept = then if now is then or chance is None else chance.choice([now, then])
            # A name inside a folder that did not survive is gone with it.
            if kept is not None and (path.parent in survivors or path == self.folder):
                survivors[path] = kept
        shutil.rmtree(self.folder, ignore_errors=True)
        for path, kept in survivors.items():
            if isinstance(kept, _Folder):
                path.mkdir()
                continue
            end = len(kept.synced)
            if chance is not None:
                end = chance.randint(end, len(kept.written))
            kept.synced = bytes(kept.written[:end])
            kept.written = bytearray(kept.synced)
            path.write_bytes(kept.synced)
        self._names, self._durable = dict(survivors), dict(survivors)

    def open_new(self, path: Path) -> int:
        self._act()
        handle = super().open_new(path)
        self._names[path] = self._handles[handle] = _Inode()
        return handle

    def write(self, handle: int, content: bytes) -> None:
        self._act()
        super().write(handle, content)
        self._handles[handle].written += content

    def sync(self, handle: int) -> None:
        self._act()
        self._handles[handle].synced = bytes(self._handles[handle].written)

    def link(self, source: Path, target: Path) -> None:
        self._act()
        super().link(source, target)
        self._names[target] = self._names[source]

    def rename(self, source: Path, target: Path) -> None:
        self._act()
        super().rename(source, target)
        self._names[target] = self._names.pop(source)

    def remove(self, path: Path) -> None:
        self._act()
        super().remove(path)
        del self._names[path]

    def make_folder(self, path: Path) -> None:
        self._act()
        super().make_folder(path)
        self._names.setdefault(path, _Folder())

    def sync_folder(self, path: Path) -> None:
        self._act()
        gone = [name for name in self._durable if name.parent == path and name not in self._names]
        for name in gone:
            del self._durable[name]
        self._durable.update({name: kept for name, kept in self._names.items() if name.parent == path})

    def _act(self) -> None:
        if self._dark_at is not None and self.acts >= self._dark_at:
            raise PowerLost
        self.acts += 1


def _unreachable(cause: str) -> TryAgain:
    return TryAgain("storage-unreachable", "The storage does not answer right now.", cause=cause)
