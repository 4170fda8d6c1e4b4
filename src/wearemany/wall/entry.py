"""Entries: the lines of a campaign's log, each kind in exactly one byte form. Public and permanent.

An entry is one flat JSON object in printable ASCII, at most 512 bytes, keys sorted, no spaces. The
patterns here are the published ones (docs/audit/format.md); whoever checks a log needs nothing else.
What entries amount to together is `tally`'s business. No field may ever hold anything personal.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

VERSION = 1
LONGEST_BYTES = 512
DIGEST_BYTES = 32
SALT_BYTES = 32
MOST_PHOTOS = 4
MOST_PEOPLE = 99

_DAY = r'"day":"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"'
_OF = r'"of":(?P<of>[1-9][0-9]{0,14})'
_COMMITMENT = r'"commitment":"(?P<commitment>[0-9a-f]{64})"'
_COLOUR = r'"colour":(?P<colour>true|false)'
_PEOPLE = r'"people":(?P<people>[1-9][0-9]?)'
_PHOTOS = r'"photos":(?P<photos>[1-4])'
_REPEAT = r'"repeat":(?P<repeat>true|false)'

PATTERNS: dict[str, str] = {
    "phase": (
        rf'\{{{_DAY},"kind":"phase",'
        r'(?:"phase":"opened","recovery":"(?P<recovery>[0-9a-f]{64})"|"phase":"(?P<phase>paused|resumed|closed)")'
        r',"text":"(?P<text>[0-9a-f]{64})","v":1\}'
    ),
    "post": rf'\{{{_COLOUR},{_COMMITMENT},{_DAY},"kind":"post",{_PEOPLE},{_PHOTOS},{_REPEAT},"v":1\}}',
    "amend": (
        r'\{(?!"day":"[^"]*","kind":"amend","of":[0-9]*,"v":)'
        rf'(?:{_COLOUR},)?(?:{_COMMITMENT},)?{_DAY},"kind":"amend",{_OF}'
        rf'(?:,{_PEOPLE})?(?:,{_PHOTOS})?(?:,{_REPEAT})?,"v":1\}}'
    ),
    "removed": rf'\{{{_DAY},"kind":"removed",{_OF},"v":1\}}',
}
"""The byte form of every kind, as a regular expression that the whole entry matches."""

FIELD_PATTERN = r'"[a-z][a-z_]{0,30}":(?:"[ !#-\[\]-~]*"|true|false|0|-?[1-9][0-9]{0,14})'
ANY_KIND_PATTERN = rf"\{{{FIELD_PATTERN}(?:,{FIELD_PATTERN})*\}}"
"""The byte form that kinds of later versions of this software keep to as well."""

_COMPILED = {kind: re.compile(pattern) for kind, pattern in PATTERNS.items()}
_ANY_KIND = re.compile(ANY_KIND_PATTERN)
_KIND = re.compile(r'"kind":"([a-z]+)"')
_KIND_NAME = re.compile(r"[a-z]{1,20}")


class IllegalEntry(ValueError):
    """Bytes that may not stand in a log. `code` is stable and listed in docs/audit/format.md."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Phase(StrEnum):
    """What a `phase` entry says of the campaign."""

    OPENED = "opened"
    PAUSED = "paused"
    RESUMED = "resumed"
    CLOSED = "closed"


@dataclass(frozen=True)
class PhaseEntry:
    """The campaign opens, pauses, resumes or closes; `text` is the digest of the call or the notice.

    `recovery` is the public key kept offline; it stands in the opening entry and in no other.
    """

    day: date
    phase: Phase
    text: bytes
    recovery: bytes | None = None


@dataclass(frozen=True)
class PostEntry:
    """A post joins the wall."""

    day: date
    commitment: bytes
    photos: int
    people: int
    colour: bool
    repeat: bool


@dataclass(frozen=True)
class AmendEntry:
    """Something of an earlier post entry is now otherwise; what is None stays."""

    day: date
    of: int
    commitment: bytes | None = None
    photos: int | None = None
    people: int | None = None
    colour: bool | None = None
    repeat: bool | None = None


@dataclass(frozen=True)
class RemovedEntry:
    """An earlier post entry no longer counts. Final, and without a reason."""

    day: date
    of: int


@dataclass(frozen=True)
class UnknownEntry:
    """A kind that this version does not know: it counts nothing and is reported."""

    day: date
    kind: str
    line: bytes


Entry = PhaseEntry | PostEntry | AmendEntry | RemovedEntry | UnknownEntry


def commitment(salt: bytes, photo_digests: tuple[bytes, ...], caption: str) -> bytes:
    """Bind a post without telling of it: SHA-256 over salt, photo digests in order, digest of the caption.

    `photo_digests` are the SHA-256 of each photo's main rendition; the caption is taken in NFC. ValueError
    when a length is wrong, because a commitment can never be mended.
    """
    if len(salt) != SALT_BYTES or not 1 <= len(photo_digests) <= MOST_PHOTOS:
        raise ValueError("a commitment needs 32 bytes of salt and one to four photos")
    if any(len(digest) != DIGEST_BYTES for digest in photo_digests):
        raise ValueError("a photo's digest has 32 bytes")
    words = hashlib.sha256(unicodedata.normalize("NFC", caption).encode()).digest()
    return hashlib.sha256(salt + b"".join(photo_digests) + words).digest()


