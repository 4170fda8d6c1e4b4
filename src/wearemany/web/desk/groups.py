"""Groups: invitations made and revoked by organisers, and everything of one group held or let go in one act."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from wearemany.campaigns.groups import (
    DAYS_MAX,
    MOST_MAX,
    NAME_MAX,
    InvitationOrder,
    invitation_make,
    invitation_revoke,
    invitations_of,
)
from wearemany.campaigns.models import GroupInvitation
from wearemany.campaigns.services import campaign_day
from wearemany.errors import Refused
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.moderation.groups import group_hold, group_release
from wearemany.rendering.addresses import Addresses
from wearemany.web.context import door_of
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on


@organiser
@require_http_methods(["GET", "HEAD", "POST"])
def groups(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List the invitations; a POST makes one, and answers with its link, which is told this once."""
    if request.method != "POST":
        return _page(request, seat)
    order = InvitationOrder(
        name=request.POST.get("name", "")[:400],
        kind=request.POST.get("kind", ""),
        most=_number(request, "most"),
        days=_number(request, "days"),
    )
    try:
        made = invitation_make(campaign=seat.campaign, order=order)
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    wished = request.POST.get("language", "")
    known = [language.code for language in INTERFACE_LANGUAGES]
    at = Addresses(wished if wished in known else get_language() or known[0], seat.campaign.handle)
    return _page(
        request, seat, link=f"{door_of(request).origin}{at.group}#{made.token}", name=made.invitation.name
    )


@organiser
@require_POST
def revoke(request: HttpRequest, seat: Seat, invitation: str) -> HttpResponse:
    """Take a link back."""
    invitation_revoke(invitation=_invitation(seat, invitation))
    return sent_on(seat, "groups", done="group-revoked")


@organiser
@require_POST
def hold(request: HttpRequest, seat: Seat, invitation: str) -> HttpResponse:
    """Hold everything of a group."""
    group_hold(invitation=_invitation(seat, invitation), account=seat.account)
    return sent_on(seat, "groups", done="group-held")


@organiser
@require_POST
def release(request: HttpRequest, seat: Seat, invitation: str) -> HttpResponse:
    """Undo a hold."""
    group_release(invitation=_invitation(seat, invitation), account=seat.account)
    return sent_on(seat, "groups", done="group-released")


def _page(
    request: HttpRequest, seat: Seat, *, link: str = "", name: str = "", refusal: Refused | None = None
) -> HttpResponse:
    values = {
        "invitations": invitations_of(seat.campaign),
        "today": campaign_day(seat.campaign),
        "link": link,
        "link_name": name,
        "typed": request.POST.dict() if refusal else {},
        "languages": INTERFACE_LANGUAGES,
        "limits": {"name": NAME_MAX, "most": MOST_MAX, "days": DAYS_MAX},
    }
    return page_shown(request, seat, "desk/groups.html", values, refusal=refusal)


def _invitation(seat: Seat, invitation: str) -> GroupInvitation:
    found = GroupInvitation.objects.filter(campaign=seat.campaign, pk=invitation).first()
    if found is None:
        raise Http404
    return found


def _number(request: HttpRequest, name: str) -> int:
    typed = request.POST.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 0
