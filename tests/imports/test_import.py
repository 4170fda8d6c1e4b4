"""Bulk import: every picture once, whatever stops it; a slip for each; what was refused, and why."""

from __future__ import annotations

import contextlib
import csv
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.importing import imported, is_whole
from django.db import connection

from tests.cast import Cast
from tests.rig import killed_at_statement, sampled
from tests.rigs.stores import Fault, FaultyBlobs, Killed
from wearemany.adapters import clock
from wearemany.errors import Refused, TryAgain
from wearemany.imports import sending
from wearemany.imports.places import opened
from wearemany.imports.sending import ImportSpec, pictures_import
from wearemany.imports.slips import Report, Slips
from wearemany.moderation.services import post_withdraw
from wearemany.photos.models import Photo, Post, Upload
from wearemany.photos.services import post_by_code

pytestmark = pytest.mark.database
JPEG = b"\xff\xd8\xff\xe0 "
COUNT = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures in a folder of their own."""
    place = tmp_path / "pictures"
    place.mkdir()
    for number in range(COUNT):
        (place / f"{number}.jpg").write_bytes(JPEG + f"selfie {number}".encode())
    return place


@contextmanager
def clock_that_goes_on() -> Iterator[None]:
    """Let waiting move the stopped clock, as it would a running one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending.time, "sleep", lambda seconds: clock.clock.advance(max(seconds, 1.0)))
        yield


class Importer:
    """Somebody who imports a place again and again, with the same two files beside it."""

    def __init__(self, cast: Cast, source: Path, beside: Path) -> None:
        self._cast, self._source = cast, source
        self.slips, self.report = beside / "slips.csv", beside / "report.jsonl"

    def imports(self, *, step: Callable[[int, int], None] = lambda done, total: None) -> Report:
        """Run once; return the report as another run would read it."""
        spec = ImportSpec(campaign=self._cast.campaign, language="ru", cover="everybody")
        report = Report(self.report)
        pictures_import(opened(self._source), spec=spec, slips=Slips(self.slips), report=report, step=step)
        assert Report(self.report).outcomes == report.outcomes
        return report

    def codes(self) -> dict[str, str]:
        """Return what the slips say."""
        with self.slips.open(newline="") as file:
            return {row["file"]: row["code"] for row in csv.DictReader(file)}


@pytest.fixture
def importer(cast: Cast, folder: Path, tmp_path: Path) -> Importer:
    """Somebody with a folder."""
    return Importer(cast, folder, tmp_path)


