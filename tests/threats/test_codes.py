"""Whoever finds, guesses or forces a code: what it opens, what it says, and what a flood of guesses gains."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from django.test import Client

from tests.cast import CODE, Cast
from tests.rig import NOON
from tests.web.walls import stand
from wearemany.adapters import clock, words
from wearemany.photos import keepcode
from wearemany.photos.guesses import FREE_A_MINUTE, SLOWEST_S, Brake, brake


@pytest.mark.threat("F2")
def test_a_flood_of_guesses_is_slowed_and_holds_up_nobody_else() -> None:
    """After some tens of wrong codes in a minute the next ones wait, but never more than two at a time."""
    brake = Brake()
    with clock.clock.frozen(NOON):
        delays = [brake.delay_s() for _ in range(3 * FREE_A_MINUTE)]
        assert not any(delays[:FREE_A_MINUTE]) and delays[-1] == SLOWEST_S
        began = time.monotonic()
        crowd = [threading.Thread(target=brake.wrong) for _ in range(40)]
        for guess in crowd:
            guess.start()
        for guess in crowd:
            guess.join()
        assert time.monotonic() - began < 10 * SLOWEST_S
        clock.clock.advance(61)
        assert brake.delay_s() == 0


@pytest.mark.database
@pytest.mark.threat("F2")
def test_the_right_code_opens_in_the_middle_of_a_flood(cast: Cast, client: Client) -> None:
    """Nobody is locked out: the brake is for wrong codes alone."""
    post = cast.supporter.decided()
    for _ in range(3 * FREE_A_MINUTE):
        brake.delay_s()
    began = time.monotonic()
    page = client.post("/en/keep", {"code": CODE}, headers={"origin": "http://testserver"}).content.decode()
    assert post.caption in page and time.monotonic() - began < 5 * SLOWEST_S


@pytest.mark.threat("F2")
@pytest.mark.parametrize("language", ["en", "ru"])
def test_codes_are_drawn_evenly(language: str) -> None:
    """Of ten thousand no two are alike, and no word stands first more often than chance puts it there."""
    with clock.clock.seeded(b"codes"):
        drawn = [clock.random_bytes(keepcode.RANDOM_BYTES) for _ in range(10_000)]
    codes = [keepcode.make(each, words.load(language)) for each in drawn]
    assert len(set(codes)) == len(codes)
    for place in (0, 6):
        assert max(Counter(code.split()[place] for code in codes).values()) < 20


@pytest.mark.database
@pytest.mark.threat("B1")
def test_a_found_code_opens_one_post_and_names_nobody(cast: Cast, client: Client) -> None:
    """The page behind a code says nothing of other posts, of a sender, a device, an address, or a time."""
    post = cast.supporter.decided(name="")
    stand(cast, "somebody else's words")
    page = client.post("/en/keep", {"code": CODE}, headers={"origin": "http://testserver"}).content.decode()
    assert post.caption in page and "somebody else" not in page
    for trace in ("12:34", "2026-03-08", "127.0.0.1", "Mozilla", "Client"):
        assert trace not in page
