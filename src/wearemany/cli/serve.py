"""`wearemany serve`: everything in one process, the darkroom's children beside it."""

from __future__ import annotations

import argparse
import resource
import threading
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings

from wearemany.adapters import server
from wearemany.adapters.blobs import FolderBlobs
from wearemany.cli.command import Command, argument
from wearemany.cli.mail import door_opened
from wearemany.config.asgi import application
from wearemany.errors import N_, Broken, TryAgain
from wearemany.front import serve as front
from wearemany.pipeline import LOOPS
from wearemany.wall.log import resume_all
from wearemany.worker import alive, hints, loop

DRAFT_LIFE_S = 3600.0
"""Half-written files this old belong to nobody: the process that wrote them was killed."""


def serve(chosen: argparse.Namespace) -> int:
    """Serve until told to stop."""
    options = settings.WEAREMANY
    host = chosen.host or options["HOST"]
    port = chosen.port or options["PORT"]
    return run(
        host=host, port=port, on_started=lambda: print(f"Serving on http://{host}:{port}/", flush=True)
    )


def run(*, host: str, port: int, on_started: Callable[[], None]) -> int:
    """Serve and work in this process; `on_started` is called once when requests are answered."""
    _forbid_dumps()
    _require_no_versions()
    # Recovery is the normal path: what a killed process left staged is applied and published before any door opens.
    resume_all()
    if isinstance(store := server.store(), FolderBlobs):
        store.sweep(older_than_s=DRAFT_LIFE_S)
    alive.begin()
    stop = threading.Event()
    workers = []
    if settings.WEAREMANY["DARKROOM_CHILDREN"]:
        server.darkroom()
        workers = [
            threading.Thread(target=loop.run, args=(steps, stop), name=name, daemon=True)
            for name, steps in LOOPS.items()
        ]
    app = application()

    def look() -> None:
        app.watch.look()
        loop.wake()

    listener = threading.Thread(target=hints.listen, args=(stop, look), name="hints", daemon=True)
    for thread in (*workers, listener):
        thread.start()
    try:
        with door_opened():
            front.run(app, host=host, port=port, on_started=on_started)
    finally:
        stop.set()
        loop.wake()
        for thread in (*workers, listener):
            thread.join(timeout=10)
        if workers:
            server.darkroom().close()
    return 0


def _forbid_dumps() -> None:
    """Let no crash of this process or its children leave memory, with its keys, on the disk."""
    with suppress(OSError, ValueError):
        # One byte and not none: the kernel minds a limit of one also where dumps go to a program.
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))


def _require_no_versions() -> None:
    """Refuse to begin on storage where nothing is ever erased; one that does not answer just now is tried later."""
    try:
        keeps = server.store().keeps_versions()
    except TryAgain:
        return
    if keeps:
        raise Broken(
            "storage-keeps-versions",
            N_(
                "The bucket keeps old versions, so nothing would ever be erased. Switch versioning off first."
            ),
        )


COMMANDS = (
    Command(
        "serve",
        "",
        "Run the server: pages, live wall, darkroom, log.",
        "WEAREMANY_DATA=/srv/wearemany wearemany serve",
        serve,
        (
            argument("--host", help="address to listen on (option HOST)"),
            argument("--port", type=int, help="port to listen on (option PORT)"),
        ),
    ),
)
