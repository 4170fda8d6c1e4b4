"""A receipt: a C2SP tlog-proof file that shows a post in the log, with what its commitment was made of. Pure.

Whoever holds one can show that its author took part; whoever does not can tell nothing from the log. Made by `receipts`
when an author asks, checked here without any server. The format is public and permanent (docs/audit/receipt.md).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, field

from wearemany.tlog.checkpoint import Checkpoint, CheckpointMalformed
from wearemany.tlog.merkle import ProofInvalid
from wearemany.tlog.note import NoteInvalid, NoteMalformed, NoteUnverified, Verifier
from wearemany.tlog.proof import Proof, ProofMalformed, parse_proof, verify_proof
from wearemany.wall.entry import MOST_PHOTOS, AmendEntry, IllegalEntry, PostEntry, decode

VERSION = 1
MOST_BYTES = 20_000
_HEX = re.compile(r"[0-9a-f]{64}")


class ReceiptInvalid(ValueError):
    """The receipt does not show what it claims; `code` is stable."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Bound:
    """What a commitment is made of, and the entry that holds it: salt, digests of the pictures, digest of the words."""

    line: bytes
    photos: tuple[bytes, ...]
    caption: bytes
    salt: bytes = field(repr=False)

    @property
    def commitment(self) -> bytes:
        """Return the commitment that these make."""
        return hashlib.sha256(self.salt + b"".join(self.photos) + self.caption).digest()

    @property
    def extra(self) -> bytes:
        """Return this as the proof file's extra data."""
        values = {
            "v": VERSION,
            "entry": self.line.decode("ascii"),
            "salt": self.salt.hex(),
            "photos": [digest.hex() for digest in self.photos],
            "caption": self.caption.hex(),
        }
        return json.dumps(values, sort_keys=True, separators=(",", ":")).encode("ascii")


@dataclass(frozen=True)
class Receipt:
    """A receipt that holds: the entry at `index` under `checkpoint`, and the post at `post` that it speaks of."""

    checkpoint: Checkpoint
    index: int
    post: int
    entry: PostEntry | AmendEntry
    bound: Bound


def caption_digest(caption: str) -> bytes:
    """Return what stands for a caption in a commitment."""
    return hashlib.sha256(unicodedata.normalize("NFC", caption).encode()).digest()


def origin_of(data: bytes) -> str:
    """Return the name of the log that a receipt claims to be of, unverified: to choose the key by."""
    return _parsed(data)[0].checkpoint.decode("utf-8").split("\n", 1)[0]


def check(data: bytes, verifier: Verifier) -> Receipt:
    """Return what a receipt shows under the log's key; `ReceiptInvalid` when it shows nothing."""
    proof, bound = _parsed(data)
    try:
        seen = verify_proof(proof, entry=bound.line, verifier=verifier)
    except NoteInvalid as error:
        raise ReceiptInvalid("signature-false", str(error)) from error
    except NoteUnverified as error:
        raise ReceiptInvalid("key-other", "the signed count in it is not by this key") from error
    except (CheckpointMalformed, NoteMalformed) as error:
        raise ReceiptInvalid("checkpoint-malformed", str(error)) from error
    except ProofInvalid as error:
        raise ReceiptInvalid("receipt-not-in-list", f"its line is not in the signed list: {error}") from error
    try:
        entry = decode(bound.line)
    except IllegalEntry as error:
        raise ReceiptInvalid(error.code, error.reason) from error
    if not isinstance(entry, PostEntry | AmendEntry) or entry.commitment != bound.commitment:
        raise ReceiptInvalid(
            "receipt-not-yours", "its line was made of other pictures, words or another salt"
        )
    post = entry.of if isinstance(entry, AmendEntry) else proof.index
    return Receipt(seen, proof.index, post, entry, bound)


def _parsed(data: bytes) -> tuple[Proof, Bound]:
    try:
        proof = parse_proof(data[: MOST_BYTES + 1])
        return proof, _bound(json.loads(proof.extra or b""))
    except (ProofMalformed, ValueError, KeyError, TypeError) as error:
        raise ReceiptInvalid("receipt-malformed", "this is not a receipt of a wall") from error


def _bound(values: dict[str, object]) -> Bound:
    photos = values["photos"]
    if values["v"] != VERSION or not isinstance(photos, list) or not 1 <= len(photos) <= MOST_PHOTOS:
        raise ValueError("not the extra data of a receipt")
    return Bound(
        line=str(values["entry"]).encode("ascii"),
        photos=tuple(_digest(photo) for photo in photos),
        caption=_digest(values["caption"]),
        salt=_digest(values["salt"]),
    )


def _digest(text: object) -> bytes:
    if not isinstance(text, str) or _HEX.fullmatch(text) is None:
        raise ValueError("not 32 bytes as hex")
    return bytes.fromhex(text)
