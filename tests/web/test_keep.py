"""Keeping: every state in plain words, the covered picture to confirm, more to add, and taking the post back."""

from __future__ import annotations

import logging
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.web.door_visits import SELFIE, Visitor, visitor, work
from tests.web.html import Reading, foreign
from wearemany.moderation.services import decision_make
from wearemany.photos.models import Photo, Post
from wearemany.photos.services import post_by_code
from wearemany.rendering.keep_page import state_mark
from wearemany.wall.queries import PostState, entry_of, post_state

pytestmark = [pytest.mark.database, pytest.mark.django_db]

OTHER_CODE = "abandon ability able about above absent absorb"


def text_of(answer) -> str:
    """Return the page as text."""
    return answer.content.decode()


def posted(client: Client, cast: Cast, content: bytes = SELFIE, **changes: object) -> Visitor:
    """Post, and let the workers do what they have to."""
    her = visitor(client, cast)
    assert her.posts(content, **changes).status_code == 200
    work()
    return her


def the_post() -> Post:
    """Return the only post."""
    return Post.objects.get()


def test_every_state_has_plain_words(client: Client, cast: Cast) -> None:
    """From the arrival to the wall: the page says where the post stands, and links to it once it is public."""
    her = visitor(client, cast)
    assert "Your photo has arrived" in text_of(her.posts(SELFIE))
    work()
    page = text_of(her.keeps())
    entry = entry_of(the_post())
    assert entry is not None
    assert "Your post is on the wall" in page
    assert f'href="/en/we-are-many/post/{entry.position}"' in page


def test_the_page_of_a_post_that_waits_asks_the_database_nothing_twice(client: Client, cast: Cast) -> None:
    """Every post of a flood is answered with it, so that each question counts."""
    her = visitor(client, cast)
    her.posts(SELFIE)
    with CaptureQueriesContext(connection) as captured:
        her.keeps()
    asked = [query["sql"] for query in captured.captured_queries if query["sql"].startswith("SELECT")]
    assert len(asked) < 18 and len(set(asked)) == len(asked)


def test_a_doubtful_post_waits_for_a_person_and_hears_how_many_wait(client: Client, cast: Cast) -> None:
    """Honest waiting: why, and how many are before a person; no promise of a time."""
    page = text_of(posted(client, cast, b"refer").keeps())
    assert "A person will look" in page
    assert "1 post waits for a person now" in page
    assert "not sure of the colour" in page


@pytest.mark.parametrize("preset", ["careful", "dangerous"])
def test_where_releases_are_mixed_nobody_reads_off_who_comes_when(
    client: Client, cast: Cast, preset: str
) -> None:
    """Somebody who keeps a post of their own waiting sees no number, and no change, when another post arrives."""
    campaign = cast.campaign_with(preset=preset, handle="others")
    mine = cast.somebody(campaign)
    mine.decided(cover="everybody")
    code = {"code": mine.code}
    before, mark = text_of(client.post("/en/keep", code)), state_mark(post_by_code(mine.code))
    assert "A person will look" in before and "people of the team look when they can" in before
    assert "1 post waits" not in before
    cast.somebody(campaign).decided(b"another in red", cover="everybody")
    assert text_of(client.post("/en/keep", code)) == before
    assert state_mark(post_by_code(mine.code)) == mark
    assert client.post("/en/keep/state", {**code, "mark": mark}).json()["html"] == ""


def test_a_cover_is_seen_before_it_is_public(client: Client, cast: Cast) -> None:
    """Where a cover was asked, the picture is in the page, and nothing goes on before its author says so."""
    her = posted(client, cast, cover="everybody")
    page = text_of(her.keeps())
    assert post_state(the_post()) == PostState.CONFIRM
    assert "This is right" in page and "data:image/jpeg;base64," in page
    answer = her.keeps("confirm")
    assert answer.status_code == 200
    assert her.keeps("confirm").status_code == 200
    work()
    assert post_state(the_post()) == PostState.ON_WALL


def test_what_we_saw_is_outlined_and_said(client: Client, cast: Cast) -> None:
    """The clothing is outlined, and the same is complete in words: colour, how it counts, faces."""
    page = text_of(posted(client, cast).keeps())
    assert '<polygon class="outline__over" points="20.00,50.00 80.00,50.00 50.00,90.00"/>' in page
    assert "looks red to us" in page and "counts among those in red" in page
    assert "We found 1 face; it is visible." in page and "Please look for yourself" in page


COUNTS = {
    ("en", b"a selfie"): "counts among those in red",
    ("en", b"refer"): "a person says whether it counts among those in red",
    ("en", b"refuse"): "does not count among those in red",
    ("ru", b"a selfie"): "среди тех, кто в красном",
    ("ru", b"refer"): "среди тех, кто в красном, скажет человек",
    ("ru", b"refuse"): "кто в красном, оно не засчитано",
}
LOOKS = {"en": "looks red to us", "ru": "кажется нам красной"}


