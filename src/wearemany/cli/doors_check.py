"""`wearemany doors check`: verify a signed list of doors, from an address or a file. Needs no server."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from wearemany.cli.command import Command, argument
from wearemany.cli.outbound import way_out
from wearemany.errors import N_, Refused
from wearemany.tlog.note import NoteError, Verifier
from wearemany.wall.audit import Missing
from wearemany.wall.doors_note import MOST_BYTES, DoorsList, DoorsMalformed, open_doors
from wearemany.wall.recounting.reading import KEY_PATH, fetch, parse_key


def run_check(args: argparse.Namespace) -> int:
    """Verify the list and print its doors; exit code 2 when it is not to be believed."""
    data = _read(args.source)
    verifier = _verifier(args.source, args.key)
    try:
        doors = open_doors(data, verifier)
    except (NoteError, DoorsMalformed) as error:
        raise Refused(
            "doors-unverified",
            N_("This list of doors is not signed by the key %(key)s. Do not believe it."),
            cause=str(error),
            key=verifier.vkey,
        ) from error
    print(json.dumps(to_json(doors)) if args.json else to_text(doors))
    return 0


def to_json(doors: DoorsList) -> dict[str, object]:
    """Return a list for programs; keys are stable."""
    return {
        "name": doors.name,
        "day": doors.day.isoformat(),
        "doors": [{"kind": door.kind, "url": door.url} for door in doors.doors],
    }


def to_text(doors: DoorsList) -> str:
    """Return a list for people."""
    lines = [f"Signed by {doors.name} on {doors.day.isoformat()}."]
    return "\n".join([*lines, *(f"{door.kind:>6}  {door.url}" for door in doors.doors)])


def _read(source: str) -> bytes:
    with suppress(Missing, OSError):
        if urlsplit(source).scheme in {"http", "https"}:
            return fetch(source, way=way_out().leading_home(source), most_bytes=MOST_BYTES)
        return Path(source).read_bytes()
    raise Refused(
        "doors-missing",
        N_("There is no list of doors at %(source)s. It is at /doors of a server, or beside a log."),
        source=source,
    )


def _verifier(source: str, key: str) -> Verifier:
    """Return the key that was given, else the one beside the list: then it proves only that both belong together."""
    if key:
        return parse_key(key)
    beside = urljoin(source, KEY_PATH) if "://" in source else str(Path(source).with_name(KEY_PATH))
    try:
        return parse_key(_read(beside).decode("ascii", "replace").strip())
    except Refused:
        raise Refused("key-needed", N_("There is no key beside this list. Give it with --key.")) from None


COMMANDS: tuple[Command, ...] = (
    Command(
        noun="doors",
        verb="check",
        help="Verify a signed list of doors and print them.",
        example="wearemany doors check https://example.org/log/red/doors --key example.org/log/red+1a2b3c4d+AbCd",
        run=run_check,
        arguments=(
            argument("source", help="address or file of the list"),
            argument(
                "--key", default="", metavar="VKEY", help="verifier key; else the file `vkey` beside the list"
            ),
            argument("--json", action="store_true", help="print JSON"),
        ),
    ),
)
