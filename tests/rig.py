"""The parts of a server for tests: real keys, a real blob folder, a real database; time and chance stand still.

Only the darkroom is a stand-in: the real one needs seconds and models, and has tests of its own. It keeps the
real one's contract and returns what a test asked for, by marks in the upload's bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import override_settings

from tests.rigs.stores import Killed
from wearemany.adapters import clock, server
from wearemany.adapters.blob_folder import Disk
from wearemany.adapters.blobs import BlobStore, FolderBlobs, fresh_key
from wearemany.adapters.keys import Keys
from wearemany.adapters.received import ReceivedFile
from wearemany.adapters.sealed import seal
from wearemany.darkroom.developed import Developed, FaceBox, Fingerprint, GarmentReading, Rendition, Verdict
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.orders import DevelopOrder
from wearemany.darkroom.refusals import refusal
from wearemany.worker.seldom import forget_all

NOON = datetime(2026, 3, 8, 12, 34, 56, 789_000, tzinfo=UTC)
"""When tests begin: a second that must never be found in any output."""

KEYS = Keys(
    signing_seed=b"\x01" * 32,
    data_key=b"\x02" * 32,
    pepper=b"\x03" * 32,
    secret_key="not a secret, this is a test",
    recovery_public=b"\x05" * 32,
)


@dataclass
class StandInDarkroom:
    """Develops without looking. Marks in the bytes say what it saw:

    `refuse`, `refer`: the verdict; `two`: two people; `small`: a small face; `broken`: no photo at all.
    `troubles` are raised first, one a call; `orders` are the orders it was given; `inside` is called meanwhile.
    """

    troubles: list[BaseException] = field(default_factory=list)
    orders: list[DevelopOrder] = field(default_factory=list)
    inside: Any = None

    def develop(self, upload: bytes, order: DevelopOrder) -> Developed:
        """Develop one upload."""
        self._begin(order)
        if b"broken" in upload:
            raise refusal("photo-damaged")
        if b"huge" in upload:
            raise refusal("photo-too-many-pixels", megapixels=50)
        kind = "refuse" if b"refuse" in upload else "refer" if b"refer" in upload else "accept"
        boxes = [Box(0.4, 0.1, 0.6, 0.4), Box(0.7, 0.1, 0.9, 0.4)][: 2 if b"two" in upload else 1]
        covered = order.cover == "everybody"
        reading = GarmentReading(
            found=True, garment_colour="red", outline=(((0.2, 0.5), (0.8, 0.5), (0.5, 0.9)),)
        )
        return self._developed(
            upload,
            order,
            verdict=Verdict(kind, {"accept": 0.9, "refer": 0.5, "refuse": 0.1}[kind], ("wears-the-colour",)),
            reading=reading,
            faces=tuple(FaceBox(box, 0.98, covered=covered) for box in boxes),
            advice=("small-face",) if b"small" in upload else (),
        )

    def cover_more(self, main_rendition: bytes, order: DevelopOrder) -> Developed:
        """Cover more of what was developed before."""
        self._begin(order)
        return self._developed(main_rendition, order, verdict=None, reading=None, faces=(), advice=())

    def close(self) -> None:
        """End nothing."""

    def _begin(self, order: DevelopOrder) -> None:
        self.orders.append(order)
        if self.inside is not None:
            try:
                self.inside()
            finally:
                # We are in a thread of the step's own, which has no business with tables but for this test.
                connection.close()
        if self.troubles:
            raise self.troubles.pop(0)

    def _developed(self, source: bytes, order: DevelopOrder, **seen: Any) -> Developed:
        mark = hashlib.sha256(source + repr((order.drawn, order.heads)).encode()).digest()
        renditions = []
        main_px = min(1280, order.main_px * 4 // 5)
        sizes = [
            ("160", 128),
            ("640", 512),
            ("main", main_px),
            *([("press", 2560)] if order.press_px else []),
        ]
        for name, width_px in sizes:
            for format in ("jpeg",) if name == "press" else ("webp", "jpeg"):
                content = f"rendition {name} {format} ".encode() + mark
                digest = hashlib.sha256(content).hexdigest()
                renditions.append(Rendition(name, format, width_px, width_px * 5 // 4, content, digest))
        return Developed(
            fingerprint=Fingerprint(mark, 90),
            renditions=tuple(renditions),
            placeholder=b"RIFF....WEBP",
            crop=Box(0.0, 0.0, 1.0, 1.0),
            width_px=1280,
            height_px=1600,
            ms=12,
            **seen,
        )


class UnsyncedDisk(Disk):
    """A disk whose power never fails: syncing is left out, since it is tested on the store itself."""

    def sync(self, handle: int) -> None:
        """Trust the disk."""

    def sync_folder(self, path: Path) -> None:
        """Trust the disk."""


@dataclass
class House:
    """What a test holds in its hands: the folder everything is in, the store, the darkroom, the clock."""

    folder: Path
    store: BlobStore
    darkroom: StandInDarkroom
    clock: clock.Clock

    def restarted(self) -> None:
        """Forget what a process keeps in memory, as if it had been started anew."""
        forget_all()

    def use(self, store: BlobStore) -> None:
        """Put another store in, such as a failing one around this one."""
        server.put(keys=KEYS, store=store, darkroom=self.darkroom)  # type: ignore[arg-type]

    def received(self, content: bytes, *, field_name: str = "photo") -> ReceivedFile:
        """Return a file as the front hands it on: sealed in the store already."""
        key = KEYS.new_key()
        blob = fresh_key("u")
        self.store.put(blob, seal(key, content))
        return ReceivedFile(field=field_name, blob=blob, key=key, size_bytes=len(content))

    def trace_of(self, needle: bytes) -> list[str]:
        """Return the files below the folder, and of the database, that hold the needle as it is."""
        database = Path(str(settings.DATABASES["default"]["NAME"]))
        beside = [path for path in database.parent.glob(f"{database.name}*") if path.is_file()]
        below = [path for path in self.folder.rglob("*") if path.is_file()]
        return [path.name for path in (*below, *beside) if needle in path.read_bytes()]


@contextmanager
def killed_at_statement(number: int) -> Iterator[list[str]]:
    """Let the process die just before its n-th SQL statement (from 0); yields the statements that were run."""
    run: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if len(run) == number:
            raise Killed(f"before statement {number}: {sql[:60]}")
        run.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield run


def sampled(count: int) -> list[Any]:
    """Return the numbers below `count` as test parameters: every eighth always, the others in the long run."""
    return [
        number if number % 8 == 2 else pytest.param(number, marks=pytest.mark.long) for number in range(count)
    ]


@contextmanager
def house_in(folder: Path) -> Iterator[House]:
    """Build the parts in a folder, stop the clock, and take everything away afterwards."""
    options = {**settings.WEAREMANY, "DATA": folder, "DARKROOM_CHILDREN": 1, "NAME": "many.example"}
    built = House(folder, FolderBlobs(folder / "blobs", disk=UnsyncedDisk()), StandInDarkroom(), clock.clock)
    with override_settings(WEAREMANY=options), clock.clock.frozen(NOON):
        built.use(built.store)
        built.restarted()
        try:
            yield built
        finally:
            server.put()
