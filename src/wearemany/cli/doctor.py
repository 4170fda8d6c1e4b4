"""`wearemany doctor`: look at the set-up, say what is well and what to mend. Leaves nothing behind."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection

from wearemany.adapters import face_model, keys, server
from wearemany.adapters.blobs import breaches
from wearemany.adapters.sandbox import Darkroom
from wearemany.campaigns.models import Campaign
from wearemany.cli.command import Command, argument
from wearemany.cli.doctor_doors import knock_at_doors, look_at_doors
from wearemany.cli.doctor_machine import look_at_machine
from wearemany.cli.findings import Finding
from wearemany.errors import WeAreManyError
from wearemany.mail.setup import listening_of, mail_setup
from wearemany.wall.log import head_check

LOW_DISK_BYTES = 2_000_000_000


def examine(chosen: argparse.Namespace) -> int:
    """Print every finding; exit code 1 when something has to be mended."""
    looks = (*LOOKS, knock_at_doors) if chosen.doors else LOOKS
    findings = [finding for look in looks for finding in look()]
    for finding in findings:
        if chosen.json:
            print(json.dumps(asdict(finding)))
        else:
            print(f"{'well' if finding.well else 'MEND'}  {finding.name}: {finding.says}")
    return 0 if all(finding.well for finding in findings) else 1


def _keys() -> Iterator[Finding]:
    folder = settings.WEAREMANY["DATA"] / "keys"
    try:
        server.keys()
    except WeAreManyError as error:
        yield Finding("keys", False, str(error))
        return
    exposed = keys.exposed(folder)
    yield Finding(
        "keys", not exposed, f"others may read {', '.join(exposed)}" if exposed else "complete, private"
    )
    left = folder.parent / "recovery.key"
    yield Finding(
        "recovery-key",
        not left.exists(),
        "still on this machine: move it off" if left.exists() else "not on this machine",
    )


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        call_command("migrate", check_unapplied=True, verbosity=0)
    except (DatabaseError, SystemExit) as error:
        says = (
            "run `wearemany init` to bring it up to date"
            if isinstance(error, SystemExit)
            else "cannot be reached"
        )
        yield Finding("database", False, says)
    else:
        yield Finding("database", True, connection.vendor)


def _storage() -> Iterator[Finding]:
    try:
        broken = breaches(server.store())
    except (WeAreManyError, OSError) as error:
        yield Finding("storage", False, f"cannot be used: {error}")
        return
    yield Finding("storage", not broken, "; ".join(broken) or "keeps and forgets what it is told to")
    free = shutil.disk_usage(settings.WEAREMANY["DATA"]).free
    yield Finding("disk", free > LOW_DISK_BYTES, f"{free // 1_000_000:,} MB free")


def _models() -> Iterator[Finding]:
    folder = settings.WEAREMANY["MODELS"]
    try:
        face_model.ensure(Path(folder) if folder else face_model.default_folder())
    except (WeAreManyError, OSError) as error:
        yield Finding("face-finder", False, str(error))
    else:
        yield Finding("face-finder", True, "in place, digest checked")


def _darkroom() -> Iterator[Finding]:
    folder = settings.WEAREMANY["MODELS"]
    try:
        with Darkroom(models=Path(folder) if folder else None) as darkroom:
            holds = darkroom.contained()
    except WeAreManyError as error:
        yield Finding("darkroom", False, str(error))
        return
    says = f"photos are opened in a process held by: {', '.join(holds)}"
    if "no-network" not in holds:
        says += "; this system offers no filter of system calls, so run it in a container of its own"
    yield Finding("darkroom", True, says)


def _logs() -> Iterator[Finding]:
    for campaign in Campaign.objects.order_by("handle"):
        try:
            head_check(campaign)
        except WeAreManyError as error:
            yield Finding(f"log {campaign.handle}", False, f"{error.code}: {error}")
        else:
            yield Finding(f"log {campaign.handle}", True, "database and public checkpoint agree")


def _mail() -> Iterator[Finding]:
    options = settings.WEAREMANY
    try:
        setup = mail_setup()
        if options["MAIL_LISTEN"]:
            listening_of(options["MAIL_LISTEN"])
        if setup is not None:
            setup.relay.greet()
            yield Finding("mail", True, f"for {', '.join(setup.domains)}; the relay answers")
        elif options["MAIL_LISTEN"]:
            yield Finding("mail", False, "MAIL_LISTEN is set, MAIL_DOMAINS and MAIL_RELAY are not")
    except WeAreManyError as error:
        yield Finding("mail", False, f"{error.code}: {error}")


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _keys,
    _database,
    _storage,
    _models,
    _darkroom,
    _logs,
    _mail,
    look_at_doors,
    look_at_machine,
)

COMMANDS = (
    Command(
        "doctor",
        "",
        "Check keys, database, storage, face finder, logs and doors, and say what to mend.",
        "wearemany doctor --json",
        examine,
        (
            argument(
                "--doors", action="store_true", help="ask every door over the network whether it answers"
            ),
            argument("--json", action="store_true", help="print JSON, one line a finding"),
        ),
    ),
)
