"""Pictures in mirrors: by a key and the author's consent alone, checked, and gone at the next run when taken back."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.wall.conftest import ENOUGH, Power, PowerCut, Site
from tests.wall.logs import ORIGIN, SIGNER, log_of, long_story
from tests.web.html import Reading, foreign
from wearemany.adapters.fetch import Way
from wearemany.errors import TryAgain
from wearemany.tlog.note import NoteError, Signer
from wearemany.wall.mirrors.copying import Mirrored, Wishes, mirror
from wearemany.wall.mirrors.pictures_note import (
    HEAD_PATH,
    ListedPicture,
    PicturesMalformed,
    digest_of,
    make_blocks,
    make_head,
    open_head,
    picture_path,
    read_block,
    sign_head,
)
from wearemany.wall.recounting.reading import recount

NOW = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
KEY = "abcdefghijklmnopqrstuvwxyz"


def photo_of(position: int, content: bytes = b"") -> tuple[ListedPicture, bytes]:
    content = content or f"a picture of post {position}".encode()
    name = "".join("abcdefghij"[int(digit)] for digit in f"{position:026d}")
    return ListedPicture(position, 1, digest_of(content), f"{name}.jpg"), content


def serve(site: Site, *positions: int, posts: int = 300, at: datetime.datetime = NOW) -> None:
    """Make the site a server with a log, and a signed list of these posts' pictures."""
    site.files.clear()
    site.files.update({f"/log/red/{path}": content for path, content in log_of(long_story(posts)).items()})
    photos = [photo_of(position) for position in positions]
    site.files.update({f"/r/{picture.file}": content for picture, content in photos})
    offer(site, [picture for picture, _ in photos], at=at)


def offer(
    site: Site, pictures: list[ListedPicture], *, at: datetime.datetime, seed: bytes = SIGNER.seed
) -> None:
    blocks = make_blocks(pictures)
    site.files["/log/red/pictures"] = sign_head(make_head(ORIGIN, at, blocks), seed=seed).data
    site.files.update({f"/log/red/pictures/{number}": content for number, content in blocks.items()})


def copy(site: Site, folder: Path, *, now: datetime.datetime = NOW, key: str = KEY) -> Mirrored:
    site.asked.clear()
    wishes = Wishes(pictures_key=key)
    return mirror(f"{site.address}/log/red/", folder=folder, now=now, way=Way(), wishes=wishes)


def there(folder: Path) -> list[str]:
    """Return the places whose pictures are in the mirror."""
    return sorted(path.name for path in folder.glob("pictures/*/*"))


def test_pictures_come_once_and_leave_when_they_are_off_the_list(site: Site, tmp_path: Path) -> None:
    """A second run asks for what is new alone; a block that is as it was is not fetched again."""
    serve(site, *range(1, 4), 5000, posts=10)
    done = copy(site, tmp_path / "m")
    assert (done.pictures, done.pictures_fetched, done.pictures_complaint) == (4, 4, "")
    assert (tmp_path / "m" / picture_path(5000, 1)).read_bytes() == photo_of(5000)[1]
    serve(site, 1, 3, 4, 5000, posts=10, at=NOW + HOUR)
    done = copy(site, tmp_path / "m", now=NOW + HOUR)
    assert (done.pictures, done.pictures_fetched, done.pictures_removed) == (4, 1, 1)
    assert there(tmp_path / "m") == ["1-1.jpg", "3-1.jpg", "4-1.jpg", "5000-1.jpg"]
    assert "/log/red/pictures/0" in site.asked and "/log/red/pictures/1" not in site.asked
    assert copy(site, tmp_path / "m", now=NOW + HOUR).pictures_fetched == 0
    assert not [path for path in site.asked if path.startswith("/r/")]
    day = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC).timestamp()
    assert {path.stat().st_mtime for path in (tmp_path / "m").glob("pictures/*/*")} == {day}


def test_a_picture_that_was_covered_more_replaces_the_one_before(site: Site, tmp_path: Path) -> None:
    """The same post with another digest: the old file goes first, then the new one comes."""
    serve(site, 1, 2, posts=10)
    copy(site, tmp_path / "m")
    picture, content = photo_of(2, b"covered more")
    site.files[f"/r/{picture.file}"] = content
    offer(site, [photo_of(1)[0], picture], at=NOW + HOUR)
    done = copy(site, tmp_path / "m")
    assert (done.pictures_removed, done.pictures_fetched) == (1, 1)
    assert (tmp_path / "m" / picture.path).read_bytes() == content


