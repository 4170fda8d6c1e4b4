"""Once an hour: no words of a rejected post stand in the open, and the database's own files have forgotten them too.

The words are sealed with the decision (`adding`). This finds those that an earlier version of the program left open,
whose keys a migration may not have at hand, and wipes what the rows of today's and yesterday's decisions left behind.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from wearemany.adapters import clock
from wearemany.moderation.models import Decision, DecisionKind
from wearemany.photos.hushed import words_hush
from wearemany.photos.models import Post
from wearemany.worker.scrub import scrub
from wearemany.worker.seldom import Seldom

_BATCH = 200
_watch = Seldom(every_s=3600.0)
_HIDING = (DecisionKind.REJECT, DecisionKind.WITHDRAW)


def words_hush_pending() -> int:
    """Seal what still stands in the open, and wipe; returns how many posts were sealed."""
    if not _watch.is_time():
        return 0
    sealed = 0
    while some := list(_open_words().values_list("pk", flat=True)[:_BATCH]):
        done = sum(_hushed(post_id) for post_id in some)
        sealed += done
        if not done:
            break
    lately = clock.now().date() - timedelta(days=1)
    if sealed or Decision.objects.filter(kind__in=_HIDING, day__gte=lately, post__erased=False).exists():
        scrub()
    return sealed


def _open_words() -> QuerySet[Post]:
    newest = Decision.objects.filter(post=OuterRef("pk"), undone=False).order_by("-position")
    posts = Post.objects.filter(erased=False, hushed=None, key__isnull=False)
    has_words = ~Q(caption="") | ~Q(name="") | ~Q(elsewhere="") | ~Q(edit={}) | Q(photos__alt__gt="")
    decided = Decision.objects.filter(kind__in=_HIDING, undone=False).values("post")
    found = posts.filter(has_words, pk__in=decided).annotate(stands=Subquery(newest.values("kind")[:1]))
    return found.filter(stands__in=_HIDING).distinct()


def _hushed(post_id: str) -> bool:
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(pk=post_id, erased=False).first()
        return post is not None and _open_words().filter(pk=post_id).exists() and words_hush(post)
