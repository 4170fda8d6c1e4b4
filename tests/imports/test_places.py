"""What an import reads: folders, zips, lists; tricks with names, links and sizes lead nowhere."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from wearemany.errors import Refused
from wearemany.imports import places
from wearemany.imports.places import Row, opened

JPEG = b"\xff\xd8\xff\xe0 a photo"
MOST = 1000


def zipped(path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a zip with these entries, whatever their names."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return path


def refusal_of(place: places.Place, file: str) -> str:
    """Return the code with which a file is refused."""
    with pytest.raises(Refused) as refused:
        place.read(Row(file), most_bytes=MOST)
    assert "%(" not in str(refused.value)
    return refused.value.code


def test_a_folder_gives_its_files_in_order(tmp_path: Path) -> None:
    """Folders below count; hidden files, links and pipes do not."""
    (tmp_path / "b" / ".thumbs").mkdir(parents=True)
    for name in ("z.jpg", "b/a.jpg", ".hidden.jpg", "b/.thumbs/a.jpg"):
        (tmp_path / name).write_bytes(JPEG)
    (tmp_path / "link.jpg").symlink_to("/etc/hostname")
    (tmp_path / "away").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe.jpg")
    place = opened(tmp_path)
    assert [row.file for row in place.rows()] == ["b/a.jpg", "z.jpg"]
    assert place.read(Row("b/a.jpg"), most_bytes=MOST) == JPEG
    assert refusal_of(place, "pipe.jpg") == "import-file-missing"


@pytest.mark.parametrize(
    "name",
    [
        "../out.jpg",
        "/etc/passwd",
        "b/../../out.jpg",
        "link.jpg",
        "away/passwd",
        "nothing.jpg",
        "a\0b",
        "x" * 5000,
        ".",
    ],
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """A list may say what it likes: only plain files inside are read."""
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    (tmp_path / "out.jpg").write_bytes(JPEG)
    (folder / "link.jpg").symlink_to(tmp_path / "out.jpg")
    (folder / "away").symlink_to("/etc")
    (folder / "list.csv").write_text("file\na.jpg\n")
    assert refusal_of(opened(folder / "list.csv"), name) in ("import-file-outside", "import-file-missing")


def test_a_zip_gives_its_entries_and_unpacks_nothing(tmp_path: Path) -> None:
    """Names are names, also those that climb; what a Mac adds is left alone."""
    archive = zipped(
        tmp_path / "in.zip",
        {"../../up.jpg": JPEG, "/root.jpg": JPEG, "__MACOSX/._a": b"x", "d/": b"", ".DS_Store": b"x"},
    )
    place = opened(archive)
    assert [row.file for row in place.rows()] == ["../../up.jpg", "/root.jpg"]
    assert place.read(Row("../../up.jpg"), most_bytes=MOST) == JPEG
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.zip"]


def test_a_bomb_costs_what_may_be_read_and_no_more(tmp_path: Path) -> None:
    """An entry that says it is large is not touched; one that lies is read to the limit and one byte."""
    archive = zipped(
        tmp_path / "bomb.zip",
        {"bomb.jpg": JPEG + bytes(300_000_000), "nested.zip": b"PK\x03\x04" + bytes(50)},
    )
    place = opened(archive)
    assert refusal_of(place, "bomb.jpg") == "upload-too-large"
    assert refusal_of(place, "nested.zip") == "upload-archive"
    content = bytearray(archive.read_bytes())
    for at in (content.find(b"PK\x01\x02") + 24, content.find(b"PK\x03\x04") + 22):
        content[at : at + 4] = (900).to_bytes(4, "little")
    archive.write_bytes(content)
    try:
        assert len(opened(archive).read(Row("bomb.jpg"), most_bytes=MOST)) <= MOST + 1
    except Refused as refused:
        assert refused.code == "import-file-locked"


def test_damaged_locked_and_endless_archives_are_refused(tmp_path: Path) -> None:
    """Each with a code, none with a crash."""
    (tmp_path / "no.zip").write_bytes(b"just text")
    (tmp_path / "cut.zip").write_bytes(zipped(tmp_path / "a.zip", {"a.jpg": JPEG}).read_bytes()[:40])
    for name in ("no.zip", "cut.zip"):
        with pytest.raises(Refused, match="Please give a folder"):
            opened(tmp_path / name)
    locked = bytearray((tmp_path / "a.zip").read_bytes())
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    locked[locked.find(b"PK\x03\x04") + 6] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    assert refusal_of(opened(tmp_path / "locked.zip"), "a.jpg") == "import-file-locked"
    endless = bytearray((tmp_path / "a.zip").read_bytes())
    at = endless.rfind(b"PK\x05\x06") + 12
    endless[at : at + 4] = (900_000_000).to_bytes(4, "little")
    (tmp_path / "endless.zip").write_bytes(endless)
    with pytest.raises(Refused, match="several parts"):
        opened(tmp_path / "endless.zip")


def test_a_list_says_what_each_author_said(tmp_path: Path) -> None:
    """Commas, semicolons or tabs; a spreadsheet's byte order mark; columns we do not know; what is left out."""
    rows = "file;caption;people;consents;dish\na.jpg;Мы, не равнодушны;3;press mosaic;pie\n\nb.jpg;;;;\nc.jpg;;many;;\n"
    (tmp_path / "list.csv").write_bytes("\ufeff".encode() + rows.encode())
    first, second, third = opened(tmp_path / "list.csv").rows()
    assert first == Row("a.jpg", caption="Мы, не равнодушны", people=3, consents=("press", "mosaic"))
    assert second == Row("b.jpg")
    assert third.people == 0
    inside = zipped(tmp_path / "in.zip", {"posts.csv": rows.encode(), "a.jpg": JPEG, "not-listed.jpg": JPEG})
    assert [row.file for row in opened(inside).rows()] == ["a.jpg", "b.jpg", "c.jpg"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"caption\nhello\n", "list-unreadable"),
        (b"file\n\xff\xfe\n", "list-unreadable"),
        (b'file\n"a' + b"x" * 200_000, "list-unreadable"),
        (b"file\na.jpg\na.jpg\n", "list-names-twice"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    """Before anything is sent, with what to do."""
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(Refused) as refused:
        opened(tmp_path / "list.csv").rows()
    assert refused.value.code == code


def test_there_is_an_end_to_how_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the limit is refused before anything is sent."""
    monkeypatch.setattr(places, "MOST_FILES", 2)
    for name in "abc":
        (tmp_path / name).write_bytes(JPEG)
    with pytest.raises(Refused, match="more than 2 files"):
        opened(tmp_path).rows()
    with pytest.raises(Refused, match="no file or folder"):
        opened(tmp_path / "nothing")
