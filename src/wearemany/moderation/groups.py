"""Hold everything that came by one invitation, and let it go again: for the day a group's link got into wrong hands.

Holding undoes the approvals that hold, so the posts disappear at once and wait for a person; letting go approves
again those that had been approved, and only those.
"""

from __future__ import annotations

from django.db import transaction

from wearemany.accounts.models import Account
from wearemany.campaigns.models import GroupInvitation
from wearemany.errors import Refused
from wearemany.moderation.handing import review_open
from wearemany.moderation.models import DecisionKind, Review
from wearemany.moderation.services import decision_make, decision_undo
from wearemany.moderation.standing import standing
from wearemany.photos.models import Post

HELD = "group-held"


def group_hold(*, invitation: GroupInvitation, account: Account | None = None) -> int:
    """Put every post of the group back before a person, and whatever it sends from now on; returns how many that were.

    Each post is its own transaction; should it stop half-way, the group is held already: repeat it.
    """
    GroupInvitation.objects.filter(pk=invitation.pk).update(held=True)
    held = 0
    for post in _posts(invitation):
        with transaction.atomic():
            now = Post.objects.select_for_update().get(pk=post.pk)
            if now.erased or not _is_approved(now):
                continue
            while _is_approved(now):
                decision_undo(post=now, account=account)
            if standing(now) is None:
                review_open(now, reasons=(HELD,))
                held += 1
    return held


def group_release(*, invitation: GroupInvitation, account: Account | None = None) -> int:
    """Let the group go: what holding had taken off the wall is approved again; returns how many posts that were.

    What came meanwhile, or had waited before, goes on waiting for a person.
    """
    GroupInvitation.objects.filter(pk=invitation.pk).update(held=False)
    released = 0
    for post in _posts(invitation):
        waiting = Review.objects.filter(post=post, open=True).first()
        was_approved = post.decisions.filter(kind=DecisionKind.APPROVE, undone=True).exists()
        if waiting is None or HELD not in waiting.reasons or not was_approved or standing(post) is not None:
            continue
        try:
            decision_make(post=post, kind=DecisionKind.APPROVE, account=account)
        except Refused:
            # Taken back, or being covered anew, at this moment: that goes its own way.
            continue
        released += 1
    return released


def _posts(invitation: GroupInvitation) -> list[Post]:
    return list(Post.objects.filter(group=invitation, erased=False).order_by("pk"))


def _is_approved(post: Post) -> bool:
    newest = standing(post)
    return newest is not None and newest.kind == DecisionKind.APPROVE
