"""The statement of reasons: what was decided of a post, by which rule, on whose word, by whom, and what can be done.

For its author alone, under the secret code. It names nobody: neither who decided nor who reported.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext

from wearemany.adapters import clock
from wearemany.moderation.appeals import WORDS_MAX, appeal_under, appeal_until
from wearemany.moderation.models import Appeal, Decision, DecisionKind, Report
from wearemany.moderation.reasons import PURGED, REJECTIONS, TAKE_DOWNS
from wearemany.moderation.reports import KEPT_DAYS
from wearemany.moderation.standing import standing
from wearemany.photos.models import Post

REPORTS_KNOWN = datetime.timedelta(days=KEPT_DAYS - 1)
"""For how long after a decision it is known whether there were reports."""


@dataclass(frozen=True)
class Statement:
    """Sentences by what they answer. `appeal_until` is the last day to ask for another person; None: not now."""

    day: datetime.date
    what: str
    why: str
    ground: str
    by_whom: str
    appeal: str
    appeal_until: datetime.date | None
    words_max: int = WORDS_MAX


def statement_of(post: Post) -> Statement | None:
    """Return the statement of the decision that keeps a post from being shown; None where there is no such decision."""
    decision = standing(post)
    return statement_under(post, decision, appeal_under(post, decision))


def statement_under(post: Post, decision: Decision | None, appeal: Appeal | None) -> Statement | None:
    """Return the same for a caller who knows already which decision holds, and what its author asked."""
    if decision is None or decision.by != "person" or decision.kind == DecisionKind.APPROVE:
        return _overturned(decision, appeal)
    return Statement(
        day=decision.day,
        what=_what(decision),
        why=_why(decision.reason),
        ground=_ground(decision, appeal),
        by_whom=gettext(
            "A person of the team decided this. No program rejects posts here; a program had measured faces and "
            "colour, and may have asked that a person looks."
        ),
        appeal=_appeal(appeal),
        appeal_until=appeal_until(post),
    )


def _overturned(decision: Decision | None, appeal: Appeal | None) -> Statement | None:
    """Tell an author whose appeal was right; later decisions speak for themselves."""
    if decision is None or appeal is None or appeal.open:
        return None
    return Statement(
        day=decision.day,
        what=gettext(
            "Another person looked at your post, and it is shown after all. We are sorry that it was not."
        ),
        why="",
        ground="",
        by_whom="",
        appeal="",
        appeal_until=None,
    )


def _what(decision: Decision) -> str:
    if decision.kind == DecisionKind.REJECT:
        return gettext("Your post is not shown to anybody: not on the wall, and nowhere else here.")
    return gettext("Your post was taken down for good, and is erased.")


def _why(reason: str) -> str:
    if reason == PURGED:
        return gettext("The team decided that nothing of it may stay here.")
    sentence = REJECTIONS.get(reason) or TAKE_DOWNS.get(reason)
    return gettext(sentence) if sentence else gettext("It is not what the campaign asks for.")


def _ground(decision: Decision, appeal: Appeal | None) -> str:
    if appeal is not None and not appeal.open:
        return gettext("You had asked for another person: two people have looked at it now.")
    if clock.now().date() - decision.day >= REPORTS_KNOWN:
        return ""
    if Report.objects.filter(decision=decision).exists():
        return gettext("Somebody had reported it. Who that was is not known to us.")
    return gettext("The team looked at it by itself, not because of a report.")


def _appeal(appeal: Appeal | None) -> str:
    if appeal is None:
        return ""
    if appeal.open:
        return gettext(
            "You asked that another person looks at it. Until then it stays hidden, and its copy is kept, sealed. Come "
            "back with your secret code."
        )
    return gettext(
        "Another person than the first decided this. It is final here, and the copy is erased in two days."
    )
