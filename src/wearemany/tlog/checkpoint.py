"""Checkpoints as C2SP tlog-checkpoint defines them: origin, size and root of a log, in a signed note.

There is exactly one spelling of a body; anything else is refused. What the log holds is not known here.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from wearemany.tlog.merkle import EMPTY_ROOT, HASH_BYTES
from wearemany.tlog.note import Note, Signer, Verifier, decode_base64, sign, verify

LARGEST_SIZE = 2**63 - 1
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class CheckpointMalformed(ValueError):
    """The text is not the body of a checkpoint, or not of this log's."""


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its name, how many entries it has, and the root above them all."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """Return the text that is signed."""
        root = base64.b64encode(self.root).decode("ascii")
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions))


def parse_body(text: str) -> Checkpoint:
    """Read a checkpoint's body; `CheckpointMalformed` unless it is the one right spelling."""
    checkpoint = read_body(text)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise CheckpointMalformed("an empty log has another root")
    return checkpoint


def read_body(text: str) -> Checkpoint:
    """Read a body as `parse_body` does, but let an empty log claim any root: a witness answers that in its own way."""
    if not text.endswith("\n"):
        raise CheckpointMalformed("a checkpoint ends with a line break")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise CheckpointMalformed("a checkpoint has three lines and no empty one")
    origin, size_text, root_text, *extensions = lines
    if _SIZE.fullmatch(size_text) is None or int(size_text) > LARGEST_SIZE:
        raise CheckpointMalformed("the size is not a number")
    try:
        root = decode_base64(root_text)
    except ValueError:
        raise CheckpointMalformed("the root is not base64") from None
    if len(root) != HASH_BYTES:
        raise CheckpointMalformed("the root is not 32 bytes long")
    return Checkpoint(origin, int(size_text), root, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Note:
    """Sign a checkpoint; the key goes by the log's origin. ValueError when the two names differ."""
    if signer.name != checkpoint.origin or parse_body(checkpoint.body) != checkpoint:
        raise ValueError("a checkpoint is signed by the key of its own origin")
    return sign(checkpoint.body, signer)


def open_checkpoint(data: bytes, verifier: Verifier) -> Checkpoint:
    """Return what a signed checkpoint says; raises a `NoteError` or `CheckpointMalformed`."""
    checkpoint = parse_body(verify(data, verifier).text)
    if checkpoint.origin != verifier.name:
        raise CheckpointMalformed("the checkpoint is of another log")
    return checkpoint
