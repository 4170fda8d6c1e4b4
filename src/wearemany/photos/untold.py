"""Changes of posts that the wall may have to tell of, as rows: left with the change, gone once the wall has looked.

So nobody looks at a long wall from end to end to find the one post that changed, no restart or late commit loses
a change, and a change that comes while the wall looks has a row of its own and is looked at next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from wearemany.campaigns.models import Campaign
from wearemany.photos.models import Post, Untold

_CHUNK = 5_000


def untold_leave(post: Post) -> None:
    """Ask the wall to look at a post; inside the transaction of every change that its entries may have to tell."""
    Untold.objects.create(post_id=post.pk, campaign_id=post.campaign_id)


def untold_leave_for(posts: Iterable[tuple[str, int]]) -> None:
    """Ask the same for many posts, each with its campaign's id."""
    Untold.objects.bulk_create(
        (Untold(post_id=post, campaign_id=campaign) for post, campaign in posts), batch_size=_CHUNK
    )


def untold_fresh(campaign: Campaign, *, limit: int) -> dict[int, str]:
    """Return the oldest changes that nobody has looked at, row by row: its id, and which post changed."""
    rows = Untold.objects.filter(campaign=campaign, waits=False).order_by("pk")
    return dict(rows.values_list("pk", "post_id")[:limit])


def untold_waiting(campaign: Campaign) -> dict[int, str]:
    """Return the changes that were looked at and wait for their release, in the same form."""
    return dict(Untold.objects.filter(campaign=campaign, waits=True).values_list("pk", "post_id"))


def untold_put_off(rows: Collection[int]) -> None:
    """Write down that these changes were looked at and wait for their release."""
    for some in _chunks(rows):
        Untold.objects.filter(pk__in=some, waits=False).update(waits=True)


def untold_forget(rows: Collection[int]) -> None:
    """Forget changes of which nothing is left to tell; what changed since then has rows of its own."""
    for some in _chunks(rows):
        Untold.objects.filter(pk__in=some).delete()


def _chunks(rows: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(rows)
    return (ordered[first : first + _CHUNK] for first in range(0, len(ordered), _CHUNK))
