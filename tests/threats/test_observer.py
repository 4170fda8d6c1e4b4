"""Forty posts arrive at known seconds, and somebody polls everything public once a second.

Under careful and dangerous nothing at all changes between two releases, and inside a batch the order says no more than
chance does. Under everyday it can be told, and the page before posting says so.
"""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.threats.watcher import Watcher, linear_excess, table_excess
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_day, preset_rules
from wearemany.moderation.services import decide_pending, decision_make
from wearemany.photos.models import Post
from wearemany.wall.log import append_pending
from wearemany.wall.models import Entry
from wearemany.wall.pending import Moment, drafts_due
from wearemany.wall.release import shuffled
from wearemany.wall.rows import head_of

pytestmark = [pytest.mark.database, pytest.mark.threat("A")]

POSTS = 40
SIGNIFICANT = 4.0
"""Standard deviations: by chance once in thirty thousand times; and the chance here is seeded, so always the same."""

RELEASES = {"careful": [5, 610, 1210, 1810, 2410], "dangerous": [20, 40]}


def arrive(cast: Cast, campaign: Campaign, number: int) -> Post:
    """Post, and be approved in the same second: no moderator's slowness helps to hide it."""
    cover = preset_rules(campaign).cover
    somebody = cast.somebody(campaign)
    post = somebody.posted(
        f"selfie of somebody {number}".encode(), cover="everybody" if cover == "everybody" else "nobody"
    )
    decide_pending()
    post.refresh_from_db()
    if not post.decisions.exists():
        decision_make(post=post, kind="approve", account=cast.moderator)
    return post


def watched(cast: Cast, preset: str, *, posts: int, every: int) -> tuple[Watcher, list[str]]:
    """Let a post arrive each second, and watch; return the watcher and the ids."""
    campaign = cast.campaign_with(preset=preset, handle=f"so-{preset}")
    append_pending()
    watcher, arrived = Watcher(campaign), []
    watcher.look(0)
    for second in range(1, posts + 1):
        cast.house.clock.advance(1)
        arrived.append(arrive(cast, campaign, second).pk)
        size = head_of(campaign).published_size
        append_pending()
        is_release = head_of(campaign).published_size != size
        if second % every == 0 or is_release or second in (1, posts):
            watcher.look(second)
    return watcher, arrived


@pytest.mark.parametrize(
    ("preset", "releases", "posts", "every"),
    [
        ("careful", {5}, 7, 4),
        ("dangerous", {20}, 21, 19),
        pytest.param("careful", {5}, POSTS, 1, marks=pytest.mark.long),
        pytest.param("dangerous", {20, 40}, POSTS, 1, marks=pytest.mark.long),
    ],
)
def test_nothing_public_changes_between_two_releases(
    committed_cast: Cast, preset: str, releases: set[int], posts: int, every: int
) -> None:
    """No page, header, feed, figure, stream or signed file betrays that a post came or was approved."""
    watcher, _ = watched(committed_cast, preset, posts=posts, every=every)
    early = {path: seconds for path, seconds in watcher.changed.items() if not set(seconds) <= releases}
    assert early == {} and watcher.seconds() == releases
    assert len(watcher.changed) > 10


def test_everyday_shows_each_post_in_its_second_and_the_page_says_so(committed_cast: Cast) -> None:
    """The same watcher sees every arrival there: it is not blind. Before posting, people read what that means."""
    watcher, arrived = watched(committed_cast, "everyday", posts=3, every=1)
    assert watcher.seconds() == {1, 2, 3}
    order = list(
        Entry.objects.filter(campaign=watcher.campaign, kind="post")
        .order_by("position")
        .values_list("post_id", flat=True)
    )
    assert order == arrived
    for language, sentence in (
        (
            "en",
            "Somebody who watches your line and the wall at the same moment can tell which post is yours.",
        ),
        ("ru", "Кто в эту минуту следит и за вашей линией, и за стеной, поймёт, какой пост ваш."),
    ):
        assert sentence in Client().get(f"/{language}/so-everyday/join").content.decode()


@pytest.mark.parametrize(("preset", "most"), [("careful", 5), ("dangerous", 20)])
def test_a_batched_wall_says_so_before_posting(cast: Cast, client: Client, preset: str, most: int) -> None:
    """How many a post hides among is said, and what does not hide: taking back."""
    cast.campaign_with(preset=preset, handle="in-batches")
    page = client.get("/en/in-batches/join").content.decode()
    assert f"waits until at least {most} are there" in page
    assert "whoever watches both at that moment can tell which post it was" in page
    assert "Пост ждёт, пока их не наберётся" in client.get("/ru/in-batches/join").content.decode()


def orders(cast: Cast, campaign: Campaign, arrived: list[str], *, seeds: int) -> list[list[int]]:
    """Return in which order the posts that wait would be released, again and again with other chance."""
    head = head_of(campaign)
    found = []
    for seed in range(seeds):
        with clock.clock.seeded(seed.to_bytes(4, "big")):
            moment = Moment(clock.now(), campaign_day(campaign), b"\x05" * 32, clock.random_bytes)
            drafts = drafts_due(campaign, head, moment).drafts
        found.append([arrived.index(draft.post_id) for draft in drafts if draft.post_id is not None])
    return found


