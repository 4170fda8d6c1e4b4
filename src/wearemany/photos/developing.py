"""One photo through the darkroom: what it needs (prepare), and what is kept of it (record).

The order on the way out is: renditions durable in the store → one transaction with everything the database knows,
which also forgets the upload → the upload's blob deleted by the doomed row that this transaction left. A crash
before the transaction leaves sealed blobs that nobody names (swept a day later) and a photo that is due again;
a crash after it leaves only the doomed row. Nothing can be half-recorded, and doing it all again is harmless.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import F

from wearemany.adapters import clock, server
from wearemany.adapters.blobs import Absent, fresh_key
from wearemany.adapters.sealed import open_sealed, seal
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import call_spec, preset_rules, visible_version_bump
from wearemany.darkroom.developed import Developed
from wearemany.darkroom.developed import Rendition as Made
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.orders import PRESS_PX, CallSpec, CoverChoice, DevelopOrder, Limits
from wearemany.errors import N_, Refused, TryAgain
from wearemany.ids import ID_BYTES, opaque
from wearemany.photos.doomed import blobs_doom
from wearemany.photos.models import Development, Photo, Post, Rendition, Upload
from wearemany.photos.press import PRESS, press_forget, press_px
from wearemany.photos.readiness import is_confirmed, settle
from wearemany.photos.resealing import KeyMoved, resealed
from wearemany.photos.secrets import (
    post_key,
    post_seal,
    post_seal_change,
    post_seal_new,
    upload_owner,
)
from wearemany.photos.untold import untold_leave
from wearemany.worker.claims import LeaseLost, finish

SIZES_PX = (160, 640)
EVERYBODY = "everybody"
_ROUNDS_MAX = 3


@dataclass(frozen=True)
class Job:
    """A claimed photo, its bytes in the clear (in memory only), and its order.

    `is_cover` says that the bytes are the largest rendition, to be covered more, and not an upload.
    """

    photo: Photo
    post: Post
    content: bytes = field(repr=False)
    order: DevelopOrder
    spec_version: int
    is_cover: bool


def prepare(photo: Photo) -> Job | None:
    """Fetch what the darkroom needs; None when there is nothing to do any more, and the photo is let go.

    Raises Refused `upload-lost` when the bytes are gone, TryAgain or Broken when the store does not answer.
    """
    post = Post.objects.select_related("campaign").get(pk=photo.post_id)
    key = post_key(post.pk)
    if post.erased or key is None:
        # Its key died: erasing has begun and will take the rest.
        finish(photo)
        return None
    version, spec = call_spec(post.campaign)
    content = _upload_content(photo)
    if content is not None:
        order = order_of(post, photo=photo, spec=spec, press_px=press_px(post))
        return Job(photo, post, content, order, spec_version=version, is_cover=False)
    largest, content = _largest_content(photo, key=key)
    if content is None:
        raise Refused("upload-lost", "")
    order = order_of(post, photo=photo, spec=spec, press_px=PRESS_PX if largest == PRESS else 0)
    order = replace(order, heads=faces_to_cover(post, photo))
    return Job(photo, post, content, order, spec_version=version, is_cover=True)


def develop(job: Job) -> Developed:
    """Ask the darkroom; safe in any thread, touches no table."""
    darkroom = server.darkroom()
    if job.is_cover:
        return darkroom.cover_more(job.content, job.order)
    return darkroom.develop(job.content, job.order)


def record(job: Job, developed: Developed) -> None:
    """Keep what was developed and forget the upload; where more was covered, forget the key of what was there before.

    Raises LeaseLost when another worker has the photo now, and then dooms what it stored; TryAgain or
    Broken when the store fails: nothing is recorded.
    """
    for _ in range(_ROUNDS_MAX):
        if _is_recorded(job, developed):
            return
    raise TryAgain(
        "post-busy", N_("Something else of this post is being changed. Please try again in a moment.")
    )


def _is_recorded(job: Job, developed: Developed) -> bool:
    """Store and record; False when the post's key was changed meanwhile: nothing is recorded then."""
    before = post_seal(job.post.pk)
    if before is None:
        finish(job.photo)
        return True
    # Whoever finds the old picture's blob on a disk shall not find the key to it.
    after = post_seal_new(job.post.pk) if job.is_cover else before
    rows = [_stored(job, rendition, key=after.key) for rendition in developed.renditions]
    fresh = [row.blob for row in rows]
    try:
        moved = resealed(job.photo, before=before, after=after) if job.is_cover else None
        fresh += moved.blobs if moved else []
        with transaction.atomic():
            # Erasing locks the post first and the photo after it; so do we, or the two could wait for each other.
            post = Post.objects.select_for_update().get(pk=job.post.pk)
            finish(job.photo)
            if post.erased or post_seal(post.pk) is None:
                blobs_doom(fresh)
                return True
            if not post_seal_change(post.pk, before=before, after=after):
                raise KeyMoved
            if moved is not None:
                moved.put_in_place()
            _write(job, developed, rows=rows, post=post)
            settle(post)
    except KeyMoved:
        blobs_doom(fresh)
        return False
    except LeaseLost:
        blobs_doom(fresh)
        raise
    return True


def refuse(photo: Photo, *, code: str, values: dict[str, object]) -> None:
    """Write down that these bytes become no photo, and forget them; the author may send others."""
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=photo.post_id)
        finish(photo)
        plain = {name: str(value)[:40] for name, value in values.items()}
        Photo.objects.filter(pk=photo.pk).update(refused_code=code, refused_values=plain)
        _forget_upload(photo)
        if not post.erased:
            settle(post)


