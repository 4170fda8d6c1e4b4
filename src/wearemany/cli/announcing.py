"""`wearemany key announce`: sign with the recovery key, on a machine that is not the server. Needs no server."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

from wearemany.adapters import clock
from wearemany.cli.command import Command, argument
from wearemany.errors import N_, Refused
from wearemany.tlog.checkpoint import Checkpoint, CheckpointMalformed, parse_body
from wearemany.tlog.note import NoteError, parse
from wearemany.wall.announcement import Announcement, AnnouncementMalformed, sign_announcement


def announce(chosen: argparse.Namespace) -> int:
    """Write the signed announcement into a file."""
    last = _checkpoint(Path(chosen.checkpoint))
    moved = (chosen.moved[0], chosen.moved[1]) if chosen.moved else None
    announcement = Announcement(
        last.origin,
        chosen.day or clock.now().date(),
        taken=Checkpoint(last.origin, last.size, last.root) if chosen.taken else None,
        moved=moved,
        has_ended=chosen.ended,
    )
    try:
        note = sign_announcement(announcement, seed=_seed(Path(chosen.recovery)))
    except AnnouncementMalformed as error:
        raise Refused(
            "announcement-empty",
            N_("Say what to announce: --taken, --moved ADDRESS VKEY, or --ended."),
            cause=str(error),
        ) from error
    Path(chosen.out).write_bytes(note.data)
    print(
        f"{announcement.text}\nSigned, in {chosen.out}. Publish it: put it as `announcement` beside the log's files"
    )
    print("of every mirror, or on the server: wearemany wall announce HANDLE FILE")
    return 0


def _checkpoint(path: Path) -> Checkpoint:
    try:
        return parse_body(parse(path.read_bytes()).text)
    except (OSError, NoteError, CheckpointMalformed) as error:
        raise Refused(
            "checkpoint-unreadable",
            N_("%(file)s is no checkpoint. Save one from the log or a mirror that you trust."),
            cause=str(error),
            file=path,
        ) from error


def _seed(path: Path) -> bytes:
    try:
        seed = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError):
        seed = b""
    if len(seed) != 32:
        raise Refused(
            "recovery-key-unreadable",
            N_("%(file)s is no recovery key: it holds 64 letters and digits."),
            file=path,
        )
    return seed


COMMANDS = (
    Command(
        "key",
        "announce",
        "Say with the recovery key, away from the server, that the signing key was taken, where the log goes on, "
        "or that it has ended.",
        "wearemany key announce checkpoint --recovery /media/usb/recovery.key --taken --out announcement",
        announce,
        (
            argument("checkpoint", help="a file: the last checkpoint of the log that is to be believed"),
            argument("--recovery", required=True, metavar="FILE", help="the recovery key"),
            argument(
                "--taken", action="store_true", help="nothing that was signed after that checkpoint is ours"
            ),
            argument(
                "--moved",
                nargs=2,
                metavar=("ADDRESS", "VKEY"),
                help="where the log goes on, and its key there",
            ),
            argument("--ended", action="store_true", help="nothing follows"),
            argument(
                "--day", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD", help="as of when (today)"
            ),
            argument("--out", default="announcement", metavar="FILE", help="where to (announcement)"),
        ),
    ),
)
