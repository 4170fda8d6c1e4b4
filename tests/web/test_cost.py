"""What a page costs does not grow with the wall: counted in the database's own steps, and read off its plans."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.rigs.costs import cost
from tests.web.routes import public_paths
from tests.web.walls import position_of, stand
from wearemany.campaigns.models import Campaign
from wearemany.moderation.models import Claim, Decision
from wearemany.photos.models import Post
from wearemany.photos.showing import rendition_open
from wearemany.rendering.walls import PAGE_ENTRIES
from wearemany.wall.day_figures import CONSUMER
from wearemany.wall.models import Cursor, Entry, LogHead
from wearemany.wall.queries import entry_of
from wearemany.web.live import live_events

FRESH = 60


def grown_behind(campaign: Campaign, count: int) -> None:
    """Put approved posts behind those that stand there: the wall is older and longer, its newest page the same."""
    newest = list(Entry.objects.filter(campaign=campaign).order_by("-position"))
    for entry in newest:
        Entry.objects.filter(pk=entry.pk).update(position=entry.position + count)
    day = newest[0].day
    posts = [
        Post(id=f"old{number:023d}", campaign=campaign, language="ru", cover="nobody", terms_version="1", ready=True,
             confirmed=True, received_day=day)
        for number in range(count)
    ]  # fmt: skip
    Post.objects.bulk_create(posts, batch_size=200)
    Decision.objects.bulk_create(
        (Decision(post=post, position=0, kind="approve", by="policy", day=day) for post in posts),
        batch_size=200,
    )
    Entry.objects.bulk_create(
        (
            Entry(campaign=campaign, position=number, kind="post", line=b"{}", day=day, post=post, live=True,
                  commitment=number.to_bytes(32, "big"), standing={"people": 1, "live": True})
            for number, post in enumerate(posts)
        ),
        batch_size=200,
    )  # fmt: skip
    head = LogHead.objects.get(campaign=campaign)
    LogHead.objects.filter(pk=head.pk).update(
        size=head.size + count, published_size=head.published_size + count
    )
    # The days were counted as they went by; only what is newer is counted while somebody reads.
    Cursor.objects.update_or_create(
        consumer=CONSUMER, campaign=campaign, defaults={"position": head.published_size + count}
    )


def acts(cast: Cast, client: Client, *, post: Post) -> dict[str, object]:
    """Return everything that the public can ask of a wall, by name, for its newest part."""
    handle, position = cast.campaign.handle, position_of(post)
    samples = {
        "language": "en", "handle": handle, "position": position, "page": position // PAGE_ENTRIES, "upload_id": "x",
        "block": 0, "day": post.received_day.isoformat(),
    }  # fmt: skip
    asked = {path: (lambda path=path: client.get(path)) for path in public_paths(samples)}
    size = LogHead.objects.get(campaign=cast.campaign).published_size
    named = {re.sub(r"\d+", "N", path): act for path, act in asked.items()}
    return {
        **named,
        "live, new": lambda: live_events("en", handle, size - 3),
        "live, window": lambda: live_events("en", handle, None),
        "picture": lambda: entry_of(Post.objects.select_related("campaign").get(pk=post.pk)),
        "picture by name": lambda: rendition_open("a" * 26),
    }


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite counts its steps")
def test_no_public_answer_costs_more_on_a_longer_wall(cast: Cast, client: Client) -> None:
    """With three thousand posts more behind it every page, feed, JSON and live window costs what it did."""
    posts = stand(cast, *(f"post {number}" for number in range(FRESH)))
    Claim.objects.create(
        id="c" * 26,
        post=posts[0],
        kind="pictured",
        number_digest=b"n" * 32,
        hides=True,
        day=posts[0].received_day,
    )
    # As long before the newest range as a whole number of pages, so that the same posts are on the same pages.
    short = {name: cost(act) for name, act in acts(cast, client, post=posts[-1]).items()}
    grown_behind(cast.campaign, 125 * PAGE_ENTRIES)
    long = {name: cost(act) for name, act in acts(cast, client, post=posts[-1]).items()}
    assert short.keys() == long.keys()
    dearer = {name: (short[name], long[name]) for name in short if long[name] > short[name] * 1.1 + 20}
    assert dearer == {}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plans of SQLite's planner")
def test_no_public_answer_scans_the_entries(cast: Cast, client: Client) -> None:
    """Every statement behind a public answer finds entries and posts by an index, never by looking at all of them."""
    posts = stand(cast, "one", "two")
    with CaptureQueriesContext(connection) as captured:
        for act in acts(cast, client, post=posts[-1]).values():
            act()
    scans = set()
    for statement in {
        query["sql"] for query in captured.captured_queries if query["sql"].startswith("SELECT")
    }:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + statement.replace("%", "%%"))
            plan = [row[3] for row in cursor.fetchall()]
        scans |= {
            line for line in plan if re.match(r"SCAN (wall_entry|post|decision|photo|rendition)\b", line)
        }
    assert scans == set()
