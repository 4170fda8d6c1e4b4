"""Words of posts that the team took out of sight: sealed, read by whom they concern, back when the post comes back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from tests.cast import Cast
from tests.web.walls import stand
from wearemany.darkroom.geometry import Box
from wearemany.moderation.hushing import words_hush_pending
from wearemany.moderation.models import Decision
from wearemany.moderation.purging import post_purge
from wearemany.moderation.services import decide_pending, decision_make, decision_undo
from wearemany.photos.hushed import words_hush, words_hushed
from wearemany.photos.models import Photo, Post, PostKey
from wearemany.photos.orders import PostChange
from wearemany.photos.readiness import waiting_edit, words_of, words_stood
from wearemany.photos.services import photo_cover, post_amend
from wearemany.photos.steps import develop_pending
from wearemany.wall.facts import facts_of_posts
from wearemany.wall.log import append_campaign
from wearemany.wall.restored import _posts_unlike_their_line
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database, pytest.mark.threat("D")]
CAPTION = "We care, and say so"


@pytest.fixture
def post(cast: Cast) -> Post:
    """A post on the wall, with everything that somebody can say."""
    post = cast.supporter.decided(caption=CAPTION, name="Nadia", alts=("Me by the door",))
    append_campaign(cast.campaign)
    return post


def columns(post: Post) -> tuple[object, ...]:
    """Return what stands in the open."""
    row = Post.objects.get(pk=post.pk)
    return (row.caption, row.name, row.elsewhere, row.edit, row.photos.get().alt)


EMPTY = ("", "", "", {}, "")


def rejected(cast: Cast, post: Post) -> Post:
    """Reject it; return it as it is now."""
    decision_make(post=post, kind="reject", reason="off-call", account=cast.moderator)
    return Post.objects.get(pk=post.pk)


@pytest.mark.parametrize("how", ["rejected", "purged"])
def test_they_leave_their_columns_with_the_decision(cast: Cast, post: Post, how: str) -> None:
    """Whichever way the team hides a post; undone, every word stands where it stood."""
    before, said = columns(post), words_of(post)
    if how == "rejected":
        rejected(cast, post)
    else:
        post_purge(post=post, account=cast.organiser)
    assert columns(post) == EMPTY
    now = Post.objects.get(pk=post.pk)
    assert words_of(now) == said and CAPTION.encode() not in bytes(now.hushed or b"")
    assert facts_of_posts([now])[post.pk].commitment() == facts_of_posts([post])[post.pk].commitment()
    decision_undo(post=post)
    assert columns(post) == before


def test_its_author_reads_and_changes_them(client: Client, cast: Cast, post: Post) -> None:
    """Under the code as ever; what is changed meanwhile is sealed too, and counts once the post is approved."""
    hushed = rejected(cast, post)
    told = client.post("/api/v1/posts/state", {"code": cast.supporter.code}, content_type="application/json")
    assert (told.json()["caption"], told.json()["photos"][0]["alt"]) == (CAPTION, "Me by the door")
    post_amend(post=hushed, change=PostChange(caption="Other words", elsewhere="https://photos.example/p/1"))
    assert columns(post) == EMPTY
    now = Post.objects.get(pk=post.pk)
    assert (words_stood(now)["caption"], words_of(now)["caption"]) == (CAPTION, "Other words")
    assert waiting_edit(now)["elsewhere"] == "https://photos.example/p/1"
    post_amend(post=now, change=PostChange(elsewhere=""))
    assert "elsewhere" not in waiting_edit(Post.objects.get(pk=post.pk)) and columns(post) == EMPTY
    decision_make(post=post, kind="approve", account=cast.organiser)
    assert columns(post) == ("Other words", "Nadia", "", {}, "Me by the door")


def test_they_die_with_the_posts_keys(cast: Cast, post: Post) -> None:
    """The first step of erasing is enough, and another key for its pictures is nothing to them."""
    hushed = rejected(cast, post)
    photo_cover(photo=Photo.objects.get(post=post), boxes=[Box(0.1, 0.1, 0.3, 0.3)])
    run_until_idle((develop_pending, decide_pending))
    assert words_of(Post.objects.get(pk=post.pk))["caption"] == CAPTION
    PostKey.objects.filter(post=post).delete()
    assert words_hushed(hushed) is None and words_of(hushed)["caption"] == ""
    assert not words_hush(Post.objects.get(pk=post.pk))


def test_a_restored_server_does_not_take_them_for_other_words(cast: Cast, post: Post) -> None:
    """A rejected post whose line still stands is not unlike it, and keeps its own term."""
    rejected(cast, post)
    assert post.pk not in _posts_unlike_their_line(cast.campaign)


def test_what_an_earlier_version_left_in_the_open_is_sealed(committed_cast: Cast) -> None:
    """A database of before, brought up to date: the next hour's round seals what was rejected, and nothing else."""
    cast = committed_cast
    shown, hidden = stand(cast, "is shown", "was rejected")
    Decision.objects.create(
        post=hidden, position=1, kind="reject", reason="hate", by="person", day=cast.house.clock.now().date()
    )
    MigrationExecutor(connection).migrate([("photos", "0009_untold_changes")])
    executor = MigrationExecutor(connection)
    executor.loader.build_graph()
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert columns(hidden)[0] == "was rejected"
    assert words_hush_pending() == 1
    assert columns(hidden) == EMPTY and columns(shown)[0] == "is shown"
    assert words_of(Post.objects.get(pk=hidden.pk))["caption"] == "was rejected"
    assert words_hush_pending() == 0
