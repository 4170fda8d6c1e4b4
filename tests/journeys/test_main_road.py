"""The main road in a browser, with scripts and without: post, cover, approve, live, talk, take back, recount."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import HANDLE, PATIENCE_S, Supporter, seconds_until, status_of, text_of
from tests.rigs.serving import Serving

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("supporter", ["scripts", "plain"], indirect=True)
def test_a_selfie_goes_all_the_way_and_back(supporter: Supporter, tmp_path: Path) -> None:
    """One post from the form to the wall, liked, commented, answered, taken back; nothing leaves for elsewhere."""
    server = supporter.server
    before = recounted(server, tmp_path)
    keep = supporter.post("other_colour", seed=16)
    code = supporter.code(keep)
    assert len(code.split()) == 7
    supporter.confirm(keep)
    supporter.await_text(keep, ".state:has-text('person')")

    reader = supporter.page()
    reader.goto(f"{server.base}/en/{HANDLE}/")
    entries = set(re.findall(r'id="post-(\d+)"', text_of(f"{server.base}/en/{HANDLE}/")))
    approve(supporter)
    number = arrived(server, reader, supporter, known=entries)

    converse(supporter, number)
    take_back(supporter, keep, number)

    after = recounted(server, tmp_path)
    assert after["posts"] == before["posts"]
    assert after["removed"] == before["removed"] + 1
    assert not supporter.strangers
    assert not supporter.complaints
    # The code stands in no address and in no log.
    assert code not in server.log() and code.replace(" ", "-") not in server.log()


def test_a_post_withdrawn_by_command_is_gone_everywhere(supporter: Supporter, tmp_path: Path) -> None:
    """Another process decides; pages, picture, feed and open walls obey within a second of the command's end."""
    server = supporter.server
    keep = supporter.post("ordinary", seed=31, cover="nobody")
    supporter.await_text(keep, "a:has-text('See it on the wall')")
    path = keep.get_by_role("link", name="See it on the wall").get_attribute("href") or ""
    number = int(path.rstrip("/").rpartition("/")[2])
    address = f"{server.base}/en/{HANDLE}/post/{number}"
    picture = picture_of(server, number)
    reader = supporter.page()
    reader.goto(f"{server.base}/en/{HANDLE}/")
    expect(reader.locator(f"#post-{number}")).to_be_visible()

    server.command("post", "take-back", HANDLE, str(number))

    gone_s = seconds_until(
        lambda: (
            status_of(address) == 410
            and status_of(picture) in (404, 410)
            and f"/post/{number}" not in text_of(f"{server.base}/en/{HANDLE}/feed.rss")
            and f'id="post-{number}"' not in text_of(f"{server.base}/en/{HANDLE}/")
        ),
        limit_s=5,
    )
    expect(reader.locator(f"#post-{number}")).to_have_count(0, timeout=3000)
    print(f"gone everywhere {gone_s:.2f} s after the command")
    assert gone_s <= 1.0


def approve(supporter: Supporter) -> None:
    """Approve what the desk hands out."""
    desk = supporter.sign_in()
    desk.goto(f"{supporter.server.base}/desk/{HANDLE}/review")
    expect(desk.get_by_role("button", name="Approve")).to_be_visible()
    desk.get_by_role("button", name="Approve").click()
    desk.wait_for_load_state()
    desk.close()


def arrived(server: Serving, reader: Page, supporter: Supporter, *, known: set[str]) -> int:
    """Wait for the post to reach the wall and, with scripts, the open page; return its number."""
    found: list[str] = []

    def on_the_wall() -> bool:
        listed = re.findall(r'id="post-(\d+)"', text_of(f"{server.base}/en/{HANDLE}/"))
        found[:] = [number for number in listed if number not in known]
        return bool(found)

    waited_s = seconds_until(on_the_wall, limit_s=10)
    print(f"on the wall {waited_s:.2f} s after the desk answered")
    assert waited_s <= 2.0
    number = int(found[0])
    if supporter.with_scripts:
        expect(reader.locator(f"#post-{number}")).to_be_visible(timeout=3000)
    return number


def converse(supporter: Supporter, number: int) -> None:
    """Like, comment, and let the honouree answer."""
    server = supporter.server
    page = supporter.page()
    page.goto(f"{server.base}/en/{HANDLE}/post/{number}")
    page.get_by_role("button", name="I like this").click()
    expect(page.locator("#likes strong")).to_have_text("1")
    page.fill("#text", "Я с вами <script>window.__owned = 1</script>")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.locator("#comments")).to_contain_text("Я с вами <script>")
    server.command(
        "post", "answer", HANDLE, str(number), "--voice", "Vera", "--how-known", "en=By her lawyer.",
        "--words", "ru=Спасибо!", "--words", "en=Thank you!",
    )  # fmt: skip
    seconds_until(lambda: "Спасибо!" in text_of(page.url.partition("#")[0]), limit_s=3)
    page.reload()
    expect(page.locator(".answer")).to_contain_text("Thank you!")
    expect(page.locator(".answer")).to_contain_text("By her lawyer.")
    cookies = supporter.context.cookies(f"{server.base}/en/{HANDLE}/post/{number}")
    assert len([cookie for cookie in cookies if cookie["name"] != "desk"]) == 1
    page.close()


def take_back(supporter: Supporter, keep: Page, number: int) -> None:
    """Take the post back from the keep-page; it is gone everywhere within a second."""
    server = supporter.server
    picture = picture_of(server, number)
    assert status_of(picture) == 200
    keep.locator(".take-back summary").click()
    keep.check(".take-back input[name=sure]")
    keep.get_by_role("button", name="Take it back now").click()
    expect(keep.locator("h1")).to_have_text("Taken back", timeout=PATIENCE_S * 1000)
    address = f"{server.base}/en/{HANDLE}/post/{number}"
    gone_s = seconds_until(
        lambda: (
            status_of(address) == 410
            and status_of(picture) in (404, 410)
            and f"/post/{number}" not in text_of(f"{server.base}/en/{HANDLE}/feed.rss")
            and f'id="post-{number}"' not in text_of(f"{server.base}/en/{HANDLE}/")
            and f'id="post-{number}"' not in text_of(f"{server.base}/ru/{HANDLE}/")
        ),
        limit_s=5,
    )
    print(f"gone everywhere {gone_s:.2f} s after the answer")
    assert gone_s <= 1.0


def picture_of(server: Serving, number: int) -> str:
    """Return the address of a picture of a post."""
    found = re.search(r'src="(/r/[a-z0-9]+\.jpg)"', text_of(f"{server.base}/en/{HANDLE}/post/{number}"))
    assert found
    return server.base + found.group(1)


def recounted(server: Serving, folder: Path) -> dict[str, int]:
    """Recount from the wall's own address with the command, and return the figures once the log has settled."""
    pins = folder / "pins.json"
    result = server.command_result(
        "wall", "recount", f"{server.base}/en/{HANDLE}/", "--json", "--pins", str(pins)
    )
    assert result.returncode == 0, result.stdout + result.stderr
    tally: dict[str, int] = json.loads(result.stdout)["tally"]
    return tally
