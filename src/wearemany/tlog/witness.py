"""The witness protocol as C2SP tlog-witness defines it: requests and answers, as bytes there and back. Pure.

A log asks a witness to cosign its newest checkpoint and shows that the tree only grew. `judge` holds the rules; to
keep what was cosigned last, and to see that nobody moves it twice at once, is the caller's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wearemany.tlog.checkpoint import LARGEST_SIZE, Checkpoint, CheckpointMalformed, read_body
from wearemany.tlog.cosignature import Cosignature, cosigned
from wearemany.tlog.merkle import EMPTY_ROOT, ProofInvalid, verify_consistency
from wearemany.tlog.note import (
    COSIGNATURE,
    KeyMalformed,
    Note,
    NoteError,
    NoteMalformed,
    Verifier,
    parse,
    parse_vkey,
    verify,
)
from wearemany.tlog.proof import ProofMalformed, encode_base64, parse_hashes

PATH = "add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
LINES_TYPE = "text/plain; charset=utf-8"
MOST_REQUEST_BYTES = 64_000
MOST_ANSWER_BYTES = 64_000
_OLD = re.compile(rb"old (0|[1-9][0-9]{0,18})")
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


class WitnessMalformed(ValueError):
    """The text does not name a witness."""


@dataclass(frozen=True)
class Witness:
    """A witness as a log knows it: the key that it cosigns with, and the address that requests go below."""

    verifier: Verifier
    address: str


class Refusal(Exception):
    """The witness does not cosign: the status, and the body with its type, that the standard gives for the reason."""

    def __init__(self, status: int, body: str, content_type: str = LINES_TYPE) -> None:
        super().__init__(body)
        self.status = status
        self.body = body.encode()
        self.content_type = content_type


@dataclass(frozen=True)
class AddCheckpoint:
    """What a log asks: cosign this note, which grew from `old_size` as `hashes` show."""

    old_size: int
    hashes: tuple[bytes, ...]
    note: Note

    @property
    def data(self) -> bytes:
        """Return the request's body."""
        lines = [f"old {self.old_size}", *(encode_base64(item) for item in self.hashes)]
        return "".join(f"{line}\n" for line in lines).encode("ascii") + b"\n" + self.note.data


@dataclass(frozen=True)
class Cosigned:
    """The size and root that a witness cosigned last; an empty tree when it never did."""

    size: int = 0
    root: bytes = EMPTY_ROOT


def parse_witnesses(words: Sequence[str]) -> tuple[Witness, ...]:
    """Read witnesses, each as its verifier key and its address after it; `WitnessMalformed` for anything else."""
    if len(words) % 2:
        raise WitnessMalformed("each witness has a key and an address")
    found = [_parse_witness(key, address) for key, address in zip(words[::2], words[1::2], strict=True)]
    if len({witness.verifier for witness in found}) != len(found):
        raise WitnessMalformed("a witness is named twice")
    return tuple(found)


def parse_request(data: bytes) -> AddCheckpoint:
    """Read a request's body; `Refusal` 400 unless it is one."""
    head, blank, rest = data.partition(b"\n\n")
    lines = head.split(b"\n")
    old = _OLD.fullmatch(lines[0])
    if len(data) > MOST_REQUEST_BYTES or not blank or old is None or int(old[1]) > LARGEST_SIZE:
        raise Refusal(400, "not a request to add a checkpoint\n")
    try:
        hashes = parse_hashes([line.decode("ascii") for line in lines[1:]])
        note = parse(rest)
    except (ProofMalformed, NoteMalformed, UnicodeDecodeError) as error:
        raise Refusal(400, f"not a request to add a checkpoint: {error}\n") from error
    return AddCheckpoint(int(old[1]), hashes, note)


def checkpoint_of(request: AddCheckpoint) -> Checkpoint:
    """Return what the request's checkpoint claims, unverified; `Refusal` 400 when it is none."""
    try:
        return read_body(request.note.text)
    except CheckpointMalformed as error:
        raise Refusal(400, f"not a checkpoint: {error}\n") from error


def judge(request: AddCheckpoint, *, verifiers: Sequence[Verifier], latest: Cosigned) -> Checkpoint:
    """Return the checkpoint to cosign, `Refusal` when it must not be.

    `verifiers` are the keys known for its origin (none: an unknown log), `latest` is what was cosigned last for it.
    The caller must see to it that `latest` is still true when the answer is kept.
    """
    seen = checkpoint_of(request)
    if not verifiers:
        raise Refusal(404, "this log is not known here\n")
    try:
        verify(request.note.data, *verifiers)
    except NoteError as error:
        raise Refusal(403, "no known key of this log signed the checkpoint\n") from error
    if request.old_size > seen.size:
        raise Refusal(400, "the old size is larger than the checkpoint's\n")
    if request.old_size != latest.size:
        raise Refusal(409, f"{latest.size}\n", SIZE_TYPE)
    if seen.size == latest.size and seen.size and seen.root != latest.root:
        raise Refusal(409, f"{latest.size}\n", SIZE_TYPE)
    try:
        if seen.size == 0 and seen.root != EMPTY_ROOT:
            raise ProofInvalid("an empty log has another root")
        verify_consistency(
            old_size=latest.size, old_root=latest.root, size=seen.size, root=seen.root, proof=request.hashes
        )
    except ProofInvalid as error:
        raise Refusal(422, f"{error}\n") from error
    return seen


def _parse_witness(key: str, address: str) -> Witness:
    try:
        verifier = parse_vkey(key)
    except KeyMalformed as error:
        raise WitnessMalformed(str(error)) from error
    if verifier.algorithm != COSIGNATURE or not address.startswith(("https://", "http://")):
        raise WitnessMalformed("a witness has a key for cosignatures and an address of the web")
    return Witness(verifier, address.rstrip("/"))


def parse_size(body: bytes) -> int | None:
    """Return the size in the body of a 409, None when there is none."""
    size = _SIZE.fullmatch(body)
    return int(size[1]) if size else None


def cosignature_in(body: bytes, *, note: Note, witness: Verifier) -> Cosignature | None:
    """Return the witness's true cosignature of the note in the body of a 200; None when there is none."""
    try:
        answer = parse(note.text.encode() + b"\n" + body)
    except NoteMalformed:
        return None
    return next(iter(cosigned(answer, [witness])), None) if answer.text == note.text else None
