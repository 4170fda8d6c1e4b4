"""The server's own secrets: a folder of small files that only `wearemany init` ever creates.

    signing.key    Ed25519 seed (32 bytes): signs checkpoints; losing it ends every log of this server
    data.key       32 bytes: wraps the keys of posts and uploads; losing it loses every picture; may be under a lock
                   (`locking`)
    pepper.key     32 bytes: keyed hashes of keep-codes and cookies
    secret.key     Django's secret key (text)
    recovery.pub   Ed25519 public key (32 bytes); its private half is kept offline by the operator

Nothing here is created by being missing: a server that quietly made new keys would sign a second history and
lock every author out. Keys of posts do not live here; they live wrapped in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from wearemany.adapters import clock, locking
from wearemany.errors import N_, Broken, Refused

KEY_BYTES = 32
_NONCE_BYTES = 12
_WRAP_VERSION = b"\x01"
_FILES = ("signing.key", "data.key", "pepper.key", "secret.key", "recovery.pub")
_TEXT_FILE = "secret.key"


@dataclass(frozen=True)
class Keys:
    """The secrets of one server, in memory; never printed (`repr` shows the public half only)."""

    signing_seed: bytes = field(repr=False)
    data_key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)
    secret_key: str = field(repr=False)
    recovery_public: bytes

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the Ed25519 key that signs checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.signing_seed)

    def signing_public(self) -> bytes:
        """Return the 32 raw bytes of the public key that checks checkpoints."""
        return self.signing_key().public_key().public_bytes_raw()

    def new_key(self) -> bytes:
        """Return a fresh 32-byte key for a post or an upload; store it wrapped only."""
        return clock.random_bytes(KEY_BYTES)

    def wrap(self, key: bytes, *, owner: str = "") -> bytes:
        """Return `key` encrypted under the data key (AES-256-GCM-SIV, 61 bytes for a 32-byte key).

        `owner` (say, the row's id) is bound in: a wrapped key moved to another row does not open.
        """
        nonce = clock.random_bytes(_NONCE_BYTES)
        sealed = AESGCMSIV(self.data_key).encrypt(nonce, key, _bound(owner))
        return _WRAP_VERSION + nonce + sealed

    def unwrap(self, blob: bytes, *, owner: str = "") -> bytes:
        """Return the key that `wrap` took; raises Broken `wrapped-key-broken` when it is not genuine."""
        nonce, sealed = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
        try:
            if blob[:1] != _WRAP_VERSION:
                raise ValueError("unknown version")
            return AESGCMSIV(self.data_key).decrypt(nonce, bytes(sealed), _bound(owner))
        except (InvalidTag, ValueError) as cause:
            raise Broken(
                "wrapped-key-broken",
                N_("A stored key does not open. Check that this server runs with its own keys."),
                cause=f"{type(cause).__name__} on {len(blob)} bytes",
            ) from None

    def peppered(self, secret: bytes, *, purpose: str) -> bytes:
        """Return the 32-byte keyed hash (HMAC-SHA256) that stands for `secret` in a row.

        Hashes of the same secret for different purposes cannot be matched with each other.
        """
        subkey = hmac.digest(self.pepper, b"wearemany pepper 1\0" + purpose.encode(), hashlib.sha256)
        return hmac.digest(subkey, secret, hashlib.sha256)


@dataclass(frozen=True)
class Creation:
    """What `create` made: the keys, and the recovery seed that the server itself never stores."""

    keys: Keys
    recovery_seed: bytes = field(repr=False)


def create(folder: Path) -> Creation:
    """Make all keys in `folder`, whole or not at all; only `wearemany init` calls this.

    The folder is built beside its place under another name and moved in when every file is synced, so a
    crash leaves no half set. The caller hands `recovery_seed` to the operator and forgets it. Raises Refused
    `keys-exist` when anything is in the folder already: keys are never overwritten.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refused(
            "keys-exist",
            N_("The folder %(folder)s already holds keys. They are never replaced; choose another folder."),
            folder=folder,
        )
    recovery_seed = clock.random_bytes(KEY_BYTES)
    recovery = Ed25519PrivateKey.from_private_bytes(recovery_seed)
    keys = Keys(
        signing_seed=clock.random_bytes(KEY_BYTES),
        data_key=clock.random_bytes(KEY_BYTES),
        pepper=clock.random_bytes(KEY_BYTES),
        secret_key=clock.random_bytes(48).hex(),
        recovery_public=recovery.public_key().public_bytes_raw(),
    )
    contents = (keys.signing_seed, keys.data_key, keys.pepper, keys.secret_key.encode(), keys.recovery_public)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.{clock.random_bytes(8).hex()}")
    try:
        draft.mkdir(mode=0o700)
        for name, content in zip(_FILES, contents, strict=True):
            _write_synced(draft / name, content)
        _sync_folder(draft)
        os.replace(draft, folder)
        _sync_folder(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Creation(keys=keys, recovery_seed=recovery_seed)


def load(folder: Path, *, ask: locking.Ask | None = None) -> Keys:
    """Read the keys; never creates any. A locked data key is opened with what `ask` returns; without it, it stays shut.

    Raises Broken `keys-missing` (no set here), `keys-incomplete` (part of a set: restore it from the backup)
    or `keys-unreadable` (wrong size or not permitted).
    """
    absent = [name for name in _FILES if not (folder / name).is_file()]
    if len(absent) == len(_FILES):
        raise Broken(
            "keys-missing",
            N_("There are no keys in %(folder)s. Run `wearemany init` once, or point to the right folder."),
            folder=folder,
        )
    if absent:
        raise Broken(
            "keys-incomplete",
            N_("Keys are missing in %(folder)s: %(names)s. Restore them from the backup."),
            folder=folder,
            names=", ".join(absent),
        )
    try:
        contents = {name: (folder / name).read_bytes() for name in _FILES}
    except OSError as cause:
        raise _unreadable(folder, cause=str(cause)) from cause
    stays_shut = ask is None and locking.is_locked(contents["data.key"])
    if stays_shut:
        # An empty key wraps and opens nothing: whoever wants to must ask.
        contents["data.key"] = b""
    elif ask is not None and locking.is_locked(contents["data.key"]):
        contents["data.key"] = locking.unlocked(contents["data.key"], ask())
    checked = [name for name in _FILES if name != _TEXT_FILE and not (stays_shut and name == "data.key")]
    short = [name for name in checked if len(contents[name]) != KEY_BYTES]
    if short or len(contents[_TEXT_FILE]) < KEY_BYTES:
        raise _unreadable(folder, cause=f"wrong size: {short or _TEXT_FILE}")
    return Keys(
        signing_seed=contents["signing.key"],
        data_key=contents["data.key"],
        pepper=contents["pepper.key"],
        secret_key=contents[_TEXT_FILE].decode("ascii", "replace").strip(),
        recovery_public=contents["recovery.pub"],
    )


def django_secret(folder: Path) -> str:
    """Return Django's secret key; before `init` a passing one, so that `init` itself can start.

    A passing key signs nothing that outlives this process; everything lasting asks `load`, which refuses.
    """
    path = folder / _TEXT_FILE
    return path.read_text("ascii").strip() if path.is_file() else clock.random_bytes(48).hex()


def exposed(folder: Path) -> list[str]:
    """Return the names of key files that other users of this machine may read; the doctor reports them."""
    return [name for name in _FILES if (folder / name).exists() and (folder / name).stat().st_mode & 0o077]


def _bound(owner: str) -> bytes:
    return b"wearemany wrapped key 1\0" + owner.encode()


def _unreadable(folder: Path, *, cause: str) -> Broken:
    return Broken(
        "keys-unreadable",
        N_("The keys in %(folder)s cannot be read. Check who owns them, or restore the backup."),
        cause=cause,
        folder=folder,
    )


def _write_synced(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
