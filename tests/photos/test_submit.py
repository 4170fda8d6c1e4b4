"""Posting: what is asked for, what is refused and how, and what a repetition does."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.db import connection

from tests.cast import Cast
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_close, campaign_pause
from wearemany.errors import Refused
from wearemany.photos.models import Consent, DoomedBlob, Photo, Post, PostKey, Upload
from wearemany.photos.services import (
    form_digest,
    post_by_code,
    post_salt,
    post_submit,
    upload_receive,
    uploads_of_form,
)

pytestmark = pytest.mark.database


def test_a_complete_order_becomes_a_post(cast: Cast) -> None:
    """Everything that was sent is there, its photos are due, and the code finds it."""
    post = cast.supporter.posts(b"one", b"two", alts=("  Я,\n в красном ",), people=3, consents=("press",))
    found = post_by_code("  Amber-birch, CEDAR delta ember frost grove\n")
    assert found == post
    assert (found.caption, found.people, found.language) == ("Мы не равнодушны", 3, "ru")
    assert [(photo.position, photo.alt) for photo in post.photos.all()] == [(0, "Я, в красном"), (1, "")]
    assert all(photo.due_at == clock.now() for photo in post.photos.all())
    assert set(post.consents.values_list("kind", "text_version", "language")) == {
        ("wall", "2026-03", "ru"),
        ("press", "2026-03", "ru"),
    }
    assert len(post_salt(post.pk) or b"") == 32
    assert (post.ready, post.awaits_decision, post.erased) == (False, False, False)


def test_the_code_is_in_no_row(cast: Cast) -> None:
    """What is stored of the code does not give it away, nor match another server's."""
    post = cast.supporter.posts()
    assert b"amber" not in bytes(post.code_digest or b"")
    assert post_by_code(cast.stranger.code) is None
    assert post_by_code("amber birch") is None


def test_the_same_form_twice_is_one_post(cast: Cast) -> None:
    """A repeated submit gives the same post; bytes that were sent again are not kept."""
    order = cast.supporter.order()
    first = post_submit(order)
    again = cast.supporter.order()
    assert post_submit(replace(again, caption="something else")) == first
    assert post_submit(order) == first
    assert (Post.objects.count(), Photo.objects.count(), Upload.objects.count()) == (1, 1, 1)
    assert DoomedBlob.objects.count() == 1
    first.refresh_from_db()
    assert first.caption == "Мы не равнодушны"


def test_a_repetition_is_answered_even_when_the_campaign_has_closed(cast: Cast) -> None:
    """Somebody whose line broke just before the answer sees the post, whatever happened meanwhile."""
    order = cast.supporter.order()
    first = post_submit(order)
    campaign_close(campaign=cast.campaign, notice={"en": "It is over."})
    assert post_submit(order) == first


def test_one_upload_belongs_to_one_post(cast: Cast) -> None:
    """The same uploads under another code are refused, and the first post stays as it is."""
    order = cast.supporter.order()
    post_submit(order)
    with pytest.raises(Refused) as refused:
        post_submit(replace(order, code=cast.stranger.code))
    assert refused.value.code == "upload-taken"
    assert Post.objects.count() == 1


def test_a_strangers_upload_cannot_be_claimed(cast: Cast) -> None:
    """Knowing an upload's id is not enough: it is tied to the form it was sent from."""
    order = cast.supporter.order()
    with pytest.raises(Refused) as refused:
        post_submit(replace(order, code=cast.stranger.code, form_token=cast.stranger.form_token))
    assert refused.value.code == "upload-unknown"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ticks": ("show",)}, "consent-missing"),
        ({"ticks": ()}, "consent-missing"),
        ({"cover": ""}, "cover-missing"),
        ({"cover": "mine"}, "cover-missing"),
        ({"people": 0}, "people-impossible"),
        ({"people": 100}, "people-impossible"),
        ({"upload_ids": ()}, "photo-missing"),
        ({"language": "<b>"}, "language-unknown"),
        ({"name": "N" * 61}, "name-too-long"),
        ({"alts": ("a" * 1501,)}, "alt-too-long"),
        ({"caption": "щ" * 10_000}, "caption-too-long"),
        ({"consents": ("everything",)}, "consent-unknown"),
        ({"code": "amber birch cedar"}, "code-unreadable"),
    ],
)
def test_what_is_missing_or_impossible_is_said(cast: Cast, changes: dict[str, object], code: str) -> None:
    """Each fault has its sentence; nothing is made, and the photo is kept for the next try."""
    order = cast.supporter.order()
    with pytest.raises(Refused) as refused:
        post_submit(replace(order, **changes))  # type: ignore[arg-type]
    assert refused.value.code == code
    assert str(refused.value).endswith(".")
    assert "%(" not in str(refused.value)
    assert (Post.objects.count(), PostKey.objects.count(), Consent.objects.count()) == (0, 0, 0)
    assert [upload.pk for upload in uploads_of_form(form_digest(order.form_token))] == list(order.upload_ids)
    assert post_submit(order).photos.count() == 1


