"""Kept pages: who gets them, how they are told apart, and when they go."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.front.house import HANDLE, client, eventually, serving
from wearemany.front import Limits

WALL = f"/en/{HANDLE}/"


def test_a_page_is_rendered_once_and_keeps_its_strong_etag(served):
    """Two readers of an unchanged wall cost one rendering; the second may be told that it holds it."""
    first = client.get(served.url + WALL, headers={"accept-encoding": "identity"})
    again = client.get(served.url + WALL, headers={"accept-encoding": "identity"})
    held = client.get(
        served.url + WALL,
        headers={"accept-encoding": "identity", "if-none-match": f'"other", {first.headers["etag"]}'},
    )
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert not first.headers["etag"].startswith("W/")
    assert held.status_code == 304
    assert held.content == b""
    assert held.headers["etag"] == first.headers["etag"]
    assert served.house.renders == 1
    assert "x-cache-epoch" not in first.headers
    assert "server" not in first.headers
    assert "last-modified" not in first.headers


def test_gzip_has_its_own_etag_and_no_time_in_it(served):
    """The packed page unpacks to the whole one, under another strong ETag, with no moment in its header."""
    whole = client.get(served.url + WALL, headers={"accept-encoding": "identity"})
    with client.stream("GET", served.url + WALL, headers={"accept-encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert gzip.decompress(raw) == whole.content
    assert raw[4:8] == b"\0\0\0\0"
    assert packed.headers["etag"] != whole.headers["etag"]
    refused = client.get(served.url + WALL, headers={"accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


def test_head_is_the_page_without_its_body(served):
    """HEAD gives the same headers, the length included, and nothing after them."""
    whole = client.get(served.url + WALL, headers={"accept-encoding": "identity"})
    line = http.client.HTTPConnection("127.0.0.1", served.port)
    line.request("HEAD", WALL, headers={"accept-encoding": "identity"})
    head = line.getresponse()
    assert head.status == 200
    assert head.headers["etag"] == whole.headers["etag"]
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.read() == b""


def test_a_cookie_is_answered_by_django_alone(served):
    """What is asked for with a cookie is neither kept nor answered from what is kept."""
    client.get(served.url + WALL)
    with_cookie = client.get(served.url + WALL, headers={"cookie": "like=1"})
    assert b"number 2" in with_cookie.content
    assert "etag" not in with_cookie.headers
    assert b"number 1" in client.get(served.url + WALL).content


def test_a_page_of_ones_own_is_never_shared(house):
    """Of fifty who load the posting page at once each gets a rendering of her own (it holds a secret code)."""
    house.render_s = 0.05
    with serving(house, threads=8) as served, ThreadPoolExecutor(50) as many:
        url = f"{served.url}{WALL}join"
        pages = list(many.map(lambda _: client.get(url).content, range(50)))
    assert len(set(pages)) == 50


def test_a_stampede_is_rendered_once(house):
    """Sixty readers at once on a page that is not kept yet cost one rendering."""
    house.render_s = 0.3
    with serving(house) as served, ThreadPoolExecutor(60) as many:
        pages = list(many.map(lambda _: client.get(served.url + WALL).content, range(60)))
    assert len(set(pages)) == 1
    assert house.renders == 1


def test_a_changed_epoch_shows_within_a_second_and_empties_memory(served):
    """After anything public changed the old page is neither answered nor kept, even when nobody asks."""
    old = client.get(served.url + WALL).content
    assert served.front.pages._pages
    served.house.epoch = (2, 2, 4)
    eventually(lambda: not served.front.pages._pages, limit_s=1.0)
    new = client.get(served.url + WALL).content
    assert new != old
    assert b"(2, 2, 4)" in new


def test_pages_differ_by_host_query_and_data_saving(served):
    """What makes another page makes another kept page."""
    bodies = {
        client.get(served.url + WALL).content,
        client.get(served.url + WALL + "?lite").content,
        client.get(served.url + WALL, headers={"save-data": "on"}).content,
        client.get(served.url + WALL, headers={"host": "other.example"}).content,
    }
    assert len(bodies) == 4
    assert b"number 2" in client.get(served.url + WALL + "?lite").content


def test_kept_pages_are_bounded(house):
    """However many addresses are tried, memory holds no more than its limits."""
    with serving(house, Limits(page_entries=10)) as served:
        for number in range(40):
            client.get(f"{served.url}{WALL}?page={number}")
        assert len(served.front.pages._pages) == 10
        kept = served.front.pages
        assert kept._bytes == sum(page.size_bytes for page in kept._pages.values())


def test_doors_close_when_the_epochs_cannot_be_read(house):
    """Without an epoch for a while nothing of a campaign is shown; then the doors open again."""
    with serving(house, Limits(doors_s=0.6)) as served:
        assert client.get(served.url + WALL).status_code == 200
        house.epochs_fail = True
        eventually(lambda: client.get(served.url + WALL).status_code == 503, limit_s=2)
        closed = client.get(f"{served.url}/ru/{HANDLE}/")
        assert closed.status_code == 503
        assert "doors-closed" in closed.text
        assert "[ru]" in closed.text
        assert closed.headers["retry-after"]
        assert client.get(f"{served.url}/r/abcdefghijklmnopqrstuvwxyz.webp").status_code == 503
        assert client.post(f"{served.url}{WALL}join", data={"a": "b"}).status_code == 503
        assert client.get(f"{served.url}/static/page.0123.css").status_code == 200
        house.epochs_fail = False
        eventually(lambda: client.get(served.url + WALL).status_code == 200, limit_s=2)


def test_too_long_a_line_for_django_is_answered_at_once(house):
    """When every thread is busy and the line is full, the rest is told to come back."""
    house.render_s = 0.5
    with serving(house, threads=1, waiting=1) as served, ThreadPoolExecutor(6) as many:
        answers = list(many.map(lambda n: client.get(f"{served.url}{WALL}?n={n}"), range(6)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[:2] == [200, 200]
    assert statuses[-1] == 503
    busy = next(answer for answer in answers if answer.status_code == 503)
    assert "doors-busy" in busy.text
    assert busy.headers["retry-after"] == "5"


def test_a_crowd_at_the_forms_does_not_stop_the_wall(house):
    """While every ordinary thread is busy, a wall that changed is still rendered anew for its readers."""
    with serving(house, threads=1, waiting=0) as served, ThreadPoolExecutor(1) as other:
        assert b"(1, 1, 4)" in client.get(served.url + WALL).content
        busy = other.submit(lambda: client.get(f"{served.url}/slow").status_code)
        eventually(lambda: served.front.bridge._busy == 1)
        assert client.get(f"{served.url}/other").status_code == 503
        house.epoch = (2, 2, 4)
        time.sleep(0.2)
        assert not busy.done()
        assert b"(2, 2, 4)" in client.get(served.url + WALL).content
        assert busy.result() == 200


def test_a_crowded_page_is_rendered_once_a_second_however_fast_the_wall_grows(served):
    """Twenty entries a second cost at most three renderings a second, and nobody sees a page older than a second."""
    began, asked = time.monotonic(), 0
    grown: list[tuple[float, int]] = []
    while time.monotonic() - began < 2.5:
        grown.append((time.monotonic(), len(grown) + 5))
        served.house.epoch = (1, len(grown), grown[-1][1])
        page = client.get(f"{served.url}{WALL}crowded").content
        shown = int(page.partition(b"as of (1, ")[2].partition(b", ")[2].partition(b")")[0])
        seen_at = next(at for at, size in grown if size >= shown)
        assert time.monotonic() - seen_at < 1.2
        asked += 1
        time.sleep(0.05)
    assert asked > 10
    assert served.house.renders <= 7


def test_what_is_taken_from_sight_leaves_a_crowded_page_at_once(served):
    """Lagging is for what is added only: a page from before a removal is not shown, however young it is."""
    crowded = f"{served.url}{WALL}crowded"
    client.get(crowded)
    served.house.epoch = (2, 2, 4)
    eventually(lambda: b"(2, 2, 4)" in client.get(crowded).content, limit_s=0.5)


def test_a_comment_shows_at_once_where_pages_do_not_lag(served):
    """A page that is kept for its epoch alone is rendered anew for the first who asks after a change."""
    client.get(served.url + WALL)
    served.house.epoch = (1, 2, 4)
    eventually(lambda: b"(1, 2, 4)" in client.get(served.url + WALL).content, limit_s=0.5)


def test_overload_shows_the_kept_page_and_says_so(house):
    """When a page cannot be rendered anew in time its readers get the one before, with words for it and its age."""
    with serving(house, Limits(page_patience_s=0.2)) as served:
        assert b"(1, 1, 4)" in client.get(served.url + WALL).content
        house.render_s = 1.0
        house.epoch = (1, 1, 5)
        eventually(lambda: served.front.watch._epochs[HANDLE] == (1, 1, 5))
        for packing in ("identity", "gzip"):
            late = client.get(served.url + WALL, headers={"accept-encoding": packing})
            assert late.status_code == 200
            assert "(1, 1, 4)" in late.text and "Very many people are here" in late.text
            assert late.headers["cache-status"].startswith("wearemany; hit; ttl=-")
            assert "etag" not in late.headers
        eventually(lambda: b"(1, 1, 5)" in client.get(served.url + WALL).content)
        assert b"Very many people" not in client.get(served.url + WALL).content


def test_overload_never_shows_what_was_taken_from_sight(house):
    """A page from before a removal is no way out: readers wait, or are told that very many people are here."""
    with serving(house, Limits(page_patience_s=0.1)) as served:
        client.get(served.url + WALL)
        house.render_s = 0.5
        house.epoch = (2, 2, 4)
        eventually(lambda: served.front.watch._epochs[HANDLE] == (2, 2, 4))
        waited = client.get(served.url + WALL)
        assert b"(2, 2, 4)" in waited.content and "cache-status" not in waited.headers


def test_a_kept_page_is_answered_at_once_and_alike(served):
    """The short way gives the long way's answer, byte for byte, and is left for whatever is not plain."""
    asked = {"host": "a.example", "accept-encoding": "gzip"}
    long = client.get(served.url + WALL, headers=asked)
    short = client.get(served.url + WALL, headers=asked)
    assert short.content == long.content
    kept = [header for header in short.headers.multi_items() if header[0] != "date"]
    assert sorted(kept) == sorted(header for header in long.headers.multi_items() if header[0] != "date")
    assert served.house.renders == 1
    plain = [(b"host", b"a.example"), (b"accept-encoding", b"gzip")]

    async def at_hand(*more: tuple[bytes, bytes]) -> bytes | None:
        return served.front.at_hand(WALL.encode(), [*plain, *more])

    def told(*more: tuple[bytes, bytes]) -> bytes | None:
        return asyncio.run_coroutine_threadsafe(at_hand(*more), served.front.watch._loop).result()

    eventually(lambda: told() is not None)
    for more in (
        (b"cookie", b"a=b"), (b"authorization", b"x"), (b"if-none-match", b'"x"'), (b"content-length", b"3"),
        (b"transfer-encoding", b"chunked"), (b"expect", b"100-continue"), (b"upgrade", b"h2c"), (b"save-data", b"on"),
    ):  # fmt: skip
        assert told(more) is None


