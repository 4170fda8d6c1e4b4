"""`wearemany mirror`: name the copies that others keep, look at them, and make or revoke keys for pictures.

Keeping a copy is `wall mirror`, which needs no server.
"""

from __future__ import annotations

import argparse
import json

from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument
from wearemany.errors import N_, Refused
from wearemany.wall.mirrors.listing import is_listed, mirror_add, mirror_probe, mirror_remove, mirrors_of
from wearemany.wall.mirrors.offer import mirror_key_make, mirror_key_revoke, mirror_keys_of
from wearemany.wall.mirrors.probe import FINDINGS
from wearemany.wall.models import Mirror


def add(chosen: argparse.Namespace) -> int:
    """Name a copy; the worker looks at it soon."""
    print(mirror_add(campaign=campaign_by_handle(chosen.handle), url=chosen.url).url)
    return 0


def show(chosen: argparse.Namespace) -> int:
    """List the copies, and what the last look at each came to."""
    rows = [_facts(row) for row in mirrors_of(campaign_by_handle(chosen.handle))]
    if chosen.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        print(f"{'listed    ' if row['listed'] else 'not listed'}  {row['url']}  {row['says']}".rstrip())
    return 0


def remove(chosen: argparse.Namespace) -> int:
    """Take a copy off the list."""
    mirror_remove(campaign=campaign_by_handle(chosen.handle), url=chosen.url)
    print("Taken off.")
    return 0


def look(chosen: argparse.Namespace) -> int:
    """Look at a copy now; 2 when it does not follow."""
    row = Mirror.objects.filter(campaign=campaign_by_handle(chosen.handle), url=chosen.url).first()
    if row is None:
        raise Refused("mirror-unknown", N_("There is no such copy. See `wearemany mirror list`."))
    finding = mirror_probe(row)
    print(FINDINGS[finding] if finding else "It follows.")
    return 2 if finding else 0


def make_key(chosen: argparse.Namespace) -> int:
    """Make a key and print it, once."""
    made = mirror_key_make(campaign=campaign_by_handle(chosen.handle), name=chosen.name)
    print(json.dumps({"id": made.key.pk, "key": made.secret}) if chosen.json else made.secret)
    return 0


def show_keys(chosen: argparse.Namespace) -> int:
    """List the keys; their secrets are not known any more."""
    for key in mirror_keys_of(campaign_by_handle(chosen.handle)):
        print(f"{key.pk}  {key.day.isoformat()}  {key.name}")
    return 0


def revoke_key(chosen: argparse.Namespace) -> int:
    """Revoke a key."""
    mirror_key_revoke(campaign=campaign_by_handle(chosen.handle), key_id=chosen.id)
    print("Revoked.")
    return 0


def _facts(row: Mirror) -> dict[str, object]:
    says = FINDINGS[row.finding] if row.finding else "" if row.looked_at else "Not looked at yet."
    return {"url": row.url, "listed": is_listed(row), "finding": row.finding or None, "says": says}


_HANDLE = argument("handle", help="the campaign's address")
_URL = argument("url", help="the copy's whole address")
_JSON = argument("--json", action="store_true", help="print JSON")

COMMANDS = (
    Command(
        "mirror",
        "add",
        "Name a copy that somebody keeps; it is listed, signed, once a look proves that it follows.",
        "wearemany mirror add we-are-many https://shelf.example/red/",
        add,
        (_HANDLE, _URL),
    ),
    Command(
        "mirror",
        "list",
        "List the copies, whether each is listed, and why not.",
        "wearemany mirror list we-are-many",
        show,
        (_HANDLE, _JSON),
    ),
    Command(
        "mirror",
        "look",
        "Look at a copy now.",
        "wearemany mirror look we-are-many https://shelf.example/red/",
        look,
        (_HANDLE, _URL),
    ),
    Command(
        "mirror",
        "remove",
        "Take a copy off the list.",
        "wearemany mirror remove we-are-many https://shelf.example/red/",
        remove,
        (_HANDLE, _URL),
    ),
    Command(
        "mirror",
        "key-make",
        "Make a key by which somebody may copy the pictures whose authors agreed; printed once.",
        'wearemany mirror key-make we-are-many --name "Shelf in Riga"',
        make_key,
        (_HANDLE, argument("--name", required=True, help="whom it is for, for the team alone"), _JSON),
    ),
    Command(
        "mirror",
        "key-list",
        "List the keys for pictures.",
        "wearemany mirror key-list we-are-many",
        show_keys,
        (_HANDLE,),
    ),
    Command(
        "mirror",
        "key-revoke",
        "Revoke a key: its copy lets go of all pictures at its next run.",
        "wearemany mirror key-revoke we-are-many ID",
        revoke_key,
        (_HANDLE, argument("id", help="the key's id, as `mirror key-list` prints it")),
    ),
)
