"""A log's public files beyond the log itself: a copy in a folder, and what the recovery key announces beside them."""

from __future__ import annotations

from pathlib import Path

from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, Refused
from wearemany.tlog.note import NoteError
from wearemany.wall.announced import announcement_read, recovery_key
from wearemany.wall.announcement import PATH as ANNOUNCEMENT_PATH
from wearemany.wall.announcement import Announcement, AnnouncementMalformed, open_announcement
from wearemany.wall.audit import CHECKPOINT_PATH, reading_order
from wearemany.wall.doors import doors_note
from wearemany.wall.doors_note import PATH as DOORS_PATH
from wearemany.wall.files import PublicLog
from wearemany.wall.folder import write_file
from wearemany.wall.log import public_log
from wearemany.wall.recounting.page import NOTE_PATH, PAGE_PATH, page_note, recount_page
from wearemany.wall.recounting.reading import KEY_PATH


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
    if announced := announcement_read(log.read, origin=campaign.origin).note:
        write_file(folder / ANNOUNCEMENT_PATH, announced)
    write_file(folder / PAGE_PATH, recount_page().content)
    write_file(folder / NOTE_PATH, page_note(log.signer))
    write_file(folder / CHECKPOINT_PATH, note)
    return len(paths) + 5


def announcement_publish(log: PublicLog, note: bytes) -> Announcement:
    """Put an announcement beside the log's files; Refused unless it is by the recovery key, and not an older one."""
    public_key = recovery_key(log.read)
    try:
        announced = open_announcement(note, origin=log.signer.name, public_key=public_key or b"")
    except (NoteError, AnnouncementMalformed, ValueError) as error:
        raise Refused(
            "announcement-other",
            N_("This is not an announcement of this log by its recovery key. Nothing was published."),
            cause=str(error),
        ) from error
    held = announcement_read(log.read, origin=log.signer.name).says
    if held is not None and held.day > announced.day:
        raise Refused("announcement-older", N_("A newer announcement is published already."))
    log.store.replace(f"{log.prefix}/{ANNOUNCEMENT_PATH}", note)
    return announced
