"""Looking for the same picture: what lies near by fingerprint, then the pixels of the few that do. Writes nothing.

By itself it finds only what agrees in every place; what may be the same (mirrored, cropped, with a caption, or other
people in one place) is for a person. The figures behind the limits are in `docs/develop/repeats.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from wearemany.adapters import server
from wearemany.adapters.blobs import Absent
from wearemany.adapters.repeats import Look, PrintShelf, Seen
from wearemany.adapters.sealed import open_sealed
from wearemany.campaigns.models import Campaign
from wearemany.darkroom.turning import turnings
from wearemany.errors import Broken
from wearemany.photos.models import Development, Photo, Rendition
from wearemany.photos.secrets import post_key
from wearemany.wall.models import Entry, Resemblance, Sighting

NEAR_BITS = 31
PERHAPS_BITS = 60
LEAST_QUALITY = 50
SAME_IN_WORST_PLACE = 0.3
SAME_IN_ALL = 0.9
PERHAPS_IN_ALL = 0.85
LOOKS_A_KIND = 4
CROWD = 8
"""With so many other pictures near it nobody is asked about a doubtful one: it counts as a picture of its own."""

PHOTOS_A_POST = 8
"""Labels are a post's place times this, and the photo's place in the post."""

_READ_AT_ONCE = 20_000

SecondLook = Callable[..., Seen]


@dataclass(frozen=True)
class Finding:
    """A photo, and one before it that shows the same picture, certainly or perhaps."""

    photo_id: str
    earlier_id: str
    is_certain: bool
    turned: int = 0


@dataclass(frozen=True)
class Print:
    """A photo on the wall by its fingerprint."""

    photo_id: str
    label: int
    fingerprint: bytes


@dataclass(frozen=True)
class _Near:
    bits: int
    label: int
    turned: int


class Shelf:
    """The fingerprints of a campaign's living posts before the place `end`, made from the rows."""

    def __init__(self, campaign: Campaign, *, end: int) -> None:
        self.end = end
        self._prints = PrintShelf()
        try:
            for first in range(0, end, _READ_AT_ONCE):
                living = _living(campaign).filter(
                    position__gte=first, position__lt=min(end, first + _READ_AT_ONCE)
                )
                self.put(prints_of(dict(living.values_list("post", "position"))))
        except BaseException:
            self.close()
            raise

    def put(self, prints: Iterable[Print]) -> None:
        """Add photos."""
        self._prints.add({one.label: one.fingerprint for one in prints})

    def forget(self, positions: Iterable[int]) -> None:
        """Take out the photos of the posts at these places."""
        labels = [place * PHOTOS_A_POST + photo for place in positions for photo in range(PHOTOS_A_POST)]
        self._prints.remove(labels)

    def near(self, prints: Sequence[Print]) -> list[tuple[list[_Near], list[_Near]]]:
        """Return for each photo what lies near it as it is, and what only may be it; both before it, in other posts."""
        ways = [way for one in prints for way in turnings(one.fingerprint)]
        close = self._prints.near(ways, within_bits=NEAR_BITS)
        farther = self._prints.near([one.fingerprint for one in prints], within_bits=PERHAPS_BITS)
        found = []
        for place, one in enumerate(prints):
            before = one.label // PHOTOS_A_POST * PHOTOS_A_POST
            upright, *turned = close[place * 8 : place * 8 + 8]
            near = [_Near(bits, label, 0) for bits, label in upright if label < before]
            known = {at.label for at in near}
            perhaps = [
                _Near(bits, label, way)
                for way, some in enumerate(turned, start=1)
                for bits, label in some
                if label < before and label not in known
            ]
            perhaps += [
                _Near(bits, label, 0)
                for bits, label in farther[place]
                if label < before and label not in known
            ]
            found.append((near, sorted(perhaps, key=lambda at: (at.bits, at.label))))
        return found

    def close(self) -> None:
        """Forget everything."""
        self._prints.close()


def findings(campaign: Campaign, unread: Sequence[Entry], *, shelf: Shelf, look: SecondLook) -> list[Finding]:
    """Bring the shelf up to these entries, and return what the photos of their posts repeat."""
    touched = {entry.position for entry in unread if entry.kind == "post"}
    touched |= {entry.of for entry in unread if entry.of is not None and _changes_pictures(entry)}
    shelf.forget(touched)
    living = dict(_living(campaign).filter(position__in=touched).values_list("post", "position"))
    fresh = sorted(prints_of(living), key=lambda one: one.label)
    shelf.put(fresh)
    known = set(
        Sighting.objects.filter(photo__in=[one.photo_id for one in fresh]).values_list("photo", flat=True)
    )
    known |= set(
        Resemblance.objects.filter(photo__in=[one.photo_id for one in fresh]).values_list("photo", flat=True)
    )
    asked = [one for one in fresh if one.photo_id not in known]
    found = (
        _finding(campaign, one, near, perhaps, look)
        for one, (near, perhaps) in zip(asked, shelf.near(asked) if asked else [], strict=True)
    )
    return [finding for finding in found if finding is not None]


