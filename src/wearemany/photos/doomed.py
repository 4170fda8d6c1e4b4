"""Blobs that must go: forgotten in a transaction, deleted after it, and again until they are gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wearemany.adapters import clock
from wearemany.photos.models import DoomedBlob, Rendition, ResumablePart, Upload
from wearemany.worker.loop import wake_on_commit


def blobs_doom(blobs: Iterable[str], *, due_at: datetime | None = None) -> None:
    """Leave a row for each blob; call it in the transaction that deletes the row which named the blob."""
    when = due_at or clock.now()
    rows = [DoomedBlob(blob=blob, due_at=when) for blob in blobs]
    if rows:
        DoomedBlob.objects.bulk_create(rows, ignore_conflicts=True)
        wake_on_commit()


def named(blobs: Iterable[str]) -> set[str]:
    """Return those of `blobs` that a row still names: they must not be deleted."""
    wanted = list(blobs)
    tables = (Upload, ResumablePart, Rendition)
    return {
        blob
        for table in tables
        for blob in table._default_manager.filter(blob__in=wanted).values_list("blob", flat=True)
    }
