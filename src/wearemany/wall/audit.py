"""The recount: a log's public files in, its verified tally and everything that is wrong with it out.

Pure: files come from a `read` callable, the key and the remembered checkpoint from the caller. Nothing
is believed: the tree is built again from the entries and compared with the signature and every tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from wearemany.tlog.checkpoint import Checkpoint, CheckpointMalformed, open_checkpoint
from wearemany.tlog.merkle import HASH_BYTES
from wearemany.tlog.note import NoteInvalid, NoteMalformed, NoteUnverified, Verifier
from wearemany.tlog.sequence import Edge, LogFile, plan
from wearemany.tlog.tiles import (
    ENTRIES_LEVEL,
    FULL_WIDTH,
    BundleMalformed,
    Tile,
    tiles_at,
    unpack_bundle,
    widths,
)
from wearemany.wall.entry import IllegalEntry, decode
from wearemany.wall.tally import MemoryLedger, Tally, apply

CHECKPOINT_PATH = "checkpoint"


class Missing(LookupError):
    """The log has no such file. Raised by a `read`; other errors of a `read` end the recount."""


Read = Callable[[str], bytes]
"""Given a path relative to the log's prefix, the file's bytes; raises `Missing`."""

Progress = Callable[[int, int], None]
"""Called with how many entries are counted, and how many there are."""


@dataclass(frozen=True)
class Finding:
    """Something that must not be: a stable code, a sentence, and where."""

    code: str
    reason: str
    path: str = ""
    index: int | None = None


@dataclass(frozen=True)
class Recount:
    """What a recount came to. `tally` is what the entries amount to; it is worth nothing beside findings."""

    findings: tuple[Finding, ...]
    checkpoint: Checkpoint | None = None
    tally: Tally | None = None

    @property
    def holds(self) -> bool:
        """Tell whether everything adds up."""
        return not self.findings and self.tally is not None


def audit(
    read: Read,
    *,
    verifier: Verifier,
    earlier: Checkpoint | None = None,
    progress: Progress | None = None,
) -> Recount:
    """Recount a log from its files. `earlier` is a checkpoint of it seen before, already verified."""
    opened = _open(read, verifier)
    if isinstance(opened, Finding):
        return Recount((opened,))
    walk = _Walk(read, opened, earlier, progress or _quiet)
    walk.compare_sizes()
    if walk.count_bundles():
        walk.compare_edge()
    return Recount(tuple(walk.findings), opened, walk.tally if walk.is_counted else None)


def reading_order(size: int) -> Iterator[Tile]:
    """Yield the files that `audit` reads for a log of `size` entries, in that order, to be fetched ahead."""
    full, partial = widths(ENTRIES_LEVEL, size)
    for index in range(full):
        yield Tile(ENTRIES_LEVEL, index)
        nodes, level = index + 1, 0
        yield Tile(level, index)
        while nodes % FULL_WIDTH == 0:
            nodes, level = nodes // FULL_WIDTH, level + 1
            yield Tile(level, nodes - 1)
    if partial:
        yield Tile(ENTRIES_LEVEL, full, partial)
    yield from _edge_tiles(size)


def _edge_tiles(size: int) -> Iterator[Tile]:
    level = 0
    while nodes := size >> (8 * level):
        if nodes % FULL_WIDTH:
            yield Tile(level, nodes // FULL_WIDTH, nodes % FULL_WIDTH)
        level += 1


def _quiet(counted: int, size: int) -> None:
    """Report to nobody."""


def _open(read: Read, verifier: Verifier) -> Checkpoint | Finding:
    path = CHECKPOINT_PATH
    try:
        return open_checkpoint(read(path), verifier)
    except Missing:
        return Finding("checkpoint-missing", "there is no checkpoint", path)
    except NoteInvalid as error:
        return Finding("signature-false", str(error), path)
    except NoteUnverified:
        return Finding("key-other", "the checkpoint is not signed by this key", path)
    except (NoteMalformed, CheckpointMalformed) as error:
        return Finding("checkpoint-malformed", str(error), path)


@dataclass
class _Walk:
    """One pass over a log, from the first bundle to the root."""

    read: Read
    checkpoint: Checkpoint
    earlier: Checkpoint | None
    progress: Progress
    findings: list[Finding] = field(default_factory=list)
    edge: Edge = field(default_factory=Edge)
    tally: Tally = field(default_factory=Tally)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    illegal: bool = False

    @property
    def is_counted(self) -> bool:
        """Tell whether every entry is in the tally."""
        return self.tally.entries == self.checkpoint.size

    def compare_sizes(self) -> None:
        """Find out whether the log is shorter than it was, or is another one of the same length."""
        before, now = self.earlier, self.checkpoint
        if before is None:
            return
        if before.size > now.size:
            reason = f"the log has {now.size} entries and had {before.size} when you last looked"
            self.findings.append(Finding("rollback", reason, CHECKPOINT_PATH))
        elif before.size == now.size and before.root != now.root:
            self._found_fork()

    def count_bundles(self) -> bool:
        """Read and count every bundle; False when one cannot be read, so that nothing above it can be judged."""
        for tile in tiles_at(ENTRIES_LEVEL, self.checkpoint.size):
            entries = self._bundle(tile)
            if entries is None:
                return False
            self._compare_earlier(entries)
            batch = plan(self.edge, entries, tail=())
            for file in batch.files:
                if file.tile.is_full and file.tile.level != ENTRIES_LEVEL:
                    self._compare(file)
            self.edge = batch.edge
            self._count(entries)
            self.progress(self.edge.size, self.checkpoint.size)
        return True

    def compare_edge(self) -> None:
        """Compare the incomplete tiles and the root."""
        for tile in _edge_tiles(self.edge.size):
            self._compare(LogFile(tile, b"".join(self.edge.hashes[tile.level])))
        if self.edge.root != self.checkpoint.root:
            reason = "the entries do not lead to the root that is signed"
            self.findings.append(Finding("root-other", reason, CHECKPOINT_PATH))

    def _bundle(self, tile: Tile) -> list[bytes] | None:
        try:
            data = self._content(tile)
            # A partial bundle may be gone once the full one is there; its beginning is the same.
            width = tile.width if data.is_own else FULL_WIDTH
            return unpack_bundle(data.content, width=width)[: tile.width]
        except Missing:
            self.findings.append(Finding("bundle-missing", "an entry bundle is not there", tile.path))
        except BundleMalformed as error:
            self.findings.append(Finding("bundle-malformed", str(error), tile.path))
        return None

    def _compare(self, file: LogFile) -> None:
        try:
            content = self._content(file.tile)
        except Missing:
            self.findings.append(Finding("tile-missing", "a tile is not there", file.path))
            return
        seen = content.content if content.is_own else content.content[: file.tile.width * HASH_BYTES]
        if seen != file.data:
            self.findings.append(Finding("tile-other", "a tile does not fit the entries", file.path))

    def _content(self, tile: Tile) -> _Content:
        try:
            return _Content(self.read(tile.path), is_own=True)
        except Missing:
            if tile.is_full:
                raise
            return _Content(self.read(Tile(tile.level, tile.index).path), is_own=False)

    def _compare_earlier(self, entries: Sequence[bytes]) -> None:
        before = self.earlier
        if before is None or before.size == self.checkpoint.size:
            return
        place = before.size - self.edge.size
        if 0 <= place < len(entries) and plan(self.edge, entries[:place], tail=()).root != before.root:
            self._found_fork()

    def _found_fork(self) -> None:
        size = 0 if self.earlier is None else self.earlier.size
        reason = f"the first {size} entries are not those you saw before: two histories are signed"
        self.findings.append(Finding("fork", reason, CHECKPOINT_PATH))

    def _count(self, entries: Sequence[bytes]) -> None:
        for line in entries:
            if self.illegal:
                return
            index = self.tally.entries
            try:
                step = apply(self.tally, decode(line), self.ledger)
            except IllegalEntry as error:
                # What follows an illegal entry has no meaning, so one finding says it all.
                self.findings.append(Finding(error.code, error.reason, index=index))
                self.illegal = True
                return
            self.ledger.record(step)
            self.tally = step.tally


@dataclass(frozen=True)
class _Content:
    """A file's bytes; `is_own` is False when they are the full tile's in place of a partial one."""

    content: bytes
    is_own: bool
