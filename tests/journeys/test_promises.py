"""Promises that only a whole server can break: accessible pages, no time of posting anywhere, nothing left on disk."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.journeys.people import HANDLE, PATIENCE_S, Supporter, seconds_until, text_of
from tests.rigs.serving import Serving
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

pytestmark = pytest.mark.journey

LEASE_S = 90.0
PUBLIC = ("", "?screen", "?lite", "join", "story", "check", "figures", "post/{post}")
# Read by people, and with nothing of a post in them: the doors around posting.
AROUND = ("group", "post/{post}/mine")
DESK = ("review", "comments", "posts", "story", "groups", "campaign", "team")


@pytest.fixture(scope="module")
def posted(
    server: Serving, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, object]]:
    """One post on the wall with an answer and a story, and when it was posted."""
    context = browser.new_context(viewport={"width": 390, "height": 780})
    sender = Supporter(server, context, tmp_path_factory.mktemp("posted"), True)
    started = datetime.now().astimezone()
    keep = sender.post("ordinary", seed=41, cover="nobody")
    sender.await_text(keep, "a:has-text('See it on the wall')")
    ended = datetime.now().astimezone()
    path = keep.get_by_role("link", name="See it on the wall").get_attribute("href") or ""
    number = int(path.rstrip("/").rpartition("/")[2])
    server.command(
        "story", "statement", HANDLE, "--day", "2026-03-01", "--who", "A ministry", "--side", "authorities",
        "--source", "A newspaper", "--url", "https://paper.example/1",
        "--words", "ru=Это не так.", "--words", "en=Not so.",
    )  # fmt: skip
    yield {"number": number, "started": started, "ended": ended, "keep": keep, "sender": sender}
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_axe_finds_nothing_on_public_pages(
    posted: dict[str, object], server: Serving, browser: Browser, language: str, scheme: str
) -> None:
    """Every public page passes axe and never scrolls sideways at 320 px, in both languages, light and dark."""
    context = browser.new_context(viewport={"width": 320, "height": 700}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    wrong = []
    addresses = [f"/{language}/" + path for path in ("", "keep", "claim", "doors", f"{HANDLE}/nothing-here")]
    addresses += [f"/{language}/{HANDLE}/" + path.format(post=posted["number"]) for path in PUBLIC + AROUND]
    for address in addresses:
        page.goto(server.base + address)
        result = Axe().run(page)
        wrong += [
            f"{address}: {rule['id']} {rule['nodes'][0]['html'][:120]}"
            for rule in result.response["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{address}: scrolls sideways")
    context.close()
    assert not wrong


def test_axe_finds_nothing_on_the_keep_page_and_the_desk(posted: dict[str, object], server: Serving) -> None:
    """The pages behind a code and behind a sign-in pass too."""
    sender, keep = posted["sender"], posted["keep"]
    assert isinstance(sender, Supporter)
    wrong = [rule["id"] for rule in Axe().run(keep).response["violations"]]
    desk = sender.sign_in()
    for path in ("", *(f"{HANDLE}/{name}" for name in DESK)):
        desk.goto(f"{server.base}/desk/{path}")
        found = Axe().run(desk).response["violations"]
        wrong += [f"{path}: {rule['id']} {rule['nodes'][0]['html'][:120]}" for rule in found]
    assert not wrong


def test_the_second_of_posting_is_in_no_public_output(posted: dict[str, object], server: Serving) -> None:
    """No page, header, feed, stream, log file or picture tells when the post was sent, finer than the day."""
    started, ended = posted["started"], posted["ended"]
    assert isinstance(started, datetime) and isinstance(ended, datetime)
    seconds_until(lambda: datetime.now().astimezone() > ended + timedelta(seconds=2), limit_s=5)
    leaks = []
    for address in crawl(server, posted["number"]):
        with urllib.request.urlopen(server.base + address, timeout=10) as answer:
            headers = [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() != "date"]
            body = answer.read1(2_000) if address.endswith("/live") else answer.read(400_000)
        text = "\n".join(headers) + body.decode("utf-8", errors="replace")
        moment = started
        while moment <= ended:
            leaks += [f"{address}: {form}" for form in forms_of(moment) if form in text]
            moment += timedelta(seconds=1)
        assert "last-modified" not in text.lower().partition("\n\n")[0]
    assert not leaks


def crawl(server: Serving, number: object) -> list[str]:
    """Return every public address around one post: pages in two languages, feed, log, pictures, stream."""
    found = [
        f"/{language}/{HANDLE}/" + path.format(post=number) for language in ("en", "ru") for path in PUBLIC
    ]
    found += [
        f"/en/{HANDLE}/feed.rss",
        f"/ru/{HANDLE}/feed.rss",
        f"/log/{HANDLE}/checkpoint",
        f"/en/{HANDLE}/live",
    ]
    page = text_of(f"{server.base}/en/{HANDLE}/post/{number}")
    found += sorted(set(re.findall(r'"(/r/[a-z0-9]+\.(?:jpg|webp))"', page)))
    found += sorted(set(re.findall(r'"(/log/[^"]+)"', page)))
    return found


def forms_of(moment: datetime) -> list[str]:
    """Return how a second may be written."""
    utc = moment.astimezone(tz=None)
    return [
        str(int(moment.timestamp())),
        f"{int(moment.timestamp()):x}",
        moment.strftime("%H:%M:%S"),
        utc.strftime("%H:%M:%S"),
        datetime.fromtimestamp(moment.timestamp(), tz=None).strftime("%Y%m%dT%H%M%S"),
    ]


def test_killed_in_the_middle_nothing_is_lost_and_nothing_is_left(
    browser: Browser, tmp_path: Path, server: Serving
) -> None:
    """`kill -9` just after the photo was sent: the post goes on after a restart, and no byte of the upload stays."""
    context = browser.new_context()
    me = Supporter(server, context, tmp_path, True)
    keep = me.post("two_people", seed=5, cover="everybody")
    code = me.code(keep)
    server.kill()
    server.start()

    again = me.page()
    again.goto(f"{server.base}/en/keep")
    again.fill("#code", code.upper())
    again.click("form[data-ask] button")
    # Whoever developed the photo is dead; another takes it up when the lease has run out.
    me.patience_s = LEASE_S + PATIENCE_S
    me.confirm(again)
    expect(again.locator(".state").first).to_be_visible(timeout=PATIENCE_S * 1000)

    photo = paint(scene(5, "two_people"))
    needles = [photo[place : place + 48] for place in range(2_000, len(photo) - 48, len(photo) // 6)]
    data = Path(server.environment["WEAREMANY_DATA"])
    places = [path for path in data.rglob("*") if path.is_file()]
    assert places
    # The upload's blob is deleted a moment after its row.
    seconds_until(lambda: not list((data / "blobs").glob("u/*")), limit_s=20)
    for path in data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(needle in content for needle in needles), path
            assert code.encode() not in content
    context.close()
