"""Entries have exactly one byte form, and nothing personal fits into it."""

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wall.drawn import DAY, entries, opening, post
from wearemany.wall import entry as entry_module
from wearemany.wall.entry import (
    ANY_KIND_PATTERN,
    LONGEST_BYTES,
    PATTERNS,
    AmendEntry,
    Entry,
    IllegalEntry,
    Phase,
    PhaseEntry,
    RemovedEntry,
    UnknownEntry,
    commitment,
    decode,
    encode,
    kind_of,
)

POST = (
    b'{"colour":true,"commitment":"' + b"0" * 62 + b'07","day":"2026-11-23","kind":"post",'
    b'"people":1,"photos":1,"repeat":false,"v":1}'
)


@given(entries)
def test_every_entry_reads_back_from_its_one_form(entry: Entry) -> None:
    """Encoding and decoding are each other's reverse, within 512 bytes and within the published pattern."""
    line = encode(entry)
    assert decode(line) == entry
    assert len(line) <= LONGEST_BYTES
    pattern = PATTERNS.get(kind_of(entry), ANY_KIND_PATTERN)
    assert re.fullmatch(pattern, line.decode("ascii"))


@given(entries, st.data())
def test_whatever_decodes_is_spelt_in_the_one_form(entry: Entry, data: st.DataObject) -> None:
    """A changed byte is either refused or the one form of another entry."""
    line = bytearray(encode(entry))
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert encode(decode(bytes(line))) == bytes(line)
    except IllegalEntry as refusal:
        assert refusal.code in {"entry-form", "entry-version", "entry-day", "entry-too-long"}


@given(st.binary(max_size=600))
def test_any_bytes_are_refused_calmly(line: bytes) -> None:
    """Nonsense raises IllegalEntry and nothing else."""
    with pytest.raises(IllegalEntry):
        decode(line)


def test_the_forms_are_these_for_ever() -> None:
    """The bytes of every kind are pinned: a change here breaks every published log."""
    zeros, text = "0" * 64, bytes(32)
    assert encode(post(7)) == POST
    assert encode(opening()).decode() == (
        '{"day":"2026-11-23","kind":"phase","phase":"opened",'
        f'"recovery":"{bytes(range(32)).hex()}","text":"{zeros}","v":1}}'
    )
    assert encode(PhaseEntry(DAY, Phase.PAUSED, text)).decode() == (
        f'{{"day":"2026-11-23","kind":"phase","phase":"paused","text":"{zeros}","v":1}}'
    )
    assert encode(AmendEntry(DAY, of=3, people=2, colour=False)) == (
        b'{"colour":false,"day":"2026-11-23","kind":"amend","of":3,"people":2,"v":1}'
    )
    assert encode(RemovedEntry(DAY, of=3)) == b'{"day":"2026-11-23","kind":"removed","of":3,"v":1}'


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (POST.replace(b'"v":1', b'"v":2'), "entry-version"),
        (POST.replace(b'"v":1', b'"v":true'), "entry-version"),
        (POST.replace(b',"v":1', b""), "entry-version"),
        (POST.replace(b"2026-11-23", b"2026-02-30"), "entry-day"),
        (POST.replace(b"2026-11-23", b"26-11-23"), "entry-form"),
        (POST.replace(b'"photos":1', b'"photos":5'), "entry-form"),
        (POST.replace(b'"people":1', b'"people":0'), "entry-form"),
        (POST.replace(b'"people":1', b'"people":100'), "entry-form"),
        (POST.replace(b'"people":1', b'"people":01'), "entry-form"),
        (POST.replace(b'"people":1', b'"people":1.0'), "entry-form"),
        (POST.replace(b",", b", ", 1), "entry-form"),
        (POST + b"\n", "entry-form"),
        (POST.replace(b'{"colour":true,', b'{"caption":"hi","colour":true,'), "entry-form"),
        (POST.replace(b'{"colour":true,', b'{"colour":true,"colour":true,'), "entry-form"),
        (b'{"day":"2026-11-23","kind":"removed","of":0,"v":1}', "entry-form"),
        (b'{"day":"2026-11-23","kind":"amend","of":3,"v":1}', "entry-form"),
        (b'{"day":"2026-11-23","kind":"phase","phase":"opened","text":"' + b"0" * 64 + b'","v":1}', "entry-form"),
        (b'{"kind":"greeting","day":"2026-11-23","v":1}', "entry-form"),
        (b'{"day":"2026-11-23","kind":"greeting","text":{"a":1},"v":1}', "entry-form"),
        (b'{"day":"2026-13-23","kind":"greeting","v":1}', "entry-day"),
        (b'{"kind":"greeting","v":1}', "entry-day"),
        (b'{"day":"2026-11-23","v":1}', "entry-form"),
        (b"{}", "entry-form"),
        (b"", "entry-form"),
        (b"[" * 500, "entry-form"),
        (b'{"a":"' + b"x" * 520 + b'"}', "entry-too-long"),
    ],
)  # fmt: skip
def test_spoilt_entries_are_refused_with_their_code(line: bytes, code: str) -> None:
    """Each way of spoiling an entry has its stable code."""
    with pytest.raises(IllegalEntry) as refusal:
        decode(line)
    assert refusal.value.code == code


