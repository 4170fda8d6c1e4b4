"""Every number that the public is told is one of two: anyone can recount it, or this server says it; and says which.

The test walks every public address there is and reads every number on it. One that is neither marked nor known to count
nothing (a day, a place on the wall, a limit) fails it: whoever adds a number decides here, in the same change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.html import VOID
from tests.web.routes import public_paths
from tests.web.walls import position_of, stand
from wearemany.campaigns.models import Campaign
from wearemany.conversations.models import Like
from wearemany.conversations.services import comment_add, post_like
from wearemany.front.parts import LiveEvent
from wearemany.moderation.services import post_withdraw
from wearemany.wall.log import append_pending
from wearemany.web.live import live_events

pytestmark = [pytest.mark.database, pytest.mark.django_db]

RECOUNTABLE, SAID = "anyone can recount", "this server says"
# Behind a code, a key, a sign-in or a form: not public. Named so that a new address is not overlooked by its shape.
NOT_PUBLIC = re.compile(
    r"^(desk|api|upload)\b|keep|claim|join|/mine$|/like$|/comment$|/group$|/mail$|/pictures|^$|^robots|^media|^\."
)
# Blocks that a mark stands for as a whole; one in a part of the page says nothing of the rest of it.
MARKED = frozenset(["p", "li", "section", "form", "aside", "figure", "td", "tr", "details"])
BLOCKS = MARKED | {"footer", "header", "div", "main"}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
COUNTS_NOTHING = (
    rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}\b",
    r"\bPage \d+ of the wall\b|\bpage 0\b|\bPage \d+\b|\bPost \d+\b|\bLine \d+ of the count\b",
    r"\b[Uu]p to \d[\d,]* characters\b|\bSHA-256\b|\b(?:1080|1350|1920|A[34])\b|\b\d+(?:\.\d+)?\s(?:bytes|KB|MB)\b",
    r"https?://\S+|#\S+",
)
"""Days, places on the wall and in the log, limits, names: numbers that say how many of nothing."""


class Numbers(HTMLParser):
    """The numbers of a page, each with the mark of the nearest block around it that has one ("" for none)."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[dict[str, Any]] = [{"tag": "", "text": "", "links": [], "inner": []}]
        self.tags: list[tuple[str, bool]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a block, or note a link."""
        given = dict(attrs)
        if tag == "a":
            self.blocks[-1]["links"].append(given.get("href") or "")
        if tag in VOID:
            return
        # What people wrote themselves, and what is given to be copied, is not told by us.
        is_theirs = tag in ("script", "style", "code", "blockquote", "bdi", "title", "desc") or (
            "lang" in given and tag != "html"
        )
        self.tags.append((tag, is_theirs))
        if tag in BLOCKS:
            block: dict[str, Any] = {"tag": tag, "text": "", "links": [], "inner": []}
            self.blocks[-1]["inner"].append(block)
            self.blocks.append(block)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Pass over a drawing's shapes."""

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        self.tags.pop()
        if tag in BLOCKS:
            self.blocks.pop()

    def handle_data(self, data: str) -> None:
        """Keep our own words."""
        if not any(is_theirs for _, is_theirs in self.tags):
            self.blocks[-1]["text"] += data

    def unmarked(self, log: str) -> list[str]:
        """Return the numbers that no block around them marks; a recountable one needs a link to its signed count."""
        return list(_unmarked(self.blocks[0], log))


def _whole(block: dict[str, Any]) -> str:
    return " ".join([block["text"], *(_whole(inner) for inner in block["inner"])])


def _links(block: dict[str, Any]) -> list[str]:
    return [*block["links"], *(link for inner in block["inner"] for link in _links(inner))]


def _unmarked(block: dict[str, Any], log: str) -> Iterator[str]:
    text = _whole(block) if block["tag"] in MARKED else ""
    if SAID in text and not re.search(RECOUNTABLE, text):
        return
    if RECOUNTABLE in text and SAID not in text and f"{log}checkpoint" in _links(block):
        return
    own = block["text"]
    for pattern in COUNTS_NOTHING:
        own = re.sub(pattern, " ", own)
    yield from (f"{found} in “{' '.join(own.split())[:80]}”" for found in re.findall(r"\d[\d,]*", own))
    for inner in block["inner"]:
        yield from _unmarked(inner, log)


def marked_paths(campaign: Campaign, position: int) -> list[str]:
    """Return every address whose numbers need a mark, filled in; a new one is among them by itself."""
    samples = {
        "language": "en", "handle": campaign.handle, "position": position, "page": 0, "day": "2026-03-08",
        "upload_id": "x", "block": 0,
    }  # fmt: skip
    return [path for path in public_paths(samples) if not NOT_PUBLIC.search(path[1:])]


def numbers_in(value: object, path: str = "") -> Iterator[tuple[str, int]]:
    """Yield the numbers of a JSON value with the path of keys to each."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers_in(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_in(inner, path)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, value


# Keys of JSON whose numbers are no counts of posts, and the objects that name their signed count themselves.
JSON_NO_COUNTS = re.compile(
    r"/(v|position|size|width_px|height_px|days/signed_lines|checkpoint/size|counted/repeats_checked_to)$|^/posts/people$"
)


def assert_json_is_marked(value: Any, log: str, where: str) -> None:
    """Every count lies in an object that names, or lies beside, the checkpoint it is under."""
    for path, _ in numbers_in(value):
        if JSON_NO_COUNTS.search(path):
            continue
        holder = value
        for key in path.split("/")[1:-1]:
            holder = holder[0] if isinstance(holder, list) else holder
            holder = holder[key]
        named = json.dumps([holder if isinstance(holder, dict) else value, value.get("checkpoint")])
        assert f"{log}checkpoint" in named, (where, path)


@pytest.fixture
def crowd(cast: Cast) -> Cast:
    """Six posts of which one was taken back, with likes and a comment: numbers of every kind."""
    posts = stand(cast, *("one " * 2 for _ in range(6)))
    post_withdraw(post=posts[0])
    append_pending()
    for number in range(13):
        post_like(post=posts[1], cookie=bytes([number]))
    comment_add(post=posts[1], text="With you", name="", language="en")
    return cast


def test_every_number_on_every_public_address_has_its_mark(crowd: Cast, client: Client) -> None:
    """Pages, feeds and files: a photo count links its signed count, everything else is called this server's word."""
    campaign, log = crowd.campaign, f"/log/{crowd.campaign.handle}/"
    paths = marked_paths(campaign, position_of(Like.objects.all()[0].post))
    assert len(paths) > 15
    wrong: dict[str, list[str]] = {}
    for path in paths:
        answer = client.get(path)
        assert answer.status_code in (200, 302, 404), path
        kind, text = answer.headers["Content-Type"].split(";")[0], answer.content.decode()
        if answer.status_code != 200 or path.endswith("recount.html"):
            continue
        if kind == "text/html":
            wrong[path] = Numbers(text).unmarked(log)
        elif kind == "application/json":
            assert_json_is_marked(json.loads(text), log, path)
        elif kind == "application/rss+xml":
            description = ElementTree.fromstring(text).findtext("channel/description") or ""
            assert "Anyone can recount" in description and f"{log}checkpoint" in description
        else:
            assert kind in ("text/plain", "text/csv", "text/calendar"), path
    assert {path: found for path, found in wrong.items() if found} == {}


def test_a_number_without_a_mark_is_found() -> None:
    """The walk can fail: a bare count, a count that links nothing, a number beside a mark of another block."""
    log = "/log/red/"
    assert Numbers("<main><p>12 posts</p></main>").unmarked(log) == ["12 in “12 posts”"]
    assert Numbers("<main><p>12 posts, anyone can recount</p></main>").unmarked(log)
    assert Numbers(f'<p>12 posts, anyone can recount <a href="{log}checkpoint">x</a></p>').unmarked(log) == []
    assert Numbers("<section><p>3 likes</p><p>this server says</p></section>").unmarked(log) == []
    assert Numbers("<p>9 places</p><p>3 likes, this server says</p>").unmarked(log) == ["9 in “9 places”"]
    assert Numbers("<p>Page 3, 8 March 2026</p>").unmarked(log) == []


def test_the_live_number_stands_beside_the_mark_of_its_page(crowd: Cast) -> None:
    """An event brings the tally's number and nothing that only the server knows."""
    events: list[LiveEvent] = live_events("en", crowd.campaign.handle, None)
    told = json.loads(events[0].data)["number"]
    assert {name for name, value in told.items() if isinstance(value, int)} == {"posts"}
    assert told["posts"] == 5
