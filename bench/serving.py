"""How long the server takes to answer, and how much memory it and a darkroom child hold at rest.

    ./run wearemany --version && .venv/bin/python bench/serving.py

Limits: answers within 1.5 s of start; the serving process idles under 130 MB; a child at rest under 200 MB.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.rigs.serving import campaign_arguments, server_in

RUNS = 5


def memory_mb(pid: int) -> float:
    """Return what a process holds in memory, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started."""
    done = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in done.stdout.split()]


def main() -> None:
    """Start and stop the server a few times and print the medians."""
    starts, serving_mb, child_mb = [], [], []
    with tempfile.TemporaryDirectory() as folder, server_in(Path(folder)) as server:
        server.command(*campaign_arguments())
        for _ in range(RUNS):
            begun = time.monotonic()
            server.start()
            starts.append(time.monotonic() - begun)
            time.sleep(3)
            assert server.process is not None
            serving_mb.append(memory_mb(server.process.pid))
            child_mb += [memory_mb(pid) for pid in children_of(server.process.pid)]
            server.stop()
    print(f"answers after {statistics.median(starts):.2f} s (limit 1.5)")
    print(f"serving process idles at {statistics.median(serving_mb):.0f} MB (limit 130)")
    print(f"darkroom child at rest {max(child_mb, default=0):.0f} MB (limit 200)")


if __name__ == "__main__":
    main()
