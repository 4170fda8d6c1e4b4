"""Where an announcement of the recovery key is found, and whom it is believed: the key in the log's own first entry.

Imports no Django. What an announcement says is `announcement`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from wearemany.tlog.checkpoint import CheckpointMalformed, parse_body
from wearemany.tlog.note import NoteError, parse
from wearemany.tlog.tiles import ENTRIES_LEVEL, FULL_WIDTH, BundleMalformed, Tile, unpack_bundle
from wearemany.wall.announcement import PATH, Announcement, AnnouncementMalformed, open_announcement
from wearemany.wall.audit import CHECKPOINT_PATH, Finding, Missing, Read, Recount, Shown
from wearemany.wall.entry import IllegalEntry, PhaseEntry, decode

NOT_BY_THE_KEY = "announcement-other"
NOT_KNOWN_HERE = "announcement-unknown"


@dataclass(frozen=True)
class Announced:
    """What stands as an announcement beside a log's files: what it says and its note, if the recovery key made it.

    `doubt` is why it is not believed: it is not by that key, or by it and in a form that is not known here.
    """

    says: Announcement | None = None
    note: bytes = b""
    doubt: str = ""


def announcement_read(read: Read, *, origin: str) -> Announced:
    """Return what the recovery key announced of a log: nothing, something, or what is not to be believed.

    The first entry is read from the files as they are: whoever recounts them besides knows whether they hold.
    """
    try:
        note = read(PATH)
    except Missing:
        return Announced()
    public_key = recovery_key(read)
    if public_key is None:
        return Announced(doubt=NOT_BY_THE_KEY)
    try:
        return Announced(open_announcement(note, origin=origin, public_key=public_key), note)
    except NoteError:
        return Announced(doubt=NOT_BY_THE_KEY)
    except AnnouncementMalformed:
        return Announced(doubt=NOT_KNOWN_HERE)


def recovery_key(read: Read) -> bytes | None:
    """Return the public half of the recovery key out of the log's first entry; None when it cannot be read."""
    try:
        size = parse_body(parse(read(CHECKPOINT_PATH)).text).size
        if not size:
            return None
        first = decode(_first_line(read, size))
    except (Missing, NoteError, CheckpointMalformed, BundleMalformed, IllegalEntry):
        return None
    return first.recovery if isinstance(first, PhaseEntry) else None


def vouched(announcement: Announcement | None) -> tuple[Shown, ...]:
    """Return the last moment to be believed, for a recount to compare with: not even its past may be rewritten."""
    if announcement is None or announcement.taken is None:
        return ()
    return (Shown(announcement.taken, "that the recovery key vouches for"),)


def heeded(result: Recount, announcement: Announcement | None) -> Recount:
    """Return the result with what an announcement makes of it: nothing signed after a theft is believed."""
    if announcement is None or announcement.taken is None or result.checkpoint is None:
        return result
    last = announcement.taken.size
    if result.checkpoint.size <= last:
        return result
    reason = f"by the recovery key, the signing key was taken: nothing after the first {last} entries is to be believed"
    return replace(result, findings=(*result.findings, Finding("key-taken", reason, PATH)))


def _first_line(read: Read, size: int) -> bytes:
    tile = Tile(ENTRIES_LEVEL, 0, min(size, FULL_WIDTH))
    try:
        return unpack_bundle(read(tile.path), width=tile.width)[0]
    except Missing:
        return unpack_bundle(read(Tile(ENTRIES_LEVEL, 0).path), width=FULL_WIDTH)[0]
