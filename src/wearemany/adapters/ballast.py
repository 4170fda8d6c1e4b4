"""Room kept for taking away: a file in the data folder that is given up when the disk is full.

Even deleting needs a few pages of room in a database. Given up, the file is there but empty: no new file is needed to
say so, and while it says so the blob store takes nothing in, so that the room is not eaten by what arrives meanwhile.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

NAME = "ballast"
SIZE_BYTES = 4 << 20
LAID_FROM_FREE_BYTES = 3 * SIZE_BYTES
"""The file is only written where so much is free: it must not be what fills a disk."""
_PIECE_BYTES = 1 << 16


def lay(folder: Path) -> bool:
    """Write the file, or write it anew, where there is room enough; True when this call did.

    A disk that fills up meanwhile leaves it given up. Two processes at once write the same file.
    """
    path = folder / NAME
    if _size_bytes(path) == SIZE_BYTES or shutil.disk_usage(folder).free < LAID_FROM_FREE_BYTES:
        return False
    try:
        with path.open("wb", buffering=0) as file:
            for _ in range(SIZE_BYTES // _PIECE_BYTES):
                # Not zeros: a file system that packs or skips them would give back nothing.
                file.write(os.urandom(_PIECE_BYTES))
            os.fsync(file.fileno())
    except OSError:
        give_up(folder)
        return False
    return True


def give_up(folder: Path) -> bool:
    """Empty the file; True when that gave room back."""
    path = folder / NAME
    if not _size_bytes(path):
        return False
    with suppress(OSError):
        os.truncate(path, 0)
        return True
    return False


def is_given_up(folder: Path) -> bool:
    """Say whether the room was given up and is not there again yet; a folder without such a file has none to give."""
    return _size_bytes(folder / NAME) == 0


def _size_bytes(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
