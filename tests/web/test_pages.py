"""Every public page: valid, strict, self-contained, small enough, and kept for exactly one epoch."""

from __future__ import annotations

import gzip
import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.rig import NOON
from tests.web.html import Reading, foreign
from tests.web.walls import position_of, stand
from wearemany.campaigns.services import campaign_pause
from wearemany.campaigns.story import (
    Attribution,
    Figure,
    Source,
    Telling,
    statement_record,
    tally_record,
    voice_introduce,
)
from wearemany.conversations.services import answer_add, comment_add
from wearemany.web import assets

pytestmark = pytest.mark.database

PATHS = (
    "",
    "?lite",
    "?screen",
    "page/0",
    "post/1",
    "post/1?said=held",
    "story",
    "check",
    "figures",
    "poster",
)


@pytest.fixture
def told(cast: Cast) -> Cast:
    """A campaign with posts, an answer, a comment, and a story with a denial."""
    posts = stand(cast, "Мы не равнодушны", "", "In red, for you", name="Аня")
    voice = voice_introduce(
        campaign=cast.campaign,
        name="Вера",
        how_known={"en": "By letter.", "ru": "По письму."},
        is_honouree="yes",
    )
    answer_add(post=posts[0], voice=voice, text="Спасибо!", language="ru", translations={"en": "Thank you!"})
    comment_add(post=posts[0], name="Ira", text="With you", language="en")
    day = NOON.date()
    source = Source("A paper", "https://paper.example/1")
    said = statement_record(
        campaign=cast.campaign,
        telling=Telling(day, "ru", {"ru": "Её слова", "en": "Her words"}),
        attribution=Attribution("Vera"),
        source=source,
    )
    statement_record(
        campaign=cast.campaign,
        telling=Telling(day, "ru", {"ru": "Это не так", "en": "That is not so"}),
        attribution=Attribution("An office", "authorities", said),
        source=source,
    )
    tally_record(
        campaign=cast.campaign,
        telling=Telling(day, "en", {"en": "arrests"}),
        attribution=Attribution("Monitors"),
        source=source,
        figure=Figure("over 10,000", "+0 000"),
    )
    return cast


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_is_valid_and_loads_nothing_from_elsewhere(
    told: Cast, client: Client, language: str
) -> None:
    """No unclosed tag, no doubled id, no field without label, no inline style or script, no third party."""
    for path in PATHS:
        answer = client.get(f"/{language}/{told.campaign.handle}/{path}")
        reading = Reading(answer.content.decode())
        assert answer.status_code == 200, path
        assert reading.faults == [], path
        assert foreign(reading) == [], path
        assert reading.headings[0] == 1 and reading.headings.count(1) == 1, path


def test_every_page_may_be_kept_for_its_epoch_only(told: Cast, client: Client) -> None:
    """The front is told whose epoch a page belongs to; browsers ask again; nothing varies; no cookie is set."""
    for path in PATHS:
        answer = client.get(f"/en/{told.campaign.handle}/{path}")
        assert answer.headers["X-Cache-Epoch"].partition(" ")[0] == told.campaign.handle, path
        assert answer.headers["Cache-Control"] == "no-cache", path
        assert "Vary" not in answer.headers and "Set-Cookie" not in answer.headers, path
        assert not answer.cookies, path


def test_no_page_tells_when_somebody_posted(told: Cast, client: Client) -> None:
    """The minute of posting, known to this test, stands in no page and no header."""
    for path in (*PATHS, "feed.rss"):
        answer = client.get(f"/en/{told.campaign.handle}/{path}")
        everything = answer.content.decode() + repr(sorted(answer.headers.items()))
        assert "12:34" not in everything and "T12" not in everything, path


