"""Which entries are public: the one place in which pages, streams and feeds ask.

Public is a post whose entry stands under the public checkpoint, which no `removed` entry marks, whose newest
decision approves, and which is not erased. The last two hold at once, before the log says so.
"""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from wearemany.campaigns.models import Campaign
from wearemany.moderation.models import Decision, DecisionKind
from wearemany.wall.models import Cursor, Entry, LogHead
from wearemany.wall.tally import Tally

REPEATS_CONSUMER = "repeats"


def public_entries(campaign: Campaign, *, first: int, end: int) -> QuerySet[Entry]:
    """Return public post entries with positions in [first, end), their posts at hand, in no order."""
    newest = (
        Decision.objects.filter(post=OuterRef("post"), undone=False).order_by("-position").values("kind")[:1]
    )
    return (
        Entry.objects.filter(
            campaign=campaign,
            kind="post",
            live=True,
            position__gte=first,
            position__lt=end,
            post__erased=False,
        )
        .annotate(decided=Subquery(newest))
        .filter(decided=DecisionKind.APPROVE)
        .select_related("post")
    )


def public_tally(campaign: Campaign) -> Tally:
    """Return the figures of the campaign's log; all zero before its first entry."""
    head = LogHead.objects.filter(campaign=campaign).first()
    return Tally.from_json(head.tally) if head and head.tally else Tally()


def repeats_checked_to(campaign: Campaign) -> int:
    """Return up to which entry the wall was searched for repeats of the same picture."""
    cursor = Cursor.objects.filter(campaign=campaign, consumer=REPEATS_CONSUMER).first()
    return cursor.position if cursor else 0
