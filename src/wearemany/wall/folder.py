"""A folder of public files: each is written whole or not at all, so that a reader never meets half a file.

Its date is its day alone: what serves the folder may tell the date, and a second would tell when somebody posted.
"""

from __future__ import annotations

import os
from pathlib import Path

from wearemany.adapters import clock


def write_file(path: Path, content: bytes) -> None:
    """Put a file in place at once, over an earlier one; its folder is made when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    day_s = clock.day_start_s(clock.now())
    os.utime(draft, (day_s, day_s))
    os.replace(draft, path)
