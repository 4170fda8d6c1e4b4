"""Reports: somebody without an account says that a public post breaks a rule. A person decides; nobody is named.

A report never hides anything, however many there are (who is in the picture has `claims` for that). All reports of a
post are one review. Nothing of the reporter is kept but the words, and a digest of the number that shows the outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, transaction

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, Refused, TryAgain
from wearemany.ids import ID_BYTES, opaque
from wearemany.moderation.claims import number_digest, tidy_words
from wearemany.moderation.handing import review_close, review_open
from wearemany.moderation.models import (
    Decision,
    DecisionKind,
    Report,
    ReportKind,
    ReportOutcome,
    ReportPlace,
    Review,
)
from wearemany.moderation.reasons import REPORTED
from wearemany.moderation.standing import standing
from wearemany.photos.models import Post
from wearemany.photos.readiness import locked
from wearemany.worker.loop import wake_on_commit
from wearemany.worker.seldom import AtMost, Seldom

WORDS_MAX = 300
OPEN_A_POST_MAX = 20
KEPT_DAYS = 30
AN_HOUR_LEAST = 30
"""So many posts of a campaign are newly reported within an hour at most, or one in fifty of its wall."""

FEW, MANY = 2, 10
_new_posts = AtMost(every_s=3600.0)
_forget_watch = Seldom(every_s=3600.0)


@dataclass(frozen=True)
class ReportOrder:
    """A report as it was sent. `number` came with the form; `wall_posts` is how many posts are on the wall."""

    post: Post
    kind: str
    number: str = field(repr=False)
    place: str = ""
    words: str = field(default="", repr=False)
    wall_posts: int = 0


def report_make(order: ReportOrder) -> Report:
    """Take a report and put its post before a person; it stays in sight. The same number is the same report.

    Raises Refused: `report-needless` for a post that nobody is shown, `report-looked` when a person looked at it for
    this very reason and kept it, `report-known` when many said the same, `report-kind`, `report-words-long`; TryAgain
    `reports-many` in a flood.
    """
    digest = number_digest(order.number)
    if (known := Report.objects.filter(number_digest=digest).first()) is not None:
        return known
    if order.kind not in ReportKind.values or order.place not in ("", *ReportPlace.values):
        raise Refused("report-kind", N_("Please choose what is wrong with the post."))
    words = tidy_words(order.words, code="report-words-long", limit=WORDS_MAX)
    try:
        with transaction.atomic():
            post = locked(order.post.pk)
            _check_reportable(post, kind=order.kind)
            is_first = not Report.objects.filter(post=post, open=True).exists()
            if is_first and not _new_posts.take(
                post.campaign_id, limit=max(AN_HOUR_LEAST, order.wall_posts // 50)
            ):
                raise TryAgain(
                    "reports-many",
                    N_(
                        "Very many posts are being reported at this moment. Please come back in an hour. If you are in "
                        "the picture, say so under the post: that is taken at any time."
                    ),
                )
            report = Report.objects.create(
                id=opaque(clock.random_bytes(ID_BYTES)),
                post=post,
                kind=order.kind,
                place=order.place,
                words=words,
                number_digest=digest,
                day=clock.now().date(),
            )
            review_open(post, reasons=(REPORTED,))
            wake_on_commit()
    except IntegrityError:
        # Sent twice at the same moment: the other one made it.
        return Report.objects.get(number_digest=digest)
    return report


def report_by_number(number: str) -> Report | None:
    """Return the report that has this number; None when there is none, or none any more."""
    return (
        Report.objects.filter(number_digest=number_digest(number)).select_related("post", "decision").first()
    )


def report_withdraw(report: Report) -> None:
    """Take a report back, by its number. The last one's review ends, if nothing else asks for it. Twice is once."""
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=report.post_id)
        closed = Report.objects.filter(pk=report.pk, open=True).update(
            open=False, outcome=ReportOutcome.WITHDRAWN, words="", day=clock.now().date()
        )
        left = Report.objects.filter(post=post, open=True)
        review = Review.objects.filter(post=post, open=True).first()
        if closed and not left.exists() and review is not None and set(review.reasons) == {REPORTED}:
            review_close(post)


def reports_open_of(post: Post) -> list[Report]:
    """Return what waits of one post, in no order of arrival."""
    return list(Report.objects.filter(post=post, open=True).order_by("pk"))


def reports_open(campaign: Campaign) -> int:
    """Return how many posts wait for a person because of reports."""
    rows = Report.objects.filter(post__campaign=campaign, open=True, post__erased=False)
    return rows.values("post").distinct().count()


def reports_close(post: Post, decision: Decision) -> None:
    """Answer a post's open reports with a decision; inside its transaction."""
    is_kept = decision.kind == DecisionKind.APPROVE
    Report.objects.filter(post=post, open=True).update(
        open=False,
        outcome=ReportOutcome.KEPT if is_kept else ReportOutcome.TAKEN_DOWN,
        decision=decision,
        day=decision.day,
    )


def reports_reopen(post: Post, decision: Decision) -> None:
    """Open what an undone decision had answered, and put it before a person again; inside that transaction."""
    answered = Report.objects.filter(post=post, decision=decision, open=False)
    if answered.update(open=True, outcome="", decision=None):
        review_open(post, reasons=(REPORTED,))


def reports_end(post: Post) -> None:
    """Forget the words of a post's reports, now that it is erased; what is still open is answered by that."""
    reports = Report.objects.filter(post=post)
    if reports.exists():
        reports.filter(open=True).update(open=False, outcome=ReportOutcome.GONE, day=clock.now().date())
        reports.update(words="")


def reports_forget_pending() -> int:
    """Once an hour, delete reports that were answered a month ago."""
    if not _forget_watch.is_time():
        return 0
    until = clock.now().date() - timedelta(days=KEPT_DAYS)
    deleted, _ = Report.objects.filter(open=False, day__lt=until).delete()
    return deleted


def rounded(count: int) -> int:
    """Return about how many: 1, then FEW, then MANY. A flood looks like a few dozen, and tells no pace."""
    return 1 if count <= 1 else FEW if count < MANY else MANY


def _check_reportable(post: Post, *, kind: str) -> None:
    newest = standing(post)
    if newest is None or newest.kind != DecisionKind.APPROVE:
        raise Refused("report-needless", N_("This post is not shown to anybody now. Nothing more is needed."))
    if Report.objects.filter(post=post, kind=kind, outcome=ReportOutcome.KEPT).exists():
        raise Refused(
            "report-looked",
            N_(
                "A person looked at this post for this very reason lately, and it stays. If you are in the picture, "
                "say so under the post instead."
            ),
        )
    if Report.objects.filter(post=post, open=True).count() >= OPEN_A_POST_MAX:
        raise Refused(
            "report-known",
            N_(
                "Many people reported this post already, and a person will look at it. Nothing more is needed."
            ),
        )
