"""What hostile files cost: each alone, through a real child. Usage: python bench/hostile.py FOLDER

FOLDER holds files/ and manifest.jsonl (hostile-images) or is any folder of files. Prints a table by how the file was
answered: how many, milliseconds (median, 95th percentile, most), megabytes that the child grew by (most) and its peak;
then every file beyond the bars.
"""

from __future__ import annotations

import collections
import json
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.orders import DevelopOrder
from wearemany.errors import Refused, TryAgain

HEADER_TELLS = ("photo-too-many", "photo-side-too-long", "photo-too-complicated", "upload-")
HEADER_MS, HEADER_MB = 50, 20
ALWAYS_S, ALWAYS_MB = 10, 512


@dataclass(frozen=True)
class Cost:
    """What one file cost."""

    name: str
    answer: str
    ms: float
    grown_mb: float
    peak_mb: float

    @property
    def kind(self) -> str:
        """How it was answered: taken, refused by its header, or refused while decoding."""
        if self.answer == "taken":
            return "taken"
        if self.answer.startswith(("photo-broke", "photo-took", "darkroom-")):
            return "broke its child"
        if self.answer.startswith("upload-"):
            return "refused: no photo we take"
        return "refused by its header" if self.answer.startswith(HEADER_TELLS) else "refused as damaged"

    @property
    def is_over(self) -> bool:
        """Say whether it cost more than it may."""
        by_header = self.answer.startswith(HEADER_TELLS)
        return (
            self.ms > ALWAYS_S * 1000
            or self.peak_mb > ALWAYS_MB
            or self.kind == "broke its child"
            or (by_header and (self.ms > HEADER_MS or self.grown_mb > HEADER_MB))
        )


def memory_mb(pid: int, field: str) -> float:
    """Return a memory figure of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return 0.0


def send(darkroom: Darkroom, path: Path, *, main_px: int) -> Cost:
    """Send one file and measure its child; the kernel's high-water mark is lowered before."""
    content = path.read_bytes()
    (pid,) = darkroom.pids()
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    before_mb = memory_mb(pid, "VmRSS")
    began, answer = time.perf_counter(), "taken"
    try:
        darkroom.develop(content, DevelopOrder(main_px=main_px))
    except (Refused, TryAgain) as error:
        answer = error.code
    ms = (time.perf_counter() - began) * 1000
    try:
        peak_mb = memory_mb(pid, "VmHWM")
    except OSError:
        peak_mb = before_mb
    return Cost(path.name, answer, ms, max(0.0, peak_mb - before_mb), peak_mb)


def main(folder: Path) -> int:
    """Send every file and print the tables; exit code 1 when one is beyond a bar."""
    manifest = folder / "manifest.jsonl"
    rows = [json.loads(line) for line in manifest.read_text().splitlines()] if manifest.exists() else []
    expected = {Path(row["file"]).name: row.get("expect", "either") for row in rows}
    files = sorted(path for path in (folder / "files" if rows else folder).iterdir() if path.is_file())
    costs = []
    with Darkroom(children=1) as darkroom:
        darkroom.contained()
        for path in files:
            costs.append(send(darkroom, path, main_px=1600))
            darkroom.contained()  # a new child is ready before the next file is timed
    groups = collections.defaultdict(list)
    for cost in costs:
        groups[cost.kind].append(cost)
    print("| answered | files | median ms | 95 % | most ms | most MB more | peak MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for kind, group in sorted(groups.items()):
        times = sorted(cost.ms for cost in group)
        print(
            f"| {kind} | {len(group)} | {statistics.median(times):.0f} | {times[int(len(times) * 0.95)]:.0f} | "
            f"{times[-1]:.0f} | {max(c.grown_mb for c in group):.0f} | {max(c.peak_mb for c in group):.0f} |"
        )
    wrong = [
        c
        for c in costs
        if (expected.get(c.name), c.answer == "taken") in (("accept", False), ("refuse", True))
    ]
    over = [cost for cost in costs if cost.is_over]
    for title, found in (("answered otherwise than expected", wrong), ("beyond a bar", over)):
        print(f"\n{title}: {len(found)}")
        for c in found:
            print(f"  {c.name}: {c.answer}, {c.ms:.0f} ms, {c.grown_mb:.0f} MB more, peak {c.peak_mb:.0f} MB")
    return 1 if wrong or over else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
