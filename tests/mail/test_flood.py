"""A flood is slowed, nobody is locked out, and nothing of an address outlives the while."""

from __future__ import annotations

import pytest

from tests.rig import House
from wearemany.errors import TryAgain
from wearemany.mail.flood import WINDOW_S, FloodBrake


def test_one_sender_is_slowed_and_the_others_are_not(house: House) -> None:
    """After so many mails the next is to come later; somebody else's passes."""
    brake = FloodBrake(a_sender_most=3)
    for _ in range(3):
        brake.pass_by("troll@provider.example")
    with pytest.raises(TryAgain) as later:
        brake.pass_by("troll@provider.example")
    assert later.value.code == "mail-flood"
    brake.pass_by("vera@provider.example")


def test_all_together_are_slowed(house: House) -> None:
    """However many senders there are."""
    brake = FloodBrake(all_most=5)
    for number in range(5):
        brake.pass_by(f"{number}@provider.example")
    with pytest.raises(TryAgain):
        brake.pass_by("6@provider.example")


def test_a_while_later_everything_is_forgotten(house: House) -> None:
    """Counts, digests and the key they were made with."""
    brake = FloodBrake(a_sender_most=1)
    brake.pass_by("vera@provider.example")
    before = dict(vars(brake))
    key, digests = before["_key"], set(before["_counts"])
    assert "vera" not in repr(before)
    with pytest.raises(TryAgain):
        brake.pass_by("vera@provider.example")
    house.clock.advance(WINDOW_S)
    brake.pass_by("vera@provider.example")
    after = vars(brake)
    assert after["_key"] != key and digests.isdisjoint(after["_counts"])
