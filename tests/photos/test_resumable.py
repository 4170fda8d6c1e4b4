"""A photo that comes piece by piece: what counts, what a repetition does, and every way it can be interrupted."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast
from tests.rig import KEYS, House, killed_at_statement, sampled
from tests.rigs.stores import Fault, FaultyBlobs, Killed
from wearemany.adapters.sealed import open_sealed
from wearemany.errors import Refused, TryAgain
from wearemany.photos import resumable
from wearemany.photos.models import DoomedBlob, ResumablePart, ResumableUpload, Upload
from wearemany.photos.resumable import (
    ResumableView,
    resumable_add,
    resumable_begin,
    resumable_end,
    resumable_look,
)
from wearemany.photos.secrets import form_digest, upload_owner
from wearemany.photos.services import post_submit, upload_receive
from wearemany.photos.steps import blobs_doom_pending, orphans_doom_pending, uploads_discard_pending
from wearemany.worker.loop import run_until_idle

pytestmark = pytest.mark.database
FORM = "f" * 26
PHOTO = b"a selfie in a red coat that came over a very bad line"


def begun(photo: bytes = PHOTO, form: str = FORM) -> str:
    """Begin an upload and return its id."""
    return resumable_begin(form_digest=form_digest(form), length_bytes=len(photo)).id


def sent(house: House, upload_id: str, piece: bytes, at: int) -> ResumableView:
    """Send one piece."""
    return resumable_add(upload_id=upload_id, offset_bytes=at, received=house.received(piece))


def content_of(house: House, upload_id: str) -> bytes:
    """Return what the finished upload holds."""
    row = Upload.objects.get(pk=upload_id)
    key = KEYS.unwrap(bytes(row.wrapped_key), owner=upload_owner(row.pk))
    return open_sealed(key, house.store.get(row.blob))


def swept(house: House) -> None:
    """Let a day pass for blobs that nobody names, and delete them."""
    house.restarted()
    run_until_idle((blobs_doom_pending, orphans_doom_pending))
    house.clock.advance(23 * 3600 + 3000)
    run_until_idle((blobs_doom_pending,))
    house.clock.advance(660)
    run_until_idle((blobs_doom_pending,))


def refused(code: str, act: object) -> None:
    """Expect a refusal with this code."""
    with pytest.raises(Refused) as error:
        act()  # type: ignore[operator]
    assert error.value.code == code


def test_pieces_become_one_upload_that_is_posted_with(cast: Cast) -> None:
    """The bytes are those that were sent, in one blob under one key, and the id is what the form names."""
    house = cast.house
    upload_id = begun(form=cast.supporter.form_token)
    assert sent(house, upload_id, PHOTO[:10], 0).offset_bytes == 10
    assert not Upload.objects.exists()
    assert sent(house, upload_id, PHOTO[10:30], 10).done is False
    assert sent(house, upload_id, PHOTO[30:], 30).done is True
    assert content_of(house, upload_id) == PHOTO
    run_until_idle((blobs_doom_pending,))
    assert list(house.store.list("u")) == [Upload.objects.get().blob]
    assert not ResumablePart.objects.exists()
    order = cast.supporter.order()
    post = post_submit(cast.supporter.order(upload_ids=(upload_id,)))
    assert post.photos.get().upload_id == upload_id
    assert order.upload_ids != (upload_id,)


def test_a_photo_in_one_piece_is_not_written_twice(cast: Cast) -> None:
    """The blob of the only piece is the upload's."""
    upload_id = begun()
    received = cast.house.received(PHOTO)
    resumable_add(upload_id=upload_id, offset_bytes=0, received=received)
    assert Upload.objects.get().blob == received.blob
    assert content_of(cast.house, upload_id) == PHOTO
    assert not DoomedBlob.objects.exists()


