"""The panic switch: everything stands still at once, and goes on where it stopped; people keep their own ways out."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.test import Client

from tests.cast import Cast, Supporter
from tests.wall.walls import assert_sound
from tests.web.desk_rig import DESK, signed_in
from tests.web.door_visits import visitor
from tests.web.walls import position_of, stand
from wearemany.adapters import server
from wearemany.adapters.blobs import FolderBlobs
from wearemany.campaigns.freezing import PARTS, campaign_freeze, campaign_thaw
from wearemany.campaigns.models import Campaign
from wearemany.conversations.services import comment_add
from wearemany.errors import Refused
from wearemany.moderation.services import decide_pending, post_withdraw
from wearemany.photos.models import Post
from wearemany.photos.steps import develop_pending
from wearemany.wall.log import append_campaign, resume_all
from wearemany.wall.models import Entry, LogHead
from wearemany.wall.queries import tally
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.threat("F")]


@pytest.fixture
def frozen(cast: Cast) -> Iterator[Cast]:
    """A wall with two posts, and everything stands still."""
    stand(cast, "one", "two")
    campaign_freeze(campaign=cast.campaign, parts=PARTS)
    yield cast


def sizes(campaign: Campaign) -> tuple[int, int]:
    """Return how many lines the log has, and how many of them are public."""
    head = LogHead.objects.get(campaign=campaign)
    return head.size, head.published_size


def test_pressing_twice_is_once(frozen: Cast) -> None:
    """A switch that stands so already moves nothing, and no page is made anew; the other one still does."""
    version = frozen.campaign.visible_version
    campaign_freeze(campaign=frozen.campaign, parts=PARTS)
    assert frozen.campaign.visible_version == version
    campaign_thaw(campaign=frozen.campaign, parts=("doors",))
    assert frozen.campaign.visible_version == version + 1 and frozen.campaign.wall_frozen


def test_frozen_doors_take_nothing_and_say_so(client: Client, frozen: Cast) -> None:
    """Neither posts nor comments; the page says it in plain words in both languages, and the wall is still shown."""
    with pytest.raises(Refused) as refused:
        frozen.supporter.posts()
    assert refused.value.code == "campaign-frozen"
    with pytest.raises(Refused):
        comment_add(post=Post.objects.first(), name="", text="hello", language="en")
    for language, words, still in (
        ("en", "take no new posts for the moment", "The wall stands still"),
        ("ru", "пока не принимают ", "Стена пока стоит"),
    ):
        door = client.get(f"/{language}/we-are-many/join")
        assert door.status_code == 409 and words in door.content.decode()
        wall = client.get(f"/{language}/we-are-many/").content.decode()
        assert still in wall and f'href="/{language}/we-are-many/join"' not in wall
    assert not client.get("/api/campaigns/we-are-many").json().get("takes_posts", False)


def test_a_frozen_wall_gets_no_line_and_publishes_none(cast: Cast) -> None:
    """What is approved waits; so do removals and an ended phase; and it comes in the order in which it was decided."""
    first, second = stand(cast, "one", "two")
    campaign_freeze(campaign=cast.campaign, parts=("wall",))
    before = sizes(cast.campaign)
    waiting = [cast.somebody().decided(f"later {place}".encode()) for place in range(5)]
    post_withdraw(post=first)
    for _ in range(2):
        assert append_campaign(cast.campaign) == 0
        resume_all()
    assert sizes(cast.campaign) == before and not Entry.objects.filter(post__in=waiting).exists()
    campaign_thaw(campaign=cast.campaign, parts=("wall",))
    assert append_campaign(cast.campaign) == 6
    assert [entry.post_id for entry in Entry.objects.filter(post__in=waiting).order_by("position")] == [
        post.pk for post in waiting
    ]
    assert tally(cast.campaign).posts == 6 and position_of(second) == 2
    assert_sound(cast.campaign)


@pytest.mark.parametrize("moment", ["staged/", "log/"])
def test_what_was_on_its_way_is_neither_lost_nor_doubled(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Frozen before or after a batch became part of the log: not public while frozen, whole and once afterwards."""
    append_campaign(cast.campaign)
    before = LogHead.objects.get(campaign=cast.campaign).published_size
    post = cast.supporter.decided()
    putting = FolderBlobs.put

    def freezes(store: FolderBlobs, key: str, content: bytes) -> None:
        putting(store, key, content)
        if key.startswith(moment):
            monkeypatch.setattr(FolderBlobs, "put", putting)
            campaign_freeze(campaign=cast.campaign, parts=("wall",))

    monkeypatch.setattr(FolderBlobs, "put", freezes)
    append_campaign(cast.campaign)
    assert FolderBlobs.put is putting, "the moment came"
    resume_all()
    assert LogHead.objects.get(campaign=cast.campaign).published_size == before
    # The checkpoint itself may just have gone out; no page shows what it speaks of before the thaw.
    public = int(server.store().get("log/we-are-many/checkpoint").split(b"\n")[1])
    assert public == before or moment == "log/"
    campaign_thaw(campaign=cast.campaign, parts=("wall",))
    append_campaign(cast.campaign)
    assert Entry.objects.filter(post=post).count() == 1 and tally(cast.campaign).posts == 1
    assert_sound(cast.campaign)


