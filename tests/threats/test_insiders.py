"""An infiltrated moderator: what one seat shows, how much of it, and how all that it did is undone, and back."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from django.conf import settings
from django.test.utils import override_settings

from tests.cast import Cast
from tests.rig import NOON
from tests.threats.roles import DESK as DOORS
from tests.threats.roles import MEMBERS
from tests.web.desk_rig import DESK, signed_in
from tests.web.walls import position_of, stand, walk
from wearemany.accounts.models import Account
from wearemany.errors import Refused, TryAgain
from wearemany.moderation.handing import review_next, review_return
from wearemany.moderation.looks import KEPT, look_count, looks_forget_pending, looks_of
from wearemany.moderation.models import Decision, Look, Reversal
from wearemany.moderation.reversing import (
    Touched,
    reversal_preview,
    reversal_undo,
    reversals_forget_pending,
    reversals_of,
)
from wearemany.moderation.services import decision_make, decisions_reverse, standing
from wearemany.photos.models import Photo, Post, Rendition
from wearemany.wall.models import Entry
from wearemany.wall.queries import tally

pytestmark = [pytest.mark.database, pytest.mark.threat("C")]

TIMES = (str(NOON.year) + "-", "12:34", "<time", "datetime=", "March", "8 Mar")
MEASURES = ("ETag", "Last-Modified", "Expires", "Content-Disposition", "Age", "Server-Timing")


def looks_a_day(number: int) -> override_settings:
    """Let the server allow so many looks."""
    return override_settings(WEAREMANY={**settings.WEAREMANY, "LOOKS_A_DAY": number})


def test_no_page_of_a_seat_tells_time_sender_or_order(cast: Cast) -> None:
    """Each page and picture a moderator can open: no time, no code or trace of one, no header to compare by."""
    (shown,) = stand(cast, "is shown")
    waiting = cast.supporter.decided(b"refer: waits", caption="waits")
    mark = signed_in(cast.moderator)
    mark.get(f"{DESK}review")
    held = re.search(r'src="([^"]*/picture/[^"]*)"', mark.page)
    assert held is not None and mark.hidden("post") == waiting.pk
    readable = [
        route.rpartition("<slug:handle>/")[2] for route, door in DOORS.items() if door.read == MEMBERS
    ]
    assert {"review", "same", "comments", "posts", "picture/<str:file>"} <= set(readable)
    pages = [place for place in readable if "<" not in place]
    for path in (*(DESK + place for place in pages), f"{DESK}posts?number={position_of(shown)}", held[1]):
        answer = mark.client.get(path)
        assert answer.status_code == 200, path
        assert not {name for name in MEASURES if name in answer.headers}, path
        assert answer.headers["Cache-Control"] == "no-store", path
        text = answer.content.decode(errors="replace")
        secrets = (cast.supporter.code, bytes(waiting.code_digest or b"").hex(), "Olga, organiser")
        assert [trace for trace in (*TIMES, *secrets) if trace in text] == [], path


def test_a_picture_has_a_name_by_chance_and_bears_nothing_else(cast: Cast) -> None:
    """The name says neither which post nor when; another size or format has another one."""
    post = cast.supporter.decided(b"refer: waits")
    rows = list(Rendition.objects.filter(photo__post=post))
    names = {row.name for row in rows}
    assert len(names) == len(rows)
    for name in names:
        assert re.fullmatch(r"[a-z2-7]{26}", name) and name not in (post.pk, Photo.objects.get(post=post).pk)


def test_there_is_nothing_to_search_or_carry_away(cast: Cast) -> None:
    """A query changes no page, a number is the only thing that can be asked for, and no address gives a file."""
    cast.supporter.decided(b"refer: waits", caption="burgundy coat")
    mark = signed_in(cast.moderator)
    for query in ("?q=burgundy", "?number=burgundy", "?order=day", "?page=2", "?format=csv"):
        page = mark.get(f"{DESK}posts{query}").page
        assert "burgundy coat" not in page
    assert not [route for route in DOORS if re.search(r"export|csv|json|download|search", route)]


def test_posts_are_handed_out_in_no_order(cast: Cast) -> None:
    """Forty posts in a row: what comes first says nothing of what came first, nor does the order of two runs agree."""
    arrived = [cast.somebody().decided(b"refer: %d" % number).pk for number in range(40)]
    runs = []
    for _ in range(2):
        run = []
        for _ in arrived:
            handed = review_next(account=cast.moderator, campaign=cast.campaign)
            assert handed is not None
            run.append(arrived.index(handed.pk))
            review_return(review=handed, account=cast.moderator)
        runs.append(run)
    # In order of arrival it is 39 of 39; by chance about one, and ten in one of some ten million runs.
    for run in runs:
        assert sum(later == earlier + 1 for earlier, later in pairwise(run)) < 10
    assert runs[0] != runs[1] and len(set(runs[0])) > 10


def test_looks_are_counted_by_day_and_limited(cast: Cast) -> None:
    """A seat shows so many a day, a quarter of that an hour; then a sentence. Others go on. No second is kept."""
    for number in range(6):
        cast.somebody().decided(b"refer: %d" % number)
    with looks_a_day(8):
        mark = signed_in(cast.moderator)
        for _ in range(2):
            mark.get(f"{DESK}review")
            assert mark.hidden("post")
            mark.get(f"{DESK}review")
            mark.review("approve")
        assert "Enough for now" in mark.page and not mark.hidden("post")
        assert looks_of(cast.campaign) == {cast.moderator.pk: 2}
        assert signed_in(cast.organiser).get(f"{DESK}review").hidden("post")
        cast.house.clock.advance(3601)
        assert mark.get(f"{DESK}review").hidden("post")
    fields = {field.name for field in Look._meta.concrete_fields}
    assert fields == {"id", "campaign", "account", "day", "shown"}
    assert 'data-head="Shown in a month">3</td>' in signed_in(cast.organiser).get(f"{DESK}team").page


def test_leafing_by_number_and_by_question_counts_too(cast: Cast) -> None:
    """Whoever tries all numbers has seen enough as soon as whoever reviews."""
    posts = stand(cast, "one", "two", "three")
    with looks_a_day(8):
        mark = signed_in(cast.moderator)
        seen = [mark.get(f"{DESK}posts?number={position_of(post)}").status for post in posts]
    assert seen == [200, 200, 400] and "rest for an hour" in mark.page and "three" not in mark.page


def test_the_whole_day_ends_too(cast: Cast) -> None:
    """Four hours' worth is a day's worth, in all campaigns together; counts are gone after a month."""
    other = cast.campaign_with(preset="everyday", handle="another-one")
    with looks_a_day(4):
        for hour in range(4):
            look_count(account=cast.moderator, campaign=(cast.campaign, other)[hour % 2])
            cast.house.clock.advance(3601)
        with pytest.raises(TryAgain) as enough:
            look_count(account=cast.moderator, campaign=cast.campaign)
    assert enough.value.code == "looks-enough"
    cast.house.clock.advance((KEPT.days + 2) * 86400)
    assert looks_forget_pending() == 2 and not Look.objects.exists()


@pytest.fixture
def damage(cast: Cast) -> tuple[Cast, list[Post]]:
    """A moderator approved two doubtful posts that are on the wall by now, and rejected one that stood there."""
    (good,) = stand(cast, "good")
    bad = [cast.somebody().decided(b"refer: %d" % number, caption=f"bad {number}") for number in range(2)]
    for post in bad:
        decision_make(post=post, kind="approve", account=cast.moderator, colour=True)
    walk()
    decision_make(post=good, kind="reject", reason="hate", account=cast.moderator)
    walk()
    assert tally(cast.campaign).posts == 2
    return cast, [good, *bad]


def live(posts: list[Post]) -> list[bool]:
    """Tell for each post whether the signed log has it."""
    return [Entry.objects.filter(post=post, kind="post", live=True).exists() for post in posts]


def test_one_act_reverses_everything_and_one_takes_that_back(damage: tuple[Cast, list[Post]]) -> None:
    """Said before: what it touches. Then all waits again, the log says removed; back: the same holds, as new lines."""
    cast, posts = damage
    touched = reversal_preview(campaign=cast.campaign, account=cast.moderator)
    assert touched == Touched(leave=2, come_back=1)
    olga = signed_in(cast.organiser)
    olga.post(f"{DESK}team/{cast.moderator.pk}/reverse")
    assert "2 posts leave the wall" in olga.page and "1 post comes back" in olga.page
    olga.post(f"{DESK}team/{cast.moderator.pk}/reverse", sure="yes")
    walk()
    assert [standing(post) for post in posts[1:]] == [None, None] and live(posts) == [True, False, False]
    assert standing(posts[0]).by == "policy"  # type: ignore[union-attr]
    assert all(post.review.open for post in posts[1:])
    assert tally(cast.campaign).posts == 1

    (row,) = reversals_of(cast.campaign)
    assert "Everything by Mark" in olga.page
    olga.post(f"{DESK}team/reversals/{row.pk}/undo")
    walk()
    assert [getattr(standing(post), "kind", None) for post in posts] == ["reject", "approve", "approve"]
    assert live(posts) == [False, True, True] and tally(cast.campaign).posts == 2
    assert Entry.objects.filter(campaign=cast.campaign, kind="removed").count() == 4
    assert {standing(post).account for post in posts} == {cast.moderator}  # type: ignore[union-attr]
    assert olga.post(f"{DESK}team/reversals/{row.pk}/undo").status == 400


def test_what_was_decided_meanwhile_stays(damage: tuple[Cast, list[Post]]) -> None:
    """Whoever looked again after the reversal is not overruled by taking it back."""
    cast, (_, first, second) = damage
    decisions_reverse(campaign=cast.campaign, account=cast.moderator, by=cast.organiser)
    decision_make(post=first, kind="reject", reason="unsafe", account=cast.organiser)
    row = Reversal.objects.get()
    assert reversal_undo(reversal=row.pk, campaign=cast.campaign) == 2
    assert standing(first).account == cast.organiser  # type: ignore[union-attr]
    assert standing(second).kind == "approve"  # type: ignore[union-attr]


def test_a_reversal_belongs_to_its_campaign_and_a_month(damage: tuple[Cast, list[Post]]) -> None:
    """Another campaign's team cannot take it back; after a month nobody can, and whose it was is not known."""
    cast, _ = damage
    decisions_reverse(campaign=cast.campaign, account=cast.moderator, by=cast.organiser)
    other = cast.campaign_with(preset="everyday", handle="another-one")
    with pytest.raises(Refused):
        reversal_undo(reversal=Reversal.objects.get().pk, campaign=other)
    cast.house.clock.advance(32 * 86400)
    assert reversals_forget_pending() > 0 and not Reversal.objects.exists()


def test_reversing_nothing_leaves_nothing(cast: Cast) -> None:
    """No row is made for an act that touched nothing."""
    stranger = Account.objects.create(name="Nobody of ours")
    assert decisions_reverse(campaign=cast.campaign, account=stranger) == 0
    assert not Reversal.objects.exists() and not Decision.objects.filter(account=stranger).exists()
