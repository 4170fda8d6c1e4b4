"""A mistyped code at the keep-page: mended where it can be, a plain question where not, one guess for the brake."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.door_visits import SELFIE, Visitor, visitor
from tests.web.html import Reading
from wearemany.photos.guesses import Brake
from wearemany.photos.models import Post
from wearemany.web.keep_ask import brake

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOBODYS = "abandon ability able about above absent absorb"


@pytest.fixture
def her(client: Client, cast: Cast) -> Visitor:
    """Somebody who has posted and comes back."""
    visit = visitor(client, cast)
    assert visit.posts(SELFIE).status_code == 200
    return visit


def asked(her: Visitor, text: str, **fields: str):
    """Type a text where the code is asked for."""
    return her.sends("/en/keep", {"code": text, **fields})


def test_a_slip_opens_the_post_and_shows_the_code_as_it_is(her: Visitor) -> None:
    """One letter left out: the post opens, says so, and every form on the page carries the right code."""
    words = her.code.split()
    words[2] = words[2][:-2] + words[2][-1]
    answer = asked(her, " ".join(words))
    page = answer.content.decode()
    assert answer.status_code == 200 and "A word was not quite right" in page
    assert f'data-code="{her.code}"' in page and f'name="code" value="{her.code}"' in page
    assert "A word was not quite right" not in asked(her, her.code).content.decode()


def test_first_letters_are_enough(her: Visitor) -> None:
    """Four letters of each word open the post."""
    assert asked(her, "-".join(word[:4] for word in her.code.split())).status_code == 200


def test_a_strange_word_is_named_and_others_are_offered(her: Visitor) -> None:
    """The page says which word it does not know, whether or not there is such a post; a choice replaces it."""
    words = her.code.split()
    right, words[3] = words[3], "qqqqqqqq"
    pages = []
    for code in (" ".join(words), NOBODYS.replace("about", "qqqqqqqq")):
        answer = asked(her, code)
        page = answer.content.decode()
        assert answer.status_code == 404
        assert Reading(page).faults == []
        assert "Word 4, <bdi>“qqqqqqqq”</bdi>, is none of ours" in page and "Word 3" not in page
        pages.append(page.replace(code, ""))
    assert pages[0] == pages[1]
    answer = asked(her, " ".join(words), **{"instead-4": right})
    assert answer.status_code == 200 and f'data-code="{her.code}"' in answer.content.decode()


def test_a_choice_that_is_no_help_changes_nothing(her: Visitor) -> None:
    """Another wrong word chosen, or something odd sent: the form again, with what was typed and chosen."""
    words = her.code.split()
    words[3] = "qqqqqqqq"
    answer = asked(her, " ".join(words), **{"instead-4": "<b>zzzzzz", "instead-9": "x"})
    assert answer.status_code == 404 and "<b>" not in answer.content.decode()


@pytest.mark.parametrize(
    "text", [NOBODYS, "abandn ablity abel abuot abve absnt asborb", "qqqqqq " * 7, "seven"]
)
def test_one_try_is_one_guess_however_many_codes_it_stands_for(her: Visitor, text: str) -> None:
    """The brake counts requests, and a request tries at most a bounded number of codes."""
    counted: list[float] = []

    class Counting(Brake):
        def delay_s(self) -> float:
            counted.append(super().delay_s())
            return 0.0

    before = brake.wrong
    brake.wrong = Counting().wrong  # type: ignore[method-assign]
    try:
        assert asked(her, text).status_code == 404
    finally:
        brake.wrong = before  # type: ignore[method-assign]
    assert len(counted) == 1


def test_a_mended_code_opens_its_own_post_only(her: Visitor, cast: Cast) -> None:
    """Nobody else's post is ever near: another author's code, mistyped, opens that author's."""
    other = visitor(Client(), cast)
    other.posts(b"another in red")
    assert Post.objects.filter(erased=False).count() == 2
    words = other.code.split()
    words[0] += words[0][-1]
    assert f'data-code="{other.code}"' in asked(her, " ".join(words)).content.decode()


def test_acts_take_only_the_code_as_it_is(her: Visitor) -> None:
    """The forms of the page carry the right code, so a slip there is a stranger's."""
    words = her.code.split()
    words[2] = words[2][:-2] + words[2][-1]
    answer = her.sends("/en/keep/take-back", {"code": " ".join(words), "sure": "yes"})
    assert answer.status_code == 404
    assert Post.objects.filter(erased=False).count() == 1


def test_the_form_says_what_a_code_is_good_for(client: Client) -> None:
    """Before anything is typed: what can be done with it, and what if it is lost."""
    page = client.get("/en/keep").content.decode()
    assert "What can I do with my code?" in page and "I have lost my code" in page
