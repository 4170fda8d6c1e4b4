"""`wearemany wall recount`: check the number yourself. Needs no server, no database and no Django."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from pathlib import Path
from typing import TypedDict

from wearemany.cli.command import Command, argument
from wearemany.cli.outbound import way_out
from wearemany.wall.announced import NOT_BY_THE_KEY, NOT_KNOWN_HERE
from wearemany.wall.recounting.reading import KeyOrigin, Report, default_pins_path, recount

EXIT_HOLDS = 0
EXIT_FINDINGS = 2

_KEY_WORDS = {
    KeyOrigin.GIVEN: "the one you gave",
    KeyOrigin.PINNED: "the one you saw before: the same signer as then",
    KeyOrigin.FIRST_USE: (
        "seen for the first time and remembered. It proves that the list fits its signature, not whose key it is: "
        "compare it with the organiser's, and later recounts will prove that the signer is still the same"
    ),
}
_MEANINGS = {
    "fork": (
        "Fork: one key has signed two different lists, so not everybody is shown the same one. Keep both signed "
        "checkpoints: together they are proof of it, whoever you show them to."
    ),
    "rollback": (
        "Rollback: the list is shorter than a state of it that was signed before. Something was taken out, or the "
        "server came back from an old copy and has not noticed. Keep the longer signed checkpoint: it is the proof."
    ),
}
_DOUBTS = {
    NOT_BY_THE_KEY: (
        "Somebody put an announcement beside this log that its recovery key did not sign. Nothing follows from it."
    ),
    NOT_KNOWN_HERE: (
        "The recovery key signed an announcement in a form that this program does not know. A newer version may."
    ),
}
_PROVES = (
    "This proves that the list fits its signature and was neither changed nor shortened since you last looked. "
    "It does not prove that a person, or a different person, stands behind each entry."
)


def run_recount(args: argparse.Namespace) -> int:
    """Recount, print what came of it, and return 0 when everything adds up and 2 when something does not."""
    shows_progress = not args.json and sys.stderr.isatty()
    pins_path = Path(args.pins) if args.pins else default_pins_path()
    report = recount(
        args.source,
        pins_path=pins_path,
        way=way_out(),
        key=args.key,
        checkpoints=[Path(name) for name in args.checkpoint],
        witnesses=args.witness,
        progress=_show_progress if shows_progress else None,
    )
    print(json.dumps(to_json(report), ensure_ascii=False, indent=1) if args.json else to_text(report))
    return EXIT_HOLDS if report.result.holds else EXIT_FINDINGS


def to_json(report: Report) -> dict[str, object]:
    """Return a report for programs; keys are stable."""
    result = report.result
    seen = result.checkpoint
    return {
        "holds": result.holds,
        "source": report.source,
        "origin": seen.origin if seen else None,
        "size": seen.size if seen else None,
        "root": base64.b64encode(seen.root).decode() if seen else None,
        "key": report.vkey,
        "key_origin": str(report.key_origin),
        "announcement": _announced(report),
        "announcement_doubt": report.announced.doubt or None,
        "last_seen_size": report.earlier.size if report.earlier else None,
        "compared": [{"name": one.name, "size": one.checkpoint.size} for one in report.shown],
        "witnesses": dict(report.witnesses),
        "tally": result.tally.to_json() if result.tally else None,
        "findings": [
            {"code": item.code, "reason": item.reason, "path": item.path or None, "index": item.index}
            for item in result.findings
        ],
    }


def to_text(report: Report) -> str:
    """Return a report for people."""
    result, lines = report.result, [f"Log         {report.source}"]
    if result.checkpoint:
        root = base64.b64encode(result.checkpoint.root).decode()
        lines.append(f"Checkpoint  {result.checkpoint.origin}, {result.checkpoint.size} entries, root {root}")
    lines += [f"Key         {report.vkey}", f"            {_KEY_WORDS[report.key_origin]}"]
    if report.earlier:
        lines.append(f"Last seen   {report.earlier.size} entries")
    lines += [f"Compared    {one.name}, {one.checkpoint.size} entries" for one in report.shown]
    if announced := _announced(report):
        lines += ["", f"The recovery key says, as of {announced['day']}:"]
        lines += [f"  {sentence}" for sentence in announced["says"]]
    if report.announced.doubt:
        lines += ["", _DOUBTS[report.announced.doubt]]
    lines.append("")
    if result.tally and result.holds:
        lines += _figures(report)
        lines += ["", *_witnessed(report), "", "Everything adds up.", _PROVES]
    else:
        lines += [f"Something is wrong: {len(result.findings)} finding(s). Do not trust the number.", ""]
        lines += [f"  {_place(item.path, item.index)}{item.code}: {item.reason}" for item in result.findings]
        codes = {item.code for item in result.findings}
        lines += [line for code, words in _MEANINGS.items() if code in codes for line in ("", words)]
    return "\n".join(lines)


class Said(TypedDict):
    """What the recovery key says, for programs and people."""

    day: str
    says: list[str]


def _announced(report: Report) -> Said | None:
    found = report.announced.says
    if found is None:
        return None
    says = []
    if found.taken is not None:
        says.append(
            f"The signing key was taken. Nothing after the first {found.taken.size} entries is to be believed."
        )
    if found.moved is not None:
        says.append(f"The log goes on at {found.moved[0]}, with the key {found.moved[1]}")
    if found.has_ended:
        says.append("The log has ended. Nothing follows.")
    return Said(day=found.day.isoformat(), says=says)


def _witnessed(report: Report) -> list[str]:
    if not report.witnesses:
        return ["Not witnessed, as far as you asked: give the keys of witnesses with --witness."]
    names = {vkey: vkey.partition("+")[0] for vkey in report.witnesses}
    return [
        f"Witnessed by {names[vkey]}: it saw that the list only grew."
        if has
        else f"Not witnessed by {names[vkey]}."
        for vkey, has in report.witnesses.items()
    ]


def _figures(report: Report) -> list[str]:
    tally = report.result.tally
    if tally is None:
        return []
    lines = [
        f"{tally.posts:>10,}  posts on the wall",
        f"{tally.people:>10,}  people in them, as declared",
        f"{tally.distinct:>10,}  posts that repeat no other",
        f"{tally.in_colour:>10,}  posts in the colour",
        f"{tally.removed:>10,}  taken back or taken down",
    ]
    lines += [f"{count:>10,}  of the unknown kind “{kind}”, not counted" for kind, count in tally.unknown]
    return lines


def _place(path: str, index: int | None) -> str:
    if index is not None:
        return f"entry {index}: "
    return f"{path}: " if path else ""


def _show_progress(counted: int, size: int) -> None:
    end = "\n" if counted == size else ""
    print(f"\rCounting {counted:,} of {size:,}", end=end, file=sys.stderr, flush=True)


COMMANDS: tuple[Command, ...] = (
    Command(
        noun="wall",
        verb="recount",
        help="Check the number yourself, from the public files alone.",
        example="wearemany wall recount https://example.org/en/red/",
        run=run_recount,
        arguments=(
            argument(
                "source", help="address of a wall, address of a log's folder, or a folder on this machine"
            ),
            argument(
                "--key",
                default="",
                metavar="VKEY",
                help="the log's verifier key; else remembered at first use",
            ),
            argument(
                "--checkpoint",
                action="append",
                default=[],
                metavar="FILE",
                help="a signed checkpoint of this log to compare it with; may be given several times",
            ),
            argument(
                "--witness",
                action="append",
                default=[],
                metavar="VKEY",
                help="the key of a witness that may have cosigned the checkpoint; may be given several times",
            ),
            argument("--pins", default="", metavar="FILE", help="where keys and checkpoints are remembered"),
            argument("--json", action="store_true", help="print JSON"),
        ),
    ),
)
