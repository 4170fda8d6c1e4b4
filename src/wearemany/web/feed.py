"""The hashtag's feed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wearemany.campaigns.services import campaign_by_handle, campaign_day
from wearemany.rendering.feeds import FeedDoors, feed_xml
from wearemany.rendering.frames import campaign_view
from wearemany.rendering.walls import number_view, window_newest
from wearemany.wall.day_figures import days_signed
from wearemany.web.answers import kept_lagging
from wearemany.web.context import door_of, other_doors

SIGNED_DAYS = 7
"""Of how many past days the feed carries the signed count: whoever looks once a week misses none."""


@require_safe
def feed(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Answer the newest posts as RSS; readers on other sites may load it."""
    campaign = campaign_by_handle(handle)
    view = campaign_view(campaign, language=language)
    number = number_view(campaign)
    window = window_newest(campaign, view, size=number.entries)
    signed = days_signed(campaign, before=campaign_day(campaign), limit=SIGNED_DAYS)
    doors = FeedDoors(door_of(request), other_doors(request))
    response = HttpResponse(
        feed_xml(view, window.cards, doors=doors, number=number, signed=signed),
        content_type="application/rss+xml; charset=utf-8",
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return kept_lagging(response, handle=handle)
