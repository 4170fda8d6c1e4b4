"""Anonymous pages, kept as they were rendered for as long as nothing public of their campaign has changed.

Django says which pages may be kept, with the header `X-Cache-Epoch: <handle>`; the header never leaves the
house. With `<handle> lag` the page may also be up to a second behind what was added (never behind what was taken
from sight): a wall that grows fifty times a second is rendered once a second, meanwhile the page before is shown.
A page asked for with a cookie is neither kept nor answered from here. Many readers of one page that is
not kept yet wait for one rendering. What is not marked is rendered for each reader alone. Pages that have been
kept before are rendered anew in threads of their own, so that a crowd at the forms does not stop the wall.

When a page cannot be rendered anew in time, the one before is shown and says so, if nothing was taken from sight.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import html
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from wearemany.errors import N_, TryAgain
from wearemany.front.answers import Answer, Header, not_modified
from wearemany.front.bridge import NO_BODY, Body, Bridge
from wearemany.front.epochs import EpochWatch
from wearemany.front.parts import Epoch, Limits
from wearemany.front.request import Request, takes_gzip

EPOCH_HEADER = b"x-cache-epoch"
_QUERY_MAX_BYTES = 300
_REMEMBERED_MAX = 2048
_TRIES = 3
_GZIP_LEVEL = 6
_LAG_S = 0.95
_RENEW_AFTER_S = 0.45
_QUICK_LEVEL = 1
LATE_MARK = b"<!--late-->"
_LATE_WORDS = N_(
    "Very many people are here right now: this page is a little older. What was taken back is gone from it. "
    "Please load it again in a minute."
)

# Headers that decide which page is meant, or whether it may be answered from here at all.
_TELLING = frozenset(
    (
        b"host", b"accept-encoding", b"save-data", b"cookie", b"authorization", b"if-none-match", b"content-length",
        b"transfer-encoding", b"expect", b"upgrade",
    )
)  # fmt: skip

_Key = tuple[bytes, bytes, bytes, bytes]


@dataclass(frozen=True)
class Page:
    """A kept page: the answer as it is, and packed; both under their own strong ETag.

    `wires` are both as bytes on the wire, but for the status line and what the server adds.
    `may_lag` says that it may be shown for a moment after something was added; its age counts from `begun_at_s`.
    """

    handle: str
    epoch: Epoch
    whole: Answer
    packed: Answer
    etags: tuple[bytes, bytes]
    wires: tuple[bytes, bytes]
    may_lag: bool = False
    begun_at_s: float = 0.0

    @property
    def size_bytes(self) -> int:
        """What the page may occupy, its bytes on the wire included."""
        return 2 * (len(self.whole.body) + len(self.packed.body))

    def answer(self, request: Request) -> Answer:
        """Return what this reader gets: whole, packed, or word that it holds the page already."""
        chosen = self.packed if request.takes_gzip else self.whole
        return not_modified(chosen) if request.holds(*self.etags) else chosen

    def late_answer(self, request: Request, *, words: str, age_s: float) -> Answer:
        """Return the page with the words that say it is an older one, and for programs how old it is."""
        said = f'<p class="notice notice--wait" role="status">{html.escape(words)}</p>'.encode()
        body = self.whole.body.replace(LATE_MARK, said)
        headers = [header for header in self.whole.headers if header[0] != b"etag"]
        headers.append((b"cache-status", b"wearemany; hit; ttl=-%d" % max(1, round(age_s))))
        if request.takes_gzip:
            headers.append((b"content-encoding", b"gzip"))
            body = _packed(body, level=_QUICK_LEVEL)
        return Answer(self.whole.status, tuple(headers), body)

    def shows_gone(self, epoch: Epoch | None) -> bool:
        """Tell whether something may have been taken from sight since the page was made."""
        return epoch is None or epoch[0] != self.epoch[0]

    def stands_under(self, epoch: Epoch | None) -> bool:
        """Tell whether somebody who asked while the page was being made may have it at this epoch."""
        return epoch == self.epoch or (self.may_lag and not self.shows_gone(epoch))


def page_of(answer: Answer, *, mark: str, epoch: Epoch, begun_at_s: float) -> Page:
    """Make the page that is kept of an answer; `mark` is what Django wrote into the header."""
    handle, _, lag = mark.partition(" ")
    digest = hashlib.sha256(answer.body).hexdigest()[:32].encode()
    etags = (b'"' + digest + b'"', b'"' + digest + b'-g"')
    known = {name for name, _ in answer.headers}
    cache = () if b"cache-control" in known else ((b"cache-control", b"no-cache"),)
    vary = tuple(value for name, value in answer.headers if name == b"vary")
    plain = tuple(header for header in answer.headers if header[0] not in (b"vary", b"etag"))
    headers = (*plain, *cache, (b"vary", b", ".join((*vary, b"accept-encoding"))))
    packed_headers = (*headers, (b"content-encoding", b"gzip"), (b"etag", etags[1]))
    whole = Answer(answer.status, (*headers, (b"etag", etags[0])), answer.body)
    packed = Answer(answer.status, packed_headers, _packed(answer.body))
    return Page(
        handle=handle,
        epoch=epoch,
        whole=whole,
        packed=packed,
        etags=etags,
        wires=(_wire(whole), _wire(packed)),
        may_lag=lag == "lag",
        begun_at_s=begun_at_s,
    )


def _wire(answer: Answer) -> bytes:
    lines = [b"%b: %b\r\n" % header for header in answer.headers]
    return b"".join((*lines, b"content-length: %d\r\n\r\n" % len(answer.body), answer.body))


def _packed(body: bytes, *, level: int = _GZIP_LEVEL) -> bytes:
    # mtime=0: no moment of ours is written into what goes out.
    return gzip.compress(body, level, mtime=0)


class Pages:
    """The kept pages; belongs to the event loop. Bounded by number and by bytes, the least used leave first."""

    def __init__(
        self,
        watch: EpochWatch,
        bridge: Bridge,
        *,
        reserved: Bridge,
        receiving: Bridge,
        say: Callable[[str, str], str],
        limits: Limits,
    ) -> None:
        self._watch = watch
        self._say = say
        self._bridge = bridge
        self._reserved = reserved
        self._receiving = receiving
        self._once_kept: OrderedDict[_Key, None] = OrderedDict()
        self._entries_max = limits.page_entries
        self._bytes_max = limits.page_bytes
        self._patience_s = limits.page_patience_s
        self._bytes = 0
        self._pages: OrderedDict[_Key, Page] = OrderedDict()
        self._rendering: dict[_Key, asyncio.Task[Page | Answer]] = {}
        self._single: OrderedDict[_Key, None] = OrderedDict()
        watch.listen_hidden(self._forget)

    async def answer(self, request: Request) -> Answer:
        """Answer a GET or HEAD, from what is kept where that is allowed."""
        key = _key(request)
        if key is None:
            return await self.unkept(request, NO_BODY)
        for _ in range(_TRIES):
            epochs = await self._watch.current()
            page = self._held(key, epochs)
            if page is not None and self._may_show(page, epochs, key=key, request=request):
                return page.answer(request)
            if key in self._single:
                break
            mine = key not in self._rendering
            made = await self._made(self._begun(key, request, epochs), patiently=page is None)
            if isinstance(made, Answer):
                if mine:
                    return made
            elif made is not None:
                if mine or made.stands_under((await self._watch.current()).get(made.handle)):
                    return made.answer(request)
            elif page is not None and not page.shows_gone((await self._watch.current()).get(page.handle)):
                words = self._say(request.language, _LATE_WORDS)
                return page.late_answer(request, words=words, age_s=_now_s() - page.begun_at_s)
        made = await self._render(key, request, await self._watch.current())
        return made.answer(request) if isinstance(made, Page) else made

    def at_hand(self, url: bytes, headers: Sequence[Header]) -> bytes | None:
        """Return what goes out after the status line for a plain GET that a kept page answers now; else None.

        The short way for what a crowd asks, with the rules of `answer`; whatever is not plain goes the long way.
        """
        host = accepted = saving = b""
        for name, value in headers:
            if name in _TELLING:
                if name == b"host":
                    host = value
                elif name == b"accept-encoding":
                    accepted = value
                elif name == b"save-data":
                    saving = _saving(value)
                else:
                    return None
        path, _, query = url.partition(b"?")
        key = (host.lower(), path, query, saving)
        page = self._pages.get(key)
        epochs = self._watch.at_hand() if page is not None else None
        if page is None or epochs is None:
            return None
        epoch = epochs.get(page.handle)
        if epoch != page.epoch:
            age_s = _now_s() - page.begun_at_s
            is_due = age_s > _RENEW_AFTER_S and key not in self._rendering
            if page.shows_gone(epoch) or not page.may_lag or age_s > _LAG_S or is_due:
                return None
        self._pages.move_to_end(key)
        return page.wires[takes_gzip(accepted)]

    async def _made(self, rendering: asyncio.Task[Page | Answer], *, patiently: bool) -> Page | Answer | None:
        """Return what was rendered; None when that is not to be had in time and there is something older to show."""
        if patiently:
            return await asyncio.shield(rendering)
        try:
            async with asyncio.timeout(self._patience_s):
                return await asyncio.shield(rendering)
        except (TimeoutError, TryAgain):
            return None

    async def unkept(self, request: Request, body: Body) -> Answer:
        """Return Django's own answer to a request that changes something."""
        bridge = self._receiving if body.files else self._bridge
        return _stripped(await bridge.answer(request, body))

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
        begun_at_s = _now_s()
        answer = await bridge.answer(replace(request, headers=shared))
        mark = (answer.header(EPOCH_HEADER) or b"").decode("latin-1")
        answer = _stripped(answer)
        epoch = epochs.get(mark.partition(" ")[0])
        if epoch is None or answer.status != 200 or answer.header(b"set-cookie") is not None:
            self._once_kept.pop(key, None)
            _remember(self._single, key)
            return answer
        self._single.pop(key, None)
        # The epoch is the one from before rendering: if it changed meanwhile the page is made anew next time.
        # Packing takes milliseconds in which nobody would be answered.
        make = partial(page_of, answer, mark=mark, epoch=epoch, begun_at_s=begun_at_s)
        page = await asyncio.get_running_loop().run_in_executor(None, make)
        self._keep(key, page)
        return page

    def _held(self, key: _Key, epochs: Mapping[str, Epoch]) -> Page | None:
        page = self._pages.get(key)
        if page is None:
            return None
        if page.shows_gone(epochs.get(page.handle)):
            self._drop(key)
            return None
        self._pages.move_to_end(key)
        return page

    def _may_show(self, page: Page, epochs: Mapping[str, Epoch], *, key: _Key, request: Request) -> bool:
        """Tell whether a page is as it should be, or may lag; the latter is rendered anew before its time is over."""
        if epochs.get(page.handle) == page.epoch:
            return True
        age_s = _now_s() - page.begun_at_s
        if not page.may_lag or age_s > _LAG_S:
            return False
        if age_s > _RENEW_AFTER_S and key not in self._rendering:
            self._begun(key, request, epochs).add_done_callback(_looked_at)
        return True

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

    def _forget(self, hidden: frozenset[str]) -> None:
        for key in [key for key, page in self._pages.items() if page.handle in hidden]:
            self._drop(key)


def _looked_at(rendering: asyncio.Task[Page | Answer]) -> None:
    """Take note of how a rendering that nobody waits for went: whoever comes after its time asks again."""
    if not rendering.cancelled():
        rendering.exception()


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _remember(keys: OrderedDict[_Key, None], key: _Key) -> None:
    keys[key] = None
    keys.move_to_end(key)
    if len(keys) > _REMEMBERED_MAX:
        keys.popitem(last=False)


def _key(request: Request) -> _Key | None:
    headers = request.headers
    if b"cookie" in headers or b"authorization" in headers or len(request.query) > _QUERY_MAX_BYTES:
        return None
    saving = _saving(headers.get(b"save-data", b""))
    return headers.get(b"host", b"").lower(), request.raw_path, request.query, saving


def _saving(given: bytes) -> bytes:
    return b"on" if given.strip().lower() == b"on" else b""


def _stripped(answer: Answer) -> Answer:
    return replace(answer, headers=tuple(header for header in answer.headers if header[0] != EPOCH_HEADER))
