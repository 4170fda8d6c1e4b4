"""Nearly the same picture over and over: a few pass, the rest waits for a person, whatever is done to vary it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.cast import Cast
from wearemany.adapters import clock
from wearemany.darkroom.turning import turnings
from wearemany.moderation import likeness
from wearemany.moderation.likeness import (
    PASS_MOST,
    REMEMBERED,
    groups_of,
    likeness_forget_pending,
    likeness_note,
)
from wearemany.moderation.models import Likeness, Review
from wearemany.moderation.services import decide_pending, post_withdraw, standing
from wearemany.photos.models import Development, Photo, Post
from wearemany.photos.steps import develop_pending
from wearemany.worker.loop import run_until_idle
from wearemany.worker.seldom import forget_all

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.threat("F", "G2")]


def sends(cast: Cast, fingerprint: bytes, *, name: str, quality: int = 90) -> Post:
    """Let somebody post a picture that has this fingerprint, and let policy take it up."""
    post = cast.somebody().posts(name.encode())
    run_until_idle((develop_pending,))
    rows = Development.objects.filter(photo__post=post)
    rows.update(fingerprint=fingerprint, fingerprint_quality=quality)
    run_until_idle((decide_pending,))
    return post


def varied(name: str, bits: int) -> bytes:
    """Return a fingerprint of that name with so many of its bits turned."""
    mark = int.from_bytes((name.encode() * 32)[:32])
    return (mark ^ ((1 << bits) - 1)).to_bytes(32)


def waits(post: Post) -> bool:
    """Tell whether a post waits for a person because others sent nearly the same."""
    return standing(post) is None and "alike" in Review.objects.get(post=post, open=True).reasons


def test_a_picture_passes_so_often_and_then_waits_however_varied(cast: Cast) -> None:
    """Cut, lighter, mirrored or turned; another picture passes as ever, and so does one of which too little is seen."""
    raid = [sends(cast, varied("base", 4 * place), name=f"raid {place}") for place in range(6)]
    assert [waits(post) for post in raid] == [False] * PASS_MOST + [True] * (6 - PASS_MOST)
    for way, print_ in enumerate(turnings(varied("base", 6))):
        assert waits(sends(cast, print_, name=f"turned {way}")), way
    assert not waits(sends(cast, varied("honest", 0), name="honest"))
    assert not any(waits(sends(cast, varied("sky", 0), name=f"sky {n}", quality=10)) for n in range(4))
    assert len(set(groups_of(cast.campaign).values())) == 2


def test_other_campaigns_are_not_asked(cast: Cast) -> None:
    """What was sent to one says nothing of another."""
    for place in range(PASS_MOST + 1):
        last = sends(cast, varied("base", place), name=f"raid {place}")
    assert waits(last)
    other = replace(cast, campaign=cast.campaign_with(preset="everyday", handle="other"))
    assert not waits(sends(other, varied("base", 9), name="elsewhere"))


def test_it_is_written_once_and_found_again_by_a_process_that_begins(cast: Cast) -> None:
    """Taken up twice it has one place; a fresh process reads the groups from the rows."""
    (first, second) = (sends(cast, varied("base", place), name=f"raid {place}") for place in range(2))
    assert likeness_note(first) == likeness_note(second) == 1 and Likeness.objects.count() == 2
    forget_all()
    assert waits(sends(cast, varied("base", 7), name="after"))


def test_what_is_taken_back_leaves_no_trace_and_frees_nobody(cast: Cast) -> None:
    """Its row goes with it, and the group goes on without its first picture."""
    raid = [sends(cast, varied("base", place), name=f"raid {place}") for place in range(4)]
    post_withdraw(post=raid[0])
    assert not Likeness.objects.filter(photo__post=raid[0]).exists()
    forget_all()
    assert waits(sends(cast, varied("base", 9), name="another"))


def test_after_two_days_nobody_can_tell_what_was_alike(cast: Cast) -> None:
    """The rows go, and the same picture passes again."""
    for place in range(PASS_MOST + 1):
        sends(cast, varied("base", place), name=f"raid {place}")
    cast.house.clock.advance(86_400)
    likeness_forget_pending()
    assert Likeness.objects.count() == PASS_MOST + 1
    cast.house.clock.advance(86_400)
    likeness_forget_pending()
    assert not Likeness.objects.exists()
    assert not waits(sends(cast, varied("base", 3), name="later"))


def test_so_many_pictures_are_compared_with_and_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory and looks are bounded: a picture that came before so many others passes twice more."""
    monkeypatch.setattr(likeness, "REMEMBERED", 5)
    for place in range(4):
        assert waits(sends(cast, varied("base", place), name=f"raid {place}")) == (place >= PASS_MOST)
    for place in range(7):
        sends(cast, clock.random_bytes(32), name=f"somebody {place}")
    assert not waits(sends(cast, varied("base", 9), name="after"))
    assert len(likeness._firsts._firsts[cast.campaign.pk]) == 5


def test_a_day_of_different_pictures_is_no_long_look(cast: Cast) -> None:
    """As many pictures of their own before it as are compared with: a few hundredths of a second for one more."""
    post = sends(cast, varied("base", 0), name="first")
    firsts = likeness._firsts
    firsts.near(cast.campaign.pk, varied("base", 0))
    firsts._firsts[cast.campaign.pk] |= {
        f"{place}": int.from_bytes(clock.random_bytes(32)) for place in range(REMEMBERED)
    }
    began_s = time.process_time()
    for _ in range(10):
        assert firsts.near(cast.campaign.pk, varied("somebody else", 0)) == ""
    assert (time.process_time() - began_s) / 10 < 0.1
    assert Photo.objects.filter(post=post).count() == 1
