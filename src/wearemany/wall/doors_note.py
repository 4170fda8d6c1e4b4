"""The signed list of working doors: what it says, its one byte form, and how it is verified. Public and permanent.

Pure. The format is written down in docs/audit/doors.md; an older list never replaces a newer one (`is_newer`).
Which doors there are is the options' business; where the list is published is `web.doors` and `wall.export`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from wearemany.doors import MIRROR, ONION, WEB, Door, DoorMalformed, parse_door, parse_mirror
from wearemany.tlog.note import Note, Signer, Verifier, is_key_name, sign, verify

VERSION = "wearemany doors v1"
PATH = "doors"
MOST_BYTES = 65_536
KINDS = (WEB, ONION, MIRROR)
_KIND = re.compile(r"[a-z]{1,20}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class DoorsMalformed(ValueError):
    """The text of the note is no list of doors."""


@dataclass(frozen=True)
class ListedDoor:
    """One line of the list: `web`, `onion` or `mirror`, and a whole address."""

    kind: str
    url: str

    @property
    def takes_posts(self) -> bool:
        """Whether the server itself answers there; a mirror only shows."""
        return self.kind != MIRROR

    @property
    def netloc(self) -> str:
        """Host and port, as people read them."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True)
class DoorsList:
    """The doors of one server as of a day, in its order; `name` is the name of the key that signs the list."""

    name: str
    day: datetime.date
    doors: tuple[ListedDoor, ...]

    @property
    def text(self) -> str:
        """The lines that are signed."""
        lines = (
            VERSION,
            self.name,
            self.day.isoformat(),
            *(f"{door.kind} {door.url}" for door in self.doors),
        )
        return "".join(f"{line}\n" for line in lines)

    @property
    def for_posting(self) -> tuple[ListedDoor, ...]:
        """The server's own doors, where everything is possible."""
        return tuple(door for door in self.doors if door.takes_posts)


def list_doors(
    *, name: str, day: datetime.date, doors: Iterable[Door], mirrors: Iterable[str] = ()
) -> DoorsList:
    """Return the list of a server's own doors and of the mirrors that it knows."""
    own = (ListedDoor(door.kind, door.origin) for door in doors)
    return DoorsList(name, day, (*own, *(ListedDoor(MIRROR, url) for url in mirrors)))


def sign_doors(doors: DoorsList, *, seed: bytes) -> Note:
    """Sign the list with the server's key, under the name that the list itself says."""
    return sign(doors.text, Signer(doors.name, seed))


def open_doors(data: bytes, verifier: Verifier) -> DoorsList:
    """Verify a note and read it; raises a `NoteError`, or `DoorsMalformed` for another text signed by that key."""
    doors = parse_doors_text(verify(data, verifier).text)
    if doors.name != verifier.name:
        raise DoorsMalformed("the list is somebody else's")
    return doors


def parse_doors_text(text: str) -> DoorsList:
    """Read the text of a note strictly; lines of a kind that is not known are left out."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != VERSION or lines[-1]:
        raise DoorsMalformed("not a list of doors")
    name, day = lines[1], lines[2]
    if not is_key_name(name) or not _DAY.fullmatch(day):
        raise DoorsMalformed("the list has a name and a day")
    try:
        found = tuple(_listed(line) for line in lines[3:-1])
        return DoorsList(name, datetime.date.fromisoformat(day), tuple(door for door in found if door))
    except ValueError as error:
        raise DoorsMalformed(str(error)) from None


def is_newer(one: DoorsList, other: DoorsList) -> bool:
    """Tell whether `one` may take the place of `other`: of the same name, and not of an earlier day."""
    return one.name == other.name and one.day >= other.day


def _listed(line: str) -> ListedDoor | None:
    kind, _, url = line.partition(" ")
    if not _KIND.fullmatch(kind):
        raise DoorsMalformed("a line has a kind and an address")
    if kind not in KINDS:
        return None
    try:
        read = parse_mirror(url) if kind == MIRROR else parse_door(url).origin
    except DoorMalformed as error:
        raise DoorsMalformed(str(error)) from None
    if read != url:
        raise DoorsMalformed(f"{url} is not written in its one form")
    return ListedDoor(kind, url)
