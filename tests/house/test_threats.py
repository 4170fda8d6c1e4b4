"""The threat page and its attacks keep step: a test attacks every row, or the row says there is no technical answer."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "run" / "threats.md"
NO_ANSWER = "no technical answer"
OPEN: dict[str, str] = {}
"""Rows that wait for their attack, and why; to be empty."""


def rows() -> dict[str, str]:
    """Return the rows of the page: letter and what stops it."""
    found: dict[str, str] = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if re.fullmatch(r"[A-Z][0-9]?", cells[0]):
            assert len(cells) == 5, f"the row {cells[0]} of the threat page has not five cells"
            assert cells[0] not in found, f"the threat page has two rows {cells[0]}"
            found[cells[0]] = cells[3]
    return found


def marks_in(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (row, test) of every threat mark of a file; one for the whole file counts for the file."""
    tree = ast.parse(path.read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                yield from ((row, node.name) for row in _named(decorator))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            marks = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
            for mark in marks:
                yield from ((row, path.name) for row in _named(mark))


def _named(mark: ast.expr) -> Iterator[str]:
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.threat":
        assert mark.args, "a threat mark names a row"
        for argument in mark.args:
            assert isinstance(argument, ast.Constant) and isinstance(argument.value, str), ast.unparse(mark)
            yield argument.value


def attacks() -> dict[str, list[str]]:
    """Return the tests by the row that they attack."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for row, name in marks_in(path):
            found[row].append(f"{path.relative_to(ROOT)}::{name}")
    return dict(found)


def test_every_row_is_attacked() -> None:
    """Each row has a test with `@pytest.mark.threat("ROW")`, or says that there is no technical answer."""
    attacked = attacks()
    bare = [row for row, answer in rows().items() if row not in attacked and NO_ANSWER not in answer]
    assert not set(bare) - OPEN.keys(), (
        f"no test attacks these rows of docs/run/threats.md: {', '.join(bare)}. Mark one that tries to break the row "
        f'with @pytest.mark.threat("..."), or write "{NO_ANSWER}" in its third column.'
    )
    assert not OPEN.keys() & attacked.keys(), "these rows have their attack: take them off OPEN"


def test_every_mark_names_a_row() -> None:
    """A mark for a row that there is not would count for nothing."""
    unknown = {row: tests for row, tests in attacks().items() if row not in rows()}
    assert not unknown, f"these marks name no row of docs/run/threats.md: {unknown}"


def test_the_code_cites_rows_that_exist() -> None:
    """A rule in the source that cites the threat page cites a row of it."""
    cited = {
        row
        for path in (ROOT / "src").rglob("*.py")
        for row in re.findall(r"[Tt]hreats?(?: page)?,? rows? ([A-Z][0-9]?)\b", path.read_text())
    }
    assert cited <= rows().keys()


@pytest.mark.parametrize("text", ["Z", "A9"])
def test_a_row_that_is_not_there_is_not_found(text: str) -> None:
    """The reader of the page does not see rows everywhere."""
    assert text not in rows() and len(rows()) >= 15
