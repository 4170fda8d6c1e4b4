"""Posting: what the form asks, what it takes, and that bad input gets a sentence and loses nothing."""

from __future__ import annotations

import gzip
import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.codes import holds_code
from tests.web.door_visits import SELFIE, visitor
from tests.web.html import Reading, foreign
from wearemany.campaigns.services import campaign_close, campaign_pause
from wearemany.photos.keepcode import WORDS
from wearemany.photos.models import Photo, Post, Upload
from wearemany.web import assets

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOTICE = {"en": "Until spring.", "ru": "До весны."}


def text_of(answer) -> str:
    """Return the page as text."""
    return answer.content.decode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_form_asks_three_things_and_preselects_nothing(client: Client, cast: Cast, language: str) -> None:
    """Photo, cover choice, two ticks; nothing is chosen for anybody."""
    page = text_of(client.get(f"/{language}/we-are-many/join"))
    assert page.count('class="step ') == 3
    assert page.count('type="radio"') == 3
    assert " checked" not in page
    assert 'accept="image/*,.heic,.heif"' in page
    assert "capture" not in page


def test_a_dangerous_campaign_covers_everybody(client: Client, cast: Cast) -> None:
    """There the only choice is made already, and no other can be sent."""
    cast.campaign_with(preset="dangerous", handle="in-danger")
    page = text_of(client.get("/en/in-danger/join"))
    assert re.findall(r'type="radio" name="cover" value="(\w+)" required( checked)?', page) == [
        ("everybody", " checked")
    ]
    answer = visitor(client, cast, handle="in-danger").posts(SELFIE, cover="nobody")
    assert answer.status_code == 400 and "every face is covered" in text_of(answer)


def test_before_the_shutter_people_read_what_happens(client: Client, cast: Cast) -> None:
    """Who runs this, what is kept, who sees it, seizure, copies: all above the first step."""
    page = text_of(client.get("/en/we-are-many/join"))
    before = page[: page.index("<form")]
    for words in ("Run by", "We keep", "on the wall", "If the server is seized", "cannot be called back"):
        assert words in before


def test_the_page_weighs_at_most_30_kb(client: Client, cast: Cast) -> None:
    """Everything as it is sent, packed: a phone on a slow line has it in a few seconds."""
    for language in ("en", "ru"):
        page = client.get(f"/{language}/we-are-many/join", headers={"accept-encoding": "gzip"}).content
        table = assets.table()
        text = gzip.decompress(page).decode()
        named = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))"', text))
        assert len(named) >= 4
        packed = [len(gzip.compress(table[path][0])) for path in named]
        assert len(page) + sum(packed) <= 25_000, "with some 250 bytes of head for each, 30 kB in all"


def test_a_post_answers_with_its_keep_page(client: Client, cast: Cast) -> None:
    """One answer, no redirect: the code in it, kept by nobody, sending no referrer, neutral in title."""
    her = visitor(client, cast)
    answer = her.posts(SELFIE)
    page = text_of(answer)
    assert answer.status_code == 200
    assert len(her.code.split()) == WORDS and her.code in page
    assert "<title>Notes</title>" in page and "data-colour" not in page
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert Post.objects.get().photos.count() == 1


def test_the_codes_words_are_the_pages_language(client: Client, cast: Cast) -> None:
    """A Russian page gives Russian words."""
    assert re.fullmatch(r"[а-я]+( [а-я]+){6}", visitor(client, cast, language="ru").code)
    assert re.fullmatch(r"[a-z]+( [a-z]+){6}", visitor(client, cast, language="en").code)


def test_the_same_form_twice_is_one_post(client: Client, cast: Cast) -> None:
    """A double press, and a second try after the answer was lost, lead to the same page; the spare bytes go."""
    her = visitor(client, cast)
    first, second = her.posts(SELFIE), her.posts(SELFIE)
    assert (first.status_code, second.status_code) == (200, 200)
    assert her.code in text_of(second)
    assert (Post.objects.count(), Photo.objects.count(), Upload.objects.count()) == (1, 1, 1)


def test_a_lost_answer_is_found_again_even_when_the_campaign_has_closed(client: Client, cast: Cast) -> None:
    """What was taken stays taken: its author still gets the code's page."""
    her = visitor(client, cast)
    her.posts(SELFIE)
    campaign_close(campaign=cast.campaign, notice=NOTICE)
    assert her.posts(SELFIE).status_code == 200


@pytest.mark.parametrize(
    ("changes", "files", "step", "words"),
    [
        ({}, 0, "photo", "There is no photo yet"),
        ({"cover": None}, 1, "cover", "choose whose face"),
        ({"cover": "me"}, 1, "cover", "choose whose face"),
        ({"tick": None}, 1, "ticks", "tick both boxes"),
        ({"tick": "show"}, 1, "ticks", "tick both boxes"),
        ({}, 5, "photo", "up to 4 photos"),
    ],
)
def test_what_is_missing_is_said_where_it_is_missing(
    client: Client, cast: Cast, changes: dict[str, object], files: int, step: str, words: str
) -> None:
    """The form comes back with the sentence at its step, in focus, the photos and the code kept."""
    her = visitor(client, cast)
    answer = her.posts(*[SELFIE] * files, **changes)
    page = text_of(answer)
    assert answer.status_code == 400
    assert words in page and f'id="{step}-error"' in page
    assert page.count(" autofocus") == 1 and 'aria-invalid="true"' in page
    assert her.code in page and her.fields["form"] in page
    kept = re.findall(r'name="upload" value="([a-z2-7]{26})" checked', page)
    assert len(kept) == files == Upload.objects.count()
    assert not Post.objects.exists()


