"""What the holder of a post's secret code may do: look, confirm, cover more, change, replace, take back.

The code comes in bodies only. A wrong one counts with the guesses of the keep-page.
"""

from __future__ import annotations

from typing import cast

from wearemany.api.asking import Asked, Picture
from wearemany.api.shapes import (
    AmendBody,
    CodeBody,
    ConfirmBody,
    ConsentState,
    CoverBody,
    PhotoBody,
    PhotoState,
    PostAnswer,
    ReplaceBody,
    Stage,
    TakenBackAnswer,
)
from wearemany.darkroom.geometry import Box
from wearemany.errors import N_, Refused
from wearemany.moderation.services import post_withdraw
from wearemany.photos.guesses import brake
from wearemany.photos.models import Photo, Post
from wearemany.photos.orders import TICKS, PostChange
from wearemany.photos.ownership import post_by_typed
from wearemany.photos.services import (
    form_digest,
    photo_cover,
    photo_drop,
    photo_replace,
    post_amend,
    post_confirm,
    uploads_of_form,
)
from wearemany.rendering.keep_page import SeenPhoto, keep_page, large_picture
from wearemany.wall.queries import PostState


def state(asked: Asked) -> PostAnswer:
    """Return how the post stands."""
    return post_answer(_post(asked), language=asked.language)


def picture(asked: Asked) -> Picture:
    """Return one photo as large as it becomes public, covered as it is."""
    post = _post(asked)
    photo = _photo(asked, post)
    opened = large_picture(post, photo.pk)
    if opened is None:
        raise Refused(
            "still-checking",
            N_("We are still preparing your picture. Please look at it again in a moment, then confirm."),
        )
    return Picture(opened.content, opened.media_type)


def confirm(asked: Asked) -> PostAnswer:
    """Take the author's word that the covered pictures are right."""
    post = _post(asked)
    post_confirm(post=post, ticks=TICKS if asked.body(ConfirmBody).ticks else ())
    return _now(asked, post)


def cover(asked: Asked) -> PostAnswer:
    """Cover more of one photo."""
    post = _post(asked)
    boxes = [
        Box(box.left, box.top, box.left + box.width, box.top + box.height)
        for box in asked.body(CoverBody).boxes
    ]
    photo_cover(photo=_photo(asked, post), boxes=boxes)
    return _now(asked, post)


def amend(asked: Asked) -> PostAnswer:
    """Change words and consents."""
    post = _post(asked)
    body = asked.body(AmendBody)
    change = PostChange(
        caption=body.caption,
        name=body.name,
        people=body.people,
        alts=None if body.alts is None else tuple(body.alts),
        language=body.language,
        consents=None if body.consents is None else tuple(body.consents),
    )
    post_amend(post=post, change=change)
    return _now(asked, post)


def replace(asked: Asked) -> PostAnswer:
    """Put another photo in the place of one that could not be used."""
    post = _post(asked)
    body = asked.body(ReplaceBody)
    photo = _photo(asked, post)
    waiting = {upload.pk: upload for upload in uploads_of_form(form_digest(body.form))}
    if body.upload not in waiting:
        raise Refused(
            "upload-unknown",
            N_("A photo did not arrive, or it was sent more than a day ago. Please choose it again."),
        )
    photo_replace(photo=photo, upload=waiting[body.upload])
    return _now(asked, post)


def drop(asked: Asked) -> PostAnswer:
    """Go on without a photo that could not be used."""
    post = _post(asked)
    photo_drop(photo=_photo(asked, post))
    return _now(asked, post)


def take_back(asked: Asked) -> TakenBackAnswer:
    """Take the post back: gone everywhere with this request."""
    post_withdraw(post=_post(asked))
    return TakenBackAnswer(taken_back=True)


def post_answer(post: Post, *, language: str) -> PostAnswer:
    """Return a post as its author sees it."""
    page = keep_page(post, language=language)
    return PostAnswer(
        state=PostState(page.standing.name),
        label=page.standing.label,
        sentences=list(page.standing.sentences),
        is_moving=page.standing.is_moving,
        mark=page.mark,
        wall=page.standing.wall_path,
        asks_ticks=bool(page.asks_ticks),
        language=page.language,
        caption=str(page.words["caption"]),
        name=str(page.words["name"]),
        people=int(str(page.words["people"])),
        waits_for_words=page.waits_for_words,
        consents=[ConsentState(name=box.name, words=box.words, given=box.given) for box in page.consents],
        photos=[_photo_state(photo) for photo in page.photos],
    )


def _photo_state(photo: SeenPhoto) -> PhotoState:
    return PhotoState(
        photo=photo.id,
        number=photo.number,
        state=cast(Stage, photo.state),
        alt=photo.alt,
        width_px=photo.width_px,
        height_px=photo.height_px,
        seen=list(photo.colour_words),
        faces=list(photo.face_words),
        outline=[[list(point) for point in polygon] for polygon in photo.outline],
        refused=photo.refused_sentence,
        can_be_dropped=photo.can_be_dropped,
    )


def _now(asked: Asked, post: Post) -> PostAnswer:
    post.refresh_from_db()
    return post_answer(post, language=asked.language)


def _post(asked: Asked) -> Post:
    found = post_by_typed(asked.body(CodeBody).code).post
    if found is None:
        brake.wrong()
        raise Refused(
            "code-unknown",
            N_("No post has this code. Perhaps a word is misspelt, or the post was taken back or erased."),
        )
    return found


def _photo(asked: Asked, post: Post) -> Photo:
    found = post.photos.filter(pk=asked.body(PhotoBody).photo).first()
    if found is None:
        raise Refused("photo-unknown", N_("This photo is not part of the post any more. Please look again."))
    return found
