"""A mirror's pictures: what was taken back leaves first, then what is new comes, each checked by its digest.

Imports no Django. The list is signed by the log's key and never older than the one before; whoever's key does not hold
(any more) is given an empty one, and lets go of all pictures. A picture is checked against the list: the log itself
commits to pictures in a way that only their authors can open. Files come whole or not at all, so a cut costs nothing.
The order: removals, list, pictures; the pages that show them are `mirror`'s.
"""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from wearemany.adapters.fetch import Answer, Limits, fetch
from wearemany.errors import WeAreManyError
from wearemany.tlog.note import NoteError, Verifier
from wearemany.wall.folder import write_file
from wearemany.wall.mirrors.pictures_note import (
    HEAD_PATH,
    MOST_BLOCK_BYTES,
    MOST_HEAD_BYTES,
    PATH,
    ListedPicture,
    PicturesHead,
    PicturesMalformed,
    block_path,
    digest_of,
    open_head,
    read_block,
)
from wearemany.wall.recounting.reading import Source, UrlSource

_MOST_PICTURE_BYTES = 5_000_000
_THREADS = 8
_TURNS = 3


class _Changed(Exception):
    """The list changed while it was read."""


@dataclass(frozen=True)
class Kept:
    """What the folder may show; `complaint` says why it could not be brought up to date, empty when all is well."""

    pictures: tuple[ListedPicture, ...] = ()
    removed: int = 0
    complaint: str = ""


@dataclass(frozen=True)
class Come:
    """How many pictures came, and why some did not; those that were taken back meanwhile are no fault."""

    fetched: int = 0
    complaint: str = ""


def pictures_kept(folder: Path, source: Source, *, key: str, verifier: Verifier) -> Kept:
    """Take the newest list, and remove what is not on it any more: before anything else of a run.

    Without a key all pictures leave, since nobody would say which were taken back. When no list can be had, everything
    stays and the complaint says so. Repeat at will.
    """
    held = _held(folder, verifier)
    if not key:
        removed = sum(1 for _ in _files(folder))
        shutil.rmtree(folder / PATH, ignore_errors=True)
        return Kept(removed=removed)
    origin = _origin(source, verifier)
    if origin is None:
        return Kept(held, complaint="pictures are given by the wall's own server alone")
    for _ in range(_TURNS):
        try:
            return _refreshed(folder, origin, key, verifier, held)
        except _Changed:
            continue
        except (WeAreManyError, NoteError, PicturesMalformed) as error:
            return Kept(held, complaint=f"the list of pictures was not taken: {error}")
    return Kept(held, complaint="the list of pictures changes too quickly")


def pictures_held(folder: Path, verifier: Verifier) -> tuple[ListedPicture, ...]:
    """Return the pictures that are listed and there, for pages; nothing is asked of anybody."""
    return tuple(picture for picture in _held(folder, verifier) if (folder / picture.path).is_file())


def pictures_fetch(
    folder: Path, source: Source, kept: Kept, *, day: datetime.date, verifier: Verifier
) -> Come:
    """Fetch the pictures that are not there yet. Public files at the server, so no key goes along."""
    wanted = [picture for picture in kept.pictures if not (folder / picture.path).exists()]
    origin = _origin(source, verifier)
    if not wanted or origin is None:
        return Come()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="pictures") as pool:
        troubles = list(pool.map(lambda picture: _come(folder, origin, picture, day), wanted))
    wrong = [trouble for trouble in troubles if trouble]
    complaint = f"{len(wrong)} pictures could not be fetched: {wrong[0]}" if wrong else ""
    return Come(sum((folder / picture.path).exists() for picture in wanted), complaint)


