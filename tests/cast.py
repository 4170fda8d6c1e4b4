"""The standing cast: an organiser, a moderator, a supporter, a stranger, and the campaign that they meet in.

Tests speak of these people by name, so that every room's tests tell one story.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.rig import House
from wearemany.accounts.models import Account
from wearemany.accounts.services import account_create
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign, Membership, Role
from wearemany.campaigns.services import CallWords, CampaignOrder, campaign_open
from wearemany.moderation.services import decide_pending
from wearemany.photos.models import Post
from wearemany.photos.orders import TICKS, PostOrder
from wearemany.photos.services import form_digest, post_confirm, post_submit, upload_receive
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.worker.loop import run_until_idle

SELFIE = b"selfie in a red coat, straight from the phone"
CODE = "amber birch cedar delta ember frost grove"
STRANGERS_CODE = "apple beach cloud dream eagle flame grape"


@dataclass
class Supporter:
    """Somebody who posts. Has no account, only the code of the post."""

    house: House
    campaign: Campaign
    code: str = CODE

    def order(self, *contents: bytes, **changes: Any) -> PostOrder:
        """Return a complete order; its photos were received from this supporter's form just now."""
        uploads = [
            upload_receive(received=self.house.received(content), form_digest=form_digest(self.form_token))
            for content in contents or (SELFIE,)
        ]
        order = PostOrder(
            campaign=self.campaign,
            code=self.code,
            form_token=self.form_token,
            upload_ids=tuple(upload.pk for upload in uploads),
            cover="nobody",
            language="ru",
            terms_version="2026-03",
            ticks=TICKS,
            caption="Мы не равнодушны",
        )
        return replace(order, **changes)

    @property
    def form_token(self) -> str:
        """The token of the form that this supporter has open."""
        return f"form of {self.code}"

    def posts(self, *contents: bytes, **changes: Any) -> Post:
        """Submit a post and return it; nothing is developed yet."""
        return post_submit(self.order(*contents, **changes))

    def posted(self, *contents: bytes, **changes: Any) -> Post:
        """Submit a post, have it developed, confirm its cover where one was asked, and hand it on."""
        post = self.posts(*contents, **changes)
        run_until_idle((develop_pending, blobs_doom_pending))
        if post.cover != "nobody":
            post_confirm(post=post)
        post.refresh_from_db()
        return post

    def decided(self, *contents: bytes, **changes: Any) -> Post:
        """As `posted`, and policy has taken it up: approved, or before a person."""
        post = self.posted(*contents, **changes)
        decide_pending()
        post.refresh_from_db()
        return post


@dataclass
class Cast:
    """Everybody, and the campaign they meet in."""

    house: House
    campaign: Campaign
    organiser: Account
    moderator: Account
    supporter: Supporter
    stranger: Supporter

    def campaign_with(self, *, preset: str, handle: str) -> Campaign:
        """Open another campaign by the same organiser, as careful as asked."""
        return campaign_open(campaign_order(preset=preset, handle=handle), organiser=self.organiser)

    def somebody(self, campaign: Campaign | None = None) -> Supporter:
        """Return one more supporter, with a code that nobody else has."""
        letters = clock.random_bytes(14).hex().translate(str.maketrans("0123456789", "ghijklmnop"))
        code = " ".join(letters[place : place + 4] for place in range(0, 28, 4))
        return Supporter(self.house, campaign or self.campaign, code)


def campaign_order(*, preset: str = "everyday", handle: str = "we-are-many") -> CampaignOrder:
    """Return the order of the campaign of these tests."""
    return CampaignOrder(
        handle=handle,
        phrase="Нас много и мы не равнодушны",
        words={
            "ru": CallWords(
                "Нас много", "Наденьте красное и покажите, что вам не всё равно.", "Журналистка."
            ),
            "en": CallWords("We are many", "Wear something red and show that you care.", "A journalist."),
        },
        colour="red",
        preset=preset,
        honouree="Вера",
        time_zone="Europe/Moscow",
    )


def gather(house: House) -> Cast:
    """Open the campaign and bring everybody together."""
    organiser = account_create(name="Olga, organiser")
    moderator = account_create(name="Mark, moderator")
    campaign = campaign_open(campaign_order(), organiser=organiser)
    Membership.objects.create(campaign=campaign, account=moderator, role=Role.MODERATOR)
    return Cast(
        house=house,
        campaign=campaign,
        organiser=organiser,
        moderator=moderator,
        supporter=Supporter(house, campaign, CODE),
        stranger=Supporter(house, campaign, STRANGERS_CODE),
    )
