"""What this station does by itself: develop, give up what is too old, delete blobs, find blobs nobody names.

Every step may run in any number of processes at once, may be killed anywhere, and returns how many rows it
handled (0: idle).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q

from wearemany.adapters import clock, server
from wearemany.adapters.blobs import FolderBlobs
from wearemany.darkroom.developed import Developed
from wearemany.errors import Refused, TryAgain, WeAreManyError
from wearemany.photos.copies import copies
from wearemany.photos.developing import Job, develop, prepare, record, refuse
from wearemany.photos.doomed import blobs_doom, named
from wearemany.photos.erasing import post_erase, posts_abandoned
from wearemany.photos.models import Development, DoomedBlob, Photo, Post, Upload
from wearemany.photos.newness import newness
from wearemany.photos.readiness import settle
from wearemany.photos.resumable import resumables_discard
from wearemany.photos.turns import line
from wearemany.photos.waiting import claim_in_turn
from wearemany.worker.claims import LeaseLost, claim, finish_deleted, postpone, retry
from wearemany.worker.loop import describe
from wearemany.worker.seldom import Seldom

LEASE_S = 90.0
GIVE_UP_AFTER = 40
OUR_WAIT_S = 20.0
ORPHAN_GRACE = timedelta(hours=24)
_OUR_TROUBLES = frozenset(
    {"storage-full", "storage-unreachable", "storage-broken", "darkroom-does-not-start"}
)
_BATCH = 100
_IN_LINE = 3
_orphans_watch = Seldom(every_s=3600.0)
_abandoned_watch = Seldom(every_s=3600.0)
_log = logging.getLogger("wearemany.photos")


def develop_pending() -> int:
    """Develop photos whose turn it is, as many at once as there are darkroom children, a few more in line for each.

    While one is written down the children work on the next. Bytes that were developed before are not opened again.
    A process with no children leaves them to others.
    """
    children = int(settings.WEAREMANY["DARKROOM_CHILDREN"])
    if not children:
        return 0
    photos = claim_in_turn(limit=children * _IN_LINE, lease_s=LEASE_S)
    jobs = {photo.pk: job for photo in photos if (job := _prepared(photo)) is not None}
    marks = {pk: copies.mark(job) for pk, job in jobs.items() if not job.is_cover}
    firsts = {mark: pk for pk, mark in reversed(marks.items())}
    asked = [job for pk, job in jobs.items() if pk not in marks or _is_first(pk, marks[pk], firsts)]
    # Only the waiting for the children is in threads; tables are touched by this thread alone.
    with ThreadPoolExecutor(max_workers=children) as threads:
        for job, answer in zip(asked, threads.map(_asked, asked), strict=True):
            _concluded(job, answer, mark=marks.get(job.photo.pk))
    opened = {job.photo.pk for job in asked}
    for pk, job in jobs.items():
        if pk not in opened:
            _concluded_again(job, marks[pk])
    return len(photos)


def uploads_discard_pending() -> int:
    """Erase uploads that are a day old, whole or in pieces, developed or not; their photos say so to the author."""
    now = clock.now()
    expired = Upload.objects.filter(expires_at__lte=now).values_list("pk", flat=True)[:_BATCH]
    handled = resumables_discard(limit=_BATCH)
    for upload_id in list(expired):
        handled += _discarded(upload_id)
    return handled


def blobs_doom_pending() -> int:
    """Delete doomed blobs. One that a row names after all is spared."""
    rows = claim(DoomedBlob, limit=_BATCH, lease_s=LEASE_S)
    spared = named(row.blob for row in rows)
    for row in rows:
        try:
            if row.blob not in spared:
                server.store().delete(row.blob)
            finish_deleted(row)
        except LeaseLost:
            continue
        except WeAreManyError as error:
            _put_back(row, code=error.code)
    return len(rows)


def orphans_doom_pending() -> int:
    """Once an hour, find blobs that no row names, and doom them for a day later.

    They are left by a server that died between storing a blob and writing its row, or by a restored database.
    The day of grace is for blobs whose row is just being written.
    """
    if not _orphans_watch.is_time():
        return 0
    store = server.store()
    if isinstance(store, FolderBlobs):
        store.sweep(older_than_s=ORPHAN_GRACE.total_seconds())
    doomed = 0
    for prefix in ("u", "r"):
        keys = iter(store.list(prefix))
        while batch := list(islice(keys, 500)):
            doomed += _orphans_doomed(batch)
    return doomed


def abandoned_erase_pending() -> int:
    """Once an hour, erase posts whose author was asked for something and did not come back for two weeks."""
    if not _abandoned_watch.is_time():
        return 0
    posts = posts_abandoned(limit=_BATCH)
    for post in posts:
        post_erase(post=post)
    return len(posts)


def _prepared(photo: Photo) -> Job | None:
    try:
        return prepare(photo)
    except Exception as error:
        _failed(photo, error)
        return None


def _asked(job: Job) -> Developed | Exception:
    try:
        return develop(job)
    except Exception as error:
        return error


def _is_first(pk: str, mark: bytes, firsts: Mapping[bytes, str]) -> bool:
    """Tell whether these bytes are new to this process, and the first of their like in this round."""
    return firsts[mark] == pk and copies.again(mark) is None


def _concluded(job: Job, answer: Developed | Exception, *, mark: bytes | None = None) -> None:
    brought: Literal["new", "old"] = "old"
    try:
        if isinstance(answer, Exception):
            raise answer
        record(job, answer)
        if mark is not None:
            copies.made(mark, job.photo.pk)
            brought = "new" if newness.is_new(answer) else "old"
    except Exception as error:
        if isinstance(error, Refused) and mark is not None:
            copies.made(mark, error)
        _failed(job.photo, error)
    line.told(job.photo.pk, brought=brought)


def _concluded_again(job: Job, mark: bytes) -> None:
    """Write down for a copy what was made of the same bytes; should that be gone by now, it is due again."""
    try:
        outcome = copies.again(mark)
        if outcome is None:
            copies.forgotten(mark)
            postpone(job.photo, code="copy-gone", wait_s=0.0)
        else:
            _concluded(job, outcome)
    except Exception as error:
        _failed(job.photo, error)


def _failed(photo: Photo, error: Exception) -> None:
    """Put the photo where its trouble belongs: refused, put back, or given up."""
    code = describe(error)
    # A developed photo that waits for more cover is never refused: it stays hidden until the cover is on.
    is_cover = Development.objects.filter(photo=photo).exists()
    try:
        if isinstance(error, LeaseLost):
            return
        if isinstance(error, Refused) and not is_cover:
            refuse(photo, code=error.code, values=error.values)
        elif _is_ours(error):
            # A full disk is no fault of the photo, nor are models that are not there: no attempt is used up.
            postpone(photo, code=code, wait_s=OUR_WAIT_S)
        elif retry(photo, code=code, give_up_after=None if is_cover else GIVE_UP_AFTER):
            # Killed just here, the photo waits for its upload's last hour, which refuses it too.
            refuse(photo, code="photo-not-developed", values={})
        if not isinstance(error, Refused | TryAgain):
            _log.error("a photo was not developed: %s", code)
    except LeaseLost:
        return


def _is_ours(error: Exception) -> bool:
    if isinstance(error, WeAreManyError):
        return error.code in _OUR_TROUBLES
    return isinstance(error, DatabaseError)


def _put_back(row: DoomedBlob, *, code: str) -> None:
    try:
        retry(row, code=code)
    except LeaseLost:
        return


def _discarded(upload_id: str) -> int:
    now = clock.now()
    with transaction.atomic():
        upload = Upload.objects.filter(pk=upload_id, expires_at__lte=now).first()
        if upload is None:
            return 0
        photo = Photo.objects.filter(upload=upload).first()
        if photo is not None:
            post = Post.objects.select_for_update().get(pk=photo.post_id)
            free = Q(lease_until=None) | Q(lease_until__lte=now)
            if not Photo.objects.filter(free, pk=photo.pk, upload=upload).update(
                upload=None, due_at=None, lease_until=None, lease_owner="", refused_code="upload-expired"
            ):
                # In the darkroom at this moment; that ends it one way or the other.
                return 0
            settle(post)
        blobs_doom([upload.blob])
        upload.delete()
    return 1


def _orphans_doomed(keys: list[str]) -> int:
    known = named(keys) | set(DoomedBlob.objects.filter(blob__in=keys).values_list("blob", flat=True))
    orphans = [key for key in keys if key not in known]
    if orphans:
        blobs_doom(orphans, due_at=clock.now() + ORPHAN_GRACE)
    return len(orphans)
