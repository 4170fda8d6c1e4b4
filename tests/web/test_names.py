"""Strings that break pages: each through caption, name and description to wall, post, stream and feed, whole."""

from __future__ import annotations

import json
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import feedparser
import pytest
from django.test import Client
from lxml import etree

from tests.cast import Cast
from tests.web.html import Reading
from tests.web.walls import position_of, stand
from wearemany.errors import Refused
from wearemany.photos.orders import caption_checked
from wearemany.web.live import live_events

pytestmark = pytest.mark.database

TRIAL = Path(__file__).parents[2] / "../shared/trials/names/strings.jsonl"
OURS = (
    "<script>window.__owned=1</script>",
    "a\u202eb",
    "\u0000x",
    "\ufffe",
    "'\" onerror=x ",
    "]]>",
    "𝐂𝐨𝐮𝐧𝐭",
    "%(x)s {{ y }}",
)


def strings() -> list[str]:
    """Return our own few, and the trial's where it is there."""
    if not TRIAL.exists():
        return list(OURS)
    return [*OURS, *(json.loads(line)["text"] for line in TRIAL.read_text("utf-8").split("\n") if line)]


class Texts(HTMLParser):
    """The text of every element with a class, as a browser would have it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.found.append(data)


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 5))])
def test_words_come_out_as_they_went_in(cast: Cast, client: Client, part: int) -> None:
    """Stored exactly or refused with a sentence; valid HTML, JSON and XML everywhere; nothing becomes markup."""
    kept = []
    for text in strings()[part::5] if TRIAL.exists() else (OURS if part == 0 else OURS[:1]):
        try:
            tidy = caption_checked(text)
            (post,) = [
                cast.somebody().posts(
                    text.encode("utf-8", "replace"), caption=text, name=text[:40], alts=(text,)
                )
            ]
        except Refused:
            continue
        kept.append((post, tidy))
    stand(cast, "the last")
    for post, tidy in kept:
        if not post.entries.exists():
            continue
        page = client.get(f"/en/{cast.campaign.handle}/post/{position_of(post)}").content.decode()
        assert Reading(page).faults == [], tidy
        assert not tidy or tidy in "".join(Texts(page).found), tidy
    handle = cast.campaign.handle
    assert Reading(client.get(f"/en/{handle}/").content.decode()).faults == []
    feed = client.get(f"/en/{handle}/feed.rss").content
    etree.fromstring(feed)
    assert not feedparser.parse(feed).bozo
    cards = json.loads(live_events("en", handle, None)[0].data)["cards"]
    captions = {unicodedata.normalize("NFC", tidy) for _, tidy in kept}
    assert all(
        card["caption"] == "the last" or card["caption"].removesuffix(" …") in "".join(captions)
        for card in cards
    )
    assert len(kept) >= (50 if TRIAL.exists() else 1)


def test_no_word_of_a_supporter_becomes_markup(cast: Cast, client: Client) -> None:
    """A script in every field is shown as the letters that it is."""
    evil = "</title><script>window.__owned=1</script><img src=x onerror=y>"
    (post,) = stand(cast, evil, name=evil[:60], alts=(evil,))
    for path in ("", f"post/{position_of(post)}", "?screen"):
        page = client.get(f"/en/{cast.campaign.handle}/{path}").content.decode()
        assert "<script>window" not in page and "<img src=x" not in page
        assert Reading(page).faults == []
