"""The same bytes again: they are not opened a second time. What was made of them the first time is made again.

A copy gets renditions of its own, sealed under its own key; neither author can tell, and nobody is turned away: a
group that posts one picture is as welcome as ever. Which bytes were seen is known in memory alone, for an hour,
by a digest under a key that goes with it. What was taken back meanwhile is not copied: its keys are gone.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from threading import Lock

from wearemany.adapters import clock, server
from wearemany.adapters.blobs import Absent
from wearemany.adapters.sealed import open_sealed
from wearemany.darkroom.developed import (
    Developed,
    FaceBox,
    Fingerprint,
    GarmentReading,
    Rendition,
    Verdict,
)
from wearemany.darkroom.geometry import Box
from wearemany.errors import Refused
from wearemany.photos.developing import Job
from wearemany.photos.models import Development, Photo
from wearemany.photos.secrets import post_key
from wearemany.worker.seldom import Forgetful

KEPT_S = 3600.0
REMEMBERED = 50_000
_KEY_BYTES = 32


class Copies(Forgetful):
    """Which bytes were developed under which order, and into which photo, or why not. Any number of threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Know no bytes, under a fresh key."""
        self._key = clock.random_bytes(_KEY_BYTES)
        self._until_s = clock.monotonic_s() + KEPT_S
        self._made: OrderedDict[bytes, str | Refused] = OrderedDict()

    def mark(self, job: Job) -> bytes:
        """Return what stands for a job's bytes and order, for as long as the key lives."""
        with self._lock:
            if clock.monotonic_s() >= self._until_s:
                self.forget()
            order = json.dumps(job.order.to_json(), sort_keys=True).encode()
            return hashlib.blake2b(order + b"\0" + job.content, key=self._key).digest()

    def made(self, mark: bytes, outcome: str | Refused) -> None:
        """Remember the photo that the bytes became, or the refusal that they met."""
        with self._lock:
            self._made[mark] = outcome
            while len(self._made) > REMEMBERED:
                self._made.popitem(last=False)

    def forgotten(self, mark: bytes) -> None:
        """Let bytes be new again: what was made of them is gone."""
        with self._lock:
            self._made.pop(mark, None)

    def again(self, mark: bytes) -> Developed | Refused | None:
        """Return what was made of the same bytes before; None when they are new, or it is not there any more."""
        with self._lock:
            outcome = self._made.get(mark)
        return _developed(outcome) if isinstance(outcome, str) else outcome


def _developed(photo_id: str) -> Developed | None:
    """Read a development back from its rows, as it came out of the darkroom."""
    photo = Photo.objects.filter(pk=photo_id, due_at=None, post__erased=False).first()
    row = Development.objects.filter(photo=photo_id).first()
    key = post_key(photo.post_id) if photo is not None else None
    # More cover than was ordered is its author's own doing.
    if photo is None or row is None or key is None or photo.drawn or not row.verdict:
        return None
    try:
        renditions = tuple(
            Rendition(
                copy.size,
                "webp" if copy.format == "webp" else "jpeg",
                copy.width_px,
                copy.height_px,
                open_sealed(key, server.store().get(copy.blob)),
                bytes(copy.digest).hex(),
            )
            for copy in photo.renditions.order_by("pk")
        )
    except Absent:
        return None
    judged = dict(row.judged_by)
    reading = GarmentReading(
        found=bool(row.outline),
        garment_colour=row.garment_colour,
        likelihoods=tuple(judged.get("likelihoods", {}).items()),
        outline=tuple(tuple((x, y) for x, y in polygon) for polygon in row.outline),
        model=judged.get("model", ""),
        rule=judged.get("rule", 0),
    )
    return Developed(
        verdict=Verdict.from_json({"kind": row.verdict, "score": row.score, "reasons": row.reasons}),
        reading=reading,
        faces=tuple(FaceBox.from_json(face) for face in row.faces),
        advice=tuple(row.advice),
        fingerprint=Fingerprint(bytes(row.fingerprint), row.fingerprint_quality),
        renditions=renditions,
        placeholder=bytes(row.placeholder),
        crop=Box.from_json(row.crop),
        width_px=row.width_px,
        height_px=row.height_px,
        ms=row.ms,
    )


copies = Copies()
"""What this process has developed."""
