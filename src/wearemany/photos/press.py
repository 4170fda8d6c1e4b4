"""The copy for newspapers: whether a post is to have one, and how it goes when its author takes that word back.

It is made while a photo is developed, for only then there is more than the public size; so the wish must be known by
then. It is a row and a sealed blob like every copy, but no public address ever opens it (`showing.press_open`).
"""

from __future__ import annotations

from wearemany.campaigns.services import preset_rules
from wearemany.darkroom.orders import PRESS_PX
from wearemany.photos.doomed import blobs_doom
from wearemany.photos.models import ConsentKind, Post, Rendition
from wearemany.photos.orders import OF_MINORS

PRESS = "press"
"""The size of the copy for newspapers, which is shown among no others."""


def press_px(post: Post) -> int:
    """Return the longest side of the copy for newspapers; 0 where there is to be none."""
    agreed = post.consents.filter(kind=ConsentKind.PRESS).exists()
    is_allowed = agreed and post.door != OF_MINORS and preset_rules(post.campaign).pictures_out
    return PRESS_PX if is_allowed else 0


def press_forget(post: Post) -> None:
    """Forget the post's copies for newspapers, in the transaction that takes the consent back; twice is once."""
    copies = Rendition.objects.filter(photo__post=post, size=PRESS)
    blobs_doom(list(copies.values_list("blob", flat=True)))
    copies.delete()
