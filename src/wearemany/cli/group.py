"""`wearemany group`: invite a group, list, revoke, hold and release what came from one."""

from __future__ import annotations

import argparse
import json

from wearemany.adapters import server
from wearemany.campaigns.groups import InvitationOrder, invitation_make, invitation_revoke, invitations_of
from wearemany.campaigns.models import GroupInvitation
from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument
from wearemany.errors import N_, Refused
from wearemany.moderation.groups import group_hold, group_release
from wearemany.rendering.addresses import Addresses
from wearemany.wall.log import append_campaign


def invite(chosen: argparse.Namespace) -> int:
    """Make an invitation and print its link, once."""
    campaign = campaign_by_handle(chosen.handle)
    order = InvitationOrder(name=chosen.name, kind=chosen.kind, most=chosen.most, days=chosen.days)
    made = invitation_make(campaign=campaign, order=order)
    language = chosen.language or "en"
    address = f"{server.doors()[0].origin}{Addresses(language, campaign.handle).group}#{made.token}"
    facts = {**_facts(made.invitation), "link": address}
    print(json.dumps(facts, ensure_ascii=False) if chosen.json else address)
    return 0


def show(chosen: argparse.Namespace) -> int:
    """List the invitations of a campaign; their links are not known any more."""
    rows = [_facts(row) for row in invitations_of(campaign_by_handle(chosen.handle))]
    if chosen.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        state = "revoked" if row["revoked"] else "held" if row["held"] else f"until {row['expires_on']}"
        print(f"{row['id']}  {row['name']} ({row['kind']})  {row['used']} of {row['most']}  {state}")
    return 0


def revoke(chosen: argparse.Namespace) -> int:
    """Take a link back."""
    invitation_revoke(invitation=_invitation(chosen))
    print("Revoked.")
    return 0


def hold(chosen: argparse.Namespace) -> int:
    """Put everything of a group back before a person."""
    invitation = _invitation(chosen)
    print(group_hold(invitation=invitation))
    append_campaign(invitation.campaign)
    return 0


def release(chosen: argparse.Namespace) -> int:
    """Approve again what holding took off the wall."""
    invitation = _invitation(chosen)
    print(group_release(invitation=invitation))
    append_campaign(invitation.campaign)
    return 0


def _facts(row: GroupInvitation) -> dict[str, object]:
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.kind,
        "used": row.used,
        "most": row.most,
        "expires_on": row.expires_on.isoformat(),
        "revoked": row.revoked,
        "held": row.held,
    }


def _invitation(chosen: argparse.Namespace) -> GroupInvitation:
    campaign = campaign_by_handle(chosen.handle)
    found = GroupInvitation.objects.filter(campaign=campaign, pk=chosen.id).select_related("campaign").first()
    if found is None:
        raise Refused("group-unknown", N_("There is no such invitation."))
    return found


_HANDLE = argument("handle", help="the campaign's address")
_ID = argument("id", help="the invitation's id, as `group list` prints it")
_JSON = argument("--json", action="store_true", help="print JSON")

COMMANDS = (
    Command(
        "group",
        "invite",
        "Make a link by which a group's leader posts for many, each photo a post of its own; printed once.",
        'wearemany group invite we-are-many --name "Class 7b" --kind minors --most 40 --days 14',
        invite,
        (
            _HANDLE,
            argument("--name", required=True, help="the group's name, for the team alone"),
            argument(
                "--kind",
                required=True,
                help="adults, or minors: always covered, looked at, nothing but the wall",
            ),
            argument("--most", type=int, default=40, help="how many posts may come by it"),
            argument("--days", type=int, default=14, help="for how many days it holds"),
            argument("--language", default="", help="the language of the page it leads to"),
            _JSON,
        ),
    ),
    Command(
        "group",
        "list",
        "List a campaign's invitations.",
        "wearemany group list we-are-many",
        show,
        (_HANDLE, _JSON),
    ),
    Command(
        "group",
        "revoke",
        "Take a link back: nothing more comes by it. What came stays.",
        "wearemany group revoke we-are-many ID",
        revoke,
        (_HANDLE, _ID),
    ),
    Command(
        "group",
        "hold",
        "Take everything of a group off the wall and put it before a person; prints how many posts.",
        "wearemany group hold we-are-many ID",
        hold,
        (_HANDLE, _ID),
    ),
    Command(
        "group",
        "release",
        "Undo a hold: approve again what it took off the wall; prints how many posts.",
        "wearemany group release we-are-many ID",
        release,
        (_HANDLE, _ID),
    ),
)
