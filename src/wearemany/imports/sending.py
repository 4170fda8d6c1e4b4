"""Bulk import: many pictures become posts by the services that everybody's posts go through, and are developed.

A run may be killed anywhere and started again: a picture's code is on its slip, on disk, before the picture is sent,
and the same code never makes a second post. Where pictures come from is in `places`, what is left behind in `slips`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from django.conf import settings
from django.db.models import QuerySet

from wearemany.adapters import clock, server, words
from wearemany.adapters.blobs import fresh_key
from wearemany.adapters.received import ReceivedFile
from wearemany.adapters.sealed import seal
from wearemany.campaigns.models import Campaign
from wearemany.darkroom.refusals import REFUSALS, refusal
from wearemany.errors import Refused
from wearemany.imports.places import Place, Row
from wearemany.imports.slips import DEVELOPED, REFUSED, TAKEN, Outcome, Report, Slips
from wearemany.photos import keepcode
from wearemany.photos.models import Photo
from wearemany.photos.orders import TERMS_VERSION, TICKS, PostOrder
from wearemany.photos.secrets import form_digest
from wearemany.photos.services import code_digest, post_by_code, post_submit, upload_receive
from wearemany.photos.steps import develop_pending

AHEAD = 48
IDLE_LIMIT_S = 900.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_WAIT_S = 0.3
_BATCH = 400


@dataclass(frozen=True)
class ImportSpec:
    """What holds for every picture whose own row says nothing else."""

    campaign: Campaign
    language: str
    cover: str


def pictures_import(
    place: Place, *, spec: ImportSpec, slips: Slips, report: Report, step: Callable[[int, int], None]
) -> None:
    """Post every picture of the place and develop as it goes; `step` is told how many of how many are sent.

    What the report calls taken is not sent again, so that a post which its author took back meanwhile stays away;
    what was refused is tried again. Only a few dozen wait for the darkroom at a time, so the store stays small.
    Raises TryAgain or Broken when the server fails; started again, it goes on there.
    """
    rows = place.rows()
    chosen = words.load(spec.language)
    codes = slips.ready(
        (row.file for row in rows),
        make=lambda: keepcode.make(clock.random_bytes(keepcode.RANDOM_BYTES), chosen),
    )
    taken = report.taken()
    for done, row in enumerate(rows, start=1):
        if row.file not in taken:
            report.add(_sent(place, row, spec=spec, code=codes[row.file]))
            _develop(_in_line, most=AHEAD)
        step(done, len(rows))
    _finish({file: codes[file] for file in report.taken() if file in codes}, report)


def _sent(place: Place, row: Row, *, spec: ImportSpec, code: str) -> Outcome:
    """Post one picture; what is wrong with it is its own outcome."""
    try:
        if post_by_code(code) is None:
            _submit(place, row, spec=spec, code=code)
    except Refused as error:
        return Outcome(row.file, REFUSED, error.code, str(error))
    return Outcome(row.file, TAKEN)


def _submit(place: Place, row: Row, *, spec: ImportSpec, code: str) -> None:
    most_bytes = settings.WEAREMANY["UPLOAD_MAX_BYTES"]
    content = place.read(row, most_bytes=most_bytes)
    if len(content) > most_bytes:
        raise refusal("upload-too-large", megabytes=most_bytes // 1_000_000)
    key, blob, token = server.keys().new_key(), fresh_key("u"), clock.random_bytes(16).hex()
    server.store().put(blob, seal(key, content))
    received = ReceivedFile(field="photo", blob=blob, key=key, size_bytes=len(content))
    upload = upload_receive(received=received, form_digest=form_digest(token))
    post_submit(
        PostOrder(
            campaign=spec.campaign,
            code=code,
            form_token=token,
            upload_ids=(upload.pk,),
            cover=row.cover or spec.cover,
            language=row.language or spec.language,
            terms_version=TERMS_VERSION,
            ticks=TICKS,
            caption=row.caption,
            name=row.name,
            people=row.people,
            alts=(row.alt,),
            consents=row.consents,
        )
    )


def _develop(waiting: Callable[[], int], *, most: int) -> None:
    """Develop beside whoever else does until at most so many wait; stops where nothing moves any more."""
    left, moved_s = waiting(), clock.monotonic_s()
    while left > most and clock.monotonic_s() - moved_s < IDLE_LIMIT_S:
        if not develop_pending():
            time.sleep(_WAIT_S)
        if (now := waiting()) < left:
            moved_s = clock.monotonic_s()
        left = now


def _in_line() -> int:
    """Return how many photos wait for the darkroom; as a range, since only so a database looks into the index."""
    return Photo.objects.filter(due_at__gt=LONG_AGO).count()


def _finish(codes: Mapping[str, str], report: Report) -> None:
    """Develop the import's last photos and write down what the darkroom said of all."""
    digests = {code_digest(code): file for file, code in codes.items()}
    batches = list(_batched(list(digests)))
    _develop(lambda: sum(_photos(batch).filter(due_at__isnull=False).count() for batch in batches), most=0)
    for batch in batches:
        for photo in _photos(batch).select_related("post", "development"):
            file = digests[bytes(photo.post.code_digest or b"")]
            if photo.refused_code:
                sentence = REFUSALS.get(photo.refused_code, "") % _Plain(photo.refused_values)
                report.add(Outcome(file, REFUSED, photo.refused_code, sentence))
            elif hasattr(photo, "development"):
                report.add(Outcome(file, DEVELOPED))


def _photos(digests: Sequence[bytes]) -> QuerySet[Photo]:
    return Photo.objects.filter(post__code_digest__in=digests)


def _batched(digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    left = iter(digests)
    while batch := list(islice(left, _BATCH)):
        yield batch


class _Plain(dict[str, object]):
    """The values of a sentence; one that a row lacks is a dash."""

    def __missing__(self, name: str) -> str:
        return "-"
