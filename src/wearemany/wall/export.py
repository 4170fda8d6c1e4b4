"""A copy of a log's public files in a folder: for a mirror, an archive, or a recount far from the server."""

from __future__ import annotations

from pathlib import Path

from wearemany.campaigns.models import Campaign
from wearemany.wall.audit import CHECKPOINT_PATH, reading_order
from wearemany.wall.doors import doors_note
from wearemany.wall.doors_note import PATH as DOORS_PATH
from wearemany.wall.folder import write_file
from wearemany.wall.log import public_log
from wearemany.wall.recount import KEY_PATH
from wearemany.wall.recount_page import NOTE_PATH, PAGE_PATH, page_note, recount_page


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
        write_file(folder / path, log.read(path))
    write_file(folder / DOORS_PATH, doors_note(campaign.origin))
    write_file(folder / PAGE_PATH, recount_page().content)
    write_file(folder / NOTE_PATH, page_note(log.signer))
    write_file(folder / CHECKPOINT_PATH, note)
    return len(paths) + 5
