"""The doors of this station: receive an upload, post, confirm, cover more, change, send another photo.

Each opens its own transaction and touches no blob inside it. Developing is in `developing`, erasing in
`erasing`, reading in `showing`; they are offered from here too. Whether a post is public is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction

from wearemany.adapters import clock, server
from wearemany.adapters.received import ReceivedFile
from wearemany.campaigns.freezing import is_guarded
from wearemany.campaigns.services import posting_checked, preset_rules, visible_version_bump
from wearemany.darkroom.geometry import Box
from wearemany.errors import N_, Refused
from wearemany.ids import ID_BYTES, opaque
from wearemany.photos import orders
from wearemany.photos.consents import consents_write, is_agreed, kinds_given, optional_kinds
from wearemany.photos.doomed import blobs_doom
from wearemany.photos.elsewhere import link_checked, link_forget
from wearemany.photos.erasing import post_erase
from wearemany.photos.hushed import voiced
from wearemany.photos.keepcode import WORDS, digest, normalise
from wearemany.photos.models import CodeForgetting, ConsentKind, Photo, Post, Upload
from wearemany.photos.orders import PostChange, PostOrder
from wearemany.photos.press import press_forget, press_px
from wearemany.photos.proofs import proof_holds
from wearemany.photos.readiness import (
    is_confirmed,
    locked,
    post_edit_apply,
    post_taken_up,
    settle,
    was_handed_on,
    words_of,
    words_write,
)
from wearemany.photos.resumable import UPLOADS_A_FORM_MAX, upload_taken, uploads_count, uploads_too_many
from wearemany.photos.secrets import form_digest, post_key_create, post_salt, upload_owner
from wearemany.photos.showing import photos_of_posts, post_photos, rendition_open
from wearemany.photos.turns import line
from wearemany.worker.loop import wake_on_commit

__all__ = [
    "code_digest",
    "form_digest",
    "photo_cover",
    "photo_drop",
    "photo_replace",
    "photos_of_posts",
    "post_amend",
    "post_by_code",
    "post_confirm",
    "post_edit_apply",
    "post_erase",
    "post_photos",
    "post_salt",
    "post_submit",
    "post_taken_up",
    "rendition_open",
    "upload_receive",
    "uploads_of_form",
    "words_of",
]

_BOX_SIDE_MIN = 0.005


def upload_receive(*, received: ReceivedFile, form_digest: bytes) -> Upload:
    """Write the row of a file that the front has sealed into the store; from now on it counts as received.

    The blob is durable before this is called. If the server dies in between, nobody ever learns the
    blob's key, and the blob is deleted a day later. Raises Refused when this form has sent too many files.
    """
    with transaction.atomic():
        if uploads_count(form_digest) >= UPLOADS_A_FORM_MAX:
            full = True
            blobs_doom([received.blob])
        else:
            full = False
            upload_id = opaque(clock.random_bytes(ID_BYTES))
            upload = Upload.objects.create(
                id=upload_id,
                form_digest=form_digest,
                blob=received.blob,
                wrapped_key=server.keys().wrap(received.key, owner=upload_owner(upload_id)),
                size_bytes=received.size_bytes,
                expires_at=clock.now() + timedelta(hours=settings.WEAREMANY["UPLOAD_KEEP_HOURS"]),
            )
    if full:
        raise uploads_too_many()
    line.sent(upload.pk, received.sender)
    return upload


def uploads_of_form(form_digest: bytes) -> list[Upload]:
    """Return the uploads of a form that no post has taken yet, for the form to be shown again."""
    return list(Upload.objects.filter(form_digest=form_digest, photo=None))


def post_submit(order: PostOrder) -> Post:
    """Make the post, its photos due for the darkroom; the same code again returns the same post.

    Raises Refused with a sentence that says what to do when anything is missing or impossible; then nothing
    was made, and the uploads are kept for the next try. Uploads of another form, or of another post, are refused.
    """
    owner = code_digest(order.code)
    if (post := _repeated(order, owner)) is not None:
        return post
    posting_checked(order.campaign)
    if not order.may_tick_later:
        orders.ticks_checked(order.ticks)
    if order.door == orders.OF_MINORS:
        orders.minors_order_checked(order)
    upload_ids = orders.photos_checked(order.upload_ids)
    alts = orders.alts_checked(order.alts, photos=len(upload_ids))
    post = Post(
        id=opaque(clock.random_bytes(ID_BYTES)),
        campaign=order.campaign,
        code_digest=owner,
        language=orders.language_checked(order.language),
        caption=orders.caption_checked(order.caption),
        name=orders.name_checked(order.name),
        people=orders.people_checked(order.people),
        cover=orders.cover_checked(order.cover, rule=preset_rules(order.campaign).cover),
        terms_version=order.terms_version,
        is_opening=order.is_opening,
        is_drawn=order.is_drawn,
        received_day=clock.now().date(),
        door=_door(order),
        group=order.group,
    )
    agreed = {ConsentKind.WALL} if orders.are_ticked(order.ticks) else set()
    try:
        with transaction.atomic():
            uploads = _uploads_taken(upload_ids, form_digest(order.form_token))
            post.save(force_insert=True)
            post_key_create(post)
            if not order.keeps_code:
                CodeForgetting.objects.create(post=post)
            consents_write(post, agreed | optional_kinds(order.consents, order.campaign))
            for position, (upload, alt) in enumerate(zip(uploads, alts, strict=True)):
                photo = Photo.objects.create(
                    id=opaque(clock.random_bytes(ID_BYTES)),
                    post=post,
                    position=position,
                    upload=upload,
                    alt=alt,
                    due_at=clock.now(),
                )
                _join_on_commit(photo, upload)
            wake_on_commit()
    except (IntegrityError, Refused) as error:
        # Two requests at once. The same form sent twice: the other one made the post. One upload in two forms: no.
        if (twin := _repeated(order, owner)) is not None:
            return twin
        if isinstance(error, Refused):
            raise
        raise upload_taken() from None
    return post


def code_digest(code: str) -> bytes:
    """Return what stands for a keep-code in a row; Refused `code-unreadable` when it is not seven words."""
    if len(normalise(code).split()) != WORDS:
        raise Refused(
            "code-unreadable",
            N_("A secret code has %(words)s words. Please check that you have all of them."),
            words=WORDS,
        )
    return digest(code, server.keys().pepper)


def post_by_code(code: str) -> Post | None:
    """Return the post that a keep-code owns; None when there is none, also once it is erased."""
    try:
        owner = code_digest(code)
    except Refused:
        return None
    return Post.objects.filter(code_digest=owner, erased=False).select_related("campaign").first()


def post_confirm(*, post: Post, ticks: Sequence[str] = ()) -> None:
    """Take the author's word that the covered pictures are right; twice is once.

    Raises Refused `still-checking` while a photo is being developed or covered, `consent-missing` when the
    post came without the two ticks and they are not given with this.
    """
    with transaction.atomic():
        now = locked(post.pk)
        settle(now)
        if not now.ready:
            raise Refused(
                "still-checking",
                N_("We are still preparing your picture. Please look at it again in a moment, then confirm."),
            )
        if not now.confirmed:
            if not is_agreed(now):
                orders.ticks_checked(ticks)
                consents_write(now, {ConsentKind.WALL, *kinds_given(now)})
            now.confirmed = True
            now.save(update_fields=["confirmed"])
            settle(now)


def photo_cover(*, photo: Photo, boxes: Sequence[Box]) -> None:
    """Cover more of a photo; the darkroom lays the boxes over it next, and until then nobody is shown it.

    Covers are only ever added. Raises Refused `boxes-unusable` for none, too many or empty ones.
    """
    drawn = [box.clipped() for box in boxes]
    usable = drawn and all(box.width >= _BOX_SIDE_MIN and box.height >= _BOX_SIDE_MIN for box in drawn)
    with transaction.atomic():
        post = locked(photo.post_id)
        now = Photo.objects.select_for_update().get(pk=photo.pk)
        if not usable or len(now.drawn) + len(drawn) > orders.BOXES_MAX:
            raise Refused(
                "boxes-unusable",
                N_("Please draw from one to %(limit)s boxes over what should be covered."),
                limit=orders.BOXES_MAX,
            )
        now.drawn = [*now.drawn, *(box.to_json() for box in drawn)]
        now.due_at = clock.now()
        now.save(update_fields=["drawn", "due_at"])
        settle(post)
        if is_confirmed(post):
            # Before that nobody but the author has seen it, and nobody is to see that anything was done.
            visible_version_bump(post.campaign_id)
        wake_on_commit()


def photo_replace(*, photo: Photo, upload: Upload) -> None:
    """Send another photo in the place of one that could not be developed; the author confirms anew."""
    try:
        with transaction.atomic():
            post = locked(photo.post_id)
            posting_checked(post.campaign)
            replaced = Photo.objects.filter(pk=photo.pk).exclude(refused_code="")
            if not replaced.update(
                upload=upload, refused_code="", refused_values={}, due_at=clock.now(), attempts=0, trouble=""
            ):
                raise _not_refused()
            _join_on_commit(photo, upload)
            post.confirmed = False
            post.save(update_fields=["confirmed"])
            settle(post)
            wake_on_commit()
    except IntegrityError:
        raise upload_taken() from None


def photo_drop(*, photo: Photo) -> None:
    """Go on without a photo that could not be developed, as long as another one is left."""
    with transaction.atomic():
        post = locked(photo.post_id)
        if post.photos.count() < 2:
            raise Refused(
                "photo-last", N_("This is the only photo. Please send another one, or take the post back.")
            )
        deleted, _ = Photo.objects.filter(pk=photo.pk).exclude(refused_code="").delete()
        if not deleted:
            raise _not_refused()
        settle(post)


def post_amend(*, post: Post, change: PostChange) -> None:
    """Add or change words and consents. Once moderation may have seen the post, new words wait in `edit`.

    Consents and the language count at once. Raises Refused, and then nothing is changed.
    """
    with transaction.atomic():
        now = locked(post.pk)
        if now.door == orders.OF_MINORS:
            orders.minors_change_checked(change)
        words = _words_changed(now, change)
        with voiced(now):
            _words_take(now, words)
        if change.language is not None:
            now.language = orders.language_checked(change.language)
            now.save(update_fields=["language"])
        if change.consents is not None:
            given = {ConsentKind.WALL} if is_agreed(now) else set()
            consents_write(now, given | optional_kinds(change.consents, now.campaign))
            if not press_px(now):
                press_forget(now)


def _words_take(post: Post, words: dict[str, object]) -> None:
    if words.get("elsewhere") == "":
        link_forget(post)
        post.refresh_from_db()
        del words["elsewhere"]
    if words and was_handed_on(post):
        post.edit = {**post.edit, **words}
        post.save(update_fields=["edit"])
        settle(post)
    elif words:
        words_write(post, words)


def _words_changed(post: Post, change: PostChange) -> dict[str, object]:
    before = words_of(post)
    wished: dict[str, object] = {}
    if change.caption is not None:
        wished["caption"] = orders.caption_checked(change.caption)
    if change.name is not None:
        wished["name"] = orders.name_checked(change.name)
    if change.people is not None:
        wished["people"] = orders.people_checked(change.people)
    if change.elsewhere is not None:
        wished["elsewhere"] = link_checked(change.elsewhere, post=post)
    if change.alts is not None:
        wished["alts"] = list(orders.alts_checked(change.alts, photos=post.photos.count()))
    return {name: value for name, value in wished.items() if value != before[name]}


def _repeated(order: PostOrder, owner: bytes) -> Post | None:
    post = Post.objects.filter(code_digest=owner).first()
    if post is None:
        return None
    if post.campaign_id != order.campaign.pk:
        raise Refused(
            "code-taken",
            N_("This page was used for another campaign. Please load it again and start afresh."),
        )
    with transaction.atomic():
        # Without scripts a repeated submit sends the bytes again; nobody needs the second copy.
        spare = Upload.objects.filter(
            pk__in=order.upload_ids, form_digest=form_digest(order.form_token), photo=None
        )
        blobs_doom([upload.blob for upload in spare])
        spare.delete()
    return post


def _uploads_taken(upload_ids: Sequence[str], form: bytes) -> list[Upload]:
    found = {row.pk: row for row in Upload.objects.filter(pk__in=upload_ids, form_digest=form)}
    if len(found) < len(upload_ids):
        raise Refused(
            "upload-unknown",
            N_("A photo did not arrive, or it was sent more than a day ago. Please choose it again."),
        )
    if Photo.objects.filter(upload__in=found).exists():
        raise upload_taken()
    return [found[upload_id] for upload_id in upload_ids]


def _door(order: PostOrder) -> str:
    """Return which way a post came in; while the campaign is guarded, whether its page brought no proof of work."""
    is_asked = not order.door and not order.is_opening and is_guarded(order.campaign)
    return orders.UNPROVEN if is_asked and not proof_holds(order.proof, code=order.code) else order.door


def _join_on_commit(photo: Photo, upload: Upload) -> None:
    """Let the photo wait for its turn once it is really there; who sent it is known to this process alone."""
    join = line.join_slow if photo.post.door == orders.UNPROVEN else line.join
    transaction.on_commit(partial(join, photo.pk, post_id=photo.post_id, upload_id=upload.pk))


def _not_refused() -> Refused:
    return Refused("photo-stays", N_("This photo needs no other one. To remove it, take the post back."))
