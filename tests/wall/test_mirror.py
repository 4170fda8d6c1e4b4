"""A mirror: verified before anything is put in place, resumed after any cut, never led astray, readable as it is."""

from __future__ import annotations

import datetime
import json
from argparse import Namespace
from pathlib import Path

import pytest

from tests.wall.conftest import ENOUGH, Power, PowerCut, Site
from tests.wall.drawn import post
from tests.wall.logs import ORIGIN, SIGNER, files_of, log_of, long_story
from tests.web.html import Reading, foreign
from wearemany.adapters.fetch import Way
from wearemany.cli.mirror import run_mirror
from wearemany.doors import parse_doors
from wearemany.errors import Broken, Refused, TryAgain
from wearemany.tlog.note import Signer
from wearemany.wall.doors_note import list_doors, sign_doors
from wearemany.wall.entry import encode
from wearemany.wall.mirrors.copying import COMING, Mirrored, Wishes, mirror
from wearemany.wall.recounting.reading import recount

DAY = datetime.date(2026, 11, 24)
NOW = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.UTC)
ONION = "http://" + "a2" * 28 + ".onion"
WALL = (
    '<!doctype html><html lang="ru"><meta property="og:site_name" content="#НеРавнодушны"><meta '
    'property="og:description" content="Наденьте красное &lt;b&gt;"><h1 id="phrase" lang="ru" dir="auto">'
    "Мы не равнодушны &amp; нас много</h1>"
)


def doors_note(
    day: datetime.date = DAY, *origins: str, seed: bytes = SIGNER.seed, name: str = ORIGIN
) -> bytes:
    doors = parse_doors(origins or ("https://many.example", ONION))
    listed = list_doors(name=name, day=day, doors=doors, mirrors=("https://shelf.example/red/",))
    return sign_doors(listed, seed=seed).data


def serve(site: Site, files: dict[str, bytes], *, note: bytes | None = None) -> None:
    """Make the site show exactly these files of a log, a list of doors, and the wall's pages."""
    site.files.clear()
    site.files.update({f"/log/red/{path}": content for path, content in files.items()})
    site.files["/log/red/doors"] = doors_note() if note is None else note
    site.files["/ru/red/"] = WALL.encode()


def copy(site: Site, folder: Path, **changes: object) -> Mirrored:
    site.asked.clear()
    now = datetime.datetime.combine(changes.pop("day", DAY), datetime.time(9), datetime.UTC)  # type: ignore[arg-type]
    wishes = Wishes(str(changes.pop("key", "")), str(changes.pop("language", "en")))
    return mirror(f"{site.address}/log/red/", folder=folder, now=now, way=Way(), wishes=wishes)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and COMING not in path.parts
    }


def recounted(folder: Path, tmp_path: Path) -> int:
    """Recount the mirror as anybody would and return its posts."""
    report = recount(str(folder), pins_path=tmp_path / "pins.json", key=SIGNER.verifier.vkey)
    assert report.result.holds, report.result.findings
    assert report.result.tally is not None
    return report.result.tally.posts


def test_a_mirror_is_a_log_of_its_own_and_is_brought_up_to_date(site: Site, tmp_path: Path) -> None:
    """It recounts without the server; a second run fetches what is new alone; partial files that are past leave."""
    folder = tmp_path / "mirror"
    serve(site, log_of(long_story(300)))
    assert copy(site, folder).result.holds
    assert recounted(folder, tmp_path) == 300
    serve(site, log_of(long_story(600)))
    done = copy(site, folder)
    assert done.result.holds and recounted(folder, tmp_path) == 600
    assert "/log/red/tile/entries/000" not in site.asked, "what is there for ever is not asked for again"
    assert 0 < done.fetched <= 5
    assert not list(folder.rglob("*.p/45")) and not (folder / COMING).exists()
    assert copy(site, folder).fetched == 0


@pytest.mark.parametrize(
    "cut", ["checkpoint", "tile/entries/000", "tile/0/000", "tile/entries/001.p/45", "doors"]
)
def test_a_cut_changes_nothing_and_a_repeat_goes_on(site: Site, tmp_path: Path, cut: str) -> None:
    """Whatever file breaks off in the middle: what was there stays whole, and the rest need not come twice."""
    folder = tmp_path / "mirror"
    serve(site, log_of(long_story(40)))
    copy(site, folder)
    before = snapshot(folder)
    serve(site, log_of(long_story(300)))
    site.cuts[f"/log/red/{cut}"] = 20
    with pytest.raises(TryAgain):
        copy(site, folder)
    assert snapshot(folder) == before and recounted(folder, tmp_path) == 40
    site.cuts.clear()
    done = copy(site, folder)
    assert done.result.holds and recounted(folder, tmp_path) == 300
    if cut == "doors":
        assert done.fetched == 0, "all of it was there already"