def test_a_piece_for_another_place_is_refused(cast: Cast) -> None:
    """Too early, too late, or the same once more: nothing changes, and the sender can ask where to go on."""
    upload_id = begun()
    sent(cast.house, upload_id, PHOTO[:10], 0)
    for at in (0, 9, 11):
        refused("offset-differs", lambda at=at: sent(cast.house, upload_id, PHOTO[at : at + 5], at))
    assert resumable_look(upload_id).offset_bytes == 10


def test_more_than_was_announced_is_refused(cast: Cast) -> None:
    """The upload stays as it was."""
    upload_id = begun()
    refused("upload-longer-than-said", lambda: sent(cast.house, upload_id, PHOTO + b"x", 0))
    assert resumable_look(upload_id).offset_bytes == 0


def test_what_cannot_be_a_photo_is_not_begun(cast: Cast, settings) -> None:
    """No bytes at all, or more than are taken."""
    for length, code in ((0, "upload-empty"), (26_214_401, "upload-too-large")):
        refused(
            code, lambda length=length: resumable_begin(form_digest=form_digest(FORM), length_bytes=length)
        )
    assert not ResumableUpload.objects.exists()


def test_an_upload_can_always_be_ended_within_the_pieces_it_may_have(cast: Cast, monkeypatch) -> None:
    """Very small pieces are refused early enough: whoever sends what is asked for gets through."""
    monkeypatch.setattr(resumable, "PARTS_MAX", 4)
    upload_id = begun(b"x" * 40)
    refused("piece-too-small", lambda: sent(cast.house, upload_id, b"x" * 9, 0))
    at = 0
    while at < 40:
        at = sent(cast.house, upload_id, b"x" * 10, at).offset_bytes
    assert content_of(cast.house, upload_id) == b"x" * 40


def test_one_form_cannot_fill_the_disk(cast: Cast) -> None:
    """Whole and half uploads count together; answers that were lost take up no places."""
    for _ in range(20):
        begun()
    halves = [sent(cast.house, begun(), PHOTO[:5], 0).id for _ in range(6)]
    for _ in range(6):
        upload_receive(received=cast.house.received(PHOTO), form_digest=form_digest(FORM))
    refused("uploads-too-many", begun)
    with pytest.raises(Refused):
        upload_receive(received=cast.house.received(PHOTO), form_digest=form_digest(FORM))
    resumable_end(halves[0])
    begun()


def test_an_answer_that_was_lost_is_asked_for_again(cast: Cast) -> None:
    """After the last piece the upload says that all is here, also once a post has taken it."""
    upload_id = begun(form=cast.supporter.form_token)
    sent(cast.house, upload_id, PHOTO, 0)
    for _ in range(2):
        refused("offset-differs", lambda: sent(cast.house, upload_id, PHOTO, 0))
        view = resumable_look(upload_id)
        assert (view.offset_bytes, view.length_bytes, view.done) == (len(PHOTO), len(PHOTO), True)
        cast.supporter.posts(upload_ids=(upload_id,))


def test_nothing_outlives_the_darkroom(cast: Cast) -> None:
    """Once the photo is developed not even the length of its file is known here: it could be matched with a phone's."""
    upload_id = begun(form=cast.supporter.form_token)
    sent(cast.house, upload_id, PHOTO[:10], 0)
    sent(cast.house, upload_id, PHOTO[10:], 10)
    assert cast.supporter.posted(upload_ids=(upload_id,)).ready
    assert not ResumableUpload.objects.exists() and not ResumablePart.objects.exists()
    refused("upload-unknown-here", lambda: resumable_look(upload_id))


