"""Erasing a post: its key and salt first, then everything personal; the bare row stays for the log's sake."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from wearemany.adapters import clock
from wearemany.photos.doomed import blobs_doom
from wearemany.photos.models import (
    CodeForgetting,
    Consent,
    CoverChoice,
    Photo,
    Post,
    PostKey,
    Rendition,
    Upload,
)

ABANDONED_DAYS = 14
"""How long a post waits for its author: to send another photo, or to confirm the covered picture."""


def post_erase(*, post: Post) -> None:
    """Destroy everything personal of a post; twice is once, and half-done is finished by the next call.

    1. key and salt, in a transaction of their own      crash: the pictures are noise already
    2. words, photos, developments, consents, the code, with a doomed row for each blob
                                                        crash: all of it or nothing
    3. the blobs, by the worker                         crash: it goes on where it was

    What others said under the post is not ours: moderation erases that with it.
    """
    PostKey.objects.filter(post_id=post.pk).delete()
    with transaction.atomic():
        Post.objects.select_for_update().get(pk=post.pk)
        photos = Photo.objects.filter(post_id=post.pk)
        uploads = Upload.objects.filter(photo__in=photos)
        blobs = [
            *uploads.values_list("blob", flat=True),
            *Rendition.objects.filter(photo__in=photos).values_list("blob", flat=True),
        ]
        uploads_to_go = list(uploads.values_list("pk", flat=True))
        blobs_doom(blobs)
        photos.delete()
        Upload.objects.filter(pk__in=uploads_to_go).delete()
        Consent.objects.filter(post_id=post.pk).delete()
        CodeForgetting.objects.filter(post_id=post.pk).delete()
        Post.objects.filter(pk=post.pk).update(
            code_digest=None,
            language="",
            caption="",
            name="",
            people=1,
            cover=CoverChoice.EVERYBODY,
            confirmed=False,
            terms_version="",
            ready=False,
            awaits_decision=False,
            edit={},
            door="",
            elsewhere="",
            group=None,
            erased=True,
        )
    post.refresh_from_db()


def posts_abandoned(*, limit: int) -> list[Post]:
    """Return posts whose author was asked for something two weeks ago and never came back."""
    since = clock.now().date() - timedelta(days=ABANDONED_DAYS)
    unconfirmed = Q(ready=True, confirmed=False) & ~Q(cover=CoverChoice.NOBODY)
    refused = Q(pk__in=Photo.objects.exclude(refused_code="").values("post_id"))
    return list(Post.objects.filter(unconfirmed | refused, erased=False, received_day__lt=since)[:limit])
