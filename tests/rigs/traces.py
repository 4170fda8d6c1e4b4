"""Forensic search: what of a post is left in the files of a server, byte by byte.

`Evidence` is what somebody holds who knew the post: the original photo, the copies that were shown, the words, the
code, and what the rows said of it. `traces` looks for all of it in every file below some folders, whatever the file is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

WINDOW_BYTES = 48
WINDOWS = 7


@dataclass
class Evidence:
    """Needles by what they are."""

    needles: dict[str, list[bytes]] = field(default_factory=dict)

    def add_words(self, name: str, text: str) -> None:
        """Look for a text as UTF-8, as UTF-16 both ways, and escaped as JSON has it."""
        escaped = text.encode("ascii", "backslashreplace")
        forms = [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), escaped]
        self.needles[name] = list(dict.fromkeys(forms))

    def add_bytes(self, name: str, content: bytes) -> None:
        """Look for a digest or a fingerprint, as it is and as hex."""
        self.needles[name] = [content, content.hex().encode(), content.hex().upper().encode()]

    def add_picture(self, name: str, content: bytes) -> None:
        """Look for windows out of a compressed picture: any of them is proof."""
        begin, end = len(content) // 8, len(content) - 2 * WINDOW_BYTES
        step = max(1, (end - begin) // WINDOWS)
        places = range(begin, end, step)
        self.needles[name] = [content[place : place + WINDOW_BYTES] for place in places]


def traces(evidence: Evidence, folders: Iterable[Path]) -> set[str]:
    """Return what is found of the evidence, and in which file: `caption in wearemany.sqlite3-wal`."""
    return {
        f"{name} in {path.name}"
        for path in _files(folders)
        for name, needles in _found(evidence, path)
        if needles
    }


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for inner, _, names in os.walk(folder):
            yield from (Path(inner) / name for name in names)


def _found(evidence: Evidence, path: Path) -> Iterator[tuple[str, bool]]:
    try:
        content = path.read_bytes()
    except OSError:
        # A socket, or gone meanwhile.
        return
    for name, needles in evidence.needles.items():
        yield name, any(needle in content for needle in needles)
