"""Blobs as files in a folder: the default store of a single machine.

Plain file calls instead of obstore's local store, which does not sync and shows a name before its content is
safe. Every write goes draft -> sync -> name -> sync of the folder:

    1. all bytes into `.drafts/<random>`, fsync            crash: a draft is left, `sweep` removes it
    2. link (new) or rename (replace) to the final name    crash: old, new or nothing; never half
       and date the file by its day                        a second would tell when somebody posted
    3. fsync the folder that holds the name                only now does the call return

`.drafts` is inside the store's folder, since names move within one file system only. File names are the keys,
files are 0600. Hard links are needed (ext4, xfs, btrfs, zfs, apfs have them; FAT has not).
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wearemany.adapters import ballast, clock
from wearemany.adapters.blob_contract import Absent, BlobStore, checked, key_taken
from wearemany.adapters.clock import day_start_s
from wearemany.errors import N_, Broken, TryAgain

_DRAFTS = ".drafts"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_KNOWN_FOLDERS_MAX = 4096


class Disk:
    """The file acts that a power cut can undo, one method each, so that a test can undo them."""

    def open_new(self, path: Path) -> int:
        """Create a file that must not exist and return its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, handle: int, content: bytes) -> None:
        """Append all of `content`."""
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]

    def sync(self, handle: int) -> None:
        """Return when the file's content would survive a power cut."""
        os.fsync(handle)

    def date(self, handle: int, moment_s: float) -> None:
        """Say when the file was read and changed last."""
        os.utime(handle, (moment_s, moment_s))

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name; raises FileExistsError when the name is taken."""
        os.link(source, target)

    def rename(self, source: Path, target: Path) -> None:
        """Move a name over another one, atomically."""
        os.replace(source, target)

    def remove(self, path: Path) -> None:
        """Take a name away."""
        os.unlink(path)

    def make_folder(self, path: Path) -> None:
        """Create one folder; nothing happens when it exists."""
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)

    def sync_folder(self, path: Path) -> None:
        """Return when the names in a folder would survive a power cut."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class FolderBlobs(BlobStore):
    """A folder as a blob store. Several processes may share the folder; the folder is made when missing."""

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        self.folder = folder.resolve()
        self._disk = disk or Disk()
        self._known: set[Path] = set()
        with _told("opening"):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self._disk.make_folder(self.folder)
            self._disk.sync_folder(self.folder.parent)
            self._keep_folder(self.folder / _DRAFTS)

    def put(self, key: str, content: bytes) -> None:
        """Write the blob whole, replacing what was there."""
        path = self._path(key)
        with _told(key), self._draft() as draft:
            draft.write(content)
            draft.keep(path, replacing=True)

    def put_new(self, key: str, content: bytes) -> bool:
        """Write the blob unless there is one; True when this call wrote it, False when one exists."""
        path = self._path(key)
        with _told(key), self._draft() as draft:
            draft.write(content)
            return draft.keep(path, replacing=False)

    def get(self, key: str) -> bytes:
        """Return the blob's bytes; raises Absent."""
        path = self._path(key)
        with _told(key):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise Absent(key) from None

    def delete(self, key: str) -> None:
        """Remove the blob; nothing happens when there is none."""
        path = self._path(key)
        with _told(key), suppress(FileNotFoundError, NotADirectoryError):
            self._disk.remove(path)
            self._disk.sync_folder(path.parent)

    def list(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys below the folder `prefix` (all when empty), in no promised order."""
        top = self._path(prefix) if prefix else self.folder
        for folder, inner, names in os.walk(top):
            inner[:] = [name for name in inner if not name.startswith(".")]
            for name in names:
                yield (Path(folder) / name).relative_to(self.folder).as_posix()

    def exists(self, key: str) -> bool:
        """Say whether there is a blob under this key."""
        return self._path(key).is_file()

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Write a blob while it arrives; see the contract. Disk work runs in threads, not in the loop."""
        path = self._path(key)
        size_bytes = 0
        with _told(key):
            draft = self._draft()
        try:
            async for chunk in chunks:
                if chunk:
                    # `_told` wraps the disk only: a lost line raises OSError too, and that one is not ours.
                    with _told(key):
                        await asyncio.to_thread(draft.write, chunk)
                    size_bytes += len(chunk)
            with _told(key):
                kept = await asyncio.to_thread(draft.keep, path, replacing=False)
            if not kept:
                raise key_taken(key)
        except BaseException:
            # Cancelled, perhaps while a thread is still writing or has just given the name: `undo` waits for
            # that thread. Shielded, because a second cancel must not leave the draft behind.
            await asyncio.shield(asyncio.to_thread(draft.undo))
            raise
        await asyncio.to_thread(draft.close)
        return size_bytes

    def sweep(self, *, older_than_s: float) -> int:
        """Remove drafts that a killed process left; return how many. Younger ones may still be written."""
        horizon = clock.now().timestamp() - older_than_s
        swept = 0
        with _told("sweeping"):
            for entry in os.scandir(self.folder / _DRAFTS):
                with suppress(FileNotFoundError):
                    if entry.stat().st_mtime < horizon:
                        self._disk.remove(Path(entry.path))
                        swept += 1
        return swept

    def _path(self, key: str) -> Path:
        return self.folder / checked(key)

    def _draft(self) -> _Draft:
        if ballast.is_given_up(self.folder.parent):
            # What little room there is was given up for those who take something away.
            raise OSError(errno.ENOSPC, "the ballast is given up")
        path = self.folder / _DRAFTS / clock.random_bytes(16).hex()
        return _Draft(path, disk=self._disk, keep_folder=self._keep_folder)

    def _keep_folder(self, folder: Path) -> None:
        # A folder that is there may have been made by another process a moment ago and be unsynced, so the
        # first use of each folder syncs its parent, found or made.
        if folder in self._known or folder == self.folder:
            return
        self._keep_folder(folder.parent)
        self._disk.make_folder(folder)
        self._disk.sync_folder(folder.parent)
        if len(self._known) >= _KNOWN_FOLDERS_MAX:
            self._known.clear()
        self._known.add(folder)


class _Draft:
    """A file being written; leaves no trace unless `keep` was reached. Safe to `undo` from another thread."""

    def __init__(self, path: Path, *, disk: Disk, keep_folder: Callable[[Path], None]) -> None:
        self._path = path
        self._disk = disk
        self._keep_folder = keep_folder
        self._lock = threading.Lock()
        self._kept: Path | None = None
        self._handle = disk.open_new(path)
        self._open = True

    def __enter__(self) -> _Draft:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, content: bytes) -> None:
        with self._lock:
            # After `undo` the descriptor may already belong to another file.
            if self._open:
                self._disk.write(self._handle, content)

    def keep(self, path: Path, *, replacing: bool) -> bool:
        """Sync the content, give it its name, sync the name; False when the name was taken."""
        with self._lock:
            if not self._open:
                return False
            self._keep_folder(path.parent)
            self._disk.sync(self._handle)
            taken = False
            if replacing:
                self._disk.rename(self._path, path)
            else:
                try:
                    self._disk.link(self._path, path)
                    self._kept = path
                except FileExistsError:
                    taken = True
            # Not earlier: `sweep` knows by its date how old a draft is.
            self._disk.date(self._handle, day_start_s(clock.now()))
            # Also when taken: whoever is told "it exists" may rely on it after a power cut.
            self._disk.sync_folder(path.parent)
            return not taken

    def undo(self) -> None:
        """Remove the draft, and the name if `keep` gave it one just before."""
        self.close()
        if self._kept is not None:
            with suppress(FileNotFoundError):
                self._disk.remove(self._kept)
                self._disk.sync_folder(self._kept.parent)

    def close(self) -> None:
        with self._lock:
            if not self._open:
                return
            self._open = False
            os.close(self._handle)
            with suppress(FileNotFoundError):
                self._disk.remove(self._path)


@contextmanager
def _told(key: str) -> Iterator[None]:
    """Turn the operating system's errors into ours."""
    try:
        yield
    except OSError as cause:
        if cause.errno in _FULL:
            raise TryAgain(
                "storage-full",
                N_("There is no room to store this right now. Please try again later."),
                cause=f"{key}: {cause}",
            ) from cause
        raise Broken(
            "storage-broken",
            N_("The server's storage does not work right now. Please try again later."),
            cause=f"{key}: {cause}",
        ) from cause
