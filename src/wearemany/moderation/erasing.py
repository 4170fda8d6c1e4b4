"""Erasing when its time has come: a post taken back at once, a rejected one when the appeal term ends.

The order lies in a row that was left together with the decision, so no killed server forgets it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from wearemany.accounts.models import Account
from wearemany.adapters import clock, server
from wearemany.conversations.services import conversations_erase
from wearemany.errors import N_
from wearemany.moderation.claims import claims_end
from wearemany.moderation.models import Appeal, Decision, DecisionKind, Erasure, Review, Seed, SweptPost
from wearemany.moderation.reports import reports_end
from wearemany.moderation.standing import standing
from wearemany.photos.erasing import post_keys_destroy, posts_erase
from wearemany.photos.models import Post
from wearemany.worker.claims import RELEASED, LeaseLost, claim, finish_deleted, retry
from wearemany.worker.loop import describe, wake_on_commit
from wearemany.worker.room import finds_room
from wearemany.worker.scrub import scrub
from wearemany.worker.seldom import Seldom

OUT_OF_REACH = (
    N_("screenshots and copies that people made, printed ones, search engines' and web archives' copies"),
    N_("copies of pictures that others keep, until their next run; proofs that authors keep themselves"),
    N_("backups and your provider's snapshots: delete those made before, or their keys"),
    N_("what a disk keeps of overwritten files, unless the disk is encrypted and its key is gone"),
    N_("an archive of the database's log (WAL), when you keep one"),
)
"""What no erasing reaches, said wherever somebody erases."""

AUTHORS_KEPT_DAYS = 30
LEASE_S = 120.0
_BATCH = 20
_ERASING_KINDS = (DecisionKind.REJECT, DecisionKind.WITHDRAW)
_authors_watch = Seldom(every_s=3600.0)


def erasure_order(
    post: Post,
    *,
    on_day: datetime.date | None,
    after: datetime.timedelta = datetime.timedelta(),
    account: Account | None = None,
) -> None:
    """Order a post's erasure in its decision's transaction: for the start of a day; when None, at once or soon."""
    start = (
        datetime.datetime.combine(on_day, datetime.time(), datetime.UTC) if on_day else clock.now() + after
    )
    Erasure.objects.update_or_create(
        post=post, defaults={"due_at": start, "attempts": 0, "account": account, **RELEASED}
    )
    wake_on_commit()


def erasure_call_off(post: Post) -> None:
    """Take the order back: the post was approved after all."""
    Erasure.objects.filter(post=post).delete()


@finds_room
def post_erase_whole(post: Post) -> None:
    """Erase a post with all that was said of it: its keys first, then photos, words, comments, claims, the review."""
    posts_erase_whole([post])
    post.refresh_from_db()


def posts_erase_whole(posts: Sequence[Post]) -> None:
    """Do the same to many posts; give a few hundred at most."""
    ids = [post.pk for post in posts]
    post_keys_destroy(ids)
    conversations_erase(ids)
    for post in posts:
        claims_end(post)
        reports_end(post)
    Review.objects.filter(post__in=ids).delete()
    Appeal.objects.filter(post__in=ids).delete()
    SweptPost.objects.filter(post__in=ids).delete()
    Seed.objects.filter(post__in=ids).delete()
    # Last, since this marks them as erased: whoever was killed before finds them again by that.
    posts_erase(ids)


def erase_now(*, post: Post) -> None:
    """Erase a post whose order is due, without waiting for the worker; what stops half-way is left to it."""
    post_erase_whole(post)
    if scrub():
        Erasure.objects.filter(post=post, due_at__lte=clock.now()).delete()


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
    # Who rejected must not be the one who answers the appeal, however long that takes.
    appealed = Appeal.objects.filter(open=True).values("against")
    rows = list(Decision.objects.filter(day__lt=until).exclude(account=None).exclude(pk__in=appealed)[:500])
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
