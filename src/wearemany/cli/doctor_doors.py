"""What the doctor looks at of the doors: are they declared well, does the signed list hold, do they answer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from wearemany.adapters import server
from wearemany.cli.findings import Finding
from wearemany.doors import ONION, Door
from wearemany.errors import WeAreManyError
from wearemany.tlog.note import NoteError
from wearemany.wall.audit import Missing
from wearemany.wall.doors import doors_list, doors_note, server_name, server_verifier
from wearemany.wall.doors_note import MOST_BYTES, DoorsMalformed, open_doors
from wearemany.wall.recounting.reading import fetch

ANSWER_LIMIT_S = 10.0


def look_at_doors() -> Iterator[Finding]:
    """Look at how the doors are declared, without any network."""
    for door in server.doors():
        yield Finding(f"door {door.short}", *_declared(door))
    try:
        listed = open_doors(doors_note(server_name()), server_verifier())
    except (WeAreManyError, NoteError, DoorsMalformed) as error:
        yield Finding("doors-list", False, f"the signed list cannot be made: {error}")
    else:
        yield Finding("doors-list", True, f"signed, verifies, {len(listed.doors)} addresses")


def knock_at_doors() -> Iterator[Finding]:
    """Ask every door for its signed list over the network; each has a few seconds, all are asked at once."""
    doors = server.doors()
    with ThreadPoolExecutor(len(doors), thread_name_prefix="knock") as pool:
        for door, (well, says) in zip(doors, pool.map(_knocked, doors), strict=True):
            yield Finding(f"knock {door.short}", well, says)


def _declared(door: Door) -> tuple[bool, str]:
    hosts = settings.ALLOWED_HOSTS
    if door.host not in hosts:
        return False, "its host is not among those that the server answers to"
    if door.kind == ONION:
        return True, "onion service"
    if door.is_local:
        return True, "this machine only"
    return door.is_secure, "HTTPS" if door.is_secure else "no HTTPS: everybody on the line sees who posts"


def _knocked(door: Door) -> tuple[bool, str]:
    way = server.way().leading_home(door.origin)
    if door.kind == ONION and way.socks is None:
        return True, "cannot be looked at from here; open it in Tor Browser"
    try:
        note = fetch(door.url("/doors"), way=way, most_bytes=MOST_BYTES, limit_s=ANSWER_LIMIT_S)
        found = open_doors(note, server_verifier())
    except Missing:
        return False, "something answers that has no list of doors"
    except WeAreManyError as error:
        return False, f"no answer from here: {error.cause or error}"
    except (NoteError, DoorsMalformed) as error:
        return False, f"another server answers, or one with another key: {error}"
    ours = {listed.url for listed in doors_list(server_name()).doors}
    if {listed.url for listed in found.doors} != ours:
        return False, "answers with our key and with other doors than are declared here"
    return True, "answers with our signed list"
