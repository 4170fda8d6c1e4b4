"""The count in columns and the strict fold are one: on legal logs, on illegal ones, and on spoilt lines."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wall.drawn import DAY, amends, days, later_phase, opening, post, removals, unknown
from wearemany.tlog.merkle import leaf_hash
from wearemany.tlog.tiles import BundleMalformed, pack_bundle, unpack_bundle
from wearemany.wall.bundle import joined, read_bundle
from wearemany.wall.columns import Columns
from wearemany.wall.entry import (
    AmendEntry,
    Entry,
    IllegalEntry,
    Phase,
    PhaseEntry,
    PostEntry,
    RemovedEntry,
    decode,
    encode,
)
from wearemany.wall.tally import MemoryLedger, Tally, apply

near = st.integers(1, 30)
digests = st.integers(0, 60).map(lambda number: bytes(30) + number.to_bytes(2, "big")) | st.binary(
    min_size=32, max_size=32
)
near_posts = st.builds(
    PostEntry,
    day=st.just(DAY) | days,
    commitment=digests,
    photos=st.integers(1, 4),
    people=st.integers(1, 99),
    colour=st.booleans(),
    repeat=st.booleans(),
)
legal = st.one_of(near_posts, near_posts, near_posts, amends(near), removals(near), unknown)
histories = st.lists(legal | later_phase, max_size=40)
strange_lines = st.sampled_from([b"", b"{", b"{}", b'{"v":1}', b"x" * 600, b'{"colour":true,' + b"{" * 150])


def strictly(lines: Sequence[bytes]) -> tuple[Tally | None, tuple[int, str] | None]:
    """Count as the rule book says, one by one, and return the tally or the first illegal entry."""
    tally, ledger = Tally(), MemoryLedger()
    for index, line in enumerate(lines):
        try:
            step = apply(tally, decode(line), ledger)
        except IllegalEntry as error:
            return None, (index, error.code)
        ledger.record(step)
        tally = step.tally
    return tally, None


def in_columns(lines: Sequence[bytes], *, stretch: int) -> tuple[Tally | None, tuple[int, str] | None]:
    columns = Columns()
    for first in range(0, len(lines), stretch):
        part = lines[first : first + stretch]
        halves = [half for half in (part[: stretch // 2], part[stretch // 2 :]) if half]
        columns.count(joined([read_bundle(pack_bundle(half), width=len(half)) for half in halves]))
    illegal = columns.finish()
    return (columns.tally, None) if illegal is None else (None, (illegal.index, illegal.error.code))


@given(histories, st.sampled_from([1, 3, 7, 64]), st.booleans())
@settings(deadline=None, max_examples=200)
def test_columns_count_what_the_fold_counts(drawn: list[Entry], stretch: int, opens: bool) -> None:
    """Any history, legal or not, in stretches of any length: the same tally, or the same first illegal entry."""
    lines = [encode(entry) for entry in (*((opening(),) if opens else ()), *drawn)]
    assert in_columns(lines, stretch=stretch) == strictly(lines)


@given(
    st.lists(near_posts, min_size=1, max_size=12),
    st.integers(0, 11),
    st.integers(0, 200),
    st.integers(0, 255) | st.sampled_from(list(b'0123456789abcdefABCDEF"{}:,-tfe')),
    st.sampled_from(["replace", "insert", "delete"]),
)
@settings(deadline=None, max_examples=400)
def test_a_spoilt_byte_is_judged_as_the_strict_reading_judges_it(
    posts: list[PostEntry], which: int, place: int, byte: int, how: str
) -> None:
    """One byte changed, added or dropped anywhere in a post: both roads see the same."""
    lines = [encode(entry) for entry in posts]
    which %= len(lines)
    line = lines[which]
    place %= len(line)
    rest = line[place:] if how == "insert" else line[place + 1 :]
    lines[which] = line[:place] + (b"" if how == "delete" else bytes([byte])) + rest
    lines.insert(0, encode(opening()))
    assert in_columns(lines, stretch=64) == strictly(lines)


@given(st.lists(near_posts.map(encode) | strange_lines, max_size=8))
@settings(deadline=None)
def test_lines_that_are_no_entries_are_found(lines: list[bytes]) -> None:
    """Empty, half, too long, full of braces: found at their place, framed as the standard frames them."""
    lines = [encode(opening()), *lines]
    assert in_columns(lines, stretch=1000) == strictly(lines)


def test_every_value_of_a_post_is_counted() -> None:
    """All numbers of people and photos, both words on colour and repeat."""
    entries = [
        PostEntry(DAY, random.Random(number).randbytes(32), photos, people, colour, repeat)
        for number, (photos, people, colour, repeat) in enumerate(
            (photos, people, colour, repeat)
            for photos in range(1, 5)
            for people in range(1, 100)
            for colour in (True, False)
            for repeat in (True, False)
        )
    ]
    lines = [encode(opening()), *(encode(entry) for entry in entries)]
    assert in_columns(lines, stretch=512) == strictly(lines)


@pytest.mark.parametrize("stretch", [1, 4, 100])
def test_the_first_illegal_entry_is_the_one_that_is_named(stretch: int) -> None:
    """Whatever else is wrong further on, and however late a repetition is looked for."""
    closed = PhaseEntry(DAY, Phase.CLOSED, bytes(32))
    for entries in (
        [post(1), post(2), post(1), RemovedEntry(DAY, 99), post(2)],
        [post(1), RemovedEntry(DAY, 99), post(1)],
        [post(1), AmendEntry(DAY, of=1, commitment=post(2).commitment), post(3), post(2)],
        [post(1), closed, post(2), post(1)],
        [post(1), RemovedEntry(DAY, 3), post(2)],
        [post(1), RemovedEntry(DAY, 1), AmendEntry(DAY, of=1, people=2)],
        [closed, RemovedEntry(DAY, 1)],
    ):
        lines = [encode(opening()), *(encode(entry) for entry in entries)]
        found = in_columns(lines, stretch=stretch)
        assert found == strictly(lines)
        assert found[1] is not None


def test_commitments_that_begin_alike_are_not_the_same() -> None:
    """The first bytes are only where the comparison begins."""
    alike = [PostEntry(DAY, bytes(24) + number.to_bytes(8, "big"), 1, 1, True, False) for number in range(50)]
    lines = [encode(opening()), *(encode(entry) for entry in alike)]
    assert in_columns(lines, stretch=16) == strictly(lines)
    assert in_columns([*lines, lines[7]], stretch=16) == (None, (51, "commitment-twice"))


@given(st.lists(st.binary(max_size=20), max_size=6), st.binary(max_size=3), st.integers(0, 7))
def test_bundles_are_framed_as_the_standard_frames_them(
    entries: list[bytes], rest: bytes, width: int
) -> None:
    """The same entries and the same refusals as unpacking one by one, and the same leaves."""
    data = pack_bundle(entries) + rest
    try:
        expected = unpack_bundle(data, width=width)
    except BundleMalformed:
        with pytest.raises(BundleMalformed):
            read_bundle(data, width=width)
        return
    bundle = read_bundle(data, width=width)
    assert [bundle.line(place) for place in range(len(bundle))] == expected
    assert bundle.leaf_hashes() == [leaf_hash(entry) for entry in expected]
