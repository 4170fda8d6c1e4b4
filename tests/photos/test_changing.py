"""What an author may still do: cover more, change words and consents, and take everything back."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.db import connection

from tests.cast import SELFIE, Cast
from tests.rig import House, killed_at_statement, sampled
from tests.rigs.stores import Killed
from wearemany.darkroom.geometry import Box
from wearemany.errors import Refused, TryAgain
from wearemany.moderation.services import decide_pending, erase_pending, post_withdraw, standing
from wearemany.photos.models import Consent, DoomedBlob, Photo, Post, PostKey, Rendition, Upload
from wearemany.photos.orders import PostChange
from wearemany.photos.services import (
    photo_cover,
    post_amend,
    post_by_code,
    post_confirm,
    post_erase,
    post_photos,
    post_salt,
    rendition_open,
    words_of,
)
from wearemany.photos.steps import abandoned_erase_pending, blobs_doom_pending, develop_pending
from wearemany.worker.loop import run_until_idle

pytestmark = pytest.mark.database
STEPS = (develop_pending, blobs_doom_pending)
BOX = Box(0.1, 0.1, 0.3, 0.3)


def names(post: Post) -> list[str]:
    """Return the public names of the post's renditions."""
    return [found.file.split(".")[0] for photo in post_photos(post) for found in photo.renditions]


def test_more_cover_replaces_every_copy(cast: Cast) -> None:
    """Until the cover is on nothing is shown; then new copies are at new names, and the old are gone for good."""
    post = cast.supporter.decided()
    before, version = names(post), cast.campaign.visible_version
    photo_cover(photo=post.photos.get(), boxes=[BOX])
    cast.campaign.refresh_from_db()
    assert cast.campaign.visible_version == version + 1
    assert [rendition_open(name) for name in before] == [None] * 6
    run_until_idle(STEPS)
    post.refresh_from_db()
    after = names(post)
    assert not set(before) & set(after)
    assert all(rendition_open(name) for name in after)
    assert all(rendition_open(name) is None for name in before)
    assert sorted(cast.house.store.list("r")) == sorted(Rendition.objects.values_list("blob", flat=True))
    assert (post.ready, post.edit_version) == (True, 2)
    (photo,) = post_photos(post)
    assert (photo.verdict, photo.drawn) == ("accept", ((0.1, 0.1, 0.3, 0.3),))


def test_more_cover_needs_no_new_decision(cast: Cast) -> None:
    """Covering more of an approved post leaves it approved, and one decision is enough."""
    post = cast.supporter.decided()
    photo_cover(photo=post.photos.get(), boxes=[BOX])
    run_until_idle((*STEPS, decide_pending))
    post.refresh_from_db()
    assert (post.decisions.count(), post.awaits_decision) == (1, False)


def test_a_cover_that_fails_keeps_the_picture_hidden(cast: Cast) -> None:
    """While the darkroom is in trouble the picture is not shown with less cover than asked; it never gives up."""
    post = cast.supporter.decided()
    photo_cover(photo=post.photos.get(), boxes=[BOX])
    Photo.objects.filter(post=post).update(attempts=1000)
    cast.house.darkroom.troubles = [TryAgain("darkroom-busy", "Busy.")] * 5
    for _ in range(5):
        run_until_idle(STEPS)
        assert all(rendition_open(name) is None for name in names(post))
        cast.house.clock.advance(600)
    run_until_idle(STEPS)
    assert all(rendition_open(name) for name in names(post))
    assert post.photos.get().refused_code == ""


@pytest.mark.parametrize("boxes", [[], [Box(0.2, 0.2, 0.2, 0.4)], [BOX] * 41], ids=("none", "empty", "many"))
def test_boxes_must_cover_something(cast: Cast, boxes: list[Box]) -> None:
    """No box, a box without size, or more than forty are refused."""
    post = cast.supporter.decided()
    with pytest.raises(Refused, match="boxes over what should be covered"):
        photo_cover(photo=post.photos.get(), boxes=boxes)


def test_words_change_at_once_before_anyone_saw_them(cast: Cast) -> None:
    """Until the post is handed on, words are simply replaced."""
    post = cast.supporter.posts()
    post_amend(post=post, change=PostChange(caption="Нас много", people=2, alts=("Я",), name=" Вера  К. "))
    post.refresh_from_db()
    assert (post.caption, post.people, post.name, post.edit) == ("Нас много", 2, "Вера К.", {})
    assert post.photos.get().alt == "Я"


def test_words_wait_once_somebody_may_have_seen_the_post(cast: Cast) -> None:
    """After that the public words stay, the new ones wait, and the post is handed on again."""
    post = cast.supporter.decided()
    post_amend(post=post, change=PostChange(caption="Нас много"))
    post.refresh_from_db()
    assert (post.caption, post.awaits_decision) == ("Мы не равнодушны", True)
    assert words_of(post)["caption"] == "Нас много"
    decide_pending()
    post.refresh_from_db()
    assert (post.caption, post.edit, post.edit_version) == ("Нас много", {}, 2)