def test_the_power_may_fail_between_any_two_writes(site: Site, tmp_path: Path, power: Power) -> None:
    """At every moment the folder holds a good mirror, and the next run completes it."""
    for left in range(0, 40):
        folder = tmp_path / f"mirror{left}"
        serve(site, log_of(long_story(40)))
        power.writes_left = ENOUGH
        copy(site, folder)
        serve(site, log_of(long_story(300)), note=doors_note(DAY + datetime.timedelta(1)))
        power.writes_left = left
        try:
            copy(site, folder)
        except PowerCut:
            power.writes_left = ENOUGH
            assert recounted(folder, tmp_path / str(left)) in (40, 300)
            assert copy(site, folder).result.holds
        else:
            assert left > 12
            break
        assert recounted(folder, tmp_path / str(left)) == 300
        assert (folder / "doors").read_bytes() == site.files["/log/red/doors"]
    else:
        pytest.fail("a run has more writes than this test knows")


@pytest.mark.parametrize("other", ["shorter", "fork", "other key", "false signature"])
def test_a_shortened_second_or_foreign_history_is_refused(site: Site, tmp_path: Path, other: str) -> None:
    """The mirror stays as it was, to the byte, and says what is wrong."""
    folder = tmp_path / "mirror"
    serve(site, log_of(long_story(300)))
    copy(site, folder)
    before = snapshot(folder)
    lines = [encode(entry) for entry in long_story(320)]
    lines[7] = encode(post(9999))
    bad = {
        "shorter": log_of(long_story(299)),
        "fork": files_of(lines),
        "other key": files_of(lines, Signer(ORIGIN, bytes(32))),
        "false signature": {
            **log_of(long_story(320)),
            "checkpoint": log_of(long_story(300))["checkpoint"][:-8] + b"AAAAAA=\n",
        },
    }[other]
    serve(site, bad)
    done = copy(site, folder)
    codes = {finding.code for finding in done.findings}
    assert codes & {"rollback", "fork", "key-other", "signature-false", "checkpoint-malformed"}
    assert snapshot(folder) == before
    serve(site, log_of(long_story(310)))
    assert copy(site, folder).result.holds, "an honest server is believed again"


def test_a_damaged_file_of_the_mirror_is_fetched_anew(site: Site, tmp_path: Path) -> None:
    """A bad disk here is not the server's fault."""
    folder = tmp_path / "mirror"
    serve(site, log_of(long_story(300)))
    copy(site, folder)
    (folder / "tile/entries/000").write_bytes(b"\x00\x01x")
    assert copy(site, folder).result.holds
    assert recounted(folder, tmp_path) == 300
    (folder / "checkpoint").write_bytes(b"nothing")
    with pytest.raises(Broken) as broken:
        copy(site, folder)
    assert broken.value.code == "mirror-damaged"


def test_partial_files_that_left_are_cut_out_of_full_ones(site: Site, tmp_path: Path) -> None:
    """A server ahead of its own checkpoint has full files only; the mirror keeps what the signature covers."""
    small, large = log_of(long_story(300)), log_of(long_story(511))
    left = {"tile/entries/001.p/45", "tile/0/001.p/45"}
    serve(site, {**large, **{path: content for path, content in small.items() if path not in left}})
    folder = tmp_path / "mirror"
    assert copy(site, folder).result.holds
    assert recounted(folder, tmp_path) == 300
    assert (folder / "tile/entries/001.p/45").read_bytes() == log_of(long_story(300))["tile/entries/001.p/45"]
    assert not (folder / "tile/entries/001").exists()


def test_only_a_true_and_newer_list_of_doors_is_taken(site: Site, tmp_path: Path) -> None:
    """A false signature, another campaign's list, an older day: the old one stays, with its links; the log goes on."""
    folder = tmp_path / "mirror"
    log = log_of(long_story(40))
    serve(site, log)
    assert copy(site, folder).complaint == ""
    good = (folder / "doors").read_bytes()
    evil = "https://evil.example"
    for note in (
        doors_note(DAY, evil, seed=bytes(32)),
        good.replace(b"many.example\n", b"evil.example\n"),
        doors_note(DAY, evil, name="door.example/log/blue"),
        doors_note(DAY - datetime.timedelta(1), evil),
        b"nothing\n",
    ):
        serve(site, log_of(long_story(60)), note=note)
        done = copy(site, folder)
        assert done.complaint and done.result.holds and recounted(folder, tmp_path) == 60
        assert (folder / "doors").read_bytes() == good
        assert b"evil" not in (folder / "index.html").read_bytes()
        assert b"https://many.example/en/red/" in (folder / "index.html").read_bytes()
    newer = doors_note(DAY + datetime.timedelta(1), "https://many.help")
    serve(site, log_of(long_story(60)), note=newer)
    assert copy(site, folder).complaint == "" and (folder / "doors").read_bytes() == newer
    del site.files["/log/red/doors"]
    assert copy(site, folder).complaint == "" and (folder / "doors").read_bytes() == newer


