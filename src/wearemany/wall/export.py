"""A copy of a log's public files in a folder: for a mirror, an archive, or a recount far from the server."""

from __future__ import annotations

import os
from pathlib import Path

from wearemany.campaigns.models import Campaign
from wearemany.wall.audit import CHECKPOINT_PATH, reading_order
from wearemany.wall.log import public_log
from wearemany.wall.recount import KEY_PATH


def log_export(campaign: Campaign, *, folder: Path) -> int:
    """Write what the public checkpoint covers, the checkpoint last, and return how many files that were.

    Repeating it brings a copy up to date; at no moment does the folder hold a checkpoint without its tiles.
    """
    log = public_log(campaign)
    published = log.published()
    if published is None:
        return 0
    note = log.read(CHECKPOINT_PATH)
    paths = [tile.path for tile in reading_order(published.size)]
    for path in (*paths, KEY_PATH):
        _write(folder / path, log.read(path))
    _write(folder / CHECKPOINT_PATH, note)
    return len(paths) + 2


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    os.replace(draft, path)