def prints_of(places: dict[str, int]) -> list[Print]:
    """Return the fingerprints of posts, given with their places; pictures with too little in them prove nothing."""
    posts, prints = list(places), list[Print]()
    for first in range(0, len(posts), 500):
        rows = Development.objects.filter(
            photo__post__in=posts[first : first + 500], fingerprint_quality__gte=LEAST_QUALITY
        ).values_list("photo", "photo__post", "photo__position", "fingerprint")
        prints += [
            Print(photo, places[post] * PHOTOS_A_POST + position, bytes(fingerprint))
            for photo, post, position, fingerprint in rows
        ]
    return prints


def _living(campaign: Campaign) -> QuerySet[Entry]:
    return Entry.objects.filter(
        campaign=campaign, kind="post", live=True, post__isnull=False, post__erased=False
    )


def _changes_pictures(entry: Entry) -> bool:
    return entry.kind == "removed" or (entry.kind == "amend" and entry.commitment is not None)


def _finding(
    campaign: Campaign, one: Print, near: Sequence[_Near], perhaps: Sequence[_Near], look: SecondLook
) -> Finding | None:
    """Return the first that is certainly the same, else the first that may be."""
    doubtful: Finding | None = None
    for at in (*near[:LOOKS_A_KIND], *perhaps[:LOOKS_A_KIND]):
        if doubtful is not None and at not in near:
            break
        earlier = _photo_at(campaign, at.label)
        if earlier is None:
            continue
        seen = _seen(earlier, one.photo_id, at.turned, look)
        is_near = at.turned == 0 and at.bits <= NEAR_BITS
        if is_near and seen.worst >= SAME_IN_WORST_PLACE and seen.share >= SAME_IN_ALL:
            return Finding(one.photo_id, earlier, is_certain=True)
        if doubtful is None and seen.share >= PERHAPS_IN_ALL:
            doubtful = Finding(one.photo_id, earlier, is_certain=False, turned=at.turned)
    return None if doubtful and _is_crowd(campaign, (*near, *perhaps)) else doubtful


def _is_crowd(campaign: Campaign, near: Sequence[_Near]) -> bool:
    """Tell whether so many different pictures lie near that they show a place, or a flood, and not one picture."""
    pictures: set[str] = set()
    for at in near if len(near) >= CROWD else ():
        photo = _photo_at(campaign, at.label)
        if photo is not None:
            sighting = Sighting.objects.filter(photo=photo).values_list("picture", flat=True).first()
            pictures.add(sighting or photo)
        if len(pictures) >= CROWD:
            return True
    return False


def _photo_at(campaign: Campaign, label: int) -> str | None:
    """Return the photo that a label means, if its post still stands there."""
    place, position = divmod(label, PHOTOS_A_POST)
    rows = Photo.objects.filter(
        post__entries__campaign=campaign,
        post__entries__position=place,
        post__entries__kind="post",
        post__entries__live=True,
        post__erased=False,
        position=position,
    )
    return rows.values_list("pk", flat=True).first()


def _seen(earlier_id: str, photo_id: str, turned: int, look: SecondLook) -> Seen:
    """Look at the small covered pictures of two photos."""
    rows = Rendition.objects.filter(photo__in=(earlier_id, photo_id), size="160", format="webp")
    found = {row.photo_id: row for row in rows.select_related("photo")}
    if len(found) < 2:
        return Seen(0.0, 0.0)
    if turned == 0 and bytes(found[earlier_id].digest) == bytes(found[photo_id].digest):
        return Seen(1.0, 1.0)
    earlier, later = _opened(found[earlier_id]), _opened(found[photo_id])
    if earlier is None or later is None:
        return Seen(0.0, 0.0)
    return look(earlier, later, turned=turned)


def _opened(row: Rendition) -> Look | None:
    key = post_key(row.photo.post_id)
    if key is None:
        return None
    try:
        content = open_sealed(key, server.store().get(row.blob))
    except (Absent, Broken):
        return None
    development = Development.objects.get(photo=row.photo_id)
    covered = [face["box"] for face in development.faces if face.get("covered")]
    return Look(content, tuple(tuple(box) for box in (*map(_grown, covered), *row.photo.drawn)))


def _grown(box: Sequence[float]) -> tuple[float, ...]:
    """Return about what a cover of this face fills."""
    left, top, right, bottom = box
    wide, high = (right - left) * 0.31, bottom - top
    return (left - wide, top - high * 0.5, right + wide, bottom + high * 0.22)
