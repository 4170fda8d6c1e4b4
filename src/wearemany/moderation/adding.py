"""Adding a decision: the one place that does. Who may decide what is `services`' and `purging`'s business."""

from __future__ import annotations

from django.db.models import Max

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.services import stream_version_bump, visible_version_bump
from wearemany.errors import N_, Broken
from wearemany.moderation.models import Decision, DecisionKind
from wearemany.photos.hushed import words_hush, words_voice
from wearemany.photos.models import Post
from wearemany.photos.orders import SEED
from wearemany.photos.untold import untold_leave
from wearemany.worker.loop import wake_on_commit


def decision_add(
    post: Post,
    *,
    kind: DecisionKind,
    by: str,
    reason: str = "",
    account: Account | None = None,
    colour: bool | None = None,
) -> Decision:
    """Add a decision to a locked post. Whatever may remove something from sight bumps the visible version.

    The words of what is to be seen by nobody are sealed with it, and opened again with an approval.

    Raises Broken `seed-decided` for a test picture: all that is public goes by decisions, and none may ever be.
    A post that was never approved was never seen: then nothing that the public can ask for may change with it, not
    even how long an answer takes, or a watcher would learn the second.
    """
    if post.door == SEED:
        raise Broken("seed-decided", N_("This cannot be decided. Nothing was changed."), cause=post.pk)
    was_seen = was_approved(post)
    newest = Decision.objects.filter(post=post).aggregate(newest=Max("position"))["newest"]
    decision = Decision.objects.create(
        post=post,
        position=0 if newest is None else newest + 1,
        kind=kind,
        by=by,
        reason=reason,
        account=account,
        colour=colour,
        day=clock.now().date(),
    )
    if kind == DecisionKind.APPROVE:
        words_voice(post)
    else:
        words_hush(post)
    untold_leave(post)
    # Of a post that nobody has seen nothing public changes: the row above is for the log alone.
    if was_seen and kind == DecisionKind.APPROVE:
        stream_version_bump(post.campaign_id)
    elif was_seen:
        visible_version_bump(post.campaign_id)
    wake_on_commit()
    return decision


def was_approved(post: Post) -> bool:
    """Tell whether a post may ever have been seen by others, whatever was decided or undone since."""
    return Decision.objects.filter(post=post, kind=DecisionKind.APPROVE).exists()
