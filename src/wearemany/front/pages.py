"""Anonymous pages, kept as they were rendered for as long as nothing public of their campaign has changed.

Django says which pages may be kept, with the header `X-Cache-Epoch: <handle>`; the header never leaves the
house. A page asked for with a cookie is neither kept nor answered from here. Many readers of one page that is
not kept yet wait for one rendering. What is not marked is rendered for each reader alone. Pages that have been
kept before are rendered anew in threads of their own, so that a crowd at the forms does not stop the wall.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from wearemany.front.answers import Answer, not_modified
from wearemany.front.bridge import NO_BODY, Body, Bridge
from wearemany.front.epochs import EpochWatch
from wearemany.front.parts import Epoch
from wearemany.front.request import Request

EPOCH_HEADER = b"x-cache-epoch"
_QUERY_MAX_BYTES = 300
_REMEMBERED_MAX = 2048
_TRIES = 3
_GZIP_LEVEL = 6

_Key = tuple[bytes, bytes, bytes, bytes]


@dataclass(frozen=True)
class Page:
    """A kept page: the answer as it is, and packed; both under their own strong ETag."""

    handle: str
    epoch: Epoch
    whole: Answer
    packed: Answer
    etags: tuple[bytes, bytes]

    @property
    def size_bytes(self) -> int:
        """What the page occupies."""
        return len(self.whole.body) + len(self.packed.body)

    def answer(self, request: Request) -> Answer:
        """Return what this reader gets: whole, packed, or word that it holds the page already."""
        chosen = self.packed if request.takes_gzip else self.whole
        return not_modified(chosen) if request.holds(*self.etags) else chosen


def page_of(answer: Answer, *, handle: str, epoch: Epoch) -> Page:
    """Make the page that is kept of an answer."""
    digest = hashlib.sha256(answer.body).hexdigest()[:32].encode()
    etags = (b'"' + digest + b'"', b'"' + digest + b'-g"')
    known = {name for name, _ in answer.headers}
    cache = () if b"cache-control" in known else ((b"cache-control", b"no-cache"),)
    vary = tuple(value for name, value in answer.headers if name == b"vary")
    plain = tuple(header for header in answer.headers if header[0] not in (b"vary", b"etag"))
    headers = (*plain, *cache, (b"vary", b", ".join((*vary, b"accept-encoding"))))
    # mtime=0: no moment of ours is written into what goes out.
    packed = gzip.compress(answer.body, _GZIP_LEVEL, mtime=0)
    return Page(
        handle=handle,
        epoch=epoch,
        whole=Answer(answer.status, (*headers, (b"etag", etags[0])), answer.body),
        packed=Answer(answer.status, (*headers, (b"content-encoding", b"gzip"), (b"etag", etags[1])), packed),
        etags=etags,
    )


class Pages:
    """The kept pages; belongs to the event loop. Bounded by number and by bytes, the least used leave first."""

    def __init__(
        self, watch: EpochWatch, bridge: Bridge, *, reserved: Bridge, entries: int, size_bytes: int
    ) -> None:
        self._watch = watch
        self._bridge = bridge
        self._reserved = reserved
        self._once_kept: OrderedDict[_Key, None] = OrderedDict()
        self._entries_max = entries
        self._bytes_max = size_bytes
        self._bytes = 0
        self._pages: OrderedDict[_Key, Page] = OrderedDict()
        self._rendering: dict[_Key, asyncio.Task[Page | Answer]] = {}
        self._single: OrderedDict[_Key, None] = OrderedDict()
        watch.listen(self._forget)

    async def answer(self, request: Request) -> Answer:
        """Answer a GET or HEAD, from what is kept where that is allowed."""
        key = _key(request)
        if key is None:
            return await self.unkept(request, NO_BODY)
        for _ in range(_TRIES):
            epochs = await self._watch.current()
            page = self._held(key, epochs)
            if page is not None:
                return page.answer(request)
            if key in self._single:
                break
            mine = key not in self._rendering
            made = await asyncio.shield(self._begun(key, request, epochs))
            if isinstance(made, Answer):
                if mine:
                    return made
            elif mine or made.epoch == (await self._watch.current()).get(made.handle):
                return made.answer(request)
        made = await self._render(key, request, await self._watch.current())
        return made.answer(request) if isinstance(made, Page) else made

    async def unkept(self, request: Request, body: Body) -> Answer:
        """Return Django's own answer to a request that changes something."""
        return _stripped(await self._bridge.answer(request, body))

    def _begun(self, key: _Key, request: Request, epochs: Mapping[str, Epoch]) -> asyncio.Task[Page | Answer]:
        rendering = self._rendering.get(key)
        if rendering is None:
            rendering = asyncio.create_task(self._render(key, request, epochs))
            self._rendering[key] = rendering
            rendering.add_done_callback(lambda _: self._rendering.pop(key, None))
        return rendering

    async def _render(self, key: _Key, request: Request, epochs: Mapping[str, Epoch]) -> Page | Answer:
        # A conditional request must not make Django answer 304 in everybody's name.
        shared = {name: value for name, value in request.headers.items() if not name.startswith(b"if-")}
        bridge = self._reserved if key in self._once_kept else self._bridge
        answer = await bridge.answer(replace(request, headers=shared))
        handle = (answer.header(EPOCH_HEADER) or b"").decode("latin-1")
        answer = _stripped(answer)
        epoch = epochs.get(handle)
        if epoch is None or answer.status != 200 or answer.header(b"set-cookie") is not None:
            self._once_kept.pop(key, None)
            _remember(self._single, key)
            return answer
        self._single.pop(key, None)
        # The epoch is the one from before rendering: if it changed meanwhile the page is made anew next time.
        page = page_of(answer, handle=handle, epoch=epoch)
        self._keep(key, page)
        return page

    def _held(self, key: _Key, epochs: Mapping[str, Epoch]) -> Page | None:
        page = self._pages.get(key)
        if page is None:
            return None
        if epochs.get(page.handle) != page.epoch:
            self._drop(key)
            return None
        self._pages.move_to_end(key)
        return page

    def _keep(self, key: _Key, page: Page) -> None:
        self._drop(key)
        _remember(self._once_kept, key)
        if page.size_bytes > self._bytes_max // 4:
            return
        self._pages[key] = page
        self._bytes += page.size_bytes
        while len(self._pages) > self._entries_max or self._bytes > self._bytes_max:
            self._drop(next(iter(self._pages)))

    def _drop(self, key: _Key) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self._bytes -= page.size_bytes

    def _forget(self, changed: frozenset[str]) -> None:
        for key in [key for key, page in self._pages.items() if page.handle in changed]:
            self._drop(key)


def _remember(keys: OrderedDict[_Key, None], key: _Key) -> None:
    keys[key] = None
    keys.move_to_end(key)
    if len(keys) > _REMEMBERED_MAX:
        keys.popitem(last=False)


def _key(request: Request) -> _Key | None:
    headers = request.headers
    if b"cookie" in headers or b"authorization" in headers or len(request.query) > _QUERY_MAX_BYTES:
        return None
    saving = b"on" if headers.get(b"save-data", b"").strip().lower() == b"on" else b""
    return headers.get(b"host", b"").lower(), request.raw_path, request.query, saving


def _stripped(answer: Answer) -> Answer:
    return replace(answer, headers=tuple(header for header in answer.headers if header[0] != EPOCH_HEADER))
