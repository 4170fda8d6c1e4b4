"""`wearemany photo`: check and develop photos from files, without a server, a campaign or a data folder.

Imports no Django and nothing of numpy: the photos go through the same children as on the server.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from wearemany.adapters.sandbox import Darkroom, default_models_folder
from wearemany.cli.command import Command, argument
from wearemany.cli.confusion import Confusion, labels_read
from wearemany.cli.progress import Progress
from wearemany.darkroom.developed import Developed
from wearemany.darkroom.orders import (
    COLOURS,
    COVER_CHOICES,
    GARMENTS,
    PRESS_PX,
    TOLERANCE,
    CallSpec,
    DevelopOrder,
    spec_asked,
)
from wearemany.errors import N_, Refused, TryAgain, WeAreManyError

DONE, REFUSED = 0, 2
RECORD = "developed.jsonl"
_TRIES = 3
_PASSING = frozenset({"darkroom-interrupted", "darkroom-slow", "darkroom-busy", "darkroom-closed"})
# The smallest copy only: a check is asked for its verdict, not for pictures.
_CHECK_SIZES_PX: tuple[int, ...] = ()

Line = dict[str, Any]


def check(chosen: argparse.Namespace) -> int:
    """Print what the machine would say of each photo."""
    spec = _spec(chosen)
    order = DevelopOrder(spec=spec, cover="everybody", main_px=640, sizes_px=_CHECK_SIZES_PX)
    files = _files(chosen.files)
    confusion = Confusion(labels_read(Path(chosen.labels))) if chosen.labels else None

    def look(path: Path, darkroom: Darkroom) -> Line:
        began = time.perf_counter()
        try:
            return _checked(path, darkroom.develop(_content(path, order), order))
        except (Refused, TryAgain) as error:
            ms = round((time.perf_counter() - began) * 1000)
            return _unchecked(path, error, ms)

    refused = 0
    for line in _each(files, look, children=chosen.children):
        refused += bool(line.pop("unreadable", False))
        if confusion:
            confusion.add(line["file"], line["verdict"])
        if chosen.jsonl:
            print(json.dumps(line, ensure_ascii=False), flush=True)
        else:
            colour, reasons = line["garment_colour"] or "-", ", ".join(line["reasons"])
            print(f"{line['verdict']:7} {line['score']:.2f}  {colour:7} {line['file']}  ({reasons})")
    if confusion:
        print("", *confusion.lines(), sep="\n", file=sys.stderr if chosen.jsonl else sys.stdout)
    return REFUSED if files and refused == len(files) else DONE


def develop(chosen: argparse.Namespace) -> int:
    """Write the renditions of each photo into a folder; what the same order did there before is not done again.

    A line for each photo goes into the folder's record once its copies are written, so a run that was killed goes on.
    """
    press_px = PRESS_PX if chosen.press else 0
    order = DevelopOrder(spec=_spec(chosen), cover=chosen.cover, main_px=chosen.main_px, press_px=press_px)
    files = _files(chosen.files)
    folder = Path(chosen.out)
    folder.mkdir(parents=True, exist_ok=True)
    names = _names(files)
    lines = {} if chosen.again else _recorded(folder / RECORD)
    marks = {path: _mark(path, order) for path in files}
    left = [path for path in files if lines.get(marks[path], {}).get("file") != str(path)]

    def work(path: Path, darkroom: Darkroom) -> Line:
        try:
            developed = darkroom.develop(_content(path, order), order)
        except (Refused, TryAgain) as error:
            return {"file": str(path), "refused": error.code, "sentence": str(error)}
        return {"file": str(path), "written": _write(folder, names[path], developed), **developed.to_json()}

    answers: Counter[str] = Counter()
    for path in [path for path in files if path not in set(left)]:
        answers.update([_told(lines[marks[path]], as_json=chosen.json)])
    with (folder / RECORD).open("a", encoding="utf-8") as record:
        for path, line in zip(left, _each(left, work, children=chosen.children), strict=True):
            if line.get("refused") not in _PASSING:
                record.write(json.dumps({"mark": marks[path], **line}, ensure_ascii=False) + "\n")
                record.flush()
            answers.update([_told(line, as_json=chosen.json)])
    if not chosen.json:
        print("\n".join(_table(answers)))
    return REFUSED if files and not answers["developed"] else DONE


def _spec(chosen: argparse.Namespace) -> CallSpec:
    return spec_asked(
        colour=chosen.colour, garments=chosen.garments, picked=chosen.picked, tolerance=chosen.tolerance
    )


def _recorded(path: Path) -> dict[str, Line]:
    """Return the record's lines by their marks; a line that a crash cut off is as if it were not there."""
    found: dict[str, Line] = {}
    if path.exists():
        for text in path.read_text("utf-8").splitlines():
            try:
                line = json.loads(text)
                found[line.pop("mark")] = line
            except (ValueError, KeyError, TypeError):
                continue
    return found


