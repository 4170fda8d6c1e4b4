"""Pause, resume, close. Each such step is confirmed once more."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from wearemany.campaigns.models import Phase
from wearemany.campaigns.services import campaign_close, campaign_pause, campaign_resume
from wearemany.errors import N_, Refused
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on
from wearemany.web.desk.languages import words_fields, words_typed

MOVES = {
    "pause": (campaign_pause, "paused"),
    "resume": (campaign_resume, "resumed"),
    "close": (campaign_close, "closed"),
}
_POSSIBLE = {Phase.OPENED: ("pause", "close"), Phase.PAUSED: ("resume", "close"), Phase.CLOSED: ()}


@organiser
@require_safe
def campaign(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show where the campaign stands and what can be done about it."""
    return _page(request, seat, move="")


@organiser
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, seat: Seat, move: str) -> HttpResponse:
    """Ask for the notice, then for a second yes, then do it."""
    if move not in MOVES:
        raise Http404
    if request.method != "POST":
        return _page(request, seat, move=move)
    act, done = MOVES[move]
    try:
        if move not in _POSSIBLE[Phase(seat.campaign.phase)]:
            raise Refused(
                "phase-changed", N_("Somebody changed this meanwhile. Please look where the campaign stands.")
            )
        notice = words_typed(request, seat)
        if not notice:
            raise Refused("notice-missing", N_("Please tell people why, in at least one language."))
        if any(len(text) > 2000 for text in notice.values()):
            raise Refused("notice-too-long", N_("A notice may have up to 2,000 characters."))
        if request.POST.get("sure") != "yes":
            return _page(request, seat, move=move, notice=notice)
        act(campaign=seat.campaign, notice=notice)
    except Refused as refusal:
        return _page(request, seat, move=move, refusal=refusal)
    return sent_on(seat, "campaign", done=done)


def _page(
    request: HttpRequest,
    seat: Seat,
    *,
    move: str,
    notice: dict[str, str] | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    names = {
        "pause": gettext("Pause the campaign"),
        "resume": gettext("Resume the campaign"),
        "close": gettext("End the campaign for good"),
    }
    means = {
        "pause": gettext(
            "New posts and comments are not taken. The wall stays, and posts can be taken back."
        ),
        "resume": gettext("New posts are taken again."),
        "close": gettext(
            "Nothing new is ever taken again. The wall stays as an archive, and posts can be taken back."
        ),
    }
    possible = _POSSIBLE[Phase(seat.campaign.phase)]
    values = {
        "moves": [(name, names[name], means[name]) for name in possible],
        "move": move,
        "move_name": names.get(move, ""),
        "move_means": means.get(move, ""),
        "notice": sorted((notice or {}).items()),
        "fields": words_fields(seat, typed=request.POST.dict()),
    }
    return page_shown(request, seat, "desk/campaign.html", values, refusal=refusal)
