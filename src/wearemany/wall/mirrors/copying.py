"""A mirror: a log's public files, its key and its list of doors in a folder that any web server can show.

Imports no Django and nothing of the server: anyone who trusts the key can keep one. Nothing is put in place before
a whole recount holds and continues what the folder held: a shortened or second history changes nothing. Files that
are on their way wait in `.coming`, so that a copy that was cut goes on where it stopped. The order of writing is
tiles, key, checkpoint, that of the day, list of doors, pages; a crash between any two leaves a good mirror, older in
part. Pictures that were taken back leave before all of it (`mirror_pictures`). What the pages say is `mirror_page`'s
business.
"""

from __future__ import annotations

import datetime
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from wearemany.adapters.fetch import Way
from wearemany.errors import N_, Broken, Refused, TryAgain
from wearemany.tlog.checkpoint import Checkpoint, CheckpointMalformed, open_checkpoint
from wearemany.tlog.merkle import HASH_BYTES
from wearemany.tlog.note import NoteError, Verifier
from wearemany.tlog.tiles import (
    ENTRIES_LEVEL,
    FULL_WIDTH,
    BundleMalformed,
    Tile,
    pack_bundle,
    parse_path,
    tiles_at,
    unpack_bundle,
)
from wearemany.wall.announced import announcement_read, heeded
from wearemany.wall.announcement import PATH as ANNOUNCEMENT_PATH
from wearemany.wall.announcement import Announcement
from wearemany.wall.audit import CHECKPOINT_PATH, Finding, Missing, Recount, audit, reading_order
from wearemany.wall.doors_note import PATH as DOORS_PATH
from wearemany.wall.doors_note import DoorsList, DoorsMalformed, is_newer, open_doors
from wearemany.wall.entry import decode
from wearemany.wall.folder import write_file
from wearemany.wall.mirrors.days import day_keep, days_kept
from wearemany.wall.mirrors.gallery import is_gallery_page
from wearemany.wall.mirrors.page import Counted, Shown, pages
from wearemany.wall.mirrors.pictures import Kept, pictures_fetch, pictures_held, pictures_kept
from wearemany.wall.mirrors.state import STALE_AFTER, STATE_PATH, State, state_read, state_written
from wearemany.wall.mirrors.words import (
    WORDS_PATH,
    CampaignWords,
    words_from_source,
    words_read,
    words_written,
)
from wearemany.wall.recounting.page import PAGE_PATH as RECOUNT_PAGE_PATH
from wearemany.wall.recounting.page import recount_page
from wearemany.wall.recounting.reading import KEY_PATH, FolderSource, ReadAhead, Source, locate, parse_key

COMING = ".coming"
_THREADS = 8
# What a damaged file of our own could be the cause of; a shortened or second history is never asked for again.
_FILES_AT_FAULT = (
    "bundle-",
    "tile-",
    "root-",
    "entry-",
    "commitment-",
    "of-",
    "not-opened",
    "phase-order",
    "post-after",
)


@dataclass(frozen=True)
class Mirrored:
    """What came of it. With findings the log is as it was; with a `complaint` the list of doors is the old one.

    `pictures` are those that are there, `pictures_complaint` says why some are missing or may be out of date.
    """

    result: Recount
    source: str
    vkey: str
    fetched: int
    doors: DoorsList | None = None
    complaint: str = ""
    pictures: int = 0
    pictures_fetched: int = 0
    pictures_removed: int = 0
    pictures_complaint: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the log."""
        return self.result.findings


@dataclass(frozen=True)
class Wishes:
    """How a mirror is to be kept: the log's verifier key, the language of `index.html`, and the key for pictures."""

    vkey: str = ""
    language: str = "en"
    pictures_key: str = field(default="", repr=False)


def mirror(
    address: str,
    *,
    folder: Path,
    now: datetime.datetime,
    way: Way | None = None,
    wishes: Wishes = Wishes(),  # frozen
) -> Mirrored:
    """Bring the mirror in `folder` up to date from a wall's or log's address, or begin one.

    Raises Refused for a folder that is something else and for another key than the folder's; TryAgain when the
    source cannot be read, after which a repeat goes on where it stopped. When that lasts for a day, the pages say so.
    """
    _require_mirror(folder)
    try:
        source = locate(address, way=way)
        verifier = _verifier(source, folder, wishes.vkey)
        kept = pictures_kept(folder, source, key=wishes.pictures_key, verifier=verifier)
        return _mirrored(source, folder, verifier, kept, now, wishes)
    except TryAgain:
        _pages_again(folder, now=now, language=wishes.language)
        raise


