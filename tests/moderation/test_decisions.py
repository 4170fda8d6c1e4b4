"""Deciding, undoing, taking back: what holds, what disappears, and what happens in between."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from tests.cast import SELFIE, Cast
from tests.rig import killed_at_statement, sampled
from tests.rigs.stores import Killed
from wearemany.adapters import clock
from wearemany.conversations.models import Comment
from wearemany.conversations.services import comment_add
from wearemany.errors import Refused
from wearemany.moderation.models import Decision, Erasure, Review
from wearemany.moderation.reasons import APPEAL_DAYS
from wearemany.moderation.services import (
    decide_pending,
    decision_make,
    decision_undo,
    decisions_reverse,
    erase_pending,
    post_withdraw,
    review_next,
    review_return,
    reviews_open,
    standing,
    standings,
)
from wearemany.photos.models import Photo, Post, PostKey
from wearemany.photos.orders import PostChange
from wearemany.photos.services import post_amend
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.worker.loop import run_until_idle

pytestmark = pytest.mark.database
DOUBTFUL = b"selfie refer"


def visible_version(cast: Cast) -> int:
    """Return the campaign's visible version as it is now."""
    cast.campaign.refresh_from_db()
    return cast.campaign.visible_version


def kinds(post: Post) -> list[tuple[str, str, bool]]:
    """Return the post's decisions: kind, by whom, undone."""
    return list(post.decisions.values_list("kind", "by", "undone"))


def test_policy_approves_a_clear_selfie(cast: Cast) -> None:
    """In an everyday campaign a clear selfie is approved without a person, once."""
    post = cast.supporter.decided()
    assert kinds(post) == [("approve", "policy", False)]
    assert decide_pending() == 0
    assert reviews_open(cast.campaign) == 0


def test_a_doubtful_one_waits_for_a_person(cast: Cast) -> None:
    """A doubtful selfie is put before a person, and nothing is decided by itself."""
    post = cast.supporter.decided(DOUBTFUL)
    assert standing(post) is None
    assert post.review.reasons == ["colour-doubtful"]
    assert (reviews_open(cast.campaign), post.awaits_decision) == (1, False)


def test_in_a_careful_campaign_everybody_waits(cast: Cast) -> None:
    """Careful and dangerous: the clearest selfie waits too."""
    for preset in ("careful", "dangerous"):
        campaign = cast.campaign_with(preset=preset, handle=preset)
        post = cast.somebody(campaign).decided(cover="everybody")
        assert standing(post) is None
        assert post.review.reasons == ["all-held"]


def test_nothing_unconfirmed_is_taken_up(cast: Cast) -> None:
    """A covered post that its author has not confirmed is neither approved nor shown to a moderator."""
    post = cast.supporter.posts(cover="everybody")
    run_until_idle((develop_pending, decide_pending))
    assert standing(post) is None
    assert not Review.objects.exists()
    with pytest.raises(Refused) as refused:
        decision_make(post=post, kind="approve", account=cast.moderator)
    assert refused.value.code == "not-ready-to-decide"


def test_a_person_approves(cast: Cast) -> None:
    """A person's approval closes the review, with a word on the colour if there is one."""
    post = cast.supporter.decided(DOUBTFUL)
    decision = decision_make(post=post, kind="approve", account=cast.moderator, colour=False)
    assert standing(post) == decision
    assert (decision.by, decision.colour, decision.day) == ("person", False, clock.now().date())
    assert reviews_open(cast.campaign) == 0
    review = Review.objects.get(post=post)
    assert (review.handed_to, review.handed_until) == (None, None)


def test_rejecting_hides_at_once_and_erases_after_the_appeal_term(committed_cast: Cast) -> None:
    """The visible version goes up with the rejection; for two weeks it can be undone, then nothing is left."""
    cast = committed_cast
    post = cast.supporter.decided()
    version = visible_version(cast)
    decision_make(post=post, kind="reject", reason="not-own", account=cast.moderator)
    assert visible_version(cast) == version + 1
    cast.house.clock.advance(APPEAL_DAYS * 86400)
    run_until_idle((erase_pending,))
    post.refresh_from_db()
    assert (post.erased, PostKey.objects.count()) == (False, 1)
    cast.house.clock.advance(86400)
    run_until_idle((erase_pending, blobs_doom_pending))
    post.refresh_from_db()
    assert (post.erased, PostKey.objects.count(), Erasure.objects.count()) == (True, 0, 0)
    assert list(cast.house.store.list("r")) == []
    assert kinds(post)[-1] == ("reject", "person", False)