def test_five_photos_are_one_too_many(cast: Cast) -> None:
    """Four photos are a post, five are refused."""
    with pytest.raises(Refused, match="up to 4 photos"):
        cast.supporter.posts(b"1", b"2", b"3", b"4", b"5")
    assert cast.stranger.posts(b"1", b"2", b"3", b"4").photos.count() == 4


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "%(limit)s %s {0}",
        "' OR 1=1 --",
        "ﷺ" * 1000,
        "👩‍👩‍👧‍👦 #мынеравнодушны",
        "",
    ],
)
def test_a_caption_stays_the_text_it_is(cast: Cast, text: str) -> None:
    """Markup, format marks and any script are words like others; they are kept letter for letter."""
    assert cast.supporter.posts(caption=text).caption == text


def test_a_caption_is_tidied_without_being_changed(cast: Cast) -> None:
    """Line ends become plain, control characters go, letters are composed; thousand letters fit."""
    post = cast.supporter.posts(caption="  Мы\r\nй\x00\x07 не равнодушны\ud800 ")
    assert post.caption == "Мы\nй не равнодушны"
    assert len(cast.stranger.posts(caption="щ" * 1000).caption) == 1000


def test_a_paused_a_closed_and_an_unknown_campaign_take_nothing(cast: Cast) -> None:
    """Each is told apart in its sentence, also when the form was loaded before."""
    order = cast.supporter.order()
    campaign_pause(campaign=cast.campaign, notice={"en": "Until spring."})
    with pytest.raises(Refused, match="paused"):
        post_submit(order)
    campaign_close(campaign=cast.campaign, notice={"en": "It is over."})
    with pytest.raises(Refused, match="ended"):
        post_submit(order)
    with pytest.raises(Refused) as refused:
        post_submit(replace(order, campaign=Campaign(pk=999)))
    assert refused.value.code == "campaign-unknown"
    assert not Post.objects.exists()


def test_dangerous_covers_everybody(cast: Cast) -> None:
    """Where the campaign covers every face no other choice is taken, whatever the form said."""
    danger = cast.campaign_with(preset="dangerous", handle="danger")
    somebody = cast.somebody(danger)
    for cover in ("others", "nobody"):
        with pytest.raises(Refused) as refused:
            somebody.posts(cover=cover)
        assert refused.value.code == "cover-required"
    assert somebody.posts(cover="everybody").cover == "everybody"


def test_one_form_cannot_fill_the_disk(cast: Cast) -> None:
    """After a dozen uploads a form takes no more, and what was sealed for the thirteenth is deleted."""
    form = form_digest("a form")
    for _ in range(12):
        upload_receive(received=cast.house.received(b"again"), form_digest=form)
    received = cast.house.received(b"again")
    with pytest.raises(Refused) as refused:
        upload_receive(received=received, form_digest=form)
    assert refused.value.code == "uploads-too-many"
    assert DoomedBlob.objects.filter(blob=received.blob).exists()


def test_two_submits_at_once_are_one_post(committed_cast: Cast) -> None:
    """The same form sent twice at the same moment: one post, and both senders see it."""
    order = committed_cast.supporter.order()
    together = threading.Barrier(2)
    posts: list[str] = []

    def submit() -> None:
        try:
            together.wait()
            posts.append(post_submit(order).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(posts) == 2
    assert len(set(posts)) == 1
    assert (Post.objects.count(), Photo.objects.count(), PostKey.objects.count()) == (1, 1, 1)