def _mirrored(
    source: Source, folder: Path, verifier: Verifier, kept: Kept, now: datetime.datetime, wishes: Wishes
) -> Mirrored:
    earlier = _earlier(folder, verifier)
    files = _Coming(source, folder)
    result, checkpoint = _recounted(files, verifier, earlier)
    if not result.holds or result.checkpoint is None or result.tally is None:
        shutil.rmtree(folder / COMING, ignore_errors=True)
        _pages_again(folder, now=now, language=wishes.language)
        return Mirrored(result, source.name, verifier.vkey, files.fetched)
    announced = _announced(source, folder, verifier)
    heeding = heeded(result, announced)
    if not heeding.holds:
        shutil.rmtree(folder / COMING, ignore_errors=True)
        return Mirrored(heeding, source.name, verifier.vkey, files.fetched)
    doors, note, complaint = _doors(source, folder, verifier)
    words = words_from_source(source, handle=_handle(verifier)) or words_read(_local(folder, WORDS_PATH))
    counted = Counted(result.tally.posts, _last_day(files, result.checkpoint.size), result.checkpoint.size)
    _put_in_place(folder, result.checkpoint.size)
    write_file(folder / KEY_PATH, verifier.vkey.encode() + b"\n")
    write_file(folder / CHECKPOINT_PATH, checkpoint)
    if counted.day:
        day_keep(folder, counted.day, checkpoint)
    _drop_past(folder, result.checkpoint.size)
    if note:
        write_file(folder / DOORS_PATH, note)
    come = pictures_fetch(folder, source, kept, day=now.date(), verifier=verifier)
    pictures = pictures_held(folder, verifier)
    days = days_kept(folder)
    shown = Shown(_handle(verifier), verifier.vkey, counted, now.date(), doors, pictures, days)
    _write_pages(folder, shown, words, language=wishes.language)
    write_file(folder / STATE_PATH, state_written(State(now, counted)))
    return Mirrored(
        result,
        source.name,
        verifier.vkey,
        files.fetched,
        doors,
        complaint,
        pictures=len(pictures),
        pictures_fetched=come.fetched,
        pictures_removed=kept.removed,
        pictures_complaint=kept.complaint or come.complaint,
    )


def _pages_again(folder: Path, *, now: datetime.datetime, language: str) -> None:
    """Make the pages again after a run that failed: without the pictures that left, and with a warning after a day."""
    state = state_read(_local(folder, STATE_PATH))
    if state is None:
        return
    verifier = parse_key(_local(folder, KEY_PATH).decode("ascii", "replace").strip())
    doors: DoorsList | None = None
    with suppress(NoteError, DoorsMalformed):
        doors = open_doors(_local(folder, DOORS_PATH), verifier)
    pictures = pictures_held(folder, verifier)
    day, is_stale = state.copied_at.date(), now - state.copied_at >= STALE_AFTER
    days = days_kept(folder)
    shown = Shown(_handle(verifier), verifier.vkey, state.counted, day, doors, pictures, days, is_stale)
    _write_pages(folder, shown, words_read(_local(folder, WORDS_PATH)), language=language)


@dataclass
class _Coming:
    """The log's files for a recount: what the folder has is read there, all else is fetched and waits beside it."""

    source: Source
    folder: Path
    trusts_folder: bool = True
    fetched: int = 0
    used_folder: bool = field(default=False)

    @property
    def name(self) -> str:
        """The source's name."""
        return self.source.name

    def read(self, path: str) -> bytes:
        """Return a file's bytes; raises what the source raises."""
        if path == CHECKPOINT_PATH:
            return self.source.read(path)
        if self.trusts_folder:
            for place in (self.folder, self.folder / COMING):
                with suppress(FileNotFoundError, NotADirectoryError):
                    content = (place / path).read_bytes()
                    self.used_folder = True
                    return content
        content = self._fetched(parse_path(path))
        write_file(self.folder / COMING / path, content)
        self.fetched += 1
        return content

    def _fetched(self, tile: Tile) -> bytes:
        """Fetch a file; where a partial one is gone already, cut it out of the full one that took its place."""
        try:
            return self.source.read(tile.path)
        except Missing:
            if tile.is_full:
                raise
        full = self.source.read(Tile(tile.level, tile.index).path)
        if tile.level != ENTRIES_LEVEL:
            return full[: tile.width * HASH_BYTES]
        try:
            return pack_bundle(unpack_bundle(full, width=FULL_WIDTH)[: tile.width])
        except BundleMalformed:
            return full


def _recounted(files: _Coming, verifier: Verifier, earlier: Checkpoint | None) -> tuple[Recount, bytes]:
    """Recount; when files of our own may be to blame, once more with every file fetched anew."""
    result, checkpoint = _recounted_once(files, verifier, earlier)
    if files.used_folder and any(finding.code.startswith(_FILES_AT_FAULT) for finding in result.findings):
        files.trusts_folder = False
        result, checkpoint = _recounted_once(files, verifier, earlier)
    return result, checkpoint


