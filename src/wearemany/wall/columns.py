"""The count of a log of any length: the fold of `tally`, taken in columns where entries are plain posts. Pure.

Nearly all entries of a long log are posts. Those are read many at once: an entry whose every byte fits a layout of
`entry.encode` counts as `entry.decode` and `tally.apply` would count it. Every other entry, and every stretch before
the opening or after the closing, takes the strict road one by one. What is kept of an entry: its standing in three
bytes, and its commitment in 32, so memory grows by the entry and by nothing else.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from wearemany.wall.bundle import Bundle
from wearemany.wall.entry import DIGEST_BYTES, IllegalEntry, Phase, PhaseEntry, PostEntry, decode, encode
from wearemany.wall.tally import Standing, Step, Tally, apply

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

_POST, _LIVE, _COLOUR, _REPEAT = 1, 2, 4, 8
_PAD = bytes(512)
_LOWER_CASE = 0x20
_ZERO = ord("0")
_SKIMMED = re.compile(
    rb'\{"day":"(?P<day>[0-9-]{10})","kind":"(?:amend(?=.*"repeat")|removed(?!.*"repeat"))",'
    rb'"of":(?P<of>[1-9][0-9]{0,14})(?:,"repeat":(?P<repeat>true|false))?,"v":1\}'
)
_TWICE = IllegalEntry("commitment-twice", "the commitment was used before")


@dataclass(frozen=True)
class Illegal:
    """The first entry that may not stand where it stands."""

    index: int
    error: IllegalEntry


@dataclass(frozen=True, eq=False)
class _Layout:
    """The bytes of all posts that say the same of colour and repeat and have as many digits of people.

    A byte fits when it equals the template's under the mask; `day`, `people` and `photos` are looked at apart.
    """

    colour: bool
    repeat: bool
    template: Bytes
    mask: Bytes
    commitment: slice
    day: slice
    people: slice
    photos: int

    def __len__(self) -> int:
        return len(self.template)


@dataclass(frozen=True, eq=False)
class _Posts:
    """Posts of one layout: their places in the stretch, and what each says, in columns."""

    layout: _Layout
    places: Places
    people: Bytes
    photos: Bytes
    commitments: Bytes


def _layout(*, colour: bool, repeat: bool, people: int) -> _Layout:
    entry = PostEntry(date(2000, 1, 1), bytes(DIGEST_BYTES), 1, people, colour, repeat)
    line = encode(entry)
    template, mask = np.frombuffer(line, np.uint8).copy(), np.full(len(line), 0xFF, np.uint8)

    def after(name: bytes, length: int) -> slice:
        start = line.index(name) + len(name)
        return slice(start, start + length)

    commitment, day = after(b'"commitment":"', 2 * DIGEST_BYTES), after(b'"day":"', len("2000-01-01"))
    digits, photos = after(b'"people":', len(str(people))), after(b'"photos":', 1)
    for part in (day, digits, photos):
        mask[part] = 0
    # What `unhexlify` takes is hex in either case; this bit is set in digits and small letters alone.
    mask[commitment], template[commitment] = _LOWER_CASE, _LOWER_CASE
    return _Layout(colour, repeat, template & mask, mask, commitment, day, digits, photos.start)


_LAYOUTS = tuple(
    _layout(colour=colour, repeat=repeat, people=people)
    for colour in (True, False)
    for repeat in (True, False)
    for people in (1, 10)
)
_SHORTEST = min(len(layout) for layout in _LAYOUTS)
_AT_COLOUR = len('{"colour":')
_FROM_END_OF_REPEAT = len('true,"v":1}')


@dataclass
class _Moved:
    """What a stretch adds to the figures."""

    posts: int = 0
    people: int = 0
    distinct: int = 0
    in_colour: int = 0
    removed: int = 0

    def added_to(self, tally: Tally, *, entries: int) -> Tally:
        """Return the tally after the stretch."""
        return replace(
            tally,
            entries=entries,
            posts=tally.posts + self.posts,
            people=tally.people + self.people,
            distinct=tally.distinct + self.distinct,
            in_colour=tally.in_colour + self.in_colour,
            removed=tally.removed + self.removed,
        )


@dataclass
class Columns:
    """The state of a count: the tally so far and what the entries before said. Also the ledger of its strict steps."""

    tally: Tally = field(default_factory=Tally)
    illegal: Illegal | None = None
    _flags: bytearray = field(default_factory=bytearray)
    _people: bytearray = field(default_factory=bytearray)
    _photos: bytearray = field(default_factory=bytearray)
    _used: list[tuple[Places, Bytes]] = field(default_factory=list)
    _used_singly: list[tuple[int, bytes]] = field(default_factory=list)
    _days: set[bytes] = field(default_factory=set)
    _moved: _Moved = field(default_factory=_Moved)

    def count(self, entries: Bundle) -> None:
        """Count the next entries; after the first illegal one nothing is counted any more."""
        if self.illegal is not None or not len(entries):
            return
        if self.tally.phase is None and len(entries) > 1:
            self.count(entries.part(0, 1))
            self.count(entries.part(1, len(entries)))
            return
        first = self.tally.entries
        for column in (self._flags, self._people, self._photos):
            column.extend(bytes(len(entries)))
        others = np.arange(len(entries))
        if self._is_open():
            plain = list(_posts_of(entries, self._days))
            taken = np.zeros(len(entries), bool)
            for posts in plain:
                taken[posts.places] = True
            if b'"closed"' not in entries.data:
                others = np.flatnonzero(~taken)
                for posts in plain:
                    self._take(posts, first=first)
        self._step_through(entries, others, first=first)
        self.tally = self._moved.added_to(self.tally, entries=first + len(entries))
        self._moved = _Moved()

    def finish(self) -> Illegal | None:
        """Say what is illegal, once everything is counted: no commitment may stand in two entries."""
        end = None if self.illegal is None else self.illegal.index
        twice = self._first_repetition(end)
        if twice is not None:
            self.illegal = Illegal(twice, _TWICE)
        return self.illegal

    def standing(self, index: int) -> Standing | None:
        """Return how the post entry at `index` stands; its commitment is left out, nothing here asks for it."""
        flags = self._flags[index] if index < len(self._flags) else 0
        if not flags & _POST:
            return None
        return Standing(
            photos=self._photos[index],
            people=self._people[index],
            colour=bool(flags & _COLOUR),
            repeat=bool(flags & _REPEAT),
            commitment=b"",
            live=bool(flags & _LIVE),
        )

    def is_used(self, commitment: bytes) -> bool:
        """Say no: commitments are compared with each other at the end, all at once."""
        return False

    def _is_open(self) -> bool:
        return self.tally.phase not in {None, Phase.CLOSED}

    def _take(self, posts: _Posts, *, first: int) -> None:
        """Count posts whose bytes are known to be legal, in whatever order."""
        layout, places = posts.layout, posts.places + first
        flags = _POST | _LIVE | layout.colour * _COLOUR | layout.repeat * _REPEAT
        np.frombuffer(self._flags, np.uint8)[places] = flags
        np.frombuffer(self._people, np.uint8)[places] = posts.people
        np.frombuffer(self._photos, np.uint8)[places] = posts.photos
        self._used.append((places, posts.commitments))
        self._moved.posts += len(places)
        self._moved.people += int(posts.people.sum())
        self._moved.distinct += len(places) * (not layout.repeat)
        self._moved.in_colour += len(places) * layout.colour

    def _step_through(self, entries: Bundle, places: Places, *, first: int) -> None:
        """Take the strict road for some entries, in their order; what the others amount to is counted already."""
        bounds = zip(entries.starts[places].tolist(), entries.ends[places].tolist(), strict=True)
        for index, (start, end) in zip((places + first).tolist(), bounds, strict=True):
            line = entries.data[start:end]
            if self._skim(line, index):
                continue
            try:
                entry = decode(line)
                step = apply(replace(self.tally, entries=index), entry, self)
            except IllegalEntry as error:
                self.illegal = Illegal(index, error)
                return
            self._record(step, index, commitment=getattr(entry, "commitment", None))

    def _skim(self, line: bytes, index: int) -> bool:
        """Count a removal, or a word on repeating, that is plainly legal; False: look closely."""
        found = _SKIMMED.fullmatch(line)
        of = int(found["of"]) if found else index
        if found is None or of >= index or found["day"] not in self._days:
            return False
        flags, people = self._flags[of], self._people[of]
        if flags & (_POST | _LIVE) != _POST | _LIVE:
            return False
        moved, said = self._moved, found["repeat"]
        if said:
            now = flags | _REPEAT if said == b"true" else flags & ~_REPEAT
            moved.distinct += (flags & _REPEAT) // _REPEAT - (now & _REPEAT) // _REPEAT
        else:
            now = flags & ~_LIVE
            moved.posts -= 1
            moved.people -= people
            moved.distinct -= not flags & _REPEAT
            moved.in_colour -= (flags & _COLOUR) // _COLOUR
            moved.removed += 1
        self._flags[of] = now
        return True

    def _record(self, step: Step, index: int, *, commitment: bytes | None) -> None:
        self.tally = step.tally
        if commitment is not None:
            self._used_singly.append((index, commitment))
        if step.index is None or step.standing is None:
            return
        now = step.standing
        flags = _POST | now.live * _LIVE | now.colour * _COLOUR | now.repeat * _REPEAT
        self._flags[step.index], self._people[step.index], self._photos[step.index] = (
            flags,
            now.people,
            now.photos,
        )

    def _first_repetition(self, end: int | None) -> int | None:
        """Return the first index before `end` whose commitment an earlier entry held."""
        used = list(self._used)
        if self._used_singly:
            places, commitments = zip(*self._used_singly, strict=True)
            used.append((np.array(places, np.int64), _rows(b"".join(commitments))))
        if not used:
            return None
        keys = np.concatenate([_words(commitments)[:, 0] for _, commitments in used])
        keys.sort()
        again = np.unique(keys[1:][keys[1:] == keys[:-1]])
        if not len(again):
            return None
        # Only those whose first eight bytes are not alone are compared in full.
        chosen = [np.isin(_words(commitments)[:, 0], again) for _, commitments in used]
        indexes = np.concatenate([places[some] for (places, _), some in zip(used, chosen, strict=True)])
        words = np.concatenate([_words(rows)[some] for (_, rows), some in zip(used, chosen, strict=True)])
        order = np.lexsort((indexes, *words.T))
        same = (words[order][1:] == words[order][:-1]).all(axis=1)
        repeated = indexes[order][1:][same]
        repeated = repeated if end is None else repeated[repeated < end]
        return int(repeated.min()) if len(repeated) else None


def _words(commitments: Bytes) -> NDArray[np.uint64]:
    return commitments.view(np.uint64)


def _rows(digests: bytes) -> Bytes:
    return np.frombuffer(digests, np.uint8).reshape(-1, DIGEST_BYTES)


def _posts_of(entries: Bundle, days: set[bytes]) -> Iterator[_Posts]:
    """Yield the plain posts among entries, by layout. `days` holds those known to be in the calendar, and grows."""
    content = np.frombuffer(entries.data + _PAD, np.uint8)
    lengths = entries.ends - entries.starts
    is_out = content[entries.starts + _AT_COLOUR] != ord("t")
    is_fresh = content[entries.ends - _FROM_END_OF_REPEAT] != ord("t")
    has_two_digits = lengths - _SHORTEST - is_out - is_fresh
    for layout in _LAYOUTS:
        digits = layout.people.stop - layout.people.start
        fits = (is_out != layout.colour) & (is_fresh != layout.repeat) & (has_two_digits == digits - 1)
        places = np.flatnonzero(fits)
        if len(places):
            windows = np.lib.stride_tricks.sliding_window_view(content, len(layout))
            posts = _read(layout, places, windows[entries.starts[places]], days)
            if posts is not None:
                yield posts


def _read(layout: _Layout, places: Places, rows: Bytes, days: set[bytes]) -> _Posts | None:
    """Read those rows that fit the layout to the last byte; None when there are none."""
    people = _number(rows[:, layout.people])
    photos = rows[:, layout.photos] - _ZERO
    wrong = (rows & layout.mask) != layout.template
    fits = (photos - 1 < 4) & people.astype(bool) & _are_days(rows, layout.day, days)
    if wrong.any():
        fits &= ~wrong.any(axis=1)
    if not fits.all():
        places, rows, people, photos = places[fits], rows[fits], people[fits], photos[fits]
    try:
        digests = binascii.unhexlify(np.ascontiguousarray(rows[:, layout.commitment]).tobytes())
    except binascii.Error:
        return None
    return _Posts(layout, places, people, photos, _rows(digests)) if len(places) else None


def _number(digits: Bytes) -> Bytes:
    """Return one or two columns of digits as numbers without a leading zero; 0 where they are none."""
    values = digits - _ZERO
    is_number = (values < 10).all(axis=1) & (values[:, 0] > 0)
    total = values[:, 0] if values.shape[1] == 1 else values[:, 0] * 10 + values[:, 1]
    return np.where(is_number, total, 0).astype(np.uint8)


def _are_days(rows: Bytes, day: slice, known: set[bytes]) -> NDArray[np.bool_]:
    """Tell which rows name a day of the calendar."""
    columns = np.ascontiguousarray(rows[:, day])
    if bool((columns == columns[0]).all()):
        return np.full(len(rows), _is_day(columns[0].tobytes(), known))
    names, which = np.unique(columns.view(f"V{columns.shape[1]}").ravel(), return_inverse=True)
    return np.array([_is_day(name.tobytes(), known) for name in names])[which]


def _is_day(name: bytes, known: set[bytes]) -> bool:
    """Tell whether a day is in the calendar, by the strict reading of an entry with it."""
    if name not in known:
        try:
            decode(_A_DAY.replace(b"2000-01-01", name))
        except IllegalEntry:
            return False
        known.add(name)
    return True


_A_DAY = encode(PhaseEntry(date(2000, 1, 1), Phase.CLOSED, bytes(DIGEST_BYTES)))
