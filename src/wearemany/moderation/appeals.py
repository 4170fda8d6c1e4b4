"""Appeals: the author of a rejected post asks, by the secret code, that another person looks.

The post stays hidden and its sealed copy is kept until that is answered. Who rejected it is never handed it again, and
what the second person says ends it.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.errors import N_, Refused
from wearemany.moderation.claims import tidy_words
from wearemany.moderation.erasing import erasure_order
from wearemany.moderation.handing import review_open
from wearemany.moderation.models import Appeal, Decision, DecisionKind
from wearemany.moderation.reasons import APPEAL, APPEAL_DAYS
from wearemany.moderation.standing import standing
from wearemany.photos.models import Post
from wearemany.photos.readiness import locked
from wearemany.worker.loop import wake_on_commit
from wearemany.worker.seldom import Seldom

WORDS_MAX = 500
ANSWERED_WITHIN = timedelta(days=90)
"""So long an appeal keeps the sealed copy at most, should nobody ever answer it."""

KEPT = timedelta(days=30)
_forget_watch = Seldom(every_s=3600.0)


def appeal_until(post: Post) -> date | None:
    """Return the last day on which the author may ask for another person; None when that cannot be asked now."""
    newest = standing(post)
    if post.erased or newest is None or newest.kind != DecisionKind.REJECT:
        return None
    if Appeal.objects.filter(post=post, open=True).exists() or Appeal.objects.filter(answer=newest).exists():
        return None
    until = newest.day + timedelta(days=APPEAL_DAYS)
    return until if clock.now().date() <= until else None


def appeal_of(post: Post) -> Appeal | None:
    """Return what the author asked and waits for, or has an answer to that holds; None when there is neither."""
    return appeal_under(post, standing(post))


def appeal_under(post: Post, newest: Decision | None) -> Appeal | None:
    """Return the same for a caller who knows already which decision holds."""
    holds = Q(open=True) if newest is None else Q(open=True) | Q(answer=newest)
    return Appeal.objects.filter(holds, post=post).order_by("-open", "pk").first()


def appeal_make(*, post: Post, words: str = "") -> Appeal:
    """Ask that another person looks at a rejected post. Twice is once.

    Raises Refused: `appeal-not-now` when nothing can be asked, `appeal-words-long`.
    """
    tidy = tidy_words(words, code="appeal-words-long", limit=WORDS_MAX)
    with transaction.atomic():
        now = locked(post.pk)
        if (known := Appeal.objects.filter(post=now, open=True).first()) is not None:
            return known
        newest = standing(now)
        if newest is None or appeal_until(now) is None:
            raise Refused(
                "appeal-not-now",
                N_("There is no decision about this post that another person could look at now."),
            )
        today = clock.now().date()
        appeal = Appeal.objects.create(post=now, against=newest, words=tidy, day=today)
        _wait(now)
        wake_on_commit()
    return appeal


def appeal_answerer_checked(post: Post, *, account: Account | None) -> None:
    """Refused `appeal-another-person` when who decides now is who decided first, or cannot be told from them."""
    appeal = Appeal.objects.filter(post=post, open=True).select_related("against").first()
    if appeal is not None and (account is None or appeal.against.account_id == account.pk):
        raise Refused(
            "appeal-another-person",
            N_("The author asked for another person: somebody else than the first has to decide, by name."),
        )


def appeal_close(post: Post, decision: Decision) -> None:
    """Answer the open appeal with a decision; inside its transaction. A second rejection is erased on the next day."""
    answered = Appeal.objects.filter(post=post, open=True).update(
        open=False, answer=decision, day=decision.day
    )
    if answered and decision.kind == DecisionKind.REJECT:
        erasure_order(post, on_day=decision.day + timedelta(days=2))


def appeal_reopen(post: Post, decision: Decision) -> None:
    """Open what an undone decision had answered; inside that transaction."""
    if Appeal.objects.filter(post=post, answer=decision).update(open=True, answer=None):
        _wait(post)


def appeals_forget_pending() -> int:
    """Once an hour, delete appeals that were answered a month ago."""
    if not _forget_watch.is_time():
        return 0
    deleted, _ = Appeal.objects.filter(open=False, day__lt=clock.now().date() - KEPT).delete()
    return deleted


def _wait(post: Post) -> None:
    review_open(post, reasons=(APPEAL,))
    erasure_order(post, on_day=clock.now().date() + ANSWERED_WITHIN)
