"""The job after a campaign's rules were made stricter: what is public already is brought in line, post by post.

The campaign's `Tightening` row holds the job; what is left to do is read off the posts themselves, so a killed server
goes on where it was, and doing a post twice changes nothing. The order is one of safety:

    1. comments that were shown at once are held, or erased        from the change on they are not shown anyway
    2. a post that was to be covered anew and in which a face may have been missed leaves the wall, for a person to look
    3. its photos are due in the darkroom                          until then nobody is shown them
    4. when no photo waits any more, the database's own files are wiped of the keys of the old pictures
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign, Tightening
from wearemany.campaigns.services import visible_version_bump
from wearemany.conversations.services import comments_tighten
from wearemany.moderation.models import DecisionKind
from wearemany.moderation.policy import may_miss_a_face
from wearemany.moderation.services import decision_undo, facts_of
from wearemany.moderation.standing import standing
from wearemany.photos.models import Post
from wearemany.photos.strictness import post_tighten, posts_beyond, posts_under_way
from wearemany.worker.claims import LeaseLost, claim, finish, postpone
from wearemany.worker.loop import wake_on_commit
from wearemany.worker.scrub import scrub
from wearemany.worker.seldom import Seldom

LEASE_S = 120.0
_BATCH = 25
_LOOK_AGAIN_S = 2.0
_left_watch = Seldom(every_s=3600.0)


@dataclass(frozen=True)
class Progress:
    """How far a job is: `left` of `total` posts are still to be changed; `is_over` when nothing is left to do."""

    total: int
    left: int
    is_over: bool
    trouble: str = ""

    @property
    def done(self) -> int:
        """How many posts are as the rules ask."""
        return max(0, self.total - self.left)


def posts_tighten_pending() -> int:
    """Bring a batch of posts in line, for each campaign whose rules were made stricter; return how many posts."""
    if _left_watch.is_time():
        _left_look()
    handled = 0
    for row in claim(Tightening, limit=4, lease_s=LEASE_S):
        try:
            handled += _tightened(row)
        except LeaseLost:
            continue
    return handled


def tightening_progress(campaign: Campaign) -> Progress | None:
    """Return how far the campaign's last tightening is; None when there never was one."""
    row = Tightening.objects.filter(campaign=campaign).first()
    if row is None:
        return None
    left = 0 if row.due_at is None else _left(campaign)
    return Progress(max(row.total, left), left, row.due_at is None, row.trouble)


def _tightened(row: Tightening) -> int:
    campaign = row.campaign
    if not row.total:
        Tightening.objects.filter(pk=row.pk, total=0).update(total=_left(campaign))
    if row.holds_comments:
        with transaction.atomic():
            comments_tighten(campaign=campaign)
            Tightening.objects.filter(pk=row.pk).update(holds_comments=False)
    posts = list(posts_beyond(campaign).values_list("pk", flat=True)[:_BATCH])
    for post_id in posts:
        _post_tightened(post_id)
    if posts:
        postpone(row, code="", wait_s=0)
    elif posts_under_way(campaign):
        postpone(row, code="", wait_s=_LOOK_AGAIN_S)
    elif not scrub():
        postpone(row, code="database-busy", wait_s=_LOOK_AGAIN_S)
    else:
        finish(row)
    return len(posts)


def _post_tightened(post_id: str) -> None:
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(pk=post_id, erased=False).first()
        if post is None:
            return
        was_seen = post_tighten(post)
        # Photos that nobody has developed yet say nothing of faces; such a post was not approved either.
        if was_seen and _is_approved(post) and may_miss_a_face(facts_of(post, is_edit=False)):
            _wait_for_person(post)
        visible_version_bump(post.campaign_id)
        wake_on_commit()


def _wait_for_person(post: Post) -> None:
    """Take back every approval of a post: a person looks again, at the covered picture."""
    while _is_approved(post):
        decision_undo(post=post)


def _is_approved(post: Post) -> bool:
    newest = standing(post)
    return newest is not None and newest.kind == DecisionKind.APPROVE


def _left(campaign: Campaign) -> int:
    return posts_beyond(campaign).count() + posts_under_way(campaign)


def _left_look() -> None:
    """Begin again where something came in under the old rules after all: it was sent in that very moment."""
    for row in Tightening.objects.filter(due_at=None).select_related("campaign"):
        if posts_beyond(row.campaign).exists():
            Tightening.objects.filter(pk=row.pk, due_at=None).update(due_at=clock.now())
