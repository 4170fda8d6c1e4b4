"""A post that came by mail may come without the two ticks; nothing of it is public before its author gives them."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.html import Reading, foreign
from wearemany.errors import Refused
from wearemany.moderation.services import decide_pending
from wearemany.photos.consents import is_agreed
from wearemany.photos.models import Post
from wearemany.photos.orders import BY_MAIL, TICK_WORDS, TICKS, PostChange
from wearemany.photos.services import post_amend, post_confirm
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.wall.queries import PostState, post_state
from wearemany.worker.loop import run_until_idle

pytestmark = pytest.mark.database

BY_LETTER = {"door": BY_MAIL, "cover": "everybody", "language": "en"}


def mailed(cast: Cast, **changes: object) -> Post:
    """Return a developed post that came by mail, without ticks unless changed."""
    post = cast.supporter.posts(**{**BY_LETTER, "ticks": (), **changes})
    run_until_idle((develop_pending, blobs_doom_pending))
    post.refresh_from_db()
    return post


def test_confirming_gives_the_missing_ticks(cast: Cast) -> None:
    """Without both it is refused and nothing changes; with both the consent is kept and the post goes on."""
    post = mailed(cast)
    assert not is_agreed(post) and post_state(post) == PostState.CONFIRM
    for ticks in ((), ("show",), ("agreed", "press")):
        with pytest.raises(Refused) as refused:
            post_confirm(post=post, ticks=ticks)
        assert refused.value.code == "consent-missing"
    post.refresh_from_db()
    assert not post.confirmed and not post.awaits_decision and not is_agreed(post)
    post_confirm(post=post, ticks=TICKS)
    post.refresh_from_db()
    assert post.confirmed and post.awaits_decision and is_agreed(post)
    assert [consent.text_version for consent in post.consents.all()] == [post.terms_version]


def test_ticks_that_came_in_the_letter_are_not_asked_for_again(cast: Cast) -> None:
    """Then the confirmation alone is needed."""
    post = mailed(cast, ticks=TICKS)
    assert is_agreed(post)
    post_confirm(post=post)
    post.refresh_from_db()
    assert post.awaits_decision


def test_agreeing_to_more_is_not_agreeing_to_the_wall(cast: Cast) -> None:
    """Optional consents that are saved before the confirmation leave the two ticks open, and stay when they come."""
    post = mailed(cast)
    post_amend(post=post, change=PostChange(consents=("press", "wall")))
    assert not is_agreed(post)
    post_confirm(post=post, ticks=TICKS)
    assert set(post.consents.values_list("kind", flat=True)) == {"press", "wall"}


@pytest.mark.parametrize("changes", [{"door": ""}, {"door": "elsewhere"}, {"cover": "nobody"}])
def test_no_other_post_comes_without_ticks(cast: Cast, changes: dict[str, str]) -> None:
    """Only a letter whose faces are all covered waits; every other door asks at once."""
    with pytest.raises(Refused) as refused:
        cast.supporter.posts(**{**BY_LETTER, "ticks": (), **changes})
    assert refused.value.code == "consent-missing"


def test_a_letter_goes_to_a_person_however_clear_it_is(cast: Cast) -> None:
    """Even where only doubtful posts are held."""
    post = mailed(cast, ticks=TICKS)
    post_confirm(post=post)
    decide_pending()
    post.refresh_from_db()
    assert post.review.reasons == ["by-mail"]
    assert post_state(post) == PostState.REVIEW


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_keep_page_asks_for_the_ticks_where_it_asks_to_confirm(
    cast: Cast, client: Client, language: str
) -> None:
    """Two boxes, not ticked, in the form of the confirmation; without them a sentence, with them it goes on."""
    post = mailed(cast)
    code = {"code": cast.supporter.code}
    page = client.post(f"/{language}/keep", code).content.decode()
    reading = Reading(page)
    assert reading.faults == [] and foreign(reading) == []
    form = page[page.index("keep/confirm") :].partition("</form>")[0]
    assert form.count('type="checkbox" name="tick"') == 2 and "checked" not in form
    assert client.post(f"/{language}/keep/confirm", code).status_code == 400
    assert client.post(f"/{language}/keep/confirm", {**code, "tick": "show"}).status_code == 400
    post.refresh_from_db()
    assert not post.confirmed
    answer = client.post(f"/{language}/keep/confirm", {**code, "tick": list(TICKS)})
    post.refresh_from_db()
    assert answer.status_code == 200 and post.confirmed


def test_who_ticked_already_is_not_asked_twice(cast: Cast, client: Client) -> None:
    """The form of the confirmation has no boxes then."""
    mailed(cast, ticks=TICKS)
    page = client.post("/en/keep", {"code": cast.supporter.code}).content.decode()
    assert 'name="tick"' not in page


def test_every_door_asks_the_same_two_sentences(cast: Cast, client: Client) -> None:
    """What a letter may say for its author is what the posting page has beside its boxes."""
    page = client.get(f"/en/{cast.campaign.handle}/join").content.decode()
    for sentence in TICK_WORDS.values():
        assert sentence in page


def test_the_door_is_erased_with_the_post(cast: Cast) -> None:
    """By which door somebody came is nobody's business once the post is gone."""
    post = mailed(cast)
    assert post.door == BY_MAIL
    client = Client()
    client.post("/en/keep/take-back", {"code": cast.supporter.code, "sure": "yes"})
    post.refresh_from_db()
    assert post.erased and post.door == ""
