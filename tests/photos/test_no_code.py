"""Posts without a code, and codes that are forgotten: the post stays, and nothing links it to anybody."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.cast import CODE, Cast
from tests.rig import killed_at_statement
from tests.rigs.stores import Killed
from wearemany.adapters import server
from wearemany.darkroom.geometry import Box
from wearemany.errors import Refused
from wearemany.moderation.services import decide_pending, post_withdraw
from wearemany.photos.erasing import ABANDONED_DAYS
from wearemany.photos.keepcode import digest
from wearemany.photos.models import CodeForgetting, Photo, Post, Upload
from wearemany.photos.ownership import code_forget, codes_forget_pending, post_by_typed, wants_no_code
from wearemany.photos.readiness import CODE_WORKS_STILL
from wearemany.photos.services import photo_cover, photo_replace, post_by_code, post_confirm, post_submit
from wearemany.photos.steps import abandoned_erase_pending, develop_pending
from wearemany.wall.log import append_pending
from wearemany.wall.queries import PostState, post_state
from wearemany.worker.loop import run_until_idle

pytestmark = pytest.mark.database

LATER_S = CODE_WORKS_STILL.total_seconds() + 1


def forget_what_is_due() -> None:
    """Let the worker forget codes."""
    run_until_idle((codes_forget_pending,))


def is_known(cast: Cast) -> bool:
    """Tell whether the supporter's code still opens the post."""
    return post_by_code(cast.supporter.code) is not None


@pytest.mark.threat("B2")
def test_a_post_without_a_code_ends_on_the_wall_and_is_nobodys(committed_cast: Cast) -> None:
    """Developed with nothing to confirm: a quarter of an hour later the code opens nothing, and the post stays."""
    cast = committed_cast
    post = cast.supporter.posts(keeps_code=False)
    forget_what_is_due()
    assert is_known(cast) and wants_no_code(post)
    run_until_idle((develop_pending, decide_pending, append_pending))
    forget_what_is_due()
    assert is_known(cast)
    cast.house.clock.advance(LATER_S)
    forget_what_is_due()
    assert not is_known(cast) and post_by_typed(cast.supporter.code).post is None
    post.refresh_from_db()
    assert post.code_digest is None and not post.erased and post_state(post) is PostState.ON_WALL
    assert not CodeForgetting.objects.exists()


def test_an_ordinary_post_keeps_its_code(cast: Cast) -> None:
    """Nobody's code goes by itself who did not ask for that."""
    post = cast.supporter.posted()
    cast.house.clock.advance(LATER_S)
    forget_what_is_due()
    assert is_known(cast) and not wants_no_code(post)


def test_the_code_works_until_the_picture_is_confirmed(cast: Cast) -> None:
    """However long that takes: the quarter of an hour begins with the confirmation."""
    post = cast.supporter.posts(keeps_code=False, cover="everybody")
    run_until_idle((develop_pending,))
    cast.house.clock.advance(2 * LATER_S)
    forget_what_is_due()
    assert is_known(cast)
    post_confirm(post=post)
    forget_what_is_due()
    assert is_known(cast)
    cast.house.clock.advance(LATER_S)
    forget_what_is_due()
    assert not is_known(cast)


def test_covering_more_or_sending_another_photo_waits_for_its_author_again(cast: Cast) -> None:
    """While the darkroom works, or a photo could not be used, the page goes on working."""
    post = cast.supporter.posted(keeps_code=False)
    photo_cover(photo=post.photos.get(), boxes=[Box(0.1, 0.1, 0.3, 0.3)])
    cast.house.clock.advance(LATER_S)
    forget_what_is_due()
    assert is_known(cast)
    run_until_idle((develop_pending,))
    cast.house.clock.advance(LATER_S)
    forget_what_is_due()
    assert not is_known(cast)
    broken = cast.stranger.posts(b"broken", keeps_code=False)
    run_until_idle((develop_pending,))
    cast.house.clock.advance(LATER_S)
    forget_what_is_due()
    assert post_by_code(cast.stranger.code) == broken
    upload_id = cast.stranger.order(b"a good one").upload_ids[0]
    photo_replace(photo=Photo.objects.get(post=broken), upload=Upload.objects.get(pk=upload_id))
    run_until_idle((develop_pending,))
    cast.house.clock.advance(LATER_S)
    forget_what_is_due()
    assert post_by_code(cast.stranger.code) is None


def test_a_post_that_was_left_before_confirming_is_erased(cast: Cast) -> None:
    """Nobody can come back to it, and nothing unconfirmed is ever shown."""
    post = cast.supporter.posts(keeps_code=False, cover="everybody")
    run_until_idle((develop_pending,))
    cast.house.clock.advance((ABANDONED_DAYS + 1) * 86400)
    cast.house.restarted()
    abandoned_erase_pending()
    post.refresh_from_db()
    assert post.erased and not CodeForgetting.objects.exists()


def test_sending_the_form_twice_is_one_post(cast: Cast) -> None:
    """A script sends it once for the answer and once for the page."""
    order = cast.supporter.order(keeps_code=False)
    assert cast.supporter.posts(keeps_code=False) == post_submit(order)
    assert Post.objects.count() == CodeForgetting.objects.count() == 1


@pytest.mark.threat("B1", "B2")
def test_forgetting_leaves_the_post_and_no_way_back(committed_cast: Cast) -> None:
    """The code opens nothing from that transaction on; the worker wipes the digest out of the database's files."""
    cast = committed_cast
    post = cast.supporter.decided()
    owner = digest(CODE, server.keys().pepper)
    if connection.vendor == "sqlite":
        assert cast.house.trace_of(owner)
    code_forget(post=post)
    assert not is_known(cast)
    forget_what_is_due()
    assert cast.house.trace_of(owner) == []
    post.refresh_from_db()
    assert post.code_digest is None and post.caption and not post.erased
    assert not CodeForgetting.objects.exists()
    run_until_idle((append_pending,))
    assert post_state(post) is PostState.ON_WALL


def test_forgetting_twice_is_once_and_erasing_after_it_works(cast: Cast) -> None:
    """Also when it was taken back or erased meanwhile."""
    post = cast.supporter.decided()
    code_forget(post=post)
    code_forget(post=post)
    post_withdraw(post=post)
    assert not CodeForgetting.objects.exists()
    with pytest.raises(Refused) as refused:
        code_forget(post=post)
    assert refused.value.code == "post-gone"


@pytest.mark.parametrize("content", [b"selfie", b"broken"])
def test_what_waits_for_its_author_is_not_forgotten(cast: Cast, content: bytes) -> None:
    """Nobody could confirm it, or send another photo: the page says what to do first."""
    post = cast.supporter.posts(content, cover="everybody")
    run_until_idle((develop_pending,))
    with pytest.raises(Refused) as refused:
        code_forget(post=post)
    assert refused.value.code == "code-needed" and is_known(cast)


@pytest.mark.parametrize("at", range(8))
def test_forgetting_is_whole_or_never_happened(committed_cast: Cast, at: int) -> None:
    """Killed before any statement: the code opens the post, or it is gone and a row makes the worker finish."""
    cast = committed_cast
    post = cast.supporter.decided()
    try:
        with killed_at_statement(at):
            code_forget(post=post)
    except Killed:
        assert is_known(cast) is not CodeForgetting.objects.exists()
    code_forget(post=post)
    forget_what_is_due()
    assert not is_known(cast) and not CodeForgetting.objects.exists()
