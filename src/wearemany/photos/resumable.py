"""Photos that arrive piece by piece: begun, added to, looked at, ended, and swept when nobody comes back.

Each piece is a sealed blob and a row, both durable before its bytes are acknowledged, so any node may take the
next one and a kill anywhere loses at most the piece in flight. When the last byte is there the pieces become one
blob and the `Upload` row of the same id, which posting takes as it takes any other. The protocol is not known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from wearemany.adapters import clock, server
from wearemany.adapters.blobs import fresh_key
from wearemany.adapters.received import ReceivedFile
from wearemany.adapters.sealed import Sealer, open_sealed
from wearemany.errors import N_, Broken, Refused
from wearemany.ids import ID_BYTES, opaque
from wearemany.photos.doomed import blobs_doom
from wearemany.photos.models import Photo, ResumablePart, ResumableUpload, Upload
from wearemany.photos.secrets import part_owner, upload_owner
from wearemany.photos.turns import line

UPLOADS_A_FORM_MAX = 12
"""How many uploads one form may have, those that are still arriving among them."""

PARTS_MAX = 1000
"""How many pieces one upload may come in."""

_LOST = frozenset({"blob-absent", "sealed-blob-broken"})


@dataclass(frozen=True)
class ResumableView:
    """How far an upload is. Once `done` its id is that of an upload to post with; `expires_at` is None then."""

    id: str
    length_bytes: int
    offset_bytes: int
    done: bool
    expires_at: datetime | None


def uploads_count(form_digest: bytes) -> int:
    """Return how many uploads a form has, those among them that are still arriving."""
    whole = Upload.objects.filter(form_digest=form_digest).count()
    return whole + ResumableUpload.objects.filter(form_digest=form_digest, whole=None).count()


def uploads_too_many() -> Refused:
    """Return the refusal of one more upload from a form that has sent many."""
    return Refused(
        "uploads-too-many",
        N_("Many photos were sent from this page already. Please load the page again and start afresh."),
    )


def upload_taken() -> Refused:
    """Return the refusal of a photo that another post has already."""
    return Refused(
        "upload-taken",
        N_(
            "This photo is part of a post already. To post again, please load the page again and choose it anew."
        ),
    )


def upload_empty() -> Refused:
    """Return the refusal of a photo without a byte."""
    return Refused("upload-empty", N_("Nothing arrived. Please choose the photo again."))


def resumable_unknown() -> Refused:
    """Return the refusal of an id that no upload has, or none any more."""
    return Refused(
        "upload-unknown-here",
        N_("There is no such upload here. Please send the photo from its beginning."),
    )


def resumable_begin(*, form_digest: bytes, length_bytes: int) -> ResumableView:
    """Make room for a photo of a known length; nothing of it is here yet.

    Raises Refused for a photo without a byte, one larger than is taken, and one too many of this form.
    """
    limit_bytes = int(settings.WEAREMANY["UPLOAD_MAX_BYTES"])
    if length_bytes < 1:
        raise upload_empty()
    if length_bytes > limit_bytes:
        raise Refused(
            "upload-too-large",
            N_("A photo may have at most %(megabytes)s MB. Please send a smaller one."),
            megabytes=limit_bytes // (1024 * 1024),
        )
    with transaction.atomic():
        if uploads_count(form_digest) >= UPLOADS_A_FORM_MAX:
            # Answers that were lost on the way leave uploads that nobody knows of: they take up no places.
            ResumableUpload.objects.filter(form_digest=form_digest, offset_bytes=0).delete()
            if uploads_count(form_digest) >= UPLOADS_A_FORM_MAX:
                raise uploads_too_many()
        row = ResumableUpload.objects.create(
            id=opaque(clock.random_bytes(ID_BYTES)),
            form_digest=form_digest,
            length_bytes=length_bytes,
            expires_at=clock.now() + _keep(),
        )
    return _view(row)


def resumable_add(*, upload_id: str, offset_bytes: int, received: ReceivedFile | None) -> ResumableView:
    """Add a piece that the front has sealed; with the last one the upload is whole and can be posted with.

    The piece's blob is durable before this is called, and counts once this returns; whoever stored it deletes it
    when no row names it afterwards. Of two pieces for the same place the second is refused with
    `offset-differs`, as is a repetition: look, and go on from where the upload is. `received` None adds nothing.
    """
    with transaction.atomic():
        row = _locked(upload_id)
        if row.offset_bytes != offset_bytes:
            raise Refused(
                "offset-differs",
                N_("The photo is here up to another byte. Ask how far it is and go on from there."),
            )
        if received is not None:
            _check_size(row, received.size_bytes)
            ResumablePart.objects.create(
                upload=row,
                offset_bytes=offset_bytes,
                size_bytes=received.size_bytes,
                blob=received.blob,
                wrapped_key=server.keys().wrap(
                    received.key, owner=part_owner(upload_id, offset_bytes=offset_bytes)
                ),
            )
            row.offset_bytes += received.size_bytes
            row.save(update_fields=["offset_bytes"])
    if received is not None:
        line.sent(upload_id, received.sender)
    return _completed(row)


def resumable_look(upload_id: str) -> ResumableView:
    """Return how far an upload is. One that was cut off between its last byte and being whole is made whole now.

    Raises Refused `upload-unknown-here` for an id that there is not, `upload-gone` for one that has expired.
    """
    row = ResumableUpload.objects.filter(pk=upload_id).first()
    return _completed(_checked(row))


def resumable_end(upload_id: str) -> None:
    """Forget an upload and delete what came of it; a photo that a post has taken is the post's, and is refused."""
    with transaction.atomic():
        row = _locked(upload_id)
        if Photo.objects.filter(upload_id=upload_id).exists():
            raise upload_taken()
        whole = Upload.objects.filter(pk=upload_id)
        blobs_doom(whole.values_list("blob", flat=True))
        whole.delete()
        _forgotten(row)


