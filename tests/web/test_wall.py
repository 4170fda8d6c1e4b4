"""The wall: what leads, what stands where, what arrives live, and what is gone at once."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.html import Reading
from tests.web.walls import position_of, stand
from wearemany.campaigns.models import Campaign
from wearemany.conversations.services import comment_add, comment_remove, post_like
from wearemany.moderation.services import decision_make, post_withdraw
from wearemany.rendering.walls import PAGE_ENTRIES
from wearemany.web.live import MOST_EVENTS, live_events

pytestmark = pytest.mark.database


def wall_of(client: Client, campaign: Campaign, path: str = "", **headers: str) -> str:
    """Return one page of a campaign's wall."""
    answer = client.get(f"/en/{campaign.handle}/{path}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def positions(page: str) -> list[int]:
    """Return the public numbers of the tiles, in the page's order."""
    return [int(found) for found in re.findall(r'<li class="tile" id="post-(\d+)"', page)]


def test_an_empty_wall_invites(cast: Cast, client: Client) -> None:
    """Nobody is there yet: the call leads, and the first is asked in."""
    page = wall_of(client, cast.campaign)
    assert "Nobody is on the wall yet." in page
    assert "call--hero" in page and f"/en/{cast.campaign.handle}/join" in page


def test_the_number_leads_once_it_is_one(cast: Cast, client: Client) -> None:
    """Below the organiser's threshold the call leads and the number is a line; from it on the number is the hero."""
    cast.campaign.settings = {"hero_from": 3}
    cast.campaign.save()
    stand(cast, "one", "two")
    assert "call--hero" in wall_of(client, cast.campaign)
    stand(cast, "three")
    page = wall_of(client, cast.campaign)
    assert "call--hero" not in page and 'data-number="3"' in page


def test_newest_posts_stand_first_and_pages_never_move(cast: Cast, client: Client) -> None:
    """A fixed page holds the same posts whatever comes later; pages are linked in both directions."""
    stand(cast, *("one " * 3 for _ in range(PAGE_ENTRIES * 2)))
    early = positions(wall_of(client, cast.campaign, "page/0"))
    front = wall_of(client, cast.campaign)
    assert positions(front) == sorted(positions(front), reverse=True)
    assert early == list(range(PAGE_ENTRIES - 1, 0, -1))
    assert f'<link rel="next" href="/en/{cast.campaign.handle}/page/0">' in front
    stand(cast, *("two " * 3 for _ in range(PAGE_ENTRIES)))
    assert positions(wall_of(client, cast.campaign, "page/0")) == early
    middle = wall_of(client, cast.campaign, "page/1")
    assert f'<link rel="next" href="/en/{cast.campaign.handle}/page/0">' in middle
    assert f'<link rel="prev" href="/en/{cast.campaign.handle}/page/2">' in middle or 'rel="prev"' in middle
    assert client.get(f"/en/{cast.campaign.handle}/page/99").status_code == 404


def test_few_bytes_are_given_to_those_who_ask(cast: Cast, client: Client) -> None:
    """`?lite` and Save-Data bring the smallest copies, no placeholder, no stream; the post has its picture on tap."""
    stand(cast, "one")
    for page in (
        wall_of(client, cast.campaign, "?lite"),
        wall_of(client, cast.campaign, **{"save-data": "on"}),
    ):
        assert "tile__blur" not in page and "srcset" not in page and "data-live" not in page
        assert "wall.js" not in page
    assert "Show the picture" in wall_of(client, cast.campaign, "post/1?lite")


def test_the_big_screen_has_number_phrase_and_code(cast: Cast, client: Client) -> None:
    """Pictures, the number, the phrase in its script, and a QR code that is drawn here."""
    stand(cast, "one")
    page = wall_of(client, cast.campaign, "?screen")
    assert cast.campaign.phrase in page and "<svg" in page and 'data-number="1"' in page
    assert Reading(page).faults == []


def test_a_wall_that_is_taken_apart_answers_at_once(cast: Cast, client: Client) -> None:
    """Withdrawn and rejected posts leave wall, page, feed and stream with the decision, before the log says so."""
    gone, hidden, stays = stand(cast, "to be taken back", "to be hidden", "to stay")
    places = position_of(gone), position_of(hidden)
    post_withdraw(post=gone)
    decision_make(post=hidden, kind="reject", reason="off-call", account=cast.moderator)
    shown = {
        path: client.get(f"/en/{cast.campaign.handle}/{path}").content.decode()
        for path in ("", "page/0", "feed.rss", "?screen", "?lite")
    }
    shown["live"] = live_events("en", cast.campaign.handle, None)[0].data
    for path, page in shown.items():
        assert "to be taken back" not in page and "to be hidden" not in page, path
        assert path == "?screen" or "to stay" in page, path
    for place in places:
        answer = client.get(f"/en/{cast.campaign.handle}/post/{place}")
        assert answer.status_code == 410
        assert "taken back" in answer.content.decode()
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/en/{cast.campaign.handle}/post/{position_of(stays)}").status_code == 200


def test_what_was_never_public_is_not_there(cast: Cast, client: Client) -> None:
    """A place beyond the log and the log's own first line are no posts."""
    cast.supporter.decided(caption="approved, not released")
    for place in (0, 1, 2, 10**12):
        assert client.get(f"/en/{cast.campaign.handle}/post/{place}").status_code == 404


def test_new_posts_come_as_events_and_changes_as_one_refresh(cast: Cast) -> None:
    """After a known place come the new posts and the number; after a removal, a long gap or nothing known, all anew."""
    handle = cast.campaign.handle
    posts = stand(cast, "one", "two")
    events = live_events("ru", handle, 0)
    assert [(event.id, event.event) for event in events] == [(1, "post"), (2, "post"), (2, "number")]
    assert json.loads(events[0].data)["caption"] == "one"
    assert live_events("en", handle, 2) == []
    assert [event.event for event in live_events("en", handle, None)] == ["refresh"]
    assert [event.event for event in live_events("en", handle, 99)] == ["refresh"]
    assert [event.event for event in live_events("en", handle, -MOST_EVENTS)] == ["refresh"]
    post_withdraw(post=posts[0])
    stand(cast, "three")
    (refresh,) = live_events("en", handle, 2)
    state = json.loads(refresh.data)
    assert [card["caption"] for card in state["cards"]] == ["three", "two"]
    assert state["number"]["posts"] == 2 and refresh.id == 4


def test_a_like_sets_one_cookie_for_posts_only(cast: Cast, client: Client) -> None:
    """Nothing is set before the like; the cookie is ours, http-only, for this campaign's posts; twice counts once."""
    (post,) = stand(cast, "one")
    path = f"/en/{cast.campaign.handle}/post/{position_of(post)}"
    assert not client.get(path).cookies
    first = client.post(f"{path}/like")
    cookie = first.cookies["likes"]
    assert (first.status_code, first.headers["Location"]) == (303, f"{path}#likes")
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (
        f"/en/{cast.campaign.handle}/post/",
        True,
        "Strict",
    )
    client.post(f"{path}/like")
    assert post.likes.count() == 1
    assert "X-Cache-Epoch" not in client.get(path).headers
    Client().post(f"{path}/like")
    assert post.likes.count() == 2
    assert cookie.value.encode() not in bytes(post.likes.first().liker_digest)


def test_comments_follow_the_preset(cast: Cast, client: Client) -> None:
    """Everyday: shown at once. Careful: a person first, and the page says so. Dangerous: none, and it says why."""
    for preset, crowd, said, words in (
        ("everyday", 1, "shown", "Everybody can read it at once."),
        ("careful", 5, "held", "A person reads it before others see it."),
        ("dangerous", 20, None, "This campaign has no comments, to keep people safe."),
    ):
        campaign = cast.campaign_with(preset=preset, handle=f"of-{preset}")
        posts = stand(cast, *("one" for _ in range(crowd)), campaign=campaign, cover="everybody")
        path = f"/en/{campaign.handle}/post/{position_of(posts[0])}"
        assert words in client.get(path).content.decode()
        answer = client.post(f"{path}/comment", {"text": "With all of you", "name": "Ira"})
        if said is None:
            assert answer.status_code == 400
        else:
            assert answer.headers["Location"] == f"{path}?said={said}#comments"
        assert ("With all of you" in client.get(path).content.decode()) is (said == "shown")


def test_comments_under_children_are_held_and_say_so(cast: Cast, client: Client) -> None:
    """Whatever the preset: a person reads first what strangers write under a group's children."""
    (post,) = stand(cast, "", cover="everybody", door="minors")
    page = client.get(f"/en/{cast.campaign.handle}/post/{position_of(post)}").content.decode()
    assert "A person reads it before others see it." in page
    assert "Everybody can read it at once." not in page


def test_a_refused_comment_keeps_its_words(cast: Cast, client: Client) -> None:
    """Too long or empty: a sentence says what to do, and what was written is still in the form."""
    (post,) = stand(cast, "one")
    path = f"/ru/{cast.campaign.handle}/post/{position_of(post)}/comment"
    long = "слово " * 200
    answer = client.post(path, {"text": long, "name": "Ира"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert long in page and 'value="Ира"' in page and 'role="alert"' in page
    assert client.post(path, {"text": "  "}).status_code == 400
    assert client.post(path, {}).status_code == 400
    assert post.comments.count() == 0


def test_a_removed_comment_is_gone_from_the_page(cast: Cast, client: Client) -> None:
    """The words leave with the act, and the campaign's epoch moves."""
    (post,) = stand(cast, "one")
    comment = comment_add(post=post, name="", text="rude words", language="en")
    path = f"/en/{cast.campaign.handle}/post/{position_of(post)}"
    assert "rude words" in client.get(path).content.decode()
    before = Campaign.objects.get(pk=cast.campaign.pk).visible_version
    comment_remove(comment=comment)
    assert "rude words" not in client.get(path).content.decode()
    assert Campaign.objects.get(pk=cast.campaign.pk).visible_version > before


def test_the_wall_costs_few_queries_however_many_posts(
    cast: Cast, client: Client, django_assert_max_num_queries: object
) -> None:
    """Twelve posts need no more looking-up than two."""
    for post in stand(cast, *("one" for _ in range(12))):
        post_like(post=post, cookie=b"somebody")
    with django_assert_max_num_queries(24):  # type: ignore[operator]
        wall_of(client, cast.campaign)
