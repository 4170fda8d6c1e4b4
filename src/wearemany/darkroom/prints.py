"""Every fingerprint of a campaign in memory, so that all near ones are found exactly: a multi-index in numpy. Pure.

Two prints that differ in at most 31 of 256 bits have, among their 16 words of 16 bits, one that differs in at most
one bit (16 words with two differences each would be 32). So each word is looked up with its 16 neighbours, and what
lies there is compared in full: nothing within 31 bits is ever missed. Farther ones are found by reading everything.

Prints lie in blocks that are never changed: a block's table says for each place and word which of its rows have
it. New prints are read one by one until a block of them is full; four blocks of one rank become one of the next, up
to a million rows, so that adding and taking out are bounded, and a look-up is never dearer than reading everything.
Of what is taken out nothing stays. A print costs 32 bytes, its label 8, its places in the tables 64, the tables
themselves 4 to 64 more: at most 170 bytes, 110 in blocks of a million. Not for two threads at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PRINT_BYTES = 32
INDEXED_WITHIN_BITS = 31
BLOCK_ROWS = 1 << 16
MERGED_AT_ONCE = 4
RANK_MAX = 2
SEEN_AT_ONCE = 1 << 13

_WORDS = PRINT_BYTES // 2
_VALUES = 1 << 16
_LANES = PRINT_BYTES // 8
# A word and its sixteen neighbours at one bit.
_NEIGHBOURS = np.array([0, *(1 << bit for bit in range(16))], dtype=np.uint16)
_IN_TABLE = np.repeat(np.arange(_WORDS), len(_NEIGHBOURS))
# Reading rows here and there costs about so many times what reading them in order does.
_SCATTERED_COST = 4

Rows = npt.NDArray[np.uint64]
Words = npt.NDArray[np.uint16]
Labels = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint16]
_Found = tuple[Places, Bits]
_NOTHING: _Found = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint16))


@dataclass(frozen=True)
class Near:
    """Pairs that lie near each other: `asked[i]` is the place of a question, `labels[i]` what is `bits[i]` away."""

    asked: Places
    labels: Labels
    bits: Bits

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, place: int) -> list[tuple[int, int]]:
        """Return (bits, label) of what lies near one question, the nearest first, then the lowest label."""
        mine = self.asked == place
        return sorted(zip(self.bits[mine].tolist(), self.labels[mine].tolist(), strict=True))


class Prints:
    """Fingerprints by label. A label is the caller's whole number; one that is added twice is there twice."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._fresh_rows = np.empty((BLOCK_ROWS, _LANES), dtype=np.uint64)
        self._fresh_labels = np.empty(BLOCK_ROWS, dtype=np.int64)
        self._fresh = 0

    def __len__(self) -> int:
        return self._fresh + sum(len(block.labels) for block in self._blocks)

    @property
    def memory_bytes(self) -> int:
        """How much memory rows, labels and tables take."""
        fresh = self._fresh_rows.nbytes + self._fresh_labels.nbytes
        return fresh + sum(block.memory_bytes for block in self._blocks)

    def add(self, labels: Sequence[int] | Labels, prints: Sequence[bytes] | Rows) -> None:
        """Add prints; bounded: at most one block of a million rows is made for every million added."""
        rows, names = as_rows(prints), np.asarray(labels, dtype=np.int64)
        if len(rows) != len(names):
            raise ValueError("every print has one label")
        done = 0
        while done < len(rows):
            took = min(BLOCK_ROWS - self._fresh, len(rows) - done)
            self._fresh_rows[self._fresh : self._fresh + took] = rows[done : done + took]
            self._fresh_labels[self._fresh : self._fresh + took] = names[done : done + took]
            self._fresh += took
            done += took
            if self._fresh == BLOCK_ROWS:
                self._seal()

    def remove(self, labels: Sequence[int] | Labels) -> int:
        """Take out everything under these labels and return how many prints that were; absent ones are no error."""
        gone, before = np.asarray(labels, dtype=np.int64), len(self)
        if not len(gone):
            return 0
        stays = ~np.isin(self._fresh_labels[: self._fresh], gone)
        kept = int(stays.sum())
        if kept < self._fresh:
            self._fresh_rows[:kept] = self._fresh_rows[: self._fresh][stays]
            self._fresh_labels[:kept] = self._fresh_labels[: self._fresh][stays]
            self._fresh_rows[kept:] = 0
            self._fresh_labels[kept:] = 0
            self._fresh = kept
        self._blocks = [left for block in self._blocks if (left := block.without(gone)) is not None]
        return before - len(self)

    def near(self, prints: Sequence[bytes] | Rows, *, within_bits: int = INDEXED_WITHIN_BITS) -> Near:
        """Return everything within so many bits of each print, none missing: up to 31 by the tables."""
        return _joined([self._near(question, within_bits) for question in as_rows(prints)])

    def _near(self, question: Rows, within_bits: int) -> tuple[Labels, Bits]:
        fresh = self._fresh_rows[: self._fresh]
        found = [(self._fresh_labels, _read(question, fresh, within_bits))]
        if within_bits > INDEXED_WITHIN_BITS:
            found += [(block.labels, _read(question, block.rows, within_bits)) for block in self._blocks]
        else:
            slots = _slots(question)
            found += [(block.labels, block.near(question, slots, within_bits)) for block in self._blocks]
        labels = np.concatenate([names[places] for names, (places, _) in found])
        return labels, np.concatenate([bits for _, (_, bits) in found])

    def _seal(self) -> None:
        """Make a block of what is fresh, and one of four whenever there are four of a rank."""
        rows, labels, rank = self._fresh_rows, self._fresh_labels, 0
        while rank < RANK_MAX and len(self._of_rank(rank)) == MERGED_AT_ONCE - 1:
            alike = self._of_rank(rank)
            rows = np.concatenate([*(block.rows for block in alike), rows])
            labels = np.concatenate([*(block.labels for block in alike), labels])
            self._blocks = [block for block in self._blocks if block.rank != rank]
            rank += 1
        if rank == 0:
            rows, labels = rows.copy(), labels.copy()
        self._blocks.append(_Block(rows, labels, rank))
        self._fresh = 0

    def _of_rank(self, rank: int) -> list[_Block]:
        return [block for block in self._blocks if block.rank == rank]


