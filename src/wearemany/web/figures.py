"""The figures: a page to quote and print from, CSV and JSON for programs, the signed count of each day."""

from __future__ import annotations

import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wearemany.campaigns.services import campaign_by_handle
from wearemany.rendering.figures import figures_csv, figures_json, figures_view
from wearemany.rendering.frames import campaign_view
from wearemany.wall.day_figures import day_checkpoint
from wearemany.wall.recounting.page import recount_page
from wearemany.web.answers import kept_lagging
from wearemany.web.context import door_of
from wearemany.web.recounting import readable_anywhere


@require_safe
def figures(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Show the number in one sentence, its days as charts and a table, and what they can be checked with."""
    campaign = campaign_by_handle(handle)
    view = campaign_view(campaign, language=language)
    found = figures_view(campaign, view)
    values = {
        "campaign": view,
        "figures": found,
        "number": found.number,
        "page_digest": recount_page().digest,
    }
    return kept_lagging(render(request, "figures.html", values), handle=handle)


@require_safe
def figures_table(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Answer one row a day as CSV."""
    campaign = campaign_by_handle(handle)
    found = figures_view(campaign, campaign_view(campaign, language=language))
    response = HttpResponse(figures_csv(found), content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f'attachment; filename="{handle}-figures.csv"'
    return kept_lagging(readable_anywhere(response), handle=handle)


@require_safe
def figures_values(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Answer everything as JSON; the recount page compares with it."""
    campaign = campaign_by_handle(handle)
    view = campaign_view(campaign, language=language)
    text = figures_json(figures_view(campaign, view), view, address=door_of(request).origin)
    return kept_lagging(readable_anywhere(HttpResponse(text, content_type="application/json")), handle=handle)


@require_safe
def figures_signed(request: HttpRequest, language: str, handle: str, day: str) -> HttpResponse:
    """Answer the last signed count that was kept of a day."""
    campaign = campaign_by_handle(handle)
    try:
        note = day_checkpoint(campaign, datetime.date.fromisoformat(day))
    except ValueError:
        note = ""
    if not note:
        raise Http404
    response = HttpResponse(note, content_type="text/plain; charset=utf-8")
    return kept_lagging(readable_anywhere(response), handle=handle)
