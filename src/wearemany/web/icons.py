"""Our few icons, drawn on a 24 by 24 grid with one stroke width; shown inline so that they take the text's colour.

`icons.txt` holds one a line: its name, then its path.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def icons() -> dict[str, str]:
    """Return every icon's path by name."""
    lines = Path(__file__).with_name("icons.txt").read_text(encoding="utf-8").splitlines()
    return {name: path for name, _, path in (line.partition(" ") for line in lines)}


def svg(name: str) -> str:
    """Return the icon as inline SVG, hidden from screen readers: words beside it say the same."""
    return (
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f'<path d="{icons()[name]}"/></svg>'
    )