def test_kept_photos_need_not_be_sent_again(client: Client, cast: Cast) -> None:
    """After a forgotten tick, the form goes through without the bytes; an unticked photo stays out."""
    her = visitor(client, cast)
    page = text_of(her.posts(SELFIE, b"another photo", tick=None))
    kept = re.findall(r'name="upload" value="([a-z2-7]{26})"', page)
    assert her.posts(upload=kept[1:]).status_code == 200
    assert [photo.upload_id for photo in Photo.objects.all()] == kept[1:]


def test_another_forms_photo_cannot_be_claimed(client: Client, cast: Cast) -> None:
    """An upload belongs to the form it was sent from."""
    hers, his = visitor(client, cast), visitor(client, cast)
    page = text_of(hers.posts(SELFIE, tick=None))
    kept = re.findall(r'name="upload" value="([a-z2-7]{26})"', page)
    answer = his.posts(upload=kept)
    assert answer.status_code == 400 and "Please choose it again" in text_of(answer)
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"code": ""},
        {"code": "too few words"},
        {"code": "x" * 5000},
        {"form": "'; drop table post"},
        {"upload": ["../../etc/passwd"] * 50},
        {"cover": "<script>alert(1)</script>"},
        {"tick": ["<script>"] * 40},
    ],
)
def test_odd_fields_get_a_page_and_never_a_failure(
    client: Client, cast: Cast, fields: dict[str, object]
) -> None:
    """Whatever a form is made to send, the answer is a page that shows none of it as markup."""
    answer = visitor(client, cast).posts(SELFIE, **fields)
    assert answer.status_code in (200, 400)
    assert "<script>alert" not in text_of(answer)


def test_an_unknown_campaign_is_answered_kindly(client: Client, cast: Cast) -> None:
    """A page with a sentence, for reading as for posting."""
    for answer in (client.get("/en/nobody/join"), client.post("/en/nobody/join", {})):
        assert answer.status_code == 404 and "There is no campaign" in text_of(answer)


@pytest.mark.parametrize(("change", "words"), [(campaign_pause, "is paused"), (campaign_close, "has ended")])
def test_a_campaign_that_takes_no_posts_says_so(client: Client, cast: Cast, change, words: str) -> None:
    """Also to somebody whose form was open already; nothing of the photo stays."""
    her = visitor(client, cast)
    change(campaign=cast.campaign, notice=NOTICE)
    for answer in (client.get(her.path), her.posts(SELFIE)):
        assert answer.status_code == 409
        assert words in text_of(answer) and "Until spring." in text_of(answer)
    assert not Upload.objects.exists()
    answer = her.sends(f"{her.path}/photo", {"form": her.fields["form"]}, SELFIE)
    assert answer.status_code == 409 and words in answer.json()["error"]["sentence"]


def test_scripts_send_one_photo_at_a_time(client: Client, cast: Cast) -> None:
    """Each photo is received on its own; the form then names them, and asks for JSON to show complaints in place."""
    her = visitor(client, cast)
    answers = [her.sends(f"{her.path}/photo", {"form": her.fields["form"]}, SELFIE) for _ in range(2)]
    uploads = [answer.json()["upload"] for answer in answers]
    told = her.posts(script="application/json", upload=uploads, tick=None)
    assert told.status_code == 400
    assert told.json()["error"]["step"] == "ticks" and "tick both" in told.json()["error"]["sentence"]
    assert her.posts(script="application/json", upload=uploads).json() == {"posted": True}
    assert her.code in text_of(her.posts(upload=uploads))
    assert (Post.objects.count(), Photo.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("form", "files", "words"), [("", 1, "load it again"), ("a" * 26, 0, "Nothing arrived")]
)
def test_a_photo_that_belongs_nowhere_is_not_received(
    client: Client, cast: Cast, form: str, files: int, words: str
) -> None:
    """A script gets the sentence to show; nothing is written."""
    her = visitor(client, cast)
    answer = her.sends(f"{her.path}/photo", {"form": form}, *[SELFIE] * files)
    assert answer.status_code == 400 and words in answer.json()["error"]["sentence"]
    assert not Upload.objects.exists()


def test_a_form_cannot_fill_the_store(client: Client, cast: Cast) -> None:
    """After a dozen photos from one form the next is refused with a sentence."""
    her = visitor(client, cast)
    answers = [her.sends(f"{her.path}/photo", {"form": her.fields["form"]}, SELFIE) for _ in range(13)]
    assert [answer.status_code for answer in answers] == [200] * 12 + [400]
    assert answers[-1].json()["error"]["code"] == "uploads-too-many"


@pytest.mark.parametrize("preset", ["everyday", "careful", "dangerous"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_form_is_a_strict_page(client: Client, cast: Cast, preset: str, language: str) -> None:
    """Well-formed, labelled, nothing inline, nothing from elsewhere; as it comes, and with every complaint."""
    cast.campaign_with(preset=preset, handle="another")
    her = visitor(client, cast, handle="another", language=language)
    pages = [client.get(her.path), her.posts(), her.posts(SELFIE, cover=None), her.posts(SELFIE, tick=None)]
    for page in map(text_of, pages):
        reading = Reading(page)
        assert reading.faults == [] and foreign(reading) == []


@pytest.mark.threat("B")
def test_no_code_is_in_any_address(client: Client, cast: Cast) -> None:
    """Neither the form nor the page after it builds an address out of the code."""
    her = visitor(client, cast)
    for between in ("-", "%20", "+", "_", ""):
        assert holds_code(f"/keep#{her.code.replace(' ', between)}", her.code)
    for page in (text_of(client.get(her.path)), text_of(her.posts(SELFIE))):
        for address in re.findall(r'(?:href|src|action)="([^"]*)"', page):
            assert not holds_code(address, her.code)
