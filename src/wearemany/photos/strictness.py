"""What a campaign's rules ask of pictures that are there already, and bringing a post in line with stricter ones.

Nothing is shown that the rules would not show: `is_within` is asked whenever a picture is opened, so that they hold
from the moment they are made stricter, long before the last picture is made anew.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.presets import PresetRules
from wearemany.campaigns.services import preset_rules
from wearemany.photos.models import CoverChoice, Photo, Post, Rendition
from wearemany.photos.press import PRESS, press_forget
from wearemany.photos.readiness import settle


def is_within(rules: PresetRules, *, cover: str, sides_px: tuple[int, int]) -> bool:
    """Tell whether a picture of these sides, made under this cover choice, may be shown under the rules."""
    return max(sides_px) <= rules.main_px and (rules.cover != "everybody" or cover == CoverChoice.EVERYBODY)


def copy_is_within(rules: PresetRules, *, cover: str, copy: Rendition) -> bool:
    """Tell the same of a copy that is there; one for newspapers may be larger, where they may have pictures at all."""
    if copy.size == PRESS:
        return rules.pictures_out and is_within(rules, cover=cover, sides_px=(0, 0))
    return is_within(rules, cover=cover, sides_px=(copy.width_px, copy.height_px))


def posts_beyond(campaign: Campaign) -> QuerySet[Post]:
    """Return the posts with a picture that the rules do not allow, or a choice that they do not leave any more."""
    rules = preset_rules(campaign)
    copies = Rendition.objects.filter(photo__post__campaign=campaign)
    beyond = Q(pk__in=_large(copies.filter(photo__due_at=None), rules).values("photo__post"))
    if not rules.pictures_out:
        beyond |= Q(pk__in=copies.filter(size=PRESS).values("photo__post"))
    if rules.cover == "everybody":
        beyond |= ~Q(cover=CoverChoice.EVERYBODY)
    return Post.objects.filter(beyond, campaign=campaign, erased=False)


def posts_under_way(campaign: Campaign) -> int:
    """Return how many posts have a developed photo that waits to be made anew."""
    photos = Photo.objects.filter(post__campaign=campaign, due_at__isnull=False, development__isnull=False)
    # A picture that the store has lost is shown to nobody, and nothing can be made of it.
    return photos.exclude(trouble="upload-lost").values("post").distinct().count()


def post_tighten(post: Post) -> bool:
    """Bring a locked post in line: its photos are due to be covered or cut; True when it was not covered before.

    Whoever chose to be seen by everybody need not confirm that less of them is seen.
    """
    rules = preset_rules(post.campaign)
    was_seen = rules.cover == "everybody" and post.cover != CoverChoice.EVERYBODY
    if was_seen:
        post.confirmed = post.confirmed or post.cover == CoverChoice.NOBODY
        post.cover = CoverChoice.EVERYBODY
        post.save(update_fields=["confirmed", "cover"])
    if not rules.pictures_out:
        press_forget(post)
    photos = Photo.objects.filter(post=post, development__isnull=False, due_at=None)
    large = _large(Rendition.objects.filter(photo__post=post), rules)
    due = photos if was_seen else photos.filter(pk__in=large.values("photo"))
    Photo.objects.filter(pk__in=list(due.values_list("pk", flat=True))).update(due_at=clock.now(), attempts=0)
    settle(post)
    return was_seen


def _large(copies: QuerySet[Rendition], rules: PresetRules) -> QuerySet[Rendition]:
    """Return those copies that are larger than what may be public."""
    is_large = Q(width_px__gt=rules.main_px) | Q(height_px__gt=rules.main_px)
    return copies.filter(is_large).exclude(size=PRESS)