def test_the_erasure_of_a_rejected_post_tells_no_time(cast: Cast) -> None:
    """What orders the erasure names a day, not the second of anything."""
    post = cast.supporter.decided()
    decision_make(post=post, kind="reject", reason="hate")
    due_at = post.erasure.due_at
    assert due_at is not None
    assert (due_at.hour, due_at.minute, due_at.second, due_at.microsecond) == (0, 0, 0, 0)


def test_a_rejection_needs_a_reason_and_a_taking_back_an_author(cast: Cast) -> None:
    """Without a reason nothing is rejected; nobody of the team takes a post back in its author's name."""
    post = cast.supporter.decided()
    for kind, reason in (("reject", ""), ("reject", "ugly"), ("withdraw", "")):
        with pytest.raises(Refused):
            decision_make(post=post, kind=kind, reason=reason, account=cast.moderator)
    assert kinds(post) == [("approve", "policy", False)]


def test_an_appeal_can_bring_a_post_back(cast: Cast) -> None:
    """Approving a rejected post within the term calls its erasure off."""
    post = cast.supporter.decided()
    decision_make(post=post, kind="reject", reason="not-own")
    decision_make(post=post, kind="approve", account=cast.organiser)
    assert not Erasure.objects.exists()
    newest = standing(post)
    assert newest is not None
    assert newest.kind == "approve"


def test_undoing_brings_back_what_held_before(cast: Cast) -> None:
    """An undone rejection of an approved post leaves it approved; an undone first decision asks a person again."""
    post = cast.supporter.decided()
    decision_make(post=post, kind="reject", reason="hate", account=cast.moderator)
    version = visible_version(cast)
    decision_undo(post=post, account=cast.moderator)
    assert kinds(post) == [("approve", "policy", False), ("reject", "person", True)]
    assert (visible_version(cast), Erasure.objects.count()) == (version + 1, 0)
    decision_undo(post=post, account=cast.moderator)
    assert standing(post) is None
    assert post.review.open
    with pytest.raises(Refused) as refused:
        decision_undo(post=post, account=cast.moderator)
    assert refused.value.code == "nothing-to-undo"


@pytest.mark.threat("C")
def test_every_act_of_one_moderator_can_be_reversed(cast: Cast) -> None:
    """All that one moderator decided is undone at once; what others decided stays."""
    mine = [cast.somebody().decided(DOUBTFUL) for _ in range(3)]
    others = cast.somebody().decided(DOUBTFUL)
    for post in mine:
        decision_make(post=post, kind="reject", reason="hate", account=cast.moderator)
    decision_make(post=others, kind="approve", account=cast.organiser)
    assert decisions_reverse(campaign=cast.campaign, account=cast.moderator) == 3
    assert [standing(post) for post in mine] == [None] * 3
    assert reviews_open(cast.campaign) == 3
    assert set(standings([post.pk for post in (*mine, others)])) == {others.pk}
    assert not Erasure.objects.exists()


def test_taking_back_is_final_and_complete(committed_cast: Cast) -> None:
    """One step: the decision is there, the visible version is up, and everything personal is gone, comments too."""
    cast = committed_cast
    post = cast.supporter.decided()
    comment_add(post=post, name="Anna", text="With you", language="en")
    version = visible_version(cast)
    post_withdraw(post=post)
    post.refresh_from_db()
    assert visible_version(cast) == version + 1
    assert (post.erased, post.caption) == (True, "")
    assert kinds(post) == [("approve", "policy", False), ("withdraw", "author", False)]
    assert (Comment.objects.count(), Photo.objects.count(), PostKey.objects.count()) == (0, 0, 0)
    post_withdraw(post=post)
    assert len(kinds(post)) == 2
    run_until_idle((erase_pending, blobs_doom_pending))
    assert not Erasure.objects.exists()
    for wanted in (
        lambda: decision_make(post=post, kind="approve"),
        lambda: decision_undo(post=post),
    ):
        with pytest.raises(Refused) as refused:
            wanted()
        assert refused.value.code == "post-gone"