def _mark(path: Path, order: DevelopOrder) -> str:
    """Return what tells a file with an order from every other: its place, its size and time, and all of the order."""
    state = path.stat()
    whole = [str(path), state.st_size, state.st_mtime_ns, order.to_json()]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]


def _told(line: Line, *, as_json: bool) -> str:
    """Print the line and return how the photo was answered: `developed`, or the refusal's code."""
    if as_json:
        print(json.dumps(line, ensure_ascii=False), flush=True)
    elif "refused" in line:
        print(f"{line['file']}: {line['sentence']} ({line['refused']})", flush=True)
    else:
        faces = line["faces"]
        covered = sum(bool(face["covered"]) for face in faces)
        print(
            f"{line['file']}: {len(line['written'])} files, {covered} of {len(faces)} faces we found covered",
            flush=True,
        )
    return str(line.get("refused", "developed"))


def _table(answers: Counter[str]) -> Iterator[str]:
    """Yield how many photos were answered how."""
    yield ""
    for code, count in sorted(answers.items(), key=lambda item: (item[0] != "developed", -item[1], item[0])):
        yield f"{count:7,}  {code}"
    yield f"{answers.total():7,}  in all"


def _files(given: Sequence[str]) -> list[Path]:
    """Return the files given, each folder replaced by the files in it, in order of name."""
    found: list[Path] = []
    for name in given:
        path = Path(name)
        if path.is_dir():
            found.extend(
                sorted(entry for entry in path.iterdir() if entry.is_file() and entry.name[0] != ".")
            )
        elif path.exists():
            found.append(path)
        else:
            raise Refused("no-such-file", N_("There is no file or folder %(name)s."), name=name)
    return found


def _content(path: Path, order: DevelopOrder) -> bytes:
    """Read a file, but never more than shows that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(order.limits.bytes + 1)
    except OSError as error:
        raise Refused("file-unreadable", N_("This file cannot be read here."), cause=str(error)) from error


def _checked(path: Path, developed: Developed) -> Line:
    verdict, reading = developed.verdict, developed.reading
    return {
        "file": str(path),
        "verdict": verdict.kind if verdict else "refer",
        "score": round(verdict.score, 4) if verdict else 0.0,
        "garment_colour": reading.garment_colour if reading else "",
        "reasons": list(verdict.reasons) if verdict else [],
        "ms": developed.ms,
    }


def _unchecked(path: Path, error: WeAreManyError, ms: int) -> Line:
    return {
        "file": str(path),
        "verdict": "refuse" if isinstance(error, Refused) else "refer",
        "score": 0.0,
        "garment_colour": "",
        "reasons": [error.code],
        "ms": ms,
        "unreadable": isinstance(error, Refused),
    }


def _names(files: Sequence[Path]) -> dict[Path, str]:
    """Return a name for each file's renditions: its own without the ending, with a number where two are the same."""
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for path in files:
        name, number = path.stem, 2
        while name in taken:
            name, number = f"{path.stem}-{number}", number + 1
        taken.add(name)
        names[path] = name
    return names


