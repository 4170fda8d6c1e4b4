"""From a received photo to a developed one: what is kept, what is forgotten, and every way it can be interrupted."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import pytest
from django.db import connection
from django.db.models import DateTimeField

from tests.cast import SELFIE, Cast
from tests.rig import killed_at_statement, sampled
from tests.rigs.stores import Fault, FaultyBlobs, Killed
from wearemany.darkroom.geometry import Box
from wearemany.errors import Broken, TryAgain
from wearemany.photos.models import Development, DoomedBlob, Photo, Post, Rendition, Upload
from wearemany.photos.services import (
    photo_cover,
    photo_drop,
    photo_replace,
    post_confirm,
    post_photos,
    rendition_open,
    upload_receive,
)
from wearemany.photos.showing import main_digests
from wearemany.photos.steps import (
    blobs_doom_pending,
    develop_pending,
    orphans_doom_pending,
    uploads_discard_pending,
)
from wearemany.worker.loop import run_until_idle
from wearemany.worker.scrub import scrub

pytestmark = pytest.mark.database
STEPS = (develop_pending, uploads_discard_pending, blobs_doom_pending)


def test_a_received_photo_is_developed(cast: Cast) -> None:
    """Verdict with reasons, renditions, and the post is handed on; the upload is gone, row, key and blob."""
    post = cast.supporter.posts()
    run_until_idle(STEPS)
    post.refresh_from_db()
    assert (post.ready, post.awaits_decision) == (True, True)
    (photo,) = post_photos(post)
    assert (photo.state, photo.verdict, photo.garment_colour) == ("developed", "accept", "red")
    assert {(found.name, found.format) for found in photo.renditions} == {
        (size, format) for size in ("160", "640", "main") for format in ("webp", "jpeg")
    }
    assert photo.placeholder.startswith("data:image/webp;base64,")
    assert not Upload.objects.exists()
    assert list(cast.house.store.list("u")) == []
    assert not DoomedBlob.objects.exists()


def test_renditions_open_only_with_the_posts_key(cast: Cast) -> None:
    """A rendition comes out as it was made; in the store it is sealed, under a name that says nothing."""
    post = cast.supporter.posted()
    view = post_photos(post)[0].rendition("main")
    assert view is not None
    opened = rendition_open(view.file.split(".")[0])
    assert opened is not None
    assert (opened.media_type, opened.post_id) == ("image/webp", post.pk)
    row = Rendition.objects.get(size="main", format="webp")
    assert hashlib.sha256(opened.content).digest() == bytes(row.digest) == main_digests(post)[0]
    assert opened.content not in cast.house.store.get(row.blob)
    assert rendition_open("a" * 26) is None


@pytest.mark.threat("D")
def test_no_second_of_posting_is_left(committed_cast: Cast) -> None:
    """Once a post is developed no row of it holds a time any more, only the day."""
    post = committed_cast.supporter.posted()
    run_until_idle(STEPS)
    tables = (post, *post.photos.all(), *Development.objects.all(), *Rendition.objects.all(), post.key)
    for row in tables:
        for column in row._meta.concrete_fields:
            if isinstance(column, DateTimeField):
                assert getattr(row, column.attname) is None, f"{row._meta.label}.{column.attname}"
    assert not Upload.objects.exists()
    assert not DoomedBlob.objects.exists()
    scrub()
    if connection.vendor == "sqlite":
        assert committed_cast.house.trace_of(b"12:34:56") == []


@pytest.mark.threat("D")
def test_no_bytes_of_an_upload_are_left_on_disk(committed_cast: Cast) -> None:
    """Neither before nor after development are received bytes anywhere in the clear: store, database, its log."""
    house = committed_cast.house
    needle = b"EXIF: Nikon D750, serial 8034567, 55.7558 N 37.6173 E"
    post = committed_cast.supporter.posts(b"selfie " + needle * 3000)
    assert house.trace_of(needle) == []
    blob = Upload.objects.get().blob
    assert house.store.exists(blob)
    run_until_idle(STEPS)
    post.refresh_from_db()
    assert post.ready
    assert not house.store.exists(blob)
    assert house.trace_of(needle) == []


def test_a_refused_photo_says_why_and_another_may_be_sent(cast: Cast) -> None:
    """The bytes are erased, the sentence is there with its numbers, and the next photo makes the post complete."""
    post = cast.supporter.posts(SELFIE, b"huge")
    run_until_idle(STEPS)
    post.refresh_from_db()
    good, bad = post_photos(post)
    assert (good.state, bad.state, bad.refused_code) == ("developed", "refused", "photo-too-many-pixels")
    assert "50 megapixels" in bad.refused_sentence % bad.refused_values
    assert (post.ready, post.awaits_decision) == (False, False)
    assert not Upload.objects.exists()

    upload = upload_receive(received=cast.house.received(b"selfie, smaller"), form_digest=b"f" * 32)
    photo_replace(photo=Photo.objects.get(pk=bad.id), upload=upload)
    run_until_idle(STEPS)
    post.refresh_from_db()
    assert [photo.state for photo in post_photos(post)] == ["developed", "developed"]
    assert post.awaits_decision


def test_a_refused_photo_can_be_left_out(cast: Cast) -> None:
    """With a good photo beside it, the refused one can be dropped; the last photo cannot."""
    post = cast.supporter.posts(SELFIE, b"broken")
    run_until_idle(STEPS)
    good, bad = Photo.objects.filter(post=post)
    with pytest.raises(Exception, match="needs no other one"):
        photo_drop(photo=good)
    photo_drop(photo=bad)
    post.refresh_from_db()
    assert post.awaits_decision
    with pytest.raises(Exception, match="only photo"):
        photo_drop(photo=good)


def test_the_order_is_the_campaigns(cast: Cast) -> None:
    """The darkroom is told the call, the preset's size and the author's cover."""
    danger = cast.campaign_with(preset="dangerous", handle="danger")
    cast.somebody(danger).posts(cover="everybody")
    run_until_idle(STEPS)
    (order,) = cast.house.darkroom.orders
    assert (order.cover, order.main_px, order.spec.colour) == ("everybody", 640, "red")


def test_a_covered_post_waits_for_its_author(cast: Cast) -> None:
    """Where a cover was asked nothing is handed on before the author has seen it and said yes; twice is once."""
    post = cast.supporter.posts(cover="everybody")
    with pytest.raises(Exception, match="still preparing"):
        post_confirm(post=post)
    run_until_idle(STEPS)
    post.refresh_from_db()
    assert (post.ready, post.awaits_decision) == (True, False)
    post_confirm(post=post)
    post_confirm(post=post)
    post.refresh_from_db()
    assert (post.confirmed, post.awaits_decision) == (True, True)


def test_try_again_comes_back_later(cast: Cast) -> None:
    """A darkroom that is busy costs time, never the photo."""
    post = cast.supporter.posts()
    cast.house.darkroom.troubles = [
        TryAgain("darkroom-busy", "Busy."),
        Broken("darkroom-does-not-start", "No."),
    ]
    for wait_s in (2, 20):
        run_until_idle(STEPS)
        photo = post.photos.get()
        # Neither refused nor, where the server cannot check at all, one attempt poorer.
        assert (photo.refused_code, bool(photo.trouble), photo.attempts) == ("", True, 1)
        cast.house.clock.advance(wait_s)
    run_until_idle(STEPS)
    post.refresh_from_db()
    assert post.ready
    assert post.photos.get().trouble == ""


def test_an_unforeseen_error_is_no_end_but_not_for_ever(cast: Cast) -> None:
    """A photo that fails each time is refused in the end, with a sentence, and its bytes are erased."""
    post = cast.supporter.posts()
    cast.house.darkroom.troubles = [ValueError("odd")] * 100
    for _ in range(50):
        run_until_idle(STEPS)
        cast.house.clock.advance(600)
    (photo,) = post_photos(post)
    assert (photo.state, photo.refused_code) == ("refused", "photo-not-developed")
    assert not Upload.objects.exists()
    assert list(cast.house.store.list("u")) == []


def test_a_day_old_upload_is_erased(cast: Cast) -> None:
    """Developed or not, bytes are kept for a day; the author is told, and an unused upload just goes."""
    post = cast.supporter.posts()
    upload_receive(received=cast.house.received(b"never used"), form_digest=b"f" * 32)
    cast.house.clock.advance(24 * 3600 - 1)
    assert uploads_discard_pending() == 0
    cast.house.clock.advance(1)
    run_until_idle((uploads_discard_pending, blobs_doom_pending))
    assert not Upload.objects.exists()
    assert list(cast.house.store.list("u")) == []
    assert post_photos(post)[0].refused_code == "upload-expired"
    assert develop_pending() == 0


def test_a_lost_upload_is_said(cast: Cast) -> None:
    """A database newer than its blobs: the photo is asked for again instead of an error for ever."""
    post = cast.supporter.posts()
    cast.house.store.delete(Upload.objects.get().blob)
    run_until_idle(STEPS)
    assert post_photos(post)[0].refused_code == "upload-lost"


def test_a_lost_rendition_is_no_error(cast: Cast) -> None:
    """A missing blob is a missing picture."""
    cast.supporter.posted()
    row = Rendition.objects.first()
    assert row is not None
    cast.house.store.delete(row.blob)
    assert rendition_open(row.name) is None


def faulty(cast: Cast) -> FaultyBlobs:
    """Put a store that can fail around the house's own."""
    store = FaultyBlobs(cast.house.store)
    cast.house.use(store)
    return store


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("number", range(8))
def test_each_write_may_fail_or_kill(committed_cast: Cast, number: int, fault: Fault) -> None:
    """Whatever happens at whichever blob operation: one developed photo in the end, and no leftovers."""
    cast = committed_cast
    post = cast.supporter.posts()
    store = faulty(cast)
    store.fail(number, fault)
    with suppress(Killed):
        run_until_idle(STEPS)
    assert_ends_well(cast, post)


