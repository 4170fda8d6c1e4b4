"""What only the recovery key may say of a log: its signing key was taken, it goes on elsewhere, it has ended. Pure.

A signed note under the name `ORIGIN/recovery`; the key's public half stands in the log's first entry. The format is
written down in docs/audit/announcement.md; the newest day counts, and a note says everything that holds on that day.
"""

from __future__ import annotations

import base64
import datetime
import re
from dataclasses import dataclass

from wearemany.tlog.checkpoint import Checkpoint
from wearemany.tlog.note import KeyMalformed, Note, Signer, Verifier, is_key_name, parse_vkey, sign, verify

VERSION = "wearemany announcement v1"
PATH = "announcement"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TAKEN = re.compile(r"taken (0|[1-9][0-9]{0,14}) ([A-Za-z0-9+/]{43}=)")
_MOVED = re.compile(r"moved (https?://[!-~]{1,300}) (\S{1,400})")
_ENDED = "ended"


class AnnouncementMalformed(ValueError):
    """The text of the note is no announcement."""


@dataclass(frozen=True)
class Announcement:
    """What holds for a log as of a day.

    `taken` is the last moment that is to be believed: whatever the signing key signed after it is somebody else's.
    `moved` is where the log goes on, and the verifier key there; `has_ended` that nothing follows.
    """

    origin: str
    day: datetime.date
    taken: Checkpoint | None = None
    moved: tuple[str, str] | None = None
    has_ended: bool = False

    @property
    def text(self) -> str:
        """Return the lines that are signed."""
        lines = [VERSION, self.origin, self.day.isoformat()]
        if self.taken is not None:
            lines.append(f"taken {self.taken.size} {base64.b64encode(self.taken.root).decode()}")
        if self.moved is not None:
            lines.append(f"moved {self.moved[0]} {self.moved[1]}")
        if self.has_ended:
            lines.append(_ENDED)
        return "".join(f"{line}\n" for line in lines)


def recovery_name(origin: str) -> str:
    """Return the name under which a log's recovery key signs."""
    return f"{origin}/recovery"


def recovery_verifier(origin: str, public_key: bytes) -> Verifier:
    """Return what verifies announcements of a log, by the key in its first entry."""
    return Verifier(recovery_name(origin), public_key)


def sign_announcement(announcement: Announcement, *, seed: bytes) -> Note:
    """Sign with the recovery key; `AnnouncementMalformed` when it would say nothing, or what cannot be read again."""
    if parse_text(announcement.text) != announcement:
        raise AnnouncementMalformed("the announcement has values that no announcement may have")
    return sign(announcement.text, Signer(recovery_name(announcement.origin), seed))


def open_announcement(data: bytes, *, origin: str, public_key: bytes) -> Announcement:
    """Verify and read a note; raises a `NoteError`, or `AnnouncementMalformed`."""
    found = parse_text(verify(data, recovery_verifier(origin, public_key)).text)
    if found.origin != origin:
        raise AnnouncementMalformed("the announcement is about another log")
    return found


def parse_text(text: str) -> Announcement:
    """Read the text of a note strictly: each statement at most once, in this order, at least one."""
    lines = text.split("\n")
    if len(lines) < 5 or lines[0] != VERSION or lines[-1]:
        raise AnnouncementMalformed("not an announcement")
    origin, day = lines[1], lines[2]
    if not is_key_name(origin) or not _DAY.fullmatch(day):
        raise AnnouncementMalformed("an announcement has an origin and a day")
    said = lines[3:-1]
    taken = _taken(said, origin)
    moved = _moved(said)
    has_ended = bool(said) and said[0] == _ENDED and bool(said.pop(0))
    if said:
        raise AnnouncementMalformed("an announcement says what nobody knows, or twice")
    try:
        found = Announcement(origin, datetime.date.fromisoformat(day), taken, moved, has_ended)
    except ValueError as error:
        raise AnnouncementMalformed(str(error)) from None
    if found.text != text:
        # Base64 has more than one spelling of the same bytes; an announcement has one.
        raise AnnouncementMalformed("an announcement has one form")
    return found


def _taken(said: list[str], origin: str) -> Checkpoint | None:
    match = _TAKEN.fullmatch(said[0]) if said else None
    if match is None:
        return None
    said.pop(0)
    return Checkpoint(origin, int(match[1]), base64.b64decode(match[2], validate=True))


def _moved(said: list[str]) -> tuple[str, str] | None:
    match = _MOVED.fullmatch(said[0]) if said else None
    if match is None:
        return None
    said.pop(0)
    try:
        parse_vkey(match[2])
    except KeyMalformed as error:
        raise AnnouncementMalformed(str(error)) from None
    return match[1], match[2]
