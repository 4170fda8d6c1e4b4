"""The signed list of doors: exact bytes, verified or not believed, and never older than what is known."""

from __future__ import annotations

import datetime

import pytest

from wearemany.doors import parse_doors
from wearemany.tlog.checkpoint import CheckpointMalformed, parse_body
from wearemany.tlog.note import NoteInvalid, NoteUnverified, Signer, sign
from wearemany.wall.doors_note import (
    DoorsMalformed,
    is_newer,
    list_doors,
    open_doors,
    parse_doors_text,
    sign_doors,
)

SEED = bytes(range(32))
NAME = "many.example/log/red"
DAY = datetime.date(2026, 3, 8)
ONION = "http://" + "a2" * 28 + ".onion"
LIST = list_doors(
    name=NAME,
    day=DAY,
    doors=parse_doors(["https://many.example", "https://many.help", ONION]),
    mirrors=("https://shelf.example/red/",),
)
BYTES = (
    "wearemany doors v1\n"
    "many.example/log/red\n"
    "2026-03-08\n"
    "web https://many.example\n"
    "web https://many.help\n"
    f"onion {ONION}\n"
    "mirror https://shelf.example/red/\n"
)
VERIFIER = Signer(NAME, SEED).verifier


def test_the_list_has_exactly_these_bytes() -> None:
    """The format is permanent; docs/audit/doors.md shows the same lines."""
    assert LIST.text == BYTES
    note = sign_doors(LIST, seed=SEED)
    assert note.data.startswith(BYTES.encode() + "\n— many.example/log/red ".encode())
    assert open_doors(note.data, VERIFIER) == LIST
    assert [door.url for door in LIST.for_posting] == ["https://many.example", "https://many.help", ONION]


@pytest.mark.threat("J")
def test_a_changed_list_is_not_believed() -> None:
    """One letter is enough; another key is another signer."""
    data = sign_doors(LIST, seed=SEED).data
    with pytest.raises(NoteInvalid):
        open_doors(data.replace(b"many.help", b"many.evil"), VERIFIER)
    with pytest.raises(NoteUnverified):
        open_doors(sign_doors(LIST, seed=bytes(32)).data, VERIFIER)


def test_another_text_by_the_same_key_is_no_list() -> None:
    """A checkpoint does not pass for a list, nor a list for a checkpoint, nor one campaign's list for another's."""
    checkpoint = sign(f"{NAME}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", Signer(NAME, SEED))
    with pytest.raises(DoorsMalformed):
        open_doors(checkpoint.data, VERIFIER)
    with pytest.raises(CheckpointMalformed):
        parse_body(LIST.text)
    others = sign(LIST.text.replace("red", "blue"), Signer(NAME, SEED))
    with pytest.raises(DoorsMalformed):
        open_doors(others.data, VERIFIER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        BYTES.replace("v1", "v2"),
        BYTES.replace("2026-03-08", "2026-02-30"),
        BYTES.replace("2026-03-08", "2026-3-8"),
        BYTES.replace("web https://many.help", "web javascript:alert(1)"),
        BYTES.replace("web https://many.help", "web https://many.help/"),
        BYTES.replace("web https://many.help", "web  https://many.help"),
        BYTES.replace("web https://many.help", "https://many.help"),
        BYTES.replace("mirror https://shelf", "mirror https://Shelf"),
        BYTES.replace(NAME, "a name with spaces"),
        BYTES[:-1],
        BYTES + "\n",
    ],
)
def test_only_the_one_form_is_read(text: str) -> None:
    """Anything else is refused as a whole."""
    with pytest.raises(DoorsMalformed):
        parse_doors_text(text)


def test_kinds_of_later_versions_are_left_out() -> None:
    """A reader of today goes on with what it knows."""
    assert parse_doors_text(BYTES + "radio https://elsewhere.example\n") == LIST


def test_an_older_list_never_takes_the_place_of_a_newer_one() -> None:
    """The same day may change its mind; another name is another list."""
    yesterday = list_doors(name=NAME, day=DAY - datetime.timedelta(1), doors=())
    assert is_newer(LIST, yesterday) and is_newer(LIST, LIST)
    assert not is_newer(yesterday, LIST)
    assert not is_newer(list_doors(name="other", day=DAY, doors=()), LIST)
