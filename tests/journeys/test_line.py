"""Posting over the lines that people have: thin, late, cut in the middle and just before the answer."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.journeys.people import HANDLE, Supporter
from tests.journeys.photos import needles_in, phone_photo, photo, selfie
from tests.rigs.line import Line, LineSpec, line_to
from tests.rigs.serving import ROOT, Serving

pytestmark = [pytest.mark.journey, pytest.mark.database]

PATIENCE_MS = 280_000
PHOTO_MOST_BYTES = 600_000
FINAL = rf"POST /en/{HANDLE}/join"
BAD = LineSpec(
    bytes_per_s=50_000 / 8, latency_s=0.8, cuts_after_bytes=(90_000, 260_000), answers_lost=(FINAL,)
)
POOR = LineSpec(
    bytes_per_s=400_000 / 8, latency_s=0.2, cuts_after_bytes=(90_000, 260_000), answers_lost=(FINAL,)
)
ORDINARY = LineSpec(bytes_per_s=3_000_000 / 8, latency_s=0.08)


def posted_over(line: Line, supporter: Supporter, content: bytes) -> tuple[Page, str]:
    """Post one photo over the line; returns the keep-page and the code that the form had."""
    page = supporter.page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{line.base}/en/{HANDLE}/join")
    code = page.locator("form[data-join] input[name=code]").get_attribute("value") or ""
    page.set_input_files("input[type=file]", {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": content})
    page.check("input[name=cover][value=nobody]")
    page.check("input[name=tick][value=show]")
    page.check("input[name=tick][value=agreed]")
    page.click("form[data-join] button[type=submit]")
    expect(page.locator("[data-secret]")).to_be_visible(timeout=PATIENCE_MS)
    return page, code


COUNT = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "wearemany.config.settings"
django.setup()
from wearemany.photos.models import Post
print(Post.objects.count())
"""


def posts_on(serving: Serving) -> int:
    """Return how many posts the server holds, whatever has become of them."""
    done = subprocess.run(
        [sys.executable, "-c", COUNT],
        env=serving.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.parametrize(
    "spec", [pytest.param(POOR, id="400 kbit/s"), pytest.param(BAD, id="50 kbit/s", marks=pytest.mark.long)]
)
def test_a_bad_line_with_three_cuts_leads_to_one_post(
    server: Serving, browser: Browser, tmp_path: Path, spec: LineSpec
) -> None:
    """Two cuts in mid-photo and one before the final answer: one post, the right code, and a 5 MB photo for 600 kB."""
    content = phone_photo(seed=21)
    before = posts_on(server)
    context = browser.new_context(viewport={"width": 390, "height": 780}, locale="en-GB")
    supporter = Supporter(server, context, tmp_path, True)
    with line_to(server.port, spec) as line:
        began = time.monotonic()
        page, code = posted_over(line, supporter, content)
        took_s = time.monotonic() - began
        assert supporter.code(page) == code
        print(
            f"{took_s:.0f} s, {line.sent_bytes} bytes sent of a photo of {len(content)}, "
            f"{line.received_bytes} received, {line.cuts} cuts, {line.lost} answers lost"
        )
        assert (line.cuts, line.lost) == (2, 1)
        assert line.sent_bytes <= PHOTO_MOST_BYTES
        assert needles_in(b"".join(bytes(stream) for stream in line.streams)) == []
        finals = [one for one in line.requests() if f"{one.method} {one.path}" == FINAL]
        assert len(finals) == 3, "lost, repeated, and then as a page"
        assert posts_on(server) == before + 1
    context.close()


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "plain"])
def test_from_the_link_to_received_in_six_taps(
    server: Serving, browser: Browser, tmp_path: Path, with_scripts: bool
) -> None:
    """A practised person on an ordinary phone line: at most 6 taps and 40 s; without scripts at most 3 pages."""
    file = tmp_path / "me.jpg"
    file.write_bytes(phone_photo(seed=23))
    context = browser.new_context(
        viewport={"width": 390, "height": 780},
        has_touch=True,
        is_mobile=True,
        java_script_enabled=with_scripts,
    )
    page = context.new_page()
    pages: list[str] = []
    page.on("framenavigated", lambda frame: pages.append(frame.url))
    taps = 0

    def tap(target: Locator) -> None:
        nonlocal taps
        target.tap()
        taps += 1

    with line_to(server.port, ORDINARY) as line:
        began = time.monotonic()
        page.goto(f"{line.base}/en/{HANDLE}/join")
        with page.expect_file_chooser() as chooser:
            tap(page.locator("[data-picker]"))
        chooser.value.set_files(str(file))
        taps += 1  # the photo itself, in the phone's own gallery
        tap(page.locator("label:has(input[name=cover][value=nobody])"))
        for tick in ("show", "agreed"):
            tap(page.locator(f"label:has(input[name=tick][value={tick}])"))
        tap(page.locator("form[data-join] button[type=submit]"))
        expect(page.locator("[data-secret]")).to_be_visible(timeout=60_000)
        expect(page.locator("#now .state")).to_be_visible()
        took_s = time.monotonic() - began
        print(f"{taps} taps, {took_s:.1f} s, {len(pages)} pages, {line.sent_bytes} bytes sent")
    context.close()
    assert taps <= 6 and took_s <= 40
    assert len(pages) <= (2 if with_scripts else 3)


