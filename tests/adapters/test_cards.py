"""Cards from a child of their own: drawn, refused when busy, and gone afterwards with everything they saw."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.darkroom.conftest import encoded, person
from wearemany.adapters import cards
from wearemany.adapters.cards import card_draw
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.orders import CardOrder
from wearemany.errors import TryAgain

PICTURE = encoded(person(), "WEBP")
ORDER = CardOrder(
    "post", Box(0, 0, 1, 1), colour="red", phrase="נ We", tag="#We", handle="we", link="many.example/"
)


def children() -> set[int]:
    """Return the processes that this one has started and that are still there."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def test_a_card_comes_back_and_its_child_is_gone() -> None:
    """The whole way through a limited child and back; no process stays."""
    before = children()
    assert card_draw(PICTURE, ORDER).startswith(b"\xff\xd8\xff")
    assert children() == before


def test_what_is_no_picture_is_no_card() -> None:
    """The child says that it failed; whoever asked is told in our own words, and may ask again."""
    with pytest.raises(TryAgain) as failed:
        card_draw(b"RIFF\x00\x00\x00\x00WEBPVP8 ", ORDER)
    assert failed.value.code == "card-failed"


def test_a_child_that_cannot_start_is_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without what drawing needs answers all the same, and keeps its places free."""
    monkeypatch.setattr(cards, "CHILD_MODULE", "wearemany.adapters.no_such_child")
    for _ in range(5):
        with pytest.raises(TryAgain) as failed:
            card_draw(PICTURE, ORDER)
        assert failed.value.code == "card-failed"


def test_a_flood_of_wishes_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One is drawn, a few wait for a while, nobody else waits at all."""
    monkeypatch.setattr(cards, "WAIT_S", 0.01)
    with cards._drawing:
        with pytest.raises(TryAgain) as busy:
            card_draw(PICTURE, ORDER)
        assert busy.value.code == "card-busy"
        held = [cards._waiting.acquire(blocking=False) for _ in range(9)]
        monkeypatch.setattr(cards, "WAIT_S", 600.0)
        with pytest.raises(TryAgain):
            card_draw(PICTURE, ORDER)
        for _ in range(sum(held)):
            cards._waiting.release()
    assert sum(held) == 1 + cards.WAITING_AT_ONCE
    assert card_draw(PICTURE, ORDER)


def test_the_parent_stays_small_and_the_child_knows_no_django() -> None:
    """Who asks for cards imports no Pillow; who draws them holds no settings, no database, no models."""
    for module, forbidden in (
        ("wearemany.adapters.cards", ("PIL", "numpy")),
        ("wearemany.adapters.card_child", ("django", "onnxruntime", "numpy")),
    ):
        program = f"import sys, {module}; print([name for name in {forbidden!r} if name in sys.modules])"
        answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert answer.stdout.strip() == "[]"
