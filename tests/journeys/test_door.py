"""The door in a real browser: bad lines, lost answers, covers by hand, links with a code, leaving at once."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from tests.codes import holds_code
from tests.journeys.people import HANDLE, PATIENCE_S, Supporter
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

pytestmark = [pytest.mark.journey, pytest.mark.database]

ARRIVED = "Arrived."
SETTLED = re.compile("On the wall|A person will look")


def form_open(supporter: Supporter, *, seed: int) -> tuple[Page, str]:
    """Open the form and paint a selfie; returns the page and the selfie's file."""
    photo = supporter.folder / f"selfie-{seed}.jpg"
    photo.write_bytes(paint(scene(seed, "ordinary")))
    page = supporter.page()
    page.goto(f"{supporter.server.base}/en/{HANDLE}/join")
    return page, str(photo)


def tick_and_send(page: Page, *, cover: str) -> None:
    """Make the choices and press the button."""
    page.check(f"input[name=cover][value={cover}]")
    page.check("input[name=tick][value=show]")
    page.check("input[name=tick][value=agreed]")
    page.click("form[data-join] button[type=submit]")


def posts_with(supporter: Supporter, page: Page) -> str:
    """Return the code once the keep-page is there."""
    expect(page.locator("[data-secret]")).to_be_visible(timeout=PATIENCE_S * 1000)
    return supporter.code(page)


def test_a_cut_line_is_tried_again_until_the_photo_is_there(supporter: Supporter) -> None:
    """Two tries fail in mid-upload; the third goes through, and the page says what is going on."""
    page, photo = form_open(supporter, seed=41)
    tries: list[str] = []

    def cut(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) < 3:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/upload", cut)
    page.set_input_files("input[type=file]", photo)
    expect(page.locator(".photo__state")).to_contain_text("nothing is lost")
    expect(page.locator(".photo__state")).to_have_text(ARRIVED, timeout=PATIENCE_S * 1000)
    assert len(tries) == 3
    expect(page.locator(".photo img")).to_be_visible()


def test_an_answer_lost_on_the_way_leads_to_one_post(supporter: Supporter) -> None:
    """The server took the post but its answer never came: the page asks again and shows the same code."""
    page, photo = form_open(supporter, seed=42)
    hidden = page.locator("form[data-join] input[name=code]").get_attribute("value")
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"**/en/{HANDLE}/join", lose)
    page.set_input_files("input[type=file]", photo)
    tick_and_send(page, cover="nobody")
    assert posts_with(supporter, page) == hidden
    assert lost == [200]
    # Loading the answer again sends the same form once more, and is the same post.
    page.reload()
    assert posts_with(supporter, page) == hidden


def test_a_complaint_is_shown_in_place_and_nothing_is_lost(supporter: Supporter) -> None:
    """A forgotten tick that the browser let through: the sentence, the focus on it, the photo still there."""
    page, photo = form_open(supporter, seed=43)
    page.evaluate("document.querySelector('[data-join]').noValidate = true")
    page.set_input_files("input[type=file]", photo)
    page.check("input[name=cover][value=nobody]")
    page.check("input[name=tick][value=show]")
    page.click("form[data-join] button[type=submit]")
    expect(page.locator("[data-said]")).to_contain_text("tick both boxes", timeout=PATIENCE_S * 1000)
    expect(page.locator("input[name=tick][value=agreed]")).to_be_focused()
    expect(page.locator(".photo__state")).to_have_text(ARRIVED)
    page.check("input[name=tick][value=agreed]")
    page.click("form[data-join] button[type=submit]")
    posts_with(supporter, page)


@pytest.mark.parametrize("supporter", ["scripts", "plain"], indirect=True)
def test_more_is_covered_by_hand(supporter: Supporter) -> None:
    """A box drawn with the mouse, or squares ticked without scripts: the cover is in the next picture."""
    page = supporter.post("ordinary", seed=44)
    supporter.await_text(page, "#now form[action$='/keep/confirm']")
    before = page.locator("#now figure img").first.get_attribute("src")
    page.locator(".cover-label").click()
    if supporter.with_scripts:
        frame = page.locator("[data-frame]")
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 80)
        page.mouse.down()
        page.mouse.move(box["x"] + 120, box["y"] + box["height"] - 20, steps=4)
        page.mouse.up()
        expect(page.locator(".drawn")).to_have_count(1)
    else:
        page.check("input[name=cell][value='9.0']")
        page.check("input[name=cell][value='9.1']")
    page.get_by_role("button", name="Cover this").click()
    supporter.await_text(page, "#now form[action$='/keep/confirm']")
    assert page.locator("#now figure img").first.get_attribute("src") != before
    expect(page.locator("#now figcaption")).to_contain_text("by your own hand")


