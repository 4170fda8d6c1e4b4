"""`wearemany mail serve`: take photos by e-mail in a process of its own, beside any number of serving nodes."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from wearemany.cli.command import Command
from wearemany.errors import N_, Refused
from wearemany.mail.door import DoorLimits, MailDoor
from wearemany.mail.setup import half_set_up, listening_of, mail_setup
from wearemany.photos.orders import PHOTOS_MAX


def serve(chosen: argparse.Namespace) -> int:
    """Take mails until told to stop."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with door_opened() as is_open:
        if not is_open:
            raise Refused(
                "mail-not-set-up", N_("Set WEAREMANY_MAIL_LISTEN first; docs/run/mail.md tells how.")
            )
        print("Taking photos by e-mail. Stop with Ctrl-C.", flush=True)
        stop.wait()
    return 0


@contextmanager
def door_opened() -> Iterator[bool]:
    """Keep the e-mail door open for the length of the block, where the options have one; tells whether they do."""
    options = settings.WEAREMANY
    if not options["MAIL_LISTEN"]:
        yield False
        return
    listening, setup = listening_of(options["MAIL_LISTEN"]), mail_setup()
    if setup is None:
        raise half_set_up()
    limits = DoorLimits.for_photos(photos=PHOTOS_MAX, photo_bytes=options["UPLOAD_MAX_BYTES"])
    door = MailDoor(setup=setup, listening=listening, limits=limits)
    try:
        door.open()
        yield True
    finally:
        door.close()


COMMANDS = (
    Command(
        "mail",
        "serve",
        "Take photos by e-mail from a mail server on this machine (LMTP), in a process of its own.",
        "WEAREMANY_MAIL_LISTEN=127.0.0.1:8024 wearemany mail serve",
        serve,
    ),
)
