"""What a supporter is shown of the colour check, in a browser: outline, colour, reason; each answer, both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.people import HANDLE, PATIENCE_S, Supporter
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

pytestmark = pytest.mark.journey
KINDS = ("ordinary", "burgundy", "other_colour")
"""Accepted, before a person, not in the colour."""
SEEDS = {"ordinary": 31, "burgundy": 1, "other_colour": 16}
COUNTS = {
    "en": (
        "counts among those in red",
        "a person says whether it counts",
        "does not count among those in red",
    ),
    "ru": ("среди тех, кто в красном", "скажет человек", "кто в красном, оно не засчитано"),
}
REASON = {"en": ("another colour", "differ"), "ru": ("другого цвета", "по-разному")}
CLOTHING = {"en": "clothing that we outlined looks", "ru": "Одежда"}
NEVER = ("refus", "reject", "verdict", "отказ", "отклон")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_answer_has_outline_colour_and_reason(supporter: Supporter, language: str) -> None:
    """Three pictures in one post: each is outlined, its colour named, and said how it counts; none is turned away."""
    page = supporter.page()
    page.goto(f"{supporter.server.base}/{language}/{HANDLE}/join")
    page.set_input_files("input[type=file]", [str(drawn(supporter.folder, kind)) for kind in KINDS])
    page.check("input[name=cover][value=nobody]")
    page.check("input[name=tick][value=show]")
    page.check("input[name=tick][value=agreed]")
    page.click("form[data-join] button[type=submit]")
    figures = page.locator("#now figure.picture")
    expect(figures).to_have_count(len(KINDS), timeout=PATIENCE_S * 1000)
    for at, counts in enumerate(COUNTS[language]):
        figure = figures.nth(at)
        words = figure.locator("figcaption").inner_text()
        assert CLOTHING[language] in words and counts in words, words
        assert is_outlined(figure), (language, KINDS[at])
        assert not any(word in words.lower() for word in NEVER), words
    assert any(word in figures.nth(1).inner_text() for word in REASON[language])
    assert not supporter.complaints


def drawn(folder: Path, kind: str) -> Path:
    """Paint somebody of a kind into a file."""
    path = folder / f"{kind}.jpg"
    path.write_bytes(paint(scene(SEEDS[kind], kind)))
    return path


def is_outlined(figure: Locator) -> bool:
    """Return whether a line is drawn over the picture that lies within it and takes a fair part of it."""
    picture, line = (
        figure.locator("img").bounding_box(),
        figure.locator(".outline__over").first.bounding_box(),
    )
    assert picture and line
    inside = (
        line["x"] >= picture["x"] - 3
        and line["y"] >= picture["y"] - 3
        and line["x"] + line["width"] <= picture["x"] + picture["width"] + 3
        and line["y"] + line["height"] <= picture["y"] + picture["height"] + 3
    )
    share = line["width"] * line["height"] / (picture["width"] * picture["height"])
    return inside and 0.05 < share < 1.0
