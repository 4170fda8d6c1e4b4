"""How long honest people wait for the darkroom while a raid goes on, by the clock that a darkroom of some capacity has.

Real are the senders' digests behind a trusted proxy, the turns, and the look at whether a picture is new: the code that
serves. The raid's varied pictures are drawn, varied and fingerprinted for real; honest ones are unlike all others by
construction. Time is counted and not waited for: a photo takes the darkroom's seconds, copies take a tenth.

`python -m bench.raid [--scale N] [--capacity N ...] [--networks N]` prints a table; the floor is the same without
a raid.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network

import numpy as np
from PIL import Image, ImageEnhance

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import Developed, FaceBox, Fingerprint
from wearemany.darkroom.fingerprint import fingerprint
from wearemany.darkroom.geometry import Box
from wearemany.front.senders import Senders
from wearemany.photos.newness import Newness
from wearemany.photos.turns import TURNS, Turns

PROXY = "10.0.0.2"
RAID_POSTS, RAID_ADDRESSES, RAID_NETWORKS, RAID_S = 20_000, 2_000, 40, 600.0
NEIGHBOURS, BEHIND_ONE, HONEST_S = 200, 5_000, 1_800.0
BASES, VARIANTS = 20, 25
COPY_COSTS = 0.1
FACE = (FaceBox(Box(0.4, 0.1, 0.6, 0.4), 0.98),)


@dataclass(frozen=True)
class Post:
    """One photo on its way: when it comes, whose it is, from where, what it shows; copies have one number in `same`."""

    at_s: float
    who: str
    address: str
    shows: Fingerprint
    same: int = -1


@dataclass
class Outcome:
    """How long each kind of people waited, in seconds, and what the simulation itself cost."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    served: int = 0
    opened: int = 0
    ms_a_turn: float = 0.0

    def median(self, *who: str) -> float:
        """Return the median wait of some."""
        waits = [wait for name in who for wait in self.waits.get(name, ())]
        return statistics.median(waits) if waits else 0.0


def varied(chance: random.Random, *, bases: int = BASES, variants: int = VARIANTS) -> list[Fingerprint]:
    """Return the fingerprints of drawn pictures as raiders vary them: cut, lighter or darker, saved again."""
    found = []
    for _ in range(bases):
        seeds = np.frombuffer(chance.randbytes(8 * 8 * 3), dtype=np.uint8).reshape(8, 8, 3)
        base = Image.fromarray(seeds.copy()).resize((256, 320), Image.Resampling.BICUBIC)
        for _ in range(variants):
            cut = [chance.randrange(0, 8) for _ in range(4)]
            picture = base.crop((cut[0], cut[1], 256 - cut[2], 320 - cut[3]))
            picture = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.8, 1.2))
            saved = io.BytesIO()
            picture.save(saved, "JPEG", quality=chance.randrange(50, 95))
            found.append(fingerprint(Picture(np.asarray(Image.open(saved).convert("RGB")))))
    return found


def raid(chance: random.Random, scale: float, *, networks: int = RAID_NETWORKS) -> Iterator[Post]:
    """Yield the raid: half of it the same few files, half varied, from addresses spread over networks."""
    pictures = varied(chance, bases=max(3, min(BASES, round(5 * BASES * scale))))
    addresses = max(1, round(RAID_ADDRESSES * scale))
    for number in range(round(RAID_POSTS * scale)):
        place = number % addresses
        address = f"{_network(place % networks)}.{1 + place // networks % 200}"
        at_s = chance.uniform(0, RAID_S * scale)
        if number % 2:
            yield Post(at_s, "raid", address, pictures[0], same=chance.randrange(10))
        else:
            yield Post(at_s, "raid", address, chance.choice(pictures))


def honest(
    chance: random.Random, scale: float, *, over_s: float, networks: int = RAID_NETWORKS
) -> Iterator[Post]:
    """Yield the honest: some in the raid's own networks, very many behind one address."""

    def own() -> Fingerprint:
        return Fingerprint(chance.randbytes(32), 90)

    for number in range(max(4, round(NEIGHBOURS * scale))):
        address = f"{_network(number % networks)}.{201 + number // networks}"
        yield Post(chance.uniform(0, RAID_S * scale), "neighbours", address, own())
    for _ in range(round(BEHIND_ONE * scale)):
        yield Post(chance.uniform(0, over_s * scale), "behind one", "203.0.113.7", own())