def test_consents_count_at_once_and_keep_their_wording(cast: Cast) -> None:
    """A consent taken back is gone at once; one that stays keeps the version agreed to; the wall's stays always."""
    post = cast.supporter.decided(consents=("press", "fediverse"))
    Post.objects.filter(pk=post.pk).update(terms_version="2026-04")
    post_amend(post=post, change=PostChange(consents=("press", "mosaic")))
    assert set(Consent.objects.values_list("kind", "text_version")) == {
        ("wall", "2026-03"),
        ("press", "2026-03"),
        ("mosaic", "2026-04"),
    }
    post.refresh_from_db()
    assert post.awaits_decision is False


def test_a_refused_change_changes_nothing(cast: Cast) -> None:
    """A caption too long leaves the consents sent with it as they were."""
    post = cast.supporter.decided()
    with pytest.raises(Refused):
        post_amend(post=post, change=PostChange(caption="щ" * 1001, consents=("press",), language="de"))
    post.refresh_from_db()
    assert (post.language, post.consents.count()) == ("ru", 1)


def test_erasing_leaves_the_bare_row(cast: Cast) -> None:
    """After erasing there are no words, no photos, no key, no salt, no code; the row says only that it was."""
    post = cast.supporter.decided(SELFIE, b"another")
    shown = names(post)
    post_erase(post=post)
    run_until_idle(STEPS)
    assert post.erased
    assert (post.caption, post.language, post.code_digest) == ("", "", None)
    assert post_by_code(cast.supporter.code) is None
    assert post_salt(post.pk) is None
    assert all(rendition_open(name) is None for name in shown)
    assert not Photo.objects.exists()
    assert not Consent.objects.exists()
    assert list(cast.house.store.list("r")) == []
    assert standing(post) is not None


def test_whatever_is_wanted_of_an_erased_post_is_refused(cast: Cast) -> None:
    """Confirming, changing or covering an erased post tells that it is gone."""
    post = cast.supporter.decided()
    photo = post.photos.get()
    post_erase(post=post)
    for wanted in (
        lambda: post_confirm(post=post),
        lambda: post_amend(post=post, change=PostChange(caption="x")),
        lambda: photo_cover(photo=photo, boxes=[BOX]),
    ):
        with pytest.raises(Refused) as refused:
            wanted()
        assert refused.value.code == "post-gone"


def test_the_key_dies_first(committed_cast: Cast) -> None:
    """Killed right after its first write, erasing has made the pictures noise already."""
    post = committed_cast.supporter.decided()
    shown = names(post)
    with pytest.raises(Killed), killed_at_statement(3) as run:
        post_erase(post=post)
    assert any("DELETE" in sql and "post_key" in sql for sql in run)
    assert not PostKey.objects.exists()
    assert Photo.objects.exists()
    assert all(rendition_open(name) is None for name in shown)


@pytest.mark.parametrize("number", sampled(40))
def test_erasing_killed_anywhere_is_finished_by_the_next(committed_cast: Cast, number: int) -> None:
    """Whatever was reached, erasing again leaves nothing personal and no blob."""
    post = committed_cast.supporter.decided(SELFIE, b"another")
    with suppress(Killed), killed_at_statement(number):
        post_erase(post=post)
    post_erase(post=post)
    run_until_idle(STEPS)
    post.refresh_from_db()
    assert (post.erased, post.caption) == (True, "")
    assert not PostKey.objects.exists()
    assert not Photo.objects.exists()
    assert not DoomedBlob.objects.exists()
    assert list(committed_cast.house.store.list("r")) == []


def test_erased_while_in_the_darkroom(committed_cast: Cast) -> None:
    """A post taken back while its photo is being developed leaves nothing behind, whoever is faster."""
    cast = committed_cast
    post = cast.supporter.posts()
    cast.house.darkroom.inside = lambda: post_erase(post=post)
    run_until_idle(STEPS)
    assert not Photo.objects.exists()
    assert not Upload.objects.exists()
    assert not Rendition.objects.exists()
    assert list(cast.house.store.list("r")) == []
    assert list(cast.house.store.list("u")) == []


def test_an_abandoned_post_is_erased_after_two_weeks(cast: Cast) -> None:
    """Never confirmed, or never replaced: two weeks later nothing of it is kept. Others stay."""
    unconfirmed = cast.supporter.posts(cover="everybody")
    refused = cast.stranger.posts(b"broken")
    kept = cast.somebody().decided()
    run_until_idle(STEPS)
    cast.house.clock.advance(14 * 86400)
    cast.house.restarted()
    assert abandoned_erase_pending() == 0
    cast.house.clock.advance(86400)
    assert abandoned_erase_pending() == 2
    for post, erased in ((unconfirmed, True), (refused, True), (kept, False)):
        post.refresh_from_db()
        assert post.erased is erased


def test_erased_words_are_in_no_file(committed_cast: Cast, house: House) -> None:
    """The caption of an erased post is nowhere in the database's files once they are wiped."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's files are the operator's; see the manual on seized servers")
    needle = "caption-needle-in-no-other-row"
    for _ in range(6):
        committed_cast.somebody().posted(caption="Нас много. " * 30)
    post = committed_cast.supporter.posted(caption=f"{needle} " * 10)
    assert house.trace_of(needle.encode())
    post_withdraw(post=post)
    assert erase_pending() == 1
    assert house.trace_of(needle.encode()) == []
