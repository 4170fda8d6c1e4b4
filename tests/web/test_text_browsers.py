"""Text browsers, which have neither scripts nor styles: pages read in the order in which one acts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from tests.cast import SELFIE, Cast
from tests.web.door_visits import visitor
from tests.web.walls import stand

pytestmark = pytest.mark.database

BROWSERS = {
    "lynx": ["lynx", "-dump", "-nolist", "-force_html", "-assume_charset=utf-8", "-display_charset=utf-8"],
    "w3m": ["w3m", "-dump", "-T", "text/html", "-cols", "100", "-I", "utf-8", "-O", "utf-8"],
}  # fmt: skip


def read_by(browser: str, page: str, folder: Path) -> str:
    """Return the page as the text browser shows it, spaces evened."""
    if shutil.which(browser) is None:
        pytest.skip(f"{browser} is not installed (Debian: apt-get install {browser})")
    file = folder / "page.html"
    file.write_text(page, "utf-8")
    shown = subprocess.run(
        [*BROWSERS[browser], str(file)], capture_output=True, check=True, timeout=30
    ).stdout
    return re.sub(r"\s+", " ", shown.decode("utf-8", "replace"))


def assert_in_order(text: str, *parts: str) -> None:
    """Each part stands in the text, after the one before it."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, f"{part!r} is not after {text[max(0, at - 80) : at]!r}"
        at = found + len(part)


@pytest.mark.parametrize("browser", BROWSERS)
def test_posting_reads_in_order(client: Client, cast: Cast, tmp_path: Path, browser: str) -> None:
    """What we ask, what happens with the photo, photo, faces, ticks, send; nothing that only scripts could do."""
    page = client.get("/en/we-are-many/join").content.decode()
    text = read_by(browser, page, tmp_path)
    assert_in_order(
        text, "Join with a photo", "Wear something red", "We keep a clean copy", "Your photo", "Take a photo",
        "Faces", "Everybody's", "Nobody's", "Your word", "Show this photo on the wall", "It is me", "Send",
    )  # fmt: skip
    for promise in ("Keep this on this phone", "Try all again", "Try again", "Remove"):
        assert promise not in text, promise


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_answer_reads_in_order(client: Client, cast: Cast, tmp_path: Path, browser: str) -> None:
    """The code first, where the post stands, words that may be added, taking it back last."""
    page = visitor(client, cast).posts(SELFIE).content.decode()
    text = read_by(browser, page, tmp_path)
    assert_in_order(
        text,
        "Leave this page",
        "Thank you",
        "Your secret code",
        "Look again",
        "Say more, if you like",
        "Take my post back",
    )


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_wall_reads_in_order(client: Client, cast: Cast, tmp_path: Path, browser: str) -> None:
    """The phrase, the number, the way in, then the posts with their words."""
    stand(cast, "We are not indifferent")
    page = client.get("/en/we-are-many/").content.decode()
    text = read_by(browser, page, tmp_path)
    assert_in_order(
        text, "Нас много и мы не равнодушны", "Join with a photo", "We are not indifferent", "secret code"
    )
