"""The edge of a recount: finds a log behind an address or in a folder, fetches ahead, and remembers.

Imports no Django and nothing of the server, so that anyone can run it with the public files alone. What
is right and wrong is `audit`'s business. Remembered between runs, in one small file of the reader's own:
which key signed which log, and its newest checkpoint, so that a shortened or second history shows.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path
from typing import Protocol, TypedDict
from urllib.parse import urljoin, urlsplit

from wearemany.adapters.fetch import Limits, Way
from wearemany.adapters.fetch import fetch as ask
from wearemany.errors import N_, Refused, TryAgain, WeAreManyError
from wearemany.tlog.checkpoint import Checkpoint, CheckpointMalformed, open_checkpoint, parse_body
from wearemany.tlog.cosignature import cosigned
from wearemany.tlog.note import KeyMalformed, NoteError, Verifier, parse, parse_vkey
from wearemany.tlog.tiles import FULL_WIDTH, LONGEST_ENTRY_BYTES
from wearemany.wall.announced import Announced, announcement_read, heeded, vouched
from wearemany.wall.audit import CHECKPOINT_PATH, Finding, Missing, Recount, Shown, audit, reading_order

KEY_PATH = "vkey"
LINK_REL = "c2sp-tlog"
_FETCH_S = 300.0
_MOST_FILE_BYTES = FULL_WIDTH * (LONGEST_ENTRY_BYTES + 2)
_MOST_PAGE_BYTES = 2_000_000
_THREADS = 8
_AHEAD = 32


class Source(Protocol):
    """Somewhere a log's files are; its name is what the reader sees and what is remembered."""

    @property
    def name(self) -> str:
        """Return what the source is called."""
        ...

    def read(self, path: str) -> bytes:
        """Return a file's bytes; raises `Missing`, or TryAgain `log-unreachable`."""
        ...


@dataclass(frozen=True)
class FolderSource:
    """A log's files in a local folder, such as a mirror or an export."""

    folder: Path

    @property
    def name(self) -> str:
        """Return the folder's full path."""
        return str(self.folder.resolve())

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        try:
            with open(os.path.join(self.folder, path), "rb", buffering=0) as file:
                return file.readall()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise Missing(path) from None
        except OSError as error:
            raise _unreachable(self.name, str(error)) from error


@dataclass(frozen=True)
class UrlSource:
    """A log's files below an address that ends with a slash; `way` is how to get there."""

    name: str
    way: Way

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return fetch(urljoin(self.name, path), way=self.way, most_bytes=_MOST_FILE_BYTES)


class KeyOrigin(StrEnum):
    """How the key that judged the log came to be believed."""

    GIVEN = "given"
    PINNED = "pinned"
    FIRST_USE = "first-use"


@dataclass(frozen=True)
class Report:
    """What `recount` has to say: the result, of which log, by which key, and how that key was come by."""

    result: Recount
    source: str
    vkey: str
    key_origin: KeyOrigin
    earlier: Checkpoint | None
    shown: tuple[Shown, ...] = ()
    announced: Announced = field(default_factory=Announced)
    witnesses: Mapping[str, bool] = field(default_factory=dict)


class _LogMemory(TypedDict):
    vkey: str
    checkpoint: str


@dataclass
class Pins:
    """What is remembered: the key of each source, and of each log (by origin) its key and newest checkpoint."""

    sources: dict[str, str] = field(default_factory=dict)
    logs: dict[str, _LogMemory] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Pins:
        """Read the pin file; an absent one remembers nothing. Refused `pins-unreadable` when it is damaged."""
        try:
            values = json.loads(path.read_text("utf-8"))
            return cls(dict(values["sources"]), dict(values["logs"]))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Refused(
                "pins-unreadable",
                N_(
                    "The file with remembered keys cannot be read: %(path)s. Restore it, or name another file."
                ),
                cause=str(error),
                path=path,
            ) from error

    def save(self, path: Path) -> None:
        """Write the pin file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"v": 1, "sources": self.sources, "logs": self.logs}, indent=1, sort_keys=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".pins-")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(path)


def default_pins_path() -> Path:
    """Return where keys are remembered unless told otherwise."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "wearemany" / "pins.json"