def _network(number: int) -> str:
    return f"198.{18 + number // 200}.{number % 200}"


def simulate(posts: list[Post], *, a_second: float) -> Outcome:
    """Let the posts come and be developed in turn by a darkroom of so many photos a second."""
    senders, turns, newness, outcome = Senders((ip_network(PROXY),)), Turns(), Newness(), Outcome()
    coming = sorted(posts, key=lambda post: post.at_s)
    waiting: dict[str, Post] = {}
    seen: set[int] = set()
    now_s, place, spent_s = 0.0, 0, 0.0
    while place < len(coming) or turns.waiting:
        if not turns.waiting:
            now_s = max(now_s, coming[place].at_s)
        began_s = time.perf_counter()
        while place < len(coming) and coming[place].at_s <= now_s:
            post, name = coming[place], f"photo {place}"
            turns.sent(f"u{place}", senders.of(PROXY, post.address.encode()))
            turns.join(name, post_id=name, upload_id=f"u{place}")
            waiting[name] = post
            place += 1
        (name,) = turns.next(1)
        post = waiting.pop(name)
        is_copy = post.same in seen
        seen.add(post.same) if post.same >= 0 else None
        is_new = not is_copy and newness.is_new(_developed(post.shows))
        turns.told(name, brought="new" if is_new else "old")
        spent_s += time.perf_counter() - began_s
        now_s += (COPY_COSTS if is_copy else 1.0) / a_second
        outcome.opened += not is_copy
        outcome.served += 1
        outcome.waits.setdefault(post.who, []).append(now_s - post.at_s)
    outcome.ms_a_turn = 1000 * spent_s / max(1, outcome.served)
    return outcome


def _developed(shows: Fingerprint) -> Developed:
    return Developed(None, None, FACE, (), shows, (), b"", Box(0, 0, 1, 1), 1, 1, 1)


def main() -> None:
    """Print how long people wait, with and without the raid."""
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--scale", type=float, default=1.0)
    reading.add_argument("--capacity", type=float, nargs="*", default=[4.0, 8.0, 16.0])
    reading.add_argument(
        "--over", type=float, default=HONEST_S, help="seconds over which the 5,000 come; 0: at once"
    )
    reading.add_argument("--networks", type=int, default=RAID_NETWORKS)
    chosen = reading.parse_args()
    print(f"turns: {' '.join(TURNS)}; scale {chosen.scale}; the {BEHIND_ONE} come over {chosen.over:.0f} s")
    print(
        "| a second | who | alone, median s | in the raid, median s | beyond | 95 of 100 beyond | the raid itself |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for a_second in chosen.capacity:
        crowd = list(honest(random.Random(7), chosen.scale, over_s=chosen.over, networks=chosen.networks))
        alone = simulate(crowd, a_second=a_second)
        both = simulate(
            [*crowd, *raid(random.Random(8), chosen.scale, networks=chosen.networks)], a_second=a_second
        )
        for who in (("behind one",), ("neighbours",), ("behind one", "neighbours")):
            floor, wait = alone.median(*who), both.median(*who)
            late = _late(both, *who) - _late(alone, *who)
            people = " and ".join(who)
            print(
                f"| {a_second:g} | {people} | {floor:.1f} | {wait:.1f} | {wait - floor:+.1f} | {late:+.1f} "
                f"| {both.median('raid'):.0f} |"
            )
        print(f"  opened {both.opened} of {both.served}; {both.ms_a_turn:.2f} ms a turn", flush=True)
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _late(outcome: Outcome, *who: str) -> float:
    waits = sorted(wait for name in who for wait in outcome.waits.get(name, ()))
    return waits[int(len(waits) * 0.95)] if waits else 0.0


if __name__ == "__main__":
    main()
