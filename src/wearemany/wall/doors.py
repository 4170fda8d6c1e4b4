"""This server's own signed list of doors, made when asked for: there is nothing to keep, and it is never stale."""

from __future__ import annotations

from django.conf import settings

from wearemany.adapters import clock, server
from wearemany.tlog.note import Signer, Verifier
from wearemany.wall.doors_note import DoorsList, list_doors, sign_doors
from wearemany.wall.mirrors.listing import mirrors_listed


def server_name() -> str:
    """Return the name of the key that signs the server's own list; it stays when domains change."""
    return f"{settings.WEAREMANY['NAME']}/doors"


def server_verifier() -> Verifier:
    """Return the key with which the server's own list is verified."""
    return Signer(server_name(), server.keys().signing_seed).verifier


def doors_list(name: str) -> DoorsList:
    """Return the list as of today (in UTC) for a key's name: the server's own, or the origin of a campaign's log."""
    mirrors = mirrors_listed(origin=None if name == server_name() else name)
    return list_doors(name=name, day=clock.now().date(), doors=server.doors(), mirrors=mirrors)


def doors_note(name: str) -> bytes:
    """Return the list, signed."""
    return sign_doors(doors_list(name), seed=server.keys().signing_seed).data
