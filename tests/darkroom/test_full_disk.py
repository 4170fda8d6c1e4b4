"""A disk without room: whoever sends is told to come again, what was taken waits, and nothing is half there."""

from __future__ import annotations

import base64
import errno
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.db import connection
from django.test import Client

from tests.api.test_door_api import Bot, told
from tests.cast import Cast
from tests.darkroom.doorway import API, FILE_NAME, HANDLE, TUS, Doorway, Sent, doorway
from tests.darkroom.test_killing_at_the_door import none_lost_none_double, photo
from tests.web.door_visits import work
from wearemany.adapters import ballast
from wearemany.photos.models import Photo, Post, Rendition
from wearemany.photos.orders import TERMS_VERSION

DISK_MB = 24


@contextmanager
def database_without_room() -> Iterator[None]:
    """Let SQLite say what it says on a full disk, by not letting its file grow."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            yield
        finally:
            cursor.execute("PRAGMA max_page_count = 4294967294")


@pytest.mark.database
def test_a_full_database_asks_to_come_again_and_keeps_nothing_half(
    client: Client, committed_cast: Cast
) -> None:
    """Posts go on until the file is full; the one that finds no room is told so, and made when there is some."""
    if connection.vendor != "sqlite":
        pytest.skip("a PostgreSQL server has a disk of its own")
    taken, refused = 0, None
    with database_without_room():
        for _ in range(60):
            bot = Bot(client, committed_cast)
            uploaded = bot.upload()
            answer = uploaded
            if uploaded.status_code == 201:
                order = bot.order(uploads=[uploaded.json()["upload"]], caption="We are many. " * 70)
                answer = bot.send(f"/campaigns/{bot.handle}/posts", order)
            if answer.status_code != 200:
                refused = answer
                break
            taken += 1
    assert refused is not None, "the database was never full"
    assert told(refused) == (503, "database-unwritable")
    assert refused.headers["Retry-After"]
    assert Post.objects.count() == Photo.objects.count() == taken
    assert bot.post(uploads=[bot.upload().json()["upload"]]).status_code == 200
    work()
    assert Rendition.objects.count() == 6 * (taken + 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder whose `data` is a disk of its own with a few megabytes."""
    disk = tmp_path / "data"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=700", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if not made or made.returncode:
        pytest.skip("only root can make a small disk to fill")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Take all the room that is left, to the last byte."""
    filling = disk / "filling"
    with filling.open("wb", buffering=0) as file:
        for piece in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * piece)
            except OSError as full:
                assert full.errno == errno.ENOSPC
    try:
        yield
    finally:
        filling.unlink()


def refusals_of(door: Doorway) -> list[tuple[int, str]]:
    """Try to send a photo whole and in pieces; return how both were answered."""
    form = door.client.post(f"{API}/campaigns/{HANDLE}/forms").json()["form"]
    content = photo(1) * 20
    whole = door.client.post(f"{API}/uploads", data={"form": form}, files={"photo": (FILE_NAME, content)})
    metadata = f"form {base64.b64encode(form.encode()).decode()}"
    begun = door.client.post("/upload", headers={**TUS, "Upload-Length": "9000", "Upload-Metadata": metadata})
    return [told_of(whole), told_of(begun)]


def told_of(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


def posted(door: Doorway, number: int) -> Sent:
    """Post a photo and do not wait for what becomes of it."""
    sent = Sent(str(number))
    form = door.client.post(f"{API}/campaigns/{HANDLE}/forms").json()
    files = {"photo": (FILE_NAME, photo(number))}
    upload = door.client.post(f"{API}/uploads", data={"form": form["form"]}, files=files).json()["upload"]
    order = {
        **form, "uploads": [upload], "cover": "nobody", "ticks": {"show": True, "agreed": True},
        "terms_version": TERMS_VERSION, "language": "en",
    }  # fmt: skip
    assert door.client.post(f"{API}/campaigns/{HANDLE}/posts", json=order).status_code == 200
    sent.code = form["code"]
    return sent


@pytest.mark.long
def test_a_server_on_a_full_disk_asks_to_come_again_and_goes_on(small_disk: Path) -> None:
    """Full while photos arrive, and while they wait: 503 with a sentence, pages are served, and with room all go on."""
    disk = small_disk / "data"
    with doorway(small_disk, children=1) as door:
        before = door.send("before", photo(0), way="multipart")
        with filled(disk):
            for status, code in refusals_of(door):
                assert (status, code) in ((503, "storage-full"), (503, "database-unwritable"))
            assert door.client.get(f"/en/{HANDLE}/").status_code == 200
            assert list((disk / "blobs" / ".drafts").iterdir()) == []
        waiting = [posted(door, number) for number in range(1, 13)]
        with filled(disk):
            time.sleep(3)
            assert door.client.get(f"/en/{HANDLE}/").status_code == 200
        for sent in waiting:
            door.settle(sent)
        after = door.send("after", photo(99), way="tus")
        none_lost_none_double(door, [before, *waiting, after])
        assert door.settled(), door.left_over()


def laid(disk: Path) -> bool:
    """Wait until the ballast is there, as whoever opens a server does not; False when it does not come."""
    deadline = time.monotonic() + 60
    while ballast.is_given_up(disk) or not (disk / ballast.NAME).exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.long
def test_on_a_full_disk_a_post_can_still_be_taken_back(small_disk: Path) -> None:
    """Gone with that very request, also from the store; what arrives is refused until there is room again."""
    disk = small_disk / "data"
    with doorway(small_disk, children=1) as door:
        own = {"origin": door.server.base}
        posts = [door.send(str(number), photo(number), way="multipart") for number in range(4)]
        assert laid(disk)
        with filled(disk):
            stored = pictures_in(disk)
            for sent in posts[:3]:
                sure = {"code": sent.code, "sure": "yes"}
                answer = door.client.post("/en/keep/take-back", data=sure, headers=own)
                assert (answer.status_code, "Taken back" in answer.text) == (200, True), answer.text[-900:]
                again = door.client.post("/en/keep", data={"code": sent.code}, headers=own)
                assert "Take it back" not in again.text
            form = door.client.post(f"{API}/campaigns/{HANDLE}/forms").json()["form"]
            late = {"photo": (FILE_NAME, photo(98))}
            refused = door.client.post(f"{API}/uploads", data={"form": form}, files=late)
            assert told_of(refused) == (503, "storage-full")
            deadline = time.monotonic() + 60
            while pictures_in(disk) > stored - 3 * 6:
                assert time.monotonic() < deadline, "the pictures are still in the store"
                time.sleep(0.1)
        assert laid(disk)
        assert door.send("after", photo(99), way="multipart").taken
        assert pictures_in(disk) == 2 * 6


def pictures_in(disk: Path) -> int:
    """Return how many sealed copies the store holds."""
    return sum(1 for path in (disk / "blobs" / "r").rglob("*") if path.is_file())