def entry_salt(post_salt: bytes, *, times: int) -> bytes:
    """Return the salt of a post's next commitment; `times` is how many commitments it had before.

    A fresh one each time: whoever edits a caption back, or comes back after being taken down, must not
    repeat a commitment. Gone with the post's own salt.
    """
    if len(post_salt) != SALT_BYTES or times < 0:
        raise ValueError("a salt is made of 32 bytes and a count")
    return hashlib.sha256(b"wearemany entry salt 1\0" + times.to_bytes(8, "big") + post_salt).digest()


def encode(entry: Entry) -> bytes:
    """Return the one byte form of an entry; `IllegalEntry` when it has values that no entry may have."""
    if isinstance(entry, UnknownEntry):
        return entry.line
    line = json.dumps(_fields(entry), sort_keys=True, separators=(",", ":")).encode("ascii")
    if _COMPILED[kind_of(entry)].fullmatch(line.decode("ascii")) is None:
        raise IllegalEntry("entry-form", "the entry has a value that no entry may have")
    return line


def decode(line: bytes) -> Entry:
    """Read an entry; `IllegalEntry` for bytes that are not the one form of a legal entry."""
    if len(line) > LONGEST_BYTES:
        raise IllegalEntry("entry-too-long", f"an entry has at most {LONGEST_BYTES} bytes")
    text = line.decode("ascii", errors="replace")
    kind = _KIND.search(text)
    pattern = _COMPILED.get(kind[1]) if kind else None
    match = pattern.fullmatch(text) if pattern else None
    if kind is None or match is None:
        return _decode_other(text, line)
    return _READERS[kind[1]](match)


def kind_of(entry: Entry) -> str:
    """Return the word that stands under `kind`."""
    match entry:
        case PhaseEntry():
            return "phase"
        case PostEntry():
            return "post"
        case AmendEntry():
            return "amend"
        case RemovedEntry():
            return "removed"
        case UnknownEntry():
            return entry.kind


def _fields(entry: PhaseEntry | PostEntry | AmendEntry | RemovedEntry) -> dict[str, str | int]:
    fields: dict[str, str | int] = {"v": VERSION, "kind": kind_of(entry)}
    for name, value in vars(entry).items():
        if isinstance(value, bytes):
            fields[name] = value.hex()
        elif isinstance(value, date):
            fields[name] = value.isoformat()
        elif value is not None:
            fields[name] = value
    return fields


def _decode_other(text: str, line: bytes) -> UnknownEntry:
    """Read an entry that matches no pattern of ours: a later kind, or an error with its reason."""
    if _ANY_KIND.fullmatch(text) is None:
        raise IllegalEntry("entry-form", "the entry is not a flat object in canonical form")
    pairs: list[tuple[str, object]] = json.loads(text, object_pairs_hook=list)
    names = [name for name, _ in pairs]
    if names != sorted(set(names)):
        raise IllegalEntry("entry-form", "the entry's keys are not sorted or not distinct")
    fields = dict(pairs)
    version, kind, day = fields.get("v"), fields.get("kind"), fields.get("day")
    if version is True or version != VERSION:
        raise IllegalEntry("entry-version", "the entry is of a version that this rule book does not know")
    if not isinstance(kind, str) or _KIND_NAME.fullmatch(kind) is None or kind in PATTERNS:
        raise IllegalEntry("entry-form", "the entry does not have the form of its kind")
    return UnknownEntry(_day(day if isinstance(day, str) else ""), kind, line)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise IllegalEntry("entry-day", "the entry's day is not in the calendar") from None
    if day.isoformat() != text:
        raise IllegalEntry("entry-day", "the entry's day is not spelt as year, month and day")
    return day


def _read_phase(found: re.Match[str]) -> Entry:
    recovery = found["recovery"]
    return PhaseEntry(
        day=_day(found["day"]),
        phase=Phase(found["phase"] or Phase.OPENED),
        text=bytes.fromhex(found["text"]),
        recovery=bytes.fromhex(recovery) if recovery else None,
    )


def _read_post(found: re.Match[str]) -> Entry:
    return PostEntry(
        day=_day(found["day"]),
        commitment=bytes.fromhex(found["commitment"]),
        photos=int(found["photos"]),
        people=int(found["people"]),
        colour=found["colour"] == "true",
        repeat=found["repeat"] == "true",
    )


def _read_amend(found: re.Match[str]) -> Entry:
    digest, photos, people = found["commitment"], found["photos"], found["people"]
    colour, repeat = found["colour"], found["repeat"]
    return AmendEntry(
        day=_day(found["day"]),
        of=int(found["of"]),
        commitment=bytes.fromhex(digest) if digest else None,
        photos=int(photos) if photos else None,
        people=int(people) if people else None,
        colour=colour == "true" if colour else None,
        repeat=repeat == "true" if repeat else None,
    )


def _read_removed(found: re.Match[str]) -> Entry:
    return RemovedEntry(day=_day(found["day"]), of=int(found["of"]))


_READERS: dict[str, Callable[[re.Match[str]], Entry]] = {
    "phase": _read_phase,
    "post": _read_post,
    "amend": _read_amend,
    "removed": _read_removed,
}