def test_the_pages_are_whole_without_scripts_and_load_nothing(site: Site, tmp_path: Path) -> None:
    """Valid, in every language, strict by their own policy; number, days, key and the campaign at each door."""
    folder = tmp_path / "mirror"
    serve(site, log_of(long_story(1234)))
    copy(site, folder, language="ru")
    for name, words in (
        ("index.en.html", ("1,234</strong> posts on the wall", "24 November 2026", "23 November 2026")),
        ("index.ru.html", ("1 234</strong> поста на стене", "24 ноября 2026", "23 ноября 2026")),
    ):
        page = (folder / name).read_text()
        reading = Reading(page)
        assert reading.faults == [] and "<script" not in page
        assert foreign(reading, allowed=("mirror.css", "./")) == []
        assert "default-src 'none'" in page and "no-referrer" in page
        for part in (
            *words,
            SIGNER.verifier.vkey,
            "Мы не равнодушны &amp; нас много",
            "#НеРавнодушны",
            "&lt;b&gt;",
        ):
            assert part in page.replace("\xa0", " "), part
        language = name[6:8]
        links = [value for tag, attribute, value in reading.addresses if tag == "a" and "://" in value]
        assert links == [
            f"https://many.example/{language}/red/", f"{ONION}/{language}/red/", "https://shelf.example/red/"
        ]  # fmt: skip
    assert (folder / "index.html").read_bytes() == (folder / "index.ru.html").read_bytes()


def test_each_day_s_signed_count_is_kept_and_leads_to_a_comparison(site: Site, tmp_path: Path) -> None:
    """The last one of every day stays, verified, on the page; another history does not fit to what was kept."""
    folder = tmp_path / "mirror"
    for lines in (1234, 1240):
        serve(site, log_of(long_story(lines)))
        copy(site, folder)
    kept = folder / "days" / "2026-11-23.txt"
    assert kept.read_bytes() == (folder / "checkpoint").read_bytes()
    assert 'href="days/2026-11-23.txt"' in (folder / "index.en.html").read_text()
    told = recount(
        str(folder), pins_path=tmp_path / "pins.json", key=SIGNER.verifier.vkey, checkpoints=[kept]
    )
    assert told.result.holds and told.shown[0].checkpoint.size == 1241


def test_a_mirror_of_a_mirror_says_the_same(site: Site, tmp_path: Path) -> None:
    """Where the server is gone, a mirror is source enough: log, list of doors and words come along."""
    serve(site, log_of(long_story(300)))
    copy(site, tmp_path / "one")
    done = mirror(str(tmp_path / "one"), folder=tmp_path / "two", now=NOW)
    assert done.result.holds
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_a_folder_with_something_else_is_left_alone(site: Site, tmp_path: Path) -> None:
    """Somebody's web site is not written over; nor is a mirror of a log with another key."""
    serve(site, log_of(long_story(3)))
    (tmp_path / "index.html").write_text("my own page")
    with pytest.raises(Refused) as refused:
        copy(site, tmp_path)
    assert refused.value.code == "mirror-folder-other"
    copy(site, tmp_path / "mirror")
    with pytest.raises(Refused) as refused:
        copy(site, tmp_path / "mirror", key=Signer("other.example/log/red", bytes(32)).verifier.vkey)
    assert refused.value.code == "mirror-key-other"


def test_hostile_words_stay_words(site: Site, tmp_path: Path) -> None:
    """Whatever a page calls its phrase, the mirror shows letters."""
    serve(site, log_of(long_story(3)))
    site.files["/en/red/"] = (
        b'<h1 id="phrase" lang="x&quot;&gt;<script>">&lt;script&gt;alert(1)&lt;/script&gt;</h1>'
        b'<meta property="og:site_name" content="%(x)s &quot;&gt;&lt;img src=x&gt;">'
    )
    copy(site, tmp_path / "mirror")
    page = (tmp_path / "mirror" / "index.html").read_text()
    assert "<script" not in page and "<img" not in page and Reading(page).faults == []
    assert "%(x)s" in page
    assert "only the count is signed" in page


def test_the_command_says_what_came_of_it(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 with the doors it found; 2 where the log or the list is not to be believed."""
    args = Namespace(
        source=f"{site.address}/log/red/",
        folder=str(tmp_path / "m"),
        key="",
        language="en",
        pictures="",
        json=False,
    )
    serve(site, log_of(long_story(3)))
    assert run_mirror(args) == 0
    assert "https://many.example" in capsys.readouterr().out
    serve(site, log_of(long_story(3)), note=b"nothing\n")
    args.json = True
    assert run_mirror(args) == 2
    assert json.loads(capsys.readouterr().out)["doors_refused"]
    serve(site, log_of(long_story(2)))
    args.json = False
    assert run_mirror(args) == 2
    assert "rollback" in capsys.readouterr().out
