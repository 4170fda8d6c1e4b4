"""A brake on floods: how many mails one sender, and all together, may hand in within a while.

It counts in this process's memory, by a digest under a key that is drawn anew with every while; the digests go with
it. What is too much is to be delivered later, never lost.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import Counter

from wearemany.adapters import clock
from wearemany.errors import N_, TryAgain

WINDOW_S = 600.0
A_SENDER_MOST = 10
ALL_MOST = 1200


class FloodBrake:
    """Counts the mails of the running while. Any number of threads."""

    def __init__(self, *, a_sender_most: int = A_SENDER_MOST, all_most: int = ALL_MOST) -> None:
        self._a_sender_most = a_sender_most
        self._all_most = all_most
        self._lock = threading.Lock()
        self._until_s = 0.0
        self._key = b""
        self._counts: Counter[bytes] = Counter()

    def pass_by(self, sender: str) -> None:
        """Count one mail; raises TryAgain `mail-flood` when there were too many, and then it does not count."""
        with self._lock:
            now_s = clock.monotonic_s()
            if now_s >= self._until_s or not self._key:
                self._until_s, self._key = now_s + WINDOW_S, clock.random_bytes(32)
                self._counts.clear()
            digest = hmac.digest(self._key, sender.encode(errors="replace"), hashlib.sha256)
            if self._counts[digest] >= self._a_sender_most or self._counts.total() >= self._all_most:
                raise TryAgain(
                    "mail-flood",
                    N_("Many e-mails arrive here now. Please let this one be delivered again later."),
                )
            self._counts[digest] += 1