@pytest.mark.parametrize("number", sampled(60))
def test_killed_before_any_statement(committed_cast: Cast, number: int) -> None:
    """The worker dies just before its n-th word to the database: the next one ends well all the same."""
    post = committed_cast.supporter.posts()
    with suppress(Killed), killed_at_statement(number):
        run_until_idle(STEPS)
    assert_ends_well(committed_cast, post)


def assert_ends_well(cast: Cast, post: Post) -> None:
    """Let the next workers have their time; then one developed photo is there, and nothing besides."""
    for _ in range(3):
        # Leases of the killed run out, what failed is due again, and blobs nobody names are found.
        cast.house.clock.advance(120)
        cast.house.restarted()
        run_until_idle((*STEPS, orphans_doom_pending))
    cast.house.clock.advance(24 * 3600)
    cast.house.restarted()
    run_until_idle((*STEPS, orphans_doom_pending))

    post.refresh_from_db()
    assert post.ready
    (photo,) = post_photos(post)
    assert (photo.state, len(photo.renditions)) == ("developed", 6)
    assert all(rendition_open(found.file.split(".")[0]) for found in photo.renditions)
    assert not Upload.objects.exists()
    assert not DoomedBlob.objects.exists()
    assert list(cast.house.store.list("u")) == []
    assert sorted(cast.house.store.list("r")) == sorted(Rendition.objects.values_list("blob", flat=True))


