"""What is sent when: everybody once, a dozen doubtful ones, and nobody whom the finder is unsure about."""

from __future__ import annotations

from collections import Counter

import pytest

from wearemany.samples.cues import FIRST, UNCLEAR, WAITING, kind_and_seed


@pytest.mark.parametrize("count", [40, 150, 400])
def test_every_sample_is_another_one(count: int) -> None:
    """No picture comes twice but the one that is meant to, and all that shall wait are there."""
    sent = [kind_and_seed(number, count) for number in range(count)]

    kinds = Counter(kind for kind, _ in sent)
    ordinary = [seed for kind, seed in sent if kind == "ordinary"]
    assert kinds["opening"] == 1 and sent[0] == ("opening", 1)
    assert len(ordinary) == len(set(ordinary))
    assert not set(ordinary) & set(UNCLEAR)
    assert {kind for kind, _ in sent[1:FIRST]} == {"ordinary"}
    if count >= 150:
        assert [cue for cue in sent if cue in WAITING] == list(WAITING)
        assert kinds["repeat"] == 1
