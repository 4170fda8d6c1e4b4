"""The trials by others through the door of a running server: all of them under `long`, a sample in every run.

Each file is posted as a program posts it, comes to the wall, and is looked at as strangers see it. Under
`./run prove -s` the tables for `docs/develop/darkroom.md` are printed.
"""

from __future__ import annotations

import collections
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.darkroom.doorway import FILE_NAME, HANDLE, Doorway, Sent, doorway
from tests.darkroom.test_trials import SAME_PICTURE, Row, Trial, needles_in, only_allowed_keys, rows_of
from wearemany.darkroom.refusals import REFUSALS

FEW_HOSTILE, FEW_METADATA = 10, 5
ANSWER_WITHIN_S = 10.0
CHILD_MB, SERVER_MB = 512, 200
WAYS = pytest.mark.parametrize(("way", "at_once"), [("multipart", 1), ("tus", 8)])
BROKEN = (REFUSALS["photo-broke-the-checker"], REFUSALS["photo-took-too-long"])


def sent_through(
    door: Doorway, folder: Path, rows: Sequence[Row], *, ways: Sequence[str], at_once: int
) -> list[Sent]:
    """Post every file, in one way or several in turn; let all come to the wall; hold them against the manifest."""

    def one(row: Row, way: str) -> Sent:
        sent = door.send(row["file"], (folder / row["file"]).read_bytes(), way=way)
        if at_once == 1 and sent.seconds > ANSWER_WITHIN_S:
            sent.wrong.append(f"answered after {sent.seconds:.1f} s")
        return sent

    # A text that our own pages are made of (`<script` is one) says nothing when it stands in a page.
    ours = door.client.get(f"/en/{HANDLE}/join").content
    with ThreadPoolExecutor(at_once) as threads:
        all_sent = list(threads.map(one, rows, cycle(ways)))
        door.approve()
        list(threads.map(door.look, [sent for sent in all_sent if sent.taken]))
    for row, sent in zip(rows, all_sent, strict=True):
        expected = row.get("expect", "either")
        if (expected, sent.taken) in (("accept", False), ("refuse", True)):
            sent.wrong.append(f"expected {expected}, got {sent.answer}")
        if sent.answer in BROKEN:
            sent.wrong.append(f"broke or hung its child: {sent.answer}")
        for name, content in sent.outputs().items():
            found = needles_in(content, [*row["needles"], FILE_NAME, Path(row["file"]).name])
            if name.startswith("page"):
                found = [needle for needle in found if not needles_in(ours, [needle])]
            sent.wrong += [f"{needle!r} in {name}" for needle in found]
    return all_sent


def nothing_left(door: Doorway, rows: Sequence[Row]) -> None:
    """No upload, draft or temporary file is there any more, and no text of a file stands in database or log."""
    assert door.settled(), door.left_over()
    data = door.server.folder / "data"
    plain = [*data.glob("wearemany.sqlite3*"), door.server.folder / "serve.log"]
    needles = {needle for row in rows for needle in row["needles"] if len(needle) > 8} | {FILE_NAME}
    for path in plain:
        assert needles_in(path.read_bytes(), sorted(needles)) == [], path.name


def kept_within_limits(door: Doorway) -> None:
    """Nobody but the server and its children ran, none grew beyond its limit, and none is left after the server."""
    assert door.server.process is None, "the server is stopped by now"
    assert door.watch.strangers() == []
    assert 0 < door.watch.child_mb() < CHILD_MB
    assert door.watch.server_mb() < SERVER_MB
    assert door.watch.alive() == []


def table(title: str, groups: Sequence[tuple[str, Sent]], door: Doorway) -> None:
    """Print how many files of each class there were, and how many were as they must be."""
    by_class: dict[str, list[Sent]] = collections.defaultdict(list)
    for name, sent in groups:
        by_class[name].append(sent)
    print(
        f"\n{title}\n| class | files | taken | refused | right | slowest s |\n| --- | --- | --- | --- | --- | --- |"
    )
    for name, group in sorted(by_class.items()):
        taken, right = sum(one.taken for one in group), sum(not one.wrong for one in group)
        slowest = max(one.seconds for one in group)
        print(f"| {name} | {len(group)} | {taken} | {len(group) - taken} | {right} | {slowest:.1f} |")
    copies = sum(len(sent.outputs()) for _, sent in groups)
    print(
        f"{copies} outputs; server {door.watch.server_mb():.0f} MB, children {door.watch.child_mb():.0f} MB at most"
    )