def test_old_servers_and_blocked_methods_get_the_plain_form(supporter: Supporter) -> None:
    """Where the address of pieces is not answered, the photo goes as a form, as it always did."""
    page = supporter.page()
    for address in ("**/upload", "**/upload/*"):
        page.route(address, lambda route: route.fulfill(status=405, body="blocked by a proxy"))
    page.goto(f"{supporter.server.base}/en/{HANDLE}/join")
    page.set_input_files(
        "input[type=file]", {"name": "a.jpg", "mimeType": "", "buffer": photo("JPEG", selfie(24))}
    )
    expect(page.locator(".photo__state")).to_have_text("Arrived.", timeout=60_000)


def test_what_failed_is_tried_again_all_at_once(supporter: Supporter) -> None:
    """Two photos are refused and say why; one button sends both again, one after the other."""
    page = supporter.page()
    refuse = {"error": {"code": "too-busy", "sentence": "Not this one."}}
    page.route("**/upload", lambda route: route.fulfill(status=400, json=refuse))
    page.goto(f"{supporter.server.base}/en/{HANDLE}/join")
    files = [{"name": "a", "mimeType": "", "buffer": photo("JPEG", selfie(seed))} for seed in (25, 26)]
    page.set_input_files("input[type=file]", files)  # type: ignore[arg-type]
    expect(page.get_by_text("Not this one.")).to_have_count(2, timeout=60_000)
    page.unroute("**/upload")
    page.get_by_role("button", name="Try all again").click()
    expect(page.get_by_text("Arrived.")).to_have_count(2, timeout=60_000)
    expect(page.get_by_role("button", name="Try all again")).to_be_hidden()


def test_what_the_server_has_forgotten_starts_afresh(supporter: Supporter) -> None:
    """A piece that answers 404 in the middle: the photo begins again by itself and arrives."""
    page = supporter.page()
    gone: list[str] = []

    def forget(route: Route) -> None:
        gone.append(route.request.method)
        if len(gone) == 1:
            route.fulfill(status=404, json={"error": {"code": "upload-unknown", "sentence": "Gone."}})
        else:
            route.continue_()

    page.route("**/upload/*", forget)
    page.goto(f"{supporter.server.base}/en/{HANDLE}/join")
    content = photo("JPEG", selfie(27, grain=6.0))
    page.set_input_files("input[type=file]", {"name": "a", "mimeType": "", "buffer": content})
    expect(page.locator(".photo__state")).to_have_text("Arrived.", timeout=60_000)
    assert gone[0] == "PATCH" and len(gone) > 1


def test_a_removed_photo_is_forgotten_by_the_server(supporter: Supporter) -> None:
    """Remove sends word, so that what has arrived does not wait for its hour."""
    page = supporter.page()
    page.goto(f"{supporter.server.base}/en/{HANDLE}/join")
    page.set_input_files(
        "input[type=file]", {"name": "a", "mimeType": "", "buffer": photo("JPEG", selfie(28))}
    )
    expect(page.locator(".photo__state")).to_have_text("Arrived.", timeout=60_000)
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as said:
        page.get_by_role("button", name="Remove").click()
    assert said.value.status == 204