def _refreshed(
    folder: Path, origin: UrlSource, key: str, verifier: Verifier, held: tuple[ListedPicture, ...]
) -> Kept:
    answer = _asked(origin, f"log/{_handle(verifier)}/{PATH}", key, MOST_HEAD_BYTES)
    head = open_head(answer.body, verifier)
    before = _head_held(folder, verifier)
    if before is not None and head.at < before.at:
        raise PicturesMalformed(
            f"it is of {head.at:%Y-%m-%d %H:%M}, the one here of {before.at:%Y-%m-%d %H:%M}"
        )
    blocks = {
        number: _block(folder, origin, key, verifier, number, digest)
        for number, digest in head.blocks.items()
    }
    listed = tuple(
        picture
        for number, content in sorted(blocks.items())
        for picture in read_block(content, number=number, digest=head.blocks[number])
    )
    same = {picture.path for picture in set(held) & set(listed)}
    removed = 0
    for path in list(_files(folder)):
        if str(path.relative_to(folder)) not in same:
            path.unlink(missing_ok=True)
            removed += 1
    for number, content in blocks.items():
        write_file(folder / block_path(number), content)
    for number in set(before.blocks if before else ()) - set(blocks):
        (folder / block_path(number)).unlink(missing_ok=True)
    write_file(folder / HEAD_PATH, answer.body)
    refused = "the key for pictures does not hold (any more)" if answer.status == 403 else ""
    return Kept(listed, removed, refused)


def _block(folder: Path, origin: UrlSource, key: str, verifier: Verifier, number: int, digest: str) -> bytes:
    with suppress(OSError):
        here = (folder / block_path(number)).read_bytes()
        if digest_of(here) == digest:
            return here
    answer = _asked(origin, f"log/{_handle(verifier)}/{PATH}/{number}", key, MOST_BLOCK_BYTES)
    if digest_of(answer.body) != digest:
        raise _Changed
    return answer.body


def _asked(origin: UrlSource, path: str, key: str, most_bytes: int) -> Answer:
    headers = {"Authorization": f"Bearer {key}"}
    return fetch(
        urljoin(origin.name, path), way=origin.way, headers=headers, limits=Limits(most_bytes, total_s=300)
    )


def _come(folder: Path, origin: UrlSource, picture: ListedPicture, day: datetime.date) -> str:
    """Fetch one picture; return what was wrong, nothing when it came or is not there any more."""
    url = urljoin(origin.name, f"r/{picture.file}")
    try:
        answer = fetch(url, way=origin.way, limits=Limits(_MOST_PICTURE_BYTES, total_s=120))
    except WeAreManyError as error:
        return str(error)
    if answer.status in (404, 410):
        return ""
    if answer.status != 200 or digest_of(answer.body) != picture.digest:
        return f"{url} is not the picture that was listed"
    path = folder / picture.path
    write_file(path, answer.body)
    # The hour in which it came would tell when somebody posted: a file says the day alone.
    start_s = datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp()
    os.utime(path, (start_s, start_s))
    return ""


def _held(folder: Path, verifier: Verifier) -> tuple[ListedPicture, ...]:
    """Return what the list in the folder says; a block that is damaged counts as none, so its pictures come anew."""
    head = _head_held(folder, verifier)
    found: list[ListedPicture] = []
    for number, digest in sorted(head.blocks.items()) if head else ():
        with suppress(OSError, PicturesMalformed):
            content = (folder / block_path(number)).read_bytes()
            found += read_block(content, number=number, digest=digest)
    return tuple(found)


def _head_held(folder: Path, verifier: Verifier) -> PicturesHead | None:
    with suppress(OSError, NoteError, PicturesMalformed):
        return open_head((folder / HEAD_PATH).read_bytes(), verifier)
    return None


def _files(folder: Path) -> Iterator[Path]:
    """Yield the picture files, drafts of them included."""
    for place in sorted((folder / PATH).iterdir()) if (folder / PATH).is_dir() else ():
        if place.is_dir():
            yield from place.iterdir()


def _origin(source: Source, verifier: Verifier) -> UrlSource | None:
    """Return the server whose log this is; None where the source is a mirror."""
    tail = f"log/{_handle(verifier)}/"
    if not isinstance(source, UrlSource) or not source.name.endswith(f"/{tail}"):
        return None
    return UrlSource(source.name.removesuffix(tail), source.way)


def _handle(verifier: Verifier) -> str:
    return verifier.name.rpartition("/")[2]
