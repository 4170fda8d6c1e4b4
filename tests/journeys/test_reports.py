"""Reported, decided, explained, appealed: four people, one post, a phone without scripts."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.people import HANDLE, Supporter

pytestmark = [pytest.mark.journey, pytest.mark.database]


def looked_over(page: Page) -> None:
    """Axe finds nothing, and nothing hangs over the edge of a narrow phone."""
    found = Axe().run(page).response["violations"]
    assert not found, [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def desk_of(supporter: Supporter, browser: Browser, name: str) -> Page:
    """Return the review page in somebody's own browser."""
    link = supporter.server.command("account", "link", name).strip()
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB").new_page()
    page.goto(link)
    expect(page).to_have_url(re.compile(r"/desk/"))
    page.wait_for_load_state()
    page.goto(f"{supporter.server.base}/desk/{HANDLE}/review")
    return page


def decided(desk: Page, name: str) -> None:
    """Decide the post in hand: approve, or reject for the first reason of that name."""
    if name == "Approve":
        desk.get_by_role("button", name=re.compile("^Approve")).click()
        expect(desk.get_by_text("Approved.")).to_be_visible()
        return
    desk.locator("details.reject summary").click()
    desk.locator("details.reject button").filter(has_text=name).click()
    expect(desk.get_by_text("Rejected. It is hidden already.")).to_be_visible()


@pytest.mark.parametrize("supporter", ["plain"], indirect=True)
def test_a_report_a_reason_an_appeal(supporter: Supporter, browser: Browser) -> None:
    """Everybody finds their way: the reporter sees the outcome, the author reads why and is right in the end."""
    base = supporter.server.base
    supporter.server.command("account", "create", "Olga", "--campaign", HANDLE, "--role", "organiser")
    narrow = browser.new_context(viewport={"width": 320, "height": 640}, locale="en-GB").new_page()
    author = supporter.post("ordinary", seed=64, cover="nobody")
    code = supporter.code(author)
    supporter.await_text(author, ".state:has-text('On the wall'), .state:has-text('A person will look')")
    if author.locator(".state:has-text('A person will look')").count():
        first = desk_of(supporter, browser, "Mark")
        decided(first, "Approve")
        first.context.close()
    supporter.await_text(author, "text=See it on the wall")
    path = author.get_by_role("link", name="See it on the wall").get_attribute("href")

    reporter = supporter.page()
    reporter.goto(f"{base}{path}")
    reporter.get_by_role("link", name="Report this post").click()
    narrow.goto(reporter.url)
    looked_over(narrow)
    reporter.get_by_label("It hurts people for who they are").check()
    reporter.get_by_label("in the words").check()
    reporter.get_by_role("button", name="Report it").click()
    expect(reporter.get_by_text("The post stays until a person of the team has decided.")).to_be_visible()

    mark = desk_of(supporter, browser, "Mark")
    expect(mark.get_by_text("One person:")).to_be_visible()
    decided(mark, "Hate")
    reporter.get_by_role("button", name="Look again").click()
    expect(reporter.get_by_text("the post is not on the wall any more")).to_be_visible()

    author.goto(f"{base}/en/keep")
    author.locator("[name=code]").fill(code)
    author.locator("form button[type=submit]").first.click()
    expect(author.get_by_text("What was decided, and why")).to_be_visible()
    expect(author.get_by_text("Somebody had reported it.")).to_be_visible()
    narrow.goto(f"{base}/en/keep")
    narrow.locator("[name=code]").fill(code)
    narrow.locator("form button[type=submit]").first.click()
    expect(narrow.get_by_text("What was decided, and why")).to_be_visible()
    looked_over(narrow)
    author.get_by_label("Why, if you wish to say").fill("It is a line of a song.")
    author.get_by_role("button", name="Ask for another person").click()
    expect(author.get_by_text("Another person will look at it.")).to_be_visible()

    mark.goto(f"{base}/desk/{HANDLE}/review")
    expect(mark.get_by_text("It is a line of a song.")).to_have_count(0)
    olga = desk_of(supporter, browser, "Olga")
    expect(olga.get_by_text("It is a line of a song.")).to_be_visible()
    looked_over(olga)
    decided(olga, "Approve")
    author.goto(f"{base}/en/keep")
    author.locator("[name=code]").fill(code)
    author.locator("form button[type=submit]").first.click()
    expect(author.get_by_text("it is shown after all")).to_be_visible()
    assert not supporter.strangers and not supporter.complaints
    for page in (narrow, mark, olga):
        page.context.close()
