"""The desk by keyboard: look, cover, reject, undo, approve, without leaving the page."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.people import HANDLE, PATIENCE_S, Supporter

pytestmark = pytest.mark.journey


def test_a_review_needs_no_mouse(supporter: Supporter) -> None:
    """Blurred until asked for; covers by arrows and Enter; rejected by a number, brought back, approved."""
    keep = supporter.post("other_colour", seed=16)
    supporter.confirm(keep)
    supporter.await_text(keep, ".state:has-text('person')")
    desk = supporter.sign_in()
    assert "#" not in desk.url
    desk.goto(f"{supporter.server.base}/desk/{HANDLE}/review")
    assert_clean(desk)
    loads: list[str] = []
    desk.on("load", lambda page: loads.append(page.url))

    picture = desk.locator(".shot img")
    assert "blur" in picture.evaluate("picture => getComputedStyle(picture).filter")
    desk.keyboard.press("s")
    assert picture.evaluate("picture => getComputedStyle(picture).filter") == "none"

    desk.keyboard.press("c")
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight", "c", "Enter"):
        desk.keyboard.press(key)
    expect(desk.get_by_text("2 covers were drawn by hand")).to_be_visible(timeout=PATIENCE_S * 1000)
    assert "blur" in picture.evaluate("picture => getComputedStyle(picture).filter")

    desk.keyboard.press("r")
    expect(desk.locator(".reason").first).to_be_focused()
    assert_clean(desk)
    desk.keyboard.press("7")
    expect(desk.get_by_text("Nobody waits")).to_be_visible()
    desk.keyboard.press("u")
    expect(desk.get_by_text("Undone. Here it is again.")).to_be_visible()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_be_visible()
    desk.keyboard.press("?")
    desk.keyboard.press("a")
    expect(desk.get_by_text("Nobody waits")).to_be_visible()
    assert_clean(desk)
    assert not loads
    assert not supporter.strangers and not supporter.complaints


def assert_clean(page: Page) -> None:
    """Axe finds nothing."""
    found = Axe().run(page).response["violations"]
    assert not found, [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
