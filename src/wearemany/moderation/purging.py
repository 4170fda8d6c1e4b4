"""Erasing on the team's word: one post, or everything of a whole campaign.

Hidden at once, by one person. Carried out when a second person agrees, or alone after a set delay; until then it can
be undone. The orders lie in rows, so that no killed server forgets or doubles one. What the log has to say of a
campaign's end is the wall's business.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.forgetting import campaign_people_forget
from wearemany.campaigns.models import Campaign, Shut
from wearemany.campaigns.services import campaign_shut
from wearemany.errors import N_, Refused
from wearemany.moderation.adding import decision_add
from wearemany.moderation.answering import answers_close
from wearemany.moderation.erasing import erasure_order, posts_erase_whole
from wearemany.moderation.handing import review_close
from wearemany.moderation.models import (
    CampaignErasure,
    CheckIn,
    Decision,
    DecisionKind,
    Erasure,
    Seeding,
)
from wearemany.moderation.reasons import PURGED
from wearemany.moderation.standing import standing
from wearemany.photos.erasing import keys_destroy
from wearemany.photos.models import Post
from wearemany.photos.readiness import locked, post_taken_up
from wearemany.worker.claims import RELEASED
from wearemany.worker.loop import wake_on_commit

ERASED_AT_ONCE = 200
"""How many posts of a campaign are erased in one transaction: some tenths of a second."""


@dataclass(frozen=True)
class Purge:
    """An erasure that the team asked for and that can still be undone: by whom, and when it comes by itself."""

    account_id: int | None
    account_name: str
    due_at: datetime.datetime | None


@dataclass(frozen=True)
class Progress:
    """How far the erasure of a campaign is: posts erased of all there were, and the day when all was done."""

    erased: int
    posts: int
    done_day: datetime.date | None


def post_purge(*, post: Post, account: Account) -> bool:
    """Ask for a post to be erased, or agree to it: hidden at once; True when it is erased now, not after the delay.

    The same person again changes nothing. Undone by `decision_undo` until it is carried out.
    """
    with transaction.atomic():
        now = locked(post.pk)
        order = Erasure.objects.filter(post=now).first()
        newest = standing(now)
        is_ended = newest is not None and newest.kind == DecisionKind.WITHDRAW
        if order is not None and is_ended:
            if order.account_id in (None, account.pk):
                return order.due_at is not None and order.due_at <= clock.now()
            erasure_order(now, on_day=None, account=order.account)
            return True
        decision = decision_add(now, kind=DecisionKind.WITHDRAW, by="person", reason=PURGED, account=account)
        # A rejected post whose term ends earlier is not kept longer for being asked for twice.
        wait = delay()
        if order is not None and order.due_at is not None:
            wait = max(datetime.timedelta(), min(wait, order.due_at - clock.now()))
        erasure_order(now, on_day=None, after=wait, account=account)
        answers_close(now, decision)
        review_close(now)
        post_taken_up(now)
    return not wait


def post_purge_of(post: Post) -> Purge | None:
    """Return the team's order to erase a post; None when there is none, or it is another's."""
    row = Erasure.objects.filter(post=post).exclude(account=None).select_related("account").first()
    return _purge(row) if row is not None else None


def posts_purged(campaign: Campaign) -> int:
    """Return how many posts wait to be erased on the team's word."""
    return Erasure.objects.filter(post__campaign=campaign).exclude(account=None).count()


def campaign_purge(*, campaign: Campaign, account: Account) -> bool:
    """Ask for everything personal of a campaign to be erased, or agree to it; True when nothing is to be waited for.

    No post is shown or taken from this moment on. Whoever gets True lets the campaign burn.
    """
    with transaction.atomic():
        now = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if now.shut == Shut.ERASED:
            raise _erased_already()
        if now.shut == Shut.RESTORED:
            raise Refused(
                "campaign-restored",
                N_("This came back from a backup. Run `wearemany wall recover` first, or burn it."),
            )
        row = CampaignErasure.objects.filter(campaign=now).first()
        if row is not None:
            return row.account_id not in (None, account.pk)
        campaign_shut(campaign=now, shut=Shut.ASKED)
        CampaignErasure.objects.create(campaign=now, account=account, due_at=clock.now() + delay())
        wake_on_commit()
    return not delay()


