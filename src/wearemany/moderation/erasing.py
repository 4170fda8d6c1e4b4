"""Erasing when its time has come: a post taken back at once, a rejected one when the appeal term ends.

The order lies in a row that was left together with the decision, so no killed server forgets it.
"""

from __future__ import annotations

import datetime

from wearemany.adapters import clock, server
from wearemany.conversations.services import conversation_erase
from wearemany.moderation.claims import claims_end
from wearemany.moderation.models import Decision, DecisionKind, Erasure, Review
from wearemany.moderation.standing import standing
from wearemany.photos.erasing import post_erase
from wearemany.photos.models import Post
from wearemany.worker.claims import RELEASED, LeaseLost, claim, finish_deleted, retry
from wearemany.worker.loop import describe, wake_on_commit
from wearemany.worker.scrub import scrub
from wearemany.worker.seldom import Seldom

AUTHORS_KEPT_DAYS = 30
LEASE_S = 120.0
_BATCH = 20
_ERASING_KINDS = (DecisionKind.REJECT, DecisionKind.WITHDRAW)
_authors_watch = Seldom(every_s=3600.0)


def erasure_order(
    post: Post, *, on_day: datetime.date | None, after: datetime.timedelta = datetime.timedelta()
) -> None:
    """Order a post's erasure in its decision's transaction: for the start of a day; when None, at once or soon."""
    start = (
        datetime.datetime.combine(on_day, datetime.time(), datetime.UTC) if on_day else clock.now() + after
    )
    Erasure.objects.update_or_create(post=post, defaults={"due_at": start, "attempts": 0, **RELEASED})
    wake_on_commit()


def erasure_call_off(post: Post) -> None:
    """Take the order back: the post was approved after all."""
    Erasure.objects.filter(post=post).delete()


def post_erase_whole(post: Post) -> None:
    """Erase a post with all that was said of it: its keys first, then photos, words, comments, claims, the review."""
    post_erase(post=post)
    conversation_erase(post=post)
    claims_end(post)
    Review.objects.filter(post=post).delete()


def erase_pending() -> int:
    """Erase what is due, then wipe the database's own files; the orders are kept until both is done."""
    rows = claim(Erasure, limit=_BATCH, lease_s=LEASE_S)
    erased = [row for row in rows if _erased(row)]
    if not erased:
        return len(rows)
    clean = scrub()
    for row in erased:
        try:
            if clean:
                finish_deleted(row)
            else:
                retry(row, code="database-busy")
        except LeaseLost:
            continue
    return len(rows)


def authors_pseudonymise_pending() -> int:
    """Once an hour, put a pseudonym in the place of who decided, for decisions of a month ago.

    The pseudonym is the same for one person within one month: acts can still be told apart, not traced.
    """
    if not _authors_watch.is_time():
        return 0
    until = clock.now().date() - datetime.timedelta(days=AUTHORS_KEPT_DAYS)
    rows = list(Decision.objects.filter(day__lt=until).exclude(account=None)[:500])
    for row in rows:
        secret = f"{row.account_id}:{row.day:%Y-%m}".encode()
        pseudonym = server.keys().peppered(secret, purpose="decision author").hex()[:12]
        Decision.objects.filter(pk=row.pk).update(account=None, pseudonym=pseudonym)
    return len(rows)


def _erased(row: Erasure) -> bool:
    """Erase one; False when the order does not hold any more or it failed, and the row was let go."""
    post = Post.objects.get(pk=row.post_id)
    newest = standing(post)
    try:
        if newest is None or newest.kind not in _ERASING_KINDS:
            finish_deleted(row)
            return False
        try:
            post_erase_whole(post)
        except Exception as error:
            retry(row, code=describe(error))
            return False
    except LeaseLost:
        return False
    return True
