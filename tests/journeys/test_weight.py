"""What pages weigh on the wire, as a browser counts it: heads and bodies of everything that is loaded first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.people import HANDLE, Supporter
from tests.rigs.serving import Serving, campaign_arguments

pytestmark = pytest.mark.journey

JOIN_MOST_BYTES = 30_000
WALL_MOST_BYTES = 100_000


@dataclass
class Weight:
    """Bytes on the wire by address; pictures apart."""

    page: dict[str, int] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)


def weight_of(browser: Browser, address: str, **context: Any) -> Weight:
    """Load a page with an empty cache and weigh what comes."""
    opened = browser.new_context(viewport={"width": 390, "height": 780}, **context)
    page = opened.new_page()
    wire = opened.new_cdp_session(page)
    asked: dict[str, str] = {}
    weight = Weight()

    def arrived(event: dict[str, Any]) -> None:
        url = asked.get(event["requestId"], "")
        kind = weight.pictures if "/r/" in url else weight.page
        if not url.startswith(("data:", "blob:")):
            kind[url] = kind.get(url, 0) + int(event["encodedDataLength"])

    wire.on(
        "Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]})
    )
    wire.on("Network.loadingFinished", arrived)
    wire.send("Network.enable")
    page.goto(address)
    page.wait_for_timeout(300)  # the icon comes last
    opened.close()
    return weight


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("preset", ["everyday", "dangerous"])
def test_the_posting_page_weighs_at_most_30_kb(
    server: Serving, browser: Browser, language: str, preset: str, campaigns: dict[str, str]
) -> None:
    """Page, style, scripts, icon: all that has to come before a photo can be chosen."""
    weight = weight_of(browser, f"{server.base}/{language}/{campaigns[preset]}/join")
    total = sum(weight.page.values())
    print(total, {url.rpartition("/")[2]: size for url, size in weight.page.items()})
    assert not weight.pictures
    assert total <= JOIN_MOST_BYTES


def test_the_wall_weighs_at_most_100_kb_before_pictures(
    server: Serving, browser: Browser, supporter: Supporter
) -> None:
    """With a post on it, in full and lite; lite has pictures of at most 160 px. (A full wall is weighed in `web`.)"""
    keep = supporter.post("ordinary", seed=65, cover="nobody")
    supporter.await_text(keep, "a:has-text('See it on the wall')")
    for query, most_px in (("", 1600), ("?lite", 160)):
        address = f"{server.base}/en/{HANDLE}/{query}"
        weight = weight_of(browser, address)
        print(query, sum(weight.page.values()), sum(weight.pictures.values()))
        assert sum(weight.page.values()) <= WALL_MOST_BYTES
        page = supporter.page()
        page.goto(address)
        widths = page.locator(".tile__photo").evaluate_all("all => all.map(one => one.naturalWidth)")
        assert widths and max(widths) <= most_px
    saving = weight_of(browser, f"{server.base}/en/{HANDLE}/", extra_http_headers={"Save-Data": "on"})
    assert sum(saving.pictures.values()) <= sum(weight.pictures.values())


@pytest.fixture(scope="module")
def campaigns(server: Serving) -> dict[str, str]:
    """A campaign of each kind, by preset."""
    arguments = list(campaign_arguments("careful-red", "dangerous"))
    server.command(*arguments)
    return {"everyday": HANDLE, "dangerous": "careful-red"}
