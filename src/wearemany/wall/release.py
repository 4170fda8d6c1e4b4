"""When a batch of approved posts becomes public, and in which order. Pure: time and chance are passed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from wearemany.campaigns.presets import PresetRules

Item = TypeVar("Item")

_KEY_BYTES = 16


def is_time(*, now: datetime, release_at: datetime | None) -> bool:
    """Tell whether the batch before was long enough ago."""
    return release_at is None or now >= release_at


def is_due(*, waiting: int, rules: PresetRules) -> bool:
    """Tell whether enough posts wait to go together."""
    return waiting >= max(rules.release_batch, 1)


def next_release_at(*, rules: PresetRules, now: datetime) -> datetime | None:
    """Return the earliest moment of the batch after one that goes now; None where there is no waiting."""
    return now + timedelta(seconds=rules.release_every_s) if rules.release_every_s else None


def is_shuffled(rules: PresetRules) -> bool:
    """Tell whether the order inside a batch must say nothing about who was first."""
    return rules.release_batch > 1 or rules.release_every_s > 0


def shuffled(items: Sequence[Item], random_bytes: Callable[[int], bytes]) -> list[Item]:
    """Return the items in an order that chance alone decides."""
    keys = [random_bytes(_KEY_BYTES) for _ in items]
    return [item for _, item in sorted(zip(keys, items, strict=True), key=lambda pair: pair[0])]
