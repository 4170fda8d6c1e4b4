"""The posting form as values: what it starts with, what came back, and which field a complaint belongs to.

The secret code and the form's token are made with the form, so that sending the same form again, after a lost
answer say, leads to the same post. Neither is ever in a path, a query or a log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.http import HttpRequest, QueryDict

from wearemany.adapters.received import ENVIRON_KEY, ReceivedFile
from wearemany.campaigns.models import Campaign
from wearemany.errors import Refused, TryAgain
from wearemany.photos import keepcode
from wearemany.photos.forms import form_fresh
from wearemany.photos.models import Upload
from wearemany.photos.orders import PHOTOS_MAX, TERMS_VERSION, PostOrder
from wearemany.photos.secrets import FORM_TOKEN
from wearemany.photos.services import form_digest, upload_receive, uploads_of_form

PHOTO_FIELD = "photo"
_UPLOADS_MOST = 12
_STEPS = {
    "cover-missing": "cover",
    "cover-required": "cover",
    "consent-missing": "ticks",
    "photo-missing": "photo",
    "photos-too-many": "photo",
    "upload-unknown": "photo",
    "upload-taken": "photo",
    "uploads-too-many": "photo",
}


@dataclass(frozen=True)
class Complaint:
    """What is missing or impossible, and which step of the form it belongs to ("" is the form as a whole)."""

    code: str
    sentence: str
    step: str


@dataclass(frozen=True)
class KeptPhoto:
    """A photo that has arrived already and stays with the form."""

    id: str
    number: int
    size_kb: int


@dataclass(frozen=True)
class JoinForm:
    """The form as it is shown or came back. `kept` are uploads of this form, in the order they were sent."""

    code: str = field(repr=False)
    token: str = field(repr=False)
    cover: str = ""
    ticks: tuple[str, ...] = ()
    kept: tuple[KeptPhoto, ...] = ()
    complaint: Complaint | None = None
    wants_no_code: bool = False
    proof: str = field(default="", repr=False)
    consents: tuple[str, ...] = ()

    @property
    def places_left(self) -> int:
        """How many more photos fit."""
        return max(0, PHOTOS_MAX - len(self.kept))


def form_new(language: str, *, cover_rule: str) -> JoinForm:
    """Return an empty form with a fresh code in the page's language and a fresh token."""
    fresh = form_fresh(language)
    return JoinForm(
        code=fresh.code,
        token=fresh.token,
        cover="everybody" if cover_rule == "everybody" else "",
    )


def form_read(posted: QueryDict, *, language: str, cover_rule: str) -> JoinForm:
    """Return the form that came back; a code or token that no form of ours could have is replaced by a fresh one."""
    fresh = form_new(language, cover_rule=cover_rule)
    code, token = posted.get("code", ""), posted.get("form", "")
    if len(keepcode.normalise(code).split()) != keepcode.WORDS or not FORM_TOKEN.fullmatch(token):
        code, token = fresh.code, fresh.token
    return JoinForm(
        code=keepcode.normalise(code),
        token=token,
        cover=posted.get("cover", ""),
        ticks=tuple(posted.getlist("tick"))[:9],
        wants_no_code=posted.get("no-code") == "yes",
        proof=posted.get("proof", ""),
        consents=tuple(posted.getlist("consent"))[:9],
    )


def uploads_receive(request: HttpRequest, token: str) -> tuple[Upload, ...]:
    """Write the rows of the photos that the front sealed for this request, in the order they came."""
    received: Sequence[ReceivedFile] = request.META.get(ENVIRON_KEY, ())
    digest = form_digest(token)
    return tuple(
        upload_receive(received=one, form_digest=digest) for one in received if one.field == PHOTO_FIELD
    )


def with_kept(form: JoinForm, upload_ids: Sequence[str]) -> JoinForm:
    """Return the form with those of these uploads that are still waiting for it."""
    waiting = {upload.pk: upload for upload in uploads_of_form(form_digest(form.token))}
    kept = [waiting[upload_id] for upload_id in dict.fromkeys(upload_ids) if upload_id in waiting]
    return replace(
        form,
        kept=tuple(
            KeptPhoto(id=upload.pk, number=number, size_kb=max(1, upload.size_bytes // 1000))
            for number, upload in enumerate(kept[:_UPLOADS_MOST], start=1)
        ),
    )


def order_of(form: JoinForm, *, campaign: Campaign, language: str, upload_ids: Sequence[str]) -> PostOrder:
    """Return the order to post what the form says."""
    return PostOrder(
        campaign=campaign,
        code=form.code,
        form_token=form.token,
        upload_ids=tuple(upload_ids),
        cover=form.cover,
        language=language,
        terms_version=TERMS_VERSION,
        ticks=form.ticks,
        keeps_code=not form.wants_no_code,
        proof=form.proof,
        consents=form.consents,
    )


def complaint_of(error: Refused | TryAgain, sentence: str) -> Complaint:
    """Return the complaint at the step it belongs to."""
    return Complaint(code=error.code, sentence=sentence, step=_STEPS.get(error.code, ""))
