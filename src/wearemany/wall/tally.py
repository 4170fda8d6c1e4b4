"""The number: what the entries of a log amount to, and which sequences of entries are illegal.

A pure fold. One step needs the tally so far, the entry, and what a `Ledger` remembers of earlier posts;
the server keeps that in rows, a recount in memory. Both take the same step, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypedDict

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

_NEXT_PHASES = {
    None: {Phase.OPENED},
    Phase.OPENED: {Phase.PAUSED, Phase.CLOSED},
    Phase.RESUMED: {Phase.PAUSED, Phase.CLOSED},
    Phase.PAUSED: {Phase.RESUMED, Phase.CLOSED},
    Phase.CLOSED: set[Phase](),
}


class TallyJson(TypedDict):
    """A tally as JSON: for rows, files and other programs."""

    entries: int
    posts: int
    people: int
    distinct: int
    in_colour: int
    removed: int
    unknown: dict[str, int]
    phase: str | None


@dataclass(frozen=True)
class Tally:
    """The figures that anyone can derive from a log.

    `posts` are on the wall now; `people` are in them as declared; `distinct` are posts that repeat no
    other; `in_colour` are posts in the campaign's colour; `removed` were taken back or taken down.
    `unknown` says how many entries were of kinds that this version does not know.
    """

    entries: int = 0
    posts: int = 0
    people: int = 0
    distinct: int = 0
    in_colour: int = 0
    removed: int = 0
    unknown: tuple[tuple[str, int], ...] = ()
    phase: Phase | None = None

    def to_json(self) -> TallyJson:
        """Return the tally as JSON values; `from_json` reads it back."""
        return TallyJson(
            entries=self.entries,
            posts=self.posts,
            people=self.people,
            distinct=self.distinct,
            in_colour=self.in_colour,
            removed=self.removed,
            unknown=dict(self.unknown),
            phase=None if self.phase is None else str(self.phase),
        )

    @classmethod
    def from_json(cls, values: TallyJson) -> Tally:
        """Read a stored tally; KeyError or ValueError when it is damaged."""
        phase = values["phase"]
        return cls(
            entries=values["entries"],
            posts=values["posts"],
            people=values["people"],
            distinct=values["distinct"],
            in_colour=values["in_colour"],
            removed=values["removed"],
            unknown=tuple(sorted(values["unknown"].items())),
            phase=None if phase is None else Phase(phase),
        )


class StandingJson(TypedDict):
    """A standing as JSON."""

    photos: int
    people: int
    colour: bool
    repeat: bool
    commitment: str
    live: bool


@dataclass(frozen=True)
class Standing:
    """How a post entry stands after everything that later entries said of it."""

    photos: int
    people: int
    colour: bool
    repeat: bool
    commitment: bytes
    live: bool = True

    def to_json(self) -> StandingJson:
        """Return the standing as JSON values; `from_json` reads it back."""
        return StandingJson(
            photos=self.photos,
            people=self.people,
            colour=self.colour,
            repeat=self.repeat,
            commitment=self.commitment.hex(),
            live=self.live,
        )

    @classmethod
    def from_json(cls, values: StandingJson) -> Standing:
        """Read a stored standing."""
        return cls(
            photos=values["photos"],
            people=values["people"],
            colour=values["colour"],
            repeat=values["repeat"],
            commitment=bytes.fromhex(values["commitment"]),
            live=values["live"],
        )


class Ledger(Protocol):
    """What a step must be able to ask about earlier entries."""

    def standing(self, index: int) -> Standing | None:
        """Return how the post entry at `index` stands; None when there is no post entry there."""
        ...

    def is_used(self, commitment: bytes) -> bool:
        """Tell whether any earlier entry, living or not, held this commitment."""
        ...


@dataclass(frozen=True)
class Step:
    """What one entry did: the tally after it and, where a post is concerned, that post's new standing."""

    tally: Tally
    index: int | None = None
    standing: Standing | None = None


@dataclass
class MemoryLedger:
    """A ledger in memory, for a recount of a whole log."""

    standings: dict[int, Standing] = field(default_factory=dict)
    used: set[bytes] = field(default_factory=set)

    def standing(self, index: int) -> Standing | None:
        """Return how the post entry at `index` stands."""
        return self.standings.get(index)

    def is_used(self, commitment: bytes) -> bool:
        """Tell whether this commitment was seen before."""
        return commitment in self.used

    def record(self, step: Step) -> None:
        """Remember what a step changed."""
        if step.index is not None and step.standing is not None:
            self.standings[step.index] = step.standing
            self.used.add(step.standing.commitment)


