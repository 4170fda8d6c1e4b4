"""Whose photo is next in the darkroom: who was served longest ago. One process's memory, and nothing else.

Four lines share the darkroom, by the forty turns of TURNS:

    proven  networks whose pictures were new more often than not; they take turns, and in each its addresses do
    first   addresses that never had a turn and for which no more than two posts wait: those first for which least
            waits; of these, networks take turns, and in each the newest has it. A raid sends again and again from
            each of its addresses, where one person sends once: soon whoever is new is no raider
    near    what has no address outside this machine (an onion service), all of it one sender
    rest    all other networks: not seen before, or known for copies and pictures without anybody

Nobody is turned away, and no turn is lost while anybody waits. A crowd behind one address is proven by
its first picture, and stays so; a network of raiders is not, or not for long.

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

Kind = Literal["proven", "near", "rest"]
Line = Literal[Kind, "first"]
TURNS: tuple[Line, ...] = (
    "proven", "near", "proven", "first", "proven",
    "proven", "near", "proven", "proven", "proven",
    "first", "near", "proven", "proven", "proven",
    "proven", "near", "proven", "first", "proven",
    "proven", "near", "proven", "proven", "proven",
    "first", "near", "proven", "proven", "proven",
    "proven", "near", "proven", "first", "proven",
    "proven", "near", "proven", "proven", "rest",
)  # fmt: skip
LEFT_TO: tuple[Line, ...] = ("proven", "first", "rest", "near")
"""Whose a turn is that nobody of its line wants."""

FIRST_MOST = 2
UPLOADS_REMEMBERED = 50_000
NETWORKS_REMEMBERED = 20_000
ADDRESSES_REMEMBERED = 1_000
_TAKEN_REMEMBERED = 2_000
_NOBODY = Sender(b"", b"")

_Place = tuple[int, int, bytes]
"""A place among others, the lowest first: by turns or by what waits, then by when (negated: newest first), and who."""


@dataclass
class _Address:
    """`photos` are (photo, post); those of one post stand together."""

    served: int = 0
    since: int = 0
    posts: int = 0
    photos: deque[tuple[str, str]] = field(default_factory=deque)

    def join(self, photo_id: str, post_id: str) -> None:
        self.posts += not self.photos or self.photos[-1][1] != post_id
        self.photos.append((photo_id, post_id))

    def leave(self) -> str:
        photo_id, post_id = self.photos.popleft()
        self.posts -= not self.photos or self.photos[0][1] != post_id
        return photo_id


@dataclass
class _Network:
    """`turns` and `firsts` are its addresses, all that wait and those that never had a turn; `first_place` is where it
    stands with the best of these among the networks, if any."""

    is_near: bool = False
    is_slow: bool = False
    new: int = 0
    old: int = 0
    served: int = 0
    waiting: int = 0
    addresses: dict[bytes, _Address] = field(default_factory=dict)
    turns: list[_Place] = field(default_factory=list)
    firsts: list[_Place] = field(default_factory=list)
    first_served: int = 0
    first_place: _Place | None = None

    @property
    def kind(self) -> Kind:
        if self.is_near:
            return "near"
        return "proven" if self.new > self.old and not self.is_slow else "rest"

    def next(self) -> bytes:
        """Return the address whose turn it is among all that wait here."""
        while True:
            served, since, who = heapq.heappop(self.turns)
            address = self.addresses.get(who)
            if address and address.photos and (address.served, address.since) == (served, since):
                return who

    def first(self) -> _Place | None:
        """Return the place of the address that never had a turn and has the fewest posts, the newest of several."""
        while self.firsts:
            address = self.addresses.get(self.firsts[0][-1])
            if address is None or address.served:
                heapq.heappop(self.firsts)
                continue
            place = (address.posts, *self.firsts[0][1:])
            if place == self.firsts[0]:
                return place if place[0] <= FIRST_MOST else None
            # More waits for it by now.
            heapq.heapreplace(self.firsts, place)
        return None


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
        self._turns: dict[Kind, list[_Place]] = {"proven": [], "near": [], "rest": []}
        self._firsts: list[_Place] = []
        self._taken: OrderedDict[str, bytes] = OrderedDict()
        self._round = itertools.cycle(TURNS)
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

    def join(self, photo_id: str, *, post_id: str, upload_id: str) -> None:
        """Let a photo wait for its turn."""
        with self._lock:
            self._join(photo_id, post_id, self._sent.pop(upload_id, _NOBODY))

    def join_slow(self, photo_id: str, *, post_id: str, upload_id: str) -> None:
        """Let a photo wait in the slow line, whatever its network brings else."""
        with self._lock:
            sender = self._sent.pop(upload_id, _NOBODY)
            self._join(photo_id, post_id, Sender(b"slow " + sender.network, sender.address), is_slow=True)

    def _join(self, photo_id: str, post_id: str, sender: Sender, *, is_slow: bool = False) -> None:
        network = self._networks.setdefault(sender.network, _Network(is_near=sender.is_near, is_slow=is_slow))
        address = network.addresses.setdefault(sender.address, _Address())
        address.join(photo_id, post_id)
        network.waiting += 1
        self._waiting += 1
        if len(address.photos) == 1:
            address.since = next(self._tick)
            heapq.heappush(network.turns, (address.served, address.since, sender.address))
            if not address.served:
                heapq.heappush(network.firsts, (1, -address.since, sender.address))
                self._stand_first(sender.network)
        if network.waiting == 1:
            self._stand(sender.network)
        self._forget_some()

    def _stand(self, name: bytes) -> None:
        """Let a network wait where it belongs now."""
        network = self._networks[name]
        heapq.heappush(self._turns[network.kind], (network.served, next(self._tick), name))

    def _stand_first(self, name: bytes) -> None:
        """Let a network wait among those that have addresses without a turn, with the best of them."""
        network = self._networks[name]
        first = None if network.is_near or network.is_slow else network.first()
        place = (first[0], network.first_served, name) if first else None
        if place != network.first_place:
            network.first_place = place
            if place:
                heapq.heappush(self._firsts, place)

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
                self._stand(name)

    def _next(self) -> str | None:
        for line in dict.fromkeys((next(self._round), *LEFT_TO)):
            if line == "first":
                if (newcomer := self._first()) is not None:
                    return self._serve(*newcomer)
            elif (name := self._network(line)) is not None:
                return self._serve(name, self._networks[name].next())
        return None

    def _network(self, kind: Kind) -> bytes | None:
        """Return the network of this kind whose turn it is; places that are not true any more are dropped."""
        turns = self._turns[kind]
        while turns:
            served, _, name = heapq.heappop(turns)
            network = self._networks.get(name)
            if network and network.waiting and network.kind == kind and network.served == served:
                return name
        return None

    def _first(self) -> tuple[bytes, bytes] | None:
        """Return who has a first turn now, network and address; places that changed are mended."""
        while self._firsts:
            place = heapq.heappop(self._firsts)
            network = self._networks.get(place[-1])
            if network is None or network.first_place != place:
                continue
            network.first_place = None
            if (first := network.first()) and (first[0], network.first_served) == place[:2]:
                network.first_served = next(self._tick)
                return place[-1], first[-1]
            self._stand_first(place[-1])
        return None

    def _serve(self, name: bytes, who: bytes) -> str:
        network = self._networks[name]
        address = network.addresses[who]
        photo_id = address.leave()
        address.served = network.served = next(self._tick)
        network.waiting -= 1
        self._waiting -= 1
        if address.photos:
            address.since = next(self._tick)
            heapq.heappush(network.turns, (address.served, address.since, who))
        if network.waiting:
            self._stand(name)
        self._stand_first(name)
        if len(network.addresses) > max(ADDRESSES_REMEMBERED, 2 * network.waiting):
            waiting = {who: address for who, address in network.addresses.items() if address.photos}
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
