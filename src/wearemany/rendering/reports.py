"""Reports in words: what can be said to be wrong with a post, and how a report stands. For pages and programs alike."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from wearemany.errors import N_
from wearemany.moderation.models import Report, ReportKind, ReportOutcome, ReportPlace
from wearemany.moderation.reasons import REJECTIONS
from wearemany.moderation.reports import KEPT_DAYS

KINDS = {
    ReportKind.UNSAFE: N_("It puts somebody in danger: a place, a name, a sign"),
    ReportKind.NOT_OWN: N_("It is somebody else's photo"),
    ReportKind.CHILD: N_("A child can be recognised in it"),
    ReportKind.HATE: N_("It hurts people for who they are"),
    ReportKind.VIOLENCE: N_("Violence, or a threat"),
    ReportKind.NUDITY: N_("Nudity"),
    ReportKind.ADVERTISING: N_("Advertising"),
    ReportKind.OTHER: N_("Something else that does not belong here"),
}
PLACES = {
    ReportPlace.PICTURE: N_("in the picture"),
    ReportPlace.WORDS: N_("in the words"),
    ReportPlace.LINK: N_("where its link leads"),
}
OUTCOMES = {
    ReportOutcome.TAKEN_DOWN: N_("A person has looked, and the post is not on the wall any more."),
    ReportOutcome.KEPT: N_(
        "A person has looked, and the post stays: it breaks none of the rules here. If it shows you, say so under the "
        "post: then it is hidden at once."
    ),
    ReportOutcome.GONE: N_("The post was taken back or erased. Nothing of it is left here."),
    ReportOutcome.WITHDRAWN: N_("You took this report back."),
}


@dataclass(frozen=True)
class ReportStanding:
    """How a report stands. `outcome` and `rule` are sentences, empty while it is open or where there is none."""

    is_open: bool
    said: str
    where: str
    outcome: str
    outcome_name: str
    rule: str
    days: int = KEPT_DAYS


def report_standing(known: Report) -> ReportStanding:
    """Return how a report stands, for whoever has its number."""
    reason = known.decision.reason if known.decision is not None and not known.open else ""
    return ReportStanding(
        is_open=known.open,
        said=gettext(KINDS[ReportKind(known.kind)]),
        where=gettext(PLACES[ReportPlace(known.place)]) if known.place else "",
        outcome="" if known.open else gettext(OUTCOMES[ReportOutcome(known.outcome)]),
        outcome_name="" if known.open else known.outcome,
        rule=gettext(REJECTIONS[reason]) if reason in REJECTIONS else "",
    )
