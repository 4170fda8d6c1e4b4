"""Which posts of these two days show nearly the same picture: told once for each, when its post is taken up.

A program can send one person's picture a thousand times, varied each time: a few of them pass, the rest waits for a
person, so that the number says nothing of how often it was sent. Pictures are compared with the first of each group,
mirrored and turned ones too. What is kept is only which photos are one group, as rows that go after two days or with
their post; from them the bursts at the desk are read. The firsts' fingerprints are also in each process's memory, an
hour at most. Two processes that take up near pictures in the same moment may begin two groups: then as many more pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from threading import Lock

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.darkroom.turning import turnings
from wearemany.ids import ID_BYTES, opaque
from wearemany.moderation.models import Likeness
from wearemany.photos.models import Development, Post
from wearemany.worker.seldom import Forgetful, Seldom

NEAR_BITS = 60
QUALITY_LEAST = 50
PASS_MOST = 2
"""So many posts with nearly the same picture pass without a person, of one campaign within two days."""

REMEMBERED = 20_000
"""So many groups of a campaign are compared with, the newest: a look stays a few hundredths of a second, inside the
transaction that decides. The older of two that are near is asked first, so a stray variant draws nobody after it."""

KEPT = timedelta(days=1)
_READ_MOST = 2 * REMEMBERED
_KNOWN_S = 3600.0
_forget_watch = Seldom(every_s=3600.0)


class _Firsts(Forgetful):
    """The first picture of each of the newest groups, by campaign, as far as rows were read. Any number of threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        self._until_s = clock.monotonic_s() + _KNOWN_S
        self._read_to: dict[int, int] = {}
        self._firsts: dict[int, dict[str, int]] = {}

    def near(self, campaign_id: int, fingerprint: bytes) -> str:
        """Return the group of the first picture that a fingerprint is near; empty when there is none."""
        ways = [int.from_bytes(way) for way in turnings(fingerprint)]
        with self._lock:
            for group, first in self._read(campaign_id).items():
                if any((first ^ way).bit_count() <= NEAR_BITS for way in ways):
                    return group
        return ""

    def _read(self, campaign_id: int) -> dict[str, int]:
        if clock.monotonic_s() >= self._until_s:
            self.forget()
        firsts = self._firsts.setdefault(campaign_id, {})
        fresh = Likeness.objects.filter(campaign=campaign_id, pk__gt=self._read_to.get(campaign_id, 0))
        rows = fresh.order_by("-pk").values_list("pk", "group", "photo__development__fingerprint")
        for pk, group, fingerprint in reversed(rows[:_READ_MOST]):
            firsts.setdefault(group, int.from_bytes(fingerprint))
            self._read_to[campaign_id] = pk
        while len(firsts) > REMEMBERED:
            del firsts[next(iter(firsts))]
        return firsts


_firsts = _Firsts()


def likeness_note(post: Post) -> int:
    """Write down what a post's pictures are like; return how many others have nearly the same, counted to `PASS_MOST`.

    Inside the transaction that takes the post up. Twice is once.
    """
    photos = Development.objects.filter(photo__post=post, fingerprint_quality__gte=QUALITY_LEAST)
    known = dict(Likeness.objects.filter(photo__post=post).values_list("photo", "group"))
    for photo_id, fingerprint in photos.values_list("photo", "fingerprint"):
        if photo_id not in known:
            group = _firsts.near(post.campaign_id, bytes(fingerprint)) or opaque(clock.random_bytes(ID_BYTES))
            Likeness.objects.create(photo_id=photo_id, campaign_id=post.campaign_id, group=group)
            known[photo_id] = group
    return max((_others(post, group) for group in set(known.values())), default=0)


def groups_of(campaign: Campaign) -> dict[str, tuple[str, ...]]:
    """Return the groups that the posts of a campaign belong to, by post."""
    found: dict[str, tuple[str, ...]] = {}
    rows: Iterable[tuple[str, str]] = Likeness.objects.filter(campaign=campaign).values_list(
        "photo__post", "group"
    )
    for post_id, group in rows:
        found[post_id] = (*found.get(post_id, ()), group)
    return found


def likeness_forget_pending() -> int:
    """Once an hour, forget what was alike before yesterday."""
    if not _forget_watch.is_time():
        return 0
    before = clock.now().date() - KEPT
    deleted, _ = Likeness.objects.filter(photo__post__received_day__lt=before).delete()
    return deleted


def _others(post: Post, group: str) -> int:
    others = Likeness.objects.filter(group=group).exclude(photo__post=post).values("photo__post").distinct()
    return len(others[:PASS_MOST])
