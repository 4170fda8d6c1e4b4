"""Claims of people without a code: hidden at once within bounds, decided by a person, undone like any decision."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection

from tests.cast import Cast
from tests.rig import killed_at_statement, sampled
from tests.rigs.stores import Killed
from tests.web.walls import position_of, stand, walk
from wearemany.campaigns.services import campaign_close
from wearemany.config.asgi import picture_open
from wearemany.errors import Refused
from wearemany.moderation.claims import (
    HIDDEN_LEAST,
    HIDDEN_MOST,
    HIDES_AN_HOUR,
    KEPT_DAYS,
    OPEN_A_POST_MAX,
    WORDS_MAX,
    ClaimOrder,
    claim_by_number,
    claim_make,
    claims_forget_pending,
    claims_open,
    hidden_max,
)
from wearemany.moderation.models import Claim, Erasure
from wearemany.moderation.services import (
    decision_make,
    decision_undo,
    decisions_reverse,
    erase_pending,
    post_take_down,
    post_withdraw,
    review_next,
    reviews_open,
    standing,
)
from wearemany.photos.models import Post, PostKey, Rendition
from wearemany.photos.steps import blobs_doom_pending
from wearemany.wall.queries import (
    PostState,
    entry_of,
    hidden_entries,
    number,
    post_at,
    post_state,
    public_entries,
)
from wearemany.worker.loop import run_until_idle

pytestmark = pytest.mark.database


def claimed(
    post: Post, number: str = "", *, kind: str = "pictured", words: str = "", wall_posts: int = 0
) -> Claim:
    """Claim a post, with a number of its own unless one is given."""
    order = ClaimOrder(
        post=post, kind=kind, number=number or f"of {post.pk}", words=words, wall_posts=wall_posts
    )
    return claim_make(order)


def versions(cast: Cast) -> tuple[int, int]:
    """Return the campaign's visible and stream versions."""
    cast.campaign.refresh_from_db()
    return cast.campaign.visible_version, cast.campaign.stream_version


def is_public(post: Post) -> bool:
    """Tell whether the post is seen: in the wall's entries, at its number, and its pictures by their names."""
    names = Rendition.objects.filter(photo__post=post).values_list("name", flat=True)
    ways = {
        entry_of(post) is not None,
        public_entries(post.campaign).filter(post=post).exists(),
        any(picture_open(name) is not None for name in names),
    }
    assert len(ways) == 1
    return ways.pop()


@pytest.mark.threat("G")
def test_a_claim_hides_at_once_everywhere_and_the_log_does_not_lie(cast: Cast) -> None:
    """Gone from sight with the claim's own transaction; counted, and not called taken back, until a person decides."""
    post, other = stand(cast, "one", "two")
    before, counted = versions(cast), number(cast.campaign)
    claimed(post)
    assert versions(cast)[0] > before[0]
    assert not is_public(post) and is_public(other)
    assert post_state(post) is PostState.HIDDEN
    walk()
    assert number(cast.campaign) == counted
    assert [entry.post_id for entry in hidden_entries(cast.campaign)] == [post.pk]


def test_a_hidden_post_comes_before_ordinary_reviews(cast: Cast) -> None:
    """Whoever asks for the next one is handed what a stranger's word hides, with why and the words."""
    post, *_ = stand(cast, "one")
    doubtful = [cast.somebody().decided(f"refer {place}".encode()) for place in range(6)]
    claimed(post, words="left of the door")
    review = review_next(account=cast.moderator, campaign=cast.campaign)
    assert review is not None and review.pk == post.pk and review.reasons == ["claim-pictured"]
    assert (reviews_open(cast.campaign), claims_open(cast.campaign)) == (7, 1)
    assert doubtful


def test_showing_again_answers_the_claim_and_no_stranger_hides_it_again(cast: Cast) -> None:
    """The post is back at once; whoever claims it then is heard by a person while it stays in sight."""
    post, *_ = stand(cast, "one")
    first = claimed(post, "first")
    before = versions(cast)
    decision_make(post=post, kind="approve", account=cast.moderator)
    assert versions(cast)[0] > before[0] and is_public(post)
    first.refresh_from_db()
    assert (first.open, first.outcome) == (False, "shown")
    assert claims_open(cast.campaign) == reviews_open(cast.campaign) == 0
    second = claimed(post, "second")
    assert second.open and not second.hides and is_public(post)
    assert reviews_open(cast.campaign) == 1
    walk()
    assert post_at(cast.campaign, position_of(post)) is not None


