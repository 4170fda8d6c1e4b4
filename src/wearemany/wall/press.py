"""What newspapers may have: public posts whose authors agreed, and the picture of one. Who may ask, the desk says.

As with everything public, what is taken back, hidden or not agreed to any more is not here from that moment on.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import preset_rules
from wearemany.photos.models import Consent, ConsentKind, Photo, Post
from wearemany.photos.orders import OF_MINORS
from wearemany.photos.showing import OpenedRendition, PhotoView, photos_of_posts, press_open
from wearemany.wall.models import Entry
from wearemany.wall.queries import public_entries


@dataclass(frozen=True)
class PressPost:
    """A public post that newspapers may print: its number, its words in the row, its developed photos in order."""

    position: int
    post: Post
    photos: tuple[PhotoView, ...]


def press_posts(campaign: Campaign, *, before: int | None, limit: int) -> list[PressPost]:
    """Return up to `limit` posts with numbers below `before`, the newest first; none where pictures stay here."""
    entries = list(_agreed(campaign, first=0, end=before).order_by("-position")[:limit])
    photos = photos_of_posts([entry.post for entry in entries if entry.post is not None])
    return [
        PressPost(entry.position, entry.post, tuple(one for one in shown if one.state == "developed"))
        for entry in entries
        if entry.post is not None and (shown := photos.get(entry.post.pk, ()))
    ]


def press_picture(campaign: Campaign, *, position: int, number: int) -> OpenedRendition | None:
    """Return a picture of a post as newspapers get it, its photos counted from 1; None when it is not for them."""
    entry = _agreed(campaign, first=position, end=position + 1).first()
    if entry is None:
        return None
    photo = Photo.objects.filter(post_id=entry.post_id, position=number - 1).first()
    return press_open(photo) if photo else None


def _agreed(campaign: Campaign, *, first: int, end: int | None) -> QuerySet[Entry]:
    entries = public_entries(campaign, first=first, end=end)
    if not preset_rules(campaign).pictures_out:
        return entries.none()
    agreed = Consent.objects.filter(post__campaign=campaign, kind=ConsentKind.PRESS).values("post_id")
    return entries.filter(post_id__in=agreed).exclude(post__door=OF_MINORS)
