"""The trials by others as whole folders through `wearemany photo develop`: all files under `long`.

Under `./run prove -s` the table for `docs/develop/darkroom.md` is printed. The command itself is in
`test_photo_command`, in every run.
"""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.darkroom.doorway import Sent
from tests.darkroom.test_trials import Row, Trial, needles_in, only_allowed_keys, rows_of
from tests.darkroom.test_trials_at_the_door import CHILD_MB, stand_upright
from tests.rigs.watching import Watch

pytestmark = pytest.mark.long
COMMAND_MB = 120


def developed(folder: Path, out: Path, temporary: Path) -> tuple[dict[str, Row], Watch]:
    """Develop a folder, every face shown; return the command's line for each file, and what its processes were."""
    temporary.mkdir()
    command = [sys.executable, "-m", "wearemany", "photo", "develop", str(folder), "--out", str(out)]
    options = ["--json", "--cover", "nobody", "--main-px", "1280", "--children", "2"]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with (
        subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True, env=environment) as process,
        Watch(process.pid) as watch,
    ):
        told, _ = process.communicate()
    assert process.returncode == 0
    lines = [json.loads(text) for text in told.splitlines()]
    return {Path(line["file"]).name: line for line in lines}, watch


def looked_at(row: Row, line: Row, out: Path) -> Sent:
    """Hold one file's line and copies against its row in the manifest."""
    sent = Sent(row["file"], answer=line.get("refused", "taken"))
    expected = row.get("expect", "either")
    if (expected, sent.taken) in (("accept", False), ("refuse", True)):
        sent.wrong.append(f"expected {expected}, got {sent.answer}")
    if not sent.taken and not (line["sentence"].endswith(".") and "%(" not in line["sentence"]):
        sent.wrong.append(f"half a sentence: {line['sentence']}")
    if sent.answer in ("photo-broke-the-checker", "photo-took-too-long"):
        sent.wrong.append(f"broke or hung its child: {sent.answer}")
    for name in line.get("written", ()):
        content = (out / name).read_bytes()
        sent.wrong += [f"{needle!r} in {name}" for needle in needles_in(content, row["needles"])]
        if name.endswith("-main.jpg"):
            sent.picture = content
    return sent


@pytest.mark.parametrize(("name", "kind"), [("hostile-images", "expect"), ("metadata", "format")])
def test_whole_folders_come_out_right(tmp_path: Path, trial: Trial, name: str, kind: str) -> None:
    """Every file answered as it must be, copies bare and upright, limits held, nothing left behind."""
    folder, out = trial(name), tmp_path / "out"
    rows = rows_of(folder / "manifest.jsonl")
    lines, watch = developed(folder / "files", out, tmp_path / "tmp")
    assert len(lines) == len(rows)
    all_sent = [looked_at(row, lines[Path(row["file"]).name], out) for row in rows]
    by_class = collections.defaultdict(list)
    for row, sent in zip(rows, all_sent, strict=True):
        by_class[row[kind]].append(sent)
    print(f"\n{name}\n| class | files | taken | refused | right |\n| --- | --- | --- | --- | --- |")
    for title, group in sorted(by_class.items()):
        taken, right = sum(one.taken for one in group), sum(not one.wrong for one in group)
        print(f"| {title} | {len(group)} | {taken} | {len(group) - taken} | {right} |")
    print(f"command {watch.server_mb():.0f} MB, children {watch.child_mb():.0f} MB at most")
    assert [f"{sent.file}: {what}" for sent in all_sent for what in sent.wrong] == []
    if name == "metadata":
        assert stand_upright(all_sent, rows_of(folder / "orientation.jsonl")) == []
    assert watch.child_mb() < CHILD_MB and watch.server_mb() < COMMAND_MB
    assert watch.strangers() == [] and watch.alive() == []
    assert list((tmp_path / "tmp").iterdir()) == []
    (out / "developed.jsonl").unlink()
    only_allowed_keys(out, trial("metadata"))
