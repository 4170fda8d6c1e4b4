"""How fast tags are found and compared: characters a second on ordinary and on hostile texts.

python bench/hashtags.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

from wearemany.hashtags import extract, extract_html, match_key

CAPTION = "Я сегодня в красном, потому что #МыНеРавнодушны и нас много! See https://example.org/a#b and #WeAreMany. "
TEXTS = {
    "caption": CAPTION * 1000,
    "no tags": "Мы не равнодушны, и нас много. " * 4000,
    "only signs": "#" * 100_000,
    "only tags": "#мы " * 25_000,
    "one long tag": "#" + "ж" * 100_000,
    "marks": "#а" + "\u0301\u0316" * 50_000,
    "addresses": "a.bc/(" * 16_000,
}


def rate(action: Callable[[str], object], text: str) -> float:
    """Return millions of characters a second, best of five."""
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        action(text)
        best = min(best, time.perf_counter() - begun)
    return len(text) / best / 1e6


def main() -> None:
    """Print one line for each text, in millions of characters a second."""
    print(f"{'text':14} {'extract':>8} {'html':>8} {'key':>8}   million characters a second")
    for name, text in TEXTS.items():
        rates = [rate(action, text) for action in (extract, extract_html, match_key)]
        print(f"{name:14} " + " ".join(f"{figure:8.2f}" for figure in rates))
    tag = "МыНеРавнодушны"
    print(f"\nmatch_key of one tag: {len(tag) / rate(match_key, tag):.1f} µs")


if __name__ == "__main__":
    main()
