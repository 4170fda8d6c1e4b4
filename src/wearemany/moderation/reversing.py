"""Undoing all that one colleague did: what it would touch, and taking it back, should it have been a mistake.

The act itself is `services.decisions_reverse`. Taking it back adds the same decisions again, in the same name, where
nobody decided meanwhile: decisions are only ever added.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, Refused
from wearemany.moderation.models import Claim, Decision, DecisionKind, Reversal, ReversedDecision
from wearemany.moderation.services import decision_make, decisions_of, post_take_down
from wearemany.moderation.standing import standings
from wearemany.photos.models import Post
from wearemany.worker.seldom import Seldom

KEPT = timedelta(days=30)
_forget_watch = Seldom(every_s=3600.0)


@dataclass(frozen=True)
class Touched:
    """What reversing somebody would do: posts that leave the wall, that wait for a person again, that come back.

    `stay` as they are: somebody else's decision holds, or says the same.
    """

    leave: int = 0
    wait: int = 0
    come_back: int = 0
    stay: int = 0


def reversal_preview(*, campaign: Campaign, account: Account) -> Touched:
    """Return what `decisions_reverse` would touch now."""
    posts = list(decisions_of(campaign, account).values_list("post", flat=True).distinct())
    before = standings(posts)
    others = Decision.objects.filter(post__in=posts, undone=False).exclude(account=account)
    after = {row.post_id: row.kind for row in others.order_by("post_id", "position")}
    found = Counter(_fate(before[post_id].kind, after.get(post_id)) for post_id in posts)
    return Touched(**found)


def _fate(before: str, after: str | None) -> str:
    if before == DecisionKind.APPROVE:
        return "stay" if after == DecisionKind.APPROVE else "leave"
    if after is None:
        return "wait"
    return "come_back" if after == DecisionKind.APPROVE else "stay"


def reversals_of(campaign: Campaign) -> list[Reversal]:
    """Return the reversals that can still be taken back."""
    rows = Reversal.objects.filter(campaign=campaign, undone=False).select_related("whose", "by")
    return list(rows.order_by("-day", "pk"))


def reversal_undo(*, reversal: str, campaign: Campaign) -> int:
    """Take a reversal back; returns how many posts stand again as they did. Repeat if it stops.

    A post that somebody decided meanwhile, or that is gone, stays as it is. Raises Refused `nothing-to-undo`.
    """
    found = Reversal.objects.filter(pk=reversal, campaign=campaign, undone=False).first()
    if found is None:
        raise Refused("nothing-to-undo", N_("There is no decision here that could be undone."))
    again = sum(_restored(row.decision) for row in _rows(found))
    Reversal.objects.filter(pk=found.pk).update(undone=True)
    return again


def reversals_forget_pending() -> int:
    """Once an hour, delete reversals of a month ago: by then whose decisions they were is not known either."""
    if not _forget_watch.is_time():
        return 0
    deleted, _ = Reversal.objects.filter(day__lt=clock.now().date() - KEPT).delete()
    return deleted


def _rows(found: Reversal) -> list[ReversedDecision]:
    return list(found.decisions.select_related("decision__post", "decision__account").order_by("pk"))


def _restored(old: Decision) -> bool:
    """Decide as before; False when somebody decided since, or the post cannot be decided so any more."""
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=old.post_id)
        newest = Decision.objects.filter(post=post).order_by("-position").first()
        if newest is None or newest.pk != old.pk or not newest.undone:
            return False
        if old.kind == DecisionKind.APPROVE and Claim.objects.filter(post=post, open=True).exists():
            # A word of somebody in the picture is answered by a person, never by this.
            return False
        try:
            if old.kind == DecisionKind.WITHDRAW:
                post_take_down(post=post, reason=old.reason, account=old.account)
            else:
                decision_make(
                    post=post, kind=old.kind, reason=old.reason, account=old.account, colour=old.colour
                )
        except Refused:
            return False
    return True
