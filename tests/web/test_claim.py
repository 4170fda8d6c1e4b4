"""Claiming a post without its code, as a person does: two plain reasons, a number, and honest words about both."""

from __future__ import annotations

import logging
import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.desk_rig import DESK, Browser, signed_in
from tests.web.door_visits import visitor, work
from tests.web.html import Reading, foreign
from tests.web.walls import position_of, stand, walk
from wearemany.moderation.claims import claims_open
from wearemany.moderation.models import Claim
from wearemany.moderation.reasons import TAKE_DOWNS
from wearemany.moderation.services import decision_make, post_take_down, standing
from wearemany.photos.models import Post
from wearemany.web.claim import number_read
from wearemany.web.desk import words

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def path_of(post: Post, language: str = "en") -> str:
    """Return where the post is claimed."""
    return f"/{language}/{post.campaign.handle}/post/{position_of(post)}/mine"


def number_on(page: str) -> str:
    """Return the number that came with the form."""
    found = re.search(r'name="number" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def claims(client: Client, post: Post, **fields: str):
    """Open the form, fill it in and send it; returns the answer and the claim's number."""
    number = number_on(client.get(path_of(post)).content.decode())
    answer = client.post(path_of(post), {"number": number, "kind": "pictured", **fields})
    return answer, number


def test_every_posts_page_has_a_quiet_link(client: Client, cast: Cast) -> None:
    """One link, no account, and the page it leads to sends a plain form."""
    post, *_ = stand(cast, "one")
    at = f"/en/we-are-many/post/{position_of(post)}"
    assert f'href="{at}/mine"' in client.get(at).content.decode()
    page = client.get(path_of(post)).content.decode()
    assert "I am in this picture" in page and "I posted this and have no code" in page
    assert "A lost code cannot be given back" in page


def test_a_claim_hides_the_post_and_shows_its_number_once(client: Client, cast: Cast) -> None:
    """The answer says what happens now; the post's page says honestly that it is hidden, and the wall goes on."""
    post, _ = stand(cast, "one", "two")
    answer, number = claims(client, post, words="The one on the left is me")
    page = answer.content.decode()
    assert answer.status_code == 200 and number in page
    assert "The post is hidden from everybody" in page and "takes it down for good or shows it again" in page
    gone = client.get(f"/en/we-are-many/post/{position_of(post)}")
    assert gone.status_code == 409 and "hidden until a person has looked" in gone.content.decode()
    wall = client.get("/en/we-are-many/").content.decode()
    assert "two" in wall and "one" not in Reading(wall).words
    assert "1 post is hidden now because" in client.get("/en/we-are-many/check").content.decode()


def test_sending_it_twice_is_once(client: Client, cast: Cast) -> None:
    """A lost answer, a reload: the same number, the same words."""
    post, *_ = stand(cast, "one")
    first, number = claims(client, post)
    again = client.post(path_of(post), {"number": number, "kind": "lost-code"})
    assert again.content == first.content and Claim.objects.count() == 1
    post_take_down(post=post, reason="claim-pictured", account=cast.moderator)
    walk()
    assert "not on the wall any more" in client.post(path_of(post), {"number": number}).content.decode()


@pytest.mark.parametrize(
    ("outcome", "sentence"), [("taken", "not on the wall any more"), ("shown", "stays on the wall")]
)
def test_the_number_shows_what_became_of_it(client: Client, cast: Cast, outcome: str, sentence: str) -> None:
    """By a form, in any spelling of the number; nothing else can be done with it."""
    post, *_ = stand(cast, "one")
    _, number = claims(client, post)
    waiting = client.post("/en/claim", {"number": f" {number.upper()} "}).content.decode()
    assert "A person of the team looks at it, before all others" in waiting
    if outcome == "taken":
        post_take_down(post=post, reason="claim-pictured", account=cast.moderator)
    else:
        decision_make(post=post, kind="approve", account=cast.moderator)
    answer = client.post("/en/claim", {"number": number.replace("-", "")})
    assert answer.status_code == 200 and sentence in answer.content.decode()
    unknown = client.post("/en/claim", {"number": "aaaa-aaaa-aaaa-aaaa"})
    assert unknown.status_code == 404 and "We know of nothing with this number" in unknown.content.decode()


def test_beyond_the_bound_the_page_says_that_a_person_looks_first(client: Client, cast: Cast) -> None:
    """Nothing is promised that does not happen."""
    posts = stand(cast, *"abcd")
    for post in posts[:3]:
        claims(client, post)
    page = claims(client, posts[3])[0].content.decode()
    assert "looks at the post first" in page and "hidden from everybody" not in page
    assert client.get(f"/en/we-are-many/post/{position_of(posts[3])}").status_code == 200


@pytest.mark.parametrize("fields", [{"kind": ""}, {"kind": "spite"}, {"words": "x" * 301}])
def test_what_is_missing_is_said_and_nothing_is_lost(
    client: Client, cast: Cast, fields: dict[str, str]
) -> None:
    """The form again, with its number, its words and a sentence."""
    post, *_ = stand(cast, "one")
    answer, number = claims(client, post, **{"words": "typed with care", **fields})
    page = answer.content.decode()
    assert answer.status_code == 400 and 'role="alert"' in page and number in page
    assert fields.get("words", "typed with care") in page and not Claim.objects.exists()


@pytest.mark.parametrize("number", ["", "short", "x" * 400, "<script>"])
def test_a_number_that_is_none_of_ours_is_replaced(client: Client, cast: Cast, number: str) -> None:
    """Whatever a made-up form sends, the claim gets a number that cannot be guessed."""
    post, *_ = stand(cast, "one")
    page = client.post(path_of(post), {"number": number, "kind": "pictured"}).content.decode()
    assert len(number_read(number_on(page))) == 16 and "<script>" not in page


def test_there_is_nothing_to_claim_where_no_post_is(client: Client, cast: Cast) -> None:
    """No such number: gone, with a sentence, never a page that breaks."""
    assert client.get("/en/we-are-many/post/999/mine").status_code == 410
    assert client.post("/en/we-are-many/post/999/mine", {"kind": "pictured"}).status_code == 410
    assert client.get("/en/nowhere/post/1/mine").status_code == 404


def test_the_pages_are_neutral_strict_and_kept_by_nobody(client: Client, cast: Cast) -> None:
    """Whoever claims may be in danger: no campaign in the title, no cache, no referrer elsewhere, a way out."""
    post, *_ = stand(cast, "one")
    answers = [
        client.get(path_of(post)),
        claims(client, post, kind="x")[0],
        claims(client, post)[0],
        client.get("/en/claim"),
        client.post("/en/claim", {"number": "x"}),
        client.get("/ru/claim"),
    ]
    for answer in answers:
        page = answer.content.decode()
        reading = Reading(page)
        assert reading.faults == [] and foreign(reading, allowed=("about:blank",)) == []
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert '<meta name="referrer" content="same-origin">' in page
        assert re.search("<title>(Notes|Заметки)</title>", page) and "data-colour" not in page


def test_a_browser_that_says_only_its_origin_may_claim(client: Client, cast: Cast) -> None:
    """Years-old ones send no Sec-Fetch-Site: our own origin opens both forms, another or none opens neither."""
    post, *_ = stand(cast, "one")
    fields = {"number": number_on(client.get(path_of(post)).content.decode()), "kind": "pictured"}
    for origin in ("null", "https://elsewhere.example"):
        for path in (path_of(post), "/en/claim"):
            assert client.post(path, fields, headers={"origin": origin}).status_code == 403
    assert not Claim.objects.exists()
    for path in (path_of(post), "/en/claim"):
        assert client.post(path, fields, headers={"origin": "http://testserver"}).status_code == 200


def test_number_and_words_are_never_logged(
    client: Client, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither stands in a line of the log, a path or a query."""
    post, *_ = stand(cast, "one")
    with caplog.at_level(logging.INFO):
        _, number = claims(client, post, words="a needle of words")
        client.post("/en/claim", {"number": number})
    assert number not in caplog.text and "needle of words" not in caplog.text


def test_its_author_reads_that_it_is_hidden_and_why(client: Client, cast: Cast) -> None:
    """Under her code: what was said of it, that a person looks, and in the end what was decided."""
    her = visitor(client, cast)
    her.posts(b"selfie in red")
    work()
    post = Post.objects.get()
    claims(client, post)
    page = her.keeps().content.decode()
    assert "Hidden until a person has looked" in page and "you need do nothing" in page
    assert f"/post/{position_of(post)}" not in page
    post_take_down(post=post, reason="claim-pictured", account=cast.moderator)
    page = her.keeps().content.decode()
    assert "took this post down for good" in page and "did not agree to be shown" in page


@pytest.fixture
def mark(cast: Cast, client: Client) -> Browser:
    """The moderator, with a claimed post in hand although an ordinary one waits too."""
    post, *_ = stand(cast, "one")
    cast.somebody().decided(b"refer")
    claims(client, post, words="please <b>look</b>")
    return signed_in(cast.moderator).get(f"{DESK}review")


def test_the_desk_shows_the_claim_and_two_ways_to_answer(mark: Browser) -> None:
    """What was said, that it is hidden, every key; no name and no number of the claimer, for there is none."""
    for piece in (
        words.WAITS["claim-pictured"],
        "please <b>look</b>",
        "Hidden from everybody until you decide.",
        "1 claimed post waits in all.",
        "Show it again",
        "Take it down for good",
    ):
        assert piece in mark.page
    assert b"&lt;b&gt;look" in mark.raw
    for key in ("s", "a", "t", "r", "c", "n", "1", "2", "3"):
        assert f'data-key="{key}"' in mark.page
    assert "Reject" not in mark.page
    assert set(words.TAKE_DOWN_LABELS) == set(TAKE_DOWNS)


def test_showing_it_again_and_undoing_that(mark: Browser, cast: Cast) -> None:
    """One key each; after the undo the same post is in the same hands, hidden again."""
    post = mark.hidden("post")
    mark.review("approve", colour="yes")
    assert "It is shown again" in mark.page and claims_open(cast.campaign) == 0
    mark.post(f"{DESK}review/undo", decided=mark.hidden("decided"))
    assert mark.hidden("post") == post and "Hidden from everybody until you decide." in mark.page


def test_taking_it_down_and_undoing_that(mark: Browser, cast: Cast) -> None:
    """With a reason only; until it is erased one key brings it back before a person."""
    post = Post.objects.get(pk=mark.hidden("post"))
    mark.review("take-down", reason="because")
    assert mark.status == 400 and mark.hidden("post") == post.pk and "Take it down for good" in mark.page
    mark.review("take-down", reason="claim-pictured")
    assert "erased in ten minutes" in mark.page and "taken down for good" in mark.page
    assert standing(post).kind == "withdraw"  # type: ignore[union-attr]
    mark.post(f"{DESK}review/undo", decided=mark.hidden("decided"))
    assert mark.hidden("post") == post.pk and standing(post).kind == "approve"  # type: ignore[union-attr]


def test_an_unclaimed_post_cannot_be_taken_down_for_good(cast: Cast) -> None:
    """The form's address alone is no power: ordinary reviews keep their appeal term."""
    cast.supporter.decided(b"refer")
    mark = signed_in(cast.moderator).get(f"{DESK}review")
    mark.review("take-down", reason="claim-pictured")
    assert mark.status == 400 and not Post.objects.filter(decisions__kind="withdraw").exists()


def test_the_post_by_its_number_says_that_a_claim_hides_it(mark: Browser, cast: Cast) -> None:
    """Nobody wonders why an approved post is nowhere to be seen."""
    position = Claim.objects.get().post.entries.get(kind="post").position
    assert "Hidden by a claim." in mark.get(f"{DESK}posts?number={position}").page
