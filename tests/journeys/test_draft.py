"""Kept on the phone only if asked: nothing without the tick, everything with it, nothing once it is sent or erased."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import HANDLE, PATIENCE_S, Supporter
from tests.journeys.photos import photo, selfie
from tests.rigs.serving import campaign_arguments

pytestmark = [pytest.mark.journey, pytest.mark.database]

STORED = """async () => ({
  databases: (await indexedDB.databases()).map(one => one.name),
  local: localStorage.length, session: sessionStorage.length,
  caches: (await caches.keys()).length, cookies: document.cookie,
})"""
NOTHING: dict[str, Any] = {"databases": [], "local": 0, "session": 0, "caches": 0, "cookies": ""}
KEPT = "Kept on this phone"


def opened(supporter: Supporter) -> Page:
    """Open the form."""
    page = supporter.page()
    page.goto(f"{supporter.server.base}/en/{HANDLE}/join")
    return page


def choose(page: Page, seed: int) -> None:
    """Choose a photo and wait until it has arrived."""
    page.set_input_files(
        "input[type=file]", {"name": "a", "mimeType": "", "buffer": photo("JPEG", selfie(seed))}
    )
    expect(page.locator(".photo__state")).to_have_text("Arrived.", timeout=PATIENCE_S * 1000)


def test_nothing_is_kept_without_the_tick(supporter: Supporter) -> None:
    """The tick is off; choosing and posting leaves nothing in any of the browser's stores."""
    page = opened(supporter)
    page.get_by_text("No line just now?").click()
    expect(page.get_by_label("Keep this on this phone")).not_to_be_checked()
    choose(page, 71)
    page.check("input[name=cover][value=nobody]")
    assert page.evaluate(STORED) == NOTHING
    for tick in ("show", "agreed"):
        page.check(f"input[name=tick][value={tick}]")
    page.click("form[data-join] button[type=submit]")
    expect(page.locator("[data-secret]")).to_be_visible(timeout=PATIENCE_S * 1000)
    assert page.evaluate(STORED) == NOTHING


def test_a_draft_outlives_the_page_and_is_gone_once_it_is_sent(supporter: Supporter) -> None:
    """Kept on request, closed, opened again with photo, choices and the same code, sent: then nothing stays."""
    page = opened(supporter)
    code = page.locator("input[name=code]").first.get_attribute("value")
    page.get_by_text("No line just now?").click()
    page.get_by_label("Keep this on this phone").check()
    page.route("**/upload", lambda route: route.abort("internetdisconnected"))
    page.set_input_files(
        "input[type=file]", {"name": "a", "mimeType": "", "buffer": photo("JPEG", selfie(72))}
    )
    expect(page.locator(".photo__state")).to_contain_text("nothing is lost", timeout=PATIENCE_S * 1000)
    page.check("input[name=cover][value=nobody]")
    page.check("input[name=tick][value=show]")
    expect(page.get_by_text(KEPT)).to_be_visible()
    assert page.evaluate(STORED) == {**NOTHING, "databases": ["draft"]}
    page.close(run_before_unload=False)

    again = opened(supporter)
    expect(again.locator(".photo__state")).to_have_text("Arrived.", timeout=PATIENCE_S * 1000)
    expect(again.locator("input[name=cover][value=nobody]")).to_be_checked()
    expect(again.locator("input[name=tick][value=show]")).to_be_checked()
    expect(again.locator("input[name=tick][value=agreed]")).not_to_be_checked()
    again.check("input[name=tick][value=agreed]")
    again.click("form[data-join] button[type=submit]")
    expect(again.locator("[data-secret]")).to_be_visible(timeout=PATIENCE_S * 1000)
    assert supporter.code(again) == code
    assert again.evaluate(STORED) == NOTHING


@pytest.mark.parametrize("way", ["button", "tick"])
def test_a_draft_is_erased_on_request(supporter: Supporter, way: str) -> None:
    """By the button or by taking the tick off: at once, and it is said."""
    page = opened(supporter)
    page.get_by_text("No line just now?").click()
    tick = page.get_by_label("Keep this on this phone")
    tick.check()
    choose(page, 73)
    expect(page.get_by_text(KEPT)).to_be_visible()
    if way == "button":
        page.get_by_role("button", name="Erase it from this phone").click()
    else:
        tick.uncheck()
    expect(page.get_by_text("Erased from this phone.")).to_be_visible()
    expect(tick).not_to_be_checked()
    assert page.evaluate(STORED) == NOTHING
    page.check("input[name=cover][value=nobody]")
    assert page.evaluate(STORED) == NOTHING


@pytest.mark.threat("B")
def test_a_dangerous_campaign_keeps_nothing_on_phones(supporter: Supporter) -> None:
    """There is no tick for it, and no script that could."""
    supporter.server.command(*campaign_arguments("red-danger", "dangerous"))
    page = supporter.page()
    page.goto(f"{supporter.server.base}/en/red-danger/join")
    expect(page.locator("[data-join]")).to_be_visible()
    expect(page.get_by_text("No line just now?")).to_have_count(0)
    assert not page.evaluate("'draft' in window.wearemany")
