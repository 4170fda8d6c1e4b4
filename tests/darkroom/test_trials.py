"""Trials by others: hostile files, photographs with metadata, orientations. A seeded sample here, all under `long`."""

from __future__ import annotations

import collections
import fnmatch
import io
import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from wearemany.adapters.inference import face_network
from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.develop import Eyes, develop
from wearemany.darkroom.developed import Developed
from wearemany.darkroom.orders import DevelopOrder
from wearemany.errors import Refused

SEED = 20201
SAMPLE_HOSTILE, SAMPLE_METADATA, SAMPLE_ORIENTATION = 50, 12, 5
ANSWER_WITHIN_S = 10.0
PEAK_MB = 512
SAME_PICTURE = 16
BROKEN_CODES = ("photo-broke-the-checker", "photo-took-too-long")
Row = dict[str, Any]
Trial = Callable[[str], Path]


def rows_of(path: Path, *, sample: int = 0) -> list[Row]:
    """Read a manifest, all of it or a sample that is the same each time."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return random.Random(SEED).sample(rows, sample) if sample else rows


def needles_in(content: bytes, needles: Sequence[str]) -> list[str]:
    """Return the texts that stand in the bytes in any of the three usual encodings."""
    encodings = ("ascii", "utf-16le", "utf-16be")
    return [
        n
        for n in needles
        if any(n.encode(e, "ignore") and n.encode(e, "ignore") in content for e in encodings)
    ]


def peak_mb(darkroom: Darkroom) -> float:
    """Return the largest memory that any living child ever had."""
    peaks = [0.0]
    for pid in darkroom.pids():
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        peaks += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")]
    return max(peaks)


def send_hostile(darkroom: Darkroom, folder: Path, rows: Sequence[Row], *, at_once: int) -> None:
    """Send hostile files and hold every answer against the manifest."""

    def one(row: Row) -> list[str]:
        began = time.monotonic()
        wrong = []
        try:
            developed = darkroom.develop((folder / row["file"]).read_bytes(), DevelopOrder(main_px=640))
            answer = "accept"
            for rendition in developed.renditions:
                wrong += [f"needle {needle}" for needle in needles_in(rendition.content, row["needles"])]
        except Refused as error:
            answer = error.code
            wrong += [f"sentence {error}"] if "%(" in str(error) else []
        if (row["expect"], answer == "accept") in (("accept", False), ("refuse", True)):
            wrong.append(f"expected {row['expect']}, got {answer}")
        if answer in BROKEN_CODES:
            wrong.append(f"broke or hung its child: {answer}")
        if at_once == 1 and time.monotonic() - began > ANSWER_WITHIN_S:
            wrong.append("answered late")
        if peak_mb(darkroom) > PEAK_MB:
            wrong.append(f"peak {peak_mb(darkroom):.0f} MB")
        return [f"{row['file']}: {what}" for what in wrong]

    with ThreadPoolExecutor(at_once) as threads:
        assert [line for lines in threads.map(one, rows) for line in lines] == []


def test_a_sample_of_hostile_files_is_answered(darkroom: Darkroom, trial: Trial) -> None:
    """Bombs, fuzz and odd pictures: the valid ones come through, the others get a reason, no child breaks."""
    folder = trial("hostile-images")
    send_hostile(darkroom, folder, rows_of(folder / "manifest.jsonl", sample=SAMPLE_HOSTILE), at_once=2)


@pytest.mark.long
@pytest.mark.parametrize("at_once", [1, 8])
def test_all_hostile_files_are_answered(darkroom: Darkroom, trial: Trial, at_once: int) -> None:
    """Every file, one at a time and then eight at once."""
    folder = trial("hostile-images")
    send_hostile(darkroom, folder, rows_of(folder / "manifest.jsonl"), at_once=at_once)


def developed_of(darkroom: Darkroom, path: Path) -> Developed | str:
    """Develop with every face shown, so that a picture can be compared; a refusal gives its code."""
    try:
        return darkroom.develop(path.read_bytes(), DevelopOrder(cover="nobody", main_px=1280))
    except Refused as error:
        return error.code


def clean_of_metadata(darkroom: Darkroom, folder: Path, rows: Sequence[Row], out: Path) -> None:
    """Develop photographs with metadata and look for what is left in every copy."""
    wrong = []
    for row in rows:
        developed = developed_of(darkroom, folder / row["file"])
        if isinstance(developed, str):
            if developed in BROKEN_CODES:
                wrong.append(f"{row['file']}: {developed}")
            continue
        for rendition in developed.renditions:
            name = f"{Path(row['file']).stem}-{rendition.name}.{rendition.format}"
            (out / name).write_bytes(rendition.content)
            wrong += [f"{name}: {needle}" for needle in needles_in(rendition.content, row["needles"])]
        wrong += [f"placeholder: {needle}" for needle in needles_in(developed.placeholder, row["needles"])]
    assert wrong == []


def only_allowed_keys(out: Path, folder: Path) -> None:
    """Ask exiftool what it can find in the copies; nothing outside the allowed list may be there."""
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed (Debian: apt-get install libimage-exiftool-perl)")
    allowed = json.loads((folder / "allowed-after.json").read_text())["allow"]
    command = ["exiftool", "-j", "-G1", "-a", "-u", "-n", "-ee3", "-api", "LargeFileSupport=1", str(out)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    keys = collections.Counter(key for entry in found for key in entry)
    assert len(found) == len(list(out.iterdir()))
    assert [key for key in keys if not any(fnmatch.fnmatch(key, pattern) for pattern in allowed)] == []


def test_a_sample_of_photographs_loses_its_metadata(darkroom: Darkroom, trial: Trial, tmp_path: Path) -> None:
    """No needle and no key of the photographer is left in any copy."""
    folder = trial("metadata")
    clean_of_metadata(darkroom, folder, rows_of(folder / "manifest.jsonl", sample=SAMPLE_METADATA), tmp_path)
    only_allowed_keys(tmp_path, folder)


@pytest.mark.long
def test_all_photographs_lose_their_metadata(darkroom: Darkroom, trial: Trial, tmp_path: Path) -> None:
    """Every photograph of the trial."""
    folder = trial("metadata")
    clean_of_metadata(darkroom, folder, rows_of(folder / "manifest.jsonl"), tmp_path)
    only_allowed_keys(tmp_path, folder)


def develop_here(models: Path, upload: bytes, order: DevelopOrder) -> str:
    """Develop in this process, held by nothing; return the digest of the main copy or the refusal's code."""
    try:
        return develop(upload, order, Eyes(face_network(models))).renditions[0].sha256
    except Refused as error:
        return error.code


