"""Reporting a post for programs: what can be said, the report, how it stands, taking it back. No account and no code.

The number comes with the form and travels in bodies only. A wrong one counts with the guesses of the keep-page.
"""

from __future__ import annotations

from typing import cast

from django.utils.translation import gettext

from wearemany.api.asking import Asked
from wearemany.api.campaigns import campaign_of
from wearemany.api.shapes import Choice
from wearemany.api.shapes_reports import (
    NumberBody,
    Outcome,
    ReportAnswer,
    ReportBody,
    ReportFormAnswer,
)
from wearemany.errors import N_, Refused
from wearemany.moderation.models import Report
from wearemany.moderation.numbers import number_new, number_read
from wearemany.moderation.reports import (
    WORDS_MAX,
    ReportOrder,
    report_by_number,
    report_make,
    report_withdraw,
)
from wearemany.photos.guesses import brake
from wearemany.rendering.reports import KINDS, PLACES, report_standing
from wearemany.wall.queries import number, post_at


def form(asked: Asked) -> ReportFormAnswer:
    """Return a fresh number, and what a report can say."""
    return ReportFormAnswer(
        number=number_new(),
        kinds=[Choice(name=kind.value, words=gettext(words)) for kind, words in KINDS.items()],
        places=[Choice(name=place.value, words=gettext(words)) for place, words in PLACES.items()],
        words_max=WORDS_MAX,
    )


def make(asked: Asked) -> ReportAnswer:
    """Take a report; the same number again is the same report, whatever became of the post meanwhile."""
    body = asked.body(ReportBody)
    campaign = campaign_of(asked)
    typed = number_read(body.number)
    if (known := report_by_number(typed)) is not None:
        return _answer(known)
    post = post_at(campaign, body.post)
    if post is None:
        raise Refused("post-unknown", N_("There is no post with this number on the wall."))
    order = ReportOrder(
        post=post,
        kind=body.kind,
        number=typed,
        place=body.place,
        words=body.words,
        wall_posts=number(campaign).tally.posts,
    )
    return _answer(report_make(order))


def state(asked: Asked) -> ReportAnswer:
    """Return how a report stands."""
    return _answer(_known(asked))


def withdraw(asked: Asked) -> ReportAnswer:
    """Take a report back."""
    known = _known(asked)
    report_withdraw(known)
    known.refresh_from_db()
    return _answer(known)


def _known(asked: Asked) -> Report:
    known = report_by_number(number_read(asked.body(NumberBody).number))
    if known is None:
        brake.wrong()
        raise Refused(
            "report-unknown",
            N_("We know of nothing with this number. Perhaps it is mistyped, or it was answered long ago."),
        )
    return known


def _answer(known: Report) -> ReportAnswer:
    now = report_standing(known)
    return ReportAnswer(
        is_open=now.is_open,
        kind=now.said,
        place=now.where,
        outcome=cast(Outcome, now.outcome_name),
        sentences=[sentence for sentence in (now.outcome, now.rule) if sentence]
        or [gettext("The post stays until a person of the team has decided.")],
        kept_days=now.days,
    )
