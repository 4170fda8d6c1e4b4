"""`wearemany key`: the server's keys. `create` makes them without a database; `show` prints the public ones."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import cast

from wearemany.adapters import keys, locking
from wearemany.cli.command import Command, argument
from wearemany.config.options import read_options
from wearemany.errors import N_, Refused
from wearemany.tlog.note import Signer

LEAST_SECRET_BYTES = 20


def create(chosen: argparse.Namespace) -> int:
    """Make the keys in an empty folder and print the recovery key once."""
    folder = cast(Path, read_options()["DATA"]) / "keys"
    creation = keys.create(folder)
    print(f"Keys: {folder}")
    print(f"Recovery key (write it down, keep it off this machine): {creation.recovery_seed.hex()}")
    return 0


def lock(chosen: argparse.Namespace) -> int:
    """Put the data key under a lock, or under another one."""
    path, ask = _data_key(), locking.ask_for(chosen.by)
    key = _opened(path)
    secret = ask()
    if len(secret) < LEAST_SECRET_BYTES:
        raise Refused("lock-too-weak", N_("Take at least six words, or 20 letters, for the passphrase."))
    content = locking.locked(key, secret)
    if locking.unlocked(content, ask()) != key:
        raise Refused("lock-not-the-same", N_("The two were not the same. Nothing was changed."))
    locking.replaced(path, content)
    print(f"The data key is locked. From now on: WEAREMANY_UNLOCK={chosen.by}")
    return 0


def unlock(chosen: argparse.Namespace) -> int:
    """Take the lock off: the data key lies open in its file again."""
    path = _data_key()
    locking.replaced(path, _opened(path))
    print("The data key lies open again. Leave out WEAREMANY_UNLOCK.")
    return 0


def _data_key() -> Path:
    return cast(Path, read_options()["DATA"]) / "keys" / "data.key"


def _opened(path: Path) -> bytes:
    keys.load(path.parent)
    content = path.read_bytes()
    if not locking.is_locked(content):
        return content
    return locking.unlocked(content, locking.ask_for(str(read_options()["UNLOCK"]))())


def show(chosen: argparse.Namespace) -> int:
    """Print the verifier key of a log and the recovery key's public half."""
    options = read_options()
    loaded = keys.load(cast(Path, options["DATA"]) / "keys")
    origin = f"{options['NAME']}/log/{chosen.handle}"
    facts = {
        "origin": origin,
        "verifier_key": Signer(origin, loaded.signing_seed).verifier.vkey,
        "recovery_public": loaded.recovery_public.hex(),
    }
    print(
        json.dumps(facts) if chosen.json else "\n".join(f"{name}: {value}" for name, value in facts.items())
    )
    return 0


COMMANDS = (
    Command("key", "create", "Make the server's keys in the data folder.", "wearemany key create", create),
    Command(
        "key",
        "lock",
        "Lock the data key, so that a seized disk opens no picture: by a passphrase, a file or a device (asked twice).",
        "wearemany key lock --by file:/media/usb/lock",
        lock,
        (argument("--by", required=True, metavar="HOW", help="passphrase, file:PATH or device:PATH"),),
    ),
    Command(
        "key",
        "unlock",
        "Take the lock off the data key.",
        "WEAREMANY_UNLOCK=passphrase wearemany key unlock",
        unlock,
    ),
    Command(
        "key",
        "show",
        "Print the public keys that anyone needs to check a campaign's log.",
        "wearemany key show we-are-many",
        show,
        (
            argument("handle", help="the campaign's address"),
            argument("--json", action="store_true", help="print JSON"),
        ),
    ),
)
