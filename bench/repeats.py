"""How fast near fingerprints are found, beside faiss. Usage: python bench/repeats.py [PRINTS] [CCP_FOLDER]

Exact on both sides: everything within 31 bits (faiss's IndexBinaryFlat, range search; its radius is exclusive). One
thread each, the same questions in the same run, ours and theirs in turn; medians, and processor time beside. Prints are
random ones, a tenth of them standing around fingerprints of real photos (12 to 60 bits away), where a folder is given.
Half of the questions have answers (up to 31 bits turned). Singly is how the matcher's worst case comes; 64 at once is
where faiss is at its best. Needs numpy; without faiss-cpu it says so and gives our figures alone.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.fingerprint import fingerprint
from wearemany.darkroom.prints import INDEXED_WITHIN_BITS, Prints, Rows

try:
    import faiss
except ImportError:
    faiss = None

QUESTIONS, ROUNDS, SEEDS = 64, 5, 60


def made(count: int, folder: Path | None, chance: np.random.Generator) -> Rows:
    """Return prints: random, and a tenth around real ones."""
    rows = chance.integers(0, 2**64, size=(count, 4), dtype=np.uint64)
    if folder is None:
        return rows
    files = sorted((folder / "photos").glob("*.jpg"))[:: 1106 // SEEDS]
    pictures = (Picture(np.asarray(Image.open(file).convert("RGB"))) for file in files)
    seeds = np.frombuffer(b"".join(fingerprint(picture).content for picture in pictures), np.uint64)
    around = seeds.reshape(-1, 4)[chance.integers(0, len(files), count // 10)]
    for first in range(0, len(around), 100_000):
        part = around[first : first + 100_000]
        share = chance.uniform(12, 60, len(part))[:, None] / 256
        flips = np.packbits(chance.random((len(part), 256), dtype=np.float32) < share, axis=1)
        part ^= flips.view(np.uint64)
    rows[chance.permutation(count)[: len(around)]] = around
    return rows


def asked(rows: Rows, chance: np.random.Generator) -> Rows:
    """Return questions, every second one near a print that is there."""
    questions = chance.integers(0, 2**64, size=(QUESTIONS, 4), dtype=np.uint64)
    near = rows[chance.integers(0, len(rows), QUESTIONS // 2)]
    for row in near:
        bits = np.unpackbits(row.view(np.uint8))
        bits[chance.choice(256, chance.integers(0, INDEXED_WITHIN_BITS + 1), replace=False)] ^= 1
        row[:] = np.packbits(bits).view(np.uint64)
    questions[::2] = near
    return questions


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Return seconds and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Fill both, check that they agree, measure in turn."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    chance = np.random.default_rng(1)
    rows = made(count, Path(sys.argv[2]) if len(sys.argv) > 2 else None, chance)
    questions, prints = asked(rows, chance), Prints()
    wall, cpu = timed(lambda: prints.add(np.arange(count), rows))
    print(
        f"{count:,} prints: filled in {wall:.1f} s ({cpu:.1f} s of processor), {prints.memory_bytes / count:.0f} B each"
    )
    ways: dict[str, Callable[[], object]] = {
        "ours, singly": lambda: [prints.near(one[None]) for one in questions],
        "ours, 64 at once": lambda: prints.near(questions),
    }
    if faiss is None:
        print("faiss is not installed here: no comparison")
    else:
        faiss.omp_set_num_threads(1)
        flat, bytes_of = faiss.IndexBinaryFlat(256), questions.view(np.uint8).reshape(-1, 32)
        flat.add(rows.view(np.uint8).reshape(-1, 32))
        within = INDEXED_WITHIN_BITS + 1
        limits, bits, labels = flat.range_search(bytes_of, within)
        ours = prints.near(questions)
        theirs = sorted(
            zip(np.repeat(np.arange(QUESTIONS), np.diff(limits.astype(np.int64))), labels, bits, strict=True)
        )
        if sorted(zip(ours.asked, ours.labels, ours.bits, strict=True)) != theirs:
            raise SystemExit("ours and faiss differ")
        print(f"both find the same {len(theirs):,} pairs; faiss {faiss.__version__}, numpy {np.__version__}")
        ways["faiss, singly"] = lambda: [
            flat.range_search(bytes_of[at : at + 1], within) for at in range(QUESTIONS)
        ]
        ways["faiss, 64 at once"] = lambda: flat.range_search(bytes_of, within)
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, act in ways.items():
            took[name].append(timed(act))
    median = {
        name: [statistics.median(part) / QUESTIONS * 1000 for part in zip(*took[name], strict=True)]
        for name in ways
    }
    for name, (wall, cpu) in median.items():
        print(f"{name:18} {wall:8.3f} ms a question ({cpu:.3f} ms of processor)")
    for how in ("singly", "64 at once"):
        if f"faiss, {how}" in median:
            pairs = zip(median[f"faiss, {how}"], median[f"ours, {how}"], strict=True)
            print(
                "{}: {:.1f} times as fast as faiss (by processor time {:.1f})".format(
                    how, *(b / a for b, a in pairs)
                )
            )
    wall, cpu = timed(lambda: prints.near(questions[:4], within_bits=60))
    print(
        f"up to 60 bits, reading all: {wall / 4 * 1000:.1f} ms a question ({cpu / 4 * 1000:.1f} ms of processor)"
    )
    wall, cpu = timed(lambda: prints.remove([count // 2]))
    print(f"taking one out: {wall * 1000:.0f} ms ({cpu * 1000:.0f} ms of processor)")


if __name__ == "__main__":
    main()
