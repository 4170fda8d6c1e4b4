"""The feed: read by a real feed reader, honest about days, and without pictures where they are to stay here."""

from __future__ import annotations

import html

import feedparser
import pytest
from django.test import Client
from lxml import etree

from tests.cast import Cast
from tests.wall.walls import verifier_of
from tests.web.walls import stand
from wearemany.campaigns.services import visible_version_bump
from wearemany.tlog.checkpoint import open_checkpoint
from wearemany.wall.day_figures import figures_pending

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


def test_signed_counts_of_past_days_stay_in_readers(cast: Cast, client: Client) -> None:
    """Once a day is over its signed count is in the feed, with a sentence what for; it verifies as it was read."""
    stand(cast, "Первый")
    figures_pending()
    path = f"/ru/{cast.campaign.handle}/feed.rss"
    assert "signed/" not in client.get(path).content.decode(), "today may still grow"
    cast.house.clock.advance(86400)
    visible_version_bump(cast.campaign.pk)
    feed = feedparser.parse(client.get(path).content)
    assert not feed.bozo
    last = feed.entries[-1]
    assert (last.title, last.id) == (
        "Подписанный счёт на 8 марта 2026\u202fг.",
        f"{cast.campaign.origin}/signed/2026-03-08",
    )
    assert last.published == "Sun, 08 Mar 2026 00:00:00 GMT"
    note = html.unescape(last.description.partition("<pre>")[2].partition("</pre>")[0])
    assert open_checkpoint(note.encode(), verifier_of(cast.campaign)).size == 2
