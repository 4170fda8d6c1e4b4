"""A burst of posts that look alike: shown before it is touched, held or refused by one act, undone by one."""

from __future__ import annotations

import hashlib
import random
import time

import pytest

from tests.cast import Cast
from tests.web.desk_rig import DESK, Browser, signed_in
from tests.web.walls import position_of, walk
from wearemany.moderation.clusters import BURST, Sent, clusters, words_of
from wearemany.moderation.models import Review, Sweep, SweptPost
from wearemany.moderation.raids import (
    HELD,
    LOOKED_AT,
    PLANS_KEPT,
    bursts,
    sweep_begin,
    sweep_plan,
    sweep_undo,
    sweeps_forget_pending,
    sweeps_pending,
)
from wearemany.moderation.services import decide_pending, decision_make, post_withdraw, standing
from wearemany.photos.models import Development, Post
from wearemany.photos.steps import develop_pending
from wearemany.wall.models import Entry
from wearemany.worker.loop import run_until_idle

WORDS = "Buy our wonderful tablets now {} everybody"
pytestmark = [pytest.mark.database, pytest.mark.django_db]


def kinds(posts: list[Post]) -> list[str]:
    """Return how each post stands."""
    found = [standing(post) for post in posts]
    return [newest.kind if newest else "" for newest in found]


def raided(
    cast: Cast, *, before: int = 2, spread: int = 60, burst: int = 8
) -> tuple[list[Post], list[Post], list[Post]]:
    """Let people post: some in words like the raid's, long before it; many others; then the raid."""
    old = [
        cast.somebody().posts(f"old {place}".encode(), caption=WORDS.format(place)) for place in range(before)
    ]
    others = [
        cast.somebody().posts(f"other {place}".encode(), caption=f"We stand with her {place}")
        for place in range(2)
    ]
    for place in range(spread):
        others.append(cast.somebody().posts(f"more {place}".encode(), caption=""))
    raid = [
        cast.somebody().posts(f"raid {place}".encode(), caption=WORDS.format(place)) for place in range(burst)
    ]
    run_until_idle((develop_pending,))
    run_until_idle((decide_pending,))
    return old, others, raid


@pytest.mark.threat("F")
def test_near_pictures_close_together_are_one_cluster() -> None:
    """What is far apart, or alike and sparse, is none; a post of two groups is in the larger one."""
    sent = [Sent(f"honest {place}", (f"{place}",)) for place in range(60)]
    sent[30:30] = [Sent(f"raid {place}", ("base", f"other {place}")) for place in range(10)]
    (found,) = clusters(sent)
    assert found.kind == "picture" and found.touched == tuple(f"raid {place}" for place in range(10))
    grown = [Sent("raid, checked late", ("base",)), *sent]
    assert [one.name for one in clusters(grown)] == [found.name], "its name stays while it grows"
    sparse = [Sent(f"{place}", ("base" if place % 20 == 0 else f"{place}",)) for place in range(200)]
    assert clusters(sparse) == []


@pytest.mark.threat("F")
def test_words_are_alike_whatever_stands_around_them() -> None:
    """Signs, numbers, capitals, order and made-up words do not hide them; the campaign's own words say nothing."""
    forms = (
        "Buy OUR tablets!!! {}",
        "{} our tablets, buy \U0001f525",
        "tablets {} buy our",
        "BUY. OUR. TABLETS. {} {}",
    )
    raid = [
        Sent(
            f"raid {place}",
            caption=forms[place % 4].replace("{}", hashlib.sha256(bytes([place])).hexdigest()),
        )
        for place in range(12)
    ]
    honest = [
        Sent(f"honest {place}", caption=f"Мы не равнодушны, {name}")
        for place, name in enumerate("абвгдежзик")
    ]
    (found,) = clusters([*honest, *raid], own=words_of("мы не равнодушны"))
    assert found.touched == tuple(post.post_id for post in raid)


@pytest.mark.threat("F", "G")
def test_what_came_before_a_burst_is_spared() -> None:
    """An honest picture that raiders copy, or whose fingerprint they craft, is not in what an act would touch."""
    sent = [
        Sent("the honest one", ("victim",)),
        *(Sent(f"{place}", (f"{place}",)) for place in range(60)),
        *(Sent(f"copy {place}", ("victim",)) for place in range(BURST)),
    ]
    (found,) = clusters(sent)
    assert found.spared == ("the honest one",) and len(found.touched) == BURST


@pytest.mark.threat("F")
def test_a_days_posts_are_looked_at_in_a_moment() -> None:
    """The desk's page does not become the raid's victim: as many different pictures as it looks at are no long work."""
    chance = random.Random(1)
    sent = [
        Sent(f"{place}", (f"{chance.randrange(5_000)}",), f"Нас много {place} {chance.random()} red")
        for place in range(LOOKED_AT)
    ]
    began_s = time.process_time()
    clusters(sent)
    assert time.process_time() - began_s < 3


