"""The team: who has which role, how much each was shown; all that one of them did undone in one act, and back."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from wearemany.accounts.models import Account
from wearemany.campaigns.models import Membership, Role
from wearemany.errors import Refused
from wearemany.moderation.looks import looks_of
from wearemany.moderation.models import Decision
from wearemany.moderation.reversing import reversal_preview, reversal_undo, reversals_of
from wearemany.moderation.seeding import CHOICES, seeding_of, seeding_set
from wearemany.moderation.seeds import Measured, seeds_measured
from wearemany.moderation.services import decisions_reverse
from wearemany.wall.repeats.questions import answers_reverse
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on


@dataclass(frozen=True)
class Colleague:
    """One of the team, how many posts stand as they do by this person's word, and how many were shown to them."""

    account_id: int
    name: str
    is_organiser: bool
    decisions: int
    shown: int
    measured: Measured | None
    is_me: bool


@organiser
@require_safe
def colleagues(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List the team."""
    return _page(request, seat)


@organiser
@require_POST
def reverse(request: HttpRequest, seat: Seat, colleague: int) -> HttpResponse:
    """Undo everything that holds by one colleague's word; says first what that touches, since it may be much."""
    asked = Account.objects.filter(pk=colleague, memberships__campaign=seat.campaign).first()
    if asked is None:
        raise Http404
    if request.POST.get("sure") != "yes":
        return _page(request, seat, asked=asked)
    decisions_reverse(campaign=seat.campaign, account=asked, by=seat.account)
    answers_reverse(campaign=seat.campaign, account=asked)
    return sent_on(seat, "team", done="reversed")


@organiser
@require_POST
def restore(request: HttpRequest, seat: Seat, reversal: str) -> HttpResponse:
    """Take such an undoing back."""
    try:
        reversal_undo(reversal=reversal, campaign=seat.campaign)
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return sent_on(seat, "team", done="restored")


@organiser
@require_POST
def seeds(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Say how often test pictures come into the queue."""
    every = request.POST.get("every", "")
    try:
        seeding_set(campaign=seat.campaign, every=int(every) if every in map(str, CHOICES) else -1)
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return sent_on(seat, "team", done="seeds-off" if every == "0" else "seeds-on")


def _page(
    request: HttpRequest, seat: Seat, *, asked: Account | None = None, refusal: Refused | None = None
) -> HttpResponse:
    rows = _colleagues(seat)
    values = {
        "colleagues": rows,
        "asked": asked,
        "touched": reversal_preview(campaign=seat.campaign, account=asked) if asked else None,
        "reversals": reversals_of(seat.campaign),
        "seeding": seeding_of(seat.campaign),
        "seeding_choices": CHOICES,
        "has_measures": any(row.measured for row in rows),
    }
    return page_shown(request, seat, "desk/team.html", values, refusal=refusal)


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
    shown, measured = looks_of(seat.campaign), seeds_measured(seat.campaign)
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
            shown=shown.get(row.account_id, 0),
            measured=measured.get(row.account_id),
            is_me=row.account_id == seat.account.pk,
        )
        for row in rows
    ]
