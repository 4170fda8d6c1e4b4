"""Photos as values for pages, and renditions as bytes. Who may see them is decided by the caller."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet, prefetch_related_objects

from wearemany.adapters import server
from wearemany.adapters.blobs import Absent
from wearemany.adapters.sealed import open_sealed
from wearemany.campaigns.presets import PresetRules
from wearemany.campaigns.services import preset_rules
from wearemany.darkroom.refusals import REFUSALS
from wearemany.errors import N_
from wearemany.photos.models import Development, Photo, Post, Rendition
from wearemany.photos.press import PRESS
from wearemany.photos.secrets import key_opened
from wearemany.photos.strictness import copy_is_within

MEDIA_TYPES = {"webp": "image/webp", "jpeg": "image/jpeg"}
SUFFIXES = {"webp": "webp", "jpeg": "jpg"}
OWN_REFUSALS = {
    "upload-expired": N_("We could not check this photo in time, so it was erased. Please send it again."),
    "upload-lost": N_("This photo was lost on our side. We are sorry; please send it again."),
    "photo-not-developed": N_(
        "We could not check this photo, and it was erased. Please take a screenshot of it and send that."
    ),
}
"""Sentences for photos that this station gave up on, beside the darkroom's own."""


@dataclass(frozen=True)
class RenditionView:
    """One sized copy. `file` is the last part of its public address."""

    name: str
    format: str
    file: str
    width_px: int
    height_px: int
    size_bytes: int


@dataclass(frozen=True)
class PhotoView:
    """A photo as pages need it. `state` is waiting, developed or refused; measured things only when developed.

    `outline` are polygons and `crop` a box in fractions of the upright picture; `faces` (the author's and
    the desk's page only) are boxes with `covered`; `placeholder` is a `data:` address of a tiny WebP. `press` is the
    copy for newspapers, which is no one of `renditions`.
    """

    id: str
    position: int
    state: str
    alt: str
    refused_code: str = ""
    refused_sentence: str = ""
    refused_values: dict[str, object] = field(default_factory=dict)
    verdict: str = ""
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    garment_colour: str = ""
    outline: tuple[tuple[tuple[float, float], ...], ...] = ()
    faces: tuple[dict[str, object], ...] = ()
    drawn: tuple[tuple[float, ...], ...] = ()
    crop: tuple[float, ...] = ()
    placeholder: str = ""
    width_px: int = 0
    height_px: int = 0
    renditions: tuple[RenditionView, ...] = ()
    press: RenditionView | None = None

    def rendition(self, name: str, format: str = "webp") -> RenditionView | None:
        """Return the rendition of that size ("160", "640", "main") and format; None when there is none."""
        for rendition in self.renditions:
            if (rendition.name, rendition.format) == (name, format):
                return rendition
        return None


@dataclass(frozen=True)
class OpenedRendition:
    """A rendition's bytes and what the one who serves them needs to know."""

    content: bytes = field(repr=False)
    media_type: str
    post_id: str
    etag: str


def post_photos(post: Post) -> tuple[PhotoView, ...]:
    """Return the post's photos in order."""
    return photos_of_posts([post]).get(post.pk, ())


def photos_of_posts(posts: Sequence[Post]) -> dict[str, tuple[PhotoView, ...]]:
    """Return the photos of many posts by post id, in three queries, or four where campaigns are not known."""
    rows = (
        Photo.objects.filter(post__in=posts)
        .select_related("development")
        .prefetch_related("renditions")
        .order_by("post_id", "position")
    )
    views: dict[str, list[PhotoView]] = defaultdict(list)
    prefetch_related_objects(posts, "campaign")
    rules = {post.campaign_id: preset_rules(post.campaign) for post in posts}
    known = {post.pk: post for post in posts}
    for row in rows:
        post = known[row.post_id]
        views[post.pk].append(_view(row, is_shown=_is_shown(row, post, rules[post.campaign_id])))
    return {post_id: tuple(found) for post_id, found in views.items()}


