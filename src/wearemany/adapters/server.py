"""What this server is made of: its keys, blob store, darkroom and doors. Made on first use from Django's settings.

Stations ask here and never build an adapter themselves. Tests and the bootstrap may put a part in by hand.
"""

from __future__ import annotations

import threading
from pathlib import Path

from django.conf import settings

from wearemany.adapters.blobs import BlobStore, open_store
from wearemany.adapters.fetch import Way
from wearemany.adapters.keys import Keys, load
from wearemany.adapters.locking import ask_for
from wearemany.adapters.sandbox import Darkroom
from wearemany.doors import Door, declared
from wearemany.tlog.witness import Witness

_lock = threading.Lock()
_keys: Keys | None = None
_store: BlobStore | None = None
_darkroom: Darkroom | None = None


def keys() -> Keys:
    """Return the server's keys; raises Broken when `wearemany init` has not made them."""
    global _keys
    with _lock:
        if _keys is None:
            _keys = load(settings.WEAREMANY["DATA"] / "keys", ask=ask_for(settings.WEAREMANY["UNLOCK"]))
        return _keys


def store() -> BlobStore:
    """Return the blob store that the options name."""
    global _store
    with _lock:
        if _store is None:
            _store = open_store(settings.WEAREMANY)
        return _store


def darkroom() -> Darkroom:
    """Return the pool of darkroom children, started on first use."""
    global _darkroom
    with _lock:
        if _darkroom is None:
            options = settings.WEAREMANY
            _darkroom = Darkroom(
                children=max(1, options["DARKROOM_CHILDREN"]),
                models=Path(options["MODELS"]) if options["MODELS"] else None,
            )
        return _darkroom


def doors() -> tuple[Door, ...]:
    """Return the addresses under which this server answers, the main one first; never empty."""
    return declared(settings.WEAREMANY)


def witnesses() -> tuple[Witness, ...]:
    """Return who is asked to cosign the logs of this server."""
    return tuple(settings.WEAREMANY["WITNESSES"])


def way() -> Way:
    """Return how this server goes out; everything that asks others for something takes it along to `fetch`."""
    return Way(socks=settings.WEAREMANY["SOCKS"], home=settings.WEAREMANY["OUTBOUND_HOME"])


def put(
    *, keys: Keys | None = None, store: BlobStore | None = None, darkroom: Darkroom | None = None
) -> None:
    """Put parts in by hand; what is None is made anew on next use."""
    global _keys, _store, _darkroom
    with _lock:
        _keys, _store, _darkroom = keys, store, darkroom