def campaign_purge_undo(*, campaign: Campaign) -> None:
    """Take the order back: all that was in sight is in sight again. Refused when it was carried out."""
    with transaction.atomic():
        now = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if now.shut != Shut.ASKED:
            raise _erased_already() if now.shut else _not_asked()
        CampaignErasure.objects.filter(campaign=now).delete()
        campaign_shut(campaign=now, shut=Shut.NO)


def campaign_purge_of(campaign: Campaign) -> Purge | None:
    """Return the order to erase a campaign that waits; None when there is none, or it is being carried out."""
    rows = CampaignErasure.objects.filter(campaign=campaign, campaign__shut=Shut.ASKED)
    row = rows.select_related("account").first()
    return _purge(row) if row is not None else None


def campaign_erase_begin(*, campaign: Campaign) -> int:
    """Shut a campaign for good and destroy its keys; returns how many posts had one. Twice is once.

    1. doors, wall, the order for all that follows, in one transaction     crash: the worker goes on with 2
    2. every key, in another                                               crash: all of it or nothing
    """
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        CheckIn.objects.filter(campaign=campaign).delete()
        if campaign_shut(campaign=campaign, shut=Shut.ERASED):
            CampaignErasure.objects.update_or_create(
                campaign=campaign, defaults={"due_at": clock.now(), "attempts": 0, "trouble": "", **RELEASED}
            )
            wake_on_commit()
    return keys_destroy(campaign=campaign)


def campaign_erase_on(*, campaign: Campaign) -> bool:
    """Erase the next posts of a campaign that was shut for good; True when nothing personal is left in the rows."""
    keys_destroy(campaign=campaign)
    posts = list(Post.objects.filter(campaign=campaign, erased=False)[:ERASED_AT_ONCE])
    posts_erase_whole(posts)
    if posts:
        return False
    Erasure.objects.filter(post__campaign=campaign).delete()
    Decision.objects.filter(post__campaign=campaign).update(account=None, pseudonym="")
    CampaignErasure.objects.filter(campaign=campaign).update(account=None)
    Seeding.objects.filter(campaign=campaign).delete()
    campaign_people_forget(campaign=campaign)
    return True


def campaign_erase_progress(campaign: Campaign) -> Progress | None:
    """Return how far a campaign's erasure is; None while it was not begun."""
    row = CampaignErasure.objects.filter(campaign=campaign, campaign__shut=Shut.ERASED).first()
    if row is None:
        return None
    posts = Post.objects.filter(campaign=campaign)
    return Progress(posts.filter(erased=True).count(), posts.count(), row.done_day)


def check_in_set(*, campaign: Campaign, every_days: int) -> None:
    """Promise to look in every so many days, from now on; 0 ends the promise."""
    if every_days == 0:
        CheckIn.objects.filter(campaign=campaign).delete()
        return
    if not 1 <= every_days <= 365:
        raise Refused("check-in-days", N_("Give a number of days from 1 to 365, or 0 for none."))
    due_at = clock.now() + datetime.timedelta(days=every_days)
    CheckIn.objects.update_or_create(
        campaign=campaign, defaults={"every_days": every_days, "due_at": due_at, **RELEASED}
    )


def checked_in(*, campaign: Campaign) -> datetime.datetime:
    """Note that an organiser is there; returns by when the next one has to be. Refused when nothing was promised."""
    row = CheckIn.objects.filter(campaign=campaign).first()
    if row is None:
        raise Refused(
            "check-in-none", N_("Nobody promised to look in here, so nothing burns when nobody does.")
        )
    check_in_set(campaign=campaign, every_days=row.every_days)
    return clock.now() + datetime.timedelta(days=row.every_days)


def delay() -> datetime.timedelta:
    """Return for how long one person's wish waits for a second person."""
    return datetime.timedelta(hours=settings.WEAREMANY["ERASE_DELAY_HOURS"])


def _purge(row: Erasure | CampaignErasure) -> Purge:
    return Purge(row.account_id, row.account.name if row.account else "", row.due_at)


def _erased_already() -> Refused:
    return Refused(
        "campaign-erased", N_("Everything personal of this campaign was erased. That cannot be undone.")
    )


def _not_asked() -> Refused:
    return Refused("erasure-none", N_("Nobody asked for this to be erased."))
