"""Asking witnesses to cosign what is published, and publishing their cosignatures beside our own signature.

Never in the way of publishing: a checkpoint is public before any witness hears of it. Each witness has a row per
campaign, due while its cosignature is older than what is public, and claimed with a lease. A witness is believed in
nothing: only a cosignature that verifies is kept, and what it says it saw only decides which proof is tried next.

Where posts go out in shuffled batches, a witness is asked only when the day of the newest entry is over: its
cosignature holds the second in which it was made, and nothing there may tell more than the day.

    ask       the public checkpoint with a proof of how it grew     failed, or failed and had happened: asked again
    keep      the cosignature in the row                            crash before: the witness is asked again
    publish   the same checkpoint with every kept cosignature       crash before: the lease runs out, published then
"""

from __future__ import annotations

import logging

from django.db.models import F

from wearemany.adapters import clock, server
from wearemany.adapters.fetch import Answer, Limits, fetch
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_day, preset_rules, stream_version_bump
from wearemany.errors import WeAreManyError
from wearemany.tlog.checkpoint import Checkpoint, open_checkpoint
from wearemany.tlog.cosignature import Cosignature
from wearemany.tlog.merkle import consistency_proof
from wearemany.tlog.note import Note, Signature, parse, parse_signature
from wearemany.tlog.ranges import ranges_in_tiles
from wearemany.tlog.tiles import Tile
from wearemany.tlog.witness import (
    MOST_ANSWER_BYTES,
    PATH,
    AddCheckpoint,
    Witness,
    cosignature_in,
    parse_size,
)
from wearemany.wall.audit import CHECKPOINT_PATH, Missing
from wearemany.wall.files import PublicLog, Tree
from wearemany.wall.log import public_log, settle
from wearemany.wall.models import Cosigning, Entry, LogHead
from wearemany.wall.release import is_shuffled
from wearemany.worker.claims import LeaseLost, claim, finish, retry

BATCH_MAX = 8
LEASE_S = 120.0
_LIMITS = Limits(body_bytes=MOST_ANSWER_BYTES, total_s=15.0)
_ROUNDS_MAX = 3
_log = logging.getLogger("wearemany.wall")


class _Unwilling(Exception):
    """The witness did not cosign; the text is a code for the row and the operator."""


def cosign_pending() -> int:
    """Ask the witnesses that have not cosigned what is public; return how many were asked."""
    witnesses = {witness.verifier.vkey: witness for witness in server.witnesses()}
    if not witnesses:
        return 0
    for vkey in witnesses:
        _make_due(vkey)
    rows = claim(Cosigning, limit=BATCH_MAX, lease_s=LEASE_S)
    for row in rows:
        witness = witnesses.get(row.witness)
        try:
            if witness is None or not _may_be_dated(row.campaign):
                finish(row)
            else:
                _cosign(row, witness)
        except LeaseLost:
            continue
    return len(rows)


def _make_due(vkey: str) -> None:
    """Make due what this witness has not cosigned; a row that is in trouble keeps its own time."""
    kept = Cosigning.objects.filter(witness=vkey, size=F("campaign__head__published_size"))
    heads = LogHead.objects.filter(published_size__gt=0).exclude(campaign__in=kept.values("campaign"))
    for head in heads.select_related("campaign"):
        if not _may_be_dated(head.campaign):
            continue
        row, _ = Cosigning.objects.get_or_create(campaign=head.campaign, witness=vkey)
        Cosigning.objects.filter(pk=row.pk, due_at=None, lease_until=None).update(due_at=clock.now())


def _may_be_dated(campaign: Campaign) -> bool:
    """Tell whether a second that is signed now says nothing of when the newest posts came."""
    if not is_shuffled(preset_rules(campaign)):
        return True
    newest = Entry.objects.filter(campaign=campaign).order_by("-position").values_list("day", flat=True)
    return newest[0] < campaign_day(campaign)


def _cosign(row: Cosigning, witness: Witness) -> None:
    """Ask, keep, publish, and let the row go; killed in between, whoever claims it next goes on from there."""
    try:
        log = public_log(row.campaign)
        note = parse(log.read(CHECKPOINT_PATH))
        seen = open_checkpoint(note.data, log.signer.verifier)
        if (row.size, bytes(row.root)) != (seen.size, seen.root):
            found = _ask(log, note, seen, row.known_size, witness)
            kept = {
                "size": seen.size,
                "known_size": seen.size,
                "root": seen.root,
                "line": found.signature.line[:-1],
            }
            if not Cosigning.objects.filter(pk=row.pk, lease_owner=row.lease_owner).update(**kept):
                raise LeaseLost
        cosignatures_publish(row.campaign)
    except LeaseLost:
        raise
    except (WeAreManyError, Missing, _Unwilling) as error:
        code = error.code if isinstance(error, WeAreManyError) else str(error)
        _log.warning("a witness of campaign %s did not cosign: %s", row.campaign.handle, code)
        retry(row, code=code)
    else:
        finish(row)


def _ask(log: PublicLog, note: Note, seen: Checkpoint, known: int, witness: Witness) -> Cosignature:
    """Return the witness's cosignature; _Unwilling when it gives none.

    `known` is what we think that it saw last. It is wrong when an earlier answer was lost, so one that
    names another size is asked again from there.
    """
    hash_of = ranges_in_tiles(lambda tile: _tile(log, tile), size=seen.size)
    for _ in range(_ROUNDS_MAX):
        old = min(known, seen.size)
        hashes = consistency_proof(old_size=old, size=seen.size, hash_of=hash_of)
        answer = _posted(witness, AddCheckpoint(old, tuple(hashes), note))
        if answer.status == 200:
            found = cosignature_in(answer.body, note=note, witness=witness.verifier)
            if found is None:
                raise _Unwilling("witness-false")
            return found
        told = parse_size(answer.body) if answer.status == 409 else None
        if told is None:
            raise _Unwilling(f"witness-status-{answer.status}")
        if told > seen.size:
            raise _Unwilling("witness-ahead")
        if told == old:
            raise _Unwilling("witness-disagrees")
        known = told
    raise _Unwilling("witness-undecided")


def _posted(witness: Witness, request: AddCheckpoint) -> Answer:
    return fetch(f"{witness.address}/{PATH}", way=server.way(), body=request.data, limits=_LIMITS)


def _tile(log: PublicLog, tile: Tile) -> bytes:
    try:
        return log.read(tile.path)
    except Missing:
        # A partial tile may be gone once the full one is there.
        return log.read(Tile(tile.level, tile.index).path)


def cosignatures_publish(campaign: Campaign) -> None:
    """Put every kept cosignature of the public checkpoint beside its signature. Idempotent, any number at once.

    Looks again after each writing: another worker may have written without one that was kept meanwhile, and a newer
    checkpoint may have been published, which an older one must not have replaced for longer than this moment.
    """
    log = public_log(campaign)
    while (public := log.cosign(_kept(campaign))) is not None:
        stream_version_bump(campaign.pk)
        if LogHead.objects.get(campaign=campaign).published_size > public.size:
            settle(campaign)


def _kept(campaign: Campaign) -> list[tuple[Tree, Signature]]:
    rows = Cosigning.objects.filter(campaign=campaign, size__gt=0).order_by("witness")
    return [(Tree(row.size, bytes(row.root)), parse_signature(row.line)) for row in rows]
