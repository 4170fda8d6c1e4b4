"""A campaign's days for a calendar: its first, its last, and what is announced for days to come.

Two ways: for everybody, named; and for a phone that may be searched, under a word that says nothing, with marks
that nobody without this server's key can tell to belong to the campaign.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.utils.translation import gettext

from wearemany.adapters import server
from wearemany.campaigns.models import Campaign, StoryKind
from wearemany.campaigns.services import campaign_day
from wearemany.campaigns.story import story_of
from wearemany.campaigns.texts import text_for
from wearemany.rendering.calendar import DayEvent, calendar_bytes
from wearemany.rendering.posts import shortened
from wearemany.rendering.story import first_version, words_here

SUMMARY_MAX = 60
_ANNOUNCED_MAX = 50
_TITLE_MAX = 90


def days_file(campaign: Campaign, *, language: str) -> bytes:
    """Return the calendar file for everybody; without events when the campaign has no days."""
    events = [
        DayEvent(_uid(campaign, mark, "calendar"), day, summary, description)
        for mark, day, summary, description in _days(campaign, language)
    ]
    return calendar_bytes(events, maker="We Are Many")


def days_file_neutral(campaign: Campaign, *, language: str, summary: str) -> bytes:
    """Return the same days, each called `summary` and nothing else; made for nobody to know by."""
    called = " ".join(summary.split())[:SUMMARY_MAX] or gettext("Notes")
    events = {
        day: DayEvent(_uid(campaign, mark, "calendar without a name"), day, called)
        for mark, day, _, _ in _days(campaign, language)
    }
    return calendar_bytes(list(events.values()), maker="calendar")


def _days(campaign: Campaign, language: str) -> Iterator[tuple[str, datetime.date, str, str]]:
    """Yield (mark, day, summary, description)."""
    text = text_for(campaign, language)
    if campaign.starts_on is not None:
        is_only = campaign.starts_on == campaign.ends_on
        words = gettext("%(title)s: the day") if is_only else gettext("%(title)s: the first day")
        yield "starts", campaign.starts_on, words % {"title": text.title}, text.call
    if campaign.ends_on is not None and campaign.ends_on != campaign.starts_on:
        yield "ends", campaign.ends_on, gettext("%(title)s: the last day") % {"title": text.title}, text.call
    coming = story_of(campaign).filter(kind=StoryKind.ANNOUNCEMENT, day__gte=campaign_day(campaign))
    for item in reversed(coming[:_ANNOUNCED_MAX]):
        said = words_here(item, language=language).text
        yield (
            f"told {first_version(item)}",
            item.day,
            shortened(" ".join(said.split()), limit=_TITLE_MAX),
            said,
        )


def _uid(campaign: Campaign, mark: str, purpose: str) -> str:
    return server.keys().peppered(f"{campaign.pk} {mark}".encode(), purpose=purpose).hex()[:32]
