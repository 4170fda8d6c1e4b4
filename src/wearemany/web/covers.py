"""Covers drawn on the keep-page: boxes with scripts, squares of a grid without; both become boxes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wearemany.darkroom.geometry import Box

COLUMNS = 8
ROWS = 10
_BOXES_READ_MOST = 100

Cell = tuple[int, int]


def boxes_read(texts: Sequence[str]) -> list[Box]:
    """Read boxes that a script sent as "left,top,right,bottom" in fractions; what is none is left out."""
    boxes = []
    for text in texts[:_BOXES_READ_MOST]:
        try:
            boxes.append(Box.from_json([float(edge) for edge in text.split(",")]))
        except ValueError:
            continue
    return boxes


def cells_read(texts: Sequence[str]) -> list[Cell]:
    """Read grid squares as "row.column", counted from nought; what is none is left out."""
    cells = []
    for text in texts[: ROWS * COLUMNS]:
        row, _, column = text.partition(".")
        if row.isdecimal() and column.isdecimal() and int(row) < ROWS and int(column) < COLUMNS:
            cells.append((int(row), int(column)))
    return cells


def boxes_of_cells(cells: Iterable[Cell]) -> list[Box]:
    """Join squares into as few boxes as simple joining gives: runs in a row, then equal runs below one another."""
    wanted = set(cells)
    boxes: list[Box] = []
    open_runs: dict[tuple[int, int], int] = {}
    for row in range(ROWS + 1):
        runs = set(_runs(row, wanted))
        for run in [run for run in open_runs if run not in runs]:
            boxes.append(_box(run, open_runs.pop(run), row))
        for run in runs:
            open_runs.setdefault(run, row)
    return boxes


def _runs(row: int, wanted: set[Cell]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for column in range(COLUMNS + 1):
        if (row, column) in wanted:
            start = column if start is None else start
        elif start is not None:
            runs.append((start, column))
            start = None
    return runs


def _box(run: tuple[int, int], first_row: int, end_row: int) -> Box:
    return Box(run[0] / COLUMNS, first_row / ROWS, run[1] / COLUMNS, end_row / ROWS)