def rendition_open(name: str) -> OpenedRendition | None:
    """Return a rendition's bytes by its public name; None when there is none, or none that may be shown now.

    None also while more of the photo is being covered or the campaign's rules ask for more than this picture has, once
    the post's key is gone, and when the blob is missing (a database newer than its blobs): an absent picture is not an
    error. Any number at once. A copy for newspapers is opened by `press_open` alone.
    """
    return _opened(Rendition.objects.filter(name=name).exclude(size=PRESS))


def press_open(photo: Photo) -> OpenedRendition | None:
    """Return what newspapers get of a photo whose author agreed: the copy made for them, else the public size."""
    copies = Rendition.objects.filter(photo=photo, format="jpeg")
    return _opened(copies.filter(size=PRESS)) or _opened(copies.filter(size="main"))


def _opened(rows: QuerySet[Rendition]) -> OpenedRendition | None:
    # The row and its key in one look: they may be changed together at any moment.
    rows = rows.filter(photo__post__key__isnull=False)
    row = rows.select_related("photo__post__key", "photo__post__campaign").first()
    if row is None or row.photo.due_at is not None:
        return None
    post = row.photo.post
    if not copy_is_within(preset_rules(post.campaign), cover=post.cover, copy=row):
        return None
    try:
        content = open_sealed(key_opened(post.key), server.store().get(row.blob))
    except Absent:
        return None
    return OpenedRendition(
        content=content,
        media_type=MEDIA_TYPES[row.format],
        post_id=row.photo.post_id,
        etag=f'"{row.name}"',
    )


def main_digests(post: Post) -> tuple[bytes, ...]:
    """Return SHA-256 of each photo's main rendition (WebP) in order: what a commitment is made of."""
    rows = Rendition.objects.filter(photo__post=post, size="main", format="webp").order_by("photo__position")
    return tuple(bytes(digest) for digest in rows.values_list("digest", flat=True))


def _is_shown(row: Photo, post: Post, rules: PresetRules) -> bool:
    """Tell whether a developed photo may be shown as it is: nothing more is being covered, and the rules allow it."""
    return row.due_at is None and all(
        copy_is_within(rules, cover=post.cover, copy=copy)
        for copy in row.renditions.all()
        if copy.size != PRESS
    )


def _view(row: Photo, *, is_shown: bool) -> PhotoView:
    if row.refused_code:
        return PhotoView(
            id=row.pk,
            position=row.position,
            state="refused",
            alt=row.alt,
            refused_code=row.refused_code,
            refused_sentence=_sentence(row.refused_code),
            refused_values=dict(row.refused_values),
        )
    development: Development | None = getattr(row, "development", None)
    if development is None:
        return PhotoView(id=row.pk, position=row.position, state="waiting", alt=row.alt)
    return PhotoView(
        id=row.pk,
        position=row.position,
        state="developed" if is_shown else "waiting",
        alt=row.alt,
        verdict=development.verdict,
        score=development.score,
        reasons=tuple(development.reasons),
        advice=tuple(development.advice),
        garment_colour=development.garment_colour,
        outline=tuple(tuple((x, y) for x, y in polygon) for polygon in development.outline),
        faces=tuple(development.faces),
        drawn=tuple(tuple(box) for box in row.drawn),
        crop=tuple(development.crop),
        placeholder=_placeholder(bytes(development.placeholder)),
        width_px=development.width_px,
        height_px=development.height_px,
        renditions=_rendition_views(copy for copy in row.renditions.all() if copy.size != PRESS),
        press=next(iter(_rendition_views(copy for copy in row.renditions.all() if copy.size == PRESS)), None),
    )


def _rendition_views(rows: Iterable[Rendition]) -> tuple[RenditionView, ...]:
    views = (
        RenditionView(
            name=row.size,
            format=row.format,
            file=f"{row.name}.{SUFFIXES[row.format]}",
            width_px=row.width_px,
            height_px=row.height_px,
            size_bytes=row.size_bytes,
        )
        for row in rows
    )
    return tuple(sorted(views, key=lambda view: (view.width_px, view.format)))


def _placeholder(content: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(content).decode()}" if content else ""


def _sentence(code: str) -> str:
    return REFUSALS.get(code) or OWN_REFUSALS.get(code) or OWN_REFUSALS["photo-not-developed"]