def test_a_link_with_the_code_opens_the_post_and_forgets_the_code(supporter: Supporter) -> None:
    """What stands behind the # is sent in a form and dropped from the address; no request carries it."""
    page = supporter.post("ordinary", seed=45, cover="nobody")
    code = supporter.code(page)
    other = supporter.page()
    asked: list[str] = []
    other.on("request", lambda request: asked.append(request.url))
    other.goto(f"{supporter.server.base}/en/keep#{code.replace(' ', '-')}")
    expect(other.locator("h1")).to_have_text("Your post")
    assert other.url == f"{supporter.server.base}/en/keep"
    assert asked and not [url for url in asked if holds_code(url, code)]
    assert code not in supporter.server.log()


def test_two_escapes_leave_and_back_does_not_return(supporter: Supporter) -> None:
    """The page is gone from the screen and its place in the history is taken."""
    page = supporter.post("ordinary", seed=46, cover="nobody")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url("about:blank")
    assert page.url == "about:blank"


def test_the_page_follows_the_post_without_a_hand(supporter: Supporter) -> None:
    """Received, checked, on the wall: the words change by themselves, and what is being typed stays."""
    page = supporter.post("ordinary", seed=47, cover="nobody")
    page.fill("#caption-0", "half a senten")
    expect(page.locator("#now .state")).to_have_text(SETTLED, timeout=PATIENCE_S * 1000)
    assert page.input_value("#caption-0") == "half a senten"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_the_door(
    supporter: Supporter, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    """The form, empty and with a complaint, and the keep-page with everything open, on a narrow phone."""
    # axe is put into the page from outside, which the strict policy rightly forbids.
    context = browser.new_context(
        viewport={"width": 320, "height": 700}, color_scheme=scheme, bypass_csp=True
    )
    narrow = Supporter(supporter.server, context, supporter.folder, with_scripts=True)
    page, photo = form_open(narrow, seed=49)
    page.click("summary")
    found = faults(page, "form")
    page.set_input_files("input[type=file]", photo)
    expect(page.locator(".photo__state")).to_have_text(ARRIVED, timeout=PATIENCE_S * 1000)
    found += faults(page, "form with a photo")
    tick_and_send(page, cover="everybody")
    posts_with(narrow, page)
    narrow.await_text(page, "#now form[action$='/keep/confirm']")
    for opener in page.locator("summary, .cover-label").all():
        opener.click()
    found += faults(page, "keep-page")
    page.get_by_role("button", name="Use squares instead").click()
    found += faults(page, "keep-page with squares")
    page.goto(f"{supporter.server.base}/en/keep")
    page.fill("#code", "one two three")
    page.click("form button[type=submit]")
    expect(page.locator("#code-error")).to_be_visible()
    found += faults(page, "wrong code")
    context.close()
    assert found == []


def faults(page: Page, where: str) -> list[str]:
    """Return what axe finds on the page as it is now, and whether it has to be scrolled sideways."""
    rules = Axe().run(page).response["violations"]
    found = [f"{where}: {rule['id']} {rule['nodes'][0]['html'][:120]}" for rule in rules]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{where}: wider than the screen")
    return found


def test_files_of_every_kind_get_their_sentence(supporter: Supporter) -> None:
    """A film, half a photo, a text: each comes back with what to do; another photo in its place goes on."""
    page, photo = form_open(supporter, seed=48)
    whole = paint(scene(48, "ordinary"))
    half, film, text = (supporter.folder / name for name in ("half.jpg", "film.jpg", "notes.jpg"))
    half.write_bytes(whole[: len(whole) // 3])
    film.write_bytes(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 4000)
    text.write_bytes(b"<html>not a photo</html>")
    page.set_input_files("input[type=file]", [photo, str(half), str(film), str(text)])
    tick_and_send(page, cover="nobody")
    posts_with(supporter, page)
    expect(page.locator("#now article .notice--error")).to_have_count(3, timeout=PATIENCE_S * 1000)
    sentences = " ".join(page.locator("#now article .notice--error").all_inner_texts())
    for words in ("damaged", "video", "web page"):
        assert words in sentences, sentences
