"""Where pictures of an import come from: a folder, a zip, or a list (CSV) with what each author said.

Everything read here is a stranger's: names are never used as paths beyond the place, sizes are bounded by what is read
and not by what is promised, and nothing is unpacked to disk. Standard library only. What becomes of a picture is in
`sending`.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from wearemany.darkroom.refusals import refusal
from wearemany.darkroom.sniff import sniff
from wearemany.errors import N_, Refused

LIST = "posts.csv"
MOST_FILES = 50_000
MOST_LIST_BYTES = 50_000_000
MOST_DIRECTORY_BYTES = 32_000_000
_SNIFFED_BYTES = 512

Found = TypeVar("Found")


@dataclass(frozen=True)
class Row:
    """One picture and what its author said; empty means: as the whole import."""

    file: str
    caption: str = ""
    name: str = ""
    alt: str = ""
    language: str = ""
    cover: str = ""
    people: int = 1
    consents: tuple[str, ...] = ()


class Place(Protocol):
    """Pictures to import. `read` returns at most one byte more than `most_bytes`; Refused when it is no picture."""

    def rows(self) -> Sequence[Row]:
        """Return every picture, in an order that is the same each time."""

    def read(self, row: Row, *, most_bytes: int) -> bytes:
        """Return the picture's bytes."""


def opened(source: Path) -> Place:
    """Return the place that a path means: a folder, a zip, or a list beside its pictures."""
    if source.is_dir():
        return Folder(source, source / LIST if (source / LIST).is_file() else None)
    if not source.is_file():
        raise Refused("no-such-file", N_("There is no file or folder %(name)s."), name=source)
    if source.suffix.lower() == ".csv":
        return Folder(source.parent, source)
    return Archive(source)


class Folder:
    """A folder with everything below it, but no hidden files and nothing behind links; or what its list names."""

    def __init__(self, folder: Path, listed: Path | None) -> None:
        self._folder, self._list = folder.resolve(), listed

    def rows(self) -> Sequence[Row]:
        """Return the list's rows, or one for each file."""
        if self._list is not None:
            with self._list.open("rb") as file:
                return _listed(file.read(MOST_LIST_BYTES + 1))
        return [Row(name) for name in _capped(sorted(self._names()))]

    def read(self, row: Row, *, most_bytes: int) -> bytes:
        """Return a file's bytes; Refused when it lies outside the folder, behind a link, or is no plain file."""
        try:
            path = (self._folder / row.file).resolve()
            if not path.is_relative_to(self._folder):
                raise _outside()
            if not path.is_file():
                raise _missing()
            with path.open("rb") as file:
                head = file.read(_SNIFFED_BYTES)
                sniff(head)
                return head + file.read(most_bytes + 1 - len(head))
        except (OSError, ValueError) as error:
            # A name too long, a name with a zero byte, a file that may not be read.
            raise _missing() from error

    def _names(self) -> Iterator[str]:
        for folder, below, names in os.walk(self._folder):
            below[:] = [name for name in below if not name.startswith(".")]
            for path in (Path(folder) / name for name in names if not name.startswith(".")):
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(self._folder).as_posix()


