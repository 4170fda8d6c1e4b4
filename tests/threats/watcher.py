"""Somebody who watches: asks for everything public again and again, and keeps when each of it changed.

Whoever watches a supporter's line as well knows the second in which a post was sent. What the wall adds to that is
what these tests measure.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.test import Client

from tests.web.routes import public_paths
from wearemany.adapters import server
from wearemany.campaigns.models import Campaign
from wearemany.web.live import live_events

OF_FORMS = ("/join", "/mine", "/report", "/keep", "/claim", "/api/", "/mail", "/desk")
"""Pages with a form of one's own: each time another token, and nothing of anybody else."""

ASKED_AT = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+Z|(?m:^\xe2\x80\x94 .*$)")


@dataclass
class Watcher:
    """Polls; `changed` maps each address to the seconds at which its answer was another than before."""

    campaign: Campaign
    client: Client = field(default_factory=Client)
    changed: dict[str, list[int]] = field(default_factory=dict)
    _last: dict[str, bytes] = field(default_factory=dict)

    def look(self, second: int) -> None:
        """Ask for everything once: every page, feed and figure with its headers, the stream, the signed files."""
        for path, answer in self.answers().items():
            digest = hashlib.sha256(answer).digest()
            if self._last.setdefault(path, digest) != digest:
                self.changed.setdefault(path, []).append(second)
                self._last[path] = digest

    def seconds(self) -> set[int]:
        """Return every second at which anything at all was seen to change."""
        return {second for seconds in self.changed.values() for second in seconds}

    def answers(self) -> dict[str, bytes]:
        """Return what everybody can ask for now, by address."""
        handle = self.campaign.handle
        samples = {
            "language": "en", "handle": handle, "position": 1, "page": 0, "upload_id": "x", "block": 0,
            "day": "2026-03-08",
        }  # fmt: skip
        found: dict[str, bytes] = {}
        for path in public_paths(samples):
            if any(part in path for part in OF_FORMS):
                continue
            answer = self.client.get(path)
            # A list that is signed for whoever asks says when they asked, which they know.
            content = ASKED_AT.sub(b"", answer.content) if path.endswith("/pictures") else answer.content
            found[path] = repr((answer.status_code, sorted(answer.headers.items()))).encode() + content
        found["live"] = repr(live_events("en", handle, None)).encode()
        store = server.store()
        for key in sorted(store.list(f"log/{handle}")):
            found[key] = store.get(key)
        return found


def rank_correlation(order: Sequence[int]) -> float:
    """Return Spearman's coefficient of places and arrivals: 1 in the order of arrival, about 0 by chance."""
    count = len(order)
    spread = sum((place - item) ** 2 for place, item in enumerate(_ranks(order)))
    return 1 - 6 * spread / (count * (count**2 - 1))


def linear_excess(orders: Sequence[Sequence[int]]) -> float:
    """Return how many standard deviations the mean correlation is from what shuffling gives."""
    count = len(orders[0])
    mean = sum(map(rank_correlation, orders)) / len(orders)
    return mean * math.sqrt((count - 1) * len(orders))


def table_excess(orders: Sequence[Sequence[int]]) -> float:
    """Return the same for any dependence of place on arrival: chi-square of the table of both, as a normal deviate.

    It grows with the mutual information of the two, which is chi-square over twice the number of observations.
    """
    count = len(orders[0])
    table = [[0] * count for _ in range(count)]
    for order in orders:
        for place, item in enumerate(_ranks(order)):
            table[item][place] += 1
    expected = len(orders) / count
    square = sum((seen - expected) ** 2 / expected for row in table for seen in row)
    freedom = (count - 1) ** 2
    return (square - freedom) / math.sqrt(2 * freedom)


def _ranks(order: Sequence[int]) -> list[int]:
    by_size = sorted(order)
    return [by_size.index(item) for item in order]
