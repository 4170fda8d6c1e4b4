"""The start page: straight to the only campaign, or a list of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wearemany.campaigns.models import Campaign
from wearemany.rendering.frames import campaign_view
from wearemany.web.middleware import wished_language


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send the reader to her language; a redirect that nothing keeps, so it need not vary."""
    return HttpResponseRedirect(f"/{wished_language(request)}/")


@require_safe
def campaigns(request: HttpRequest, language: str) -> HttpResponse:
    """Show every campaign of this server, or go straight to the only one."""
    rows = list(Campaign.objects.prefetch_related("texts").order_by("-pk"))
    views = [campaign_view(row, language=language) for row in rows]
    if len(views) == 1:
        return HttpResponseRedirect(views[0].at.wall)
    return render(request, "start.html", {"campaigns": views})