def test_a_full_wall_stays_under_a_hundred_kilobytes(cast: Cast, client: Client) -> None:
    """Page, style sheets and scripts together, uncompressed and before pictures, with long captions everywhere."""
    stand(cast, *("Мы не равнодушны, и нас много. " * 12 for _ in range(46)), name="Мария из Казани")
    page = client.get(f"/en/{cast.campaign.handle}/").content
    loaded = set(re.findall(r"/static/(?:css|js)/[\w.]+", page.decode()))
    size = len(page) + sum(len(assets.table()[path][0]) for path in loaded)
    assert page.count(b'<li class="tile"') >= 47
    assert size <= 100_000, size
    assert len(gzip.compress(page)) <= 25_000


def test_a_careful_campaign_hides_from_search_engines(cast: Cast, client: Client) -> None:
    """Where people are at risk no page may be indexed; an everyday wall may, its posts may not."""
    careful = cast.campaign_with(preset="careful", handle="careful-one")
    stand(cast, "one")
    robots = 'name="robots" content="noindex'
    assert robots in client.get(f"/en/{careful.handle}/").content.decode()
    assert robots in client.get(f"/en/{careful.handle}/story").content.decode()
    assert robots not in client.get(f"/en/{cast.campaign.handle}/").content.decode()
    assert robots in client.get(f"/en/{cast.campaign.handle}/post/1").content.decode()


def test_a_pause_is_told_on_the_wall_in_the_readers_language(cast: Cast, client: Client) -> None:
    """The notice stands there with how to take a post back, and nobody is invited to join."""
    campaign_pause(campaign=cast.campaign, notice={"en": "Until spring.", "ru": "До весны."})
    english = client.get(f"/en/{cast.campaign.handle}/").content.decode()
    russian = client.get(f"/ru/{cast.campaign.handle}/").content.decode()
    assert "Until spring." in english and "До весны." in russian
    assert "/join" not in english and "/en/keep" in english


def test_a_denial_stands_under_what_it_denies(told: Cast, client: Client) -> None:
    """Both carry their source and day, original and translation side by side; the count keeps its help line."""
    page = client.get(f"/en/{told.campaign.handle}/story").content.decode()
    assert page.index("Her words") < page.index("That is not so")
    assert page.index('class="denial') < page.index("That is not so")
    assert page.count('class="denial') == 1
    for words in (
        "Её слова",
        "Это не так",
        "A paper",
        "https://paper.example/1",
        "over 10,000",
        "+0 000",
        "8 March 2026",
    ):
        assert words in page


def test_the_check_page_says_what_is_counted_by_whom(told: Cast, client: Client) -> None:
    """It has the figures, both marks, the missing witness, the checkpoint itself, and the command with the key."""
    page = client.get(f"/en/{told.campaign.handle}/check").content.decode()
    for words in (
        "anyone can recount",
        "this server says",
        "Not witnessed",
        "wearemany wall recount",
        told.campaign.origin,
        "8 March 2026",
    ):
        assert words in page
    checkpoint = told.house.store.get(f"log/{told.campaign.handle}/checkpoint").decode()
    assert checkpoint.splitlines()[2] in page


def test_an_unknown_campaign_is_404(client: Client, db: None) -> None:
    """Whatever is asked of a campaign that there is not, the page says so kindly."""
    for path in PATHS:
        answer = client.get(f"/en/no-such/{path}")
        assert answer.status_code == 404
        assert "campaign-unknown" in answer.content.decode()


def test_the_only_campaign_is_the_start(cast: Cast, client: Client) -> None:
    """One campaign: straight to its wall. Several: a list."""
    assert client.get("/en/").headers["Location"] == f"/en/{cast.campaign.handle}/"
    cast.campaign_with(preset="careful", handle="second")
    page = client.get("/en/").content.decode()
    assert "/en/second/" in page and Reading(page).faults == []


def test_positions_are_the_posts_public_numbers(cast: Cast, client: Client) -> None:
    """A post's page is at its place in the log, and shows that very post."""
    posts = stand(cast, "first", "second")
    for post in posts:
        page = client.get(f"/en/{cast.campaign.handle}/post/{position_of(post)}").content.decode()
        assert post.caption in page
        assert post.pk not in page
