"""What the front writes to the log when something fails: type and place, never words that somebody may have sent."""

from __future__ import annotations

from pathlib import PurePath
from traceback import extract_tb

from wearemany.errors import WeAreManyError

_PLACES_TOLD = 6


def told(error: BaseException) -> str:
    """Return what may be logged of an error: its code or type, and the innermost places it came through."""
    if isinstance(error, WeAreManyError):
        return f"{error.code} ({error.cause})" if error.cause else error.code
    frames = list(reversed(extract_tb(error.__traceback__)))[:_PLACES_TOLD]
    place = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {place}"
