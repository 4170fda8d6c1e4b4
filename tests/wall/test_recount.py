"""The recount at its edge: folders, addresses, keys seen before, and what the command prints."""

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from tests.wall.conftest import Site
from tests.wall.drawn import post
from tests.wall.logs import ORIGIN, SIGNER, STORY, files_of, log_of, long_story, write_files
from tests.wall.recounting import counted_by_page, in_base64
from wearemany.adapters.fetch import Way
from wearemany.cli.recount import run_recount, to_text
from wearemany.errors import Refused, TryAgain
from wearemany.tlog.cosignature import cosign, cosigner, with_cosignatures
from wearemany.tlog.note import Signer, parse
from wearemany.wall.entry import Entry, encode
from wearemany.wall.recounting.reading import KeyOrigin, Pins, recount

OTHER = Signer(ORIGIN, bytes(range(1, 33)))
PAGE = b'<!doctype html><link rel="c2sp-tlog" href="/log/red/"><h1>Red</h1>'


def shelve(site: Site, files: dict[str, bytes], prefix: str = "/log/red/") -> None:
    site.files.update({prefix + name: content for name, content in files.items()})


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/log/red/", False),
        ("/log/red", False),
        ("/log/red/checkpoint", False),
        ("/en/red/", False),
        ("/en/red/", True),
        ("/somewhere/else", True),
    ],
)
def test_a_log_is_found_behind_its_wall_and_its_prefix(
    site: Site, tmp_path: Path, address: str, page: bool
) -> None:
    """The wall's own address, whatever it is called, and the log's lead to the same log."""
    shelve(site, log_of(long_story(700)))
    if page:
        site.files[address] = PAGE
    report = recount(site.address + address, way=Way(), pins_path=tmp_path / "pins.json")
    assert report.result.holds
    assert report.source == f"{site.address}/log/red/"
    assert report.result.tally is not None
    assert report.result.tally.posts == 700


def test_a_folder_is_recounted_without_any_network(tmp_path: Path) -> None:
    """A mirror on a disk is as good as the server."""
    folder = write_files(tmp_path / "mirror", log_of())
    report = recount(str(folder), pins_path=tmp_path / "pins.json", key=SIGNER.verifier.vkey)
    assert (report.result.holds, report.key_origin) == (True, KeyOrigin.GIVEN)


def test_a_key_is_believed_once_and_remembered(tmp_path: Path) -> None:
    """The first key seen is remembered; another one under the same name is refused from then on."""
    pins, folder = tmp_path / "pins.json", tmp_path / "mirror"
    write_files(folder, log_of())
    assert recount(str(folder), pins_path=pins).key_origin is KeyOrigin.FIRST_USE
    assert recount(str(folder), pins_path=pins).key_origin is KeyOrigin.PINNED
    write_files(folder, files_of([encode(entry) for entry in STORY], OTHER))
    assert [item.code for item in recount(str(folder), pins_path=pins).result.findings] == ["key-other"]
    elsewhere = write_files(tmp_path / "elsewhere", files_of([encode(entry) for entry in STORY], OTHER))
    assert [item.code for item in recount(str(elsewhere), pins_path=pins).result.findings] == ["key-changed"]
    given = recount(str(elsewhere), pins_path=pins, key=SIGNER.verifier.vkey)
    assert [item.code for item in given.result.findings] == ["key-other"]


def test_a_mirror_of_a_known_log_needs_no_new_trust(tmp_path: Path) -> None:
    """A log that was seen elsewhere is recognised by its key, and compared with what was seen there."""
    pins = tmp_path / "pins.json"
    recount(str(write_files(tmp_path / "first", log_of())), pins_path=pins)
    mirror = write_files(tmp_path / "second", log_of(STORY[:-1]))
    report = recount(str(mirror), pins_path=pins)
    assert report.key_origin is KeyOrigin.PINNED
    assert [item.code for item in report.result.findings] == ["rollback"]


def test_rollback_and_fork_show_against_what_was_seen(tmp_path: Path) -> None:
    """The newest checkpoint is remembered: growing is fine, shrinking and a second history are not."""
    pins, folder = tmp_path / "pins.json", tmp_path / "mirror"
    write_files(folder, log_of())
    assert recount(str(folder), pins_path=pins).result.holds
    write_files(folder, log_of([*STORY, post(7)]))
    assert recount(str(folder), pins_path=pins).result.holds
    for spoilt, code in (
        (log_of(STORY), "rollback"),
        (log_of([*STORY, post(8)]), "fork"),
        (log_of([*STORY, post(8), post(9)]), "fork"),
    ):
        write_files(folder, spoilt)
        report = recount(str(folder), pins_path=pins)
        assert [item.code for item in report.result.findings] == [code]
        assert report.earlier is not None
        assert report.earlier.size == len(STORY) + 1
    write_files(folder, log_of([*STORY, post(7), post(8)]))
    assert recount(str(folder), pins_path=pins).result.holds


