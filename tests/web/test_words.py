"""One word per thing: what the code calls things is not what people read."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.html import Reading
from tests.web.walls import stand

pytestmark = pytest.mark.database

# The left column of the glossary, as words that no public page may show; what people read instead stands beside it.
CODE_WORDS = {
    "call spec": "-",
    "preset": "how careful we are",
    "honouree": "the person we stand with",
    "upload": "-",
    "development": "checking",
    "developed": "checked",
    "garment": "clothing",
    "reading": "-",
    "verdict": "what we saw",
    "face cover": "cover my face",
    "rendition": "-",
    "wall entry": "the wall",
    "tombstone": "taken back",
    "tile": "-",
    "entry bundle": "-",
    "checkpoint": "signed count of (day)",
    "sequenced": "-",
    "integrated": "-",
    "tally": "the number",
    "receipt": "proof that I was counted",
    "recount": None,
    "keep-code": "your secret code",
    "release": "-",
    "consumer": "-",
    "cursor": "-",
    "match key": "hashtag",
    "boost": "news",
    "refused": "-",
    "moderator": "a person of the team",
}
"""None: people read it too, as a verb."""

PATHS = (
    "",
    "?lite",
    "?screen",
    "page/0",
    "post/1",
    "post/1/mine",
    "story",
    "check",
    "figures",
    "poster",
    "/en/doors",
    "join",
    "feed.rss",
    "post/99",
)


@pytest.mark.parametrize("path", PATHS)
def test_people_read_plain_words(cast: Cast, client: Client, path: str) -> None:
    """None of the code's own words stands on a public page, in its text, its labels or its titles."""
    stand(cast, "We are many")
    page = client.get(path if path.startswith("/") else f"/en/{cast.campaign.handle}/{path}").content.decode()
    labels = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', page)
    text = " ".join([*Reading(page).words, *labels]).lower()
    # Addresses and commands name files of the log by their formats' own names.
    text = re.sub(r"\S*(/log/|wearemany wall|wearemany doors)\S*", " ", text)
    found = [
        word
        for word, instead in CODE_WORDS.items()
        if instead is not None and re.search(rf"\b{re.escape(word)}s?\b", text)
    ]
    assert found == []
