"""A post as the desk sees it: the covered pictures, the words, what was measured. Never when, from where, by whom.

Values for templates, sentences in the page's language. Places in the picture are whole thousandths of its sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from wearemany.moderation.models import Claim
from wearemany.moderation.reasons import REJECTIONS, TAKE_DOWNS
from wearemany.moderation.services import standing
from wearemany.photos.daily_word import words_taken
from wearemany.photos.models import Post
from wearemany.photos.readiness import words_of, words_stood
from wearemany.photos.services import post_photos
from wearemany.photos.showing import PhotoView
from wearemany.rendering.colours import in_colour
from wearemany.web.desk import words
from wearemany.web.desk.door import Seat

_SIZES = ("main", "640", "160")


@dataclass(frozen=True)
class Place:
    """A box over the picture."""

    left: int
    top: int
    width: int
    height: int
    is_covered: bool


@dataclass(frozen=True)
class Shot:
    """One picture. `outline` holds the points of polygons around the garment, as SVG writes them."""

    photo_id: str
    number: int
    path: str
    width_px: int
    height_px: int
    alt: str
    outline: tuple[str, ...]
    faces: tuple[Place, ...]
    covers: int
    seen_colour: str
    likelihood: int
    seen: tuple[str, ...]

    @property
    def faces_open(self) -> int:
        """How many of the faces that were found are not covered."""
        return sum(not face.is_covered for face in self.faces)


@dataclass(frozen=True)
class Text:
    """The words that everybody will read."""

    caption: str
    name: str
    people: int
    alts: tuple[str, ...]
    elsewhere: str = ""


@dataclass(frozen=True)
class Sight:
    """A post before a moderator. `before` are the words that an edit replaces."""

    post_id: str
    shots: tuple[Shot, ...]
    text: Text
    before: Text | None
    language: str
    waits: tuple[str, ...]
    cover: str
    asked_colour: str
    is_in_colour: bool
    is_drawn: bool
    daily_words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """A reason to reject: its key on the keyboard, a short label, and the sentence that the author reads."""

    key: str
    code: str
    label: str
    sentence: str


@dataclass(frozen=True)
class Claimed:
    """The open claims on a post: how many, the words that came with them, whether they hide it now."""

    count: int
    said: tuple[str, ...]
    hides: bool


def sight(post: Post, *, seat: Seat, waits: Sequence[str] = ()) -> Sight:
    """Return the post as a moderator is to see it, with the words that an approval would make public."""
    photos = post_photos(post)
    now = _text(words_of(post))
    public = _text(words_stood(post))
    return Sight(
        post_id=post.pk,
        shots=tuple(
            shot for photo, alt in zip(photos, now.alts, strict=False) if (shot := _shot(photo, alt, seat))
        ),
        text=now,
        before=public if public != now else None,
        language=post.language,
        waits=tuple(gettext(words.WAITS[code]) for code in waits if code in words.WAITS),
        cover=gettext(words.COVERS[post.cover]),
        asked_colour=in_colour(seat.campaign.colour),
        is_in_colour=_is_in_colour(post, photos),
        is_drawn=post.is_drawn,
        daily_words=words_taken(post.campaign.origin, post.received_day) if post.campaign.asks_word else (),
    )


def reasons() -> tuple[Reason, ...]:
    """Return the reasons to reject, in their order, with keys 1 to 9 and then 0."""
    return tuple(
        Reason(str((place + 1) % 10), code, gettext(words.REJECT_LABELS[code]), gettext(sentence))
        for place, (code, sentence) in enumerate(REJECTIONS.items())
    )


def take_downs() -> tuple[Reason, ...]:
    """Return the reasons to take a claimed post down for good, in their order, with keys from 1."""
    return tuple(
        Reason(str(place), code, gettext(words.TAKE_DOWN_LABELS[code]), gettext(sentence))
        for place, (code, sentence) in enumerate(TAKE_DOWNS.items(), start=1)
    )


def claimed(post: Post) -> Claimed | None:
    """Return what was said of a post by people without its code; None when nobody waits for an answer."""
    rows = list(Claim.objects.filter(post=post, open=True).order_by("pk"))
    if not rows:
        return None
    said = tuple(row.words for row in rows if row.words)
    return Claimed(count=len(rows), said=said, hides=any(row.hides for row in rows))


def _is_in_colour(post: Post, photos: Sequence[PhotoView]) -> bool:
    """Return what the tick is prefilled with: a person's earlier word, else the machine's."""
    newest = standing(post)
    if newest is not None and newest.colour is not None:
        return newest.colour
    return bool(photos) and all(photo.verdict == "accept" for photo in photos)


def _shot(photo: PhotoView, alt: str, seat: Seat) -> Shot | None:
    copy = next((found for size in _SIZES if (found := photo.rendition(size))), None)
    if photo.state != "developed" or copy is None:
        return None
    codes = dict.fromkeys((*photo.reasons, *photo.advice))
    return Shot(
        photo_id=photo.id,
        number=photo.position + 1,
        path=seat.path(f"picture/{copy.file}"),
        width_px=copy.width_px,
        height_px=copy.height_px,
        alt=alt,
        outline=tuple(
            " ".join(f"{_thousandths(x)},{_thousandths(y)}" for x, y in polygon) for polygon in photo.outline
        ),
        faces=tuple(_place(face) for face in photo.faces),
        covers=len(photo.drawn),
        seen_colour=in_colour(photo.garment_colour) if photo.garment_colour else "",
        likelihood=round(photo.score * 100),
        seen=tuple(gettext(words.SEEN[code]) for code in codes if code in words.SEEN),
    )


def _place(face: dict[str, object]) -> Place:
    edges = face.get("box")
    left, top, right, bottom = (
        (_thousandths(float(edge)) for edge in edges) if isinstance(edges, list | tuple) else (0, 0, 0, 0)
    )
    return Place(left, top, right - left, bottom - top, bool(face.get("covered")))


def _text(values: dict[str, object]) -> Text:
    alts = values["alts"]
    return Text(
        caption=str(values["caption"]),
        name=str(values["name"]),
        people=int(str(values["people"])),
        alts=tuple(str(alt) for alt in alts) if isinstance(alts, list | tuple) else (),
        elsewhere=str(values["elsewhere"]),
    )


def _thousandths(share: float) -> int:
    return round(share * 1000)
