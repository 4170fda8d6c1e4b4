"""The copy for newspapers: only where its author agreed in time and the campaign allows it, and gone with that word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cast import Cast
from tests.photos.test_developing import STEPS
from tests.rig import killed_at_statement
from tests.rigs.stores import Killed
from wearemany.darkroom.geometry import Box
from wearemany.errors import Refused
from wearemany.photos.models import DoomedBlob, Photo, Post, Rendition
from wearemany.photos.orders import PostChange
from wearemany.photos.services import photo_cover, post_amend, post_photos, rendition_open
from wearemany.photos.showing import press_open
from wearemany.photos.strictness import post_tighten, posts_beyond
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AGREED = {"consents": ("press",)}


def copies(post: Post) -> list[Rendition]:
    """Return the post's copies for newspapers."""
    return list(Rendition.objects.filter(photo__post=post, size="press"))


def test_it_is_made_when_its_author_agreed_and_stands_among_no_others(cast: Cast) -> None:
    """Sealed like every copy, listed apart, and no public name opens it."""
    post = cast.supporter.posted(**AGREED)
    (row,) = copies(post)
    (photo,) = post_photos(post)
    assert photo.press is not None and photo.press.width_px == 2560
    assert len(photo.renditions) == 6 and photo.press not in photo.renditions
    assert rendition_open(row.name) is None
    opened = press_open(post.photos.get())
    assert opened is not None and opened.media_type == "image/jpeg"
    assert opened.content not in cast.house.store.get(row.blob)


@pytest.mark.parametrize(
    "changes", [{}, {"consents": ("mosaic",)}, {"consents": ("press",), "door": "minors"}]
)
def test_it_is_not_made_without_that_consent_nor_of_children(cast: Cast, changes: dict[str, object]) -> None:
    """No word, another word, or a group's word for children: six files."""
    if "door" in changes:
        with pytest.raises(Refused):
            cast.supporter.posts(**changes)
        changes = {"door": "minors", "caption": "", "cover": "everybody"}
    assert copies(cast.supporter.posted(**changes)) == []
    assert not any(order.press_px for order in cast.house.darkroom.orders)


def test_where_pictures_stay_here_nobody_can_agree_and_none_is_made(cast: Cast) -> None:
    """A dangerous campaign refuses the word itself; a careful one takes it."""
    careful = cast.somebody(cast.campaign_with(preset="careful", handle="careful"))
    assert len(copies(careful.posted(cover="everybody", **AGREED))) == 1
    somebody = cast.somebody(cast.campaign_with(preset="dangerous", handle="dangerous"))
    with pytest.raises(Refused) as refused:
        somebody.posts(cover="everybody", **AGREED)
    assert refused.value.code == "consent-not-here"
    assert copies(somebody.posted(cover="everybody")) == []


def test_it_goes_with_the_consent_and_other_words_leave_it(cast: Cast) -> None:
    """One transaction forgets row and consent, the blob goes next; the public copies stay. It does not come back."""
    post = cast.supporter.posted(**AGREED)
    (row,) = copies(post)
    post_amend(post=post, change=PostChange(consents=("press", "mosaic"), name="Anna"))
    assert copies(post) == [row]
    post_amend(post=post, change=PostChange(consents=("mosaic",)))
    assert copies(post) == [] and DoomedBlob.objects.filter(blob=row.blob).exists()
    run_until_idle(STEPS)
    assert not cast.house.store.exists(row.blob)
    assert len(post_photos(post)[0].renditions) == 6
    post_amend(post=post, change=PostChange(consents=("press",)))
    run_until_idle(STEPS)
    assert copies(post) == []
    opened = press_open(post.photos.get())
    assert opened is not None and opened.content.startswith(b"rendition main jpeg")


@pytest.mark.django_db(transaction=True)
def test_it_goes_also_when_the_word_is_taken_back_meanwhile(committed_cast: Cast) -> None:
    """Taken back while the photo is in the darkroom: what was made is doomed in the transaction that records it."""
    cast = committed_cast
    post = cast.supporter.posts(**AGREED)
    cast.house.darkroom.inside = lambda: post_amend(post=post, change=PostChange(consents=()))
    run_until_idle(STEPS)
    cast.house.darkroom.inside = None
    assert cast.house.darkroom.orders[0].press_px and copies(post) == []
    assert len(list(cast.house.store.list("r"))) == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(3, 15, 4))
def test_killed_while_it_is_taken_back_leaves_all_or_nothing(committed_cast: Cast, number: int) -> None:
    """The consent and the copy go together, at whichever statement the process dies; asking again finishes it."""
    post = committed_cast.supporter.posted(**AGREED)
    try:
        with killed_at_statement(number):
            post_amend(post=post, change=PostChange(consents=()))
    except Killed:
        pass
    assert bool(copies(post)) == post.consents.filter(kind="press").exists()
    post_amend(post=post, change=PostChange(consents=()))
    run_until_idle(STEPS)
    assert copies(post) == [] and len(list(committed_cast.house.store.list("r"))) == 6


def test_what_is_drawn_lies_on_it_too(cast: Cast) -> None:
    """It is made anew from the largest copy; without that copy any more, from the public one, and then not at all."""
    post = cast.supporter.posted(**AGREED)
    (before,) = copies(post)
    photo_cover(photo=post.photos.get(), boxes=[Box(0.1, 0.1, 0.3, 0.3)])
    assert press_open(post.photos.get()) is None, "hidden while it is covered"
    run_until_idle(STEPS)
    (after,) = copies(post)
    assert after.blob != before.blob and not cast.house.store.exists(before.blob)
    post_amend(post=post, change=PostChange(consents=()))
    photo_cover(photo=Photo.objects.get(post=post), boxes=[Box(0.5, 0.1, 0.7, 0.3)])
    run_until_idle(STEPS)
    assert (
        copies(post) == []
        and replace(cast.house.darkroom.orders[-1], press_px=0) == cast.house.darkroom.orders[-1]
    )


def test_a_campaign_that_keeps_its_pictures_from_now_on_erases_it(cast: Cast) -> None:
    """Stricter at any time: at once nobody is given it, and then it goes; the public copies stay as they are."""
    post = cast.supporter.posted(**AGREED)
    assert not posts_beyond(post.campaign).exists(), "its size alone is nothing to be mended"
    post.campaign.settings = {"pictures_out": False}
    post.campaign.save(update_fields=["settings"])
    assert list(posts_beyond(post.campaign)) == [post]
    opened = press_open(post.photos.get())
    assert opened is not None and opened.content.startswith(b"rendition main jpeg")
    post_tighten(post)
    assert copies(post) == [] and not posts_beyond(post.campaign).exists()
    run_until_idle(STEPS)
    assert len(list(cast.house.store.list("r"))) == 6
