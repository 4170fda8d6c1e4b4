"""The feed: read by a real feed reader, honest about days, and without pictures where they are to stay here."""

from __future__ import annotations

import feedparser
import pytest
from django.test import Client
from lxml import etree

from tests.cast import Cast
from tests.web.walls import stand

pytestmark = pytest.mark.database


def test_a_feed_reader_finds_posts_pictures_and_days(cast: Cast, client: Client) -> None:
    """Newest first, permanent addresses, a picture as enclosure and as media, the day and nothing finer."""
    stand(cast, "Первый", "Second & <b>bold</b>", name="Аня")
    answer = client.get(f"/en/{cast.campaign.handle}/feed.rss")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert [entry.title for entry in feed.entries] == ["Second & <b>bold</b>", "Первый"]
    newest = feed.entries[0]
    assert newest.link == f"http://many.example:8000/en/{cast.campaign.handle}/post/2"
    assert newest.id == f"{cast.campaign.origin}/2", "who changes to another door sees no post twice"
    assert newest.published == "Sun, 08 Mar 2026 00:00:00 GMT"
    assert newest.enclosures[0].type == "image/jpeg" and newest.media_content[0]["medium"] == "image"
    assert newest.media_content[0]["url"].startswith("http")
    assert "<img" in newest.description and "<b>" not in newest.description.replace("&lt;b&gt;", "")


def test_a_dangerous_campaign_has_words_only_in_its_feed(cast: Cast, client: Client) -> None:
    """No picture's address leaves with it, in no element."""
    campaign = cast.campaign_with(preset="dangerous", handle="in-danger")
    stand(cast, *("Мы здесь" for _ in range(20)), campaign=campaign, cover="everybody")
    answer = client.get(f"/ru/{campaign.handle}/feed.rss")
    assert "Мы здесь" in answer.content.decode()
    assert b"/r/" not in answer.content and b"enclosure" not in answer.content
    assert b"/r/" not in client.get(f"/ru/{campaign.handle}/").content.split(b"</head>")[0]


def test_an_empty_feed_is_a_feed(cast: Cast, client: Client) -> None:
    """Nothing posted yet is no reason for broken XML."""
    answer = client.get(f"/ru/{cast.campaign.handle}/feed.rss")
    assert etree.fromstring(answer.content).tag == "rss"
    assert not feedparser.parse(answer.content).bozo