@pytest.mark.threat("B", "C", "G")
def test_people_keep_their_own_ways_out(client: Client, frozen: Cast) -> None:
    """Taking back, hiding oneself and the keep-page work while everything stands still."""
    one, two = Post.objects.order_by("entries__position")
    author = Supporter(frozen.house, frozen.campaign)
    assert client.get(f"/en/we-are-many/post/{position_of(one)}").status_code == 200
    post_withdraw(post=one)
    assert client.get(f"/en/we-are-many/post/{position_of(one)}").status_code == 410
    at = f"/en/we-are-many/post/{position_of(two)}/mine"
    form = client.get(at).content.decode()
    claim = form.split('name="number" value="')[1].split('"')[0]
    assert client.post(at, {"number": claim, "kind": "pictured"}).status_code == 200
    assert client.get(f"/en/we-are-many/post/{position_of(two)}").status_code in (404, 409)
    campaign_thaw(campaign=frozen.campaign, parts=("doors",))
    kept = author.posted()
    decide_pending()
    campaign_freeze(campaign=frozen.campaign, parts=PARTS)
    page = client.post("/en/keep", {"code": author.code}, headers={"origin": "http://testserver"})
    assert page.status_code == 200 and "Your post keeps its place" in page.content.decode()
    assert Post.objects.filter(pk=kept.pk, erased=False).exists()


def test_what_waits_goes_on_being_checked_and_decided(cast: Cast) -> None:
    """The darkroom and the team work on while nothing moves outside, so that thawing finds it ready."""
    post = cast.supporter.posts()
    campaign_freeze(campaign=cast.campaign, parts=PARTS)
    run_until_idle((develop_pending, decide_pending))
    post.refresh_from_db()
    assert post.decisions.filter(kind="approve").exists() and append_campaign(cast.campaign) <= 1
    assert not Entry.objects.filter(post=post).exists()
    campaign_thaw(campaign=cast.campaign, parts=PARTS)
    append_campaign(cast.campaign)
    assert Entry.objects.filter(post=post).exists()


def test_only_organisers_press_it(cast: Cast) -> None:
    """One press, not asked twice, and one press back; a moderator and a stranger change nothing."""
    mark, olga = signed_in(cast.moderator), signed_in(cast.organiser)
    for act in ("freeze", "thaw"):
        assert mark.post(f"{DESK}campaign/{act}", part="doors").status == 403
    assert "Stop everything" in olga.get(f"{DESK}campaign").page
    olga.post(f"{DESK}campaign/freeze", part=["doors", "wall"])
    now = Campaign.objects.get(pk=cast.campaign.pk)
    assert now.doors_frozen and now.wall_frozen and "stands still" in mark.get(f"{DESK}review").page
    olga.post(f"{DESK}campaign/thaw", part="wall")
    now.refresh_from_db()
    assert now.doors_frozen and not now.wall_frozen
    assert olga.post(f"{DESK}campaign/freeze", part="roof").status == 400
    assert olga.post(f"{DESK}campaign/freeze").status == 400


@pytest.mark.django_db(transaction=True)
def test_freezing_waits_for_a_line_that_is_being_written_and_then_holds(committed_cast: Cast) -> None:
    """Pressed at any moment while the log grows: after it returns not one more line is public."""
    cast = committed_cast
    for place in range(12):
        cast.somebody().decided(f"post {place}".encode())
    stop, seen = threading.Event(), []

    def grows() -> None:
        try:
            while not stop.is_set():
                append_campaign(Campaign.objects.get(pk=cast.campaign.pk))
        finally:
            connections.close_all()

    thread = threading.Thread(target=grows)
    thread.start()
    try:
        campaign_freeze(campaign=cast.campaign, parts=("wall",))
        seen = [sizes_of(cast.campaign) for _ in range(30)]
    finally:
        stop.set()
        thread.join()
    assert len(set(seen)) <= 1
    connection.close()
    campaign_thaw(campaign=cast.campaign, parts=("wall",))
    append_campaign(cast.campaign)
    assert tally(cast.campaign).posts == 12
    assert_sound(cast.campaign)


def sizes_of(campaign: Campaign) -> int:
    """Return how many lines are public, 0 before the first."""
    head = LogHead.objects.filter(campaign=campaign).first()
    return 0 if head is None else head.published_size


def test_the_code_of_a_visitor_still_opens_what_was_posted(client: Client, cast: Cast) -> None:
    """Sent before the freeze and answered after it: the same form again shows the same post, and makes no second."""
    somebody = visitor(client, cast)
    somebody.posts(b"selfie in red")
    campaign_freeze(campaign=cast.campaign, parts=PARTS)
    again = somebody.posts(b"selfie in red")
    assert again.status_code == 200 and Post.objects.count() == 1
