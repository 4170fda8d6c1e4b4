"""Files that nobody would send by accident: good ones, bent in the ways that decoders have broken on before.

The same seed always gives the same file. Usage, for as long as it takes:
python -m tests.darkroom.mutations SECONDS [large [HEIC ...]]

Large ones are bent pictures of twelve megapixels, as phones write them, by the order of a public wall; there is nothing
here that could write a HEIC, so that whoever has one names it.
"""

from __future__ import annotations

import io
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.orders import DevelopOrder
from wearemany.errors import Refused, TryAgain

TRIALS = Path(__file__).parents[2] / "../shared/trials"
MOST_SEED_BYTES = 150_000
EDGES = (0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)
ORDER = DevelopOrder(main_px=320, sizes_px=(160,))
LARGE_ORDER = DevelopOrder()
LARGE_PX = (4032, 3024)
BROKEN = ("photo-broke-the-checker", "photo-took-too-long", "darkroom-interrupted", "darkroom-slow")
LONGEST_S, PEAK_MB = 10.0, 512


def seeds() -> list[bytes]:
    """Return good and odd files of every container: those of the trials where they are, and a few of our own."""
    found = []
    for name in ("hostile-images", "metadata"):
        for path in sorted((TRIALS / name / "files").glob("*")):
            if path.stat().st_size <= MOST_SEED_BYTES:
                found.append(path.read_bytes())
    noise = np.random.default_rng(5).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    for container, options in (
        ("JPEG", {"progressive": True, "exif": exif}),
        ("PNG", {"exif": exif}),
        ("WEBP", {"exif": exif}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {"exif": exif}),
        ("GIF", {}),
    ):
        buffer = io.BytesIO()
        Image.fromarray(noise).save(buffer, container, **options)
        found.append(buffer.getvalue())
    return found


def large_seeds() -> list[bytes]:
    """Return pictures of twelve megapixels of every container that we can write."""
    coarse = np.random.default_rng(6).integers(0, 255, (63, 84, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize(LARGE_PX, Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = 6
    found = []
    for container, mode, options in (
        ("JPEG", "RGB", {"quality": 90, "exif": exif}),
        ("JPEG", "RGB", {"quality": 90, "progressive": True, "exif": exif}),
        ("JPEG", "CMYK", {"quality": 85}),
        ("JPEG", "L", {"quality": 90, "progressive": True}),
        ("PNG", "RGB", {"compress_level": 1}),
        ("PNG", "P", {"compress_level": 1}),
        ("WEBP", "RGB", {"quality": 70, "method": 0}),
        ("WEBP", "RGB", {"lossless": True, "method": 0}),
        ("AVIF", "RGB", {"quality": 60, "speed": 10}),
        ("GIF", "P", {}),
    ):
        buffer = io.BytesIO()
        image.convert(mode).save(buffer, container, **options)
        found.append(buffer.getvalue())
    return found


def mutated(chance: random.Random, pool: Sequence[bytes]) -> bytes:
    """Return one file of the pool with one to six changes; the first kilobyte, where headers are, is changed most."""
    content = bytearray(chance.choice(pool))
    for _ in range(chance.randint(1, 6)):
        if not content:
            break
        reach = min(len(content), 1024) if chance.random() < 0.7 else len(content)
        at = chance.randrange(reach)
        match chance.randrange(7):
            case 0:
                content[at] ^= 1 << chance.randrange(8)
            case 1:
                content[at] = chance.randrange(256)
            case 2:
                width = chance.choice((2, 4, 8))
                value = chance.choice(EDGES) % (1 << 8 * width)
                content[at : at + width] = value.to_bytes(width, chance.choice(("big", "little")))
            case 3:
                del content[at : at + chance.choice((1, 2, 4, 16, 256))]
            case 4:
                piece = content[at : at + chance.choice((1, 4, 64, 1024))]
                content[at:at] = piece * chance.choice((1, 2, 50))
            case 5:
                other = chance.choice(pool)
                start = chance.randrange(max(1, len(other)))
                content[at : at + 512] = other[start : start + chance.choice((4, 64, 512))]
            case _:
                del content[at + chance.randrange(len(content)) :]
    return bytes(content[: max(4 * MOST_SEED_BYTES, max(map(len, pool)))])


@dataclass
class Findings:
    """What a run found: how many files were answered how, and those that were answered wrongly."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, bytes]] = field(default_factory=list)
    slowest_s: float = 0.0
    peak_mb: float = 0.0


def send(
    darkroom: Darkroom, files: Iterator[bytes], *, seconds: float = 1e9, order: DevelopOrder = ORDER
) -> Findings:
    """Send files through a darkroom with one child, as long as there are any and for so many seconds."""
    findings, until = Findings(), time.monotonic() + seconds
    for content in files:
        began, answer = time.monotonic(), "taken"
        if began > until:
            break
        try:
            darkroom.develop(content, order)
        except (Refused, TryAgain) as error:
            answer = error.code
        took_s, peak_mb = time.monotonic() - began, _peak_mb(darkroom)
        findings.answers[answer] += 1
        findings.slowest_s = max(findings.slowest_s, took_s)
        findings.peak_mb = max(findings.peak_mb, peak_mb)
        if answer in BROKEN or took_s > LONGEST_S or peak_mb > PEAK_MB:
            findings.wrong.append((f"{answer}, {took_s:.1f} s, {peak_mb:.0f} MB", content))
    return findings


def bent(seed: int, pool: Sequence[bytes] | None = None) -> Iterator[bytes]:
    """Yield mutated files without end, of the small pool when no other is given."""
    chance, pool = random.Random(seed), pool or seeds()
    while True:
        yield mutated(chance, pool)


def _peak_mb(darkroom: Darkroom) -> float:
    try:
        (pid,) = darkroom.pids()
        status = Path(f"/proc/{pid}/status").read_text()
    except (OSError, ValueError):
        return 0.0
    return max(
        (int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), default=0.0
    )


def main(seconds: float, *, large: Sequence[str] | None = None) -> int:
    """Run from a seed of this second; write every file that was answered wrongly into the current folder."""
    seed, pool, order = int(time.time()), None, ORDER
    if large is not None:
        pool, order = [*large_seeds(), *(Path(name).read_bytes() for name in large)], LARGE_ORDER
    with Darkroom(children=1) as darkroom:
        findings = send(darkroom, bent(seed, pool), seconds=seconds, order=order)
    for number, (what, content) in enumerate(findings.wrong):
        Path(f"found-{seed}-{number}").write_bytes(content)
        print(f"found-{seed}-{number}: {what}")
    print(
        f"seed {seed}: {findings.answers.total()} files, slowest {findings.slowest_s:.2f} s, {findings.peak_mb:.0f} MB"
    )
    print(dict(findings.answers.most_common()))
    return 1 if findings.wrong else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), large=sys.argv[3:] if sys.argv[2:3] == ["large"] else None))
