"""A reader counts a wall in a real browser, from disk and from a mirror; every lie has its own sentence."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.wall.drawn import DAY, opening, post
from tests.wall.logs import SIGNER, log_of, long_story, write_files
from tests.wall.test_recount_announcement import MOVED, cut, files_with, said
from tests.wall.test_recount_page import OTHER, tampered
from wearemany.wall.entry import RemovedEntry
from wearemany.wall.recounting.page import PAGE_PATH, recount_page
from wearemany.wall.recounting.words import WORDS

pytestmark = pytest.mark.journey

KEY = SIGNER.verifier.vkey


@dataclass
class Shelf:
    """A web server of one folder, as a mirror has it: any page may read its files, no two walls on one path."""

    folder: Path
    address: str

    def holds(self, files: dict[str, bytes], *, name: str) -> str:
        """Put a log on the shelf and return its address."""
        write_files(self.folder / name, {**files, PAGE_PATH: recount_page().content})
        return f"{self.address}/{name}/"


class _Open(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """A shelf on a port of its own."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Open, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield Shelf(folder, f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A reader's page on a phone; complaints of the policy and errors of the script fail the test."""
    context = browser.new_context(viewport={"width": 390, "height": 780}, locale="en-GB")
    opened = context.new_page()
    trouble: list[str] = []
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("console", lambda told: trouble.append(told.text) if "Content Security" in told.text else None)
    yield opened
    context.close()
    assert trouble == []


@pytest.fixture
def on_disk(tmp_path: Path) -> str:
    """The page, saved to disk."""
    (tmp_path / PAGE_PATH).write_bytes(recount_page().content)
    return (tmp_path / PAGE_PATH).as_uri()


def count(page: Page, *, key: str = "", earlier: bytes = b"", limit_s: float = 30.0) -> str:
    """Press the button and return what the page says at the end."""
    if key or earlier:
        page.locator("#more").evaluate("element => { element.open = true; }")
        page.fill("#key", key)
        page.fill("#earlier", earlier.decode())
    page.click("#start")
    expect(page.locator("#result")).to_be_visible(timeout=limit_s * 1000)
    return page.locator("#result").inner_text()


def test_a_reader_counts_a_wall_from_her_own_disk(page: Page, shelf: Shelf, on_disk: str) -> None:
    """One press: signature, tree, figures; focus moves to the result; nothing is kept in the browser."""
    address = shelf.holds(log_of([*long_story(300), RemovedEntry(DAY, of=5)]), name="red")
    page.goto(f"{on_disk}#log={address}")
    expect(page.locator("#here")).to_be_hidden()
    said = count(page, key=KEY)
    assert WORDS["good"] in said and WORDS["key_given"] in said and WORDS["earlier_none"] in said
    cells = page.locator("#result tbody td").all_inner_texts()
    assert cells == ["299", "299", "299", "299", "1", "302"]
    assert page.evaluate("document.activeElement.id") == "result"
    assert page.evaluate("localStorage.length") == 0
    # Another language says the same without another count.
    page.get_by_role("button", name="Русский").click()
    assert "Всё сходится." in page.locator("#result").inner_text()


def test_from_the_server_itself_it_says_that_this_proves_little(page: Page, shelf: Shelf) -> None:
    """It offers to be saved; the saved file is the same bytes."""
    page.goto(f"{shelf.holds(log_of(long_story(3)), name='red')}{PAGE_PATH}")
    expect(page.locator("#here")).to_contain_text("proves little")
    with page.expect_download() as saved:
        page.click("#save")
    assert Path(saved.value.path()).read_bytes() == recount_page().content
    assert WORDS["key_first"] in count(page)


def test_a_count_is_remembered_only_when_asked_and_then_shows_a_rollback(page: Page, shelf: Shelf) -> None:
    """Press Remember, come back to a shortened list: it is told; press Forget, and nothing is left."""
    address = f"{shelf.holds(log_of(long_story(300)), name='red')}{PAGE_PATH}"
    page.goto(address)
    count(page)
    page.click("#remember")
    expect(page.locator("#memory-told")).to_have_text(WORDS["remembered"])
    write_files(shelf.folder / "red", log_of(long_story(10)))
    page.goto("about:blank")
    page.goto(address)
    assert WORDS["rollback"].split(":")[0] in count(page)
    write_files(shelf.folder / "red", {"vkey": OTHER.verifier.vkey.encode()})
    assert WORDS["key-changed"] in count(page)
    page.click("#forget")
    assert page.evaluate("localStorage.length") == 0


