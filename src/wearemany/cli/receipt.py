"""`wearemany receipt check`: what a receipt shows, without the server that gave it. Needs no server and no database."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from wearemany.cli.command import Command, argument
from wearemany.cli.outbound import way_out
from wearemany.errors import N_, Refused
from wearemany.tlog.note import Verifier
from wearemany.tlog.tiles import ENTRIES_LEVEL, tiles_at, unpack_bundle
from wearemany.wall.audit import Missing, audit
from wearemany.wall.entry import AmendEntry, RemovedEntry, decode
from wearemany.wall.receipt import Receipt, ReceiptInvalid, caption_digest, check, origin_of
from wearemany.wall.recounting.reading import Pins, Source, default_pins_path, locate, parse_key

_WARNING = "Whoever has this file can show that its author took part. Keep it accordingly."


def run_check(args: argparse.Namespace) -> int:
    """Check a receipt and print what it shows; exit code 2 when it shows nothing."""
    try:
        data = Path(args.file).read_bytes()
    except OSError as error:
        raise Refused(
            "receipt-unread",
            N_("The file %(file)s cannot be read."),
            cause=str(error),
            file=args.file,
        ) from error
    try:
        verifier = _verifier(args, origin_of(data))
        found = check(data, verifier)
    except ReceiptInvalid as error:
        raise Refused(
            "receipt-invalid",
            N_("This receipt shows nothing: %(reason)s (%(found)s)."),
            reason=error.reason,
            found=error.code,
        ) from error
    wrong = _wrong(found, args)
    now = _now(locate(args.log, way=way_out()), found, verifier) if args.log else ""
    print(json.dumps(to_json(found, now, wrong)) if args.json else to_text(found, now, wrong))
    return 2 if wrong else 0


def to_json(found: Receipt, now: str, wrong: list[str]) -> dict[str, object]:
    """Return what was found for programs; keys are stable."""
    return {
        "holds": not wrong,
        "origin": found.checkpoint.origin,
        "size": found.checkpoint.size,
        "index": found.index,
        "post": found.post,
        "day": found.entry.day.isoformat(),
        "now": now or None,
        "other": wrong,
    }


def to_text(found: Receipt, now: str, wrong: list[str]) -> str:
    """Return what was found for people."""
    lines = [
        f"The receipt holds: entry {found.index} of {found.checkpoint.origin}, released on "
        f"{found.entry.day.isoformat()}, signed when the log had {found.checkpoint.size:,} entries.",
    ]
    if found.post != found.index:
        lines.append(f"It is an amendment of the post at entry {found.post}.")
    if now:
        lines.append(_NOW_WORDS[now])
    lines += [f"It was made of another {name} than the one you gave." for name in wrong]
    return "\n".join([*lines, _WARNING])


_NOW_WORDS = {
    "stands": "In the log that you named the post still stands like that.",
    "changed": "In the log that you named the post was changed later.",
    "removed": "In the log that you named the post was taken back later.",
}


def _verifier(args: argparse.Namespace, origin: str) -> Verifier:
    """Return the key that was given, else the one that recounts of this log have remembered."""
    if args.vkey:
        return parse_key(args.vkey)
    pins = Pins.load(Path(args.pins) if args.pins else default_pins_path())
    if origin in pins.logs:
        return parse_key(pins.logs[origin]["vkey"])
    raise Refused(
        "receipt-key-needed",
        N_("The key of this log is not known here. Give it with --vkey, or recount the wall first."),
    )


def _wrong(found: Receipt, args: argparse.Namespace) -> list[str]:
    """Return which of the things that were given to compare are not those of the receipt."""
    photos = [hashlib.sha256(Path(path).read_bytes()).digest() for path in args.photo]
    wrong = ["picture"] if any(digest not in found.bound.photos for digest in photos) else []
    if args.caption is not None and caption_digest(args.caption) != found.bound.caption:
        wrong.append("caption")
    return wrong


def _now(source: Source, found: Receipt, verifier: Verifier) -> str:
    """Return how the post stands in a newer log, which is recounted first: "stands", "changed" or "removed"."""
    result = audit(source.read, verifier=verifier, earlier=found.checkpoint)
    if not result.holds or result.checkpoint is None:
        raise Refused(
            "receipt-log-broken",
            N_("The log that you named does not recount: %(codes)s. Run `wearemany wall recount` on it."),
            codes=", ".join(sorted({finding.code for finding in result.findings})),
        )
    now = "stands"
    size = result.checkpoint.size
    for tile in tiles_at(ENTRIES_LEVEL, size):
        if (tile.index + 1) * 256 <= found.index:
            continue
        for line in _lines(source, tile.path, tile.width):
            if f'"of":{found.post},'.encode() not in line:
                continue
            entry = decode(line)
            if isinstance(entry, RemovedEntry):
                return "removed"
            if isinstance(entry, AmendEntry) and entry.commitment is not None:
                now = "stands" if entry.commitment == found.bound.commitment else "changed"
    return now


def _lines(source: Source, path: str, width: int) -> list[bytes]:
    try:
        return unpack_bundle(source.read(path), width=width)
    except Missing:
        return unpack_bundle(source.read(path.partition(".p/")[0]), width=256)[:width]


COMMANDS: tuple[Command, ...] = (
    Command(
        noun="receipt",
        verb="check",
        help="Check that a post is in the signed log, by its receipt, without the server that gave it.",
        example="wearemany receipt check note.txt --vkey example.org/log/red+1a2b3c4d+AbCd",
        run=run_check,
        arguments=(
            argument("file", help="the receipt"),
            argument(
                "--vkey",
                "--key",
                default="",
                help="the log's verifier key; else the one that a recount remembered",
            ),
            argument("--pins", default="", metavar="FILE", help="where keys are remembered"),
            argument(
                "--photo",
                action="append",
                default=[],
                metavar="FILE",
                help="a picture from the wall to compare",
            ),
            argument("--caption", default=None, metavar="TEXT", help="the caption to compare"),
            argument(
                "--log",
                default="",
                metavar="SOURCE",
                help="a newer log, address or folder: does the post stand in it?",
            ),
            argument("--json", action="store_true", help="print JSON"),
        ),
    ),
)
