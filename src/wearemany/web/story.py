"""What happened: announcements, statements, other people's counts and milestones, each with its source."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wearemany.campaigns.services import campaign_by_handle
from wearemany.rendering.frames import campaign_view
from wearemany.rendering.story import story_view
from wearemany.web.answers import kept


@require_safe
def story(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Show the campaign's story, the latest day first."""
    campaign = campaign_by_handle(handle)
    values = {
        "campaign": campaign_view(campaign, language=language),
        "lines": story_view(campaign, language=language),
    }
    return kept(render(request, "story.html", values), handle=handle)
