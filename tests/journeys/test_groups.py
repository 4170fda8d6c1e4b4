"""A class of six in one sitting, with scripts and without: invitation, statement, slips on paper, confirmation."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.people import HANDLE, PATIENCE_S, Supporter
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

pytestmark = pytest.mark.journey

CLASS = 6
A4_PX = {"width": 718, "height": 1047}
CARD_SIZES = (("For a post", (1080, 1350)), ("For a full screen", (1080, 1920)))


@pytest.mark.parametrize("supporter", ["scripts", "plain"], indirect=True)
def test_a_class_posts_in_one_sitting(supporter: Supporter) -> None:
    """Six photos, six slips of their own, eight to a sheet; covered pictures confirmed; a person looks at each."""
    server = supporter.server
    invited = server.command(
        "group", "invite", HANDLE, "--name", "Class 7b", "--kind", "minors", "--most", "6", "--days", "3"
    ).strip()  # fmt: skip
    link = f"{server.base}/en/{HANDLE}/group#{invited.rpartition('#')[2]}"
    page = supporter.page()
    page.goto(link)
    if not supporter.with_scripts:
        page.fill("#given", link)
        page.get_by_role("button", name="Go on").click()
    expect(page.locator("h1")).to_have_text("Photos of Class 7b")
    assert invited.rpartition("#")[2] not in page.url
    clean(supporter, page)

    photos = [photo(supporter.folder, number) for number in range(1, CLASS + 1)]
    if supporter.with_scripts:
        page.check("input[name=stated]")
        page.set_input_files("[data-picker] input", photos)
        expect(page.locator("[data-state]:has-text('Arrived.')")).to_have_count(
            CLASS, timeout=PATIENCE_S * 1000
        )
        page.locator("[data-item] input[type=text]").first.fill("Miriam-Zoe")
        page.click("form[data-group] > button[type=submit]")
    else:
        for first, last in ((1, 4), (5, 6)):
            page.check("input[name=stated]")
            for number in range(first, last + 1):
                page.set_input_files(f"input[name=photo-{number}]", photos[number - 1])
            if last == CLASS:
                page.fill("#label-5", "Miriam-Zoe")
            page.click("form[data-group] > button[type=submit]")
    expect(page.locator(".slip")).to_have_count(CLASS, timeout=PATIENCE_S * 1000)
    expect(page.locator(".slips")).to_contain_text("Miriam-Zoe")
    codes = [" ".join(text.split()) for text in page.locator(".slip__code").all_inner_texts()]
    assert len(set(codes)) == CLASS
    clean(supporter, page)
    on_paper(page)

    until_confirmed(supporter, page)
    expect(page.locator(".standings .state:has-text('A person will look')")).to_have_count(
        CLASS, timeout=PATIENCE_S * 1000
    )
    clean(supporter, page)
    assert not supporter.strangers and not supporter.complaints
    for secret in (*codes, invited.rpartition("#")[2]):
        assert secret not in server.log() and secret.replace(" ", "-") not in server.log()
    data = Path(server.environment["WEAREMANY_DATA"])
    assert not any(b"Miriam-Zoe" in path.read_bytes() for path in data.glob("*.sqlite3*"))
    keep = supporter.page()
    keep.goto(f"{server.base}/en/keep")
    keep.fill("#code", codes[0])
    keep.click("form[data-ask] button")
    expect(keep.locator(".state").first).to_have_text("A person will look")
    assert not keep.locator("form[action$='/keep/add']").count()


@pytest.mark.parametrize("supporter", ["scripts", "plain"], indirect=True)
def test_an_author_takes_a_card_home(supporter: Supporter) -> None:
    """From the keep-page, both sizes, as a download under a name that says nothing."""
    keep = supporter.post("ordinary", seed=23)
    supporter.confirm(keep)
    supporter.await_text(keep, "a:has-text('See it on the wall')")
    keep.locator("summary:has-text('Share it elsewhere too')").click()
    for name, _ in CARD_SIZES:
        with keep.expect_download() as taken:
            keep.get_by_role("button", name=name).click()
        assert taken.value.suggested_filename == "picture.jpg"
        assert Path(taken.value.path()).read_bytes().startswith(b"\xff\xd8\xff")
    clean(supporter, keep)
    assert not supporter.strangers and not supporter.complaints


def photo(folder: Path, number: int) -> str:
    """Draw one of the class and return the file."""
    path = folder / f"{number}.jpg"
    path.write_bytes(paint(scene(60 + number, "ordinary")))
    return str(path)


def until_confirmed(supporter: Supporter, page: Page) -> None:
    """Look at what is ready and say that it is right, until every photo is before a person."""
    confirmed = 0
    for _ in range(200):
        button = page.get_by_role("button", name="All of these are right")
        if button.count():
            seen = page.locator(".covered img").count()
            assert all(
                (picture.get_attribute("src") or "").startswith("data:image/jpeg")
                for picture in page.locator(".covered img").all()
            )
            clean(supporter, page)
            button.click()
            confirmed += seen
        else:
            page.wait_for_timeout(300)
            page.get_by_role("button", name="Look again").click()
        if confirmed == CLASS:
            page.get_by_role("button", name="Look again").click()
            return
    raise AssertionError(f"{confirmed} of {CLASS} confirmed")


def on_paper(page: Page) -> None:
    """Printed, only the slips are there, two beside each other, at most eight to an A4 sheet."""
    page.set_viewport_size(A4_PX)  # type: ignore[arg-type] # less the margins
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_hidden()
    expect(page.locator("[data-leave-now]")).to_be_hidden()
    first, second, third = (page.locator(".slip").nth(place).bounding_box() for place in range(3))
    assert first and second and third
    assert first["y"] == second["y"] and second["x"] > first["x"] and third["y"] > first["y"]
    assert 4 * first["height"] <= (297 - 20) * 96 / 25.4
    inside = page.evaluate(
        "Array.from(document.querySelectorAll('.slip')).every(slip => slip.scrollHeight <= slip.clientHeight + 1)"
    )
    assert inside
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 390, "height": 780})


def clean(supporter: Supporter, page: Page) -> None:
    """Axe (itself a script) finds nothing, and the page does not scroll sideways."""
    if supporter.with_scripts:
        found = Axe().run(page).response["violations"]
        assert [f"{rule['id']} {rule['nodes'][0]['html'][:160]}" for rule in found] == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