def test_undoing_that_hides_the_post_again(cast: Cast) -> None:
    """What held before holds again: the claim is open, it hides, and a person is asked once more."""
    post, *_ = stand(cast, "one")
    claimed(post)
    decision_make(post=post, kind="approve", account=cast.moderator)
    decision_undo(post=post, account=cast.moderator)
    assert not is_public(post) and post_state(post) is PostState.HIDDEN
    assert Claim.objects.get().open and reviews_open(cast.campaign) == 1
    # Undone, so nobody has looked in earnest: a claim may hide as on the first day.
    assert claimed(post, "another").hides


def test_taking_down_is_for_good_and_the_log_says_removed(committed_cast: Cast) -> None:
    """A decision by a person with a reason; the log follows at once, erasing ten minutes later."""
    cast = committed_cast
    post, *_ = stand(cast, "one", "two")
    claim = claimed(post, kind="lost-code", words="my aunt has the paper")
    decision = post_take_down(post=post, reason="claim-lost-code", account=cast.moderator)
    assert (decision.kind, decision.by, decision.reason) == ("withdraw", "person", "claim-lost-code")
    walk()
    assert (number(cast.campaign).tally.posts, number(cast.campaign).tally.removed) == (1, 1)
    run_until_idle((erase_pending,))
    assert PostKey.objects.filter(post=post).exists()
    cast.house.clock.advance(601)
    run_until_idle((erase_pending, blobs_doom_pending))
    post.refresh_from_db()
    assert post.erased and not PostKey.objects.filter(post=post).exists() and not Erasure.objects.exists()
    claim.refresh_from_db()
    assert (claim.open, claim.outcome, claim.words) == (False, "taken-down", "")


def test_taking_down_can_be_undone_for_ten_minutes(cast: Cast) -> None:
    """A slip, or somebody who turned out to be none of us: the post is hidden by the claim again, all is there."""
    post, *_ = stand(cast, "one")
    claimed(post)
    post_take_down(post=post, reason="claim-pictured", account=cast.moderator)
    walk()
    assert decisions_reverse(campaign=cast.campaign, account=cast.moderator) == 1
    assert not Erasure.objects.exists() and post_state(post) is PostState.HIDDEN
    walk()
    assert number(cast.campaign).tally.posts == 0
    decision_make(post=post, kind="approve", account=cast.moderator)
    walk()
    assert number(cast.campaign).tally.posts == 1 and is_public(post)


@pytest.mark.parametrize("reason", ["", "hate", "claim-shown"])
def test_taking_down_needs_a_claim_and_one_of_its_reasons(cast: Cast, reason: str) -> None:
    """Nobody takes a post down for good that nobody claimed, and the ordinary reasons keep their appeal term."""
    post, *_ = stand(cast, "one")
    with pytest.raises(Refused) as refused:
        post_take_down(post=post, reason="claim-pictured", account=cast.moderator)
    assert refused.value.code == "claim-decided"
    claimed(post)
    with pytest.raises(Refused) as refused:
        post_take_down(post=post, reason=reason, account=cast.moderator)
    assert refused.value.code == "reason-missing"
    assert standing(post).kind == "approve"  # type: ignore[union-attr]


def test_an_ordinary_rejection_answers_claims_too(cast: Cast) -> None:
    """Taken off the wall by its number while a claim waits: nobody is left waiting."""
    post, *_ = stand(cast, "one")
    claim = claimed(post)
    decision_make(post=post, kind="reject", reason="not-agreed", account=cast.moderator)
    claim.refresh_from_db()
    assert (claim.open, claim.outcome) == (False, "taken-down") and reviews_open(cast.campaign) == 0


def test_its_author_may_take_a_hidden_post_back(committed_cast: Cast) -> None:
    """The code still owns it; who claimed it hears that it is gone."""
    post, *_ = stand(committed_cast, "one")
    claim = claimed(post, words="please")
    post_withdraw(post=post)
    claim.refresh_from_db()
    assert (claim.open, claim.outcome, claim.words) == (False, "gone", "")
    assert claims_open(committed_cast.campaign) == 0


