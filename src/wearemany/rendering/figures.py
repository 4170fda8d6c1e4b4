"""The figures as a page, a table and JSON need them: one sentence to quote in every language, days, a chart.

Column names and JSON keys are public and stable (docs/audit/figures.md).
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import ngettext

from wearemany.adapters import server
from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, TryAgain
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.rendering.chart import Chart, chart
from wearemany.rendering.frames import CampaignView
from wearemany.rendering.numerals import day_text, figure_text
from wearemany.rendering.walls import NumberView, number_view
from wearemany.wall.day_figures import Day, figures_of
from wearemany.wall.repeats.matching import checked_size

COLUMNS = ("day", "joined", "taken_back", "on_the_wall", "signed_lines", "signed_root")
MARK = "anyone can recount"
_LOOKS_MAX = 5


@dataclass(frozen=True)
class Sentence:
    """The number in one sentence, in one language."""

    language: str
    name: str
    text: str


@dataclass(frozen=True)
class FiguresView:
    """Everything that the figures page shows. `checkpoint` is the signed count under the number, as its file has it."""

    number: NumberView
    sentences: tuple[Sentence, ...]
    days: tuple[Day, ...]
    chart: Chart | None
    checkpoint: str
    repeats_checked_to: int
    is_counting: bool


def figures_view(campaign: Campaign, view: CampaignView) -> FiguresView:
    """Return the figures; the sentence of the reader's language comes first."""
    number, figures = number_view(campaign), figures_of(campaign)
    for _ in range(_LOOKS_MAX):
        # Both are of one moment, or the days would not add up to the number beside them.
        if number.entries == figures.number.size:
            break
        number, figures = number_view(campaign), figures_of(campaign)
    languages = sorted(INTERFACE_LANGUAGES, key=lambda each: each.code != view.at.language)
    sentences = [
        Sentence(each.code, each.name, _sentence(number, view.hashtag, each.code)) for each in languages
    ]
    note = server.store().get_or_none(f"log/{campaign.handle}/checkpoint") or b""
    return FiguresView(
        number=number,
        sentences=tuple(sentences) if number.day else (),
        days=figures.days,
        chart=chart([(day.day, day.joined, day.posts) for day in figures.days if day.joined or day.removed]),
        checkpoint=note.decode("utf-8", "replace"),
        repeats_checked_to=checked_size(campaign),
        is_counting=figures.is_counting,
    )


def figures_csv(found: FiguresView) -> str:
    """Return one row a day, oldest first, with `COLUMNS` as the first row; TryAgain while they are being counted."""
    if found.is_counting:
        raise TryAgain("figures-later", N_("The days are being counted. Please ask again in a few minutes."))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([row[name] for name in COLUMNS] for row in _rows(found))
    return text.getvalue()


def figures_json(found: FiguresView, view: CampaignView, *, address: str) -> str:
    """Return the same for programs, with the number, the sentences and the signed count."""
    number = found.number
    values = {
        "v": 1,
        "handle": view.handle,
        "hashtag": view.hashtag,
        "origin": view.origin,
        "as_of": number.day.isoformat() if number.day else None,
        "mark": MARK,
        "sentence": {each.language: each.text for each in found.sentences},
        "counted": {
            "posts": number.posts,
            "people": number.people,
            "distinct": number.distinct,
            "in_colour": number.in_colour,
            "removed": number.removed,
            "repeats_checked_to": found.repeats_checked_to,
        },
        "checkpoint": {
            "size": number.entries,
            "url": f"{address}{view.at.log}checkpoint",
            "note": found.checkpoint if _size(found.checkpoint) == number.entries else None,
        },
        "recount": f"{address}{view.at.recount}",
        "days": list(_rows(found)) if not found.is_counting else None,
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _rows(found: FiguresView) -> list[dict[str, object]]:
    return [
        {
            "day": day.day.isoformat(),
            "joined": day.joined,
            "taken_back": day.removed,
            "on_the_wall": day.posts,
            "signed_lines": day.size or None,
            "signed_root": day.checkpoint.split("\n")[2] if day.checkpoint else None,
        }
        for day in found.days
    ]


def _size(note: str) -> int:
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 2 and lines[1].isascii() and lines[1].isdecimal() else -1


def _sentence(number: NumberView, hashtag: str, language: str) -> str:
    if number.day is None:
        return ""
    with translation.override(language):
        return ngettext(
            "On %(day)s the wall of %(hashtag)s had %(posts)s post, counted from a public signed list that anyone can "
            "recount.",
            "On %(day)s the wall of %(hashtag)s had %(posts)s posts, counted from a public signed list that anyone can "
            "recount.",
            number.posts,
        ) % {
            "day": day_text(number.day, language),
            "hashtag": hashtag,
            "posts": figure_text(number.posts, language),
        }
