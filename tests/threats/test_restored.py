"""A backup made before a withdrawal and restored after it serves nothing withdrawn and signs no second history."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.cast import Cast
from tests.rigs.postgres import postgres_server
from tests.rigs.serving import campaign_arguments
from tests.rigs.swift import BUCKET, KEY_ID, REGION, SECRET, swift_server
from tests.threats.test_erasure import HANDLE, Contribution, Seized, nothing_is_left, server_with_temp, until
from tests.wall.walls import approved, recounted
from wearemany.adapters import place
from wearemany.conversations.models import Comment, CommentState
from wearemany.conversations.services import comment_add
from wearemany.errors import Broken
from wearemany.photos.models import Post
from wearemany.wall.log import append_campaign
from wearemany.wall.queries import entry_of
from wearemany.wall.recovery import recover
from wearemany.wall.restored import copies_hold, is_held

pytestmark = [pytest.mark.threat("D", "H")]


def test_a_folder_knows_that_it_is_a_copy(tmp_path: Path) -> None:
    """Moved within its disk it is the same; copied it is not, until it is marked where it is."""
    first, moved, copied = (tmp_path / name for name in ("first", "moved", "copied"))
    first.mkdir()
    assert not place.is_copy(first)
    place.mark(first)
    first.rename(moved)
    shutil.copytree(moved, copied)
    assert (place.is_copy(moved), place.is_copy(copied)) == (False, True)
    place.mark(copied)
    assert not place.is_copy(copied)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_copy_shows_and_signs_nothing_until_it_was_compared(committed_cast: Cast) -> None:
    """Everything came back together, so no file says that it is old: held by the place alone, and let go by recovery.

    What the log vouches for is in sight again; a post that was on no line, and comments, are not.
    """
    campaign, house = committed_cast.campaign, committed_cast.house
    shown = approved(committed_cast, 2)
    append_campaign(campaign)
    comment_add(post=shown[0], name="", text="With you", language="en")
    waiting = committed_cast.somebody().decided(b"selfie refer")
    before = recounted(campaign).checkpoint
    copied = house.folder / "copied"
    copied.mkdir()
    (copied / "here").write_text("1\n")
    copies_hold(copied)
    campaign.refresh_from_db()
    assert is_held(campaign)
    assert [entry_of(Post.objects.get(pk=post.pk)) for post in shown] == [None, None]
    with pytest.raises(Broken) as refusal:
        append_campaign(campaign)
    assert refusal.value.code == "wall-restored"
    assert recounted(campaign).checkpoint == before
    assert recover(campaign).doubtful == 1
    assert all(entry_of(Post.objects.get(pk=post.pk)) for post in shown)
    waiting.refresh_from_db()
    assert waiting.erased
    assert Comment.objects.get().state == CommentState.HELD
    append_campaign(campaign)
    assert recounted(campaign, earlier=before).holds


def the_story(seized: Seized, backed_up: Callable[[], None], restored: Callable[[], None], *how: str) -> None:
    """One post stays, one is taken back after the backup, one was never on the wall and is taken back too."""
    serving = seized.serving
    serving.command("account", "create", "Olga")
    serving.command(*campaign_arguments(HANDLE))
    serving.start()
    staying, leaving, unseen = (Contribution(seized, number) for number in (21, 22, 23))
    for post in (staying, leaving):
        post.sent()
        post.on_the_wall()
    unseen.sent(cover="everybody")
    until(lambda: unseen.kept("state")["state"] == "confirm")
    wall = str(leaving.kept("state")["wall"])
    serving.stop()
    backed_up()
    serving.start()
    for post in (leaving, unseen):
        post.kept("take-back", sure=True)
    checkpoint = f"{serving.base}/log/{HANDLE}/checkpoint"
    until(lambda: "\n4\n" in seized.client.get(checkpoint).text)
    pins = ("--pins", str(serving.folder / "pins.json"))
    serving.command("wall", "recount", f"{serving.base}/en/{HANDLE}/", *pins)
    serving.command("wall", "mirror", f"{serving.base}/en/{HANDLE}/", str(serving.folder / "mirror"))
    nothing_is_left(leaving)
    serving.stop()
    restored()

    serving.start()
    page = seized.client.get(f"{serving.base}/ru/{HANDLE}/").text
    assert leaving.caption not in page
    assert staying.caption not in page, "nobody knows yet what may be shown"
    assert seized.client.get(f"{serving.base}{wall}").status_code in (404, 410)
    late = seized.client.post(f"{serving.base}/api/v1/campaigns/{HANDLE}/forms")
    assert late.status_code >= 400
    assert serving.command_result("campaign", "pause", HANDLE, "--notice", "en=Wait.").returncode == 1
    serving.command("wall", "recover", HANDLE, *how)
    until(lambda: staying.caption in seized.client.get(f"{serving.base}/ru/{HANDLE}/").text)
    for post in (leaving, unseen):
        nothing_is_left(post)
    serving.command("wall", "recount", f"{serving.base}/en/{HANDLE}/", *pins)
    serving.stop()


@pytest.mark.long
def test_sqlite_and_a_folder_restored_together(tmp_path: Path) -> None:
    """Log files and all: only the place gives it away, and a mirror has what is newer; without one it waits."""
    with server_with_temp(tmp_path, DATABASE="", STORAGE="") as serving:
        data, backup = tmp_path / "data", tmp_path.with_name(f"{tmp_path.name}-backup")
        seized = Seized(serving, (tmp_path,), "")

        def restored() -> None:
            shutil.rmtree(data)
            shutil.copytree(backup, data)
            refused = serving.command_result("wall", "recover", HANDLE)
            assert refused.returncode == 2
            assert "recover-from-where: " in refused.stderr

        the_story(
            seized,
            lambda: shutil.copytree(data, backup) and None,
            restored,
            "--from",
            str(tmp_path / "mirror"),
        )


@pytest.mark.long
def test_postgresql_restored_beside_its_bucket(tmp_path: Path) -> None:
    """The bucket's log is ahead of the database: noticed before any door opens, and all that is newer is there."""
    store, own = tmp_path / "swift", tmp_path / "server"
    store.mkdir()
    own.mkdir()
    with swift_server(store) as swift, postgres_server() as postgres:
        options = {
            "DATABASE": postgres.url, "STORAGE": f"s3://{BUCKET}", "S3_ENDPOINT": swift.endpoint,
            "S3_REGION": REGION, "S3_KEY_ID": KEY_ID, "S3_SECRET": SECRET,
        }  # fmt: skip
        with server_with_temp(own, **options) as serving:
            seized = Seized(serving, (own, store), postgres.url)
            url = postgres.url.removesuffix("/postgres")

            def copied(source: str, target: str, through: str) -> None:
                with psycopg.connect(f"{url}/{through}", autocommit=True) as line:
                    line.execute(f"drop database if exists {target} with (force)")
                    line.execute(f"create database {target} template {source}")

            def restored() -> None:
                copied("backup", "postgres", "template1")

            the_story(seized, lambda: copied("postgres", "backup", "template1"), restored)
