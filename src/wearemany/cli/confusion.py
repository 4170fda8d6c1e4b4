"""A check's answers beside what a person said before: a labels file in, a table out. Checks no photo."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from wearemany.errors import N_, Refused

KINDS = ("accept", "refer", "refuse")


def labels_read(path: Path) -> dict[str, str]:
    """Return what is true of each photo, by its file's name or that name without the ending.

    The file has a header with `file` and `truth`; a truth is any word, such as yes, no, unsure.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {row["file"].strip(): row["truth"].strip() for row in csv.DictReader(file)}
    except (OSError, KeyError, AttributeError, UnicodeError, csv.Error) as error:
        raise Refused(
            "labels-unreadable",
            N_("The labels file is a CSV file with the columns file and truth."),
            cause=str(error),
        ) from error


class Confusion:
    """How often which truth was answered how."""

    def __init__(self, labels: dict[str, str]) -> None:
        self._labels = labels
        self._seen: Counter[tuple[str, str]] = Counter()

    def add(self, file: str, kind: str) -> None:
        """Count one answer; a photo without a label is not counted."""
        path = Path(file)
        truth = self._labels.get(path.name, self._labels.get(path.stem))
        if truth is not None:
            self._seen[truth, kind] += 1

    def lines(self) -> Iterator[str]:
        """Yield the table: a row for each truth, a column for each answer."""
        truths = sorted({truth for truth, _ in self._seen}, key=lambda truth: (truth != "yes", truth))
        width = max([len(truth) for truth in truths] + [5])
        yield f"{'truth':{width}} " + " ".join(f"{kind:>8}" for kind in KINDS)
        for truth in truths:
            yield f"{truth:{width}} " + " ".join(f"{self._seen[truth, kind]:8,}" for kind in KINDS)