def test_every_lie_has_a_plain_sentence(page: Page, shelf: Shelf, on_disk: str) -> None:
    """Forks, rollbacks, bad signatures, a changed line, a missing file: none reads like another, none seems good."""
    sentences = set()
    for number, (code, (files, earlier)) in enumerate(tampered().items()):
        page.goto("about:blank")
        page.goto(f"{on_disk}#log={shelf.holds(files, name=f'wall{number}')}")
        said = count(page, key=KEY, earlier=earlier)
        if not code:
            assert "those of the earlier count" in said
            continue
        assert WORDS["good"] not in said
        first = page.locator("#result li").first.inner_text()
        assert first.replace("✗", "").strip().startswith(WORDS[code.split(" ")[0]].split("%")[0].strip())
        sentences.add(first)
    assert len(sentences) == len(tampered()) - 1


def test_what_the_recovery_key_announces_is_said_in_plain_words(
    page: Page, shelf: Shelf, on_disk: str
) -> None:
    """From disk, a mirror, a folder; in both languages; and what somebody else signed is named as that."""
    address = shelf.holds(files_with(said(taken=cut(200), moved=MOVED, has_ended=True)), name="red")
    page.goto(f"{on_disk}#log={address}")
    told = count(page, key=KEY)
    assert WORDS["bad"] in told and "8 March 2026" in told and MOVED[0] in told and MOVED[1] in told
    assert "They give 199 posts on the wall." in told and WORDS["announced_ended"] in told
    assert "Lines stand after the first 200," in page.locator("#result li").first.inner_text()
    page.get_by_role("button", name="Русский").click()
    assert "По ним на стене столько постов: 199." in page.locator("#result").inner_text()
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
    page.goto(f"{shelf.holds(files_with(said(taken=cut(301))), name='mirror')}{PAGE_PATH}")
    told = count(page)
    assert WORDS["good"] in told and WORDS["announced_taken_all"] in told
    page.goto("about:blank")
    page.goto(on_disk)
    page.locator("#more").evaluate("element => { element.open = true; }")
    page.set_input_files("#folder", shelf.folder / "mirror")
    assert WORDS["announced_taken_all"] in count(page, key=KEY)
    page.goto("about:blank")
    strange = {**log_of(long_story(3)), "announcement": said(has_ended=True)}
    page.goto(f"{on_disk}#log={shelf.holds(strange, name='strange')}")
    told = count(page, key=KEY)
    assert (
        WORDS["good"] in told and WORDS["announcement-other"] in told and WORDS["announced_ended"] not in told
    )


def test_a_count_can_be_stopped_by_keyboard_alone(page: Page, shelf: Shelf, on_disk: str) -> None:
    """Enter starts it, progress moves, the Stop button is in reach, and a stopped count claims nothing."""
    address = shelf.holds(log_of(long_story(6000)), name="red")
    page.route("**/tile/**", lambda route: (time.sleep(0.02), route.continue_()))
    page.goto(f"{on_disk}#log={address}")
    page.focus("#list")
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("Line ", timeout=20_000)
    page.focus("#stop")
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_contain_text(WORDS["stopped"], timeout=20_000)
    assert page.locator("#result table").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_for_everybody(browser: Browser, shelf: Shelf, scheme: str) -> None:
    """Axe finds nothing and nothing scrolls sideways at 320 px, before and after a count, in both languages."""
    address = shelf.holds(log_of([opening(), post(1)]), name="log/red")
    told = {"counted": {"posts": 1, "people": 1, "distinct": 1, "in_colour": 1, "removed": 0}}
    values = json.dumps({**told, "checkpoint": {"size": 2}}).encode()
    write_files(shelf.folder, {"en/red/figures.json": values})
    context = browser.new_context(viewport={"width": 320, "height": 700}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for language in ("en", "ru"):
        page.goto("about:blank")
        page.goto(f"{address}{PAGE_PATH}#lang={language}")
        for is_counted in (False, True):
            if is_counted:
                count(page)
                assert page.locator("#result thead th").count() == 3
            wrong = [rule["id"] for rule in Axe().run(page).response["violations"]]
            assert wrong == []
            assert not page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
    context.close()


@pytest.mark.long
def test_twenty_thousand_lines_are_counted_in_ten_seconds(page: Page, shelf: Shelf, on_disk: str) -> None:
    """A reader's browser, the page from disk, the list over HTTP; the page answers meanwhile."""
    address = shelf.holds(log_of(long_story(19_999)), name="red")
    page.goto(f"{on_disk}#log={address}")
    page.evaluate(
        """() => { window.longest = 0; let last = performance.now();
        setInterval(() => {
            const now = performance.now();
            window.longest = Math.max(window.longest, now - last);
            last = now;
        }, 5); }"""
    )
    began = time.monotonic()
    assert WORDS["good"] in count(page, key=KEY)
    took_s = time.monotonic() - began
    frozen_ms = page.evaluate("window.longest")
    print(f"20,000 lines in {took_s:.2f} s; longest pause {frozen_ms:.0f} ms")
    assert took_s < 10
    assert frozen_ms < 500
