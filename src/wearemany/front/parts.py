"""What the front is handed: callables of the stations, a blob store, assets, and the limits it keeps.

Every callable here runs in a thread of the front's and may block; it must be safe to call from several
threads at once, and closes or keeps its own database connections.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from wsgiref.types import WSGIApplication

from wearemany.adapters.blobs import BlobStore
from wearemany.front.senders import Network

Epoch = tuple[int, ...]


class Opened(Protocol):
    """A rendition that may be shown now."""

    @property
    def content(self) -> bytes:
        """The picture."""

    @property
    def media_type(self) -> str:
        """`image/webp` or `image/jpeg`."""

    @property
    def etag(self) -> str:
        """A strong ETag, in quotes."""


class AnyLiveEvent(Protocol):
    """What the live stream reads of an event."""

    @property
    def id(self) -> int:
        """The log position that the event brings its reader to."""

    @property
    def event(self) -> str:
        """`post`, `number` or `refresh`."""

    @property
    def data(self) -> str:
        """What the page's script gets; any text."""


@dataclass(frozen=True)
class LiveEvent:
    """One event of the live stream, rendered once per language."""

    id: int
    event: str
    data: str


@dataclass(frozen=True)
class Limits:
    """How much the front takes in and holds at once. None of it depends on who asks."""

    part_bytes: int = 25 * 1024 * 1024
    crumb_bytes: int = 1024
    files: int = 4
    text_bytes: int = 256 * 1024
    fields: int = 100
    field_bytes: int = 192 * 1024
    field_name_bytes: int = 200
    part_header_bytes: int = 4096
    part_headers: int = 8
    deadline_s: float = 900.0
    window_s: float = 60.0
    window_bytes: int = 6_000
    open_bodies: int = 1000
    linger_s: float = 30.0
    linger_bytes: int = 64 * 1024 * 1024
    readers: int = 12_000
    reader_waiting_bytes: int = 192 * 1024
    heartbeat_s: float = 15.0
    page_entries: int = 512
    page_bytes: int = 16 * 1024 * 1024
    page_patience_s: float = 1.5
    picture_bytes: int = 16 * 1024 * 1024
    sample_s: float = 0.15
    doors_s: float = 3.0

    @property
    def body_bytes(self) -> int:
        """The largest body: all files, all text, and what multipart puts around them."""
        return self.files * self.part_bytes + self.text_bytes + 64 * 1024


@dataclass(frozen=True)
class FrontParts:
    """Everything the front needs of the rest of the house.

    wsgi            Django
    store           where uploads go (`u/...`) and log files are (`log/<handle>/...`)
    say             (language, English sentence) -> the sentence in that language
    epochs          every campaign's handle -> whole numbers that change whenever anything public of it does: the
                    first when something may have been taken from sight, the last is its log's published size
    rendition_open  name -> the opened picture, or None when it is not public now
    live_events     (language, handle, after) -> the events after that log position, in order;
                    after None: one `refresh` with the newest window
    uploads_kept    blob keys -> those that a row speaks of
    static          path below /static/ -> (bytes, media type)
    warm            paths that Django is asked for once before the first request, so that nobody waits for its
                    pages to be loaded
    warm_host       the `Host` that it is asked under; one that it answers to
    proxies         networks of our own proxies, whose X-Forwarded-For is believed
    style           path of the stylesheet that the front's own few pages name; empty for none
    """

    wsgi: WSGIApplication
    store: BlobStore
    say: Callable[[str, str], str]
    epochs: Callable[[], Mapping[str, Epoch]]
    rendition_open: Callable[[str], Opened | None]
    live_events: Callable[[str, str, int | None], Sequence[AnyLiveEvent]]
    uploads_kept: Callable[[Sequence[str]], Collection[str]]
    static: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)
    warm: Sequence[str] = ()
    warm_host: str = "localhost"
    proxies: Sequence[Network] = ()
    style: str = ""
    limits: Limits = Limits()
    threads: int = 8
    waiting: int = 64
