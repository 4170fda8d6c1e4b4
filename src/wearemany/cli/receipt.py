"""`wearemany receipt check`: what a receipt shows, without the server that gave it. Needs no server and no database."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wearemany.cli.command import Command, argument
from wearemany.cli.outbound import way_out
from wearemany.errors import N_, Refused
from wearemany.tlog.checkpoint import Checkpoint
from wearemany.tlog.cosignature import cosigned
from wearemany.tlog.note import Verifier, parse
from wearemany.tlog.proof import parse_proof
from wearemany.tlog.tiles import ENTRIES_LEVEL, tiles_at, unpack_bundle
from wearemany.wall.audit import Missing, Shown, audit
from wearemany.wall.entry import AmendEntry, RemovedEntry, decode
from wearemany.wall.receipt import Receipt, ReceiptInvalid, caption_digest, check, origin_of
from wearemany.wall.recounting.reading import (
    Pins,
    Source,
    default_pins_path,
    locate,
    parse_key,
    shown_in,
)

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
    shown = tuple(shown_in(Path(name), verifier) for name in args.checkpoint)
    compare(found.checkpoint, shown, has_log=bool(args.log))
    told = Told(
        found,
        now=_now(locate(args.log, way=way_out()), found, verifier, shown) if args.log else "",
        other=_wrong(found, args),
        compared=tuple(one.checkpoint.size for one in shown),
        witnesses=_witnesses(data, args.witness),
    )
    print(json.dumps(to_json(told)) if args.json else to_text(told))
    return 2 if told.other else 0


@dataclass(frozen=True)
class Told:
    """What a receipt shows, and what came of everything that it was compared with."""

    found: Receipt
    now: str = ""
    other: Sequence[str] = ()
    compared: Sequence[int] = ()
    witnesses: Mapping[str, bool] = field(default_factory=dict)


def to_json(told: Told) -> dict[str, object]:
    """Return what was found for programs; keys are stable."""
    found = told.found
    return {
        "holds": not told.other,
        "origin": found.checkpoint.origin,
        "size": found.checkpoint.size,
        "index": found.index,
        "post": found.post,
        "day": found.entry.day.isoformat(),
        "now": told.now or None,
        "other": list(told.other),
        "compared": list(told.compared),
        "witnesses": dict(told.witnesses),
    }


def to_text(told: Told) -> str:
    """Return what was found for people."""
    found = told.found
    lines = [
        f"The receipt holds: entry {found.index} of {found.checkpoint.origin}, released on "
        f"{found.entry.day.isoformat()}, signed when the log had {found.checkpoint.size:,} entries.",
    ]
    if found.post != found.index:
        lines.append(f"It is an amendment of the post at entry {found.post}.")
    lines += [f"It is of one history with the signed count of {size:,} entries." for size in told.compared]
    for vkey, has in told.witnesses.items():
        lines.append(f"{'Witnessed' if has else 'Not witnessed'} by {vkey.partition('+')[0]}.")
    if told.now:
        lines.append(_NOW_WORDS[told.now])
    lines += [f"It was made of another {name} than the one you gave." for name in told.other]
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


def compare(seen: Checkpoint, shown: Sequence[Shown], *, has_log: bool) -> None:
    """Compare a receipt's checkpoint with others of the same size; of another size only the log itself can tell.

    Refused `receipt-history-other` when two histories were signed, `receipt-needs-log` when nothing can be said.
    """
    for one in shown:
        if one.checkpoint.size == seen.size and one.checkpoint.root != seen.root:
            raise Refused(
                "receipt-history-other",
                N_(
                    "The receipt and %(name)s are of two different histories. Keep both: together they prove it."
                ),
                name=one.name,
            )
        if one.checkpoint.size != seen.size and not has_log:
            raise Refused(
                "receipt-needs-log",
                N_(
                    "%(name)s is of another size than the receipt's. Name the log or a copy of it with --log."
                ),
                name=one.name,
            )


def _witnesses(data: bytes, keys: Sequence[str]) -> dict[str, bool]:
    """Return of each key whether its witness cosigned the checkpoint in the receipt."""
    witnesses = [parse_key(text) for text in keys]
    ids = {one.signature.key_id for one in cosigned(parse(parse_proof(data).checkpoint), witnesses)}
    return {one.vkey: one.key_id in ids for one in witnesses}


def _now(source: Source, found: Receipt, verifier: Verifier, shown: Sequence[Shown]) -> str:
    """Return how the post stands in a newer log, which is recounted first: "stands", "changed" or "removed"."""
    result = audit(source.read, verifier=verifier, earlier=found.checkpoint, shown=shown)
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
            argument(
                "--checkpoint",
                action="append",
                default=[],
                metavar="FILE",
                help="a signed checkpoint that you kept: is the receipt of the same history? "
                "(another size: with --log)",
            ),
            argument(
                "--witness",
                action="append",
                default=[],
                metavar="VKEY",
                help="the key of a witness that may have cosigned the receipt's checkpoint",
            ),
            argument("--json", action="store_true", help="print JSON"),
        ),
    ),
)
