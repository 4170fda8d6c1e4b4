"""Renditions: `/r/<name>.webp` and `.jpg`, shown only while the post is public.

Opened bytes are kept in memory and all dropped when anything of any campaign was taken from sight, so that a
picture taken back is gone here as soon as that is seen. Browsers may keep one for a minute, shared caches not.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from wearemany.adapters.blobs import Absent
from wearemany.front.answers import (
    NO_STORE,
    OWN_HEADERS,
    SAME_ORIGIN,
    Answer,
    not_modified,
    plain,
)
from wearemany.front.epochs import EpochWatch
from wearemany.front.parts import Opened
from wearemany.front.refusals import method_unknown
from wearemany.front.request import Request

_PATH = re.compile(r"/r/([a-z2-7]{26})\.(webp|jpg)")
_ENDINGS = {"image/webp": "webp", "image/jpeg": "jpg"}


@dataclass(frozen=True)
class _Picture:
    ending: str
    etag: bytes
    answer: Answer


class Pictures:
    """Renditions by name; belongs to the event loop, opening runs in `threads`."""

    def __init__(
        self,
        watch: EpochWatch,
        rendition_open: Callable[[str], Opened | None],
        *,
        threads: Executor,
        size_bytes: int,
    ) -> None:
        self._watch = watch
        self._open = rendition_open
        self._threads = threads
        self._bytes_max = size_bytes
        self._bytes = 0
        self._generation = 0
        self._pictures: OrderedDict[str, _Picture] = OrderedDict()
        self._opening: dict[str, asyncio.Task[_Picture | None]] = {}
        watch.listen_hidden(self._forget)

    async def answer(self, request: Request) -> Answer:
        """Answer a request for a rendition; 404 when there is none, or none that is public."""
        if not request.reads:
            raise method_unknown()
        match = _PATH.fullmatch(request.path)
        if match is None:
            return _absent()
        name, ending = match.groups()
        await self._watch.current()
        picture = self._pictures.get(name)
        if picture is None:
            picture = await asyncio.shield(self._begun(name))
        else:
            self._pictures.move_to_end(name)
        if picture is None or picture.ending != ending:
            return _absent()
        return not_modified(picture.answer) if request.holds(picture.etag) else picture.answer

    def forget(self) -> None:
        """Drop everything that is open."""
        self._generation += 1
        self._pictures.clear()
        self._opening.clear()
        self._bytes = 0

    def _forget(self, _hidden: frozenset[str]) -> None:
        self.forget()

    def _begun(self, name: str) -> asyncio.Task[_Picture | None]:
        opening = self._opening.get(name)
        if opening is None:
            opening = asyncio.create_task(self._opened(name))
            self._opening[name] = opening
        return opening

    async def _opened(self, name: str) -> _Picture | None:
        generation = self._generation
        try:
            opened = await asyncio.get_running_loop().run_in_executor(self._threads, self._open, name)
        except Absent:
            # Taken back between the look into the table and the look into the store.
            opened = None
        finally:
            if generation == self._generation:
                self._opening.pop(name, None)
        if opened is None:
            return None
        picture = _picture(opened)
        if generation == self._generation:
            self._keep(name, picture)
        return picture

    def _keep(self, name: str, picture: _Picture) -> None:
        self._pictures[name] = picture
        self._bytes += len(picture.answer.body)
        while self._bytes > self._bytes_max:
            _, oldest = self._pictures.popitem(last=False)
            self._bytes -= len(oldest.answer.body)


def _picture(opened: Opened) -> _Picture:
    etag = opened.etag.encode()
    headers = (
        (b"content-type", opened.media_type.encode()),
        (b"cache-control", b"private, max-age=60"),
        (b"etag", etag),
        *OWN_HEADERS,
        SAME_ORIGIN,
    )
    return _Picture(
        ending=_ENDINGS.get(opened.media_type, ""),
        etag=etag,
        answer=Answer(200, headers, bytes(opened.content)),
    )


def _absent() -> Answer:
    return plain(404, "Not found.\n", NO_STORE, SAME_ORIGIN)
