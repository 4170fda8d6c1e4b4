"""For newspapers: the quiet tick of the form, and the desk's page for organisers alone."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.desk_rig import DESK, signed_in
from tests.web.door_visits import SELFIE, visitor, work
from wearemany.moderation.services import post_withdraw
from wearemany.photos.models import Post, Rendition
from wearemany.photos.orders import PostChange
from wearemany.photos.services import post_amend
from wearemany.wall.log import append_pending
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_the_form_asks_quietly_and_the_keep_page_takes_it_back(client: Client, cast: Cast) -> None:
    """Behind details, never ticked, kept through a complaint; on the keep-page it is told, unticked and gone."""
    her = visitor(client, cast)
    page = client.get(her.path).content.decode()
    box = page[page.index('value="press"') :].split(">")[0]
    assert "checked" not in box
    again = her.posts(SELFIE, consent="press", tick=["show"]).content.decode()
    assert "checked" in again[again.index('value="press"') :].split(">")[0]
    her.posts(SELFIE, consent="press")
    work()
    assert "We keep a larger copy for them." in her.keeps().content.decode()
    assert Rendition.objects.filter(size="press").count() == 1
    saved = her.keeps("add", consents="shown", caption="").content.decode()
    work()
    assert "We keep a larger copy for them." not in saved
    assert not Rendition.objects.filter(size="press").exists()


def test_where_pictures_stay_here_the_form_does_not_ask(client: Client, cast: Cast) -> None:
    """A dangerous campaign has no such tick, and a forged one is refused with a sentence."""
    cast.campaign_with(preset="dangerous", handle="dangerous")
    her = visitor(client, cast, handle="dangerous")
    assert 'value="press"' not in client.get(her.path).content.decode()
    answer = her.posts(SELFIE, cover="everybody", consent="press")
    assert answer.status_code == 400 and "pictures stay on this wall" in answer.content.decode()
    assert not Post.objects.exists()


@pytest.fixture
def printed(cast: Cast) -> Post:
    """A post on the wall whose author agreed to be printed, beside one whose author did not."""
    post = cast.supporter.decided(consents=("press",), name="Anna")
    cast.stranger.decided(b"another selfie", caption="not for print")
    run_until_idle((append_pending,))
    return post


def test_organisers_find_words_credit_and_the_large_picture(cast: Cast, printed: Post) -> None:
    """What its author agreed to and nothing else; the file's name says only which post it is."""
    desk = signed_in(cast.organiser).get(f"{DESK}press")
    number = printed.entries.get().position
    for words in ("Мы не равнодушны", "Credit:", "Anna", "2,560"):
        assert words in desk.page
    assert "not for print" not in desk.page and desk.page.count("<img") == 1
    answer = desk.client.get(f"{DESK}press/{number}/1")
    assert (
        answer.content.startswith(b"rendition press jpeg") and answer.headers["Cache-Control"] == "no-store"
    )
    assert answer.headers["Content-Disposition"] == f'attachment; filename="we-are-many-{number}-1.jpg"'


def test_moderators_and_strangers_do_not_and_no_public_address_does(cast: Cast, printed: Post) -> None:
    """Only organisers are let in; the desk's own pictures and the public ones do not open it by name either."""
    number = printed.entries.get().position
    assert signed_in(cast.moderator).get(f"{DESK}press").status == 403
    assert signed_in(cast.moderator).get(f"{DESK}press/{number}/1").status == 403
    assert Client().get(f"{DESK}press/{number}/1").status_code == 303
    name = Rendition.objects.get(size="press").name
    assert signed_in(cast.organiser).get(f"{DESK}picture/{name}.jpg").status == 404


def test_who_takes_it_back_is_not_in_the_list_any_more(cast: Cast, printed: Post) -> None:
    """The consent or the whole post: list and download know nothing of it from then on."""
    number = printed.entries.get().position
    desk = signed_in(cast.organiser)
    post_amend(post=printed, change=PostChange(consents=()))
    assert "Nobody has agreed" in desk.get(f"{DESK}press").page
    assert desk.get(f"{DESK}press/{number}/1").status == 404
    post_amend(post=printed, change=PostChange(consents=("press",)))
    assert "Anna" in desk.get(f"{DESK}press").page
    post_withdraw(post=printed)
    assert "Nobody has agreed" in desk.get(f"{DESK}press").page
    assert desk.get(f"{DESK}press/{number}/1").status == 404


def test_where_pictures_stay_here_the_page_says_so(cast: Cast) -> None:
    """A dangerous campaign's organisers read why there is nothing."""
    cast.campaign_with(preset="dangerous", handle="dangerous")
    assert "newspapers get none" in signed_in(cast.organiser).get("/desk/dangerous/press").page
