"""Bent files through a real child: whatever arrives, it is taken or refused, and no child breaks over it."""

from __future__ import annotations

import random
import time
from itertools import islice
from pathlib import Path

import pytest

from tests.darkroom.mutations import bent, mutated, seeds, send
from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.intake import admit
from wearemany.darkroom.orders import Limits
from wearemany.errors import Refused

FEW, SEED = 250, 406
LONG_S = 600.0


def test_bent_files_break_no_child(models: Path) -> None:
    """A few hundred, the same each time."""
    with Darkroom(models=models, children=1) as room:
        findings = send(room, islice(bent(SEED), FEW))
    assert [what for what, _ in findings.wrong] == []
    assert findings.answers.total() == FEW and findings.answers["taken"] > 0


def test_admission_says_nothing_but_refused() -> None:
    """The walks over headers are ours: whatever the bytes, they end, quickly, in a picture or a refusal."""
    chance, pool = random.Random(SEED), seeds()
    for _ in range(2_000):
        content = mutated(chance, pool)
        began = time.perf_counter()
        try:
            admit(content, Limits())
        except Refused as refused:
            assert "%(" not in str(refused)
        assert time.perf_counter() - began < 2.0


@pytest.mark.long
def test_ten_minutes_of_bent_files_break_no_child(models: Path) -> None:
    """New ones each time; a finding is printed with its seed."""
    seed = int(time.time())
    with Darkroom(models=models, children=1) as room:
        findings = send(room, bent(seed), seconds=LONG_S)
    assert [what for what, _ in findings.wrong] == [], f"seed {seed}"
