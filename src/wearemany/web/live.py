"""The live stream's events for one language: rendered once and sent to everybody who listens."""

from __future__ import annotations

from django.utils import translation

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_by_handle
from wearemany.front.parts import LiveEvent
from wearemany.rendering.frames import campaign_view
from wearemany.rendering.live import card_json, event_text, number_json
from wearemany.rendering.walls import cards_between, number_view, window_newest
from wearemany.wall.models import Entry
from wearemany.web.templatetags.wearemany import figure

# A reader further behind than this gets the newest window at once instead of everything she missed.
MOST_EVENTS = 60


def live_events(language: str, handle: str, after: int | None) -> list[LiveEvent]:
    """Return what a reader who has seen the log up to position `after` is to be sent, in order.

    An event's id is the log position that it brings its reader to. None, a gap that is too long, and anything
    but new posts in it (an amendment, a removal) are answered by one `refresh` with the newest window.
    Raises Refused with code `campaign-unknown`.
    """
    with translation.override(language):
        campaign = campaign_by_handle(handle)
        number = number_view(campaign)
        size = number.entries
        if after is not None and after == size - 1:
            return []
        if after is None or not _can_follow(campaign, after, size):
            return [_refresh(campaign, language)]
        at = campaign_view(campaign, language=language).at
        posts = [
            LiveEvent(card.position, "post", event_text(card_json(card)))
            for card in cards_between(campaign, at=at, first=after + 1, end=size)
        ]
        counted = event_text(number_json(number, text=figure(number.posts)))
        return [*posts, LiveEvent(size - 1, "number", counted)]


def _can_follow(campaign: Campaign, after: int, size: int) -> bool:
    """Tell whether there are only new posts between, and few enough; a reader ahead of us is shown our wall."""
    if not 0 < size - 1 - after <= MOST_EVENTS:
        return False
    between = Entry.objects.filter(campaign=campaign, position__gt=after, position__lt=size)
    return not between.exclude(kind="post").exists()


def _refresh(campaign: Campaign, language: str) -> LiveEvent:
    number = number_view(campaign)
    view = campaign_view(campaign, language=language)
    window = window_newest(campaign, view, size=number.entries)
    values: dict[str, object] = {
        "cards": [card_json(card) for card in window.cards],
        "number": number_json(number, text=figure(number.posts)),
    }
    return LiveEvent(number.entries - 1, "refresh", event_text(values))
