"""No code, and forgetting: what the pages say and show, and above all what they do not."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.door_visits import SELFIE, Visitor, visitor, work
from tests.web.html import Reading, foreign
from wearemany.photos.models import Post
from wearemany.photos.ownership import codes_forget_pending
from wearemany.photos.readiness import CODE_WORKS_STILL
from wearemany.wall.queries import PostState, post_state
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def shown(answer) -> str:
    """Return the words that somebody who looks at the page can read; hidden fields are not among them."""
    page = answer.content.decode()
    reading = Reading(page)
    assert reading.faults == [] and foreign(reading, allowed=("about:blank",)) == []
    return " ".join(" ".join(reading.words).split())


def later(cast: Cast) -> None:
    """Let the quarter of an hour pass, and the worker do its work."""
    cast.house.clock.advance(CODE_WORKS_STILL.total_seconds() + 1)
    run_until_idle((codes_forget_pending,))


@pytest.fixture
def her(client: Client, cast: Cast) -> Visitor:
    """Somebody with the posting form open."""
    return visitor(client, cast)


def test_the_form_offers_it_quietly_and_never_ticked(client: Client, her: Visitor) -> None:
    """Behind details; what it means is said there; a complaint about something else keeps the tick."""
    page = client.get(her.path).content.decode()
    box = page[page.index('name="no-code"') :].split(">")[0]
    assert "checked" not in box and "I want no code" in page
    again = her.posts(SELFIE, **{"no-code": "yes", "tick": ["show"]}).content.decode()
    assert "checked" in again[again.index('name="no-code"') :].split(">")[0]


def test_the_answer_shows_no_code_and_works_while_it_is_open(her: Visitor, cast: Cast) -> None:
    """Seen, confirmed, on the wall, by the forms of the page alone; the code is in no word that can be read."""
    answer = her.posts(SELFIE, **{"no-code": "yes", "cover": "everybody"})
    words = shown(answer)
    assert (
        her.code not in words
        and "Show my secret code" not in words
        and "data-secret" not in answer.content.decode()
    )
    assert "please keep this page open" in words and "erased after two weeks" in words
    work()
    assert her.code not in shown(her.keeps())
    words = shown(her.keeps("confirm"))
    assert her.code not in words and "A quarter of an hour from now" in words
    work()
    assert "Your post is on the wall" in shown(her.keeps())
    later(cast)
    assert post_state(Post.objects.get()) == PostState.ON_WALL
    gone = her.keeps("add", caption="too late")
    assert gone.status_code == 404 and her.code not in gone.content.decode()
    assert "its code was forgotten" in shown(gone)


def test_with_nothing_to_confirm_it_says_so_at_once(her: Visitor, cast: Cast) -> None:
    """Nothing covered: received, checked, and the page may be closed."""
    assert "please keep this page open" in shown(her.posts(SELFIE, **{"no-code": "yes"}))
    work()
    assert "You can close it." in shown(her.keeps())
    assert "Forget that this is mine" not in shown(her.keeps())


def test_forgetting_is_one_confirmed_step(her: Visitor, cast: Cast) -> None:
    """Without the tick nothing happens; with it the post stays on the wall and the code opens nothing."""
    her.posts(SELFIE)
    work()
    assert "Forget that this is mine" in shown(her.keeps())
    answer = her.keeps("forget")
    assert answer.status_code == 400 and "you are sure" in shown(answer)
    answer = her.keeps("forget", sure="yes")
    assert answer.status_code == 200 and "nothing here links it to your code" in shown(answer)
    assert her.code not in answer.content.decode()
    assert post_state(Post.objects.get()) == PostState.ON_WALL
    for act in ("", "confirm", "add", "forget", "take-back"):
        assert her.keeps(act, sure="yes").status_code == 404
    assert Post.objects.filter(erased=False).count() == 1


def test_what_waits_for_her_offers_no_forgetting(her: Visitor, cast: Cast) -> None:
    """Before the picture is confirmed there is nobody else who could say that it is right."""
    her.posts(SELFIE, cover="everybody")
    work()
    assert "Forget that this is mine" not in shown(her.keeps())
    answer = her.keeps("forget", sure="yes")
    assert answer.status_code == 400 and "still waits for you" in answer.content.decode()
