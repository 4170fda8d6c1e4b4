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
from wearemany.tlog.sequence import Edge, LogFile, grow
from wearemany.tlog.tiles import ENTRIES_LEVEL, FULL_WIDTH, BundleMalformed, Tile, tiles_at, widths
from wearemany.wall.bundle import Bundle, joined, read_bundle
from wearemany.wall.columns import Columns
from wearemany.wall.tally import Tally

CHECKPOINT_PATH = "checkpoint"
_STRETCH = 32


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


@dataclass(frozen=True)
class Shown:
    """A checkpoint that somebody holds of the log, already verified, and what they call it."""

    checkpoint: Checkpoint
    name: str


def audit(
    read: Read,
    *,
    verifier: Verifier,
    earlier: Checkpoint | None = None,
    shown: Sequence[Shown] = (),
    progress: Progress | None = None,
) -> Recount:
    """Recount a log from its files, and compare it with checkpoints of it, already verified.

    `earlier` is the one that the reader saw last; `shown` are any others, which need not be older.
    """
    opened = _open(read, verifier)
    if isinstance(opened, Finding):
        return Recount((opened,))
    held = [Shown(earlier, "")] if earlier else []
    walk = _Walk(read, opened, (*held, *shown), progress or _quiet)
    walk.compare_sizes()
    if walk.count_bundles():
        walk.compare_edge()
    return Recount(tuple(walk.findings), opened, walk.tally)


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
    held: tuple[Shown, ...]
    progress: Progress
    findings: list[Finding] = field(default_factory=list)
    edge: Edge = field(default_factory=Edge)
    tally: Tally | None = None
    _columns: Columns = field(default_factory=Columns)
    _waiting: list[Bundle] = field(default_factory=list)

    def compare_sizes(self) -> None:
        """Find out whether the log is shorter than it was, or is another one of the same length."""
        now = self.checkpoint
        for one in self.held:
            before = one.checkpoint
            if before.size > now.size:
                when = f"in the checkpoint {one.name}" if one.name else "when you last looked"
                reason = f"the log has {now.size} entries and had {before.size} {when}"
                self.findings.append(Finding("rollback", reason, CHECKPOINT_PATH))
            elif before.size == now.size and before.root != now.root:
                self._found_fork(one)
        self._compare_held_with_each_other()

    def count_bundles(self) -> bool:
        """Read and count every bundle; False when one cannot be read, so that nothing above it can be judged."""
        for tile in tiles_at(ENTRIES_LEVEL, self.checkpoint.size):
            bundle = self._bundle(tile)
            if bundle is None:
                self._count_waiting()
                self._finish_count()
                return False
            leaves = bundle.leaf_hashes()
            self._compare_held(leaves)
            batch = grow(self.edge, leaves)
            for file in batch.files:
                if file.tile.is_full:
                    self._compare(file)
            self.edge = batch.edge
            self._waiting.append(bundle)
            if len(self._waiting) == _STRETCH:
                self._count_waiting()
        self._count_waiting()
        self._finish_count()
        return True

    def compare_edge(self) -> None:
        """Compare the incomplete tiles and the root."""
        for tile in _edge_tiles(self.edge.size):
            self._compare(LogFile(tile, b"".join(self.edge.hashes[tile.level])))
        if self.edge.root != self.checkpoint.root:
            reason = "the entries do not lead to the root that is signed"
            self.findings.append(Finding("root-other", reason, CHECKPOINT_PATH))

    def _bundle(self, tile: Tile) -> Bundle | None:
        try:
            data = self._content(tile)
            # A partial bundle may be gone once the full one is there; its beginning is the same.
            width = tile.width if data.is_own else FULL_WIDTH
            return read_bundle(data.content, width=width).part(0, tile.width)
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

    def _compare_held(self, leaves: Sequence[bytes]) -> None:
        for one in self.held:
            before = one.checkpoint
            place = before.size - self.edge.size
            if before.size == self.checkpoint.size or not 0 <= place < len(leaves):
                continue
            if grow(self.edge, leaves[:place]).root != before.root:
                self._found_fork(one)

    def _compare_held_with_each_other(self) -> None:
        """Two of one size with different roots are a fork, even where the log is too short to say which is its own."""
        first: dict[int, Shown] = {}
        for one in self.held:
            size = one.checkpoint.size
            other = first.setdefault(size, one)
            if size > self.checkpoint.size and other.checkpoint.root != one.checkpoint.root:
                names = " and ".join(f"{each.name or 'the one you saw last'}" for each in (other, one))
                reason = f"{names} are of {size} entries each and differ: two histories are signed"
                self.findings.append(Finding("fork", reason, CHECKPOINT_PATH))

    def _found_fork(self, one: Shown) -> None:
        size = one.checkpoint.size
        which = f"those under the checkpoint {one.name}" if one.name else "those you saw before"
        reason = f"the first {size} entries are not {which}: two histories are signed"
        self.findings.append(Finding("fork", reason, CHECKPOINT_PATH))

    def _count_waiting(self) -> None:
        """Count what was read since the last time: many bundles at once are cheaper than one by one."""
        if self._waiting:
            self._columns.count(joined(self._waiting))
            self._waiting.clear()
        self.progress(self.edge.size, self.checkpoint.size)

    def _finish_count(self) -> None:
        illegal = self._columns.finish()
        if illegal is not None:
            # What follows an illegal entry has no meaning, so one finding says it all.
            error = illegal.error
            self.findings.append(Finding(error.code, error.reason, index=illegal.index))
        elif self._columns.tally.entries == self.checkpoint.size:
            self.tally = self._columns.tally


@dataclass(frozen=True)
class _Content:
    """A file's bytes; `is_own` is False when they are the full tile's in place of a partial one."""

    content: bytes
    is_own: bool
