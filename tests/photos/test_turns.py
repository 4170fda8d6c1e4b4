"""Whose turn it is in the darkroom: plain lines in memory, no table."""

from __future__ import annotations

from itertools import count

import pytest

from wearemany.adapters.received import Sender
from wearemany.photos.turns import ADDRESSES_REMEMBERED, NETWORKS_REMEMBERED, Turns

_numbers = count()


def sender(network: str, address: str = "1") -> Sender:
    """Return a sender; the network `near` is this machine's own."""
    return Sender(network.encode(), f"{network} {address}".encode(), is_near=network == "near")


def send(turns: Turns, network: str, address: str = "1", *, photos: int = 1, posts: int = 0) -> list[str]:
    """Let photos of somebody wait, each a post unless told, and return their names, which begin with the network's."""
    names = [f"{network} {next(_numbers)}" for _ in range(photos)]
    for place, name in enumerate(names):
        turns.sent(f"upload of {name}", sender(network, address))
        post_id = names[place % posts] if posts else name
        turns.join(name, post_id=post_id, upload_id=f"upload of {name}")
    return names


def test_who_was_served_longest_ago_is_next() -> None:
    """Two who send much take turns; somebody who comes later and sends one is before their second."""
    turns = Turns()
    send(turns, "a", photos=5)
    send(turns, "b", photos=5)
    first = turns.next(3)
    send(turns, "c")
    assert [name[0] for name in (*first, *turns.next(4))] == ["a", "b", "a", "c", "b", "a", "b"]
    assert len(turns.next(9)) == 4


def test_within_a_network_addresses_take_turns_too() -> None:
    """A crowd of addresses in one network has one turn like anybody's, and who is new in it comes first there."""
    turns = Turns()
    for address in range(50):
        send(turns, "raid", str(address), photos=3)
    assert turns.next(60)
    (honest,) = send(turns, "raid", "somebody else")
    (other,) = send(turns, "elsewhere")
    assert set(turns.next(2)) == {honest, other}


def test_nobody_is_lost_and_everybody_is_served_once() -> None:
    """Whatever comes and goes in between, each photo has exactly one turn."""
    turns = Turns()
    sent: list[str] = []
    had: list[str] = []
    for place in range(300):
        sent += send(turns, f"n{place % 17}", str(place % 5), photos=1 + place % 3)
        for name in turns.next(1 + place % 2):
            turns.told(name, brought="old" if int(name.split()[0][1:]) % 2 else "new")
            had.append(name)
    while one := turns.next(7):
        had += one
    assert sorted(had) == sorted(sent) and turns.waiting == 0


def test_who_brings_copies_waits_behind_who_brings_pictures() -> None:
    """Networks that bring nothing new share one turn of forty and lose none of it; one that mends its ways is back."""
    turns = Turns()
    for network in ("copies", "pictures"):
        send(turns, network, photos=60)
    for _ in range(12):
        for name in turns.next(1):
            turns.told(name, brought="old" if name.startswith("copies") else "new")
    served = [name.split()[0] for name in turns.next(40)]
    assert served.count("copies") == 1 and served.count("pictures") == 39
    for _ in range(turns.waiting):
        for name in turns.next(1):
            turns.told(name, brought="new")
    send(turns, "copies", photos=10)
    send(turns, "pictures", photos=10)
    assert sum(name.startswith("copies") for name in turns.next(10)) in (5, 6)


def test_who_sends_once_is_before_who_sends_again() -> None:
    """Among raiders of the same network and of others, whoever came first: a fifth of the turns is for such people."""
    turns = Turns()
    for network in range(20):
        for address in range(15):
            send(turns, f"raid{network}", str(address))
    (honest,) = send(turns, "raid7", "somebody else")
    for network in range(20):
        for address in range(15):
            send(turns, f"raid{network}", str(address))
    send(turns, "elsewhere", photos=40)
    assert honest in turns.next(10)


@pytest.mark.parametrize(("posts", "is_served"), [(1, True), (4, False)])
def test_a_post_of_several_photos_is_one_post(posts: int, is_served: bool) -> None:
    """Four photos of one post are as much as anybody's first; four posts are not."""
    turns = Turns()
    send(turns, "proven", photos=40)
    for name in turns.next(1):
        turns.told(name, brought="new")
    for network in range(60):
        send(turns, f"raid{network}", photos=3)
    names = send(turns, "family", photos=4, posts=posts)
    assert bool(set(names) & set(turns.next(20))) is is_served


def test_many_fresh_addresses_of_one_network_do_not_keep_others_from_their_first_turn() -> None:
    """A network of thousands of addresses, each of which sends once, shares these turns with all other networks."""
    turns = Turns()
    for address in range(3000):
        send(turns, "raid", str(address))
    turns.next(80)
    newcomers = [send(turns, f"n{network}")[0] for network in range(5)]
    served = turns.next(48)
    assert set(newcomers) <= set(served)


def test_an_onion_service_has_turns_of_its_own() -> None:
    """What has no address outside shares one place; it gets a fifth of the darkroom however many networks wait."""
    turns = Turns()
    for network in range(40):
        send(turns, f"n{network}", photos=5)
    send(turns, "near", photos=60)
    served = turns.next(80)
    assert sum(name.startswith("near") for name in served) == 16


def test_a_shared_exit_is_nobodys_burden() -> None:
    """Thousands behind one address who bring new pictures have more turns than all raiders together."""
    turns = Turns()
    for network in range(40):
        for address in range(20):
            send(turns, f"r{network}", str(address), photos=2)
    send(turns, "exit", photos=1000)
    served = []
    for _ in range(600):
        for name in turns.next(1):
            served.append(name)
            turns.told(name, brought="new" if name.startswith("exit") else "old")
    assert sum(name.startswith("exit") for name in served[100:]) > 0.6 * 500


def test_what_is_remembered_is_bounded() -> None:
    """However many networks and addresses come by, memory holds the last of them, and those that wait."""
    turns = Turns()
    (waits,) = send(turns, "patient")
    for network in range(NETWORKS_REMEMBERED + 10):
        send(turns, f"n{network}")
        turns.next(1)
    assert len(turns._networks) <= NETWORKS_REMEMBERED + 1
    for address in range(ADDRESSES_REMEMBERED + 10):
        send(turns, "wide", str(address))
        turns.next(1)
    assert len(turns._networks[b"wide"].addresses) <= ADDRESSES_REMEMBERED + 1
    assert waits


@pytest.mark.parametrize("known", [True, False])
def test_an_upload_that_nobody_remembers_waits_too(known: bool) -> None:
    """One sent to another node, or before a restart, shares a place with its like."""
    turns = Turns()
    if known:
        turns.sent("upload", None)
    turns.join("photo", post_id="post", upload_id="upload")
    assert turns.next(2) == ["photo"]
