"""The number, explained: counted how, as of when, what it proves and what not, and how anyone can recount it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wearemany.adapters import server
from wearemany.adapters.blobs import Absent
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_by_handle
from wearemany.rendering.colours import in_colour
from wearemany.rendering.frames import campaign_view
from wearemany.rendering.walls import number_view
from wearemany.tlog.note import Signer
from wearemany.wall.queries import hidden_entries
from wearemany.wall.recounting.page import recount_page
from wearemany.wall.repeats.matching import checked_size
from wearemany.wall.witnesses.standing import witnessed
from wearemany.web.answers import kept


@require_safe
def check(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Show how to check the number."""
    campaign = campaign_by_handle(handle)
    view = campaign_view(campaign, language=language)
    number = number_view(campaign)
    values = {
        "campaign": view,
        "number": number,
        "in_colour": in_colour(view.colour),
        "checkpoint": _checkpoint(campaign),
        "witnessed": witnessed(campaign),
        "verifier_key": _verifier_key(campaign),
        "page_digest": recount_page().digest,
        "origin": campaign.origin,
        "hidden": hidden_entries(campaign).count(),
        "repeats_checked_to": checked_size(campaign),
    }
    return kept(render(request, "check.html", values), handle=handle)


def _checkpoint(campaign: Campaign) -> str:
    """Return the public checkpoint as it stands in its file; empty before the first."""
    try:
        return server.store().get(f"log/{campaign.handle}/checkpoint").decode("utf-8", "replace")
    except Absent:
        return ""


def _verifier_key(campaign: Campaign) -> str:
    return Signer(campaign.origin, server.keys().signing_seed).verifier.vkey
