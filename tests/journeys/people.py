"""What people do in the journeys: post, look, confirm, decide, take back. In a browser, as they would."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, TimeoutError, expect

from tests.rigs.serving import Serving
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

PATIENCE_S = 60.0
LOOK_MS = 300
HANDLE = "red"


@dataclass
class Supporter:
    """Somebody with a browser, with scripts or without. `strangers` collects requests that left for elsewhere."""

    server: Serving
    context: BrowserContext
    folder: Path
    with_scripts: bool
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    patience_s: float = PATIENCE_S

    def page(self) -> Page:
        """Open a page that notes every request to a third party and every complaint of the policy."""
        page = self.context.new_page()
        page.on("request", lambda request: self._note(request.url))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if "Content Security" in message.text else None
            ),
        )
        return page

    def post(self, kind: str = "ordinary", *, seed: int = 64, cover: str = "everybody") -> Page:
        """Send a drawn selfie and return the page that comes back, once the picture is there to confirm."""
        photo = self.folder / f"{kind}-{seed}.jpg"
        photo.write_bytes(paint(scene(seed, kind)))
        page = self.page()
        page.goto(f"{self.server.base}/en/{HANDLE}/join")
        page.set_input_files("input[type=file]", str(photo))
        page.check(f"input[name=cover][value={cover}]")
        page.check("input[name=tick][value=show]")
        page.check("input[name=tick][value=agreed]")
        page.click("form[data-join] button[type=submit]")
        expect(page.locator("[data-secret]")).to_be_visible(timeout=PATIENCE_S * 1000)
        return page

    def await_text(self, page: Page, locator: str) -> None:
        """Wait until the keep-page shows something; without scripts, by asking again and again."""
        until = time.monotonic() + self.patience_s
        while True:
            # Nothing waits without an end here: to count what a page has while it is loaded anew may never return.
            with suppress(TimeoutError):
                page.locator(locator).first.wait_for(state="attached", timeout=LOOK_MS)
                return
            assert time.monotonic() < until, page.locator("#now").inner_text(timeout=1000)
            if not self.with_scripts:
                page.get_by_role("button", name="Look again").click()

    def confirm(self, page: Page) -> None:
        """Look at the covered picture and say that it is right."""
        button = "#now form[action$='/keep/confirm'] button"
        self.await_text(page, button)
        assert (
            page.locator("#now figure img").first.get_attribute("src", timeout=1000).startswith("data:image/")
        )  # type: ignore[union-attr]
        page.click(button)

    def code(self, page: Page) -> str:
        """Return the secret code that the page shows."""
        return " ".join((page.locator("[data-secret]").first.text_content() or "").split())

    def sign_in(self) -> Page:
        """Sign in to the desk with a fresh link."""
        link = self.server.command("account", "link", "Mark").strip()
        page = self.page()
        page.goto(link)
        if not self.with_scripts:
            page.fill("#token", link.partition("#")[2])
            page.click("form[data-sign-in] button")
        expect(page).to_have_url(re.compile(r"/desk/"))
        page.wait_for_load_state()
        return page

    def _note(self, url: str) -> None:
        if not url.startswith((self.server.base, "data:", "blob:", "about:")):
            self.strangers.append(url)


def status_of(url: str) -> int:
    """Return the status of an address."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def text_of(url: str) -> str:
    """Return the text at an address."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def seconds_until(happened: Callable[[], bool], *, limit_s: float) -> float:
    """Return how long it took until something happened; fails when it did not within the limit."""
    start = time.monotonic()
    while not happened():
        assert time.monotonic() - start < limit_s, f"not within {limit_s} s"
        time.sleep(0.02)
    return time.monotonic() - start