def test_the_same_number_is_the_same_claim(cast: Cast) -> None:
    """A lost answer, a button pressed twice: one claim, also once it was decided; and the number finds it."""
    post, *_ = stand(cast, "one")
    claim = claimed(post, "n")
    assert claimed(post, "n").pk == claim.pk and Claim.objects.count() == 1
    decision_make(post=post, kind="approve", account=cast.moderator)
    assert claimed(post, "n").pk == claim.pk
    assert claim_by_number("n") == claim and claim_by_number("m") is None
    assert bytes(claim.number_digest) != b"n" and len(bytes(claim.number_digest)) == 32


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"kind": "spite"}, "claim-kind"), ({"words": "x" * (WORDS_MAX + 1)}, "claim-words-long")],
)
def test_a_claim_that_cannot_be_read_changes_nothing(cast: Cast, changes: dict[str, str], code: str) -> None:
    """A sentence, and the post stays where it is."""
    post, *_ = stand(cast, "one")
    with pytest.raises(Refused) as refused:
        claimed(post, **changes)  # type: ignore[arg-type]
    assert refused.value.code == code and is_public(post)


def test_only_what_is_shown_is_claimed(cast: Cast) -> None:
    """A post before its first decision, rejected or erased: nothing to hide, and it says so."""
    waiting = cast.supporter.decided(b"refer")
    for code in ("claim-needless", "claim-needless", "post-gone"):
        with pytest.raises(Refused) as refused:
            claimed(waiting)
        assert refused.value.code == code
        if standing(waiting) is None:
            decision_make(post=waiting, kind="reject", reason="hate", account=cast.moderator)
        else:
            post_withdraw(post=waiting)


def test_many_claims_on_one_post_are_as_good_as_a_few(cast: Cast) -> None:
    """They are one post before one person; after a handful the others are thanked and nothing more is written."""
    post, *_ = stand(cast, "one")
    for place in range(OPEN_A_POST_MAX):
        assert claimed(post, f"number {place}").hides
    with pytest.raises(Refused) as refused:
        claimed(post, "one too many")
    assert refused.value.code == "claim-known"
    assert (Claim.objects.count(), claims_open(cast.campaign), reviews_open(cast.campaign)) == (
        OPEN_A_POST_MAX,
        1,
        1,
    )


def test_the_opening_post_waits_for_a_person_in_sight(cast: Cast) -> None:
    """A stranger cannot take the campaign's first word away; a person looks all the same."""
    post, *_ = stand(cast, "one", is_opening=True)
    assert not claimed(post).hides and is_public(post) and reviews_open(cast.campaign) == 1


@pytest.mark.parametrize(("posts", "most"), [(0, 3), (299, 3), (400, 4), (9_999, 99), (1_000_000, 100)])
def test_how_many_may_be_hidden_follows_the_wall(posts: int, most: int) -> None:
    """One in a hundred, at least three, at most a hundred."""
    assert hidden_max(posts) == most and HIDDEN_LEAST <= most <= HIDDEN_MOST


@pytest.mark.threat("F1")
def test_a_flood_hides_no_more_than_the_bound_and_the_queue_works(cast: Cast) -> None:
    """Two hundred claims in a minute on forty posts: three hidden, the wall stays, and a moderator gets to the end.

    Every claim is before a person; those that hide come first, and ordinary reviews among the rest.
    """
    posts = stand(cast, *(f"post {place}" for place in range(40)))
    doubtful = cast.supporter.decided(b"refer")
    began_s = time.monotonic()
    for place in range(200):
        claimed(posts[place % 40], f"flood {place}", wall_posts=40)
        cast.house.clock.advance(0.3)
    took_s = time.monotonic() - began_s
    assert sum(not is_public(post) for post in posts) == HIDDEN_LEAST
    assert public_entries(cast.campaign).count() == 40 - HIDDEN_LEAST
    assert number(cast.campaign).tally.posts == 40
    assert (claims_open(cast.campaign), reviews_open(cast.campaign)) == (40, 41)
    handed = []
    while (review := review_next(account=cast.moderator, campaign=cast.campaign)) is not None:
        handed.append(review.pk)
        decision_make(post=review.post, kind="approve", account=cast.moderator)
    assert set(handed) == {*(post.pk for post in posts), doubtful.pk} and len(handed) == 41
    assert all(is_public(post) for post in posts)
    hidden_first = set(handed[:HIDDEN_LEAST])
    assert hidden_first == {claim.post_id for claim in Claim.objects.filter(hides=True)}
    # And once more: all were decided, so nothing hides any more.
    for place in range(40):
        assert not claimed(posts[place], f"again {place}", wall_posts=40).hides
    assert took_s < 60


