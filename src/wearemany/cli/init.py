"""`wearemany init`: make what a server needs, once, and never by accident."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import cast

import django
from django.core.management import call_command

from wearemany.adapters import face_model, keys
from wearemany.cli.command import Command, argument
from wearemany.config.options import read_options
from wearemany.errors import N_, Refused


def initialise(chosen: argparse.Namespace) -> int:
    """Make keys, database and folders; existing keys are kept, the database is brought up to date."""
    options = read_options()
    data, models = cast(Path, options["DATA"]), cast(str, options["MODELS"])
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (data / "keys").exists():
        _create_keys(data / "keys", recovery=Path(chosen.recovery or data / "recovery.key"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearemany.config.settings")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    face_model.ensure(Path(models) if models else face_model.default_folder())
    print(f"Data folder: {data}")
    return 0


def _create_keys(folder: Path, *, recovery: Path) -> None:
    """Make the keys, the recovery key's file first: the other way round a full disk could lose it for ever."""
    if recovery.exists() and recovery.stat().st_size:
        raise Refused(
            "recovery-file-exists",
            N_("%(file)s is there already and is never written over. Choose another place with --recovery."),
            file=recovery,
        )
    try:
        recovery.touch(mode=0o600)
        recovery.write_text(keys.create(folder).recovery_seed.hex() + "\n")
    except OSError as error:
        raise Refused(
            "recovery-file-refused",
            N_("The recovery key cannot be written to %(file)s. Choose another place with --recovery."),
            cause=str(error),
            file=recovery,
        ) from error
    print(f"Recovery key: {recovery}. Move it off this machine now.", file=sys.stderr)


COMMANDS = (
    Command(
        "init",
        "",
        "Make the keys, the database and the folders in the data folder; again, bring the database up to date.",
        "WEAREMANY_DATA=/srv/wearemany wearemany init --recovery /media/usb/recovery.key",
        initialise,
        (
            argument(
                "--recovery",
                metavar="FILE",
                help="where the recovery key is written; keep it off this machine (default: in the data folder)",
            ),
        ),
    ),
)
