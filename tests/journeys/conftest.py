"""A real server and a real browser for the journeys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.people import Supporter
from tests.rigs.serving import Serving, campaign_arguments, server_in

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, else Playwright's own where it was installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        if program is None and not os.path.exists(playwright.chromium.executable_path):
            pytest.skip(
                "no Chromium here: install the package `chromium`, or run `playwright install chromium`"
            )
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with an open campaign `red` and a moderator."""
    with server_in(tmp_path_factory.mktemp("server")) as serving:
        serving.command(*campaign_arguments())
        serving.command("account", "create", "Mark", "--campaign", "red", "--role", "organiser")
        serving.start()
        yield serving


@pytest.fixture
def supporter(
    server: Serving, browser: Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Supporter]:
    """Somebody with a phone; parametrise indirectly with "scripts" or "plain"."""
    with_scripts = getattr(request, "param", "scripts") == "scripts"
    context = browser.new_context(
        viewport={"width": 390, "height": 780}, java_script_enabled=with_scripts, locale="en-GB"
    )
    yield Supporter(server, context, tmp_path, with_scripts)
    context.close()