@pytest.mark.threat("M")
def test_removals_come_first_whatever_else_fails(site: Site, tmp_path: Path) -> None:
    """A broken log, a silent server after the list, a fork: what was taken back is gone, and from the pages too."""
    for name, spoil in (("fork", lambda: site.files.update(rollback())), ("silent", lambda: silence(site))):
        folder = tmp_path / name
        serve(site, 1, 2, posts=300)
        copy(site, folder)
        serve(site, 2, posts=600, at=NOW + HOUR)
        spoil()
        try:
            assert [item.code for item in copy(site, folder, now=NOW + HOUR).findings] == ["rollback"]
        except TryAgain:
            assert name == "silent"
        site.statuses.clear()
        assert there(folder) == ["2-1.jpg"]
        page = (folder / "wall.1.en.html").read_text()
        assert picture_path(2, 1) in page and picture_path(1, 1) not in page


def rollback() -> dict[str, bytes]:
    return {f"/log/red/{path}": content for path, content in log_of(long_story(20)).items()}


def silence(site: Site) -> None:
    site.statuses.update({path: 503 for path in site.files if "/tile/" in path})


def test_a_list_that_is_not_ours_or_older_changes_nothing(site: Site, tmp_path: Path) -> None:
    """A false signature, a replayed list, a block that does not fit: everything stays, and the command says so."""
    folder = tmp_path / "m"
    serve(site, 1, 2, posts=10)
    copy(site, folder)
    offer(site, [], at=NOW + HOUR, seed=bytes(32))
    assert "not taken" in copy(site, folder).pictures_complaint
    offer(site, [], at=NOW - HOUR)
    assert "not taken" in copy(site, folder).pictures_complaint
    offer(site, [photo_of(1)[0]], at=NOW + HOUR)
    site.files["/log/red/pictures/0"] += b"more\n"
    assert "changes too quickly" in copy(site, folder).pictures_complaint
    site.statuses["/log/red/pictures"] = 503
    site.files["/log/red/pictures"] = b"busy\n"
    assert copy(site, folder).pictures_complaint
    assert there(folder) == ["1-1.jpg", "2-1.jpg"]


def test_a_key_that_does_not_hold_empties_the_mirror(site: Site, tmp_path: Path) -> None:
    """Revoked: the server signs an empty list. Without a key nobody says what was taken back: all leave as well."""
    folder = tmp_path / "m"
    serve(site, 1, 2, posts=10)
    copy(site, folder)
    offer(site, [], at=NOW + HOUR)
    site.statuses["/log/red/pictures"] = 403
    done = copy(site, folder)
    assert (done.pictures, done.pictures_removed) == (0, 2) and "does not hold" in done.pictures_complaint
    assert there(folder) == [] and not list(folder.glob("wall.*.html"))
    site.statuses.clear()
    serve(site, 1, 2, posts=10, at=NOW + 2 * HOUR)
    copy(site, folder)
    assert copy(site, folder, key="").pictures_removed == 2 and not (folder / "pictures").exists()


def test_a_picture_must_be_the_listed_one(site: Site, tmp_path: Path) -> None:
    """Another picture, a cut one, one that is gone meanwhile: none of them is shown; the rest is."""
    serve(site, 1, 2, 3, 4, posts=10)
    files = {position: f"/r/{photo_of(position)[0].file}" for position in (1, 2, 3)}
    site.files[files[1]] = b"somebody else"
    site.cuts[files[2]] = 5
    del site.files[files[3]]
    done = copy(site, tmp_path / "m")
    assert (done.pictures, there(tmp_path / "m")) == (1, ["4-1.jpg"])
    assert done.pictures_complaint.startswith("2 pictures could not be fetched")
    page = (tmp_path / "m" / "wall.1.en.html").read_text()
    assert page.count("<img") == 1
    site.cuts.clear()
    serve(site, 1, 2, 3, 4, posts=10)
    assert copy(site, tmp_path / "m").pictures_fetched == 3


def test_the_power_may_fail_between_any_two_writes_of_pictures(
    site: Site, tmp_path: Path, power: Power
) -> None:
    """Wherever it is cut: nothing that left is there, every page can be read, and the next run ends it."""
    for left in range(30):
        folder = tmp_path / f"m{left}"
        serve(site, 1, 2, posts=10)
        power.writes_left = ENOUGH
        copy(site, folder)
        serve(site, 2, 3, posts=12, at=NOW + HOUR)
        power.writes_left = left
        try:
            copy(site, folder, now=NOW + HOUR)
        except PowerCut:
            assert "1-1.jpg" not in there(folder)
            assert Reading((folder / "index.html").read_text()).faults == []
            power.writes_left = ENOUGH
            copy(site, folder, now=NOW + HOUR)
        else:
            assert left > 8
            return
        assert there(folder) == ["2-1.jpg", "3-1.jpg"]
    pytest.fail("a run has more writes than this test knows")


