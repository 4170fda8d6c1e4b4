"""Random histories of a campaign: the head says the fold from zero, and nothing that changed is left untold."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.cast import Cast
from tests.wall.walls import assert_all_told, assert_sound
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_close, campaign_pause, campaign_resume
from wearemany.darkroom.geometry import Box
from wearemany.errors import Refused
from wearemany.moderation.claims import ClaimOrder, claim_make
from wearemany.moderation.models import DecisionKind
from wearemany.moderation.services import (
    decide_pending,
    decision_make,
    decision_undo,
    decisions_reverse,
    erase_pending,
    post_take_down,
    post_withdraw,
)
from wearemany.photos.models import Post, Untold
from wearemany.photos.orders import PostChange
from wearemany.photos.services import photo_cover, post_amend
from wearemany.photos.steps import develop_pending
from wearemany.wall.entry import decode
from wearemany.wall.log import append_campaign, append_pending
from wearemany.wall.models import Entry, LogHead
from wearemany.wall.repeats.matching import match_pending
from wearemany.wall.tally import Tally, fold

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

BOX = Box(0.1, 0.1, 0.3, 0.3)


def join(cast: Cast, post: Post, chance: random.Random) -> None:
    """Somebody posts: a fresh picture, one that a person has to look at, or one that was there before."""
    marks = (
        f"selfie {chance.random()}",
        f"selfie {chance.random()}",
        f"refer {chance.random()}",
        "one selfie",
    )
    cast.somebody(post.campaign).decided(chance.choice(marks).encode())


def approve(cast: Cast, post: Post, chance: random.Random) -> None:
    """A moderator approves, perhaps with a word on the colour."""
    word = chance.choice([True, False, None])
    decision_make(post=post, kind=DecisionKind.APPROVE, account=cast.moderator, colour=word)


def reject(cast: Cast, post: Post, _: random.Random) -> None:
    """A moderator rejects."""
    decision_make(post=post, kind=DecisionKind.REJECT, reason="off-call", account=cast.moderator)


def undo(cast: Cast, post: Post, _: random.Random) -> None:
    """The newest decision is taken back."""
    decision_undo(post=post, account=cast.moderator)


def reverse(cast: Cast, post: Post, _: random.Random) -> None:
    """Everything that one moderator did is taken back."""
    decisions_reverse(campaign=post.campaign, account=cast.moderator)


def withdraw(_: Cast, post: Post, __: random.Random) -> None:
    """An author takes a post back."""
    post_withdraw(post=post)


def edit(_: Cast, post: Post, chance: random.Random) -> None:
    """An author finds other words, and policy or a person lets them count."""
    post_amend(post=post, change=PostChange(caption=f"words {chance.random()}"))
    decide_pending()


def cover(_: Cast, post: Post, chance: random.Random) -> None:
    """An author covers more of a picture; the darkroom lays it over at once or later."""
    photo = post.photos.first()
    if photo is not None:
        photo_cover(photo=photo, boxes=[BOX])
    if chance.random() < 0.7:
        develop(_, post, chance)


def develop(_: Cast, __: Post, ___: random.Random) -> None:
    """The darkroom and the policy do what waits for them."""
    develop_pending()
    decide_pending()


def claim(_: Cast, post: Post, chance: random.Random) -> None:
    """Somebody says that a post shows them: it is hidden until a person has looked."""
    claim_make(ClaimOrder(post=post, kind="pictured", number=f"number {chance.random()}", wall_posts=100))


def take_down(cast: Cast, post: Post, _: random.Random) -> None:
    """A moderator believes the claim."""
    post_take_down(post=post, reason="claim-pictured", account=cast.moderator)


def erase(cast: Cast, _: Post, __: random.Random) -> None:
    """Some weeks go by, and what was rejected is erased."""
    cast.house.clock.advance(20 * 86400)
    erase_pending()


def match(_: Cast, __: Post, ___: random.Random) -> None:
    """The matcher looks for repeats."""
    match_pending()


def phase(_: Cast, post: Post, chance: random.Random) -> None:
    """The campaign pauses, or goes on."""
    move = chance.choice([campaign_pause, campaign_resume])
    move(campaign=post.campaign, notice={"en": "Until spring."})


ACTS: tuple[Callable[[Cast, Post, random.Random], None], ...] = (
    *(join, join, join, approve, approve, reject, undo, reverse, withdraw),
    *(edit, cover, develop, claim, take_down, erase, match, phase),
)


def folded(campaign: Campaign) -> Tally:
    """Count the campaign's entries from the first one, as their bytes stand in the rows."""
    lines = Entry.objects.filter(campaign=campaign).order_by("position").values_list("line", flat=True)
    return fold(decode(bytes(line)) for line in lines)


@pytest.mark.parametrize("preset", ["everyday", "careful"])
@pytest.mark.parametrize("seed", [3, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 24))])
def test_the_head_is_the_fold_and_nothing_is_left_untold(
    committed_cast: Cast, preset: str, seed: int
) -> None:
    """After every look the kept figures are those of all entries, and no post is otherwise than its entry says."""
    cast = committed_cast
    campaign = cast.campaign_with(preset=preset, handle="by-chance")
    chance = random.Random(f"{preset} {seed}")
    cast.somebody(campaign).decided(b"selfie")
    for _ in range(40):
        post = chance.choice(list(Post.objects.filter(campaign=campaign).order_by("pk")))
        with suppress(Refused):
            chance.choice(ACTS)(cast, post, chance)
        if chance.random() < 0.5:
            append_pending()
            head = LogHead.objects.get(campaign=campaign)
            assert Tally.from_json(head.tally) == Tally.from_json(head.published_tally) == folded(campaign)
            assert_all_told(campaign)
            assert not Untold.objects.filter(campaign=campaign, waits=False).exists()
    with suppress(Refused):
        campaign_close(campaign=campaign, notice={"en": "Thank you."})
    append_pending()
    assert append_campaign(campaign) == 0
    assert assert_sound(campaign).tally == folded(campaign)