@pytest.mark.parametrize(("language", "content"), COUNTS)
def test_outline_colour_and_consequence_are_there_whatever_we_saw(
    client: Client, cast: Cast, language: str, content: bytes
) -> None:
    """Sure, unsure or otherwise: the outline is drawn, the colour named, and said how it counts, in both languages."""
    her = visitor(client, cast, language=language)
    assert her.posts(content).status_code == 200
    work()
    page = text_of(her.keeps())
    assert '<polygon class="outline__over"' in page
    assert LOOKS[language] in page and COUNTS[language, content] in page


@pytest.mark.parametrize("content", [b"refuse", b"refer"])
def test_nobody_reads_that_a_machine_turned_them_away(client: Client, cast: Cast, content: bytes) -> None:
    """The words of the code base stay out of sight, whatever the machine thought."""
    page = text_of(posted(client, cast, content).keeps()).lower()
    assert "welcome" in page
    for word in ("refuse", "verdict", "reject", "rendition", "development", "keep-code", "moderat"):
        assert word not in re.sub(r"<[^>]*>", " ", page)


def test_the_picture_never_gets_an_address_here(client: Client, cast: Cast) -> None:
    """Before release a picture's address is nobody's: the page carries the picture itself."""
    page = text_of(posted(client, cast, cover="everybody").keeps())
    assert "/r/" not in page and "data:image/jpeg" in page


@pytest.mark.parametrize("fields", [{"box": ["0.1,0.1,0.3,0.4"]}, {"cell": ["0.0", "0.1", "1.0", "1.1"]}])
def test_more_can_be_covered_with_and_without_scripts(
    client: Client, cast: Cast, fields: dict[str, object]
) -> None:
    """Drawn boxes and ticked squares both end as covers that the darkroom lays on."""
    her = posted(client, cast, cover="everybody")
    answer = her.keeps("cover", of=Photo.objects.get().pk, **fields)
    assert answer.status_code == 200 and "We are covering that now" in text_of(answer)
    assert len(Photo.objects.get().drawn) == 1
    work()
    assert post_state(the_post()) == PostState.CONFIRM


@pytest.mark.parametrize("boxes", [[], ["nonsense"], ["0.5,0.5,0.5,0.5"], ["nan,0,1,1"], ["0,0,9,9"]])
def test_covers_that_are_none_get_a_sentence(client: Client, cast: Cast, boxes: list[str]) -> None:
    """Nothing drawn, or nothing that could be: the page says what to do."""
    her = posted(client, cast, cover="everybody")
    answer = her.keeps("cover", of=Photo.objects.get().pk, box=boxes)
    assert answer.status_code == 400 and "Please draw" in text_of(answer)


def test_another_posts_photo_cannot_be_covered_or_dropped(client: Client, cast: Cast) -> None:
    """A code opens its own post only."""
    other = Photo.objects.get(post=cast.stranger.posted())
    her = visitor(client, cast)
    her.posts(SELFIE)
    for answer in (
        her.keeps("cover", of=other.pk, box="0.1,0.1,0.3,0.4"),
        her.keeps("photo", of=other.pk, do="drop"),
        her.keeps("photo", b"mine", of=other.pk),
    ):
        assert answer.status_code == 400 and "not part of the post" in text_of(answer)
    other.refresh_from_db()
    assert other.drawn == []


def test_the_picture_can_be_seen_in_its_public_size(client: Client, cast: Cast) -> None:
    """What is small in a small copy must be seen before it is public; only one's own, and kept by nobody."""
    her = posted(client, cast, cover="everybody")
    answer = her.keeps("picture", of=Photo.objects.get().pk)
    assert (
        answer.content.startswith(b"rendition main jpeg") and answer.headers["Content-Type"] == "image/jpeg"
    )
    assert answer.headers["Cache-Control"] == "no-store"
    other = Photo.objects.get(post=cast.stranger.posted())
    assert her.keeps("picture", of=other.pk).headers["Content-Type"].startswith("text/html")


def test_the_picture_is_in_the_page_once(client: Client, cast: Cast) -> None:
    """It is by far the heaviest part, and lines are bad."""
    assert text_of(posted(client, cast, cover="everybody").keeps()).count("data:image/") == 1


