"""Lighthouse on its phone settings, a slow phone on a slow line. Needs `lighthouse`, by PATH or $LIGHTHOUSE."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.people import HANDLE, Supporter

pytestmark = [pytest.mark.journey, pytest.mark.long]

LEAST = 95
RUN_S = 240


@pytest.fixture
def lighthouse() -> str:
    """The program, if it is here."""
    program = os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse")
    if program is None:
        pytest.skip(
            "lighthouse is not installed (npm install --prefix FOLDER lighthouse, then name it in $LIGHTHOUSE)"
        )
    return program


def test_posting_and_wall_reach_95(supporter: Supporter, lighthouse: str, tmp_path: Path) -> None:
    """Performance, accessibility and best practices; the posting page is kept from search engines on purpose."""
    keep = supporter.post("ordinary", seed=69, cover="nobody")
    supporter.await_text(keep, "a:has-text('See it on the wall')")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    low = []
    for number, path in enumerate(
        (f"en/{HANDLE}/join", f"ru/{HANDLE}/join", f"en/{HANDLE}/", f"ru/{HANDLE}/")
    ):
        report = tmp_path / f"{number}.json"
        command = [
            lighthouse, f"{supporter.server.base}/{path}", "--quiet", "--output=json", f"--output-path={report}",
            "--only-categories=performance,accessibility,best-practices", "--chrome-flags=--headless --no-sandbox",
        ]  # fmt: skip
        subprocess.run(
            command,
            env={**os.environ, "CHROME_PATH": chromium},
            check=True,
            timeout=RUN_S,
            capture_output=True,
        )
        scores = {
            name: round(100 * found["score"])
            for name, found in json.loads(report.read_text())["categories"].items()
        }
        print(path, scores)
        low += [f"{path}: {name} {score}" for name, score in scores.items() if score < LEAST]
    assert low == []
