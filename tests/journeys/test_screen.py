"""The big screen for a day: posts come, some are taken back, and neither memory nor the page grows without end.

A real server and its real stream; only the log's growth is played back: everybody was decided and appended before, and
the public size is moved on post by post. An event every four seconds for twelve hours is 10,800 of them.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.rigs.serving import ROOT, Serving, campaign_arguments, server_in

pytestmark = pytest.mark.journey

HANDLE = "red"
SHOWN_AT_FIRST = 60
TILES_MOST = 80
GONE_EVERY = 50


def rig(server: Serving, *arguments: str) -> None:
    """Do an act of the crowd's rig beside the server."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.rigs.crowd", *arguments],
        env=server.environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def crowded(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Serving, int]]:
    """A server whose log holds a crowd of which the public sees only the first few yet."""
    events: int = request.param
    with server_in(tmp_path, DARKROOM_CHILDREN="0", DATABASE="", STORAGE="") as server:
        server.command(*campaign_arguments(HANDLE))
        rig(
            server,
            "put",
            HANDLE,
            str(SHOWN_AT_FIRST + events),
            "--pictures-each",
            "1" if events < 1000 else "10",
        )
        rig(server, "append", HANDLE)
        server.start()
        rig(server, "show", HANDLE, str(SHOWN_AT_FIRST))
        yield server, events


def held(page: Page, line: CDPSession) -> tuple[float, int]:
    """Return the scripts' heap in MB and the number of nodes, after everything that is nobody's was let go."""
    for _ in range(2):
        line.send("HeapProfiler.collectGarbage")
    values = {each["name"]: each["value"] for each in line.send("Performance.getMetrics")["metrics"]}
    return values["JSHeapUsedSize"] / 1e6, int(values["Nodes"])


@pytest.mark.parametrize("crowded", [240, pytest.param(10_800, marks=pytest.mark.long)], indirect=True)
def test_the_big_screen_stays_small(crowded: tuple[Serving, int], browser: Browser) -> None:
    """After all events the page has as many tiles, nodes and megabytes as after the first few hundred."""
    server, events = crowded
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.emulate_media(reduced_motion="no-preference")
    page.goto(f"{server.base}/en/{HANDLE}/?screen")
    line = page.context.new_cdp_session(page)
    line.send("Performance.enable")
    playing = subprocess.Popen(
        [sys.executable, "-m", "tests.rigs.crowd", "play", HANDLE, str(SHOWN_AT_FIRST + events),
         "--per-second", "60", "--gone-every", str(GONE_EVERY)],
        env=server.environment, cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        figures = []
        while playing.poll() is None:
            page.wait_for_timeout(min(10_000, events * 4))
            figures.append(held(page, line))
        assert playing.returncode == 0
        newest = f"#post-{SHOWN_AT_FIRST + events - 1}"
        page.wait_for_selector(newest, timeout=30_000)
        # What was waiting has arrived, one by one.
        until = time.monotonic() + 60
        while page.locator(".wall > li.tile--new").count() > TILES_MOST and time.monotonic() < until:
            page.wait_for_timeout(200)
        figures.append(held(page, line))
        assert page.locator(".wall > li").count() <= TILES_MOST
        (first_mb, first_nodes), (last_mb, last_nodes) = figures[0], figures[-1]
        print(
            f"{events} events: heap {first_mb:.1f} MB then {last_mb:.1f} MB, nodes {first_nodes} then {last_nodes}"
        )
        print("on the way:", " ".join(f"{mb:.1f}/{nodes}" for mb, nodes in figures))
        assert max(nodes for _, nodes in figures) < 6_000
        assert last_mb < first_mb + 4
        assert "stands still" not in page.inner_text("body")
    finally:
        playing.kill()
        playing.wait()
        page.close()
