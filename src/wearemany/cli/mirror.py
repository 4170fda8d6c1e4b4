"""`wearemany wall mirror`: keep a copy of a log that leads to working doors. Needs no server and no database."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path

from wearemany.adapters import clock
from wearemany.cli.command import Command, argument
from wearemany.cli.outbound import way_out
from wearemany.errors import N_, Refused
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.wall.mirrors.copying import Mirrored, Wishes, mirror

EXIT_GOOD = 0
EXIT_FINDINGS = 2


def run_mirror(args: argparse.Namespace) -> int:
    """Bring the folder up to date; 0 when all is well, 2 when the log or its list of doors is not to be believed."""
    done = mirror(
        args.source,
        folder=Path(args.folder),
        now=clock.now(),
        way=way_out(),
        wishes=Wishes(args.key, args.language, _pictures_key(args.pictures)),
    )
    print(
        json.dumps(to_json(done), ensure_ascii=False, indent=1) if args.json else to_text(done, args.folder)
    )
    return (
        EXIT_GOOD
        if done.result.holds and not done.complaint and not done.pictures_complaint
        else EXIT_FINDINGS
    )


def to_json(done: Mirrored) -> dict[str, object]:
    """Return what came of it for programs; keys are stable."""
    tally, seen, doors = done.result.tally, done.result.checkpoint, done.doors
    return {
        "holds": done.result.holds,
        "source": done.source,
        "key": done.vkey,
        "size": seen.size if seen else None,
        "posts": tally.posts if tally and done.result.holds else None,
        "fetched": done.fetched,
        "doors": [{"kind": door.kind, "url": door.url} for door in doors.doors] if doors else None,
        "doors_refused": done.complaint or None,
        "pictures": done.pictures,
        "pictures_fetched": done.pictures_fetched,
        "pictures_removed": done.pictures_removed,
        "pictures_refused": done.pictures_complaint or None,
        "findings": [{"code": item.code, "reason": item.reason} for item in done.findings],
    }


def to_text(done: Mirrored, folder: str) -> str:
    """Return what came of it for people."""
    tally, seen = done.result.tally, done.result.checkpoint
    if not done.result.holds or tally is None or seen is None:
        wrong = [f"  {item.code}: {item.reason}" for item in done.findings]
        return "\n".join(["Something is wrong with the log. Nothing in the folder was changed.", *wrong])
    lines = [
        f"{done.source} is mirrored in {folder}.",
        f"{tally.posts:,} posts, {seen.size:,} lines, {done.fetched} files fetched.",
        f"Key {done.vkey}",
    ]
    if done.pictures or done.pictures_removed:
        new, gone = done.pictures_fetched, done.pictures_removed
        lines.append(
            f"{done.pictures:,} pictures, {new:,} of them new; {gone:,} were taken back and are gone here."
        )
    if done.pictures_complaint:
        lines.append(f"Pictures: {done.pictures_complaint}.")
    if done.complaint:
        lines.append(f"The new list of doors was not taken: {done.complaint}.")
    if done.doors is None:
        lines.append("There is no signed list of doors, so the pages lead nowhere yet.")
    else:
        lines += [f"{door.kind:>6}  {door.url}" for door in done.doors.doors]
    lines.append("Put the folder on any web server. Run this again, every hour or day, to keep up.")
    return "\n".join(lines)


def _pictures_key(path: str) -> str:
    """Read the key from its file: on a command line everybody on the machine could read it."""
    if not path:
        return ""
    key = ""
    with suppress(OSError, ValueError):
        key = Path(path).read_text("ascii").strip()
    if not key.isalnum():
        raise Refused(
            "mirror-key-unreadable", N_("There is no key for pictures in the file %(path)s."), path=path
        )
    return key


COMMANDS: tuple[Command, ...] = (
    Command(
        noun="wall",
        verb="mirror",
        help="Keep a verified copy of a log in a folder, with pages that lead to working doors.",
        example="wearemany wall mirror https://example.org/en/red/ mirror/",
        run=run_mirror,
        arguments=(
            argument("source", help="address of a wall, of a log's folder or of a mirror"),
            argument(
                "folder", help="where to; made when missing, brought up to date when it is a mirror already"
            ),
            argument(
                "--key", default="", metavar="VKEY", help="the log's verifier key; else believed at first use"
            ),
            argument(
                "--language",
                default=INTERFACE_LANGUAGES[0].code,
                choices=[language.code for language in INTERFACE_LANGUAGES],
                help="the language of index.html",
            ),
            argument(
                "--pictures",
                default="",
                metavar="KEYFILE",
                help="file with a key of the organisers, for pictures too; without it no pictures stay",
            ),
            argument("--json", action="store_true", help="print JSON"),
        ),
    ),
)
