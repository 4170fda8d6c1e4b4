"""Proofs as C2SP tlog-proof defines them: one text file that shows an entry in a log, without the log.

Made of the entry's index, the hashes beside its path, and the checkpoint as it was signed (cosignatures
included). What `extra` says is the application's own business, and nothing vouches for it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from wearemany.tlog.checkpoint import LARGEST_SIZE, Checkpoint, open_checkpoint
from wearemany.tlog.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from wearemany.tlog.note import NoteMalformed, Verifier, decode_base64, parse

FIRST_LINE = "c2sp.org/tlog-proof@v1"
FILE_ENDING = ".tlog-proof"
MOST_HASHES = 63
_EXTRA = "extra "
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


class ProofMalformed(ValueError):
    """The bytes are not a proof file."""


@dataclass(frozen=True)
class Proof:
    """An entry's place in a log; `checkpoint` is the signed note, byte for byte, `extra` None without its line."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    @property
    def data(self) -> bytes:
        """Return the file's bytes; `parse_proof` reads them back."""
        lines = [FIRST_LINE]
        if self.extra is not None:
            lines.append(_EXTRA + encode_base64(self.extra))
        lines += [f"index {self.index}", *(encode_base64(item) for item in self.hashes)]
        return "".join(f"{line}\n" for line in lines).encode("ascii") + b"\n" + self.checkpoint


def parse_proof(data: bytes) -> Proof:
    """Read a proof file without believing it; `ProofMalformed` unless it is one."""
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise ProofMalformed("the proof's lines are not ASCII") from None
    if not blank or lines[0] != FIRST_LINE:
        raise ProofMalformed("a proof begins with its format's name and ends with a checkpoint")
    rest = lines[1:]
    extra = _decode(rest.pop(0)[len(_EXTRA) :]) if rest and rest[0].startswith(_EXTRA) else None
    index = _INDEX.fullmatch(rest[0]) if rest else None
    if index is None or int(index[1]) > LARGEST_SIZE:
        raise ProofMalformed("the proof does not say where the entry stands")
    try:
        parse(checkpoint)
    except NoteMalformed as error:
        raise ProofMalformed(str(error)) from error
    return Proof(int(index[1]), parse_hashes(rest[1:]), checkpoint, extra)


def verify_proof(proof: Proof, *, entry: bytes, verifier: Verifier) -> Checkpoint:
    """Return the checkpoint that the entry stands under, signed by the log's key.

    Raises a `NoteError` or `CheckpointMalformed` when the checkpoint is not the log's, `ProofInvalid` when the entry is
    not at its index there. Witnesses are looked for apart (`cosignature.cosigned`), in `proof.checkpoint`.
    """
    seen = open_checkpoint(proof.checkpoint, verifier)
    verify_inclusion(
        index=proof.index, size=seen.size, leaf=leaf_hash(entry), proof=proof.hashes, root=seen.root
    )
    return seen


def parse_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Read the lines of a Merkle proof, one hash each; `ProofMalformed` for anything else, or too many."""
    if len(lines) > MOST_HASHES:
        raise ProofMalformed("the proof has too many hashes")
    hashes = tuple(_decode(line) for line in lines)
    if any(len(item) != HASH_BYTES for item in hashes):
        raise ProofMalformed("a proof is made of 32-byte hashes")
    return hashes


def encode_base64(data: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    try:
        return decode_base64(text)
    except ValueError as error:
        raise ProofMalformed(f"a line of the proof is {error}") from None
