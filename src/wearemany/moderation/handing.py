"""Reviews: opened by policy, handed out one at a time from a random place, closed by a decision.

A moderator can neither search nor choose, and sees no order of arrival; only what a claim hides comes first. A
hand-out is one conditional UPDATE, so two moderators never hold the same post.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q, QuerySet

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, Refused
from wearemany.moderation.looks import look_count
from wearemany.moderation.models import Review
from wearemany.moderation.standing import hidden_by_claim, is_appealed_against, is_reported
from wearemany.photos.models import Post
from wearemany.photos.readiness import words_of

HELD_FOR = timedelta(minutes=10)
PLACE_BYTES = 8
_FREE: dict[str, object] = {"handed_to": None, "handed_until": None, "words_digest": b""}


def review_open(post: Post, *, reasons: Sequence[str]) -> None:
    """Put a post before a person; inside the transaction that found it doubtful. Twice is once."""
    review = Review.objects.filter(post=post).first()
    if review is not None and review.open:
        Review.objects.filter(pk=post.pk).update(reasons=list(dict.fromkeys([*review.reasons, *reasons])))
        return
    Review.objects.update_or_create(
        post=post,
        defaults={
            "reasons": list(reasons),
            "place": clock.random_bytes(PLACE_BYTES),
            "open": True,
            **_FREE,
        },
    )


def review_close(post: Post) -> None:
    """Say that nobody needs to look any more; who had looked, and when, is forgotten."""
    Review.objects.filter(post=post).update(open=False, **_FREE)


def review_next(*, account: Account, campaign: Campaign) -> Review | None:
    """Hand the account a post to look at, for ten minutes; the one it already holds, if any. None: all done.

    Raises TryAgain `looks-enough` when the account was shown more than one person looks at.
    Asking again lengthens the time, and takes the words as they are now for those that were seen.
    """
    for _ in range(10):
        now = clock.now()
        waiting = Review.objects.filter(
            post__campaign=campaign, post__ready=True, post__erased=False, open=True
        ).select_related("post")
        held = waiting.filter(handed_to=account, handed_until__gt=now).first()
        free = Q(handed_until=None) | Q(handed_until__lte=now)
        review = held or _chosen(waiting.filter(free).exclude(is_appealed_against(account)))
        if review is None:
            return None
        if held is None:
            look_count(account=account, campaign=campaign)
        digest = words_digest(review.post)
        taken = Review.objects.filter(free | Q(handed_to=account), pk=review.pk, open=True).update(
            handed_to=account, handed_until=now + HELD_FOR, words_digest=digest
        )
        if taken:
            review.refresh_from_db()
            return review
    return None


def review_take(*, post: Post, account: Account) -> bool:
    """Hand the account this very post, as after undoing its own decision; False when it does not wait or is held."""
    now = clock.now()
    free = Q(handed_until=None) | Q(handed_until__lte=now) | Q(handed_to=account)
    waiting = Review.objects.filter(free, post=post, post__erased=False, open=True)
    review = waiting.select_related("post").first()
    if review is None:
        return False
    taken = Review.objects.filter(free, pk=post.pk, open=True)
    handed = {"handed_to": account, "handed_until": now + HELD_FOR, "words_digest": words_digest(review.post)}
    return bool(taken.update(**handed))


def review_return(*, review: Review, account: Account) -> None:
    """Give a post back undecided, to a new random place; nothing happens when the account does not hold it."""
    Review.objects.filter(pk=review.pk, handed_to=account, open=True).update(
        place=clock.random_bytes(PLACE_BYTES), **_FREE
    )


def reviews_open(campaign: Campaign) -> int:
    """Return how many posts wait for a person."""
    return Review.objects.filter(post__campaign=campaign, open=True, post__erased=False).count()


def words_digest(post: Post) -> bytes:
    """Return what stands for the words that a moderator is shown."""
    text = json.dumps(words_of(post), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def words_seen_checked(post: Post, *, account: Account | None) -> None:
    """Refused `words-changed` when the account holds the post's review and the words are others by now."""
    if account is None:
        return
    review = Review.objects.filter(post=post, open=True, handed_to=account).first()
    if review is not None and bytes(review.words_digest) != words_digest(post):
        raise Refused(
            "words-changed", N_("The author changed the words just now. Please look at them again.")
        )


def _chosen(waiting: QuerySet[Review]) -> Review | None:
    """Return the review to hand out next.

    What a claim hides comes first: it is out of sight by a stranger's word alone. Of the others every second one is
    reported, while there are any: a flood of reports holds nobody up for longer than that.
    """
    first = _somewhere(waiting.filter(hidden_by_claim()))
    if first is not None:
        return first
    by_report = clock.random_bytes(1)[0] % 2 == 0
    wished = waiting.filter(is_reported()) if by_report else waiting.exclude(is_reported())
    return _somewhere(wished) or _somewhere(waiting)


def _somewhere(waiting: QuerySet[Review]) -> Review | None:
    """Return the first review after a random place, going round."""
    here = clock.random_bytes(PLACE_BYTES)
    return waiting.filter(place__gte=here).order_by("place").first() or waiting.order_by("place").first()
