"""The live stream: server-sent events of a campaign's wall, rendered once per language, shared by all readers.

One task watches the epochs for all campaigns. New log entries become events after the channel's position; when
something was taken from sight that becomes one `refresh`. What else changes (a like, a comment) is not on the
wall and brings nothing. A reader that comes back with a position is
brought up to date first, from the log and not from memory. A reader that does not keep up is closed and comes
back by itself.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from wearemany.errors import TryAgain
from wearemany.front.answers import NO_STORE, OWN_HEADERS, SAME_ORIGIN
from wearemany.front.epochs import EpochWatch
from wearemany.front.live_reader import Batch, Reader, frame
from wearemany.front.parts import AnyLiveEvent, Epoch, Limits
from wearemany.front.refusals import address_unknown, doors_busy
from wearemany.front.request import Request, Send
from wearemany.front.trouble import told

logger = logging.getLogger(__name__)

_AFTER = re.compile(r"(?P<position>-1|[0-9]{1,15})(?:\.(?P<versions>[0-9.]{1,40}))?")
_SHARED_MAX = 256
_BREATH_READERS = 100
_REST = 2.0
_PAUSE_MOST_S = 0.4
_UPDATE_S = 20.0
_TRIES = 5

LiveEvents = Callable[[str, str, int | None], Sequence[AnyLiveEvent]]


@dataclass(frozen=True)
class _Place:
    """Where a reader says it stands: the last position it has seen, and perhaps the versions it saw there."""

    position: int
    versions: str | None


class _Channel:
    """The readers of one campaign in one language, how far they have been brought, and when they last got anything."""

    def __init__(self, epoch: Epoch, *, now_s: float) -> None:
        self.epoch = epoch
        self.position = epoch[-1] - 1
        self.readers: set[Reader] = set()
        self.users = 0
        self.sent_at_s = now_s


class Live:
    """All channels; belongs to the event loop, rendering runs in `threads`."""

    def __init__(self, watch: EpochWatch, events: LiveEvents, *, threads: Executor, limits: Limits) -> None:
        self._watch = watch
        self._events = events
        self._threads = threads
        self._limits = limits
        self._readers_most = limits.readers
        self._channels: dict[tuple[str, str], _Channel] = {}
        self._shared: dict[tuple[str, str, int | None, Epoch], asyncio.Task[Batch]] = {}
        self._count = 0
        self._closing = False

    def __len__(self) -> int:
        return self._count

    def admit_most(self, readers: int) -> None:
        """Hold at most so many streams: a reader more is told to look at the page, which still has a connection."""
        self._readers_most = min(self._readers_most, readers)

    async def begin(self, request: Request, *, handle: str, send: Send) -> None:
        """Begin one stream, bring its reader up to date and let go: no task waits while it lasts."""
        epoch = (await self._watch.current()).get(handle)
        if epoch is None:
            raise address_unknown()
        if request.line is None or self._count >= self._readers_most or self._closing:
            raise doors_busy()
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if request.method == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        line = request.line.hold()
        if line is None:
            return
        key = (request.language, handle)
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = _Channel(epoch, now_s=_now_s())
        reader = Reader(line, waiting_most_bytes=self._limits.reader_waiting_bytes)
        line.watch(partial(self._leave, reader, channel, key))
        channel.users += 1
        self._count += 1
        try:
            reader.greet()
            for batch in await self._missed(channel, place=_place(request), key=key):
                reader.show(batch)
        except BaseException:
            line.cut()
            raise
        # No pause between the last look and joining: nothing falls between the two.
        if not reader.is_over:
            channel.readers.add(reader)

    def _leave(self, reader: Reader, channel: _Channel, key: tuple[str, str]) -> None:
        reader.is_over = True
        channel.readers.discard(reader)
        channel.users -= 1
        self._count -= 1
        if channel.users == 0:
            self._channels.pop(key, None)

    async def follow(self) -> None:
        """Watch the epochs for as long as there are readers, and tell them what has changed."""
        pause_s = self._limits.sample_s
        while True:
            await asyncio.sleep(pause_s)
            pause_s = self._limits.sample_s
            if not self._channels:
                continue
            began_s = _now_s()
            try:
                await self._bring_up_to_date(await self._watch.current())
                await self._beat()
            except TryAgain:
                # Nobody may look at a wall that cannot be checked: readers come back when the doors open.
                self.close_readers()
            # Where there are very many readers, a wall that grows fast reaches them in fewer, larger events.
            pause_s = min(max(pause_s, _REST * (_now_s() - began_s)), _PAUSE_MOST_S)

    async def _bring_up_to_date(self, epochs: Mapping[str, Epoch]) -> None:
        behind = [
            self._update(key, channel, epochs.get(key[1]))
            for key, channel in list(self._channels.items())
            if _standing(epochs.get(key[1])) != _standing(channel.epoch)
        ]
        if behind:
            with suppress(TimeoutError):
                async with asyncio.timeout(_UPDATE_S):
                    await asyncio.gather(*behind)

    def close_readers(self) -> None:
        """End every stream; the readers come back after their own pause."""
        for channel in self._channels.values():
            for reader in list(channel.readers):
                reader.end()

    def begin_closing(self) -> None:
        """Take no more readers and send those that are here away; the process is about to stop."""
        self._closing = True
        self.close_readers()

    async def _update(self, key: tuple[str, str], channel: _Channel, epoch: Epoch | None) -> None:
        if epoch is None:
            for reader in list(channel.readers):
                reader.end()
            return
        after = channel.position if channel.epoch[0] == epoch[0] else None
        try:
            batch = await self._rendered(key, after, epoch)
        except Exception as error:
            logger.error(
                "the live stream could not be brought up to date, tried again at once: %s", told(error)
            )
            return
        channel.epoch = epoch
        channel.position = max(channel.position, batch.last)
        if batch.events:
            channel.sent_at_s = _now_s()
            await self._to_all(channel, lambda reader: reader.show(batch))

    async def _beat(self) -> None:
        """Send a comment to all readers of a channel that was quiet for long."""
        for channel in list(self._channels.values()):
            if _now_s() - channel.sent_at_s >= self._limits.heartbeat_s:
                channel.sent_at_s = _now_s()
                await self._to_all(channel, Reader.beat)

    async def _to_all(self, channel: _Channel, act: Callable[[Reader], None]) -> None:
        """Act on everybody who is in the channel now; pages are answered in between.

        Who joins meanwhile has been brought to where the channel stands already.
        """
        for number, reader in enumerate(list(channel.readers), 1):
            act(reader)
            if number % _BREATH_READERS == 0:
                await asyncio.sleep(0)

    async def _missed(
        self, channel: _Channel, *, place: _Place | None, key: tuple[str, str]
    ) -> tuple[Batch, ...]:
        """Return what a reader at `place` needs to stand where its channel stands."""
        missed: tuple[Batch, ...] = ()
        if place is None:
            return missed
        for _ in range(_TRIES):
            epoch = channel.epoch
            if place.position < channel.position:
                missed = (await self._rendered(key, place.position, epoch),)
            refreshed = any(batch.has_refresh for batch in missed)
            if not refreshed and self._may_have_missed_a_loss(place, epoch, handle=key[1]):
                missed += (await self._rendered(key, None, epoch),)
            if _standing(channel.epoch) == _standing(epoch):
                break
        return missed

    def _may_have_missed_a_loss(self, place: _Place, epoch: Epoch, *, handle: str) -> bool:
        if place.versions is not None:
            return place.versions.split(".")[0] != str(epoch[0])
        return place.position <= self._watch.hidden_at.get(handle, epoch[-1])

    async def _rendered(self, key: tuple[str, str], after: int | None, epoch: Epoch) -> Batch:
        """Return the events after a position, rendered once however many readers ask at the same epoch."""
        full_key = (*key, after, epoch)
        rendering = self._shared.get(full_key)
        if rendering is None or (rendering.done() and rendering.exception() is not None):
            if len(self._shared) >= _SHARED_MAX:
                self._shared.clear()
            rendering = asyncio.create_task(self._render(key, after))
            self._shared[full_key] = rendering
        return await asyncio.shield(rendering)

    async def _render(self, key: tuple[str, str], after: int | None) -> Batch:
        loop = asyncio.get_running_loop()
        events = await loop.run_in_executor(self._threads, self._events, *key, after)
        return Batch([frame(event) for event in events])

    def forget(self, changed: frozenset[str]) -> None:
        """Drop what was rendered of campaigns that have changed."""
        for key in [key for key in self._shared if key[1] in changed]:
            del self._shared[key]


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    NO_STORE,
    # The end of the stream is the end of the connection.
    (b"connection", b"close"),
    (b"x-accel-buffering", b"no"),
    *OWN_HEADERS,
    SAME_ORIGIN,
]


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _standing(epoch: Epoch | None) -> tuple[int, int] | None:
    """Return the part of an epoch that the wall depends on: what was hidden, what was published."""
    return None if epoch is None else (epoch[0], epoch[-1])


def _place(request: Request) -> _Place | None:
    given = request.headers.get(b"last-event-id", b"").decode("latin-1").strip()
    if not given:
        for pair in request.query.decode("latin-1").split("&"):
            name, _, value = pair.partition("=")
            if name == "after":
                given = value
    match = _AFTER.fullmatch(given)
    return _Place(int(match["position"]), match["versions"]) if match else None