def test_an_ended_upload_is_gone_with_its_bytes(cast: Cast) -> None:
    """Half or whole; only a photo that a post has taken stays the post's."""
    half, whole, taken = begun(), begun(), begun(form=cast.supporter.form_token)
    sent(cast.house, half, PHOTO[:10], 0)
    sent(cast.house, whole, PHOTO, 0)
    sent(cast.house, taken, PHOTO, 0)
    post_submit(cast.supporter.order(upload_ids=(taken,)))
    for upload_id in (half, whole):
        resumable_end(upload_id)
        refused("upload-unknown-here", lambda upload_id=upload_id: resumable_look(upload_id))
    refused("upload-taken", lambda: resumable_end(taken))
    run_until_idle((blobs_doom_pending,))
    kept = set(Upload.objects.values_list("blob", flat=True))
    assert set(cast.house.store.list("u")) == kept
    assert Upload.objects.filter(pk=taken).exists() and not Upload.objects.filter(pk=whole).exists()


def test_what_nobody_comes_back_to_is_erased_after_a_day(cast: Cast) -> None:
    """First it says that it is gone, then the sweep takes rows and pieces, those of a whole one too."""
    half, whole = begun(), begun()
    sent(cast.house, half, PHOTO[:10], 0)
    sent(cast.house, whole, PHOTO, 0)
    cast.house.clock.advance(24 * 3600)
    refused("upload-gone", lambda: resumable_look(half))
    refused("upload-gone", lambda: resumable_add(upload_id=half, offset_bytes=10, received=None))
    run_until_idle((uploads_discard_pending, blobs_doom_pending))
    refused("upload-unknown-here", lambda: resumable_look(half))
    assert not ResumablePart.objects.exists()
    assert list(cast.house.store.list("u")) == []
    assert not ResumableUpload.objects.exists()


def test_the_orphan_sweep_knows_pieces(cast: Cast) -> None:
    """A piece of an upload that still arrives is no orphan."""
    upload_id = begun()
    sent(cast.house, upload_id, PHOTO[:10], 0)
    run_until_idle((orphans_doom_pending,))
    assert not DoomedBlob.objects.exists()


def test_lost_pieces_are_told_and_the_upload_begins_anew(cast: Cast) -> None:
    """With a database older or newer than its blobs the sender is sent back to the start, not into a wall."""
    upload_id = begun()
    sent(cast.house, upload_id, PHOTO[:10], 0)
    cast.house.store.delete(ResumablePart.objects.get().blob)
    refused("upload-gone", lambda: sent(cast.house, upload_id, PHOTO[10:], 10))
    refused("upload-unknown-here", lambda: resumable_look(upload_id))
    assert not ResumablePart.objects.exists()


def test_the_same_piece_twice_at_once_counts_once(committed_cast: Cast) -> None:
    """Two requests with the last piece in the same moment: one upload, whole, and the other is told where it is."""
    house = committed_cast.house
    upload_id = begun()
    sent(house, upload_id, PHOTO[:10], 0)
    together = threading.Barrier(3)
    answers: list[object] = []

    def send() -> None:
        try:
            together.wait()
            answers.append(sent(house, upload_id, PHOTO[10:], 10).done)
        except Refused as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["True", "offset-differs", "offset-differs"]
    assert content_of(house, upload_id) == PHOTO
    swept(house)
    assert list(house.store.list("u")) == [Upload.objects.get().blob]


def test_two_looks_at_once_make_one_upload(committed_cast: Cast) -> None:
    """An upload that was left between its last byte and being whole is finished once, whoever looks."""
    house = committed_cast.house
    upload_id = left_unfinished(house)
    together = threading.Barrier(3)
    done: list[bool] = []

    def look() -> None:
        try:
            together.wait()
            done.append(resumable_look(upload_id).done)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 3
    assert content_of(house, upload_id) == PHOTO
    run_until_idle((blobs_doom_pending,))
    assert list(house.store.list("u")) == [Upload.objects.get().blob]


def test_a_look_that_began_before_it_was_whole_makes_nothing_of_its_own(cast: Cast) -> None:
    """A request that read the row just before another one made it whole sees no pieces left, and stores no blob."""
    house = cast.house
    upload_id = left_unfinished(house)
    stale = ResumableUpload.objects.get(pk=upload_id)
    resumable_look(upload_id)
    blobs = set(house.store.list("u"))
    assert resumable._completed(stale).done
    assert set(house.store.list("u")) == blobs


