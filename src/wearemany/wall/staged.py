"""The staged bundle: the files of one batch in one blob, written before the head is swapped. Pure.

It exists so that a process killed after the swap leaves everything needed to finish; `log` owns its life.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from wearemany.tlog.sequence import LogFile
from wearemany.tlog.tiles import PathMalformed, parse_path

_VERSION = 1


class StagedMalformed(ValueError):
    """The bytes are not a staged bundle."""


@dataclass(frozen=True)
class Staged:
    """A batch on its way: the tree it grows from, and the files to be written."""

    base_size: int
    base_root: bytes
    files: tuple[LogFile, ...]


def pack(staged: Staged) -> bytes:
    """Return a bundle's bytes: one line of JSON, then the files one after the other."""
    header = {
        "v": _VERSION,
        "base_size": staged.base_size,
        "base_root": staged.base_root.hex(),
        "files": [[file.path, len(file.data)] for file in staged.files],
    }
    return json.dumps(header).encode("ascii") + b"\n" + b"".join(file.data for file in staged.files)


def unpack(data: bytes) -> Staged:
    """Read a bundle; `StagedMalformed` when it is damaged."""
    line, _, rest = data.partition(b"\n")
    files: list[LogFile] = []
    place = 0
    try:
        header = json.loads(line)
        if header["v"] != _VERSION:
            raise StagedMalformed("the bundle is of another version")
        for path, length in header["files"]:
            files.append(LogFile(parse_path(path), rest[place : place + length]))
            place += length
        staged = Staged(int(header["base_size"]), bytes.fromhex(header["base_root"]), tuple(files))
    except (ValueError, KeyError, TypeError, PathMalformed) as error:
        raise StagedMalformed("the bundle's first line is damaged") from error
    if place != len(rest):
        raise StagedMalformed("the bundle is not as long as it says")
    return staged
