"""The keep-page's part about one's own post elsewhere: the card as an answer, the link under the post."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from PIL import Image

from tests.cast import Cast
from tests.darkroom.conftest import encoded, person
from tests.web.desk_rig import signed_in
from tests.web.door_visits import SELFIE, Visitor, visitor, work
from tests.web.html import Reading, foreign
from wearemany.adapters.sealed import seal
from wearemany.moderation.services import decision_make
from wearemany.photos.models import Photo, Post, Rendition
from wearemany.photos.secrets import post_key
from wearemany.wall.queries import entry_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]

LINK = "https://photos.example/p/Abc123/"


def posted(
    client: Client, cast: Cast, *, handle: str = "we-are-many", **changes: object
) -> tuple[Visitor, Post]:
    """Post, let the workers work, and put a real picture where the stand-in darkroom left a mark."""
    her = visitor(client, cast, handle=handle)
    her.posts(SELFIE, **changes)
    work()
    post = Post.objects.get()
    key = post_key(post.pk)
    assert key is not None
    for row in Rendition.objects.filter(size="main", format="webp"):
        cast.house.store.delete(row.blob)
        cast.house.store.put(row.blob, seal(key, encoded(person(), "WEBP")))
    return her, post


def page_of(client: Client, post: Post) -> str:
    """Return the post's public page."""
    entry = entry_of(post)
    assert entry is not None
    return client.get(f"/en/{post.campaign.handle}/post/{entry.position}").content.decode()


@pytest.mark.parametrize(("size", "pixels"), [("post", (1080, 1350)), ("story", (1080, 1920))])
def test_an_author_gets_a_card_that_nobody_keeps(
    client: Client, cast: Cast, size: str, pixels: tuple[int, int]
) -> None:
    """A download under a name that says nothing; no row and no file more than before."""
    her, post = posted(client, cast)
    before = sorted(path for path in cast.house.folder.rglob("*") if path.is_file())
    page = her.keeps().content.decode()
    reading = Reading(page)
    assert not reading.faults and not foreign(reading)
    assert f'name="of" value="{post.photos.get().pk}"' in page and "For a post, 1080 by 1350" in page
    answer = her.keeps("card", of=post.photos.get().pk, size=size)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == pixels
    assert (
        answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    )
    assert answer.headers["Content-Disposition"] == 'attachment; filename="picture.jpg"'
    assert sorted(path for path in cast.house.folder.rglob("*") if path.is_file()) == before


def test_a_card_needs_the_code_and_a_form(client: Client, cast: Cast) -> None:
    """A stranger's code, an address in the browser, a wrong size: never a picture, always a page."""
    her, post = posted(client, cast)
    photo = post.photos.get().pk
    assert client.get("/en/keep/card").headers["Content-Type"].startswith("text/html")
    her.fields["code"], mine = "apple beach cloud dream eagle flame grape", her.code
    assert her.keeps("card", of=photo, size="post").status_code == 404
    assert her.keeps("elsewhere", elsewhere=LINK, show="yes").status_code == 404
    her.fields["code"] = mine
    assert her.keeps("card", of=photo, size="poster").status_code == 400
    assert (
        "There is a card once your picture is ready"
        in her.keeps("card", of="x", size="post").content.decode()
    )


def test_a_post_that_is_not_to_be_seen_has_no_card(client: Client, cast: Cast) -> None:
    """A rejected picture does not leave under the campaign's colours."""
    her, post = posted(client, cast)
    decision_make(post=post, kind="reject", reason="not-own", account=cast.moderator)
    assert "Share it elsewhere too" not in her.keeps().content.decode()
    answer = her.keeps("card", of=post.photos.get().pk, size="post")
    assert answer.headers["Content-Type"].startswith("text/html") and answer.status_code == 400


def test_a_dangerous_campaign_offers_nothing_of_it(client: Client, cast: Cast) -> None:
    """Neither the card nor the field for a link; asked for by hand, both are refused."""
    cast.campaign_with(preset="dangerous", handle="dangerous")
    her, _ = posted(client, cast, handle="dangerous", cover="everybody")
    her.keeps("confirm")
    assert "elsewhere" not in her.keeps().content.decode()
    assert her.keeps("card", of=Photo.objects.get().pk, size="post").status_code == 400
    assert her.keeps("elsewhere", elsewhere=LINK, show="yes").status_code == 400


def test_a_link_is_shown_when_its_author_ticks_that_and_a_person_has_looked(
    client: Client, cast: Cast
) -> None:
    """Host only as words, and nothing of us goes along; the desk reads the whole address as text."""
    her, post = posted(client, cast)
    unticked = her.keeps("elsewhere", elsewhere=LINK)
    assert unticked.status_code == 400 and LINK in unticked.content.decode()
    post.refresh_from_db()
    assert not post.elsewhere and not post.edit
    assert "It waits for that now." in her.keeps("elsewhere", elsewhere=LINK, show="yes").content.decode()
    work()
    assert LINK not in page_of(client, post)
    desk = signed_in(cast.moderator).get("/desk/we-are-many/review")
    assert f'<bdi class="said">{LINK}</bdi>' in desk.page and f'href="{LINK}"' not in desk.page
    decision_make(post=post, kind="approve", account=cast.moderator)
    shown = page_of(client, post)
    assert (
        f'<a href="{LINK}" rel="noopener noreferrer nofollow ugc external"><bdi>photos.example</bdi>' in shown
    )
    her.keeps("elsewhere", elsewhere="")
    assert LINK not in page_of(client, post)


def test_a_wrong_link_comes_back_as_it_was_typed(client: Client, cast: Cast) -> None:
    """With a sentence at its field; nothing is lost."""
    her, _ = posted(client, cast)
    page = her.keeps("elsewhere", elsewhere="photos.example/<b>", show="yes").content.decode()
    assert "it begins with https://" in page and 'value="photos.example/&lt;b&gt;"' in page
    assert not Reading(page).faults