@pytest.mark.threat("F1")
def test_hiding_is_limited_by_the_hour_too(cast: Cast) -> None:
    """However fast moderators answer, a raid hides only so many posts an hour; then it may hide again."""
    posts = stand(cast, *(f"post {place}" for place in range(HIDDEN_LEAST * HIDES_AN_HOUR + 2)))
    hidden = []
    for post in posts[:-1]:
        hidden.append(claimed(post).hides)
        decision_make(post=post, kind="approve", account=cast.moderator)
    assert sum(hidden) == HIDDEN_LEAST * HIDES_AN_HOUR and hidden[-1] is False
    cast.house.clock.advance(3601)
    assert claimed(posts[-1]).hides


def test_one_campaigns_flood_is_not_anothers(cast: Cast) -> None:
    """The bounds are each campaign's own."""
    other = cast.campaign_with(preset="everyday", handle="other")
    posts, theirs = stand(cast, *"abcd"), stand(cast, "elsewhere", campaign=other)
    assert [claimed(post).hides for post in posts] == [True, True, True, False]
    assert claimed(theirs[0]).hides


def test_an_answered_claim_is_forgotten_after_a_month(cast: Cast) -> None:
    """Open ones stay however long it takes."""
    post, other = stand(cast, "one", "two")
    claimed(post)
    claimed(other)
    decision_make(post=post, kind="approve", account=cast.moderator)
    cast.house.clock.advance(KEPT_DAYS * 86400)
    assert claims_forget_pending() == 0
    cast.house.clock.advance(86400)
    assert claims_forget_pending() == 1
    assert [claim.post_id for claim in Claim.objects.all()] == [other.pk]
    # What a person decided holds on: no stranger hides that post.
    assert not claimed(post, "much later").hides


def test_a_claim_cannot_keep_the_log_open(cast: Cast) -> None:
    """A campaign closes although somebody claims a post; what is taken down later is still removed."""
    from_wall, *_ = stand(cast, "one")
    claimed(from_wall)
    campaign_close(campaign=cast.campaign, notice={"en": "It is over."})
    walk()
    assert number(cast.campaign).tally.phase == "closed"
    post_take_down(post=from_wall, reason="claim-unsure", account=cast.moderator)
    walk()
    assert number(cast.campaign).tally.posts == 0


@pytest.mark.parametrize("at", sampled(22))
def test_a_claim_is_whole_or_was_never_made(committed_cast: Cast, at: int) -> None:
    """Killed before any statement: nothing happened, or all of it; the same form again finishes it."""
    post, *_ = stand(committed_cast, "one")
    try:
        with killed_at_statement(at):
            claimed(post, "n")
    except Killed:
        assert Claim.objects.exists() is not is_public(post)
        assert Claim.objects.count() == reviews_open(committed_cast.campaign)
    assert claimed(post, "n").hides and Claim.objects.count() == 1 and not is_public(post)


def test_two_at_once_are_one_claim_and_the_bound_holds(committed_cast: Cast) -> None:
    """Eight threads with one number make one claim; eight on eight posts hide no more than the bound."""
    posts = stand(committed_cast, *(f"post {place}" for place in range(9)))
    failures: list[BaseException] = []

    def run(post: Post, number: str) -> None:
        try:
            claimed(post, number)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    for jobs in ([(posts[8], "same")] * 8, [(post, f"of {post.pk}") for post in posts[:8]]):
        threads = [threading.Thread(target=run, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert Claim.objects.count() == 9
    assert Claim.objects.filter(hides=True).count() == HIDDEN_LEAST
