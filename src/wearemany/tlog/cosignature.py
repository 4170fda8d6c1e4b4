"""Cosignatures as C2SP tlog-cosignature defines them: a witness signs that it saw a log grow (v1, Ed25519).

A cosignature stands in the checkpoint's note beside the log's own signature, and carries its time. How its
bytes are signed is `note`'s; here: made, found verified, and gathered in one note. When to cosign is `witness`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wearemany.tlog.note import (
    COSIGNATURE,
    LATEST_TIME_S,
    TIME_BYTES,
    Note,
    Signature,
    Signer,
    Verifier,
    cosignature_time_s,
    cosigned_message,
    is_signed,
)


@dataclass(frozen=True)
class Cosignature:
    """A verified cosignature: who saw the checkpoint, when (POSIX seconds), and the line that says so."""

    name: str
    time_s: int
    signature: Signature


def cosigner(signer: Signer) -> Verifier:
    """Return the public half of a key that cosigns. Such a key signs nothing else."""
    return Verifier(signer.name, signer.verifier.public_key, COSIGNATURE)


def cosign(text: str, signer: Signer, *, time_s: int) -> Signature:
    """Sign that the checkpoint with this body was seen then; ValueError for a time that is no POSIX time."""
    if not 0 <= time_s <= LATEST_TIME_S:
        raise ValueError("a cosignature's time is in POSIX seconds")
    message = cosigned_message(text, time_s=time_s)
    data = time_s.to_bytes(TIME_BYTES, "big") + Ed25519PrivateKey.from_private_bytes(signer.seed).sign(
        message
    )
    return Signature(signer.name, cosigner(signer).key_id, data)


def cosigned(note: Note, witnesses: Iterable[Verifier]) -> tuple[Cosignature, ...]:
    """Return the true cosignatures of these witnesses, the newest of each; false and strange ones are passed over."""
    found: list[Cosignature] = []
    for witness in witnesses:
        if witness.algorithm != COSIGNATURE:
            continue
        mine = [
            Cosignature(item.name, cosignature_time_s(item), item)
            for item in note.signatures
            if (item.name, item.key_id) == (witness.name, witness.key_id)
            and is_signed(note.text, item, witness)
        ]
        found += sorted(mine, key=lambda item: item.time_s)[-1:]
    return tuple(found)


def with_cosignatures(note: Note, signatures: Sequence[Signature]) -> Note:
    """Return the note with these signatures added, each in the place of an earlier one by the same key."""
    added = {(item.name, item.key_id) for item in signatures}
    kept = [item for item in note.signatures if (item.name, item.key_id) not in added]
    return Note(note.text, (*kept, *signatures))