def test_a_photo_that_could_not_be_used_is_sent_anew(client: Client, cast: Cast) -> None:
    """A truncated or foreign file: the sentence of what to do, and a place for another photo, here."""
    her = posted(client, cast, b"broken")
    page = text_of(her.keeps())
    assert "damaged or did not arrive completely" in page and "Choose another photo" in page
    assert "Go on without it" not in page
    answer = her.keeps("photo", SELFIE, of=Photo.objects.get().pk)
    assert answer.status_code == 200 and "The new photo has arrived" in text_of(answer)
    work()
    assert post_state(the_post()) == PostState.ON_WALL


def test_a_refusals_figures_are_filled_in(client: Client, cast: Cast) -> None:
    """Sentences with numbers in them arrive whole."""
    assert "smaller than 50 megapixels" in text_of(posted(client, cast, b"huge").keeps())


def test_one_bad_photo_of_two_can_be_left_out(client: Client, cast: Cast) -> None:
    """The rest of the post goes on without it."""
    her = visitor(client, cast)
    her.posts(SELFIE, b"broken")
    work()
    bad = Photo.objects.exclude(refused_code="").get()
    assert her.keeps("photo", of=bad.pk, do="drop").status_code == 200
    work()
    assert post_state(the_post()) == PostState.ON_WALL


def test_words_and_consents_are_added_afterwards(client: Client, cast: Cast) -> None:
    """Caption, name, language, people, description, and each consent on its own; none is ticked before."""
    her = visitor(client, cast)
    page = text_of(her.posts(SELFIE))
    assert " checked>" not in page
    answer = her.keeps(
        "add",
        caption="Мы <b>не</b> равнодушны",
        name="Аня",
        language="ru",
        people="2",
        alt="Я в красном шарфе",
        consents="shown",
        consent=["press"],
    )
    assert answer.status_code == 200 and "Saved." in text_of(answer)
    post = the_post()
    assert (post.caption, post.name, post.language, post.people) == (
        "Мы <b>не</b> равнодушны",
        "Аня",
        "ru",
        2,
    )
    assert post.photos.get().alt == "Я в красном шарфе"
    assert set(post.consents.values_list("kind", flat=True)) == {"wall", "press"}
    page = text_of(her.keeps())
    assert "Мы &lt;b&gt;не" in page and "<b>не" not in page
    her.keeps("add", caption="", consents="shown")
    assert set(the_post().consents.values_list("kind", flat=True)) == {"wall"}


def test_nobody_is_asked_to_agree_to_what_nothing_here_does(client: Client, cast: Cast) -> None:
    """Only who agreed to it elsewhere, on paper say, is shown the box, so as to untick it."""
    her = visitor(client, cast)
    page = text_of(her.posts(SELFIE))
    assert 'value="press"' in page and 'value="fediverse"' not in page and 'value="mosaic"' not in page
    her.keeps("add", consents="shown", consent=["press", "fediverse"])
    assert 'value="fediverse" checked' in text_of(her.keeps())
    her.keeps("add", consents="shown", consent=["press"])
    assert 'value="fediverse"' not in text_of(her.keeps())


def test_a_dangerous_campaign_offers_no_further_consents(client: Client, cast: Cast) -> None:
    """Where pictures are to stay here, nobody is asked to let them out, and a made-up request lets none out."""
    cast.campaign_with(preset="dangerous", handle="in-danger")
    her = visitor(client, cast, handle="in-danger")
    page = text_of(her.posts(SELFIE, cover="everybody"))
    assert 'name="consent"' not in page
    her.keeps("add", consents="shown", consent=["press", "fediverse"])
    assert set(the_post().consents.values_list("kind", flat=True)) == {"wall"}


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        ({"caption": "а" * 10_000}, "caption"),
        ({"name": "n" * 300}, "name"),
        ({"alt": "a" * 4000}, "alt"),
        ({"people": "0"}, "people"),
        ({"people": "many"}, "people"),
        ({"people": "9" * 400}, "people"),
        ({"language": "<script>"}, "language"),
    ],
)
def test_words_that_do_not_fit_stay_in_the_form(
    client: Client, cast: Cast, fields: dict[str, str], step: str
) -> None:
    """The sentence is by the field, what was typed is still there, and nothing was saved by half."""
    her = visitor(client, cast)
    her.posts(SELFIE)
    answer = her.keeps("add", **{"caption": "typed with care", **fields})
    page = text_of(answer)
    assert answer.status_code == 400
    assert 'role="alert"' in page and f'href="#{step}-0"' in page and f'id="{step}-0"' in page
    assert fields.get("caption", "typed with care") in page
    assert the_post().caption == ""


def test_taking_back_is_one_confirmed_step(client: Client, cast: Cast) -> None:
    """Without the tick nothing happens; with it the post, its words and its code are gone."""
    her = posted(client, cast)
    answer = her.keeps("take-back")
    assert answer.status_code == 400 and "you are sure" in text_of(answer)
    assert post_state(the_post()) == PostState.ON_WALL
    answer = her.keeps("take-back", sure="yes")
    assert answer.status_code == 200 and "Taken back" in text_of(answer)
    assert post_state(the_post()) == PostState.WITHDRAWN
    for act in ("", "confirm", "add", "cover", "photo", "take-back"):
        assert her.keeps(act).status_code == 404