def order_of(post: Post, *, photo: Photo, spec: CallSpec, press_px: int = 0) -> DevelopOrder:
    """Return the order for a photo, as the campaign's rules and the post's choice are now."""
    options = settings.WEAREMANY
    return DevelopOrder(
        spec=spec,
        cover=cast(CoverChoice, post.cover),
        drawn=tuple(Box.from_json(edges) for edges in photo.drawn),
        main_px=preset_rules(post.campaign).main_px,
        sizes_px=SIZES_PX,
        press_px=press_px,
        limits=Limits(
            bytes=options["UPLOAD_MAX_BYTES"],
            pixels=options["UPLOAD_MAX_PIXELS"],
            side_px=options["UPLOAD_MAX_SIDE_PX"],
        ),
    )


def _upload_content(photo: Photo) -> bytes | None:
    upload = Upload.objects.filter(photo=photo).first()
    if upload is None:
        return None
    key = server.keys().unwrap(bytes(upload.wrapped_key), owner=upload_owner(upload.pk))
    try:
        return open_sealed(key, server.store().get(upload.blob))
    except Absent:
        return None


def _largest_content(photo: Photo, *, key: bytes) -> tuple[str, bytes | None]:
    """Return size and bytes of the largest copy: what is drawn must lie on the copy for newspapers too."""
    for size, encoding in ((PRESS, "jpeg"), ("main", "webp")):
        row = photo.renditions.filter(size=size, format=encoding).first()
        if row is None:
            continue
        try:
            return size, open_sealed(key, server.store().get(row.blob))
        except Absent:
            continue
    return "", None


def _stored(job: Job, rendition: Made, *, key: bytes) -> Rendition:
    blob = fresh_key("r")
    server.store().put(blob, seal(key, rendition.content))
    return Rendition(
        photo=job.photo,
        size=rendition.name,
        format=rendition.format,
        name=opaque(clock.random_bytes(ID_BYTES)),
        blob=blob,
        width_px=rendition.width_px,
        height_px=rendition.height_px,
        size_bytes=len(rendition.content),
        digest=bytes.fromhex(rendition.sha256),
    )


def faces_to_cover(post: Post, photo: Photo) -> tuple[Box, ...]:
    """Return the faces that were left to be seen in a developed photo, where by now everybody is to be covered."""
    faces = Development.objects.filter(photo=photo).values_list("faces", flat=True).first() or []
    if post.cover != EVERYBODY:
        return ()
    return tuple(Box.from_json(face["box"]) for face in faces if not face["covered"])


def _write(job: Job, developed: Developed, *, rows: list[Rendition], post: Post) -> None:
    before = Rendition.objects.filter(photo=job.photo)
    blobs_doom(list(before.values_list("blob", flat=True)))
    before.delete()
    Rendition.objects.bulk_create(rows)
    if job.order.press_px and not press_px(post):
        # Taken back while this was in the darkroom.
        press_forget(post)
    kept = _kept(job, developed)
    if not Development.objects.filter(photo=job.photo).update(**kept):
        Development.objects.create(photo=job.photo, **kept)
    _forget_upload(job.photo)
    now = Photo.objects.get(pk=job.photo.pk)
    if len(now.drawn) > len(job.order.drawn) or not _is_still_asked(job, post):
        # More is to be covered, or smaller, than when this went into the darkroom: round again, over what was made.
        Photo.objects.filter(pk=now.pk).update(due_at=clock.now())
    if job.is_cover:
        Post.objects.filter(pk=job.post.pk).update(edit_version=F("edit_version") + 1)
        untold_leave(job.post)
        if is_confirmed(post):
            visible_version_bump(job.post.campaign_id)


def _is_still_asked(job: Job, post: Post) -> bool:
    """Tell whether the rules and the post ask no more than what the darkroom was told."""
    rules = preset_rules(Campaign.objects.get(pk=post.campaign_id))
    return job.order.main_px <= rules.main_px and (post.cover != EVERYBODY or job.order.cover == EVERYBODY)


def _kept(job: Job, developed: Developed) -> dict[str, object]:
    kept: dict[str, object] = {
        "fingerprint": developed.fingerprint.content,
        "fingerprint_quality": developed.fingerprint.quality,
        "placeholder": developed.placeholder,
        "width_px": developed.width_px,
        "height_px": developed.height_px,
        "ms": developed.ms,
    }
    if developed.verdict is None or developed.reading is None:
        faces = Development.objects.filter(photo=job.photo).values_list("faces", flat=True).first() or []
        heads = [box.to_json() for box in job.order.heads]
        covered = [{**face, "covered": face["covered"] or face["box"] in heads} for face in faces]
        return kept | {"faces": covered}
    return kept | {
        "spec_version": job.spec_version,
        "verdict": developed.verdict.kind,
        "score": developed.verdict.score,
        "reasons": list(developed.verdict.reasons),
        "advice": list(developed.advice),
        "garment_colour": developed.reading.garment_colour,
        "judged_by": {
            "spec": job.order.spec.to_json(),
            "model": developed.reading.model,
            "rule": developed.reading.rule,
            "likelihoods": {term: round(chance, 3) for term, chance in developed.reading.likelihoods},
        },
        "outline": [[list(point) for point in polygon] for polygon in developed.reading.outline],
        "faces": [face.to_json() for face in developed.faces],
        "crop": developed.crop.to_json(),
    }


def _forget_upload(photo: Photo) -> None:
    upload = Upload.objects.filter(photo=photo).first()
    if upload is None:
        return
    blobs_doom([upload.blob])
    upload.delete()
