"""What a photo costs, beside what it could cost at least. Usage: bench/darkroom.py FOLDER [--heic FILE] [--runs N]

A 12 and a 48 megapixel JPEG as phones write them are made of a photo of FOLDER, with a sensor's noise. Printed are
medians of processor seconds (of the child, or of this process) and the child's peak memory, all in one run: the whole
road through a child; decoding and the six files alone; the same six files by Pillow with nothing around it; by libvips'
and ImageMagick's command lines where they are installed; then how two children compare with one, by the clock.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom import renditions
from wearemany.darkroom.decode import decode
from wearemany.darkroom.intake import admit
from wearemany.darkroom.orders import PRESS_PX, DevelopOrder, Limits

SIZES_PX = (1600, 640, 160)
WITHOUT_PRESS = DevelopOrder()
MAGICK = shutil.which("convert-im6.q16") or shutil.which("magick")
VIPS = shutil.which("vipsthumbnail")


def phone_jpeg(photo: Path, width: int, height: int) -> bytes:
    """Return a photo enlarged to a phone's size, with noise, as a phone would store it."""
    image = np.asarray(Image.open(photo).convert("RGB").resize((width, height), Image.Resampling.BICUBIC))
    noise = np.random.default_rng(1).normal(0, 3.0, (height, width, 1)).astype(np.int16)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(image + noise, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def cpu_s(pid: int) -> float:
    """Return the processor seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> int:
    """Return the highest resident memory of a process since the mark was lowered, and lower it."""
    status = Path(f"/proc/{pid}/status").read_text()
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


def road(
    darkroom: Darkroom, upload: bytes, runs: int, order: DevelopOrder = WITHOUT_PRESS
) -> tuple[float, int]:
    """Return median processor seconds and peak megabytes of the whole road."""
    darkroom.develop(upload, order)
    darkroom.contained()
    (pid,) = darkroom.pids()
    peak_mb(pid)  # lowers the mark
    times, peaks = [], []
    for _ in range(runs):
        before = cpu_s(pid)
        darkroom.develop(upload, order)
        if (pid,) == darkroom.pids():
            times.append(cpu_s(pid) - before)
            peaks.append(peak_mb(pid))
        else:
            # A fresh child had to take it over; what that costs is in the next one's figures.
            darkroom.contained()
            (pid,) = darkroom.pids()
    return statistics.median(times), max(peaks)


def picture_work(upload: bytes) -> None:
    """Decode and make the six files, as the road does."""
    picture = decode(admit(upload, Limits()), long_px=SIZES_PX[0])
    renditions.make_renditions(picture, main_px=SIZES_PX[0], sizes_px=SIZES_PX[1:])


def floor_work(upload: bytes) -> None:
    """Make the same six files by Pillow alone: a scaled decode and one resize out of the other."""
    image = Image.open(io.BytesIO(upload))
    image.draft(None, tuple(side * SIZES_PX[0] // max(image.size) for side in image.size))
    for size_px in SIZES_PX:
        image.thumbnail((size_px, size_px), Image.Resampling.LANCZOS)
        image.save(io.BytesIO(), "WEBP", **renditions._WEBP)
        image.save(io.BytesIO(), "JPEG", **renditions._JPEG)


def vips_work(source: Path, folder: Path) -> None:
    """Make the same six files by libvips' command line."""
    for size_px in SIZES_PX:
        for ending in ("webp[Q=78,effort=2,strip]", "jpg[Q=80,optimize_coding,interlace,strip]"):
            out = folder / f"v{size_px}.{ending}"
            subprocess.run([VIPS, str(source), "--size", f"{size_px}x{size_px}", "-o", str(out)], check=True)


def magick_work(source: Path, folder: Path) -> None:
    """Make the same six files by one call of ImageMagick, each size out of the one before, decoded small."""
    command = [
        MAGICK,
        "-limit",
        "thread",
        "1",
        "-define",
        "jpeg:size=3200x3200",
        str(source),
        "-auto-orient",
        "-strip",
    ]
    for size_px in SIZES_PX:
        command += [
            "-resize",
            f"{size_px}x{size_px}",
            "-quality",
            "80",
            "-interlace",
            "Plane",
            "-write",
            f"{folder}/m{size_px}.jpg",
        ]
        command += ["-quality", "78", "-define", "webp:method=2", "-write", f"{folder}/m{size_px}.webp"]
    subprocess.run([*command, "null:"], check=True)


def cost(work: Callable[[], None], *, whose: int = resource.RUSAGE_SELF) -> float:
    """Return the processor seconds of a piece of work in this process or in its children."""
    before = resource.getrusage(whose)
    work()
    after = resource.getrusage(whose)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def beside_each_other(upload: bytes, runs: int) -> dict[str, float]:
    """Return medians of the picture work and of the others', taken in turn."""
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "in.jpg"
        source.write_bytes(upload)
        for _ in range(runs + 1):
            rounds = {
                "six files, ours": cost(lambda: picture_work(upload)),
                "six files, Pillow alone": cost(lambda: floor_work(upload)),
            }
            if VIPS:
                rounds["six files, libvips"] = cost(
                    lambda: vips_work(source, folder), whose=resource.RUSAGE_CHILDREN
                )
            if MAGICK:
                rounds["six files, ImageMagick"] = cost(
                    lambda: magick_work(source, folder), whose=resource.RUSAGE_CHILDREN
                )
            for what, took in rounds.items():
                times.setdefault(what, []).append(took)
    return {what: statistics.median(took[1:]) for what, took in times.items()}


def photos_a_second(upload: bytes, *, children: int, count: int) -> float:
    """Return how many photos a second so many children develop, by the clock."""
    with Darkroom(children=children) as darkroom, ThreadPoolExecutor(children) as threads:
        list(threads.map(lambda _: darkroom.develop(upload, DevelopOrder()), range(2 * children)))
        began = time.perf_counter()
        list(threads.map(lambda _: darkroom.develop(upload, DevelopOrder()), range(count)))
        return count / (time.perf_counter() - began)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--heic", type=Path, action="append", default=[])
    parser.add_argument("--runs", type=int, default=7)
    chosen = parser.parse_args()
    photo = sorted(path for path in chosen.folder.iterdir() if path.is_file())[5]
    small = phone_jpeg(photo, 3024, 4032)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print("| what | processor s | peak MB |\n| --- | --- | --- |")
    uploads = {"12 MP JPEG, whole road": small, "48 MP JPEG, whole road": phone_jpeg(photo, 6048, 8064)}
    uploads |= {f"{path.name}, whole road": path.read_bytes() for path in chosen.heic}
    with Darkroom(children=1) as darkroom:
        darkroom.contained()
        for what, upload in uploads.items():
            took, mb = road(darkroom, upload, chosen.runs)
            print(f"| {what} ({len(upload) / 1e6:.1f} MB) | {took:.2f} | {mb} |", flush=True)
        took, mb = road(darkroom, small, chosen.runs, DevelopOrder(press_px=PRESS_PX))
        print(f"| 12 MP JPEG, with a copy for newspapers | {took:.2f} | {mb} |", flush=True)
    for what, took in beside_each_other(small, chosen.runs).items():
        print(f"| {what} | {took:.3f} | |", flush=True)
    one, two = (photos_a_second(small, children=children, count=12 * children) for children in (1, 2))
    print(f"| photos a second by the clock, one child | {one:.2f} | |")
    print(f"| photos a second by the clock, two children | {two:.2f} ({two / one:.2f} times) | |")


if __name__ == "__main__":
    main()
