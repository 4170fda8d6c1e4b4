"""Does a mirror follow? One look at it from outside: is it this log, up to date, and are the pictures taken back gone?

Imports no Django: what the mirror is measured by comes in as a value. What a mirror says of itself is believed only
where it speaks against it; for it speak the log's own signatures and what is not there any more. A mirror that hides
pictures under other names cannot be found out from outside.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from urllib.parse import urljoin

from wearemany.adapters import clock
from wearemany.adapters.fetch import Answer, Limits, Way, fetch
from wearemany.errors import N_, WeAreManyError
from wearemany.tlog.checkpoint import CheckpointMalformed, open_checkpoint
from wearemany.tlog.note import NoteError, Verifier
from wearemany.wall.audit import CHECKPOINT_PATH
from wearemany.wall.mirrors.pictures_note import (
    HEAD_PATH,
    MOST_BLOCK_BYTES,
    MOST_HEAD_BYTES,
    PLACES_IN_BLOCK,
    PicturesHead,
    PicturesMalformed,
    block_path,
    open_head,
    picture_path,
    read_block,
)
from wearemany.wall.mirrors.state import STALE_AFTER, STATE_PATH, state_read

UNREACHABLE = "unreachable"
FINDINGS = {
    UNREACHABLE: N_("It could not be reached."),
    "no-mirror": N_("There is no copy of this wall at that address."),
    "other-log": N_("Its signed count is not by this server's key for this wall."),
    "old-log": N_("Its list is more than a day behind."),
    "old-copy": N_("It was last brought up to date more than a day ago."),
    "old-pictures": N_("Its list of pictures is more than a day old, or is not ours."),
    "removed-shown": N_("It still shows a picture that was taken back, or that it may not show."),
}
"""What a look can come to, in words for the team."""
_FUTURE = datetime.timedelta(minutes=10)
_LOOK_S = 30.0


@dataclass(frozen=True)
class Measure:
    """What a mirror is measured by: the key, the least size of its log, and places whose pictures it may not have."""

    verifier: Verifier
    least_size: int
    gone: tuple[int, ...]
    now: datetime.datetime


def mirror_look(url: str, measure: Measure, *, way: Way) -> str:
    """Return a code of `FINDINGS`, empty when the mirror follows. Raises nothing that the mirror could cause."""
    look = _Look(url, measure, way, until_s=clock.monotonic_s() + _LOOK_S)
    try:
        return look.log() or look.pictures()
    except WeAreManyError:
        return UNREACHABLE


@dataclass(frozen=True)
class _Look:
    """One look, which ends at one moment however slowly the mirror answers."""

    url: str
    measure: Measure
    way: Way
    until_s: float

    def log(self) -> str:
        """Look at the signed count, and at what the mirror says of itself."""
        answer = self._get(CHECKPOINT_PATH)
        if answer.status != 200:
            return "no-mirror" if answer.status in (404, 410) else UNREACHABLE
        try:
            seen = open_checkpoint(answer.body, self.measure.verifier)
        except (NoteError, CheckpointMalformed):
            return "other-log"
        if seen.size < self.measure.least_size:
            return "old-log"
        state = state_read(self._get(STATE_PATH).body)
        if state is None:
            return "no-mirror"
        return "" if _is_fresh(state.copied_at, self.measure.now) else "old-copy"

    def pictures(self) -> str:
        """Look at the list of pictures, and for some that may not be there."""
        answer = self._get(HEAD_PATH, MOST_HEAD_BYTES)
        head: PicturesHead | None = None
        if answer.status == 200:
            try:
                head = open_head(answer.body, self.measure.verifier)
            except (NoteError, PicturesMalformed):
                return "old-pictures"
            if not _is_fresh(head.at, self.measure.now):
                return "old-pictures"
        elif answer.status >= 500:
            return UNREACHABLE
        for place in self.measure.gone:
            shown = self._get(picture_path(place, 1), MOST_BLOCK_BYTES)
            if shown.status >= 500:
                return UNREACHABLE
            # Some hosts answer 403 for what is not there.
            if shown.status < 300 and not self._was_listed(place, head):
                return "removed-shown"
        return ""

    def _was_listed(self, place: int, head: PicturesHead | None) -> bool:
        """Tell whether the mirror's own list, signed by us under a day ago, still had a place: then it is in time."""
        number = place // PLACES_IN_BLOCK
        digest = head.blocks.get(number) if head else None
        if digest is None:
            return False
        try:
            block = self._get(block_path(number), MOST_BLOCK_BYTES).body
            return any(
                picture.position == place for picture in read_block(block, number=number, digest=digest)
            )
        except PicturesMalformed:
            return False

    def _get(self, path: str, most_bytes: int = 65_536) -> Answer:
        left_s = max(self.until_s - clock.monotonic_s(), 0.001)
        return fetch(urljoin(self.url, path), way=self.way, limits=Limits(most_bytes, left_s))


def _is_fresh(at: datetime.datetime, now: datetime.datetime) -> bool:
    return now - STALE_AFTER <= at <= now + _FUTURE
