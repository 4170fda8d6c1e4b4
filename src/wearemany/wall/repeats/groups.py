"""Which posts repeat a picture: from rows alone, so that every process and every restart comes to the same answer.

Photos that show one picture share its name (`Sighting`); a person may say that two names mean one (`Resemblance`). A
post repeats when each of its photos shows a picture that a living post with a lower place shows too. So a later post
never lowers an earlier one, and when the first one goes, the next one is the first: nobody is told of what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from django.db.models import Count, Min, QuerySet

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import stream_version_bump
from wearemany.photos.models import Development
from wearemany.photos.untold import untold_leave_for
from wearemany.wall.models import Entry, Resemblance, ResemblanceState, Sighting
from wearemany.worker.loop import wake_on_commit

_CHUNK = 500


def standing_settle(campaign: Campaign, posts: Iterable[str]) -> int:
    """Write down of these posts, where they are on the wall, whether they repeat; return how many changed.

    Inside the transaction that changed what is known. The log amends what it said with its next batch.
    """
    changed = 0
    names = _Names(campaign)
    for some in _chunks(posts):
        living = {
            str(post): (place, was)
            for post, place, was in _living(campaign)
            .filter(post__in=some)
            .values_list("post", "position", "is_repeat")
        }
        repeating = _repeating(campaign, {post: place for post, (place, _) in living.items()}, names)
        for is_repeat in (True, False):
            moved = {
                post: place
                for post, (place, was) in living.items()
                if (post in repeating) is is_repeat and was is not is_repeat
            }
            if moved:
                changed += _living(campaign).filter(position__in=moved.values()).update(is_repeat=is_repeat)
                untold_leave_for((post, campaign.pk) for post in moved)
    if changed:
        stream_version_bump(campaign.pk)
        wake_on_commit()
    return changed


def repeats_before(campaign: Campaign, end: int) -> list[str]:
    """Return the living posts before a place in the log that are known to repeat."""
    rows = _living(campaign).filter(is_repeat=True, position__lt=end)
    return [str(post) for post in rows.values_list("post", flat=True)]


def posts_showing(campaign: Campaign, pictures: Iterable[str]) -> list[str]:
    """Return the posts with a photo of one of these pictures, by whatever name."""
    names = _Names(campaign)
    meant = {name for picture in pictures for name in names.of(picture)}
    posts: set[str] = set()
    for some in _chunks(meant):
        posts |= set(Sighting.objects.filter(picture__in=some).values_list("photo__post", flat=True))
    return sorted(posts)


class _Names:
    """Which names of pictures mean the same, by what people said."""

    def __init__(self, campaign: Campaign) -> None:
        self._root: dict[str, str] = {}
        rows = Resemblance.objects.filter(campaign=campaign, state=ResemblanceState.SAME)
        for one, other in rows.values_list("photo__sighting__picture", "picture"):
            if one is not None:
                self._root[self.root(one)] = self.root(other)
        self._all: defaultdict[str, set[str]] = defaultdict(set)
        for name in list(self._root):
            self._all[self.root(name)].add(name)

    def root(self, name: str) -> str:
        while self._root.setdefault(name, name) != name:
            self._root[name] = self._root.setdefault(self._root[name], self._root[name])
            name = self._root[name]
        return name

    def of(self, name: str) -> set[str]:
        return self._all.get(self.root(name), set()) | {name}


def _living(campaign: Campaign) -> QuerySet[Entry]:
    return Entry.objects.filter(campaign=campaign, kind="post", live=True, post__isnull=False)


def _repeating(campaign: Campaign, places: dict[str, int], names: _Names) -> set[str]:
    """Return which of the posts, given with their places, repeat."""
    rows = Sighting.objects.filter(photo__post__in=places).values_list("photo__post", "picture")
    shown: defaultdict[str, list[str]] = defaultdict(list)
    for post, picture in rows:
        shown[str(post)].append(picture)
    developed = Development.objects.filter(photo__post__in=shown).values("photo__post")
    photos = dict(developed.annotate(count=Count("pk")).values_list("photo__post", "count"))
    first = _firsts(campaign, {picture for pictures in shown.values() for picture in pictures}, names)
    return {
        post
        for post, pictures in shown.items()
        if len(pictures) == photos.get(post)
        and all(first.get(names.root(picture), places[post]) < places[post] for picture in pictures)
    }


def _firsts(campaign: Campaign, pictures: Collection[str], names: _Names) -> dict[str, int]:
    """Return the lowest place at which each picture is on the wall now."""
    first: dict[str, int] = {}
    for some in _chunks({name for picture in pictures for name in names.of(picture)}):
        rows = Sighting.objects.filter(
            picture__in=some,
            photo__post__entries__campaign=campaign,
            photo__post__entries__kind="post",
            photo__post__entries__live=True,
        )
        lowest = rows.values("picture").annotate(place=Min("photo__post__entries__position"))
        for picture, place in lowest.values_list("picture", "place"):
            root = names.root(picture)
            first[root] = min(place, first.get(root, place))
    return first


def _chunks(items: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(items)
    while some := list(islice(rest, _CHUNK)):
        yield some
