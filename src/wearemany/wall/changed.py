"""Posts that changed, as they are now: the decision that holds, what hides them, their living entry. Reads only.

Whatever changes later leaves a row of its own (`photos.untold`), so that what is read here need not be one moment.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from wearemany.campaigns.models import Campaign
from wearemany.moderation.models import Claim, Decision, DecisionKind
from wearemany.photos.models import Post
from wearemany.photos.orders import SEED
from wearemany.wall.models import Entry


@dataclass(frozen=True)
class Changed:
    """One post. `decided_at` orders posts by the decisions that they go by."""

    post: Post
    decision: str
    colour: bool | None
    decided_at: int
    is_hidden: bool
    entry: Entry | None

    @property
    def is_approved(self) -> bool:
        """Tell whether it may be on the wall by decision."""
        return self.decision == DecisionKind.APPROVE and not self.post.erased

    @property
    def may_join(self) -> bool:
        """Tell whether it waits to come onto the wall."""
        return self.is_approved and self.entry is None and self.post.ready and not self.is_hidden


def look(campaign: Campaign, post_ids: Collection[str]) -> list[Changed]:
    """Return posts as they are now, in the order of their decisions: four queries, however many they are.

    Rows are looked up by their posts alone: asked for the campaign too, or for an order, SQLite would read all of it.
    """
    # Test pictures are never decided, and would not join if they were.
    posts = Post.objects.filter(pk__in=post_ids).exclude(door=SEED)
    standing = Decision.objects.filter(post__in=post_ids, undone=False).order_by("position")
    decided = {row[0]: row for row in standing.values_list("post_id", "kind", "colour", "pk")}
    claims = Claim.objects.filter(post__in=post_ids, open=True, hides=True)
    hidden = set(claims.values_list("post_id", flat=True))
    living = Entry.objects.filter(live=True, post__in=post_ids).order_by()
    entries = {entry.post_id: entry for entry in living}
    found: list[Changed] = []
    for post in posts if post_ids else ():
        if post.campaign_id != campaign.pk:
            continue
        _, kind, colour, decided_at = decided.get(post.pk, ("", "", None, 0))
        found.append(Changed(post, kind, colour, decided_at, post.pk in hidden, entries.get(post.pk)))
    return sorted(found, key=lambda one: one.decided_at)
