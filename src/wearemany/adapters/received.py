"""What the front hands on of a received file: where the sealed bytes are and the one key that opens them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

ENVIRON_KEY = "wearemany.uploads"


@dataclass(frozen=True)
class Sender:
    """Two digests for one process's memory, never for a row: the network that something came from, and the address.

    `is_near`: it has no address outside this machine.
    """

    network: bytes = dataclasses.field(repr=False)
    address: bytes = dataclasses.field(repr=False)
    is_near: bool = False


@dataclass(frozen=True)
class ReceivedFile:
    """A file that arrived whole and lies sealed in the blob store.

    `field` is the form field's name, `blob` the key in the store (`u/<random>`), `key` the 32 plain bytes that
    open it, `size_bytes` the size before sealing. The name the file had is not known to anybody here. The
    front deletes the blob after the request unless a row speaks of it by then; nobody else knows the key. `sender`
    is only for taking turns.
    """

    field: str
    blob: str
    key: bytes = dataclasses.field(repr=False)
    size_bytes: int
    sender: Sender | None = dataclasses.field(default=None, repr=False)
