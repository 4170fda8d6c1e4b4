"""Erasing a post: its key and salt first, then everything personal; the bare row stays for the log's sake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.photos.doomed import blobs_doom
from wearemany.photos.models import (
    CodeForgetting,
    Consent,
    CoverChoice,
    Photo,
    Post,
    PostKey,
    Rendition,
    ResumablePart,
    ResumableUpload,
    Upload,
)
from wearemany.photos.untold import untold_leave_for

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
    posts_erase([post.pk])
    post.refresh_from_db()


def post_keys_destroy(post_ids: Sequence[str]) -> None:
    """Destroy the keys and salts of posts: the first step of erasing them, and enough to make pictures noise."""
    PostKey.objects.filter(post__in=post_ids).delete()


def posts_erase(post_ids: Sequence[str]) -> None:
    """Do the same to many posts, in the same two transactions; give a few hundred at most."""
    post_keys_destroy(post_ids)
    with transaction.atomic():
        rows = Post.objects.select_for_update().filter(pk__in=post_ids).order_by("pk")
        campaigns = dict(rows.values_list("pk", "campaign_id"))
        ids = list(campaigns)
        photos = Photo.objects.filter(post__in=ids)
        uploads = Upload.objects.filter(photo__in=photos)
        blobs = [
            *uploads.values_list("blob", flat=True),
            *Rendition.objects.filter(photo__in=photos).values_list("blob", flat=True),
        ]
        uploads_to_go = list(uploads.values_list("pk", flat=True))
        blobs_doom(blobs)
        photos.delete()
        Upload.objects.filter(pk__in=uploads_to_go).delete()
        Consent.objects.filter(post__in=ids).delete()
        CodeForgetting.objects.filter(post__in=ids).delete()
        Post.objects.filter(pk__in=ids).update(
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
            hushed=None,
            group=None,
            erased=True,
        )
        untold_leave_for(campaigns.items())


def keys_destroy(*, campaign: Campaign) -> int:
    """Destroy the key and salt of every post of a campaign at once, and all uploads; returns how many posts.

    One transaction of few statements, however many posts there are: from its commit on, sealed pictures are noise.
    Whose form an upload without a post came from is not known, so those of every campaign go: a photo that was just
    being sent has to be sent again. The rest is `posts_erase`'s, and may take its time.
    """
    with transaction.atomic():
        destroyed, _ = PostKey.objects.filter(post__campaign=campaign).delete()
        of_posts = Q(photo=None) | Q(photo__post__campaign=campaign)
        uploads = dict(Upload.objects.filter(of_posts).values_list("pk", "blob"))
        of_forms = Q(upload__whole=None) | Q(upload__whole__in=list(uploads))
        parts = dict(ResumablePart.objects.filter(of_forms).values_list("pk", "blob"))
        blobs_doom([*uploads.values(), *parts.values()])
        ResumablePart.objects.filter(pk__in=list(parts)).delete()
        ResumableUpload.objects.filter(whole=None).delete()
        Photo.objects.filter(upload__in=list(uploads)).update(upload=None, due_at=None)
        Upload.objects.filter(pk__in=list(uploads)).delete()
    return destroyed


def posts_abandoned(*, limit: int) -> list[Post]:
    """Return posts whose author was asked for something two weeks ago and never came back."""
    since = clock.now().date() - timedelta(days=ABANDONED_DAYS)
    unconfirmed = Q(ready=True, confirmed=False) & ~Q(cover=CoverChoice.NOBODY)
    refused = Q(pk__in=Photo.objects.exclude(refused_code="").values("post_id"))
    return list(Post.objects.filter(unconfirmed | refused, erased=False, received_day__lt=since)[:limit])