def left_unfinished(house: House) -> str:
    """Return an upload whose process died when the last piece was written down and nothing more."""
    upload_id = begun()
    sent(house, upload_id, PHOTO[:10], 0)
    faulty = FaultyBlobs(house.store)
    house.use(faulty)
    faulty.fail(0, Fault.KILLED_BEFORE)
    last = house.received(PHOTO[10:])
    with suppress(Killed):
        resumable_add(upload_id=upload_id, offset_bytes=10, received=last)
    house.use(house.store)
    assert ResumableUpload.objects.get(pk=upload_id).whole is None
    return upload_id


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name)
@pytest.mark.parametrize("number", range(4))
def test_a_store_that_fails_is_asked_again(cast: Cast, number: int, fault: Fault) -> None:
    """Reading the pieces or writing the whole fails, before or after it happened: the next look finishes it."""
    house = cast.house
    upload_id = begun()
    sent(house, upload_id, PHOTO[:10], 0)
    sent(house, upload_id, PHOTO[10:30], 10)
    faulty = FaultyBlobs(house.store)
    house.use(faulty)
    faulty.fail(number, fault)
    with suppress(Killed, TryAgain):
        resumable_add(upload_id=upload_id, offset_bytes=30, received=house.received(PHOTO[30:]))
    assert resumable_look(upload_id).done is True
    assert content_of(house, upload_id) == PHOTO
    house.use(house.store)
    swept(house)
    assert list(house.store.list("u")) == [Upload.objects.get().blob]


@pytest.mark.parametrize("number", sampled(30))
def test_killed_anywhere_the_sender_goes_on(committed_cast: Cast, number: int) -> None:
    """Before any statement of the last piece: whoever asks where the upload is and goes on from there ends it."""
    house = committed_cast.house
    upload_id = begun()
    sent(house, upload_id, PHOTO[:10], 0)
    last = house.received(PHOTO[10:])
    with suppress(Killed), killed_at_statement(number):
        resumable_add(upload_id=upload_id, offset_bytes=10, received=last)
    at = resumable_look(upload_id).offset_bytes
    if at < len(PHOTO):
        sent(house, upload_id, PHOTO[at:], at)
    assert content_of(house, upload_id) == PHOTO
    swept(house)
    assert list(house.store.list("u")) == [Upload.objects.get().blob]


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(1, 40)),
        st.tuples(st.just("repeat"), st.integers(1, 40)),
        st.tuples(st.just("elsewhere"), st.integers(0, 120)),
        st.tuples(st.just("cut"), st.integers(0, 40)),
        st.tuples(st.just("look"), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(photo=st.binary(min_size=1, max_size=120), acts=ACTS)
def test_whatever_the_line_does_the_bytes_are_those_that_were_sent(
    cast: Cast, photo: bytes, acts: list[tuple[str, int]]
) -> None:
    """Pieces of any size, repetitions, wrong places and cuts: the model knows only how many bytes are here."""
    house = cast.house
    form = cast.somebody().form_token
    upload_id = begun(photo, form)
    here = before = 0
    for act, size in acts:
        at = {"repeat": before, "elsewhere": size}.get(act, here)
        piece = photo[at : at + size] if act != "cut" else photo[at : at + size // 2]
        if act == "look" or not piece:
            assert resumable_look(upload_id).offset_bytes == here
        elif at != here:
            refused("offset-differs", lambda at=at, piece=piece: sent(house, upload_id, piece, at))
        else:
            before, here = here, here + len(piece)
            assert sent(house, upload_id, piece, at).offset_bytes == here
        assert Upload.objects.filter(pk=upload_id).exists() == (here == len(photo))
    if here < len(photo):
        sent(house, upload_id, photo[here:], here)
    assert content_of(house, upload_id) == photo
