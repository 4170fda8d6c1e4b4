"""Pictures that a person refused: one like it waits for a person when it comes again, by whomever and however varied.

Nothing is kept for this. A refused post's fingerprints are there until its appeal term ends and it is erased with
them; for so long whoever sends it again has to get it past a person. Nothing is refused by this: an honest picture
that somebody copied, so as to have the copy refused, waits a little and is shown.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from wearemany.darkroom.nearness import distance
from wearemany.moderation.models import Decision, DecisionKind
from wearemany.photos.models import Development, Post

NEAR_BITS = 60
QUALITY_LEAST = 50
COMPARED_MOST = 5_000


def is_like_refused(post: Post) -> bool:
    """Tell whether one of a post's pictures is near one that a person refused here and that is not yet erased."""
    mine = _prints(Development.objects.filter(photo__post=post))
    if not mine:
        return False
    refused = Decision.objects.filter(post=OuterRef("photo__post"), kind=DecisionKind.REJECT, undone=False)
    theirs = Development.objects.filter(
        Exists(refused), photo__post__campaign=post.campaign_id, photo__post__erased=False
    ).exclude(photo__post=post)
    return any(distance(one, other) <= NEAR_BITS for other in _prints(theirs) for one in mine)


def _prints(rows: QuerySet[Development]) -> list[bytes]:
    found = rows.filter(fingerprint_quality__gte=QUALITY_LEAST).values_list("fingerprint", flat=True)
    return [bytes(content) for content in found[:COMPARED_MOST]]
