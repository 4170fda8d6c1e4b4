"""The data key under a lock: what lies in `keys/data.key` opens only with a passphrase, a file or a device.

A locked file: magic "wamlock" 01 | memory in KiB (4 bytes) | rounds (4) | salt (16) | nonce (12) | AES-256-GCM-SIV.
The lock's key is Argon2id of the secret; magic, numbers and salt are authenticated. Lost with its secret: every
picture is lost with it. What does not live here: the other keys (`keys`).
"""

from __future__ import annotations

import getpass
import hashlib
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from wearemany.adapters import clock
from wearemany.errors import N_, Broken, Refused

MAGIC = b"wamlock\x01"
MEMORY_KIB = 65_536
ROUNDS = 3
SECRET_BYTES_READ = 65_536
_NUMBERS = struct.Struct(">II")
_SALT_BYTES = 16
_NONCE_BYTES = 12
_HEAD_BYTES = len(MAGIC) + _NUMBERS.size + _SALT_BYTES

Ask = Callable[[], bytes]
"""Returns the secret of a lock; asked only when there is one."""


def is_locked(content: bytes) -> bool:
    """Tell whether a key file's content is under a lock."""
    return content.startswith(MAGIC)


def locked(key: bytes, secret: bytes) -> bytes:
    """Return `key` under a lock."""
    head = MAGIC + _NUMBERS.pack(MEMORY_KIB, ROUNDS) + clock.random_bytes(_SALT_BYTES)
    nonce = clock.random_bytes(_NONCE_BYTES)
    return head + nonce + AESGCMSIV(_derived(secret, head)).encrypt(nonce, key, head)


def unlocked(content: bytes, secret: bytes) -> bytes:
    """Return the key under a lock; raises Broken `keys-lock-closed` when the secret is another, or the file damaged."""
    head, nonce = content[:_HEAD_BYTES], content[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES]
    try:
        return AESGCMSIV(_derived(secret, head)).decrypt(nonce, content[_HEAD_BYTES + _NONCE_BYTES :], head)
    except (InvalidTag, ValueError, struct.error) as cause:
        raise Broken(
            "keys-lock-closed",
            N_("The data key does not open with this passphrase, file or device."),
            cause=type(cause).__name__,
        ) from None


def ask_for(wanted: str) -> Ask:
    """Return how the option's value says the secret is come by: `passphrase`, `file:PATH` or `device:PATH`."""
    kind, _, place = wanted.partition(":")
    if wanted == "passphrase":
        return _typed
    if kind in ("file", "device") and place:
        return lambda: _read(Path(place))
    return _not_told


def replaced(path: Path, content: bytes) -> None:
    """Put a key file in the place of another, whole or not at all, and overwrite what the other held."""
    draft = path.with_name(f".{path.name}.{clock.random_bytes(8).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with path.open("r+b") as former:
        size_bytes = os.fstat(former.fileno()).st_size
        os.replace(draft, path)
        # Only now, when the new one is in place. A disk may keep the old blocks elsewhere all the same.
        former.write(clock.random_bytes(size_bytes))
        former.flush()
        os.fsync(former.fileno())


def _derived(secret: bytes, head: bytes) -> bytes:
    memory_kib, rounds = _NUMBERS.unpack(head[len(MAGIC) : len(MAGIC) + _NUMBERS.size])
    if memory_kib > 4 * 1024 * 1024 or rounds > 100:
        raise ValueError("a lock of nobody's making")
    salt = head[-_SALT_BYTES:]
    return hash_secret_raw(secret, salt, rounds, memory_kib, 1, 32, Type.ID)


def _typed() -> bytes:
    is_person = sys.stdin.isatty()
    typed = getpass.getpass("Passphrase of the data key: ") if is_person else sys.stdin.readline()
    return typed.strip().encode()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(SECRET_BYTES_READ)).digest()
    except OSError as cause:
        raise Broken(
            "keys-lock-absent",
            N_("The data key is locked, and %(path)s cannot be read. Put the stick in, or mount it."),
            cause=str(cause),
            path=path,
        ) from None


def _not_told() -> bytes:
    raise Refused(
        "keys-locked",
        N_("The data key is locked. Set WEAREMANY_UNLOCK to passphrase, file:PATH or device:PATH."),
    )