def test_a_post_can_be_taken_back_before_it_is_developed(committed_cast: Cast) -> None:
    """Nobody has to wait for the darkroom to change their mind."""
    cast = committed_cast
    post = cast.supporter.posts()
    post_withdraw(post=post)
    run_until_idle((develop_pending, decide_pending, erase_pending, blobs_doom_pending))
    post.refresh_from_db()
    assert (post.erased, Photo.objects.count()) == (True, 0)
    assert list(cast.house.store.list("u")) == []


def test_a_review_goes_with_the_post(committed_cast: Cast) -> None:
    """A post taken back while a moderator looks at it is gone from the queue."""
    cast = committed_cast
    post = cast.supporter.decided(DOUBTFUL)
    assert review_next(account=cast.moderator, campaign=cast.campaign) is not None
    post_withdraw(post=post)
    assert review_next(account=cast.moderator, campaign=cast.campaign) is None
    with pytest.raises(Refused, match="taken back"):
        decision_make(post=post, kind="approve", account=cast.moderator)


@pytest.mark.parametrize("number", sampled(140))
def test_taking_back_killed_anywhere(committed_cast: Cast, number: int) -> None:
    """Killed before any statement: either nothing has happened, or the worker finishes it; never half of it."""
    cast = committed_cast
    post = cast.supporter.decided(SELFIE, b"another")
    comment_add(post=post, name="Anna", text="With you", language="en")
    version = visible_version(cast)
    try:
        with killed_at_statement(number):
            post_withdraw(post=post)
            run_until_idle((erase_pending, blobs_doom_pending))
    except Killed:
        pass
    taken_back = post.decisions.filter(kind="withdraw").exists()
    assert visible_version(cast) == version + int(taken_back)
    cast.house.clock.advance(130)
    run_until_idle((erase_pending, blobs_doom_pending))
    post.refresh_from_db()
    assert post.erased is taken_back
    assert PostKey.objects.exists() is not taken_back
    assert Comment.objects.exists() is not taken_back
    assert bool(list(cast.house.store.list("r"))) is not taken_back
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("number", sampled(25))
def test_deciding_killed_anywhere(committed_cast: Cast, number: int) -> None:
    """A worker killed while it takes a post up leaves it to the next: one decision in the end."""
    post = committed_cast.supporter.posted()
    try:
        with killed_at_statement(number):
            decide_pending()
    except Killed:
        assert not Decision.objects.exists() or not Post.objects.filter(awaits_decision=True).exists()
    run_until_idle((decide_pending,))
    assert kinds(post) == [("approve", "policy", False)]


def test_two_workers_decide_once(committed_cast: Cast) -> None:
    """Two loops taking posts up at the same moment decide each of them once."""
    posts = [committed_cast.somebody().posted(f"selfie {place}".encode()) for place in range(8)]
    together = threading.Barrier(3)

    def work() -> None:
        try:
            together.wait()
            decide_pending()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [kinds(post) for post in posts] == [[("approve", "policy", False)]] * 8


def test_reviews_are_handed_out_one_at_a_time(cast: Cast) -> None:
    """Two people never hold the same post; whoever asks again gets the same one until it is decided."""
    for _ in range(2):
        cast.somebody().decided(DOUBTFUL)
    first = review_next(account=cast.moderator, campaign=cast.campaign)
    second = review_next(account=cast.organiser, campaign=cast.campaign)
    assert first is not None
    assert second is not None
    assert first != second
    assert review_next(account=cast.moderator, campaign=cast.campaign) == first
    decision_make(post=first.post, kind="approve", account=cast.moderator)
    assert review_next(account=cast.moderator, campaign=cast.campaign) is None
    assert reviews_open(cast.campaign) == 1