def test_a_mirror_out_of_reach_for_a_day_says_so(site: Site, tmp_path: Path) -> None:
    """For a day it says nothing; then each page of the front warns, until the wall is reached again."""
    folder = tmp_path / "m"
    serve(site, 1, posts=10)
    copy(site, folder)
    site.statuses.update(dict.fromkeys(site.files, 503))
    for hours, warns in ((23, False), (24, True), (99, True)):
        with pytest.raises(TryAgain):
            copy(site, folder, now=NOW + hours * HOUR)
        page = (folder / "index.html").read_text()
        assert ('class="warning"' in page) == warns and Reading(page).faults == []
        assert there(folder) == ["1-1.jpg"] and "10</strong> posts" in page
    site.statuses.clear()
    copy(site, folder, now=NOW + 100 * HOUR)
    assert 'class="warning"' not in (folder / "index.html").read_text()


def test_the_pictures_are_paged_and_need_no_script(site: Site, tmp_path: Path) -> None:
    """Newest first, both languages, with the number and its signed count on each page, nothing from elsewhere."""
    folder = tmp_path / "m"
    serve(site, *range(1, 131), posts=150)
    assert copy(site, folder).pictures == 130
    pages = sorted(path.name for path in folder.glob("wall.*.html"))
    assert pages == sorted(f"wall.{number}.{code}.html" for number in (1, 2, 3) for code in ("en", "ru"))
    for name in pages:
        page = (folder / name).read_text()
        assert (
            "<script" not in page
            and Reading(page).faults == []
            and foreign(Reading(page), allowed=("mirror.css", "./", "pictures/")) == []
        )
        assert ">150</strong>" in page
    newest = (folder / "wall.3.en.html").read_text()
    assert newest.index(picture_path(130, 1)) < newest.index(picture_path(121, 1))
    assert 'href="wall.2.en.html"' in newest and "Signed count of" in newest
    assert 'href="wall.3.en.html"' in (folder / "index.html").read_text()
    assert "no names and no words" in (folder / "index.html").read_text()
    serve(site, *range(1, 41), posts=150, at=NOW + HOUR)
    copy(site, folder)
    assert sorted(path.name for path in folder.glob("wall.*.html")) == ["wall.1.en.html", "wall.1.ru.html"]


def test_the_list_has_one_form() -> None:
    """What is signed is read back as it was; anything else by that key, or by another, is no list."""
    blocks = make_blocks([photo_of(5000)[0], photo_of(3)[0], photo_of(1)[0]])
    head = make_head(ORIGIN, NOW, blocks)
    note = sign_head(head, seed=SIGNER.seed).data
    assert open_head(note, SIGNER.verifier) == head and sorted(blocks) == [0, 1]
    assert [each.position for each in read_block(blocks[0], number=0, digest=head.blocks[0])] == [1, 3]
    with pytest.raises(NoteError):
        open_head(note, Signer(ORIGIN, bytes(32)).verifier)
    with pytest.raises(NoteError):
        open_head(note.replace(b"2026", b"2027"), SIGNER.verifier)
    lines = blocks[0].decode().splitlines(True)
    for other in (
        lines[0] + "x\n",
        "".join(reversed(lines)),
        lines[0] * 2,
        "01" + lines[0][1:],
        "9000" + lines[0][1:],
    ):
        with pytest.raises(PicturesMalformed):
            read_block(other.encode(), number=0, digest=digest_of(other.encode()))
    assert HEAD_PATH == "pictures/list"


LONG = [pytest.param(requests, marks=pytest.mark.long) for requests in (1, 3, 12, 20, 25, 40, 50)]


@pytest.mark.parametrize("requests", [8, 60, *LONG])
def test_a_killed_run_leaves_the_former_mirror(site: Site, tmp_path: Path, requests: int) -> None:
    """SIGKILL in the middle of the command: what was there counts and reads as before, and the next run ends it."""
    folder, keyfile = tmp_path / "m", tmp_path / "key.txt"
    keyfile.write_text(f"{KEY}\n")
    serve(site, 1, 2, posts=40)
    copy(site, folder)
    serve(site, *range(2, 60), posts=1000, at=NOW + HOUR)
    site.asked.clear()
    words = ["wall", "mirror", f"{site.address}/log/red/", str(folder), "--pictures", str(keyfile)]
    run = subprocess.Popen([sys.executable, "-m", "wearemany", *words], stdout=subprocess.PIPE)
    until_s = monotonic() + 20
    while len(site.asked) < requests and run.poll() is None and monotonic() < until_s:
        sleep(0.001)
    run.kill()
    run.communicate()
    report = recount(str(folder), pins_path=tmp_path / "pins.json", key=SIGNER.verifier.vkey)
    assert report.result.holds and report.result.tally is not None
    assert report.result.tally.posts in (40, 1000)
    assert Reading((folder / "index.html").read_text()).faults == []
    whole = {picture.path: content for picture, content in map(photo_of, range(1, 60))}
    for path in folder.glob("pictures/*/*.jpg"):
        assert path.read_bytes() == whole[str(path.relative_to(folder))]
    assert copy(site, folder, now=NOW + HOUR).pictures == 58
    assert there(folder) == sorted(f"{place}-1.jpg" for place in range(2, 60))
