"""The counting part of the recount page, run under node for tests: many questions in one call."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from wearemany.wall.recounting.page import counting_script

HARNESS = Path(__file__).with_name("recounting.mjs")


def counted_by_page(questions: Sequence[dict[str, Any]], folder: Path) -> list[Any]:
    """Ask the page's script all questions and return its answers in order; skips where there is no node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed (the browser's journeys test the same script)")
    script = folder / "counting.js"
    script.write_text(counting_script(), "utf-8")
    done = subprocess.run(
        [node, str(HARNESS), str(script)],
        input=json.dumps(questions), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def log_question(files: dict[str, bytes], *, key: str, earlier: bytes = b"") -> dict[str, Any]:
    """Return the question how a log of these files counts."""
    return {
        "files": {path: in_base64(content) for path, content in files.items()},
        "key": key,
        "earlier": in_base64(earlier) if earlier else "",
    }
