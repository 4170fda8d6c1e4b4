"""The wall as values: the number, a window of newest posts, fixed pages of entries, one post.

A page is a fixed range of log entries, the oldest is page 0: what was there stays there, and a page only
ever loses posts. The front page shows the newest range and the one before, so that it is never nearly empty.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import ngettext

from wearemany.campaigns.models import Campaign
from wearemany.rendering.addresses import Addresses
from wearemany.rendering.frames import CampaignView
from wearemany.rendering.posts import Card, Said, answers_of, cards
from wearemany.wall.models import Entry
from wearemany.wall.queries import number, opening_entry, public_entries
from wearemany.wall.witnesses.standing import witnessed

PAGE_ENTRIES = 24
HERO_FROM = 50


@dataclass(frozen=True)
class NumberView:
    """The figures that anyone can recount, and how the number is said.

    `day` is the release day of the newest entry; `is_hero` says that the number is large enough to lead. `witnesses`
    is how many other servers have countersigned the list, at the newest state that any of them has.
    """

    posts: int
    people: int
    distinct: int
    in_colour: int
    removed: int
    entries: int
    day: datetime.date | None
    is_hero: bool
    witnesses: int

    @property
    def unit(self) -> str:
        """The word for what is counted, bent to the number."""
        return ngettext("post on the wall", "posts on the wall", self.posts)


@dataclass(frozen=True)
class Opening:
    """The post with which it began, and what was answered under it."""

    card: Card
    answers: tuple[Said, ...]


@dataclass(frozen=True)
class WallWindow:
    """What a page of the wall shows. `page` is None on the front page; `older` and `newer` are paths."""

    cards: tuple[Card, ...]
    first: int
    page: int | None
    older: str
    newer: str


def number_view(campaign: Campaign) -> NumberView:
    """Return the campaign's number as the public checkpoint covers it."""
    published = number(campaign)
    tally = published.tally
    newest = (
        Entry.objects.filter(campaign=campaign, position__lt=published.size)
        .order_by("-position")
        .values("day")
    )
    row = newest.first()
    return NumberView(
        posts=tally.posts,
        people=tally.people,
        distinct=tally.distinct,
        in_colour=tally.in_colour,
        removed=tally.removed,
        entries=published.size,
        day=row["day"] if row else None,
        is_hero=tally.posts >= int(campaign.settings.get("hero_from", HERO_FROM)),
        witnesses=len(witnessed(campaign).names),
    )


def window_newest(campaign: Campaign, view: CampaignView, *, size: int) -> WallWindow:
    """Return the front page's posts, newest first; `size` is how many entries are public."""
    last = max(size - 1, 0) // PAGE_ENTRIES
    first_page = max(last - 1, 0)
    first = first_page * PAGE_ENTRIES
    return WallWindow(
        cards=_cards(campaign, view, first, size),
        first=first,
        page=None,
        older=view.at.page(first_page - 1) if first_page > 0 else "",
        newer="",
    )


def window_page(campaign: Campaign, view: CampaignView, *, page: int, size: int) -> WallWindow | None:
    """Return one fixed page, newest first; None when it lies beyond the wall's end."""
    last = max(size - 1, 0) // PAGE_ENTRIES
    if page > last:
        return None
    first = page * PAGE_ENTRIES
    newer = "" if page == last else view.at.page(page + 1)
    return WallWindow(
        cards=_cards(campaign, view, first, min(first + PAGE_ENTRIES, size)),
        first=first,
        page=page,
        older=view.at.page(page - 1) if page > 0 else "",
        newer=view.at.wall if page >= last - 1 else newer,
    )


def page_of(position: int) -> int:
    """Return the number of the fixed page that an entry is on."""
    return position // PAGE_ENTRIES


def opening_view(campaign: Campaign, view: CampaignView) -> Opening | None:
    """Return the opening post with its answers; None while there is none on the wall."""
    entry = opening_entry(campaign)
    if entry is None:
        return None
    found = cards([entry], at=view.at, colour=view.colour)
    return Opening(found[0], answers_of(entry, language=view.at.language)) if found else None


def cards_between(campaign: Campaign, *, at: Addresses, first: int, end: int) -> tuple[Card, ...]:
    """Return the public posts with positions in [first, end), oldest first."""
    entries = list(public_entries(campaign, first=first, end=end).order_by("position"))
    return cards(entries, at=at, colour=campaign.colour)


def _cards(campaign: Campaign, view: CampaignView, first: int, end: int) -> tuple[Card, ...]:
    return _newest_first(cards_between(campaign, at=view.at, first=first, end=end))


def _newest_first(found: Sequence[Card]) -> tuple[Card, ...]:
    return tuple(reversed(found))
