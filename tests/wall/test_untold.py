"""Whatever the log may have to tell of a post leaves a row with the change itself, and only that is looked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from tests.cast import Cast
from tests.wall.walls import approved, assert_all_told
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_close
from wearemany.darkroom.geometry import Box
from wearemany.moderation.claims import ClaimOrder, claim_make
from wearemany.moderation.models import DecisionKind
from wearemany.moderation.services import (
    decide_pending,
    decision_make,
    decision_undo,
    post_take_down,
    post_withdraw,
)
from wearemany.photos.erasing import post_erase
from wearemany.photos.models import Post, Untold
from wearemany.photos.orders import PostChange
from wearemany.photos.services import photo_cover, post_amend
from wearemany.photos.steps import develop_pending
from wearemany.photos.untold import untold_fresh, untold_waiting
from wearemany.wall import pending
from wearemany.wall.log import _moment, append_campaign, append_pending
from wearemany.wall.models import Entry
from wearemany.wall.pending import drafts_due
from wearemany.wall.repeats.groups import standing_settle
from wearemany.wall.rows import head_of

pytestmark = pytest.mark.database


def claimed(post: Post) -> None:
    claim_make(ClaimOrder(post=post, kind="pictured", number="a number", wall_posts=100))


def taken_down(post: Post) -> None:
    claimed(post)
    post_take_down(post=post, reason="claim-pictured")


def covered(post: Post) -> None:
    photo_cover(photo=post.photos.get(), boxes=[Box(0.1, 0.1, 0.3, 0.3)])
    develop_pending()


def edited(post: Post) -> None:
    post_amend(post=post, change=PostChange(caption="Other words."))
    decide_pending()


def unrepeated(post: Post) -> None:
    """What the matcher had found is not so."""
    Entry.objects.filter(post=post, live=True).update(is_repeat=True)
    standing_settle(post.campaign, [post.pk])


def handed_on_again(post: Post) -> None:
    Post.objects.filter(pk=post.pk).update(awaits_decision=True)
    decide_pending()


CHANGES: dict[str, Callable[[Post], object]] = {
    "approve": lambda post: decision_make(post=post, kind=DecisionKind.APPROVE),
    "colour": lambda post: decision_make(post=post, kind=DecisionKind.APPROVE, colour=False),
    "reject": lambda post: decision_make(post=post, kind=DecisionKind.REJECT, reason="off-call"),
    "undo": lambda post: decision_undo(post=post),
    "withdraw": lambda post: post_withdraw(post=post),
    "take down": taken_down,
    "erase": lambda post: post_erase(post=post),
    "cover": covered,
    "edit": edited,
    "ready again": handed_on_again,
    "repeat": unrepeated,
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_leaves_a_row_and_is_told(cast: Cast, change: str) -> None:
    """The change is found by its row alone; once the log has told of it, the row is gone."""
    post = approved(cast, 1)[0]
    append_campaign(cast.campaign)
    assert not Untold.objects.exists()
    CHANGES[change](post)
    assert post.pk in untold_fresh(cast.campaign, limit=10).values()
    append_campaign(cast.campaign)
    assert_all_told(cast.campaign)
    assert not Untold.objects.exists()


def test_a_process_at_rest_learns_of_a_change_by_its_row_alone(cast: Cast) -> None:
    """Nothing of the campaign itself changes when a post is approved that nobody has seen."""
    approved(cast, 1)
    assert append_pending() and not append_pending() and not append_pending()
    before = Campaign.objects.values().get()
    approved(cast, 1)
    assert Campaign.objects.values().get() == before
    assert append_pending() == 1


def test_a_change_that_is_not_kept_leaves_no_row(cast: Cast) -> None:
    """The row shares the fate of the change: both are kept, or neither."""
    post = approved(cast, 1)[0]
    append_campaign(cast.campaign)
    with transaction.atomic():
        decision_make(post=post, kind=DecisionKind.REJECT, reason="off-call")
        transaction.set_rollback(True)
    assert not Untold.objects.exists()


def test_a_post_that_a_claim_hid_joins_when_it_is_answered(cast: Cast) -> None:
    """While it is hidden it does not join, and nothing is kept for it: the answer is a change of its own."""
    post = approved(cast, 1)[0]
    claimed(post)
    append_campaign(cast.campaign)
    assert not Entry.objects.filter(post=post).exists()
    assert not Untold.objects.exists()
    decision_make(post=post, kind=DecisionKind.APPROVE)
    append_campaign(cast.campaign)
    assert Entry.objects.filter(post=post, live=True).exists()


def test_what_changes_while_the_log_looks_is_looked_at_next(cast: Cast) -> None:
    """A change after the look has a row of its own, which forgetting the older one leaves alone."""
    post = approved(cast, 1)[0]
    append_campaign(cast.campaign)
    decision_make(post=post, kind=DecisionKind.APPROVE)
    due = drafts_due(cast.campaign, head_of(cast.campaign), _moment(cast.campaign))
    assert due.idle == tuple(untold_fresh(cast.campaign, limit=10))
    decision_make(post=post, kind=DecisionKind.REJECT, reason="off-call")
    Untold.objects.filter(pk__in=due.idle).delete()
    assert append_campaign(cast.campaign) == 1
    assert_all_told(cast.campaign)


def test_more_changes_than_a_batch_holds_are_all_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batch after batch, until no change is left that nobody has looked at; then the closing line, last of all."""
    monkeypatch.setattr(pending, "BATCH_MAX", 2)
    posts = approved(cast, 5)
    append_campaign(cast.campaign)
    assert Entry.objects.filter(post__in=posts, live=True).count() == 5
    for post in posts:
        decision_make(post=post, kind=DecisionKind.APPROVE)
    post_withdraw(post=posts[4])
    campaign_close(campaign=cast.campaign, notice={"en": "Thank you."})
    append_campaign(cast.campaign)
    assert_all_told(cast.campaign)
    kinds = list(
        Entry.objects.filter(campaign=cast.campaign).order_by("-position").values_list("kind", flat=True)
    )
    assert kinds[:2] == ["phase", "removed"]


