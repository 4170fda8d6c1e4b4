"""Drawn entries: strategies for legal and illegal ones, shared by the tests of the wall."""

from datetime import date

from hypothesis import strategies as st

from wearemany.wall.entry import (
    MOST_PEOPLE,
    AmendEntry,
    Entry,
    Phase,
    PhaseEntry,
    PostEntry,
    RemovedEntry,
    UnknownEntry,
)

DAY = date(2026, 11, 23)
days = st.dates(min_value=date(1000, 1, 1))
digests = st.binary(min_size=32, max_size=32)
places = st.integers(1, 10**15 - 1)
people = st.integers(1, MOST_PEOPLE)
photos = st.integers(1, 4)

opened = st.builds(PhaseEntry, day=days, phase=st.just(Phase.OPENED), text=digests, recovery=digests)
later_phase = st.builds(
    PhaseEntry,
    day=days,
    phase=st.sampled_from([Phase.PAUSED, Phase.RESUMED, Phase.CLOSED]),
    text=digests,
)
posts = st.builds(
    PostEntry,
    day=days,
    commitment=digests,
    photos=photos,
    people=people,
    colour=st.booleans(),
    repeat=st.booleans(),
)


def amends(of: st.SearchStrategy[int]) -> st.SearchStrategy[AmendEntry]:
    drawn = st.builds(
        AmendEntry,
        day=days,
        of=of,
        commitment=st.none() | digests,
        photos=st.none() | photos,
        people=st.none() | people,
        colour=st.none() | st.booleans(),
        repeat=st.none() | st.booleans(),
    )
    return drawn.filter(lambda entry: entry != AmendEntry(entry.day, entry.of))


def removals(of: st.SearchStrategy[int]) -> st.SearchStrategy[RemovedEntry]:
    return st.builds(RemovedEntry, day=days, of=of)


unknown = st.builds(
    lambda day, kind: UnknownEntry(day, kind, f'{{"day":"{day}","kind":"{kind}","v":1}}'.encode()),
    day=days,
    kind=st.sampled_from(["greeting", "jubilee"]),
)
entries: st.SearchStrategy[Entry] = st.one_of(
    opened, later_phase, posts, amends(places), removals(places), unknown
)


def post(number: int, **changes: object) -> PostEntry:
    """Return a plain post entry with its own commitment."""
    values: dict[str, object] = {"photos": 1, "people": 1, "colour": True, "repeat": False, **changes}
    return PostEntry(day=DAY, commitment=number.to_bytes(32, "big"), **values)  # type: ignore[arg-type]


def opening() -> PhaseEntry:
    """Return the entry that every log begins with."""
    return PhaseEntry(day=DAY, phase=Phase.OPENED, text=bytes(32), recovery=bytes(range(32)))
