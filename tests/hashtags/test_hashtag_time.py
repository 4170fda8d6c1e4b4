"""A stranger's text cannot stall the server: time grows with length, whatever the text."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from wearemany.hashtags import extract, extract_html, handle_for, joined_tag, lookalikes, match_key

LENGTH = 4_000
HOSTILE = {
    "signs": "#",
    "open": "# ",
    "letters": "a",
    "tagged": "#a",
    "dots": "a.",
    "hyphens": "a-.",
    "schemes": "a://",
    "pluses": "a+",
    "hosts": "a.bc/",
    "brackets": "a.bc/(",
    "closed": "a.bc/()",
    "nested": "(",
    "marks": "\u0301\u0316",
    "sound-marks": "ﾞ\u0301",
    "spaced-marks": "゛\u0301",
    "elements": "<a ",
    "empty": "<a x=''>",
    "quotes": "<a x=\"'",
    "values": '=""',
    "comments": "<!--",
    "ends": "</",
    "raw": "<script>",
    "closing": "</script",
    "references": "&#9",
    "digits": "9",
    "ampersands": "&",
    "relations": "rel= ",
}


def handled(text: str) -> None:
    """Do everything that is ever done to a stranger's text or tag."""
    extract(text)
    extract_html(text)
    match_key(text)
    joined_tag(text)
    handle_for(text)
    lookalikes(text, [text + "b"])


def seconds(action: Callable[[str], None], text: str) -> float:
    """Return how long it takes."""
    begun = time.process_time()
    action(text)
    return time.process_time() - begun


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("lead", ["#a", '<a b="', "&#", "x.yz/"])
def test_time_grows_with_length(name: str, lead: str) -> None:
    """Four times the text takes about four times as long; squares would take sixteen."""
    short = lead + HOSTILE[name] * (LENGTH // len(HOSTILE[name]))
    long = lead + HOSTILE[name] * (4 * LENGTH // len(HOSTILE[name]))
    if (taken := seconds(handled, long)) > 0.1:
        # The machine may have been at something else just then.
        assert min(taken, seconds(handled, long)) < 9 * min(seconds(handled, short) for _ in range(2))