def test_a_post_that_a_person_kept_off_the_wall_hears_why(client: Client, cast: Cast) -> None:
    """The reason as a sentence, and what can be done; nothing of who decided."""
    her = posted(client, cast, b"refer")
    decision_make(post=the_post(), kind="reject", reason="not-agreed", account=cast.moderator)
    page = text_of(her.keeps())
    assert "It seems that not everybody in the picture agreed" in page
    assert "Post another photo" in page and cast.moderator.name not in page
    assert "Say more, if you like" not in page


@pytest.mark.parametrize(
    "code", [OTHER_CODE, "three words only", "", "x" * 9000, "<script>alert(1)</script>"]
)
def test_a_wrong_code_gets_the_form_again(client: Client, cast: Cast, code: str) -> None:
    """What was typed stays there to be mended, and every act answers alike."""
    her = posted(client, cast)
    her.fields["code"] = code
    for act in ("", "confirm", "add", "cover", "photo", "picture", "take-back", "state"):
        answer = her.keeps(act)
        assert answer.status_code == 404
        assert "<script>alert" not in text_of(answer)
    assert Post.objects.filter(erased=False).count() == 1


def test_codes_are_read_as_people_write_them(client: Client, cast: Cast) -> None:
    """Capital letters, hyphens, line breaks do not matter."""
    her = posted(client, cast)
    her.fields["code"] = her.code.upper().replace(" ", "-\n")
    assert her.keeps().status_code == 200


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("act", ["", "confirm", "add", "cover", "photo", "take-back"])
@pytest.mark.threat("B")
def test_keep_pages_are_neutral_and_kept_by_nobody(
    client: Client, cast: Cast, language: str, act: str
) -> None:
    """Title, icon and colour say nothing of a campaign; no cache, no referrer; a way to leave at once."""
    answer = client.get(f"/{language}/keep{'/' + act if act else ''}")
    page = text_of(answer)
    assert answer.status_code == 200
    assert (
        answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    )
    assert "plain." in page and "icon." not in page and "data-colour" not in page
    assert 'href="about:blank"' in page
    assert "we-are-many" not in page


@pytest.mark.parametrize("content", [SELFIE, b"refer", b"broken", b"two"])
def test_every_state_is_a_strict_page(client: Client, cast: Cast, content: bytes) -> None:
    """Well-formed, every field labelled, nothing inline, nothing from elsewhere: received, then as it went on."""
    her = visitor(client, cast)
    pages = [text_of(her.posts(content, b"another", cover="everybody"))]
    work()
    pages += [text_of(her.keeps()), text_of(her.keeps("confirm")), text_of(her.keeps("take-back"))]
    work()
    pages += [
        text_of(her.keeps()),
        text_of(her.keeps("add", caption="x" * 2000)),
        text_of(client.get("/en/keep")),
    ]
    for page in pages:
        reading = Reading(page)
        assert reading.faults == []
        assert foreign(reading, allowed=("about:blank",)) == []


def test_a_script_asks_whether_anything_changed(client: Client, cast: Cast) -> None:
    """The same mark again costs nothing; another one brings the part of the page that changed."""
    her = visitor(client, cast)
    her.posts(SELFIE)
    first = her.keeps("state", mark="").json()
    assert "Your photo has arrived" in first["html"]
    assert her.keeps("state", mark=first["mark"]).json() == {"mark": first["mark"], "html": ""}
    work()
    second = her.keeps("state", mark=first["mark"]).json()
    assert second["mark"] != first["mark"] and "on the wall" in second["html"]
    assert client.get("/en/keep/state").status_code == 405


@pytest.mark.threat("B", "D")
def test_no_code_is_ever_logged(client: Client, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    """Right or wrong, used or refused: the words are in no line of the log."""
    with caplog.at_level(logging.DEBUG):
        her = posted(client, cast)
        her.keeps("add", caption="x" * 5000)
        her.keeps("take-back", sure="yes")
        her.keeps()
        her.fields["code"] = OTHER_CODE
        her.keeps()
    # The database's own debug lines hold digests; a code in clear would show in any line.
    for code in (her.code, OTHER_CODE):
        assert code not in caplog.text


def test_a_known_second_of_posting_is_in_no_page(client: Client, cast: Cast) -> None:
    """The page tells no time of day."""
    her = posted(client, cast)
    assert "12:34" not in text_of(her.keeps()) and "34:56" not in text_of(her.keeps())