def test_a_folder_becomes_posts_with_a_slip_each(importer: Importer) -> None:
    """Each picture is one post, developed; its code is on a slip that nobody else may read."""
    steps: list[tuple[int, int]] = []
    report = importer.imports(step=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (COUNT, COUNT)
    assert {outcome.state for outcome in report.outcomes.values()} == {"developed"}
    codes = importer.codes()
    posts = {file: post_by_code(code) for file, code in codes.items()}
    assert len({post.pk for post in posts.values() if post}) == COUNT == Post.objects.count()
    assert Upload.objects.count() == 0
    for path in (importer.slips, importer.report):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_importing_again_changes_nothing(importer: Importer, folder: Path) -> None:
    """The same place again: no second post, no second code; a new picture is added."""
    importer.imports()
    codes, report = importer.codes(), importer.report.read_bytes()
    importer.imports()
    assert (importer.codes(), importer.report.read_bytes(), Post.objects.count()) == (codes, report, COUNT)
    (folder / "new.jpg").write_bytes(JPEG + b"one more")
    importer.imports()
    assert Post.objects.count() == COUNT + 1
    assert codes.items() < importer.codes().items()


def test_a_post_that_was_taken_back_stays_away(importer: Importer) -> None:
    """Its author took it back between two runs; the import does not bring it back."""
    importer.imports()
    taken_back = post_by_code(importer.codes()["2.jpg"])
    assert taken_back is not None
    post_withdraw(post=taken_back)
    importer.imports()
    assert post_by_code(importer.codes()["2.jpg"]) is None
    assert Post.objects.filter(erased=False).count() == COUNT - 1


def test_what_is_refused_is_told_and_stops_nothing(importer: Importer, folder: Path) -> None:
    """No picture, a broken one, one too large: each with its code and sentence, the others are taken."""
    (folder / "1.jpg").write_bytes(b"%PDF-1.7")
    (folder / "3.jpg").write_bytes(JPEG + b"broken")
    (folder / "4.jpg").write_bytes(JPEG + b"huge")
    report = importer.imports()
    assert {outcome.file: outcome.code for outcome in report.refused()} == {
        "1.jpg": "upload-document",
        "3.jpg": "photo-damaged",
        "4.jpg": "photo-too-many-pixels",
    }
    assert all(outcome.sentence.endswith(".") and "%" not in outcome.sentence for outcome in report.refused())
    (folder / "1.jpg").write_bytes(JPEG + b"mended")
    assert [outcome.file for outcome in importer.imports().refused()] == ["3.jpg", "4.jpg"]


def test_a_list_carries_words_and_consents(cast: Cast, folder: Path, tmp_path: Path) -> None:
    """What each author said goes through the checks that a form's words go through."""
    (folder / "posts.csv").write_text(
        "file,caption,name,people,cover,consents,language,alt\n"
        "0.jpg,We are many,Ada,2,nobody,press,en,A woman in red\n"
        "1.jpg,,,many,,,,\n"
        f"2.jpg,{'x' * 1001},,,,,,\n"
        "3.jpg,,,,,fame,,\n"
        "4.jpg,,,,sideways,,,\n"
        "gone.jpg,,,,,,,\n"
    )
    importer = Importer(cast, folder, tmp_path)
    report = importer.imports()
    post = post_by_code(importer.codes()["0.jpg"])
    assert post is not None
    assert (post.caption, post.name, post.people, post.cover, post.language) == (
        "We are many",
        "Ada",
        2,
        "nobody",
        "en",
    )
    assert set(post.consents.values_list("kind", flat=True)) == {"wall", "press"}
    assert post.photos.get().alt == "A woman in red"
    assert {outcome.file: outcome.code for outcome in report.refused()} == {
        "1.jpg": "people-impossible",
        "2.jpg": "caption-too-long",
        "3.jpg": "consent-unknown",
        "4.jpg": "cover-missing",
        "gone.jpg": "import-file-missing",
    }
    assert Photo.objects.count() == 1


def test_slips_are_on_disk_before_anything_is_sent(importer: Importer, cast: Cast) -> None:
    """A full disk at the first picture: every code is on its slip already, and no post is without one."""
    failing = FaultyBlobs(cast.house.store)
    failing.fail(0, Fault.FAILED)
    cast.house.use(failing)
    with pytest.raises(TryAgain):
        importer.imports()
    assert len(importer.codes()) == COUNT and Post.objects.count() == 0
    importer.imports()
    assert Post.objects.count() == COUNT


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("number", sampled(24))
def test_a_store_that_fails_costs_time_and_no_picture(
    committed_cast: Cast, folder: Path, tmp_path: Path, number: int, fault: Fault
) -> None:
    """Any operation fails, or happened and failed, or is the last thing the process does: the next run completes."""
    importer = Importer(committed_cast, folder, tmp_path)
    failing = FaultyBlobs(committed_cast.house.store)
    failing.fail(number, fault)
    committed_cast.house.use(failing)
    with contextlib.suppress(TryAgain, Killed), clock_that_goes_on():
        importer.imports()
    clock.clock.advance(200)
    importer.imports()
    assert Post.objects.count() == COUNT == Photo.objects.filter(development__isnull=False).count()


def test_slips_are_never_written_over_something_else(importer: Importer) -> None:
    """A file that holds no slips is left as it is."""
    importer.slips.write_text("my diary")
    with pytest.raises(Refused, match="holds no slips"):
        importer.imports()
    assert importer.slips.read_text() == "my diary"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", sampled(120))
def test_killed_anywhere_it_goes_on_without_doubles(
    committed_cast: Cast, folder: Path, tmp_path: Path, number: int
) -> None:
    """The process dies before its n-th statement; started again, every picture is one post."""
    importer = Importer(committed_cast, folder, tmp_path)
    try:
        with killed_at_statement(number):
            importer.imports()
    except Killed:
        connection.close()
    clock.clock.advance(200)
    importer.imports()
    assert Post.objects.count() == COUNT == Photo.objects.filter(development__isnull=False).count()
    assert all(post_by_code(code) for code in importer.codes().values())


@pytest.mark.long
def test_ten_thousand_pictures_go_through_in_one_go(cast: Cast, tmp_path: Path) -> None:
    """A zip of ten thousand, stopped twice on the way; never more than a few dozen wait."""
    place = tmp_path / "pictures"
    place.mkdir()
    for number in range(10_000):
        (place / f"{number:05}.jpg").write_bytes(JPEG + f"selfie {number}".encode())
    importer = Importer(cast, place, tmp_path)
    most_waiting = 0

    def stop_at(place: int) -> Callable[[int, int], None]:
        def step(done: int, total: int) -> None:
            nonlocal most_waiting
            if done % 500 == 0:
                most_waiting = max(most_waiting, Photo.objects.filter(due_at__isnull=False).count())
            if done == place:
                raise Killed(str(done))

        return step

    for place_of_death in (3_000, 7_000):
        with pytest.raises(Killed):
            importer.imports(step=stop_at(place_of_death))
    report = importer.imports(step=stop_at(0))
    assert Post.objects.count() == 10_000 and not report.refused()
    assert most_waiting <= 60


@pytest.mark.long
def test_a_thousand_real_pictures_survive_the_death_of_the_command(tmp_path: Path) -> None:
    """By the command with the real darkroom, killed in the middle: good ones are posts, bad ones are told of."""
    found = imported(1_000, tmp_path)
    assert found.killed_at >= 500
    assert is_whole(found), found