@pytest.mark.threat("F")
def test_holding_takes_them_off_and_undoing_brings_them_back(cast: Cast) -> None:
    """Those on the wall disappear with it and wait for a person; undone, the same ones are approved again."""
    old, others, raid = raided(cast)
    walk()
    assert Entry.objects.filter(kind="post").count() == len([*old, *others, *raid])
    (burst,) = [one for one in bursts(cast.campaign) if one.cluster.kind == "words"]
    assert burst.approved == len(raid) and len(burst.cluster.spared) == len(old)
    sweep = sweep_plan(campaign=cast.campaign, name=burst.cluster.name, account=cast.organiser)
    assert set(kinds([*old, *raid])) == {"approve"}, "showing does nothing"
    sweep_begin(sweep=sweep, act="hold")
    sweep_begin(sweep=sweep, act="hold")
    run_until_idle((sweeps_pending,))
    assert set(kinds(raid)) == {""} and set(kinds([*old, *others])) == {"approve"}
    assert all(HELD in review.reasons for review in Review.objects.filter(post__in=raid, open=True))
    walk()
    assert Entry.objects.filter(kind="removed").count() == len(raid)
    decision_make(post=raid[0], kind="reject", reason="advertising", account=cast.moderator)
    post_withdraw(post=raid[1])
    sweep.refresh_from_db()
    sweep_undo(sweep=sweep)
    run_until_idle((sweeps_pending,))
    assert kinds(raid)[0] == "reject" and set(kinds(raid[2:])) == {"approve"}
    sweep.refresh_from_db()
    assert sweep.state == "undone" and sweep.due_at is None


@pytest.mark.threat("F")
def test_refusing_is_undone_to_what_was_before(cast: Cast) -> None:
    """Approved ones are approved again, waiting ones wait again with their reasons; each has its own decision."""
    cast.campaign.settings = {"held": "all"}
    cast.campaign.save()
    _, others, raid = raided(cast, before=0, spread=0)
    decision_make(post=raid[0], kind="approve", account=cast.moderator)
    (burst,) = [one for one in bursts(cast.campaign) if one.cluster.kind == "words"]
    assert (burst.approved, burst.waiting) == (1, len(raid) - 1)
    sweep = sweep_plan(campaign=cast.campaign, name=burst.cluster.name, account=cast.organiser)
    late = cast.somebody().decided(b"late", caption=WORDS.format("late"))
    sweep_begin(sweep=sweep, act="refuse", reason="advertising")
    run_until_idle((sweeps_pending,))
    assert set(kinds(raid)) == {"reject"} and kinds([late]) == [""], "only what was shown"
    assert {standing(post).account for post in raid} == {cast.organiser}
    sweep.refresh_from_db()
    sweep_undo(sweep=sweep)
    run_until_idle((sweeps_pending,))
    assert kinds(raid) == ["approve"] + [""] * (len(raid) - 1)
    waits = Review.objects.filter(post__in=raid[1:], open=True)
    assert waits.count() == len(raid) - 1 and all("all-held" in review.reasons for review in waits)
    assert set(kinds(others)) == {""}


@pytest.mark.threat("F")
def test_a_killed_worker_goes_on_where_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each post is its own transaction and marked with it: nothing is refused twice, nothing is left out."""
    _, _, raid = raided(cast, before=0, spread=0)
    (burst,) = [one for one in bursts(cast.campaign) if one.cluster.kind == "words"]
    sweep = sweep_plan(campaign=cast.campaign, name=burst.cluster.name, account=cast.organiser)
    sweep_begin(sweep=sweep, act="refuse", reason="copy")
    monkeypatch.setattr("wearemany.moderation.raids._BATCH", 3)
    done = []
    while sweeps_pending():
        done.append(SweptPost.objects.filter(sweep=sweep, state="refused").count())
        Sweep.objects.filter(pk=sweep.pk, state="doing").update(lease_until=None, lease_owner="")
    assert done[:3] == [3, 6, 8] and all(post.decisions.count() == 2 for post in raid)


@pytest.mark.threat("F")
def test_what_was_swept_is_forgotten(cast: Cast) -> None:
    """A plan nobody followed goes after a day, what was done after a month; the decisions stay."""
    _, _, raid = raided(cast, before=0, spread=0)
    (burst,) = [one for one in bursts(cast.campaign) if one.cluster.kind == "words"]
    sweep_plan(campaign=cast.campaign, name=burst.cluster.name, account=cast.organiser)
    cast.house.clock.advance(2 * PLANS_KEPT.total_seconds() + 1)
    sweeps_forget_pending()
    assert not Sweep.objects.exists() and not SweptPost.objects.exists()
    assert set(kinds(raid)) == {"approve"}


@pytest.mark.threat("F")
def test_the_desk_shows_then_acts_then_undoes(cast: Cast) -> None:
    """Without scripts, by an organiser alone; nothing on the page tells who sent it or when."""
    raided(cast, before=1)
    walk()
    olga, mark = signed_in(cast.organiser), signed_in(cast.moderator)
    assert mark.get(f"{DESK}raids").status == 403
    page = olga.get(f"{DESK}raids").page
    assert "The same words: 8" in page and "Buy our wonderful tablets" in page
    olga.post(f"{DESK}raids/look", burst=olga.hidden("burst"))
    assert "Nothing is done yet" in olga.page and "exactly these 8 posts" in olga.page
    pictures = [part.split('"')[0] for part in olga.page.split('src="')[1:] if "/picture/" in part]
    assert 1 <= len(pictures) <= 6 and olga.get(pictures[0]).status == 200
    sweep = Sweep.objects.get()
    at = f"{DESK}raids/{sweep.pk}"
    assert "12:34" not in olga.page and olga.post(f"{at}/refuse", reason="").status == 400
    olga.post(f"{at}/hold")
    run_until_idle((sweeps_pending,))
    assert "Taken off and put before a person: 8" in olga.get(at).page
    gone = Post.objects.filter(caption=WORDS.format(3)).get()
    assert Browser().get(f"/en/we-are-many/post/{position_of(gone)}").status == 410
    olga.post(f"{at}/undo")
    run_until_idle((sweeps_pending,))
    assert "Undone." in olga.get(at).page and "Undone." in olga.get(f"{DESK}raids").page
    olga.post(f"{DESK}raids/look", burst="words:nothing")
    assert "not there any more" in olga.page and Development.objects.exists()