def test_kept_pages_come_in_order_on_one_line(served):
    """Pages asked for in a row on one line, kept and not kept, come in that order; then the line waits quietly."""
    client.get(served.url + WALL, headers={"host": "x"})
    line = served.line()
    ask = "GET {} HTTP/1.1\r\nHost: x\r\n\r\n"
    paths = (WALL, f"{WALL}new", WALL, "/other", WALL)
    line.sendall("".join(ask.format(path) for path in paths).encode())
    received = b""
    while received.count(b"</p>") < len(paths):
        received += line.recv(65536)
    shown = re.findall(rb"<p>page (\S+) as of", received)
    assert shown == [path.encode() for path in paths]
    line.close()


def test_a_failing_view_is_a_plain_page(served):
    """What breaks behind the front is told in a sentence, without a trace."""
    broken = client.get(f"{served.url}/broken")
    assert broken.status_code == 500
    assert "unexpected" in broken.text
    assert "RuntimeError" not in broken.text
    for name in (
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "permissions-policy",
    ):
        assert name in broken.headers


def test_other_methods_are_refused(served):
    """PUT, DELETE and the like have no use here."""
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"):
        answer = client.request(method, served.url + WALL)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, POST"


def test_django_learns_no_address(served):
    """Neither the connection's address nor one that a proxy wrote reaches Django."""
    client.get(
        f"{served.url}{WALL}join",
        headers={
            "x-forwarded-for": "203.0.113.7",
            "forwarded": "for=203.0.113.7",
            "x_real_ip": "203.0.113.7",
        },
    )
    environ = served.house.environs[-1]
    assert "REMOTE_ADDR" not in environ
    assert not any("203.0.113.7" in str(value) for value in environ.values())


def test_paths_reach_django_as_they_were_sent(served):
    """Escapes are undone once, as bytes; Cyrillic survives."""
    client.get(f"{served.url}/en/%D0%BC%D1%8B/a%2525b/join?q=%D0%BC")
    environ = served.house.environs[-1]
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/en/мы/a%25b/join"
    assert environ["QUERY_STRING"] == "q=%D0%BC"


def test_django_is_loaded_before_the_first_reader(house):
    """The warm-up asks its paths once, keeps nothing of the answers, and a failing one does no harm."""
    parts = replace(house.parts(Limits()), warm=("/broken", WALL))
    with serving(house, parts=parts) as served:
        assert [environ["PATH_INFO"] for environ in house.environs] == ["/broken", WALL]
        assert served.front.pages._pages == {}
        assert client.get(served.url + WALL).status_code == 200
