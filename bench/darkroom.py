"""How long a photo takes and how much a child needs. Usage: python bench/darkroom.py FOLDER [COUNT]

Prints one line per size: milliseconds a photo (median, 95th percentile) in one child, the child's memory at rest
and its peak. The photos stay where they are; nothing is written.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.orders import DevelopOrder
from wearemany.errors import Refused


def memory_mb(pid: int, field: str) -> float:
    """Return a memory figure of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return 0.0


def main(folder: Path, count: int) -> None:
    """Develop up to `count` photos at each main size."""
    photos = sorted(path for path in folder.iterdir() if path.is_file())[:count]
    for main_px in (640, 1280, 1600):
        with Darkroom(children=1) as darkroom:
            began = time.perf_counter()
            times, refused = [], 0
            for number, path in enumerate(photos):
                upload = path.read_bytes()
                try:
                    began = time.perf_counter() if number else began
                    darkroom.develop(upload, DevelopOrder(main_px=main_px))
                    times.append((time.perf_counter() - began) * 1000)
                except Refused:
                    refused += 1
            pid = darkroom.pids()[0]
            times = sorted(times[1:] or times)
            print(
                f"{main_px:5} px  median {statistics.median(times):6.0f} ms  "
                f"95 % {times[int(len(times) * 0.95)]:6.0f} ms  "
                f"rest {memory_mb(pid, 'VmRSS'):5.0f} MB  peak {memory_mb(pid, 'VmHWM'):5.0f} MB  "
                f"{len(times)} photos, {refused} refused"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40)
