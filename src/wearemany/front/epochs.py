"""The watch over epochs: whether anything public has changed since it was last looked at, for all campaigns at once.

One thread reads, at most every `sample_s` or when it is told to `look`; everything the front has kept is valid
only for the epoch it was made under. When no reading has succeeded for `doors_s`, the doors are closed: what has
been taken back meanwhile could not be known here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from wearemany.errors import TryAgain
from wearemany.front.parts import Epoch
from wearemany.front.refusals import doors_closed
from wearemany.front.trouble import told

logger = logging.getLogger(__name__)

_PATIENCE_S = 0.25
_IDLE_BEAT_S = 0.9
_RECENT_S = 5.0
_HINT_GAP_S = 0.05
_EARLY = 0.6


class EpochWatch:
    """Belongs to the event loop; only `_read` runs elsewhere, in the watch's own thread."""

    def __init__(self, read: Callable[[], Mapping[str, Epoch]], *, sample_s: float, doors_s: float) -> None:
        self._read = read
        self._sample_s = sample_s
        self._doors_s = doors_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="epoch")
        self._epochs: Mapping[str, Epoch] = {}
        self._read_at_s = float("-inf")
        self._tried_at_s = float("-inf")
        self._asked_at_s = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._failing = False
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._hidden_listeners: list[Callable[[frozenset[str]], None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self.hidden_at: dict[str, int] = {}
        """Handle -> published size when something was last taken from sight, as far as we saw."""

    def listen(self, changed: Callable[[frozenset[str]], None]) -> None:
        """Have `changed` called in the loop with the handles whose epoch has changed."""
        self._listeners.append(changed)

    def listen_hidden(self, hidden: Callable[[frozenset[str]], None]) -> None:
        """Have `hidden` called in the loop with the handles where something was taken from sight."""
        self._hidden_listeners.append(hidden)

    async def current(self) -> Mapping[str, Epoch]:
        """Return the epochs, normally at most `sample_s` old; raises TryAgain `doors-closed`."""
        self._asked_at_s = asyncio.get_running_loop().time()
        return await self._fresh()

    def at_hand(self) -> Mapping[str, Epoch] | None:
        """Return the epochs without waiting, as young as `current` gives them; None when they must be waited for.

        They are read anew before their time is over, so that a crowd hardly ever waits.
        """
        now_s = self._asked_at_s = asyncio.get_running_loop().time()
        age_s = now_s - self._read_at_s
        if age_s > self._sample_s:
            return None
        if age_s > self._sample_s * _EARLY:
            self._look()
        return self._epochs

    async def _fresh(self) -> Mapping[str, Epoch]:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._read_at_s <= self._sample_s:
            return self._epochs
        if self._reading is None and now_s - self._tried_at_s > self._sample_s:
            self._tried_at_s = now_s
            self._reading = asyncio.create_task(self._sample())
        if self._reading is not None:
            # A reading that hangs must not make everybody wait again and again: patience counts from its start.
            known = now_s - self._read_at_s <= self._doors_s
            patience_s = _PATIENCE_S if known else self._tried_at_s + self._doors_s - now_s
            await asyncio.wait({self._reading}, timeout=max(0.0, patience_s))
        if not self.open:
            raise doors_closed()
        return self._epochs

    @property
    def open(self) -> bool:
        """Whether the last successful reading is young enough to show anything."""
        return asyncio.get_running_loop().time() - self._read_at_s <= self._doors_s

    def look(self) -> None:
        """Look now: somebody says that there is something to see. A hint, from any thread; nothing depends on it."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._reading is None and now_s - self._tried_at_s > _HINT_GAP_S:
            self._tried_at_s = now_s
            self._reading = asyncio.create_task(self._sample())

    async def beat(self) -> None:
        """Look again and again, often while there are visitors, so that what was taken back leaves memory too."""
        loop = self._loop = asyncio.get_running_loop()
        while True:
            recent = loop.time() - self._asked_at_s < _RECENT_S
            await asyncio.sleep(self._sample_s if recent else _IDLE_BEAT_S)
            with suppress(TryAgain):
                await self._fresh()

    def close(self) -> None:
        """Stop the thread; a reading under way is left to end by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _sample(self) -> None:
        loop = asyncio.get_running_loop()
        began_at_s = loop.time()
        try:
            epochs = await loop.run_in_executor(self._thread, self._read)
        except Exception as error:
            if not self._failing:
                logger.error("the epochs cannot be read; doors close in %s s: %s", self._doors_s, told(error))
            self._failing = True
            return
        finally:
            self._reading = None
        self._failing = False
        before, self._epochs = self._epochs, epochs
        # The age counts from before the reading: what was committed during it may have been missed.
        self._read_at_s = began_at_s
        changed = frozenset(
            handle for handle in before.keys() | epochs.keys() if before.get(handle) != epochs.get(handle)
        )
        if changed:
            self._note(changed, before=before)

    def _note(self, changed: frozenset[str], *, before: Mapping[str, Epoch]) -> None:
        hidden = frozenset(
            handle for handle in changed if before.get(handle, ())[:1] != self._epochs.get(handle, ())[:1]
        )
        for handle in hidden:
            epoch = self._epochs.get(handle)
            if epoch is None:
                self.hidden_at.pop(handle, None)
            else:
                self.hidden_at[handle] = epoch[-1]
        for listener in self._listeners:
            listener(changed)
        if hidden:
            for listener in self._hidden_listeners:
                listener(hidden)