def test_a_hand_out_ends_after_ten_minutes_or_when_returned(cast: Cast) -> None:
    """A moderator who went away holds nothing up, and one who cannot decide gives it back."""
    cast.supporter.decided(DOUBTFUL)
    held = review_next(account=cast.moderator, campaign=cast.campaign)
    assert held is not None
    assert held.handed_until == clock.now() + timedelta(minutes=10)
    assert review_next(account=cast.organiser, campaign=cast.campaign) is None
    review_return(review=held, account=cast.organiser)
    assert review_next(account=cast.organiser, campaign=cast.campaign) is None
    cast.house.clock.advance(600)
    assert review_next(account=cast.organiser, campaign=cast.campaign) == held
    review_return(review=held, account=cast.organiser)
    assert review_next(account=cast.moderator, campaign=cast.campaign) == held


@pytest.mark.threat("C")
def test_the_queue_has_no_order_of_arrival(cast: Cast) -> None:
    """Which post comes next is chance: over many draws the first to arrive is not the first to be seen."""
    posts = [cast.somebody().decided(DOUBTFUL).pk for _ in range(6)]
    seen = []
    for _ in range(120):
        review = review_next(account=cast.moderator, campaign=cast.campaign)
        assert review is not None
        seen.append(review.post_id)
        review_return(review=review, account=cast.moderator)
    assert set(seen) == set(posts)


def test_other_campaigns_posts_are_not_handed_out(cast: Cast) -> None:
    """A moderator of one campaign is never shown another one's posts."""
    other = cast.campaign_with(preset="careful", handle="other")
    cast.somebody(other).decided()
    assert review_next(account=cast.moderator, campaign=cast.campaign) is None
    assert (reviews_open(cast.campaign), reviews_open(other)) == (0, 1)


def test_words_changed_meanwhile_are_looked_at_again(cast: Cast) -> None:
    """A moderator who holds a post cannot approve words that the author has just replaced."""
    post = cast.supporter.decided(DOUBTFUL)
    review_next(account=cast.moderator, campaign=cast.campaign)
    post_amend(post=post, change=PostChange(caption="something else"))
    with pytest.raises(Refused) as refused:
        decision_make(post=post, kind="approve", account=cast.moderator)
    assert refused.value.code == "words-changed"
    review_next(account=cast.moderator, campaign=cast.campaign)
    decision_make(post=post, kind="approve", account=cast.moderator)
    post.refresh_from_db()
    assert (post.caption, post.edit) == ("something else", {})


def test_new_words_wait_where_everything_waits(cast: Cast) -> None:
    """In a careful campaign an approved post keeps its old words in public until a person has read the new ones."""
    careful = cast.campaign_with(preset="careful", handle="careful")
    post = cast.somebody(careful).decided()
    decision_make(post=post, kind="approve", account=cast.moderator)
    post_amend(post=post, change=PostChange(caption="Нас ещё больше", people=2))
    decide_pending()
    post.refresh_from_db()
    assert (post.caption, post.people, reviews_open(careful)) == ("Мы не равнодушны", 1, 1)
    assert post.review.reasons == ["edited", "several-people"]
    newest = standing(post)
    assert newest is not None
    assert newest.kind == "approve"
    decision_make(post=post, kind="approve", account=cast.moderator)
    post.refresh_from_db()
    assert (post.caption, post.people, post.edit_version) == ("Нас ещё больше", 2, 2)


def test_no_statement_is_left_untried(committed_cast: Cast) -> None:
    """Deciding and taking back need no more statements than the tables above kill at."""
    cast = committed_cast
    post = cast.supporter.posted(SELFIE, b"another")
    comment_add(post=post, name="Anna", text="With you", language="en")
    with killed_at_statement(10_000) as deciding:
        decide_pending()
    assert 5 < len(deciding) <= 25
    with killed_at_statement(10_000) as taking_back:
        post_withdraw(post=post)
        run_until_idle((erase_pending, blobs_doom_pending))
    assert 20 < len(taking_back) <= 140, len(taking_back)
