"""The campaign's days as a calendar file: for everybody by its address, and without a name from the keep-page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wearemany.campaigns.services import campaign_by_handle
from wearemany.rendering.days import days_file, days_file_neutral
from wearemany.web.answers import kept, neutral
from wearemany.web.keep_ask import Owned, owned

_TYPE = "text/calendar; charset=utf-8"


@require_safe
def days(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Answer the days under the campaign's own name."""
    campaign = campaign_by_handle(handle)
    return kept(_file(days_file(campaign, language=language)), handle=handle)


@owned
def keep_days(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Answer the days of a post's campaign, called as its author wishes: nothing in the file says of what they are."""
    summary = request.POST.get("summary", "")
    return neutral(_file(days_file_neutral(mine.post.campaign, language=language, summary=summary)))


def _file(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="days.ics"'
    return response
