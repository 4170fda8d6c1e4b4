"""Fingerprints and second looks from the serving process: children when there is much, nothing heavy here."""

from __future__ import annotations

import io
import os
import random
import signal

import pytest
from PIL import Image

from wearemany.adapters.repeats import FEW, Look, PrintShelf, SecondLook, Seen
from wearemany.errors import TryAgain


def test_few_and_many_find_the_same() -> None:
    """Below the limit they are compared here, above it in a child; the answers do not differ."""
    chance = random.Random(1)
    prints = {label: chance.randbytes(32) for label in range(FEW + 500)}
    asked = [prints[3], bytes(32), prints[FEW + 400]]
    few, many = PrintShelf(), PrintShelf()
    few.add({label: prints[label] for label in range(FEW)})
    assert few.near(asked, within_bits=31) == [[(0, 3)], [], []]
    for part in (range(FEW), range(FEW, FEW + 500)):
        many.add({label: prints[label] for label in part})
    assert many.near(asked, within_bits=31) == [[(0, 3)], [], [(0, FEW + 400)]]
    wide = many.near(asked, within_bits=110)[0]
    assert wide == sorted(wide) and set(few.near(asked, within_bits=110)[0]) <= set(wide)
    many.remove([3])
    few.remove([3])
    assert many.near(asked[:1], within_bits=31) == few.near(asked[:1], within_bits=31) == [[]]
    os.kill(many.pid, signal.SIGKILL)
    with pytest.raises(TryAgain):
        many.near(asked, within_bits=31)
    many.close()


def test_a_second_look_is_taken_in_a_child() -> None:
    """Two pictures are compared; what is no picture agrees nowhere, and the next look goes on."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((120, 160)).save(buffer, "WEBP")
    look, picture = SecondLook(), Look(buffer.getvalue(), ((0.1, 0.1, 0.2, 0.2),))
    assert look(picture, Look(b"no picture"), turned=0) == Seen(0.0, 0.0)
    assert look(picture, picture, turned=0).worst > 0.9
    look.close()
