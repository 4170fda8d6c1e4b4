"""What people said who wait for a word on a post: reports, about how many; its author's appeal. No time, no order."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from wearemany.moderation.appeals import appeal_of
from wearemany.moderation.models import ReportKind, ReportPlace
from wearemany.moderation.reports import FEW, MANY, reports_open_of, rounded
from wearemany.photos.models import Post
from wearemany.rendering.reports import KINDS, PLACES
from wearemany.web.desk.words import REJECT_LABELS


@dataclass(frozen=True)
class Reported:
    """The reports of a post: about how many, what they say is wrong, where, and the words that came with them."""

    about: str
    kinds: tuple[str, ...]
    said: tuple[str, ...]


@dataclass(frozen=True)
class Appealed:
    """What the author says, and why the post was rejected."""

    words: str
    label: str


def reported(post: Post) -> Reported | None:
    """Return what was reported of a post; None when no report waits."""
    rows = reports_open_of(post)
    if not rows:
        return None
    about = {1: gettext("One person"), FEW: gettext("A few people"), MANY: gettext("Ten people or more")}
    kinds = {f"{_kind(row.kind)}{_place(row.place)}": None for row in rows}
    return Reported(about[rounded(len(rows))], tuple(kinds), tuple(row.words for row in rows if row.words))


def appealed(post: Post) -> Appealed | None:
    """Return the appeal that waits; None when none does."""
    appeal = appeal_of(post)
    if appeal is None or not appeal.open:
        return None
    code = appeal.against.reason
    return Appealed(appeal.words, gettext(REJECT_LABELS[code]) if code in REJECT_LABELS else "")


def _kind(kind: str) -> str:
    return gettext(KINDS[ReportKind(kind)])


def _place(place: str) -> str:
    return f" ({gettext(PLACES[ReportPlace(place)])})" if place else ""
