"""Files: assets, renditions and the public log."""

from __future__ import annotations

import pytest

from tests.front.house import HANDLE, NAME, PICTURE, client, eventually, serving

CSS = "/static/page.0123.css"
TILE = f"/log/{HANDLE}/tile/0/000.p/3"


def test_assets_are_kept_for_ever_and_sent_packed(served):
    """An asset's name never means other bytes, so it is immutable; text goes out packed, pictures as they are."""
    packed = client.get(served.url + CSS)
    whole = client.get(served.url + CSS, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == whole.content
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["etag"] != whole.headers["etag"]
    assert whole.headers["vary"] == "accept-encoding"
    assert client.get(served.url + CSS, headers={"if-none-match": packed.headers["etag"]}).status_code == 304
    picture = client.get(f"{served.url}/static/dot.4567.png")
    assert "content-encoding" not in picture.headers
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert client.get(f"{served.url}/static/%2e%2e/config.py").status_code == 404
    assert client.get(f"{served.url}/static/").status_code == 404
    assert client.post(served.url + CSS).status_code == 405


def test_a_public_picture_is_shown_and_may_be_kept_for_a_minute(served):
    """Renditions go out with their type, no moment of change, and at most sixty seconds in one browser."""
    shown = client.get(f"{served.url}/r/{NAME}.webp")
    assert shown.content == PICTURE
    assert shown.headers["content-type"] == "image/webp"
    assert shown.headers["cache-control"] == "private, max-age=60"
    assert shown.headers["cross-origin-resource-policy"] == "same-origin"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "last-modified" not in shown.headers
    held = client.get(f"{served.url}/r/{NAME}.webp", headers={"if-none-match": shown.headers["etag"]})
    assert held.status_code == 304
    head = client.request("HEAD", f"{served.url}/r/{NAME}.webp")
    assert head.headers["content-length"] == str(len(PICTURE))


@pytest.mark.parametrize("path", [f"{NAME}.jpg", f"{NAME[::-1]}.webp", "%2e%2e", f"{NAME}.webp/x", NAME, ""])
def test_no_other_picture_is_there(served, path):
    """A wrong ending, another name or an odd path is simply not there."""
    answer = client.get(f"{served.url}/r/{path}")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


def test_a_picture_taken_back_is_gone_within_a_second(served):
    """When it is no longer public it is neither sent, nor confirmed to a browser that holds it, nor in memory."""
    url = f"{served.url}/r/{NAME}.webp"
    etag = client.get(url).headers["etag"]
    assert served.front.pictures._pictures
    served.house.public = False
    served.house.epoch = (2, 2, 4)
    eventually(lambda: not served.front.pictures._pictures, limit_s=1.0)
    assert client.get(url).status_code == 404
    assert client.get(url, headers={"if-none-match": etag}).status_code == 404


def test_log_files_are_for_everybody(served):
    """A checkpoint is asked for anew each time, a tile never again; both from any page anywhere."""
    served.house.store.put(f"log/{HANDLE}/checkpoint", b"origin\n4\nroot\n")
    served.house.store.put(TILE[1:], b"t" * 96)
    served.house.store.put(f"log/{HANDLE}/tile/entries/x001/234", b"e" * 40)
    checkpoint = client.get(f"{served.url}/log/{HANDLE}/checkpoint")
    assert checkpoint.text == "origin\n4\nroot\n"
    assert checkpoint.headers["cache-control"] == "no-cache"
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    tile = client.get(served.url + TILE)
    assert tile.content == b"t" * 96
    assert tile.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get(f"{served.url}/log/{HANDLE}/tile/entries/x001/234").content == b"e" * 40
    for answer in (checkpoint, tile):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    served.house.store.replace(f"log/{HANDLE}/checkpoint", b"origin\n5\nroot\n")
    newer = client.get(
        f"{served.url}/log/{HANDLE}/checkpoint", headers={"if-none-match": checkpoint.headers["etag"]}
    )
    assert newer.text == "origin\n5\nroot\n"
    asked = client.request("OPTIONS", served.url + TILE)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-methods"] == "GET, HEAD"
    assert client.request("HEAD", served.url + TILE).headers["content-length"] == "96"
    assert client.post(served.url + TILE).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "",
        f"{HANDLE}",
        f"{HANDLE}/",
        f"{HANDLE}/checkpoint/",
        f"{HANDLE}/tile/64/000",
        f"{HANDLE}/tile/0/0",
        f"{HANDLE}/tile/0/000.p/0",
        f"{HANDLE}/tile/0/000.p/0256",
        f"{HANDLE}/tile/00/000",
        f"{HANDLE}/%2e%2e/checkpoint",
        f"{HANDLE}/tile/0/000/../000",
        "../u/secret",
        "%2e%2e/u/secret",
        f"{HANDLE}/tile/0/xxx",
        "UPPER/checkpoint",
        f"{HANDLE}/checkpoint%00",
        f"{HANDLE}/tile/0/001",
    ],
)
def test_only_well_formed_log_paths_are_looked_up(served, path):
    """Anything else below /log/ is not found; nothing outside the log can be reached."""
    served.house.store.put("u/secret", b"sealed")
    line = served.line()
    line.sendall(f"GET /log/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert line.recv(4096).startswith(b"HTTP/1.1 404 ")


def test_the_log_stays_readable_while_the_doors_are_closed(house):
    """A recount must not depend on our database."""
    house.epochs_fail = True
    house.store.put(f"log/{HANDLE}/checkpoint", b"origin\n4\nroot\n")
    with serving(house) as served:
        assert client.get(f"{served.url}/log/{HANDLE}/checkpoint").status_code == 200
