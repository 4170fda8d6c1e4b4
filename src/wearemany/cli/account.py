"""`wearemany account`: the team's accounts and their sign-in links."""

from __future__ import annotations

import argparse
from dataclasses import replace

from wearemany.accounts.services import account_by_name, account_create, sign_in_link_create
from wearemany.adapters import server
from wearemany.campaigns.models import Membership, Role
from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument


def create(chosen: argparse.Namespace) -> int:
    """Create an account and, where asked, give it a role."""
    campaign = campaign_by_handle(chosen.campaign) if chosen.campaign else None
    account = account_create(name=chosen.name, is_operator=chosen.operator)
    if campaign is not None:
        Membership.objects.create(campaign=campaign, account=account, role=chosen.role)
    return link(chosen)


def link(chosen: argparse.Namespace) -> int:
    """Print a link that signs the account in once, within ten minutes."""
    token = sign_in_link_create(account=account_by_name(chosen.name))
    # The token stands in the fragment, which no server and no proxy ever sees.
    print(f"{desk_address()}#{token}")
    return 0


def desk_address() -> str:
    """Return where the team signs in: at the main door."""
    door = server.doors()[0]
    return replace(door, host="127.0.0.1" if door.host == "localhost" else door.host).url("/desk/in")


_NAME = argument("name", help="what colleagues see")

COMMANDS = (
    Command(
        "account",
        "create",
        "Create an account of the team and print its first sign-in link.",
        "wearemany account create Olga --campaign we-are-many --role moderator",
        create,
        (
            _NAME,
            argument("--campaign", metavar="HANDLE", help="a campaign to work in"),
            argument("--operator", action="store_true", help="may open campaigns at the desk"),
            argument("--role", choices=Role.values, default=Role.MODERATOR.value, help="what to do there"),
        ),
    ),
    Command(
        "account",
        "link",
        "Print a link that signs the account in once, within ten minutes.",
        "wearemany account link Olga",
        link,
        (_NAME,),
    ),
)
