"""Whether a folder is the one that it was: a copy that came back from a backup has other file numbers than the first.

The mark is a small file that holds its own number in the file system. Copied, packed or synchronised it gets another
number and gives itself away; a snapshot of a whole disk keeps it and does not.
"""

from __future__ import annotations

import os
from pathlib import Path

_MARK = "here"


def is_copy(folder: Path) -> bool:
    """Tell whether the folder was marked in another place; one without a mark is no copy."""
    try:
        return (folder / _MARK).read_text("ascii").strip() != _number(folder / _MARK)
    except FileNotFoundError:
        return False


def mark(folder: Path) -> None:
    """Mark the folder as the one it is now."""
    path = folder / _MARK
    path.touch(mode=0o600)
    # Written in place: a new file would have a new number.
    with path.open("r+", encoding="ascii") as file:
        file.truncate()
        file.write(_number(path) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _number(path: Path) -> str:
    return str(path.stat().st_ino)
