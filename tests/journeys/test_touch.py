"""Covers drawn with a thumb on a phone that has only touch; and a replaced photo that is made ready as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.journeys.people import HANDLE, PATIENCE_S, Supporter
from tests.journeys.photos import needles_in, photo, selfie
from tests.journeys.test_phone import captured
from tests.rigs.line import LineSpec, line_to
from tests.rigs.serving import Serving

pytestmark = [pytest.mark.journey, pytest.mark.database]

Point = tuple[float, float]


@pytest.fixture
def phone(server: Serving, browser: Browser, tmp_path: Path) -> Iterator[Supporter]:
    """Somebody with a phone: touch, no mouse, a narrow screen."""
    context = browser.new_context(
        viewport={"width": 360, "height": 640},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
        locale="en-GB",
    )
    yield Supporter(server, context, tmp_path, True)
    context.close()


def swipe(wire: CDPSession, *points: Point) -> None:
    """Put a finger down, draw it along the points and lift it."""
    for number, (x, y) in enumerate(points):
        kind = "touchMove" if number else "touchStart"
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def boxes(page: Page) -> list[list[float]]:
    """Return the boxes that would be sent, in the picture's own pixels on the screen."""
    edge = page.locator("[data-frame]").bounding_box()
    assert edge is not None
    scale = (edge["width"], edge["height"], edge["width"], edge["height"])
    values = page.locator("input[name=box]").evaluate_all("all => all.map(one => one.value)")
    return [
        [float(part) * size for part, size in zip(value.split(","), scale, strict=True)] for value in values
    ]


def test_covers_are_drawn_with_a_thumb(phone: Supporter) -> None:
    """Drawn, moved, stretched, tapped and undone without the page moving; then it is covered in the next picture."""
    page = phone.post("ordinary", seed=51)
    phone.await_text(page, "#now form[action$='/keep/confirm']")
    before = page.locator("#now figure img").first.get_attribute("src")
    page.locator(".cover-label").tap()
    frame = page.locator("[data-frame]")
    frame.evaluate("frame => frame.scrollIntoView({ block: 'center' })")
    edge = frame.bounding_box()
    assert edge is not None
    wire = phone.context.new_cdp_session(page)
    stood = page.evaluate("window.scrollY")
    left, top = edge["x"], edge["y"] + 60

    swipe(wire, (left + 30, top + 30), (left + 60, top + 90), (left + 110, top + 150))
    (drawn,) = boxes(page)
    assert (drawn[2] - drawn[0], drawn[3] - drawn[1]) == pytest.approx((80, 120), abs=2)

    swipe(wire, (left + 60, top + 60), (left + 90, top + 70), (left + 100, top + 80))
    (moved,) = boxes(page)
    assert (moved[0] - drawn[0], moved[1] - drawn[1]) == pytest.approx((40, 20), abs=2)

    corner = (left + moved[2], edge["y"] + moved[3])
    swipe(
        wire,
        (corner[0] - 12, corner[1] + 12),
        (corner[0] + 20, corner[1] + 20),
        (corner[0] + 30, corner[1] + 30),
    )
    (stretched,) = boxes(page)
    assert stretched[:2] == pytest.approx(moved[:2], abs=2) and stretched[2] > moved[2] + 25

    page.touchscreen.tap(left + 40, top + 300)
    tapped = boxes(page)[1]
    assert min(tapped[2] - tapped[0], tapped[3] - tapped[1]) >= 44
    assert page.evaluate("window.scrollY") == stood
    page.get_by_role("button", name="Undo the last box").tap()
    assert len(boxes(page)) == 1

    page.get_by_role("button", name="Cover this").tap()
    again = page.locator("#now figure img").first
    expect(again).not_to_have_attribute("src", before or "", timeout=PATIENCE_S * 1000)
    expect(page.locator("#now figcaption")).to_contain_text("by your own hand")


def test_the_page_stands_still_under_a_drawing_thumb(phone: Supporter) -> None:
    """A long stroke downwards draws; it does not scroll, as it does beside the picture."""
    page = phone.post("ordinary", seed=52)
    phone.await_text(page, "#now form[action$='/keep/confirm']")
    page.locator(".cover-label").tap()
    frame = page.locator("[data-frame]")
    frame.evaluate("frame => frame.scrollIntoView({ block: 'center' })")
    edge = frame.bounding_box()
    assert edge is not None
    stood = page.evaluate("window.scrollY")
    wire = phone.context.new_cdp_session(page)
    x, y = edge["x"] + 100, 420.0
    swipe(wire, (x, y), *((x, y - 20 * step) for step in range(1, 12)))
    assert page.evaluate("window.scrollY") == stood
    assert len(boxes(page)) == 1


def test_a_photo_sent_instead_is_made_ready_too(phone: Supporter) -> None:
    """The keep-page's own file field: what cannot be read is replaced, and no metadata leaves the phone either."""
    with line_to(phone.server.port, LineSpec()) as line:
        page = phone.page()
        page.goto(f"{line.base}/en/{HANDLE}/join")
        text = b"<html>not a photo</html>"
        page.set_input_files("input[type=file]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": text})
        page.check("input[name=cover][value=nobody]")
        page.check("input[name=tick][value=show]")
        page.check("input[name=tick][value=agreed]")
        page.click("form[data-join] button[type=submit]")
        expect(page.locator("#now .notice--error")).to_be_visible(timeout=PATIENCE_S * 1000)
        content = photo("JPEG", selfie(53))
        page.set_input_files(
            "#now input[type=file]", {"name": "IMG_2025.jpg", "mimeType": "", "buffer": content}
        )
        page.get_by_role("button", name="Send this one instead").click()
        expect(page.locator("#now figure img")).to_be_visible(timeout=PATIENCE_S * 1000)
        assert needles_in(captured(line)) == [] and b"IMG_2025" not in captured(line)