def test_entries_with_impossible_values_are_not_written() -> None:
    """The encoder refuses what the decoder would refuse."""
    for wrong in (
        post(1, people=0),
        post(1, photos=5),
        RemovedEntry(DAY, of=0),
        AmendEntry(DAY, of=2),
        PhaseEntry(DAY, Phase.OPENED, bytes(32)),
        PhaseEntry(DAY, Phase.PAUSED, bytes(32), recovery=bytes(32)),
        PhaseEntry(DAY, Phase.PAUSED, bytes(31)),
    ):
        with pytest.raises(IllegalEntry):
            encode(wrong)


def test_an_unknown_kind_is_kept_as_it_stands() -> None:
    """A later kind in the general form is read, named and given back unchanged."""
    line = b'{"day":"2026-11-23","done":false,"kind":"jubilee","of":12,"v":1,"words":"a ~ b"}'
    assert decode(line) == UnknownEntry(DAY, "jubilee", line)
    assert encode(decode(line)) == line


def test_commitments_bind_salt_photos_and_caption() -> None:
    """The commitment is the written formula, in NFC, and changes with everything it binds."""
    salt, first, second = b"s" * 32, b"a" * 32, b"b" * 32
    made = commitment(salt, (first, second), "Мы многие")
    words = hashlib.sha256("Мы многие".encode()).digest()
    assert made == hashlib.sha256(salt + first + second + words).digest()
    assert commitment(salt, (first,), "caf\u00e9") == commitment(salt, (first,), "cafe\u0301")
    others = {
        commitment(b"t" * 32, (first, second), "Мы многие"),
        commitment(salt, (second, first), "Мы многие"),
        commitment(salt, (first,), "Мы многие"),
        commitment(salt, (first, second), ""),
    }
    assert made not in others
    assert len(others) == 4
    for bad_salt, digests in ((b"s" * 31, (first,)), (salt, ()), (salt, (first,) * 5), (salt, (b"a",))):
        with pytest.raises(ValueError, match=r"commitment|digest"):
            commitment(bad_salt, digests, "")


def test_no_kind_has_room_for_free_words() -> None:
    """No field of any kind of ours takes text: only numbers, digests, days, and words of ours."""
    for pattern in PATTERNS.values():
        assert ".*" not in pattern
        assert ".+" not in pattern
    assert set(PATTERNS) == set(entry_module._READERS)


def test_the_published_patterns_are_the_ones_that_are_used() -> None:
    """docs/audit/format.md shows every pattern letter for letter, apart from its marked line breaks."""
    page = (Path(__file__).parents[2] / "docs" / "audit" / "format.md").read_text("utf-8")
    joined = re.sub(r"⏎\n +", "", page)
    for kind, pattern in PATTERNS.items():
        assert f"\n{kind:9}{pattern}\n" in joined
    assert entry_module.FIELD_PATTERN in joined
