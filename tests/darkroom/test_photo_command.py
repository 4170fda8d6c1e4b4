"""`wearemany photo`, as typed: many files or a folder, one process, JSON lines, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.darkroom.conftest import encoded, person
from wearemany.adapters.face_model import default_folder, ensure
from wearemany.cli.progress import Progress


@pytest.fixture(scope="module")
def selfies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a drawn picture, something else under a picture's name, and a hidden file."""
    ensure(default_folder())
    folder = tmp_path_factory.mktemp("selfies")
    (folder / "a.jpg").write_bytes(encoded(person(), "JPEG"))
    (folder / "b.jpg").write_bytes(b"%PDF-1.7")
    (folder / ".hidden").write_bytes(b"x")
    return folder


def photo(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "wearemany", "photo", *arguments], capture_output=True, text=True, check=False
    )


def test_check_prints_one_line_for_each_photo(selfies: Path) -> None:
    """Exactly the promised fields, a line for what is no photo too, exit code 0 when any could be checked."""
    answer = photo("check", "--colour", "red", "--jsonl", str(selfies))
    assert answer.returncode == 0, answer.stderr
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [list(line) for line in lines] == [
        ["file", "verdict", "score", "garment_colour", "reasons", "ms"]
    ] * 2
    first, second = lines
    # The real finder takes a drawn egg for no face, so a person would look.
    assert first["verdict"] in ("accept", "refer") and 0 <= first["score"] <= 1
    assert (second["verdict"], second["score"], second["reasons"]) == ("refuse", 0.0, ["upload-document"])


def test_check_counts_its_answers_beside_what_people_said(selfies: Path, tmp_path: Path) -> None:
    """With a labels file a table follows; photos without a label are left out, a wrong file is said to be one."""
    labels = tmp_path / "labels.csv"
    labels.write_text("file,truth\nb.jpg,no\nelsewhere,yes\n")
    answer = photo("check", "--picked", "#c8102e", "--labels", str(labels), str(selfies))
    assert answer.returncode == 0, answer.stderr
    head, row = answer.stdout.splitlines()[-2:]
    assert head.split() == ["truth", "accept", "refer", "refuse"]
    assert row.split() == ["no", "0", "0", "1"]
    nothing = photo("check", "--picked", "red", str(selfies))
    assert nothing.returncode == 2 and nothing.stderr.startswith("picked-unusable")
    labels.write_text("name\nb\n")
    wrong = photo("check", "--labels", str(labels), str(selfies))
    assert wrong.returncode == 2 and wrong.stderr.startswith("labels-unreadable")


def test_develop_writes_the_copies_and_tells_of_them(selfies: Path, tmp_path: Path) -> None:
    """Each rendition is a file; the JSON line names them and carries the verdict."""
    answer = photo("develop", str(selfies), "--out", str(tmp_path / "out"), "--json")
    assert answer.returncode == 0, answer.stderr
    first, second = (json.loads(line) for line in answer.stdout.splitlines())
    there = {path.name for path in (tmp_path / "out").iterdir()}
    assert {*first["written"], "developed.jsonl"} == there
    assert {"a-main.webp", "a-main.jpg", "a-160.webp", "a-placeholder.webp"} <= set(first["written"])
    assert first["verdict"]["kind"] in ("accept", "refer") and len(first["fingerprint"]["hex"]) == 64
    assert second["refused"] == "upload-document"


def test_develop_goes_on_where_it_was_stopped(selfies: Path, tmp_path: Path) -> None:
    """What is in the record is told again and not done again; a cut-off line, another order or --again is done anew."""
    out = tmp_path / "out"
    before = photo("develop", str(selfies), "--out", str(out), "--json").stdout
    times = {path.name: path.stat().st_mtime_ns for path in out.glob("*.webp")}
    assert photo("develop", str(selfies), "--out", str(out), "--json").stdout == before
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("*.webp")} == times
    record = out / "developed.jsonl"
    record.write_text(record.read_text()[:300])
    again = photo("develop", str(selfies), "--out", str(out), "--workers", "2")
    assert again.stdout.splitlines()[-3:] == [
        "      1  developed",
        "      1  upload-document",
        "      2  in all",
    ]
    now = {path.name: path.stat().st_mtime_ns for path in out.glob("*.webp")}
    assert now != times
    photo("develop", str(selfies), "--out", str(out), "--cover", "nobody")
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("*.webp")} != now


def test_a_bar_says_how_far_it_is() -> None:
    """Done, of how many, and how long it will take at this speed."""
    assert Progress(200).line(50, 30.0) == "[#######.......................] 50 of 200, 90 s left".replace(
        "90 s", "2 min"
    )
    assert Progress(10).line(10, 3.0) == "[##############################] 10 of 10"
    assert Progress(1000, done=900).line(950, 10.0).endswith("950 of 1,000, 10 s left")


def test_nothing_but_refusals_is_exit_code_two(selfies: Path) -> None:
    """A program that reads only the exit code learns that there was no photo at all."""
    assert photo("check", "--jsonl", str(selfies / "b.jpg")).returncode == 2
    missing = photo("check", str(selfies / "nothing.jpg"))
    assert missing.returncode == 2 and missing.stderr.startswith("no-such-file")
