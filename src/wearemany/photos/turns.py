"""Whose photo is next in the darkroom: who was served longest ago. One process's memory, and nothing else.

Two rounds in one: networks take turns, and within a network its addresses do, so a network full of raiders has one
turn like anybody's. Three kinds of networks share the darkroom: those that bring new pictures get two turns of
four, what has no address outside this machine (an onion service) one, and those of which more than half was no new
picture one. In these last, of the addresses that never had a turn those are first for which least waits, and of
them the newest: a raid's come all at once, and each sends again and again, where one person sends once.
Nobody is turned away, and a turn that nobody of a kind wants goes to the next.

A sender is two digests that nobody can turn back (`front.senders`). They come with an upload, are forgotten when
its photo is developed or with the process, and are written nowhere: after a restart the photos that wait are simply
the oldest first. Time and tables are the caller's.
"""

from __future__ import annotations

import heapq
import itertools
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from wearemany.adapters.received import Sender
from wearemany.worker.seldom import Forgetful

Kind = Literal["steady", "near", "slow"]
TURNS: tuple[Kind, ...] = ("steady", "near", "steady", "slow")

UPLOADS_REMEMBERED = 50_000
NETWORKS_REMEMBERED = 20_000
ADDRESSES_REMEMBERED = 1_000
_TAKEN_REMEMBERED = 2_000
_OLD_LEAST = 3
_NOBODY = Sender(b"", b"")

_Place = tuple[int, int, int, bytes]
"""An address's place among others of its network, the lowest first: served when, how much waits, since when, who."""


@dataclass
class _Line:
    """Something that takes turns: whoever has the lowest `served` is next, the longest waiting of several."""

    served: int = 0
    waiting: int = 0


@dataclass
class _Address(_Line):
    since: int = 0
    photos: deque[str] = field(default_factory=deque)


@dataclass
class _Network(_Line):
    is_near: bool = False
    is_slow: bool = False
    new: int = 0
    old: int = 0
    addresses: dict[bytes, _Address] = field(default_factory=dict)
    turns: list[_Place] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        if self.is_near:
            return "near"
        if self.is_slow:
            return "slow"
        return "slow" if self.old >= _OLD_LEAST and self.old > self.new else "steady"

    def queue(self, name: bytes) -> None:
        """Let an address wait for its turn, where it belongs now."""
        heapq.heappush(self.turns, self._place(name))

    def queue_anew(self) -> None:
        """Put everybody where they belong, after the kind has changed."""
        self.turns = [self._place(name) for name, address in self.addresses.items() if address.waiting]
        heapq.heapify(self.turns)

    def first(self) -> bytes:
        """Return the address whose turn it is; places that are not true any more are dropped or mended."""
        while True:
            place = heapq.heappop(self.turns)
            name = place[-1]
            address = self.addresses.get(name)
            if address is None or not address.waiting or address.served != place[0]:
                continue
            if place == (now := self._place(name)):
                return name
            # More waits for it by now.
            heapq.heappush(self.turns, now)

    def _place(self, name: bytes) -> _Place:
        address = self.addresses[name]
        if self.kind == "slow" and not address.served:
            return (0, address.waiting, -address.since, name)
        return (address.served, 0, address.since, name)


