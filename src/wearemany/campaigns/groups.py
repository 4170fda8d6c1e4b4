"""Invitations by which a group's leader posts for many: made and revoked by organisers, bounded, forgotten in time.

The secret of a link is told once and kept as a peppered digest. What is posted by it is photos' business.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from django.db.models import F

from wearemany.adapters import clock, server
from wearemany.campaigns.models import Campaign, GroupInvitation, GroupKind
from wearemany.campaigns.services import campaign_day, posting_checked
from wearemany.errors import N_, Refused
from wearemany.ids import ID_BYTES, opaque
from wearemany.worker.seldom import Seldom

NAME_MAX = 80
MOST_MAX = 200
DAYS_MAX = 90
KEPT_DAYS = 30
"""How long an invitation is known after its last day, so that what came by it can still be held."""

_forget_watch = Seldom(every_s=3600.0)


@dataclass(frozen=True)
class InvitationOrder:
    """What an organiser decides: the group's name (for the team alone), who is in it, how many posts, how long."""

    name: str
    kind: str
    most: int
    days: int


@dataclass(frozen=True)
class Invited:
    """A new invitation and its secret, which nobody can be told again."""

    invitation: GroupInvitation
    token: str = field(repr=False)


def invitation_make(*, campaign: Campaign, order: InvitationOrder) -> Invited:
    """Make an invitation; raises Refused when something in the order cannot be."""
    name = " ".join(order.name.split())
    if not name or len(name) > NAME_MAX:
        raise Refused(
            "group-name-unusable", N_("A group's name has 1 to %(limit)s characters."), limit=NAME_MAX
        )
    if order.kind not in GroupKind.values:
        raise Refused("group-kind-missing", N_("Please say who is in the group: adults or minors."))
    if not 1 <= order.most <= MOST_MAX or not 1 <= order.days <= DAYS_MAX:
        raise Refused(
            "group-bounds-impossible",
            N_("An invitation is for 1 to %(most)s posts and holds for 1 to %(days)s days."),
            most=MOST_MAX,
            days=DAYS_MAX,
        )
    token = opaque(clock.random_bytes(ID_BYTES))
    invitation = GroupInvitation.objects.create(
        id=opaque(clock.random_bytes(ID_BYTES)),
        campaign=campaign,
        token_digest=_digest(token),
        name=name,
        kind=order.kind,
        most=order.most,
        expires_on=campaign_day(campaign) + datetime.timedelta(days=order.days),
    )
    return Invited(invitation, token)


def invitation_by_token(token: str) -> GroupInvitation | None:
    """Return the invitation of a link's secret, also one that is over; None when there is none."""
    found = GroupInvitation.objects.filter(token_digest=_digest(token)).select_related("campaign")
    return found.first()


def invitation_checked(invitation: GroupInvitation) -> None:
    """Refused when nothing more can be sent by it: the campaign rests, or it is revoked, past its last day, used up."""
    posting_checked(invitation.campaign)
    if invitation.revoked:
        raise Refused(
            "group-revoked", N_("The organisers have taken this invitation back. Nothing was sent.")
        )
    if campaign_day(invitation.campaign) > invitation.expires_on:
        raise Refused("group-over", N_("This invitation is over. Please ask the organisers for a new one."))
    if invitation.used >= invitation.most:
        raise Refused(
            "group-full",
            N_(
                "As many photos were sent as this invitation is for. Please ask the organisers for a new one."
            ),
        )


def invitation_locked(invitation_id: str) -> GroupInvitation:
    """Return the invitation as it is now, locked until the transaction ends; Refused when it is gone."""
    found = GroupInvitation.objects.select_for_update(of=("self",)).select_related("campaign")
    invitation = found.filter(pk=invitation_id).first()
    if invitation is None:
        raise Refused("group-over", N_("This invitation is over. Please ask the organisers for a new one."))
    return invitation


def invitation_spend(invitation: GroupInvitation) -> None:
    """Count one post; inside the transaction that makes it and has the invitation locked. Refused when it is full."""
    invitation_checked(invitation)
    GroupInvitation.objects.filter(pk=invitation.pk).update(used=F("used") + 1)


def invitation_revoke(*, invitation: GroupInvitation) -> None:
    """Take the link back: nothing more comes by it. What came stays as it is. Twice is once."""
    GroupInvitation.objects.filter(pk=invitation.pk).update(revoked=True)


def invitations_of(campaign: Campaign) -> list[GroupInvitation]:
    """Return the campaign's invitations, those that end last first."""
    return list(GroupInvitation.objects.filter(campaign=campaign).order_by("-expires_on", "name", "pk"))


def invitations_forget_pending() -> int:
    """Once an hour, forget invitations that ended a month ago: which group took part is nobody's business then."""
    if not _forget_watch.is_time():
        return 0
    until = clock.now().date() - datetime.timedelta(days=KEPT_DAYS)
    forgotten, _ = GroupInvitation.objects.filter(expires_on__lt=until).delete()
    return forgotten


def _digest(token: str) -> bytes:
    return server.keys().peppered(token.encode(), purpose="group invitation")