def resumables_discard(*, limit: int) -> int:
    """Forget uploads whose time is over, with the pieces they came in; returns how many."""
    expired = ResumableUpload.objects.filter(expires_at__lte=clock.now()).values_list("pk", flat=True)[:limit]
    handled = 0
    for upload_id in list(expired):
        with transaction.atomic():
            row = ResumableUpload.objects.select_for_update().filter(pk=upload_id).first()
            if row is not None:
                _forgotten(row)
                handled += 1
    return handled


def _completed(row: ResumableUpload) -> ResumableView:
    """Make one blob and the `Upload` row out of the pieces, when all are here.

    1. the blob of the whole, durable             killed here: nobody knows its key; swept a day later as an orphan
    2. the `Upload`, the pieces doomed, `whole`   one transaction; killed before it, the next look does both again
    """
    if row.whole_id or row.offset_bytes < row.length_bytes:
        return _view(row)
    parts = list(row.parts.all())
    if not parts:
        # The row was read just before somebody else made it whole.
        return _overtaken(row, None)
    keys = server.keys()
    try:
        opened = [_Piece(part, keys.unwrap(bytes(part.wrapped_key), owner=_owner(part))) for part in parts]
        key = opened[0].key if len(parts) == 1 else keys.new_key()
        # A photo that came in one piece needs no second copy.
        blob = parts[0].blob if len(parts) == 1 else _joined(opened, key=key)
    except Broken as error:
        if error.code not in _LOST:
            raise
        return _overtaken(row, error)
    with transaction.atomic():
        now = ResumableUpload.objects.select_for_update().filter(pk=row.pk).first()
        if now is None or now.whole_id:
            # Somebody else was quicker, or it was ended meanwhile: this copy is nobody's.
            blobs_doom([blob] if len(parts) > 1 else [])
        else:
            now.expires_at = clock.now() + _keep()
            now.whole = Upload.objects.create(
                id=row.pk,
                form_digest=bytes(now.form_digest),
                blob=blob,
                wrapped_key=keys.wrap(key, owner=upload_owner(row.pk)),
                size_bytes=row.length_bytes,
                expires_at=now.expires_at,
            )
            now.save(update_fields=["whole", "expires_at"])
            blobs_doom(part.blob for part in parts if part.blob != blob)
            now.parts.all().delete()
    return _view(_checked(now))


def _overtaken(row: ResumableUpload, error: Exception | None) -> ResumableView:
    """Say how it stands when the pieces are not there to be joined: another request was quicker, or they are lost."""
    now = _checked(ResumableUpload.objects.filter(pk=row.pk).first())
    if now.whole_id:
        return _view(now)
    with transaction.atomic():
        _forgotten(_locked(row.pk))
    raise _gone() from error


@dataclass(frozen=True)
class _Piece:
    part: ResumablePart
    key: bytes


def _joined(pieces: list[_Piece], *, key: bytes) -> str:
    """Write the pieces as one blob under `key`, one piece in memory at a time, and return its name once durable."""
    store = server.store()
    blob = fresh_key("u")

    async def sealed() -> AsyncIterator[bytes]:
        sealer = Sealer(key)
        for piece in pieces:
            content = open_sealed(piece.key, await store.get_async(piece.part.blob))
            yield sealer.update(content)
        yield sealer.finish()

    # This thread has no loop of its own, and must not touch tables inside this one.
    asyncio.run(store.put_stream(blob, sealed()))
    return blob


def _locked(upload_id: str) -> ResumableUpload:
    return _checked(ResumableUpload.objects.select_for_update().filter(pk=upload_id).first())


def _checked(row: ResumableUpload | None) -> ResumableUpload:
    if row is None:
        raise resumable_unknown()
    if row.expires_at <= clock.now():
        raise _gone()
    return row


def _check_size(row: ResumableUpload, size_bytes: int) -> None:
    left_bytes = row.length_bytes - row.offset_bytes
    if size_bytes > left_bytes:
        raise Refused(
            "upload-longer-than-said",
            N_("More arrived than was announced for this photo. Please send it from its beginning."),
        )
    # Whatever is left must fit into the pieces that are left, so that an upload can always be ended.
    least_bytes = -(-left_bytes // (PARTS_MAX - row.parts.count()))
    if size_bytes < least_bytes:
        raise Refused(
            "piece-too-small",
            N_("This photo comes in very many small pieces. Please send at least %(bytes)s bytes at once."),
            bytes=least_bytes,
        )


def _forgotten(row: ResumableUpload) -> None:
    blobs_doom(row.parts.values_list("blob", flat=True))
    row.delete()


def _gone() -> Refused:
    return Refused("upload-gone", N_("This upload is gone. Please send the photo from its beginning."))


def _owner(part: ResumablePart) -> str:
    return part_owner(part.upload_id, offset_bytes=part.offset_bytes)


def _keep() -> timedelta:
    return timedelta(hours=settings.WEAREMANY["UPLOAD_KEEP_HOURS"])


def _view(row: ResumableUpload) -> ResumableView:
    return ResumableView(
        id=row.pk,
        length_bytes=row.length_bytes,
        offset_bytes=row.offset_bytes,
        done=row.whole_id is not None,
        expires_at=None if row.whole_id else row.expires_at,
    )