def test_the_fault_table_reaches_every_operation(committed_cast: Cast) -> None:
    """A run without faults has exactly the eight blob operations that the table above tries."""
    committed_cast.supporter.posts()
    store = faulty(committed_cast)
    run_until_idle(STEPS)
    assert [name for name, _ in store.operations] == ["get", *["put"] * 6, "delete"]


def test_killed_while_in_the_darkroom(committed_cast: Cast) -> None:
    """A worker that dies with the photo in the darkroom leaves it to the next one, after its lease."""
    cast = committed_cast
    post = cast.supporter.posts()
    cast.house.darkroom.troubles = [Killed("in the middle")]
    with pytest.raises(Killed):
        run_until_idle(STEPS)
    assert run_until_idle(STEPS) == 0
    cast.house.clock.advance(90)
    run_until_idle(STEPS)
    post.refresh_from_db()
    assert post.ready


def test_a_full_disk_uses_up_no_patience(cast: Cast) -> None:
    """Hours of a full disk do not make a photo hopeless; when there is room again it is developed."""
    post = cast.supporter.posts()
    store = faulty(cast)
    for _ in range(45):
        store.fail(1, Fault.FAILED)
        run_until_idle((develop_pending,))
        cast.house.clock.advance(20)
    assert post.photos.get().attempts <= 1
    run_until_idle(STEPS)
    post.refresh_from_db()
    assert post.ready


def test_a_slow_worker_does_not_write_over_a_faster_one(committed_cast: Cast) -> None:
    """A worker asleep past its lease finds the photo done by another: what it made is thrown away."""
    cast = committed_cast
    cast.supporter.posts()
    darkroom = cast.house.darkroom

    def asleep() -> None:
        darkroom.inside = None
        cast.house.clock.advance(91)
        assert develop_pending() == 1

    darkroom.inside = asleep
    run_until_idle(STEPS)
    assert Rendition.objects.count() == 6
    assert Development.objects.count() == 1
    assert sorted(cast.house.store.list("r")) == sorted(Rendition.objects.values_list("blob", flat=True))
    assert not DoomedBlob.objects.exists()


def test_blobs_that_nobody_names_get_a_day_and_go(cast: Cast) -> None:
    """A sealed file whose row was never written is deleted after a day; one whose row came late is spared."""
    lost = cast.house.received(b"the server died just here")
    late = cast.house.received(b"its row is being written")
    assert orphans_doom_pending() == 2
    upload_receive(received=late, form_digest=b"f" * 32)
    run_until_idle((blobs_doom_pending,))
    assert cast.house.store.exists(lost.blob)
    cast.house.clock.advance(24 * 3600)
    run_until_idle((blobs_doom_pending,))
    assert not cast.house.store.exists(lost.blob)
    assert cast.house.store.exists(late.blob)


def test_boxes_drawn_while_in_the_darkroom_are_not_lost(committed_cast: Cast) -> None:
    """More cover asked for while the photo is being developed is laid on in a second pass."""
    cast = committed_cast
    post = cast.supporter.posts()
    darkroom = cast.house.darkroom

    def draw() -> None:
        darkroom.inside = None
        photo_cover(photo=post.photos.get(), boxes=[Box(0.1, 0.1, 0.2, 0.2)])

    darkroom.inside = draw
    run_until_idle(STEPS)
    assert [len(order.drawn) for order in darkroom.orders] == [0, 1]
    post.refresh_from_db()
    assert post.ready


def test_no_statement_is_left_untried(committed_cast: Cast) -> None:
    """Developing one photo takes no more statements than the table above kills at."""
    committed_cast.supporter.posts()
    with killed_at_statement(10_000) as run:
        run_until_idle(STEPS)
    assert 30 < len(run) <= 60
