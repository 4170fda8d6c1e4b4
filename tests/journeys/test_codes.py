"""Codes and claims in a real browser: slips, no code, forgetting, hiding without a code, leaving at once."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, expect

from tests.codes import holds_code
from tests.journeys.people import HANDLE, PATIENCE_S, Supporter, seconds_until
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

pytestmark = [pytest.mark.journey, pytest.mark.database]

BOTH = pytest.mark.parametrize("supporter", ["scripts", "plain"], indirect=True)


def assert_clean(page: Page) -> None:
    """Axe finds nothing; it needs scripts, so it looks only where they run."""
    found = Axe().run(page).response["violations"]
    assert not found, [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


def posts_without_a_code(supporter: Supporter, *, seed: int) -> Page:
    """Send a selfie with "I want no code" ticked, every face covered."""
    photo = supporter.folder / f"no-code-{seed}.jpg"
    photo.write_bytes(paint(scene(seed, "ordinary")))
    page = supporter.page()
    page.goto(f"{supporter.server.base}/en/{HANDLE}/join")
    page.set_input_files("input[type=file]", str(photo))
    page.check("input[name=cover][value=everybody]")
    page.check("input[name=tick][value=show]")
    page.check("input[name=tick][value=agreed]")
    page.get_by_text("Without a code", exact=True).click()
    page.check("input[name=no-code]")
    page.click("form[data-join] button[type=submit]")
    expect(page.locator("#now")).to_be_visible(timeout=PATIENCE_S * 1000)
    return page


def on_the_wall(supporter: Supporter, *, seed: int) -> str:
    """Put a post on the wall, with a moderator's help if it needs one; returns its address."""
    page = supporter.post("ordinary", seed=seed, cover="nobody")
    supporter.await_text(page, ".state:has-text('On the wall'), .state:has-text('A person will look')")
    if page.locator(".state:has-text('A person will look')").count():
        desk = supporter.sign_in()
        desk.goto(f"{supporter.server.base}/desk/{HANDLE}/review")
        desk.get_by_role("button", name=re.compile("^Approve")).click()
        desk.close()
    supporter.await_text(page, "text=See it on the wall")
    path = page.get_by_role("link", name="See it on the wall").get_attribute("href")
    page.close()
    return f"{supporter.server.base}{path}"


def answers(looker: Page, address: str, *, status: int) -> None:
    """Look until an address answers so: kept pages know within a sixth of a second what was taken from sight."""
    seen: list[int] = []

    def looked() -> bool:
        answer = looker.goto(address)
        seen.append(answer.status if answer else 0)
        return seen[-1] == status

    print(f"{status} after {seconds_until(looked, limit_s=1.0):.2f} s, looked {len(seen)} times")


@BOTH
def test_a_mistyped_code_opens_the_post_and_leaving_leaves(supporter: Supporter) -> None:
    """One letter lost, two swapped; then out at once, and the Back button shows nothing of it."""
    code = supporter.code(supporter.post("ordinary", seed=64, cover="nobody"))
    words = code.split()
    words[1] = words[1][:-2] + words[1][-1]
    words[4] = words[4][1] + words[4][0] + words[4][2:]
    page = supporter.page()
    page.goto(f"{supporter.server.base}/en/keep")
    page.fill("#code", ", ".join(words).upper())
    page.get_by_role("button", name="Show my post").click()
    expect(page.locator("h1")).to_have_text("Your post")
    expect(page.get_by_text("A word was not quite right")).to_be_visible()
    page.get_by_text("Show my secret code").click()
    assert supporter.code(page) == code
    page.get_by_role("link", name="Leave this page at once").click()
    page.wait_for_url("about:blank")
    with suppress(Error):
        page.go_back(timeout=5_000)
    expect(page.locator("body")).not_to_contain_text("Your post")
    assert not holds_code(page.locator("body").inner_text(), code)
    assert code not in supporter.server.log()


@BOTH
def test_no_code_is_shown_and_the_picture_is_confirmed(supporter: Supporter) -> None:
    """The answer works while it stays open, and no code is in anything that can be read on it."""
    page = posts_without_a_code(supporter, seed=62)
    code = page.locator("#now form input[name=code], [data-keep] input[name=code]").first.get_attribute(
        "value"
    )
    assert code and code not in page.locator("body").inner_text()
    expect(page.get_by_text("please keep this page open")).to_be_visible()
    supporter.confirm(page)
    expect(page.get_by_text("A quarter of an hour from now")).to_be_visible()
    supporter.await_text(page, ".state:has-text('On the wall'), .state:has-text('A person will look')")
    assert code not in page.locator("body").inner_text()
    assert not supporter.complaints and not supporter.strangers


@BOTH
def test_forgetting_leaves_the_post_and_closes_the_page(supporter: Supporter) -> None:
    """Two steps; afterwards the words open nothing, and the post is where it was."""
    page = supporter.post("ordinary", seed=63, cover="nobody")
    code = supporter.code(page)
    supporter.await_text(page, ".state:has-text('On the wall'), .state:has-text('A person will look')")
    if supporter.with_scripts:
        page.reload()
    page.get_by_text("Forget that this is mine").click()
    form = page.locator("form[action$='/keep/forget']")
    form.get_by_text("Yes, I am sure.").click()
    form.get_by_role("button", name="Forget it now").click()
    expect(page.locator("h1")).to_have_text("Forgotten")
    page.goto(f"{supporter.server.base}/en/keep")
    page.fill("#code", code)
    page.get_by_role("button", name="Show my post").click()
    expect(page.locator("#code-error")).to_be_visible()


@BOTH
def test_a_claim_hides_at_once_and_both_answers_are_heard(supporter: Supporter) -> None:
    """Claimed without a code, hidden with the next look; shown again by one key or taken down for good by two."""
    outcomes = []
    for seed, keys in ((64, ("a",)), (65, ("r", "1"))):
        address = on_the_wall(supporter, seed=seed + (10 if supporter.with_scripts else 0))
        claimer = supporter.page()
        claimer.goto(address)
        claimer.get_by_role("link", name="This is me, or it is mine and I have no code").click()
        claimer.get_by_text("I am in this picture").click()
        claimer.fill("#words", "That is me, and I was not asked.")
        with claimer.expect_request(lambda asked: asked.method == "POST") as sent:
            claimer.get_by_role("button", name="Ask for it to be hidden").click()
        expect(claimer.get_by_text("The post is hidden from everybody")).to_be_visible()
        # Browsers of some years ago say nothing else of where a form comes from.
        assert sent.value.header_value("origin") == supporter.server.base
        if supporter.with_scripts:
            assert_clean(claimer)
        looker = supporter.page()
        answers(looker, address, status=409)
        desk = supporter.sign_in()
        desk.goto(f"{supporter.server.base}/desk/{HANDLE}/review")
        expect(desk.get_by_text("That is me, and I was not asked.")).to_be_visible()
        if supporter.with_scripts:
            assert_clean(desk)
            for key in keys:
                desk.keyboard.press(key)
        elif keys == ("a",):
            desk.get_by_role("button", name=re.compile("^Show it again")).click()
        else:
            desk.locator("details.reject summary").click()
            desk.locator("button.reason").first.click()
        expect(desk.locator(".just-done")).to_contain_text("shown again" if keys == ("a",) else "for good")
        claimer.get_by_role("button", name="Look again").click()
        outcomes.append(claimer.locator(".notice").inner_text())
        answers(looker, address, status=200 if keys == ("a",) else 410)
        desk.close()
    assert "stays on the wall" in outcomes[0] and "not on the wall any more" in outcomes[1]
    assert not supporter.complaints and not supporter.strangers
