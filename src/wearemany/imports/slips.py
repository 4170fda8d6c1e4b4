"""The two files that an import leaves with whoever runs it: slips (a secret code for each picture) and the report.

Both are private (0600) and lie where the importer says; the server keeps neither.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from wearemany.errors import N_, Refused

FIELDS = ("file", "code")
TAKEN, DEVELOPED, REFUSED = "taken", "developed", "refused"


class Slips:
    """The file of codes: a line for each picture, whole and on disk before any picture is sent."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ready(self, files: Iterable[str], *, make: Callable[[], str]) -> dict[str, str]:
        """Return a code for each file; those that have none get one, and are on disk before this returns."""
        codes = self._read()
        fresh = {file: make() for file in files if file not in codes}
        if fresh:
            codes |= fresh
            self._write(codes)
        return codes

    def _read(self) -> dict[str, str]:
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._no_slips() from error
        reader = csv.DictReader(io.StringIO(text, newline=""))
        if tuple(reader.fieldnames or ()) != FIELDS:
            raise self._no_slips()
        return {line["file"]: line["code"] for line in reader}

    def _write(self, codes: Mapping[str, str]) -> None:
        """Write beside and rename: a crash leaves the codes of before, and nothing was sent under the new ones."""
        beside = self._path.with_name(f".{self._path.name}.new")
        beside.unlink(missing_ok=True)
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(FIELDS)
            writer.writerows(codes.items())
            out.flush()
            os.fsync(out.fileno())
        beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _no_slips(self) -> Refused:
        return Refused(
            "slips-unreadable",
            N_("%(file)s is there already and holds no slips. Please choose another name for the slips."),
            file=self._path,
        )


@dataclass(frozen=True)
class Outcome:
    """What became of one picture: taken, developed, or refused with a code and a sentence."""

    file: str
    state: str
    code: str = ""
    sentence: str = ""


class Report:
    """What became of each picture, as JSON lines that are only ever added to; the last line of a file counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.outcomes: dict[str, Outcome] = {}
        if path.exists():
            self._read()

    def add(self, outcome: Outcome) -> None:
        """Write an outcome down, if it is news."""
        if self.outcomes.get(outcome.file) == outcome:
            return
        self.outcomes[outcome.file] = outcome
        opened = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as out:
            out.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")

    def taken(self) -> set[str]:
        """Return the files that are posts, or were until their author took them back."""
        return {outcome.file for outcome in self.outcomes.values() if outcome.state != REFUSED}

    def refused(self) -> list[Outcome]:
        """Return the refusals in order of file."""
        found = [outcome for outcome in self.outcomes.values() if outcome.state == REFUSED]
        return sorted(found, key=lambda outcome: outcome.file)

    def _read(self) -> None:
        for text in self._path.read_text("utf-8").splitlines():
            try:
                outcome = Outcome(**json.loads(text))
            except (ValueError, TypeError):
                # The line that a crash cut off; its picture's code says whether it was taken.
                continue
            self.outcomes[outcome.file] = outcome
