"""The number: counted step by step or from the beginning, it is the same; illegal sequences are refused."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wall.drawn import DAY, amends, later_phase, opening, post, posts, removals, unknown
from wearemany.wall.entry import (
    AmendEntry,
    Entry,
    IllegalEntry,
    Phase,
    PhaseEntry,
    PostEntry,
    RemovedEntry,
    UnknownEntry,
)
from wearemany.wall.tally import MemoryLedger, Standing, Tally, apply, fold

near = st.integers(1, 30)
histories = st.lists(
    st.one_of(posts, posts, posts, amends(near), removals(near), later_phase, unknown), max_size=40
)


def counted_afresh(entries: list[Entry]) -> dict[str, int]:
    """Count by looking at every post of a legal history again, the slow and obvious way."""
    figures = {"posts": 0, "people": 0, "distinct": 0, "in_colour": 0}
    for index, entry in enumerate(entries):
        if not isinstance(entry, PostEntry):
            continue
        later = [other for other in entries[index:] if getattr(other, "of", None) == index]
        if any(isinstance(other, RemovedEntry) for other in later):
            continue
        now = {"people": entry.people, "colour": entry.colour, "repeat": entry.repeat}
        for amend in later:
            now |= {name: getattr(amend, name) for name in now if getattr(amend, name) is not None}
        figures["posts"] += 1
        figures["people"] += int(now["people"])
        figures["distinct"] += not now["repeat"]
        figures["in_colour"] += bool(now["colour"])
    return figures


@given(histories)
@settings(deadline=None)
def test_counting_in_steps_equals_counting_afresh(drawn: list[Entry]) -> None:
    """Any history, with what is illegal in it refused, counts to the figures of a fresh look."""
    tally, ledger, kept = Tally(), MemoryLedger(), list[Entry]()
    for entry in [opening(), *drawn]:
        try:
            step = apply(Tally.from_json(tally.to_json()), entry, ledger)
        except IllegalEntry:
            with pytest.raises(IllegalEntry):
                fold([*kept, entry])
            continue
        ledger.record(step)
        tally = step.tally
        kept.append(entry)
    assert fold(kept) == tally
    figures = counted_afresh(kept)
    assert {name: getattr(tally, name) for name in figures} == figures
    assert tally.entries == len(kept)
    assert tally.removed == sum(isinstance(entry, RemovedEntry) for entry in kept)
    assert dict(tally.unknown).get("jubilee", 0) == sum(
        getattr(entry, "kind", "") == "jubilee" for entry in kept
    )


def test_the_story_of_a_campaign_counts_as_told() -> None:
    """A hand-counted campaign: five posts, one taken back, one corrected, one a repeat."""
    story = [
        opening(),
        post(1),
        post(2, people=3, photos=2),
        post(3, colour=False),
        PhaseEntry(DAY, Phase.PAUSED, bytes(32)),
        post(4),
        PhaseEntry(DAY, Phase.RESUMED, bytes(32)),
        post(5),
        AmendEntry(DAY, of=5, repeat=True),
        AmendEntry(DAY, of=3, colour=True, people=2),
        RemovedEntry(DAY, of=1),
        UnknownEntry(DAY, "jubilee", b"{}"),
        PhaseEntry(DAY, Phase.CLOSED, bytes(32)),
        RemovedEntry(DAY, of=7),
    ]
    assert fold(story) == Tally(
        entries=14,
        posts=3,
        people=6,
        distinct=2,
        in_colour=3,
        removed=2,
        unknown=(("jubilee", 1),),
        phase=Phase.CLOSED,
    )


PAUSED = PhaseEntry(DAY, Phase.PAUSED, bytes(32))
RESUMED = replace(PAUSED, phase=Phase.RESUMED)
CLOSED = replace(PAUSED, phase=Phase.CLOSED)


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([post(1)], "not-opened"),
        ([PAUSED], "phase-order"),
        ([opening(), opening()], "phase-order"),
        ([opening(), RESUMED], "phase-order"),
        ([opening(), PAUSED, PAUSED], "phase-order"),
        ([opening(), CLOSED, RESUMED], "phase-order"),
        ([opening(), CLOSED, CLOSED], "phase-order"),
        ([opening(), CLOSED, post(1)], "post-after-closed"),
        ([opening(), post(1), post(1)], "commitment-twice"),
        ([opening(), post(1), RemovedEntry(DAY, 1), post(1)], "commitment-twice"),
        ([opening(), post(1), AmendEntry(DAY, 1, commitment=post(1).commitment)], "commitment-twice"),
        (
            [opening(), post(1), AmendEntry(DAY, 1, commitment=post(2).commitment), post(2)],
            "commitment-twice",
        ),
        (
            [opening(), post(1), AmendEntry(DAY, 1, commitment=post(2).commitment), post(1)],
            "commitment-twice",
        ),
        ([opening(), RemovedEntry(DAY, 1)], "of-future"),
        ([opening(), PAUSED, RemovedEntry(DAY, 1)], "of-no-post"),
        ([opening(), post(1), RemovedEntry(DAY, 1), RemovedEntry(DAY, 2)], "of-no-post"),
        ([opening(), post(1), RemovedEntry(DAY, 1), RemovedEntry(DAY, 1)], "of-removed"),
        ([opening(), post(1), RemovedEntry(DAY, 1), AmendEntry(DAY, 1, people=2)], "of-removed"),
    ],
)
def test_illegal_sequences_are_refused_with_their_code(entries: list[Entry], code: str) -> None:
    """Each illegal sequence has its stable code, and is legal without its last entry."""
    fold(entries[:-1])
    with pytest.raises(IllegalEntry) as refusal:
        fold(entries)
    assert refusal.value.code == code


@given(posts, st.booleans())
def test_standings_survive_storage(drawn: PostEntry, live: bool) -> None:
    """A standing reads back from what is stored of it."""
    standing = Standing(drawn.photos, drawn.people, drawn.colour, drawn.repeat, drawn.commitment, live)
    assert Standing.from_json(standing.to_json()) == standing