def faults(all_sent: Sequence[Sent]) -> list[str]:
    """Return everything that was wrong with any file."""
    return [f"{sent.file}: {what}" for sent in all_sent for what in sent.wrong]


def look_of(content: bytes) -> np.ndarray:
    """Return a picture as 32 by 32 grey values, whatever a flag in it might say."""
    picture = Image.open(io.BytesIO(content)).convert("L")
    return np.asarray(picture.resize((32, 32), Image.Resampling.BOX), dtype=float)


def stand_upright(all_sent: Sequence[Sent], rows: Sequence[Row]) -> list[str]:
    """Return which pictures of the orientation series do not look like their upright one."""
    pictures = {sent.file: sent.picture for sent in all_sent if sent.picture}
    wrong = []
    for row in rows:
        turned, upright = pictures.get(row["file"]), pictures.get(row["same_as"])
        if turned is None or upright is None:
            wrong.append(f"{row['file']}: not taken")
            continue
        width, height = Image.open(io.BytesIO(turned)).size
        wide, high = row["upright_size"]
        apart = np.abs(look_of(turned) - look_of(upright)).mean()
        if apart > SAME_PICTURE or abs(width * high / (height * wide) - 1) > 0.02:
            wrong.append(f"{row['file']}: apart {apart:.0f}, {width} by {height}")
    return wrong


def files_of(all_sent: Sequence[Sent], out: Path) -> None:
    """Write every public copy into a folder, for exiftool to look at."""
    out.mkdir()
    for number, sent in enumerate(all_sent):
        for address, content in sent.public.items():
            (out / f"{number}-{address.rpartition('/')[2]}").write_bytes(content)


def test_a_sample_of_the_trials_goes_through_the_door(tmp_path: Path, trial: Trial) -> None:
    """Fifteen files of both trials, in turn whole and in pieces: right answers, clean copies, nothing left."""
    trials = {"hostile-images": FEW_HOSTILE, "metadata": FEW_METADATA}
    rows = [
        {**row, "file": f"{name}/{row['file']}"}
        for name, few in trials.items()
        for row in rows_of(trial(name) / "manifest.jsonl", sample=few)
    ]
    metadata = trial("metadata")
    with doorway(tmp_path, children=1) as door:
        all_sent = sent_through(door, metadata.parent, rows, ways=("tus", "multipart"), at_once=4)
        assert faults(all_sent) == []
        assert sum(sent.taken for sent in all_sent) > FEW_METADATA
        nothing_left(door, rows)
    kept_within_limits(door)
    files_of(all_sent, tmp_path / "out")
    only_allowed_keys(tmp_path / "out", metadata)


@pytest.mark.long
@WAYS
def test_all_hostile_files_go_through_the_door(
    tmp_path: Path, trial: Callable[[str], Path], way: str, at_once: int
) -> None:
    """739 files, one at a time in one request each, and eight at once in pieces."""
    folder = trial("hostile-images")
    rows = rows_of(folder / "manifest.jsonl")
    with doorway(tmp_path) as door:
        all_sent = sent_through(door, folder, rows, ways=(way,), at_once=at_once)
        assert door.settled()
        table(f"hostile files, {way}, {at_once} at once", [(f"must be: {row['expect']}", sent) for row, sent in
              zip(rows, all_sent, strict=True)], door)  # fmt: skip
        assert faults(all_sent) == []
        nothing_left(door, rows)
    kept_within_limits(door)


@pytest.mark.long
@WAYS
def test_all_photographs_go_through_the_door(
    tmp_path: Path, trial: Callable[[str], Path], way: str, at_once: int
) -> None:
    """110 photographs with metadata: no text and no tag of theirs is left anywhere, and all stand upright."""
    folder = trial("metadata")
    rows = rows_of(folder / "manifest.jsonl")
    with doorway(tmp_path) as door:
        all_sent = sent_through(door, folder, rows, ways=(way,), at_once=at_once)
        assert door.settled()
        table(f"photographs, {way}, {at_once} at once", [(row["format"], sent) for row, sent in
              zip(rows, all_sent, strict=True)], door)  # fmt: skip
        assert faults(all_sent) == []
        assert stand_upright(all_sent, rows_of(folder / "orientation.jsonl")) == []
        nothing_left(door, rows)
    kept_within_limits(door)
    files_of(all_sent, tmp_path / "out")
    only_allowed_keys(tmp_path / "out", folder)
