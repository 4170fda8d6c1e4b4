"""`wearemany key`: the server's keys. `create` makes them without a database; `show` prints the public ones."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import cast

from wearemany.adapters import keys
from wearemany.cli.command import Command, argument
from wearemany.config.options import read_options
from wearemany.tlog.note import Signer


def create(chosen: argparse.Namespace) -> int:
    """Make the keys in an empty folder and print the recovery key once."""
    folder = cast(Path, read_options()["DATA"]) / "keys"
    creation = keys.create(folder)
    print(f"Keys: {folder}")
    print(f"Recovery key (write it down, keep it off this machine): {creation.recovery_seed.hex()}")
    return 0


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
