"""`wearemany worker run`: do the work that is due, beside any number of serving nodes."""

from __future__ import annotations

import argparse
import signal
import threading

from wearemany.cli.command import Command, argument
from wearemany.pipeline import LOOPS, STEPS, STEPS_ABROAD
from wearemany.worker import alive, hints, loop


def run(chosen: argparse.Namespace) -> int:
    """Run until told to stop; with --once, until nothing is due."""
    alive.begin()
    if chosen.once:
        loop.run_until_idle((*STEPS, *STEPS_ABROAD))
        return 0
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    print("Working. Stop with Ctrl-C.", flush=True)
    workers = [
        threading.Thread(target=loop.run, args=(steps, stop), name=name) for name, steps in LOOPS.items()
    ]
    listener = threading.Thread(target=hints.listen, args=(stop, loop.wake), name="hints", daemon=True)
    for thread in (*workers, listener):
        thread.start()
    stop.wait()
    loop.wake()
    for thread in (*workers, listener):
        thread.join()
    return 0


COMMANDS = (
    Command(
        "worker",
        "run",
        "Do the work that is due: develop photos, decide, append to walls, erase.",
        "wearemany worker run",
        run,
        (argument("--once", action="store_true", help="stop when nothing is due"),),
    ),
)