def _recounted_once(files: _Coming, verifier: Verifier, earlier: Checkpoint | None) -> tuple[Recount, bytes]:
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="mirror") as pool:
        reader = ReadAhead(files, pool)
        return audit(reader.read, verifier=verifier, earlier=earlier), reader.checkpoint


def _require_mirror(folder: Path) -> None:
    """Refuse to write into a folder that holds something else, such as somebody's web site."""
    if folder.exists() and (
        not folder.is_dir()
        or (any(folder.iterdir()) and not any((folder / x).exists() for x in (KEY_PATH, COMING)))
    ):
        raise Refused(
            "mirror-folder-other",
            N_("%(folder)s holds something else. Give an empty folder, or one that is a mirror already."),
            folder=folder,
        )


def _verifier(source: Source, folder: Path, key: str) -> Verifier:
    """Return the key to believe: the folder's own for ever, else the one given, else the log's at first use."""
    held = _local(folder, KEY_PATH).decode("ascii", "replace").strip()
    if not held and not key:
        try:
            return parse_key(source.read(KEY_PATH).decode("ascii", "replace").strip())
        except Missing:
            raise Refused(
                "key-needed",
                N_("This log publishes no key. Ask the organiser for it and give it with --key."),
            ) from None
    if held and key and held != key:
        raise Refused(
            "mirror-key-other",
            N_("This folder mirrors a log with another key. Give another folder, or leave out --key."),
        )
    return parse_key(held or key)


def _earlier(folder: Path, verifier: Verifier) -> Checkpoint | None:
    """Return the checkpoint that the folder holds; without it nobody would see a history that was shortened."""
    note = _local(folder, CHECKPOINT_PATH)
    if not note:
        return None
    try:
        return open_checkpoint(note, verifier)
    except (NoteError, CheckpointMalformed) as error:
        raise Broken(
            "mirror-damaged",
            N_("The mirror in this folder is damaged and was left as it is. Begin anew in an empty folder."),
            cause=str(error),
        ) from error


def _announced(source: Source, folder: Path, verifier: Verifier) -> Announcement | None:
    """Return what the recovery key announced, the newest of what is here and there, and keep it.

    Whoever keeps a mirror may put one into the folder by hand: a server that was taken would not show it.
    """
    held = announcement_read(FolderSource(folder).read, origin=verifier.name).says
    found = announcement_read(source.read, origin=verifier.name)
    if found.says is None or (held is not None and held.day > found.says.day):
        return held
    write_file(folder / ANNOUNCEMENT_PATH, found.note)
    return found.says


def _doors(source: Source, folder: Path, verifier: Verifier) -> tuple[DoorsList | None, bytes, str]:
    """Return the list to go by, the note to write (empty: none new), and why a new one was not believed."""
    held: DoorsList | None = None
    with suppress(NoteError, DoorsMalformed):
        held = open_doors(_local(folder, DOORS_PATH), verifier)
    try:
        note = source.read(DOORS_PATH)
        found = open_doors(note, verifier)
    except Missing:
        return held, b"", ""
    except (NoteError, DoorsMalformed) as error:
        return held, b"", str(error)
    if held is not None and not is_newer(found, held):
        return held, b"", f"it is of {found.day}, the one here of {held.day}"
    return found, note, ""


def _last_day(files: _Coming, size: int) -> datetime.date | None:
    """Return the day of the newest entry."""
    tile = next(reversed(list(tiles_at(ENTRIES_LEVEL, size))), None)
    if tile is None:
        return None
    return decode(unpack_bundle(files.read(tile.path), width=tile.width)[-1]).day


def _put_in_place(folder: Path, size: int) -> None:
    """Move what was verified to where it is read."""
    for tile in reading_order(size):
        waiting = folder / COMING / tile.path
        if waiting.exists():
            (folder / tile.path).parent.mkdir(parents=True, exist_ok=True)
            waiting.replace(folder / tile.path)


def _drop_past(folder: Path, size: int) -> None:
    """Drop partial files that no published checkpoint needs any more, and the empty rest of what was on its way."""
    for tile in reading_order(size):
        partial = folder / f"{Tile(tile.level, tile.index).path}.p"
        if partial.is_dir():
            for path in partial.iterdir():
                if path != folder / tile.path:
                    path.unlink()
    shutil.rmtree(folder / COMING, ignore_errors=True)


def _write_pages(folder: Path, shown: Shown, words: CampaignWords, *, language: str) -> None:
    write_file(folder / WORDS_PATH, words_written(words))
    made = pages(shown, words, language=language)
    for name, content in made.items():
        if _local(folder, name) != content:
            write_file(folder / name, content)
    for path in folder.iterdir():
        if is_gallery_page(path.name) and path.name not in made:
            path.unlink()
    write_file(folder / RECOUNT_PAGE_PATH, recount_page().content)


def _handle(verifier: Verifier) -> str:
    return verifier.name.rpartition("/")[2]


def _local(folder: Path, path: str) -> bytes:
    try:
        return (folder / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
