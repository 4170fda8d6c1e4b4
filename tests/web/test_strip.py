"""The byte-stripper: metadata goes, the picture stays pixel for pixel; what is odd is left as it came."""

from __future__ import annotations

import fnmatch
import io
import json
import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pi_heif
import pytest
from PIL import Image

from tests.journeys.photos import needles_in, photo, selfie
from wearemany.web import assets

SCRIPT = assets.FOLDER / "js" / "strip.js"
HARNESS = Path(__file__).with_name("strip.mjs")
TRIAL = (Path(__file__).parents[2] / "../shared/trials/metadata").resolve()
# Keys of exiftool's that tell of the picture itself, besides those that a served picture may have.
PICTURE_KEYS = (
    "ICC*", "Composite:*", "ICC_Profile:*", "QuickTime:*", "Meta:*", "GIF:*", "RIFF:*", "PNG:*", "PNG-*", "File:*",
    "JFIF:*", "Adobe:*", "System:*", "ExifTool:ExifToolVersion", "SourceFile", "IFD0:Orientation", "APP14:*",
    "ExifTool:Warning", "ItemProperty*", "Track*", "File:Exif*", "IFD0:*Unknown*",
)  # fmt: skip
NEVER_KEYS = (
    "File:Comment",
    "GIF:Comment",
    "PNG:*Text*",
    "PNG:Comment",
    "PNG:Author",
    "PNG:*Time*",
    "PNG:ModifyDate",
)
Row = dict[str, Any]
Stripped = Callable[[Sequence[Path]], dict[str, Row]]


@pytest.fixture
def stripped(tmp_path: Path) -> Stripped:
    """Strip files under node; returns what was seen by name, the stripped bytes included."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed (the browser's journeys test the same script)")

    def strip(files: Sequence[Path]) -> dict[str, Row]:
        out = tmp_path / "stripped"
        out.mkdir(exist_ok=True)
        command = [node, str(HARNESS), str(SCRIPT), str(out), *map(str, files)]
        lines = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=120
        ).stdout.splitlines()
        rows = [json.loads(line) for line in lines]
        return {row["name"]: {**row, "bytes": (out / row["name"]).read_bytes()} for row in rows}

    pi_heif.register_heif_opener()
    return strip


def pixels(content: bytes) -> tuple[np.ndarray[Any, Any], Any, object]:
    """Return the decoded picture, its EXIF orientation, and its colour profile."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return np.asarray(picture.convert("RGBA")), picture.getexif().get(274, 1), picture.info.get("icc_profile")


def manifest() -> list[Row]:
    """Return the trial's files that have a known picture in them."""
    if not TRIAL.exists():
        pytest.skip("the metadata trial is not here (../shared/trials/metadata)")
    rows = [json.loads(line) for line in (TRIAL / "manifest.jsonl").read_text().splitlines()]
    return [row for row in rows if row["format"] != "TIFF"]


def wrong_with(row: Row, seen: Row) -> list[str]:
    """Return what is wrong with one stripped file of the trial."""
    before = (TRIAL / row["file"]).read_bytes()
    after = seen["bytes"]
    wrong = [
        f"{key} is {seen[key]}"
        for key, good in (("clean", True), ("touched", False))
        if seen[key] is not good
    ]
    try:
        was, turn, profile = pixels(before)
    except OSError:
        return [*wrong, *(["half a photo is called whole"] if seen["whole"] else [])]
    is_now, turn_now, profile_now = pixels(after)
    if not np.array_equal(was, is_now):
        wrong.append("other pixels")
    # An orientation that stands in XMP only is one that no browser obeys.
    if turn_now != turn and seen["turn"] != 1 and turn in range(1, 9):
        wrong.append(f"turn {turn} became {turn_now}")
    if profile_now != profile:
        wrong.append("another colour profile")
    # A profile's own words stay with it: without it the colours would be wrong.
    known = left_over(row["needles"], profile or b"")
    wrong += [f"needle {needle}" for needle in left_over(row["needles"], after) if needle not in known]
    return wrong