def _write(folder: Path, name: str, developed: Developed) -> list[str]:
    """Write every rendition and the placeholder; return the names written."""
    written = []
    for rendition in developed.renditions:
        file_name = f"{name}-{rendition.name}.{'jpg' if rendition.format == 'jpeg' else rendition.format}"
        (folder / file_name).write_bytes(rendition.content)
        written.append(file_name)
    (folder / f"{name}-placeholder.webp").write_bytes(developed.placeholder)
    return [*written, f"{name}-placeholder.webp"]


def _each(files: Sequence[Path], work: Callable[[Path, Darkroom], Line], *, children: int) -> Iterator[Line]:
    """Yield a line for each file, in the order given, with progress on a terminal's standard error."""
    if not files:
        return
    progress = Progress(len(files))
    with (
        Darkroom(models=default_models_folder(), children=children) as darkroom,
        ThreadPoolExecutor(max_workers=children) as threads,
    ):
        for done, line in enumerate(
            threads.map(lambda path: _patiently(path, darkroom, work), files), start=1
        ):
            yield line
            progress.step(done)


def _patiently(path: Path, darkroom: Darkroom, work: Callable[[Path, Darkroom], Line]) -> Line:
    """Try again while nothing is wrong with the photo: its child was killed, or the machine was busy."""
    for _ in range(_TRIES - 1):
        line = work(path, darkroom)
        if not _PASSING & {line.get("refused"), *line.get("reasons", ())}:
            return line
    return work(path, darkroom)


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


PICKED_COLOUR = (
    argument(
        "--picked",
        default="",
        metavar="#RRGGBB",
        help="ask for this colour rather than for all that the colour's word means",
    ),
    argument(
        "--tolerance",
        type=float,
        default=TOLERANCE,
        metavar="T",
        help="how far cloth may be from the picked colour, in Oklab: 0.03 is a shade, 0.07 is plainly alike",
    ),
)
_SHARED = (
    argument("files", nargs="+", metavar="FILE", help="photos, or folders of photos"),
    argument("--colour", choices=COLOURS, default="red", help="the colour of the call"),
    argument("--garments", choices=GARMENTS, default="anything", help="what may have the colour"),
    *PICKED_COLOUR,
    argument(
        "--children",
        "--workers",
        type=_at_least_one,
        default=max(1, (os.cpu_count() or 1) - 1),
        metavar="N",
        help="how many photos at the same time; one less than there are processors if not given",
    ),
)

COMMANDS = (
    Command(
        "photo",
        "check",
        "Say of each photo whether the colour is worn, as the server's machine would.",
        "wearemany photo check --colour red --jsonl selfies/",
        check,
        (
            *_SHARED,
            argument("--jsonl", "--json", action="store_true", help="one JSON object a line"),
            argument(
                "--labels",
                metavar="CSV",
                help="what is true of each photo (columns file, truth): prints how often which truth was answered how",
            ),
        ),
    ),
    Command(
        "photo",
        "develop",
        "Make the clean, covered, sized copies of each photo, as the server would; goes on where it was stopped.",
        "wearemany photo develop selfie.jpg --out developed/",
        develop,
        (
            *_SHARED,
            argument("--out", required=True, metavar="FOLDER", help="where the copies go"),
            argument("--cover", choices=COVER_CHOICES, default="everybody", help="whose faces are covered"),
            argument(
                "--main-px", type=int, default=1600, metavar="PX", help="longest side of the largest copy"
            ),
            argument("--press", action="store_true", help="make a larger copy for newspapers, too"),
            argument("--again", action="store_true", help="develop also what was developed there before"),
            argument("--json", action="store_true", help="one JSON object a line, with all that is known"),
        ),
    ),
)
