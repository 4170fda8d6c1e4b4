"""A group's sitting in a real browser: more photos than one form holds, one that cannot be used, slips on paper."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.people import HANDLE, PATIENCE_S, Supporter
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

pytestmark = pytest.mark.journey


def invited(supporter: Supporter) -> Page:
    """Open an invitation's link, by pasting it where there are no scripts."""
    asked = ("group", "invite", HANDLE, "--name", "Class 7b", "--kind", "minors")
    secret = supporter.server.command(*asked).strip().partition("#")[2]
    link = f"{supporter.server.base}/en/{HANDLE}/group#{secret}"
    page = supporter.page()
    page.goto(link)
    if not supporter.with_scripts:
        page.fill("#given", link)
        page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Photos of Class 7b")).to_be_visible()
    assert "#" not in page.url
    return page


def photos(supporter: Supporter, *seeds: int) -> list[str]:
    """Return the files of drawn selfies."""
    files = [supporter.folder / f"member-{seed}.jpg" for seed in seeds]
    for seed, file in zip(seeds, files, strict=True):
        file.write_bytes(paint(scene(seed, "ordinary")))
    return [str(file) for file in files]


def assert_clean(page: Page) -> None:
    """Axe finds nothing, and nothing scrolls sideways, also in twice as large letters."""
    found = Axe().run(page).response["violations"]
    assert not found, [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.evaluate("document.documentElement.style.fontSize = ''")


@pytest.mark.parametrize("supporter", ["scripts"], indirect=True)
def test_one_photo_that_cannot_be_used_holds_up_no_slip(supporter: Supporter) -> None:
    """It is left out beside the others, whose codes are printed; the sitting's code stands there with the first."""
    page = invited(supporter)
    page.check("input[name=stated]")
    sitting = page.locator("[data-sitting]")
    expect(sitting).to_be_hidden()
    empty = supporter.folder / "empty.jpg"
    empty.write_bytes(b"")
    page.set_input_files("[data-picker] input", [str(empty), *photos(supporter, 71, 72)])
    expect(page.locator("[data-state]", has_text=re.compile(r"^Arrived\.$"))).to_have_count(
        2, timeout=PATIENCE_S * 1000
    )
    expect(sitting).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Some photos did not get through")).to_be_visible()
    assert_clean(page)
    page.locator("[data-remove]:visible").click()
    expect(page.locator(".slip")).to_have_count(2, timeout=PATIENCE_S * 1000)
    assert_clean(page)
    codes = page.locator(".slip__code").all_text_contents()
    assert not any(code in supporter.server.log() for code in codes)
    assert not supporter.complaints and not supporter.strangers


@pytest.mark.parametrize("supporter", ["plain"], indirect=True)
def test_without_scripts_a_class_takes_a_form_for_every_four(supporter: Supporter) -> None:
    """Six photos in two forms are six slips; loading the page again adds none, and the sitting's code opens it."""
    page = invited(supporter)
    for numbers in ((1, 2, 3, 4), (5, 6)):
        page.check("input[name=stated]")
        for number, file in zip(numbers, photos(supporter, *numbers), strict=True):
            page.set_input_files(f"input[name=photo-{number}]", file)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator(".slip")).to_have_count(numbers[-1], timeout=PATIENCE_S * 1000)
    page.reload()
    expect(page.locator(".slip")).to_have_count(6)
    sitting = page.locator("[data-sitting] .code").inner_text()
    page.goto(f"{supporter.server.base}/en/{HANDLE}/group")
    page.fill("#given", sitting)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".standings li")).to_have_count(6)
    assert not supporter.complaints and not supporter.strangers