class Turns(Forgetful):
    """The photos that wait and came to this process. Any number of threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Know nobody, as a process that begins."""
        self._sent: OrderedDict[str, Sender] = OrderedDict()
        self._networks: OrderedDict[bytes, _Network] = OrderedDict()
        self._turns: dict[Kind, list[tuple[int, int, bytes]]] = {"steady": [], "near": [], "slow": []}
        self._taken: OrderedDict[str, bytes] = OrderedDict()
        self._round = itertools.cycle(range(len(TURNS)))
        self._tick = itertools.count(1)
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many photos wait whose sender is known here."""
        return self._waiting

    def sent(self, upload_id: str, sender: Sender | None) -> None:
        """Remember who sent an upload, until it is posted."""
        with self._lock:
            self._sent[upload_id] = sender or _NOBODY
            while len(self._sent) > UPLOADS_REMEMBERED:
                self._sent.popitem(last=False)

    def join(self, photo_id: str, *, upload_id: str) -> None:
        """Let a photo wait for its turn."""
        with self._lock:
            self._join(photo_id, self._sent.pop(upload_id, _NOBODY))

    def join_slow(self, photo_id: str, *, upload_id: str) -> None:
        """Let a photo wait in the slow line, whatever its network brings else."""
        with self._lock:
            sender = self._sent.pop(upload_id, _NOBODY)
            self._join(photo_id, Sender(b"slow " + sender.network, sender.address), is_slow=True)

    def _join(self, photo_id: str, sender: Sender, *, is_slow: bool = False) -> None:
        network = self._networks.setdefault(sender.network, _Network(is_near=sender.is_near, is_slow=is_slow))
        address = network.addresses.setdefault(sender.address, _Address())
        address.photos.append(photo_id)
        address.waiting += 1
        if address.waiting == 1:
            address.since = next(self._tick)
            network.queue(sender.address)
        if not network.waiting:
            heapq.heappush(self._turns[network.kind], (network.served, next(self._tick), sender.network))
        network.waiting += 1
        self._waiting += 1
        self._forget_some()

    def next(self, count: int) -> list[str]:
        """Return up to `count` photos in turn; they wait no more here, whatever becomes of them."""
        with self._lock:
            return [photo_id for _ in range(count) if (photo_id := self._next()) is not None]

    def told(self, photo_id: str, *, brought: Literal["new", "old"]) -> None:
        """Learn whether a photo that had its turn was a new picture, or one again, or none."""
        with self._lock:
            name = self._taken.pop(photo_id, None)
            network = self._networks.get(name) if name is not None else None
            if network is None or name is None:
                return
            before = network.kind
            network.new += brought == "new"
            network.old += brought == "old"
            if network.waiting and network.kind != before:
                network.queue_anew()
                heapq.heappush(self._turns[network.kind], (network.served, next(self._tick), name))

    def _next(self) -> str | None:
        place = next(self._round)
        for kind in dict.fromkeys((*TURNS[place:], *TURNS[:place])):
            name = self._first(kind)
            if name is not None:
                return self._serve(name)
        return None

    def _first(self, kind: Kind) -> bytes | None:
        """Return the network of this kind whose turn it is; entries that are not true any more are dropped."""
        turns = self._turns[kind]
        while turns:
            served, _, name = heapq.heappop(turns)
            network = self._networks.get(name)
            if network and network.waiting and network.kind == kind and network.served == served:
                return name
        return None

    def _serve(self, name: bytes) -> str:
        network = self._networks[name]
        who = network.first()
        address = network.addresses[who]
        photo_id = address.photos.popleft()
        address.served = network.served = next(self._tick)
        address.waiting -= 1
        network.waiting -= 1
        self._waiting -= 1
        if address.waiting:
            address.since = next(self._tick)
            network.queue(who)
        if network.waiting:
            heapq.heappush(self._turns[network.kind], (network.served, next(self._tick), name))
        if len(network.addresses) > max(ADDRESSES_REMEMBERED, 2 * network.waiting):
            waiting = {who: address for who, address in network.addresses.items() if address.waiting}
            network.addresses = waiting
        self._taken[photo_id] = name
        while len(self._taken) > _TAKEN_REMEMBERED:
            self._taken.popitem(last=False)
        return photo_id

    def _forget_some(self) -> None:
        """Let go of networks for which nothing waits, the oldest first, when there are too many."""
        if len(self._networks) <= NETWORKS_REMEMBERED:
            return
        idle = [name for name, network in self._networks.items() if not network.waiting]
        for name in idle[: NETWORKS_REMEMBERED // 4]:
            del self._networks[name]


line = Turns()
"""Those who wait at this process."""
