"""How fast a log is planned, read and recounted: entries a second, on one core, from memory."""

from __future__ import annotations

import datetime
import hashlib
import sys
import time

from wearemany.tlog.checkpoint import Checkpoint, sign_checkpoint
from wearemany.tlog.note import Signer
from wearemany.tlog.sequence import Edge, plan
from wearemany.wall.audit import audit
from wearemany.wall.entry import Phase, PhaseEntry, PostEntry, decode, encode

DAY = datetime.date(2026, 11, 23)
SIGNER = Signer("bench.example/log/red", bytes(32))


def story(posts: int) -> list[bytes]:
    """Return the lines of a log with that many posts."""
    opening = PhaseEntry(DAY, Phase.OPENED, bytes(32), recovery=bytes(32))
    commitments = (hashlib.sha256(str(number).encode()).digest() for number in range(posts))
    return [encode(opening), *(encode(PostEntry(DAY, item, 1, 1, True, False)) for item in commitments)]


def main() -> None:
    """Print entries a second for each part of the road."""
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    lines = story(posts)
    start = time.perf_counter()
    batch = plan(Edge(), lines, tail=())
    planned = time.perf_counter()
    for line in lines:
        decode(line)
    decoded = time.perf_counter()
    files = {file.path: file.data for file in batch.files}
    seen = Checkpoint(SIGNER.name, len(lines), batch.root)
    files["checkpoint"] = sign_checkpoint(seen, SIGNER).data
    signed = time.perf_counter()
    result = audit(files.__getitem__, verifier=SIGNER.verifier)
    counted = time.perf_counter()
    if not result.holds:
        raise SystemExit("the log that was just made does not add up")
    for name, took_s in (
        ("plan", planned - start),
        ("decode", decoded - planned),
        ("recount", counted - signed),
    ):
        print(f"{name:8} {len(lines) / took_s:>10,.0f} entries/s")


if __name__ == "__main__":
    main()
