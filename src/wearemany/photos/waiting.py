"""Claim the photos whose turn it is: those of this process's own line, and those that nobody here knows the sender of.

A third of each round is for the latter: more cover for a picture, a photo that failed before, and whatever waited
when this process began. The rest is in turn. When both leave room, whoever waits longest, here or at another node.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from wearemany.adapters import clock
from wearemany.photos.models import Photo
from wearemany.photos.turns import line
from wearemany.worker.claims import claim
from wearemany.worker.seldom import Forgetful


class _Begun(Forgetful):
    """When this process began to develop: what is due from before has no sender here."""

    at: datetime | None = None

    def forget(self) -> None:
        self.at = None


_begun = _Begun()


def claim_in_turn(*, limit: int, lease_s: float) -> list[Photo]:
    """Claim up to `limit` photos, in the order in which they should be developed."""
    if _begun.at is None:
        _begun.at = clock.now()
    unknown = Q(upload=None) | Q(attempts__gt=0) | Q(due_at__lt=_begun.at)
    claimed = claim(Photo, limit=max(1, limit // 3), lease_s=lease_s, only=unknown)
    while len(claimed) < limit and (turn := line.next(limit - len(claimed))):
        # Some may be gone by now: taken back, or developed by another node that had nothing else to do.
        mine = {photo.pk: photo for photo in claim(Photo, limit=limit, lease_s=lease_s, only=Q(pk__in=turn))}
        claimed += [mine[photo_id] for photo_id in turn if photo_id in mine]
    if len(claimed) < limit:
        claimed += claim(Photo, limit=limit - len(claimed), lease_s=lease_s)
    return claimed
