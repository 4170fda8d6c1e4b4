"""`wearemany doors show`: this server's signed list of doors. Verifying one is in `doors_check`: it needs no server."""

from __future__ import annotations

import argparse

from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument
from wearemany.wall.doors import doors_note, server_name


def run_show(args: argparse.Namespace) -> int:
    """Print the list, signed, as it is published."""
    name = campaign_by_handle(args.handle).origin if args.handle else server_name()
    print(doors_note(name).decode(), end="")
    return 0


COMMANDS: tuple[Command, ...] = (
    Command(
        noun="doors",
        verb="show",
        help="Print this server's signed list of doors.",
        example="wearemany doors show we-are-many",
        run=run_show,
        arguments=(
            argument(
                "handle",
                nargs="?",
                default="",
                help="sign under the name of this campaign's log; else the server's",
            ),
        ),
    ),
)