def left_over(needles: Sequence[str], content: bytes) -> list[str]:
    """Return the needles of the trial that are still in the bytes."""
    encodings = ("ascii", "utf-16le", "utf-16be")
    found = []
    for needle in needles:
        codes = [needle.encode(one, "ignore") for one in encodings]
        if any(code and code in content for code in codes):
            found.append(needle)
    return found


@pytest.mark.parametrize("share", [0.25, pytest.param(1.0, marks=pytest.mark.long)])
def test_real_photos_lose_their_metadata_and_nothing_else(stripped: Stripped, share: float) -> None:
    """Some forty makers, every kind and orientation: no needle, the same pixels, profile and way up."""
    rows = manifest()
    rows = random.Random(7).sample(rows, round(len(rows) * share))
    seen = stripped([TRIAL / row["file"] for row in rows])
    wrong = {row["file"]: wrong_with(row, seen[Path(row["file"]).name]) for row in rows}
    assert {name: what for name, what in wrong.items() if what} == {}


def test_exiftool_finds_nothing_but_the_picture(stripped: Stripped, tmp_path: Path) -> None:
    """No key of EXIF but the orientation, none of GPS, maker notes, XMP, IPTC, comments, other pictures, trailers."""
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed (Debian: apt-get install libimage-exiftool-perl)")
    stripped([TRIAL / row["file"] for row in manifest()])
    command = ["exiftool", "-j", "-G1", "-a", "-u", "-n", "-ee3", str(tmp_path / "stripped")]
    entries = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert len(entries) == len(manifest())
    odd = {
        f"{Path(entry['SourceFile']).name}: {key}"
        for entry in entries
        for key in entry
        if not any(fnmatch.fnmatchcase(key, pattern) for pattern in PICTURE_KEYS)
        or any(fnmatch.fnmatchcase(key, pattern) for pattern in NEVER_KEYS)
    }
    assert odd == set()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_the_way_up_stays(stripped: Stripped, tmp_path: Path, kind: str, turn: int) -> None:
    """EXIF goes down to its orientation, and is gone where that says nothing."""
    file = tmp_path / f"{kind}-{turn}"
    file.write_bytes(photo(kind, selfie(5, size_px=(90, 120)), turn=turn))
    row = stripped([file])[file.name]
    assert (row["clean"], row["whole"], row["turn"]) == (True, True, turn)
    assert needles_in(file.read_bytes()) and needles_in(row["bytes"]) == []
    found = dict(Image.open(io.BytesIO(row["bytes"])).getexif())
    assert found == ({274: turn} if turn > 1 else {})
    assert np.array_equal(pixels(row["bytes"])[0], pixels(file.read_bytes())[0])


def test_nothing_breaks_on_cut_and_spoilt_files(stripped: Stripped, tmp_path: Path) -> None:
    """Files cut anywhere, and with bytes changed: an answer each time, and half a photo is never called whole."""
    chance = random.Random(3)
    sources = [photo(kind, selfie(6, size_px=(60, 80))) for kind in ("JPEG", "PNG", "WEBP")]
    if TRIAL.exists():
        names = ("51d26b47-L_xmp.heic", "08e807a6-icc_profile.avif", "afdc2ba0-Issue_201.gif")
        sources += [(TRIAL / "files" / name).read_bytes() for name in names]
    files = []
    for number, source in enumerate(sources):
        for turn in range(40):
            content = bytearray(source)
            is_cut = turn % 2 == 0
            if is_cut:
                del content[chance.randrange(1, len(content) * 3 // 4) :]
            else:
                for _ in range(6):
                    content[chance.randrange(min(len(content), 600))] = chance.randrange(256)
            file = tmp_path / f"{'cut' if is_cut else 'spoilt'}-{number}-{turn}"
            file.write_bytes(content)
            files.append(file)
    seen = stripped([*files, empty(tmp_path)])
    assert len(seen) == len(files) + 1
    assert not [name for name, row in seen.items() if name.startswith("cut") and row["whole"]]
    assert not any(row["touched"] for row in seen.values())


def empty(folder: Path) -> Path:
    """Return a file with nothing in it."""
    file = folder / "empty"
    file.write_bytes(b"")
    return file
