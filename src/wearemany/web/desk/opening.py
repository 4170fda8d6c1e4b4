"""Opening a campaign: for whoever runs the server. How careful it is must be decided, in plain words; no default."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from wearemany.accounts.models import Account
from wearemany.campaigns.services import CallWords, CampaignOrder, campaign_open
from wearemany.darkroom.orders import COLOURS
from wearemany.errors import Refused
from wearemany.rendering.colours import in_colour
from wearemany.web import failures
from wearemany.web.desk.careful import preset_choices
from wearemany.web.desk.door import no_seat, team
from wearemany.worker.loop import wake


@dataclass(frozen=True)
class Typed:
    """What was typed, to be shown again when something is missing."""

    handle: str = ""
    phrase: str = ""
    language: str = ""
    title: str = ""
    honouree: str = ""
    run_by: str = ""
    run_from: str = ""
    time_zone: str = "UTC"
    call: str = ""
    colour: str = ""
    garments: str = "anything"
    preset: str = ""


@team
@require_http_methods(["GET", "HEAD", "POST"])
def opening(request: HttpRequest, account: Account) -> HttpResponse:
    """Show the form; a POST opens the campaign, and whoever opened it organises it."""
    if not account.is_operator:
        return no_seat(request, account)
    if request.method != "POST":
        return _page(request, account, Typed())
    typed = _typed(request)
    try:
        campaign = campaign_open(_order(typed), organiser=account)
    except Refused as refusal:
        return _page(request, account, typed, refusal=refusal)
    wake()
    return HttpResponseRedirect(f"/desk/{campaign.handle}/campaign?done=opened", status=303)


def _typed(request: HttpRequest) -> Typed:
    return Typed(**{name: request.POST.get(name, "").strip() for name in Typed.__dataclass_fields__})


def _order(typed: Typed) -> CampaignOrder:
    words = CallWords(typed.title, typed.call, run_by=typed.run_by, run_from=typed.run_from)
    return CampaignOrder(
        handle=typed.handle,
        phrase=typed.phrase,
        words={typed.language: words},
        colour=typed.colour,
        preset=typed.preset,
        honouree=typed.honouree,
        garments=typed.garments or "anything",
        time_zone=typed.time_zone or "UTC",
    )


def _page(
    request: HttpRequest, account: Account, typed: Typed, *, refusal: Refused | None = None
) -> HttpResponse:
    values = {
        "account": account,
        "typed": typed,
        "colours": [(colour, in_colour(colour)) for colour in COLOURS],
        "presets": preset_choices(chosen=typed.preset),
        "refusal": failures.sentence_of(refusal) if refusal else "",
    }
    return render(request, "desk/opening.html", values, status=400 if refusal else 200)
