"""A watch over a server's process tree from outside: who is in it, how much memory each had, and who outlives it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

EVERY_S = 0.05
CHILDREN = ("darkroom_child", "card_child", "repeats_child")


@dataclass
class Seen:
    """One process: what it runs, and the largest memory it ever had."""

    command: str
    peak_mb: float = 0.0

    @property
    def is_child(self) -> bool:
        """Whether it is a child that opens pictures."""
        return any(name in self.command for name in CHILDREN)


@dataclass
class Watch:
    """Looks at a process and all below it, twenty times a second, until it is told to stop."""

    pid: int
    seen: dict[int, Seen] = field(default_factory=dict)

    def __enter__(self) -> Watch:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_round)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def children(self) -> list[int]:
        """Return the children that open pictures, as of now."""
        return [pid for pid in below(self.pid) if "darkroom_child" in command_of(pid)]

    def server_mb(self) -> float:
        """Return the serving process's largest memory."""
        return self.seen[self.pid].peak_mb

    def child_mb(self) -> float:
        """Return the largest memory that any child ever had."""
        return max((one.peak_mb for one in self.seen.values() if one.is_child), default=0.0)

    def strangers(self) -> list[str]:
        """Return what ran below the server and is neither it nor one of its children."""
        return [one.command for pid, one in self.seen.items() if pid != self.pid and not one.is_child]

    def alive(self) -> list[int]:
        """Return which of the processes it ever saw are still there: after the server's end, its orphans."""
        return [pid for pid, one in self.seen.items() if command_of(pid) == one.command]

    def _go_round(self) -> None:
        while True:
            for pid in (self.pid, *below(self.pid)):
                if command := command_of(pid):
                    # Between fork and exec a child still has the server's command.
                    one = self.seen.setdefault(pid, Seen(command))
                    one.command = command
                    one.peak_mb = max(one.peak_mb, peak_mb(pid))
            if self._over.wait(EVERY_S):
                return


def below(pid: int) -> list[int]:
    """Return the ids of all processes below one."""
    found: list[int] = []
    for task in _entries(Path(f"/proc/{pid}/task")):
        for child in _text(task / "children").split():
            found += [int(child), *below(int(child))]
    return found


def command_of(pid: int) -> str:
    """Return what a process runs; nothing when it is gone, or dead and not yet reaped."""
    return _text(Path(f"/proc/{pid}/cmdline")).replace("\0", " ").strip()


def peak_mb(pid: int) -> float:
    """Return the largest memory a process ever had, 0 when it is gone."""
    lines = _text(Path(f"/proc/{pid}/status")).splitlines()
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0.0)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