class Archive:
    """A zip, read entry by entry into memory; its names are names and never paths."""

    def __init__(self, path: Path) -> None:
        _check_directory(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            raise _no_archive(str(error)) from error
        self._entries = {
            entry.filename: entry
            for entry in self._zip.infolist()
            if not entry.is_dir() and not any(map(_is_hidden, entry.filename.split("/")))
        }

    def rows(self) -> Sequence[Row]:
        """Return the rows of the list inside, or one for each entry."""
        if LIST in self._entries:
            return _listed(self._bytes(self._entries[LIST], MOST_LIST_BYTES + 1))
        return [Row(name) for name in _capped(sorted(self._entries))]

    def read(self, row: Row, *, most_bytes: int) -> bytes:
        """Return an entry's bytes, unpacked no further than shows that it is too large."""
        entry = self._entries.get(row.file)
        if entry is None:
            raise _missing()
        if entry.file_size > most_bytes:
            raise refusal("upload-too-large", megabytes=most_bytes // 1_000_000)
        sniff(self._bytes(entry, _SNIFFED_BYTES))
        return self._bytes(entry, most_bytes + 1)

    def _bytes(self, entry: zipfile.ZipInfo, count: int) -> bytes:
        try:
            with self._zip.open(entry) as file:
                return file.read(count)
        except Exception as error:
            # Each of the unpackers raises errors of its own kind; whatever it is, it is this entry's.
            raise _unpackable(repr(error)) from error


def _is_hidden(part: str) -> bool:
    return part == "__MACOSX" or (part.startswith(".") and part not in (".", ".."))


def _listed(content: bytes) -> Sequence[Row]:
    """Read a list with a header line; columns that we do not know are left alone, one for the file must be there."""
    if len(content) > MOST_LIST_BYTES:
        raise Refused("list-too-long", N_("The list is too long. Please import it in several parts."))
    try:
        text = content.decode("utf-8-sig")
        sample = text[:4096].partition("\n")[0]
        delimiter = max(",;\t", key=sample.count)
        lines = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _no_list(str(error)) from error
    if lines and "file" not in lines[0]:
        raise _no_list("no column named file")
    rows = [_row(line) for line in lines if (line.get("file") or "").strip()]
    twice = len(rows) - len({row.file for row in rows})
    if twice:
        raise Refused(
            "list-names-twice",
            N_("The list names %(count)s files more than once. Each may stand there once."),
            count=twice,
        )
    return _capped(rows)


def _row(line: dict[str, str | None]) -> Row:
    def told(column: str) -> str:
        return (line.get(column) or "").strip()

    people = told("people")
    return Row(
        file=told("file"),
        caption=told("caption"),
        name=told("name"),
        alt=told("alt"),
        language=told("language"),
        cover=told("cover"),
        # What is no number is refused where every post's number is, with its own sentence.
        people=int(people) if people.isdecimal() and len(people) < 6 else 0 if people else 1,
        consents=tuple(told("consents").replace(",", " ").replace(";", " ").split()),
    )


def _capped(found: Sequence[Found]) -> Sequence[Found]:
    if len(found) > MOST_FILES:
        raise Refused(
            "import-too-many",
            N_("There are more than %(limit)s files. Please import them in several parts."),
            limit=MOST_FILES,
        )
    return found


def _check_directory(path: Path) -> None:
    """Refuse a zip whose table of contents alone would fill the memory: the reader loads it whole."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_600))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    wide = tail.rfind(b"PK\x06\x06")
    if end < 0:
        raise _no_archive("no end of a zip")
    length = int.from_bytes(tail[end + 12 : end + 16], "little")
    if wide >= 0:
        length = max(
            length if length != 0xFFFFFFFF else 0, int.from_bytes(tail[wide + 40 : wide + 48], "little")
        )
    if length > MOST_DIRECTORY_BYTES:
        raise Refused(
            "import-too-many",
            N_("There are more than %(limit)s files. Please import them in several parts."),
            limit=MOST_FILES,
        )


def _missing() -> Refused:
    return Refused("import-file-missing", N_("The list names this file, but it is not there."))


def _outside() -> Refused:
    return Refused("import-file-outside", N_("This file lies outside the folder of the import."))


def _unpackable(cause: str) -> Refused:
    return Refused(
        "import-file-locked", N_("This file cannot be unpacked: it is damaged or locked."), cause=cause
    )


def _no_archive(cause: str) -> Refused:
    return Refused(
        "import-no-archive",
        N_("Please give a folder, a zip file, or a list as CSV beside its pictures."),
        cause=cause,
    )


def _no_list(cause: str) -> Refused:
    return Refused(
        "list-unreadable",
        N_(
            "The list cannot be read. Please save it as CSV in UTF-8. Its first line names the columns; one is file."
        ),
        cause=cause,
    )