def answer_alike(darkroom: Darkroom, models: Path, folder: Path, rows: Sequence[Row]) -> None:
    """Hold what a confined child answers against what the same code answers with every right."""
    order = DevelopOrder(main_px=320, sizes_px=())
    wrong = []
    for row in rows:
        upload = (folder / row["file"]).read_bytes()
        try:
            answer = darkroom.develop(upload, order).renditions[0].sha256
        except Refused as error:
            answer = error.code
        if answer != develop_here(models, upload, order):
            wrong.append(f"{row['file']}: {answer}")
    assert wrong == []


def test_what_holds_a_child_changes_no_answer(darkroom: Darkroom, models: Path, trial: Trial) -> None:
    """No decoder needs a file, a module or a call that is forbidden: a sample of good files."""
    folder = trial("metadata")
    answer_alike(darkroom, models, folder, rows_of(folder / "manifest.jsonl", sample=SAMPLE_METADATA))


@pytest.mark.long
@pytest.mark.parametrize("name", ["metadata", "hostile-images"])
def test_what_holds_a_child_changes_no_answer_at_all(
    darkroom: Darkroom, models: Path, trial: Trial, name: str
) -> None:
    """Every file that should come through, and every photograph."""
    folder = trial(name)
    rows = rows_of(folder / "manifest.jsonl")
    answer_alike(darkroom, models, folder, [row for row in rows if row.get("expect", "accept") == "accept"])


def look_of(developed: Developed) -> np.ndarray:
    """Return a picture as 32 by 32 grey values, whatever a flag might say."""
    picture = Image.open(io.BytesIO(developed.rendition("main", format="webp").content)).convert("L")
    return np.asarray(picture.resize((32, 32), Image.Resampling.BOX), dtype=float)


def stand_upright(darkroom: Darkroom, folder: Path, rows: Sequence[Row]) -> None:
    """Hold each picture of an orientation series against its upright one."""
    wrong = []
    for row in rows:
        turned, upright = (developed_of(darkroom, folder / row[name]) for name in ("file", "same_as"))
        if isinstance(turned, str) or isinstance(upright, str):
            wrong.append(f"{row['file']}: refused")
            continue
        apart = np.abs(look_of(turned) - look_of(upright)).mean()
        width, height = row["upright_size"]
        proportions = turned.width_px * height / (turned.height_px * width)
        if apart > SAME_PICTURE or abs(proportions - 1) > 0.02:
            wrong.append(f"{row['file']}: apart {apart:.0f}, proportions {proportions:.2f}")
    assert wrong == []


def test_a_sample_of_turned_photographs_stands_upright(darkroom: Darkroom, trial: Trial) -> None:
    """Orientation 1 to 8 in several containers."""
    folder = trial("metadata")
    stand_upright(darkroom, folder, rows_of(folder / "orientation.jsonl", sample=SAMPLE_ORIENTATION))


@pytest.mark.long
def test_all_turned_photographs_stand_upright(darkroom: Darkroom, trial: Trial) -> None:
    """Every orientation of the trial."""
    folder = trial("metadata")
    stand_upright(darkroom, folder, rows_of(folder / "orientation.jsonl"))