def as_rows(prints: Sequence[bytes] | Rows) -> Rows:
    """Return prints as rows of four 64-bit lanes; ValueError when one is not 32 bytes long."""
    if isinstance(prints, np.ndarray):
        return np.ascontiguousarray(prints, dtype=np.uint64).reshape(-1, _LANES)
    if any(len(one) != PRINT_BYTES for one in prints):
        raise ValueError(f"a print has {PRINT_BYTES} bytes")
    return np.frombuffer(b"".join(prints), dtype=np.uint64).reshape(-1, _LANES)


class _Block:
    """Rows with a table: `_ends[w, v]` is where the rows whose w-th word is at most v end in `_members[w]`."""

    def __init__(self, rows: Rows, labels: Labels, rank: int) -> None:
        self.rows, self.labels, self.rank = rows, labels, rank
        words = rows.view(np.uint16).reshape(-1, _WORDS)
        self._members = np.empty((_WORDS, len(rows)), dtype=np.uint32)
        self._ends = np.zeros((_WORDS, _VALUES + 1), dtype=np.uint32)
        for place in range(_WORDS):
            column = np.ascontiguousarray(words[:, place])
            # Stable is numpy's radix sort for sixteen bits: linear.
            self._members[place] = np.argsort(column, kind="stable")
            np.cumsum(np.bincount(column, minlength=_VALUES), out=self._ends[place, 1:])

    @property
    def memory_bytes(self) -> int:
        return self.rows.nbytes + self.labels.nbytes + self._members.nbytes + self._ends.nbytes

    def without(self, labels: Labels) -> _Block | None:
        """Return the block without some labels, made anew so that no table remembers; None when empty."""
        stays = ~np.isin(self.labels, labels)
        if stays.all():
            return self
        return _Block(self.rows[stays], self.labels[stays], self.rank) if stays.any() else None

    def near(self, question: Rows, slots: Places, within_bits: int) -> _Found:
        """Return rows and distances of what lies within at most 31 bits of a question; `slots` are its `_slots`."""
        ends = self._ends.reshape(-1)
        begins = ends.take(slots).astype(np.int64)
        counts = ends.take(slots + 1) - begins
        total = int(counts.sum())
        if total * _SCATTERED_COST > len(self.rows):
            # Words that very many rows share, by chance or made so: reading all of them in order is quicker.
            return _read(question, self.rows, within_bits)
        starts = begins + _IN_TABLE * len(self.rows) - (np.cumsum(counts) - counts)
        members = self._members.reshape(-1).take(np.arange(total) + np.repeat(starts, counts))
        candidates = self.rows.take(members, axis=0)
        # Half of the bits are enough to tell nearly everything apart.
        close = np.flatnonzero(_half(candidates, question, 0) <= within_bits)
        if not len(close):
            return _NOTHING
        # The same row lies in several of a question's ranges.
        rows = np.unique(members[close])
        bits = _distances(self.rows[rows], question)
        return rows[bits <= within_bits], bits[bits <= within_bits]


def _slots(question: Rows) -> Places:
    """Return where a block's table keeps the sixteen words and all their neighbours."""
    words = question.view(np.uint16)
    return ((words[:, None] ^ _NEIGHBOURS) + (np.arange(_WORDS) * (_VALUES + 1))[:, None]).reshape(-1)


def _read(question: Rows, rows: Rows, within_bits: int) -> _Found:
    """Compare a question with every row, a few thousand rows at a time, which then stay in the nearest cache."""
    found = []
    for first in range(0, len(rows), SEEN_AT_ONCE):
        bits = _distances(rows[first : first + SEEN_AT_ONCE], question)
        close = np.flatnonzero(bits <= within_bits)
        if len(close):
            found.append((close + first, bits[close]))
    if not found:
        return _NOTHING
    return np.concatenate([places for places, _ in found]), np.concatenate([bits for _, bits in found])


def _distances(rows: Rows, question: Rows) -> Bits:
    """Return how many of the 256 bits differ, row by row."""
    return np.add(_half(rows, question, 0), _half(rows, question, 2), dtype=np.uint16)


def _half(rows: Rows, question: Rows, lane: int) -> npt.NDArray[np.uint8]:
    """Return how many bits differ in two of the four lanes."""
    one: npt.NDArray[np.uint8] = np.bitwise_count(rows[:, lane] ^ question[lane])
    one += np.bitwise_count(rows[:, lane + 1] ^ question[lane + 1])
    return one


def _joined(found: Sequence[tuple[Labels, Bits]]) -> Near:
    asked = np.repeat(np.arange(len(found)), [len(labels) for labels, _ in found])
    if not found:
        return Near(asked, *_NOTHING)
    return Near(
        asked, np.concatenate([labels for labels, _ in found]), np.concatenate([bits for _, bits in found])
    )
