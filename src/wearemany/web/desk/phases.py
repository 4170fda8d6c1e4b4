"""Pause, resume, close; and the team, whose acts can be undone at once. Each such step is confirmed once more."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wearemany.accounts.models import Account
from wearemany.campaigns.models import Membership, Phase, Role
from wearemany.campaigns.services import campaign_close, campaign_pause, campaign_resume
from wearemany.errors import N_, Refused
from wearemany.moderation.models import Decision
from wearemany.moderation.services import decisions_reverse
from wearemany.wall.questions import answers_reverse
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on
from wearemany.web.desk.languages import words_fields, words_typed

MOVES = {
    "pause": (campaign_pause, "paused"),
    "resume": (campaign_resume, "resumed"),
    "close": (campaign_close, "closed"),
}
_POSSIBLE = {Phase.OPENED: ("pause", "close"), Phase.PAUSED: ("resume", "close"), Phase.CLOSED: ()}


@dataclass(frozen=True)
class Colleague:
    """One of the team, and how many posts stand as they do by this person's word."""

    account_id: int
    name: str
    is_organiser: bool
    decisions: int
    is_me: bool


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


@organiser
@require_safe
def colleagues(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List the team."""
    return page_shown(request, seat, "desk/team.html", {"colleagues": _colleagues(seat)})


@organiser
@require_POST
def reverse(request: HttpRequest, seat: Seat, colleague: int) -> HttpResponse:
    """Undo everything that holds by one colleague's word; asked twice, since it may bring much back."""
    asked = Account.objects.filter(pk=colleague, memberships__campaign=seat.campaign).first()
    if asked is None:
        raise Http404
    if request.POST.get("sure") != "yes":
        values = {"colleagues": _colleagues(seat), "asked": asked}
        return page_shown(request, seat, "desk/team.html", values)
    decisions_reverse(campaign=seat.campaign, account=asked)
    answers_reverse(campaign=seat.campaign, account=asked)
    return sent_on(seat, "team", done="reversed")


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


def _colleagues(seat: Seat) -> list[Colleague]:
    newest = (
        Decision.objects.filter(post=OuterRef("post"), undone=False).order_by("-position").values("pk")[:1]
    )
    held = Decision.objects.filter(post__campaign=seat.campaign, post__erased=False, undone=False)
    counts: dict[int, int] = {}
    for account_id, pk, newest_pk in (
        held.exclude(account=None).annotate(newest=Subquery(newest)).values_list("account_id", "pk", "newest")
    ):
        if pk == newest_pk and account_id is not None:
            counts[account_id] = counts.get(account_id, 0) + 1
    rows = (
        Membership.objects.filter(campaign=seat.campaign)
        .select_related("account")
        .order_by("role", "account__name")
    )
    return [
        Colleague(
            account_id=row.account_id,
            name=row.account.name,
            is_organiser=row.role == Role.ORGANISER,
            decisions=counts.get(row.account_id, 0),
            is_me=row.account_id == seat.account.pk,
        )
        for row in rows
    ]
