"""What people read before they post, as the organisers say it: who runs the campaign, from where, legal aid.

Title and call stay as they were opened: the signed count holds their digest.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from wearemany.campaigns.amending import TextChange, campaign_amend
from wearemany.campaigns.models import CampaignText
from wearemany.campaigns.texts import BESIDE_MAX
from wearemany.errors import N_, Refused
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on

LABELS = {
    "run_by": N_("Who runs the campaign"),
    "run_from": N_("Where: the country, the legal seat"),
    "about_honouree": N_("About the person we stand with"),
    "legal_aid": N_("Whom to call if questioned or detained, a contact a line"),
}


@dataclass(frozen=True)
class Line:
    """One field of one language."""

    name: str
    label: str
    text: str
    limit: int
    rows: int


@organiser
@require_http_methods(["GET", "HEAD", "POST"])
def wording(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the words that stand beside the call; a POST changes them."""
    texts = list(CampaignText.objects.filter(campaign=seat.campaign))
    texts.sort(key=lambda text: (seat.campaign.languages or [text.language]).index(text.language))
    refusal = None
    if request.method == "POST":
        try:
            campaign_amend(campaign=seat.campaign, changes=_typed(request, texts))
        except Refused as error:
            refusal = error
        else:
            return sent_on(seat, "campaign", done="amended")
    tongues = [(text.language, _lines(request, text)) for text in texts]
    return page_shown(request, seat, "desk/wording.html", {"tongues": tongues}, refusal=refusal)


def _typed(request: HttpRequest, texts: list[CampaignText]) -> dict[str, TextChange]:
    """Return what was typed; a field that was not sent stays as it is."""
    return {
        text.language: TextChange(**{name: request.POST.get(_name(name, text)) for name in LABELS})
        for text in texts
    }


def _lines(request: HttpRequest, text: CampaignText) -> tuple[Line, ...]:
    return tuple(
        Line(
            name=_name(name, text),
            label=gettext(label),
            text=request.POST.get(_name(name, text), getattr(text, name)),
            limit=BESIDE_MAX[name],
            rows=3 if BESIDE_MAX[name] > 500 else 1,
        )
        for name, label in LABELS.items()
    )


def _name(name: str, text: CampaignText) -> str:
    return f"{name}-{text.language}"
