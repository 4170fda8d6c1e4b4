"""One thing that the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A stable name, whether it is well, and what to do when it is not."""

    name: str
    well: bool
    says: str