def test_those_who_wait_are_noted_once_and_go_together(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until they are enough nobody looks at them again; then they go, by chance and as many as one batch holds."""
    monkeypatch.setattr(pending, "BATCH_MAX", 6)
    campaign = cast.campaign_with(preset="careful", handle="careful")

    def join(count: int) -> list[Post]:
        posts = [cast.somebody(campaign).decided(f"selfie {place}".encode()) for place in range(count)]
        for post in posts:
            decision_make(post=post, kind=DecisionKind.APPROVE)
        return posts

    early = join(4)
    append_campaign(campaign)
    assert set(untold_waiting(campaign).values()) == {post.pk for post in early}
    assert not untold_fresh(campaign, limit=10)
    join(12)
    for on_the_wall in (6, 12, 12):
        append_campaign(campaign)
        assert Entry.objects.filter(campaign=campaign, kind="post", live=True).count() == on_the_wall
        assert_all_told(campaign)
        cast.house.clock.advance(600)
    assert len(set(untold_waiting(campaign).values())) == 4


def test_the_end_comes_after_those_who_wait_for_their_release(cast: Cast) -> None:
    """Who is approved when a campaign closes, and is one of enough, joins before its last line."""
    campaign = cast.campaign_with(preset="careful", handle="careful")
    for batch in range(2):
        for place in range(5):
            post = cast.somebody(campaign).decided(f"selfie {batch} {place}".encode())
            decision_make(post=post, kind=DecisionKind.APPROVE)
        append_campaign(campaign)
    campaign_close(campaign=campaign, notice={"en": "Thank you."})
    assert append_campaign(campaign) == 0
    cast.house.clock.advance(600)
    assert append_campaign(campaign) == 6
    newest = Entry.objects.filter(campaign=campaign).order_by("-position").first()
    assert newest is not None and newest.kind == "phase"