@pytest.mark.parametrize(
    ("preset", "batch", "seeds"),
    [("careful", 5, 24), pytest.param("dangerous", 20, 200, marks=pytest.mark.long)],
)
def test_what_the_log_releases_is_in_no_order(cast: Cast, preset: str, batch: int, seeds: int) -> None:
    """The same waiting posts, released again and again: their places say nothing of when they came."""
    campaign = cast.campaign_with(preset=preset, handle="shuffled")
    append_pending()
    arrived = []
    for number in range(batch):
        cast.house.clock.advance(1)
        arrived.append(arrive(cast, campaign, number).pk)
    found = orders(cast, campaign, arrived, seeds=seeds)
    assert all(sorted(order) == list(range(batch)) for order in found)
    assert abs(linear_excess(found)) < SIGNIFICANT
    assert abs(table_excess(found)) < SIGNIFICANT


@pytest.mark.parametrize("batch", [5, 20, POSTS])
def test_inside_a_batch_the_order_says_nothing(batch: int) -> None:
    """Over many seeds place and arrival are as independent as they can be, linearly and in any other way."""
    found = []
    for seed in range(1000):
        with clock.clock.seeded(seed.to_bytes(4, "big")):
            found.append(shuffled(range(batch), clock.random_bytes))
    assert abs(linear_excess(found)) < SIGNIFICANT
    assert abs(table_excess(found)) < SIGNIFICANT


def test_the_statistic_sees_an_order_that_leaks() -> None:
    """In the order of arrival, or in it but for a few that changed places, both figures are far beyond chance."""
    sorted_ones = [list(range(20)) for _ in range(10)]
    nearly = [[*range(number, 20), *range(number)] for number in range(5)] * 10
    for leaking in (sorted_ones, nearly):
        assert max(linear_excess(leaking), table_excess(leaking)) > SIGNIFICANT
    backwards = [list(reversed(range(20))) for _ in range(10)]
    assert linear_excess(backwards) < -SIGNIFICANT


@pytest.mark.parametrize(
    ("preset", "seed"),
    [
        ("dangerous", 1),
        *(pytest.param(preset, seed, marks=pytest.mark.long) for preset in RELEASES for seed in range(2, 12)),
    ],
)
def test_whoever_knows_every_second_names_no_entry_better_than_the_batch_allows(
    committed_cast: Cast, preset: str, seed: int
) -> None:
    """The whole road: the batch of an entry is all that its place tells of the second in which it was sent."""
    cast = committed_cast
    campaign = cast.campaign_with(preset=preset, handle="whole-road")
    append_pending()
    arrived: list[str] = []
    batches: list[list[int]] = []
    known = 1
    with clock.clock.seeded(bytes([seed])):
        for second in range(max(RELEASES[preset])):
            cast.house.clock.advance(1)
            if len(arrived) < POSTS:
                arrived.append(arrive(cast, campaign, second).pk)
            elif second % 30:
                continue
            append_pending()
            entries = Entry.objects.filter(campaign=campaign, position__gte=known).order_by("position")
            if batch := [arrived.index(str(post)) for post in entries.values_list("post_id", flat=True)]:
                batches.append(batch)
                known += len(batch)
    least = preset_rules(campaign).release_batch
    assert sum(map(len, batches)) == POSTS and all(len(batch) >= least for batch in batches)
    # The guess that knows most: whoever came first of a batch stands first in it. It is right about once a batch.
    right = sum(sorted(batch)[place] == item for batch in batches for place, item in enumerate(batch))
    assert right <= len(batches) + 5


def test_the_two_seconds_count_from_the_release(committed_cast: Cast) -> None:
    """A batch that only waited for its time goes with the first look after it, though nothing else happened."""
    cast = committed_cast
    campaign = cast.campaign_with(preset="careful", handle="in-time")
    append_pending()
    for number in range(5):
        arrive(cast, campaign, number)
    assert append_pending() == 5
    for number in range(5, 11):
        arrive(cast, campaign, number)
    assert append_pending() == 0 == append_pending()
    cast.house.clock.advance(599.5)
    assert append_pending() == 0
    cast.house.clock.advance(1)
    assert append_pending() == 6
    page = Client().get("/en/in-time/newest.json").json()
    assert len(page["cards"] if "cards" in page else page["posts"]) >= 11


def test_only_the_day_of_release_is_public(committed_cast: Cast) -> None:
    """Sent on one day, released on the next: no page, feed, figure or signed file knows the day of sending."""
    cast = committed_cast
    campaign = cast.campaign_with(preset="careful", handle="next-day")
    append_pending()
    cast.house.clock.advance(86_400)
    for number in range(4):
        arrive(cast, campaign, number)
    assert append_pending() == 0
    cast.house.clock.advance(86_400)
    arrive(cast, campaign, 4)
    assert append_pending() == 5
    answers = Watcher(campaign).answers()
    told = {
        path
        for path, answer in answers.items()
        for trace in (b"2026-03-09", b"20260309", b"09 Mar 2026", b"March 9", b"9 March")
        if trace in answer
    }
    assert told == set()
    assert any(b"2026-03-10" in answer for answer in answers.values())
    assert any(b"10 Mar 2026" in answer for answer in answers.values())