def fold(entries: Iterable[Entry]) -> Tally:
    """Count a whole log from its first entry; `IllegalEntry` at the first entry that may not follow."""
    tally, ledger = Tally(), MemoryLedger()
    for entry in entries:
        step = apply(tally, entry, ledger)
        ledger.record(step)
        tally = step.tally
    return tally


def apply(tally: Tally, entry: Entry, ledger: Ledger) -> Step:
    """Count one more entry, at index `tally.entries`; `IllegalEntry` when it may not stand there."""
    if tally.phase is None and not isinstance(entry, PhaseEntry):
        raise IllegalEntry("not-opened", "a log begins with the opening of its campaign")
    match entry:
        case PhaseEntry():
            return _apply_phase(tally, entry)
        case PostEntry():
            return _apply_post(tally, entry, ledger)
        case AmendEntry():
            return _apply_amend(tally, entry, ledger)
        case RemovedEntry():
            standing = _living(tally, entry.of, ledger)
            gone = replace(standing, live=False)
            after = _moved(tally, standing, gone)
            return Step(replace(after, removed=tally.removed + 1), entry.of, gone)
        case UnknownEntry():
            counts = dict(tally.unknown)
            counts[entry.kind] = counts.get(entry.kind, 0) + 1
            return Step(replace(tally, entries=tally.entries + 1, unknown=tuple(sorted(counts.items()))))


def _apply_phase(tally: Tally, entry: PhaseEntry) -> Step:
    if entry.phase not in _NEXT_PHASES[tally.phase]:
        now = "not yet opened" if tally.phase is None else tally.phase
        raise IllegalEntry("phase-order", f"a campaign that is {now} cannot be {entry.phase}")
    return Step(replace(tally, entries=tally.entries + 1, phase=entry.phase))


def _apply_post(tally: Tally, entry: PostEntry, ledger: Ledger) -> Step:
    if tally.phase is Phase.CLOSED:
        raise IllegalEntry("post-after-closed", "nothing joins a campaign that is closed")
    _require_fresh(entry.commitment, ledger)
    standing = Standing(entry.photos, entry.people, entry.colour, entry.repeat, entry.commitment)
    return Step(_moved(tally, None, standing), tally.entries, standing)


def _apply_amend(tally: Tally, entry: AmendEntry, ledger: Ledger) -> Step:
    before = _living(tally, entry.of, ledger)
    if entry.commitment is not None:
        _require_fresh(entry.commitment, ledger)
    after = Standing(
        photos=before.photos if entry.photos is None else entry.photos,
        people=before.people if entry.people is None else entry.people,
        colour=before.colour if entry.colour is None else entry.colour,
        repeat=before.repeat if entry.repeat is None else entry.repeat,
        commitment=before.commitment if entry.commitment is None else entry.commitment,
    )
    return Step(_moved(tally, before, after), entry.of, after)


def _living(tally: Tally, of: int, ledger: Ledger) -> Standing:
    if of >= tally.entries:
        raise IllegalEntry("of-future", "the entry speaks of one that is not there yet")
    standing = ledger.standing(of)
    if standing is None:
        raise IllegalEntry("of-no-post", "the entry speaks of one that is not a post")
    if not standing.live:
        raise IllegalEntry("of-removed", "the entry speaks of a post that is gone")
    return standing


def _require_fresh(commitment: bytes, ledger: Ledger) -> None:
    if ledger.is_used(commitment):
        raise IllegalEntry("commitment-twice", "the commitment was used before")


def _moved(tally: Tally, before: Standing | None, after: Standing) -> Tally:
    """Count one entry that moved a post from one standing to another."""
    posts, people, distinct, in_colour = (
        new - old for old, new in zip(_counted(before), _counted(after), strict=True)
    )
    return Tally(
        entries=tally.entries + 1,
        posts=tally.posts + posts,
        people=tally.people + people,
        distinct=tally.distinct + distinct,
        in_colour=tally.in_colour + in_colour,
        removed=tally.removed,
        unknown=tally.unknown,
        phase=tally.phase,
    )


def _counted(standing: Standing | None) -> tuple[int, int, int, int]:
    if standing is None or not standing.live:
        return (0, 0, 0, 0)
    return (1, standing.people, int(not standing.repeat), int(standing.colour))
