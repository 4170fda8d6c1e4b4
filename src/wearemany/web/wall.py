"""The wall's pages: the front page, its fixed pages, the big screen."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_by_handle
from wearemany.rendering.frames import CampaignView, campaign_view
from wearemany.rendering.newest import newest_json
from wearemany.rendering.pictures import Picture
from wearemany.rendering.posts import shortened
from wearemany.rendering.story import newest_news
from wearemany.rendering.walls import (
    NumberView,
    Opening,
    WallWindow,
    number_view,
    opening_view,
    window_newest,
    window_page,
)
from wearemany.web.answers import kept_lagging, wants_few_bytes
from wearemany.web.context import door_of
from wearemany.web.qr import qr_svg

TILE_SIZES = (
    "(min-width: 1216px) 188px, (min-width: 1100px) 15vw, "
    "(min-width: 800px) 23vw, (min-width: 480px) 31vw, 47vw"
)
SCREEN_SIZES = "14vw"


@require_safe
def wall(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Show the wall; `?screen` for a projector, `?lite` for few bytes."""
    campaign = campaign_by_handle(handle)
    view = campaign_view(campaign, language=language)
    number = number_view(campaign)
    window = window_newest(campaign, view, size=number.entries)
    if "screen" in request.GET:
        return _screen(request, campaign, view, number, window)
    opening = opening_view(campaign, view)
    lite = wants_few_bytes(request)
    values = {
        **_shared(request, view, number, window),
        "opening": opening,
        "news": newest_news(campaign, language=language),
        "live": "" if lite else _live(campaign, view, number),
        "share_picture": _share_picture(view, opening, window),
    }
    return kept_lagging(render(request, "wall.html", values), handle=handle)


@require_safe
def wall_page(request: HttpRequest, language: str, handle: str, page: int) -> HttpResponse:
    """Show one fixed page of the wall."""
    campaign = campaign_by_handle(handle)
    view = campaign_view(campaign, language=language)
    number = number_view(campaign)
    window = window_page(campaign, view, page=page, size=number.entries)
    if window is None:
        raise Http404
    return kept_lagging(render(request, "wall.html", _shared(request, view, number, window)), handle=handle)


@require_safe
def newest(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Answer the newest posts as JSON; programs on other sites may load it."""
    campaign = campaign_by_handle(handle)
    view = campaign_view(campaign, language=language)
    number = number_view(campaign)
    return _json(view, number, window_newest(campaign, view, size=number.entries))


@require_safe
def newest_page(request: HttpRequest, language: str, handle: str, page: int) -> HttpResponse:
    """Answer the posts of one fixed page of the wall as JSON."""
    campaign = campaign_by_handle(handle)
    view = campaign_view(campaign, language=language)
    number = number_view(campaign)
    window = window_page(campaign, view, page=page, size=number.entries)
    if window is None:
        raise Http404
    return _json(view, number, window)


def _json(view: CampaignView, number: NumberView, window: WallWindow) -> HttpResponse:
    response = HttpResponse(newest_json(view, number, window), content_type="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return kept_lagging(response, handle=view.handle)


def _shared(
    request: HttpRequest, view: CampaignView, number: NumberView, window: WallWindow
) -> dict[str, object]:
    lite = wants_few_bytes(request)
    return {
        "campaign": view,
        "number": number,
        "window": window,
        "lite": lite,
        "lite_query": "?lite" if "lite" in request.GET else "",
        "sizes": TILE_SIZES,
        "description": shortened(" ".join(view.call.split()), limit=200),
    }


def _screen(
    request: HttpRequest, campaign: Campaign, view: CampaignView, number: NumberView, window: WallWindow
) -> HttpResponse:
    address = door_of(request).url(view.at.wall)
    values = {
        "campaign": view,
        "number": number,
        "window": window,
        "sizes": SCREEN_SIZES,
        "live": _live(campaign, view, number),
        "address": address.split("://", 1)[1].rstrip("/"),
        "code": qr_svg(address),
    }
    return kept_lagging(render(request, "screen.html", values), handle=campaign.handle)


def _live(campaign: Campaign, view: CampaignView, number: NumberView) -> str:
    """Return the stream's address, with the place in the log and the version that the page was made at."""
    return f"{view.at.live}?after={number.entries - 1}.{campaign.visible_version}"


def _share_picture(view: CampaignView, opening: Opening | None, window: WallWindow) -> Picture | None:
    """Return the picture that other sites may show beside a link: none where pictures are to stay here."""
    if not view.pictures_out:
        return None
    if opening is not None:
        return opening.card.picture
    return window.cards[-1].picture if window.cards else None
