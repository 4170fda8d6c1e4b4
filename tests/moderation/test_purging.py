"""Erasing on the team's word: hidden at once by one person, carried out by two, or by one after the delay."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import Cast
from wearemany.campaigns.models import Campaign, Membership, Voice
from wearemany.conversations.services import comment_add
from wearemany.errors import Refused
from wearemany.moderation.models import Erasure
from wearemany.moderation.purging import (
    campaign_purge,
    campaign_purge_of,
    campaign_purge_undo,
    post_purge,
    post_purge_of,
)
from wearemany.moderation.services import decision_undo, erase_pending, post_withdraw
from wearemany.photos.models import Photo, Post, PostKey
from wearemany.wall.burning import burn_pending
from wearemany.wall.log import append_campaign
from wearemany.wall.queries import entry_of, post_state, tally
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
HOUR_S = 3600


@pytest.fixture
def post(committed_cast: Cast) -> Post:
    """A post on the wall."""
    post = committed_cast.supporter.decided()
    append_campaign(committed_cast.campaign)
    assert entry_of(post) is not None
    return post


def is_erased(post: Post) -> bool:
    post.refresh_from_db()
    return post.erased and not PostKey.objects.filter(post=post).exists()


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def test_one_person_hides_a_post_at_once_and_erases_it_after_the_delay(
    committed_cast: Cast, post: Post
) -> None:
    """Hidden with the asking; twenty-three hours later it is still there to be undone, two hours later it is not."""
    assert post_purge(post=post, account=committed_cast.organiser) is False
    assert (entry_of(post), post_state(post)) == (None, "withdrawn")
    assert post_purge(post=post, account=committed_cast.organiser) is False, "the same person is no second"
    committed_cast.house.clock.advance(23 * HOUR_S)
    assert erase_pending() == 0
    assert not is_erased(post)
    committed_cast.house.clock.advance(2 * HOUR_S)
    erase_pending()
    assert is_erased(post)
    assert not Erasure.objects.exists()


def test_a_second_person_has_it_erased_now(committed_cast: Cast, post: Post) -> None:
    """Two people, and nothing is waited for."""
    post_purge(post=post, account=committed_cast.organiser)
    order = post_purge_of(post)
    assert order is not None
    assert order.account_name == committed_cast.organiser.name
    assert post_purge(post=post, account=committed_cast.moderator) is True
    erase_pending()
    assert is_erased(post)


def test_until_then_it_can_be_undone(committed_cast: Cast, post: Post) -> None:
    """Undone, the post is what it was; erased, nobody brings it back."""
    post_purge(post=post, account=committed_cast.organiser)
    append_campaign(committed_cast.campaign)
    decision_undo(post=post)
    assert post_purge_of(post) is None
    append_campaign(committed_cast.campaign)
    assert entry_of(post) is not None
    committed_cast.house.clock.advance(48 * HOUR_S)
    assert erase_pending() == 0
    assert Photo.objects.filter(post=post).exists()


def test_its_author_need_not_wait(committed_cast: Cast, post: Post) -> None:
    """Taken back by its author meanwhile, it is erased at once."""
    post_purge(post=post, account=committed_cast.organiser)
    post_withdraw(post=post)
    assert is_erased(post)


def test_a_campaign_is_out_of_sight_at_once_and_can_be_undone(committed_cast: Cast, post: Post) -> None:
    """Asked for by one: no post is shown, none is taken, no comment; undone: all is as before. The number stays."""
    campaign = committed_cast.campaign
    assert campaign_purge(campaign=campaign, account=committed_cast.organiser) is False
    assert entry_of(Post.objects.get(pk=post.pk)) is None
    assert tally(campaign).posts == 1
    assert refused(committed_cast.stranger.posts) == "campaign-shut"
    shut = Post.objects.get(pk=post.pk)
    assert refused(lambda: comment_add(post=shut, name="", text="Hello", language="en")) == "comments-closed"
    order = campaign_purge_of(campaign)
    assert order is not None
    assert order.account_id == committed_cast.organiser.pk
    campaign_purge_undo(campaign=campaign)
    assert entry_of(Post.objects.get(pk=post.pk)) is not None
    committed_cast.stranger.posts()
    assert refused(lambda: campaign_purge_undo(campaign=campaign)) == "erasure-none"


def test_after_the_delay_a_campaign_is_erased_by_itself(committed_cast: Cast, post: Post) -> None:
    """Nobody agreed and nobody undid it: a day later everything of people is gone, the team too; the number stays."""
    campaign = committed_cast.campaign
    Voice.objects.create(campaign=campaign, name="Vera")
    campaign_purge(campaign=campaign, account=committed_cast.organiser)
    committed_cast.house.clock.advance(23 * HOUR_S)
    assert burn_pending() == 0
    committed_cast.house.clock.advance(2 * HOUR_S)
    run_until_idle((burn_pending,))
    assert is_erased(post)
    assert not Membership.objects.exists()
    assert not Voice.objects.exists()
    assert refused(lambda: campaign_purge_undo(campaign=campaign)) == "campaign-erased"
    assert Campaign.objects.get(pk=campaign.pk).phase == "closed"
    assert tally(campaign).posts == 1


def test_a_second_person_makes_the_campaign_due(committed_cast: Cast, post: Post) -> None:
    """The first is told to wait, again and again; the second is not."""
    campaign = committed_cast.campaign
    assert [
        campaign_purge(campaign=campaign, account=account)
        for account in (committed_cast.organiser, committed_cast.organiser, committed_cast.moderator)
    ] == [False, False, True]
