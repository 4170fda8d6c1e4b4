"""What a mirror says of itself for programs: when it last was up to date, and what it showed. `mirror.json`.

Values only. Whoever keeps a mirror could write anything here, so that nothing is concluded from it alone.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass

from wearemany.wall.mirrors.page import Counted

STATE_PATH = "mirror.json"
STALE_AFTER = datetime.timedelta(hours=24)
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class State:
    """When the mirror was last brought up to date, and the number that it shows since."""

    copied_at: datetime.datetime
    counted: Counted


def state_read(content: bytes) -> State | None:
    """Read `mirror.json`; None for anything that is not one."""
    try:
        values = json.loads(content)
        copied_at = datetime.datetime.strptime(values["copied_at"], _MOMENT).replace(tzinfo=datetime.UTC)
        day = datetime.date.fromisoformat(values["day"]) if values["day"] else None
        return State(copied_at, Counted(int(values["posts"]), day, int(values["size"])))
    except (ValueError, TypeError, KeyError):
        return None


def state_written(state: State) -> bytes:
    """Return `mirror.json`."""
    counted = state.counted
    values = {
        "v": 1,
        "copied_at": state.copied_at.astimezone(datetime.UTC).strftime(_MOMENT),
        "posts": counted.posts,
        "day": counted.day.isoformat() if counted.day else None,
        "size": counted.lines,
    }
    return json.dumps(values, indent=1).encode() + b"\n"