def recount(
    address: str,
    *,
    pins_path: Path,
    way: Way | None = None,
    key: str = "",
    checkpoints: Sequence[Path] = (),
    witnesses: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Recount the log behind an address or in a folder, and remember its key and checkpoint.

    `checkpoints` are files with signed checkpoints of it to compare it with; Refused `checkpoint-unusable` when one
    is none. `witnesses` are the keys of those who may have cosigned it: the report says of each whether it has. A key
    that is given beats a remembered one; with neither, the log's own `vkey` file is believed this once and
    remembered. A recount with findings changes nothing that is remembered.
    """
    source = locate(address, way=way)
    pins = Pins.load(pins_path)
    verifier, key_origin = _key(source, pins, key)
    memory = pins.logs.get(verifier.name)
    if key_origin is KeyOrigin.FIRST_USE and memory is not None and memory["vkey"] != verifier.vkey:
        finding = Finding("key-changed", "this log was signed by another key when you last looked", KEY_PATH)
        return Report(Recount((finding,)), source.name, verifier.vkey, key_origin, None)
    earlier = _remembered(memory, verifier)
    shown = tuple(shown_in(path, verifier) for path in checkpoints)
    announced = announcement_read(source.read, origin=verifier.name)
    held = (*shown, *vouched(announced.says))
    cosigners = [parse_key(text) for text in witnesses]
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="recount") as pool:
        # A disk needs nobody to fetch ahead: handing files between threads would cost more than reading them.
        reader = ReadAhead(source, pool, ahead=0 if isinstance(source, FolderSource) else _AHEAD)
        result = audit(reader.read, verifier=verifier, earlier=earlier, shown=held, progress=progress)
    result = heeded(result, announced.says)
    if result.holds:
        pins.sources[source.name] = verifier.vkey
        note = reader.checkpoint.decode("utf-8")
        pins.logs[verifier.name] = _LogMemory(vkey=verifier.vkey, checkpoint=note)
        pins.save(pins_path)
    found = cosigned(parse(reader.checkpoint), cosigners) if result.holds else ()
    ids = {one.signature.key_id for one in found}
    asked = {one.vkey: one.key_id in ids for one in cosigners}
    return Report(result, source.name, verifier.vkey, key_origin, earlier, shown, announced, asked)


def locate(address: str, *, way: Way | None) -> Source:
    """Find the log's files: in a folder, at the address itself, or where the page there says they are.

    The address was typed by a person here, so it may be a private one; where a page leads to may not. Without
    a way out only folders are read.
    """
    if urlsplit(address).scheme not in {"http", "https"}:
        folder = Path(address)
        if not folder.is_dir():
            raise Refused(
                "no-such-log",
                N_("There is no folder %(address)s. Give a folder, or an address that begins with https://."),
                address=address,
            )
        return FolderSource(folder)
    if way is None:
        raise ValueError("an address needs a way out")
    way = way.leading_home(address)
    address = address.removesuffix(CHECKPOINT_PATH)
    prefix = urljoin(address, urlsplit(address).path.rstrip("/") + "/")
    for candidate in _candidates(address, prefix, way):
        source = UrlSource(candidate, way)
        try:
            parse(source.read(CHECKPOINT_PATH))
        except (Missing, NoteError):
            continue
        except Refused:
            if candidate == prefix:
                raise
            continue
        return source
    raise Refused(
        "no-such-log",
        N_("There is no log at %(address)s. Give the address of a wall, or of a log's folder."),
        address=address,
    )


def fetch(url: str, *, way: Way, most_bytes: int, limit_s: float = _FETCH_S) -> bytes:
    """Fetch an address; `Missing` for what is not there, TryAgain `log-unreachable` for anything else.

    Refused `outbound-refused` for an address that nothing of ours goes to.
    """
    try:
        answer = ask(url, way=way, limits=Limits(most_bytes, limit_s))
    except WeAreManyError as error:
        if error.code == "outbound-refused":
            raise
        raise _unreachable(url, error.cause) from error
    if answer.status in {404, 410}:
        raise Missing(url)
    if answer.status != 200:
        raise _unreachable(url, f"status {answer.status}")
    return answer.body


class _LinkFinder(HTMLParser):
    """Finds `<link rel="c2sp-tlog" href="…">` in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        values = dict(attrs)
        if tag == "link" and values.get("rel") == LINK_REL and values.get("href"):
            self.found.append(values["href"] or "")


def _candidates(address: str, prefix: str, way: Way) -> Iterator[str]:
    """Yield where the log may be: here, where the page here says, where this software puts it."""
    yield prefix
    finder = _LinkFinder()
    with suppress(Missing):
        finder.feed(fetch(address, way=way, most_bytes=_MOST_PAGE_BYTES).decode("utf-8", errors="replace"))
    for href in finder.found:
        link = urljoin(address, href)
        if urlsplit(link).scheme in {"http", "https"}:
            yield link.rstrip("/") + "/"
    handle = urlsplit(prefix).path.rstrip("/").rpartition("/")[2]
    if handle:
        yield urljoin(address, f"/log/{handle}/")


def _key(source: Source, pins: Pins, key: str) -> tuple[Verifier, KeyOrigin]:
    if key:
        return parse_key(key), KeyOrigin.GIVEN
    pinned = pins.sources.get(source.name)
    if pinned:
        return parse_key(pinned), KeyOrigin.PINNED
    try:
        published = source.read(KEY_PATH).decode("ascii", errors="replace").strip()
    except Missing:
        raise Refused(
            "key-needed",
            N_("This log publishes no key. Ask the organiser for it and give it with --key."),
        ) from None
    verifier = parse_key(published)
    known = pins.logs.get(verifier.name)
    if known is not None and known["vkey"] == verifier.vkey:
        return verifier, KeyOrigin.PINNED
    return verifier, KeyOrigin.FIRST_USE


def parse_key(text: str) -> Verifier:
    """Return the verifier key that a text holds; Refused `key-malformed` when it is none."""
    try:
        return parse_vkey(text)
    except KeyMalformed as error:
        raise Refused(
            "key-malformed",
            N_("This is not a verifier key. It looks like: name+01234567+letters."),
            cause=str(error),
        ) from error


def shown_in(path: Path, verifier: Verifier) -> Shown:
    """Return the checkpoint in a file; Refused `checkpoint-unusable` when this key did not sign it."""
    try:
        return Shown(open_checkpoint(path.read_bytes(), verifier), path.name)
    except (OSError, NoteError, CheckpointMalformed) as error:
        raise Refused(
            "checkpoint-unusable",
            N_("%(path)s is not a checkpoint that this log's key signed. Nothing was compared."),
            cause=str(error),
            path=path,
        ) from error


def _remembered(memory: _LogMemory | None, verifier: Verifier) -> Checkpoint | None:
    """Return the newest checkpoint seen of this log, if it was signed by this key."""
    if memory is None:
        return None
    try:
        return open_checkpoint(memory["checkpoint"].encode(), verifier)
    except (NoteError, CheckpointMalformed):
        return None


class ReadAhead:
    """Reads a log's files in the order of the audit, a few ahead in threads. The checkpoint is read once."""

    def __init__(self, source: Source, pool: ThreadPoolExecutor, *, ahead: int = _AHEAD) -> None:
        self._ahead = ahead
        self._source = source
        self._pool = pool
        self._order: Iterator[str] = iter(())
        self._coming: deque[tuple[str, Future[bytes]]] = deque()
        self.checkpoint = b""

    def read(self, path: str) -> bytes:
        """Return a file's bytes; raises what the source raises."""
        if path == CHECKPOINT_PATH:
            self.checkpoint = self._source.read(path)
            self._expect(self.checkpoint)
            return self.checkpoint
        if not self._ahead:
            return self._source.read(path)
        self._fill()
        while self._coming and self._coming[0][0] != path:
            if not any(name == path for name, _ in self._coming):
                return self._source.read(path)
            self._coming.popleft()
        if not self._coming:
            return self._source.read(path)
        _, future = self._coming.popleft()
        return future.result()

    def _expect(self, checkpoint: bytes) -> None:
        # Not verified yet: a lie costs the liar a few requests and us nothing, `audit` reads what it needs.
        try:
            size = parse_body(parse(checkpoint).text).size
        except (NoteError, CheckpointMalformed):
            return
        self._order = (tile.path for tile in reading_order(size))

    def _fill(self) -> None:
        while len(self._coming) < self._ahead:
            path = next(self._order, None)
            if path is None:
                return
            self._coming.append((path, self._pool.submit(self._source.read, path)))


def _unreachable(where: str, cause: str) -> TryAgain:
    return TryAgain(
        "log-unreachable",
        N_("The log cannot be read just now: %(where)s. Try again later, or from another place."),
        cause=cause,
        where=where,
    )
