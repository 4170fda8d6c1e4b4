"""`wearemany wall recover` and `wall export`. The recount is in `recount`, because it needs no server."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from django.conf import settings

from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument
from wearemany.cli.outbound import way_out
from wearemany.errors import N_, Refused
from wearemany.wall.export import announcement_publish, log_export
from wearemany.wall.log import public_log
from wearemany.wall.recovery import recover
from wearemany.wall.restored import copies_hold, is_evident, is_held, newer_taken, source_needed


def run_recover(args: argparse.Namespace) -> int:
    """Make the database agree with the public log after a restored backup."""
    campaign = campaign_by_handle(args.handle)
    copies_hold(Path(settings.WEAREMANY["DATA"]))
    log = public_log(campaign)
    if args.source:
        size = newer_taken(log, args.source, way=way_out())
        print(f"The copy there has {size} entries.", file=sys.stderr)
    elif is_held(campaign) and not args.nothing_newer and not is_evident(campaign, log):
        raise source_needed()
    done = recover(campaign)
    if args.json:
        print(json.dumps(vars(done)))
        return 0
    print(f"{done.entries} entries were written again, {done.without_post} of them without their post.")
    print(f"{done.removed} posts were taken back again.")
    print(f"{done.doubtful} posts were taken back because the log does not say that they stand as they are.")
    return 0


def run_announce(args: argparse.Namespace) -> int:
    """Publish an announcement that the recovery key signed."""
    campaign = campaign_by_handle(args.handle)
    announced = announcement_publish(public_log(campaign), Path(args.file).read_bytes())
    print(announced.text, end="")
    return 0


def run_export(args: argparse.Namespace) -> int:
    """Write the log's public files into a folder: the beginning of a mirror."""
    folder = Path(args.folder)
    if folder.exists() and not folder.is_dir():
        raise Refused("export-not-a-folder", N_("%(folder)s is a file. Give a folder."), folder=folder)
    exported = log_export(campaign_by_handle(args.handle), folder=folder)
    print(json.dumps({"files": exported}) if args.json else f"{exported} files were written to {folder}.")
    return 0


_HANDLE = argument("handle", help="the campaign's address")
_JSON = argument("--json", action="store_true", help="print JSON")

COMMANDS: tuple[Command, ...] = (
    Command(
        noun="wall",
        verb="recover",
        help="Make the database agree with the public log again, after a restored backup.",
        example="wearemany wall recover we-are-many",
        run=run_recover,
        arguments=(
            _HANDLE,
            argument(
                "--from",
                dest="source",
                default="",
                metavar="ADDRESS",
                help="a mirror, or a folder with a copy of the log, that may know more than what was restored",
            ),
            argument(
                "--nothing-newer",
                action="store_true",
                help="nobody has seen a newer log than the restored one; you are sure",
            ),
            _JSON,
        ),
    ),
    Command(
        noun="wall",
        verb="announce",
        help="Publish what the recovery key signed: theft, a successor, the end. Nobody else can say so.",
        example="wearemany wall announce we-are-many announcement",
        run=run_announce,
        arguments=(
            _HANDLE,
            argument("file", help="the signed announcement, made by `wearemany key announce`"),
        ),
    ),
    Command(
        noun="wall",
        verb="export",
        help="Write a log's public files into a folder, to be mirrored or recounted there.",
        example="wearemany wall export we-are-many mirror/",
        run=run_export,
        arguments=(_HANDLE, argument("folder", help="where to; made when missing"), _JSON),
    ),
)
