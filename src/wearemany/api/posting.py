"""Sending a photo in one request, and posting with what arrived."""

from __future__ import annotations

from wearemany.api.asking import Asked
from wearemany.api.campaigns import campaign_of
from wearemany.api.keeping import post_answer
from wearemany.api.shapes import PostAnswer, PostBody, UploadAnswer, UploadForm
from wearemany.errors import N_, Refused
from wearemany.photos.orders import TERMS_VERSION, TICKS, PostOrder
from wearemany.photos.resumable import upload_empty
from wearemany.photos.services import form_digest, post_by_code, post_submit, upload_receive

PHOTO_FIELD = "photo"


def upload_take(asked: Asked) -> UploadAnswer:
    """Take one photo that came in one request; the front has sealed it."""
    form = asked.body(UploadForm)
    received = next((one for one in asked.received if one.field == PHOTO_FIELD), None)
    if received is None:
        raise upload_empty()
    upload = upload_receive(received=received, form_digest=form_digest(form.form))
    return UploadAnswer(upload=upload.pk)


def post_make(asked: Asked) -> PostAnswer:
    """Make the post, or find it when its code has made it before."""
    body = asked.body(PostBody)
    campaign = campaign_of(asked)
    if post_by_code(body.code) is None and body.terms_version != TERMS_VERSION:
        raise Refused(
            "terms-changed",
            N_("The words to agree to have changed meanwhile. Please read them again, then send."),
        )
    order = PostOrder(
        campaign=campaign,
        code=body.code,
        form_token=body.form,
        upload_ids=tuple(body.uploads),
        cover=body.cover,
        language=body.language,
        terms_version=TERMS_VERSION,
        ticks=TICKS,
        caption=body.caption,
        name=body.name,
        people=body.people,
        alts=tuple(body.alts),
        consents=tuple(body.consents),
    )
    return post_answer(post_submit(order), language=asked.language)
