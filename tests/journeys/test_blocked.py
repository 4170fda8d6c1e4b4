"""The site is blocked: a mirror on another port leads to a door that works, and paper carries every address."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.rigs.serving import Serving, campaign_arguments, free_port, server_in

pytestmark = pytest.mark.journey

ONION = "http://" + "a2" * 28 + ".onion"


@dataclass
class Blocked:
    """A server whose main door is dead, and its mirror."""

    server: Serving
    dead: str
    mirror: str
    folder: Path


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blocked]:
    """The first door leads nowhere, the second to the server; the mirror is shown by a plain web server."""
    folder = tmp_path_factory.mktemp("blocked")
    dead, port = f"http://127.0.0.1:{free_port()}", free_port()
    by_mail = {
        "MAIL_LISTEN": f"127.0.0.1:{free_port()}",
        "MAIL_DOMAINS": "many.example",
        "MAIL_RELAY": f"smtp://127.0.0.1:{free_port()}",
    }
    doors = f"{dead} http://127.0.0.1:{port} {ONION}"
    with server_in(folder, PORT=str(port), DOORS=doors, **by_mail) as server:
        server.port = port
        server.command(*campaign_arguments())
        server.start()
        server.command("worker", "run", "--once")
        mirror = folder / "mirror"
        server.command("wall", "mirror", f"{server.base}/en/red/", str(mirror))
        quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
        shelf = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(mirror)))
        Thread(target=shelf.serve_forever, daemon=True).start()
        yield Blocked(server, dead, f"http://127.0.0.1:{shelf.server_address[1]}", mirror)
        shelf.shutdown()
        shelf.server_close()


def page_in(browser: Browser, *, scheme: str = "light", width_px: int = 320) -> Page:
    """Open a browser without scripts."""
    context = browser.new_context(
        viewport={"width": width_px, "height": 700},
        java_script_enabled=False,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    return context.new_page()


@pytest.mark.parametrize(("name", "language"), [("", "en"), ("index.ru.html", "ru")])
def test_one_click_from_the_mirror_is_a_working_wall(
    blocked: Blocked, browser: Browser, name: str, language: str
) -> None:
    """Without scripts: the mirror asks nothing of anybody else, and its list has the dead door and those that work."""
    page = page_in(browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{blocked.mirror}/{name}")
    assert all(url.startswith(blocked.mirror) for url in asked)
    links = page.locator(".doors a")
    found = [links.nth(place).get_attribute("href") for place in range(links.count())]
    doors = (blocked.dead, blocked.server.base, ONION)
    assert found == [f"{door}/{language}/red/" for door in doors]
    assert page.locator("h1").inner_text() == "мы не равнодушны"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    links.nth(1).click()
    assert page.url == f"{blocked.server.base}/{language}/red/"
    assert page.locator("h1").inner_text() == "мы не равнодушны"
    page.locator("main a[href$='/join']").first.click()
    assert page.url == f"{blocked.server.base}/{language}/red/join"
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_axe_finds_nothing_on_the_pages_for_the_blocked(
    blocked: Blocked, browser: Browser, language: str, scheme: str
) -> None:
    """What leads on when one address is closed: readable by all, never wider than the screen, also in large letters."""
    context = browser.new_context(
        viewport={"width": 320, "height": 700}, color_scheme=scheme, bypass_csp=True
    )  # type: ignore[arg-type]
    page = context.new_page()
    pages = ("doors", "keep", "claim", "red/poster", "red/mail", "red/group", "red/join")
    for address in (
        f"{blocked.mirror}/index.{language}.html",
        *(f"{blocked.server.base}/{language}/{name}" for name in pages),
    ):
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        for size in ("200%", ""):
            page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, (address, size)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    context.close()


@pytest.mark.parametrize("paper", ["A4", "A3", "Letter"])
def test_the_poster_is_one_sheet(blocked: Blocked, browser: Browser, paper: str) -> None:
    """On any of these papers: one page, not a line over."""
    page = page_in(browser)
    for language in ("en", "ru"):
        page.goto(f"{blocked.server.base}/{language}/red/poster")
        sheet = page.pdf(format=paper, print_background=True)
        assert sheet.count(b"/Type /Page\n") == 1
    page.context.close()
