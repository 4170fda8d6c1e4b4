"""How long a recount takes, on one core, beside the bare SHA-256 of the same bytes in the same run.

    nice .venv/bin/python bench/recount.py [ENTRIES] [FOLDER]

Writes a log of ENTRIES (10,000,000 when nothing is said; about 2.2 GB) into FOLDER (else a temporary one), reads it
once as a warm-up, and removes it. Of its entries 95 % are posts, 3 % amendments, 2 % removals. Limits: 40 s, and 10
times the bare SHA-256. "Same hashes" is what Python's own `hashlib` needs for every leaf and every node alone: no
recount in plain Python can be quicker than that, whatever the processor makes of one long stream.
"""

from __future__ import annotations

import datetime
import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from wearemany.tlog.checkpoint import Checkpoint, sign_checkpoint
from wearemany.tlog.merkle import leaf_hash, root_of
from wearemany.tlog.note import Signer
from wearemany.tlog.sequence import Edge, grow
from wearemany.tlog.tiles import ENTRIES_LEVEL, FULL_WIDTH, Tile, pack_bundle, tiles_at
from wearemany.wall.audit import CHECKPOINT_PATH, audit
from wearemany.wall.entry import AmendEntry, Entry, Phase, PhaseEntry, PostEntry, RemovedEntry, encode
from wearemany.wall.recounting.reading import FolderSource

FIRST_DAY = datetime.date(2026, 11, 23)
SIGNER = Signer("bench.example/log/red", bytes(32))
SAMPLE = 200_000


def story(entries: int) -> Iterator[Entry]:
    """Yield the entries of a long campaign: in forty days, with amendments and removals."""
    yield PhaseEntry(FIRST_DAY, Phase.OPENED, bytes(32), recovery=bytes(32))
    for index in range(1, entries):
        day = FIRST_DAY + datetime.timedelta(days=index * 40 // entries)
        if index % 100 in {97, 98, 99} and index > 1000:
            yield AmendEntry(day, of=index - 97 - index % 100, repeat=True)
        elif index % 100 in {95, 96} and index > 1000:
            yield RemovedEntry(day, of=index - 194 - index % 100 + 50 * (index % 100 - 95))
        else:
            digest = hashlib.sha256(index.to_bytes(8, "big")).digest()
            yield PostEntry(day, digest, 1 + index % 7 // 6, 1 + index % 29 // 28 * 11, index % 9 > 0, False)


def write_log(folder: Path, entries: int) -> int:
    """Write the files of such a log; return how many bytes of entry bundles they hold."""
    edge, waiting, written = Edge(), list[bytes](), 0

    def store(path: str, content: bytes) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def flush() -> None:
        nonlocal edge, written
        bundle = pack_bundle(waiting)
        written += len(bundle)
        store(Tile(ENTRIES_LEVEL, edge.size // FULL_WIDTH, len(waiting)).path, bundle)
        batch = grow(edge, [leaf_hash(line) for line in waiting])
        for file in batch.files:
            if file.tile.is_full:
                store(file.path, file.data)
        edge = batch.edge
        waiting.clear()

    for entry in story(entries):
        waiting.append(encode(entry))
        if len(waiting) == FULL_WIDTH:
            flush()
    if waiting:
        flush()
    for level, hashes in enumerate(edge.hashes):
        if hashes:
            full = (edge.size >> (8 * level)) // FULL_WIDTH
            store(Tile(level, full, len(hashes)).path, b"".join(hashes))
    seen = Checkpoint(SIGNER.name, edge.size, edge.root)
    store(CHECKPOINT_PATH, sign_checkpoint(seen, SIGNER).data)
    return written


def bare_s(folder: Path, entries: int) -> float:
    """Return the CPU seconds of reading every bundle and hashing it in one stream."""
    begun = time.process_time()
    digest = hashlib.sha256()
    for tile in tiles_at(ENTRIES_LEVEL, entries):
        digest.update((folder / tile.path).read_bytes())
    digest.digest()
    return time.process_time() - begun


def same_hashes_s(entries: int) -> float:
    """Return the CPU seconds of hashing as many leaves and nodes, from a sample in memory."""
    lines = [encode(entry) for entry in story(SAMPLE)]
    begun = time.process_time()
    root_of([leaf_hash(line) for line in lines])
    return (time.process_time() - begun) * entries / SAMPLE


def main() -> None:
    """Write, recount, compare, remove."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory(
        prefix="recount-", dir=sys.argv[2] if len(sys.argv) > 2 else None
    ) as made:
        folder = Path(made)
        size_bytes = write_log(folder, entries)
        bare_s(folder, entries)
        before = bare_s(folder, entries)
        wall, cpu = time.perf_counter(), time.process_time()
        result = audit(FolderSource(folder).read, verifier=SIGNER.verifier)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        bare = (before + bare_s(folder, entries)) / 2
        hashes = same_hashes_s(entries)
        if not result.holds or result.tally is None:
            raise SystemExit(f"the log that was just made does not add up: {result.findings[:3]}")
        memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{entries:,} entries, {size_bytes / 1e6:,.0f} MB of them; {result.tally.posts:,} posts on the wall"
        )
        print(f"recount      {wall:8.1f} s, {cpu:.1f} s of one core (limit 40), at most {memory_mb:,.0f} MB")
        print(f"bare SHA-256 {bare:8.1f} s of one core in one stream: {cpu / bare:.1f} times (limit 10)")
        print(
            f"same hashes  {hashes:8.1f} s of one core, leaf by leaf and node by node: {cpu / hashes:.2f} times"
        )


if __name__ == "__main__":
    main()