def test_any_two_checkpoints_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Handed-on checkpoints that fit are named; a second history and a shorter list are called what they are."""
    folder = write_files(tmp_path / "mirror", log_of([*STORY, post(7), post(8)]))

    def run(*stories: list[Entry]) -> tuple[int, str]:
        names = []
        for number, story in enumerate(stories):
            names.append(tmp_path / f"given-{number}")
            names[-1].write_bytes(log_of(story)["checkpoint"])
        paths = [str(name) for name in names]
        pins = str(tmp_path / "new-pins.json")
        args = Namespace(source=str(folder), key="", checkpoint=paths, witness=[], pins=pins, json=False)
        return run_recount(args), capsys.readouterr().out

    code, told = run([*STORY], [*STORY, post(7)])
    assert (code, "Everything adds up" in told, "given-1, 7 entries" in told) == (0, True, True)
    code, told = run([*STORY], [*STORY, post(9)])
    assert code == 2
    assert "fork: the first 7 entries are not those under the checkpoint given-1" in told
    assert "Keep both signed checkpoints" in told
    code, told = run([*STORY, post(7), post(8), post(9)])
    assert code == 2
    assert "rollback: the log has 8 entries and had 9 in the checkpoint given-0" in told
    assert "Keep the longer signed checkpoint" in told
    longer = [*STORY, post(7), post(8)]
    code, told = run([*longer, post(9)], [*longer, post(10)])
    assert code == 2
    assert "given-0 and given-1 are of 9 entries each and differ" in told
    (tmp_path / "nonsense").write_bytes(b"nonsense")
    with pytest.raises(Refused) as refusal:
        recount(str(folder), pins_path=tmp_path / "p.json", checkpoints=[tmp_path / "nonsense"])
    assert refusal.value.code == "checkpoint-unusable"


def test_witnesses_are_asked_for_by_their_keys(tmp_path: Path) -> None:
    """A cosignature counts under the key that the reader gives, in the program and in the page alike."""
    saw, other = Signer("watch.example", bytes(range(2, 34))), Signer("else.example", bytes(range(3, 35)))
    files = log_of()
    note = parse(files["checkpoint"])
    files["checkpoint"] = with_cosignatures(note, [cosign(note.text, saw, time_s=1_700_000_000)]).data
    folder = write_files(tmp_path / "mirror", files)
    keys = [cosigner(saw).vkey, cosigner(other).vkey]
    report = recount(str(folder), pins_path=tmp_path / "pins.json", witnesses=keys)
    assert report.witnesses == {keys[0]: True, keys[1]: False}
    assert "Witnessed by watch.example" in to_text(report) and "Not witnessed by else.example" in to_text(
        report
    )
    asked = {"note": in_base64(files["checkpoint"]), "key": SIGNER.verifier.vkey}
    false = files["checkpoint"].replace(files["checkpoint"].rsplit(b" ", 1)[1][20:24], b"AAAA")
    answers = counted_by_page(
        [
            *({**asked, "witness": key} for key in keys),
            {**asked, "note": in_base64(false), "witness": keys[0]},
        ],
        tmp_path,
    )
    assert answers == [[["watch.example"], True], [["watch.example"], False], [["watch.example"], False]]


def test_what_cannot_be_recounted_says_why(site: Site, tmp_path: Path) -> None:
    """No log, no key, a bad key, a damaged pin file and a broken line each have their code."""
    pins = tmp_path / "pins.json"
    for address in (str(tmp_path / "nowhere"), site.address + "/en/red/", "ftp://example"):
        with pytest.raises(Refused) as refusal:
            recount(address, way=Way(), pins_path=pins)
        assert refusal.value.code == "no-such-log"
    keyless = {name: content for name, content in log_of().items() if name != "vkey"}
    folder = write_files(tmp_path / "mirror", keyless)
    for key, code in (("", "key-needed"), ("nonsense", "key-malformed")):
        with pytest.raises(Refused) as refusal:
            recount(str(folder), pins_path=pins, key=key)
        assert refusal.value.code == code
    shelve(site, log_of())
    site.statuses["/log/red/tile/entries/000.p/6"] = 503
    with pytest.raises(TryAgain) as later:
        recount(site.address + "/log/red/", way=Way(), pins_path=pins)
    assert later.value.code == "log-unreachable"
    with pytest.raises(TryAgain):
        recount("http://127.0.0.1:1/log/red/", way=Way(), pins_path=pins)
    pins.write_text("{")
    with pytest.raises(Refused) as refusal:
        recount(str(folder), pins_path=pins)
    assert refusal.value.code == "pins-unreadable"


def test_findings_change_nothing_that_is_remembered(tmp_path: Path) -> None:
    """A spoilt log at first sight leaves no pin behind."""
    pins = tmp_path / "pins.json"
    files = log_of()
    files["tile/0/000.p/6"] = bytes(6 * 32)
    assert not recount(str(write_files(tmp_path / "mirror", files)), pins_path=pins).result.holds
    assert Pins.load(pins) == Pins()


def test_the_command_prints_the_figures_and_exits_by_the_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 and the figures when everything adds up; 2 and the finding when something does not."""
    folder = write_files(tmp_path / "mirror", log_of())
    args = Namespace(
        source=str(folder), key="", checkpoint=[], witness=[], pins=str(tmp_path / "pins.json"), json=False
    )
    assert run_recount(args) == 0
    told = capsys.readouterr().out
    assert "2  posts on the wall" in told
    assert "not whose key it is" in told
    (folder / "tile/0/000.p/6").write_bytes(b"")
    assert run_recount(args) == 2
    assert "tile/0/000.p/6: tile-other" in capsys.readouterr().out
    args.json = True
    assert run_recount(args) == 2
    printed = json.loads(capsys.readouterr().out)
    assert printed["holds"] is False
    assert printed["findings"][0]["code"] == "tile-other"
    assert printed["last_seen_size"] == 6


def test_the_recount_needs_nothing_of_the_server() -> None:
    """Neither Django nor any other room of the server is loaded, so that it runs alone and starts at once."""
    script = (
        "import sys; import wearemany.cli.recount;"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'PIL', 'obstore', 'onnxruntime')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
