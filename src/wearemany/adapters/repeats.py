"""Near fingerprints and second looks as the rest of the server sees them. Standard library only.

numpy and Pillow live in children (`repeats_child`), so that the serving process stays small and no picture is opened
in it. A few hundred fingerprints need no child: they are compared here, one by one.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wearemany.adapters.sandbox import Child, ChildGoneError, ChildLateError
from wearemany.errors import N_, TryAgain

CHILD_MODULE = "wearemany.adapters.repeats_child"
FEW = 512
LOOKS_PER_CHILD = 64
SENT_AT_ONCE = 200_000

Found = list[tuple[int, int]]
"""(bits, label) of what lies near, the nearest first, then the lowest label."""


class PrintShelf:
    """The fingerprints of one campaign by label (whole numbers). For one thread at a time.

    Raises TryAgain `repeats-interrupted` when the child is gone; the shelf is of no more use then, and is made anew
    from the rows.
    """

    def __init__(self) -> None:
        self._few: dict[int, int] = {}
        self._child: Child | None = None

    def add(self, prints: Mapping[int, bytes]) -> None:
        """Add fingerprints by label."""
        if self._child is None and len(self._few) + len(prints) <= FEW:
            self._few |= {label: int.from_bytes(one, "big") for label, one in prints.items()}
            return
        if self._child is None:
            self._child = _ready_child("prints")
            self._send({label: one.to_bytes(32, "big") for label, one in self._few.items()})
            self._few = {}
        self._send(prints)

    def remove(self, labels: Sequence[int]) -> None:
        """Take out what is there under these labels."""
        for label in labels:
            self._few.pop(label, None)
        if self._child is not None and labels:
            self._asked({"verb": "remove"}, [array("q", labels).tobytes()])

    def near(self, prints: Sequence[bytes], *, within_bits: int) -> list[Found]:
        """Return what lies within so many bits of each fingerprint; nothing is missed."""
        if self._child is None:
            return [self._near_few(int.from_bytes(one, "big"), within_bits) for one in prints]
        header, blobs = self._asked({"verb": "near", "within_bits": within_bits}, [b"".join(prints)])
        found: list[Found] = [[] for _ in prints]
        columns = [array("q", blob) for blob in blobs]
        if len(columns) != 3 or {len(column) for column in columns} != {header.get("near")}:
            raise _interrupted("an answer of another form")
        for asked, label, bits in zip(*columns, strict=True):
            found[asked].append((bits, label))
        return [sorted(near) for near in found]

    @property
    def pid(self) -> int:
        """The process that holds the fingerprints; 0 while they are few and held here."""
        return self._child.pid if self._child is not None else 0

    def close(self) -> None:
        """Forget everything. Twice is once."""
        self._few = {}
        if self._child is not None:
            self._child.end()

    def _near_few(self, asked: int, within_bits: int) -> Found:
        distances = ((asked ^ other).bit_count() for other in self._few.values())
        pairs = zip(distances, self._few, strict=True)
        return sorted((bits, label) for bits, label in pairs if bits <= within_bits)

    def _send(self, prints: Mapping[int, bytes]) -> None:
        labels, rows = list(prints), list(prints.values())
        for first in range(0, len(labels), SENT_AT_ONCE):
            some = slice(first, first + SENT_AT_ONCE)
            self._asked({"verb": "add"}, [array("q", labels[some]).tobytes(), b"".join(rows[some])])

    def _asked(
        self, header: dict[str, object], blobs: Sequence[bytes]
    ) -> tuple[dict[str, object], list[bytes]]:
        assert self._child is not None
        return _exchanged(self._child, header, blobs)


@dataclass(frozen=True)
class Look:
    """An encoded picture and the boxes, in fractions, of the covers in it."""

    content: bytes = field(repr=False)
    covers: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Seen:
    """How well two pictures agree, from 0 to 1: in the place that agrees least, and over all there is to see."""

    worst: float
    share: float


class SecondLook:
    """Lays one picture over another, in a child that is started for the first look and ended after some dozens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None

    def __call__(self, one: Look, other: Look, *, turned: int) -> Seen:
        """Compare two pictures, the other turned first. What cannot be opened, or breaks the child, agrees nowhere."""
        header = {"covers": [one.covers, other.covers], "turned": turned}
        with self._lock:
            child = self._child or _ready_child("looks")
            self._child = child
            try:
                answer, _ = child.exchange(header, [one.content, other.content])
            except (ChildGoneError, ChildLateError):
                self._end()
                return Seen(0.0, 0.0)
            if child.photos >= LOOKS_PER_CHILD:
                self._end()
        worst, share = answer.get("worst"), answer.get("share")
        if not isinstance(worst, float) or not isinstance(share, float):
            return Seen(0.0, 0.0)
        return Seen(worst, share)

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


def _ready_child(errand: str) -> Child:
    child = Child(CHILD_MODULE, errand)
    try:
        child.wait_ready()
    except (ChildGoneError, ChildLateError) as error:
        child.end()
        raise _interrupted(str(error)) from error
    return child


def _exchanged(
    child: Child, header: dict[str, object], blobs: Sequence[bytes]
) -> tuple[dict[str, object], list[bytes]]:
    try:
        return child.exchange(header, blobs)
    except (ChildGoneError, ChildLateError) as error:
        raise _interrupted(str(error)) from error


def _interrupted(cause: str) -> TryAgain:
    return TryAgain(
        "repeats-interrupted",
        N_("Looking for repeats was interrupted. Nothing is lost; it goes on by itself."),
        cause=cause,
    )
