"""The live stream: catching up, what changes bring, heartbeats, and readers that do not keep up."""

from __future__ import annotations

import re
import resource
import selectors
import socket
import threading
import time
from collections.abc import Sequence

from tests.front.house import HANDLE, client, eventually, read_until, serving
from wearemany.front import Limits
from wearemany.front.parts import LiveEvent
from wearemany.front.serve import LineLimits

LIVE = f"/en/{HANDLE}/live"


def follow(served, path: str = LIVE, *, more: str = "", small_buffer: bool = False) -> socket.socket:
    line = served.line(small_buffer=small_buffer)
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode())
    return line


def followers(served) -> int:
    return sum(len(channel.readers) for channel in served.front.live._channels.values())


def test_a_stream_begins_with_its_headers_and_its_own_pause(served):
    """The stream is never kept, not held back by a proxy, and each reader gets another time to come back."""
    pauses = set()
    for _ in range(8):
        line = follow(served)
        begun = read_until(line, b"\n\n")
        assert b"content-type: text/event-stream; charset=utf-8\r\n" in begun
        assert b"cache-control: no-store\r\n" in begun
        assert b"x-accel-buffering: no\r\n" in begun
        pauses.add(re.search(rb"retry: (\d+)\n\n", begun)[1])
        line.close()
    assert len(pauses) > 1
    assert all(2000 <= int(pause) < 8000 for pause in pauses)
    eventually(lambda: followers(served) == 0)
    assert served.front.live._channels == {}


def test_new_entries_arrive_once_rendered_once_for_all(served):
    """Forty readers in one language cost one rendering; each post comes with its log position as id."""
    lines = [follow(served) for _ in range(40)]
    eventually(lambda: followers(served) == 40)
    served.house.epoch = (1, 1, 6)
    for line in lines:
        arrived = read_until(line, b"card 5")
        assert b"id: 4\nevent: post\ndata: card 4\n\nid: 5\nevent: post\ndata: card 5" in arrived
    assert served.house.live_calls == [("en", 3)]


def test_languages_are_rendered_apart(served):
    """A Russian reader and an English one of the same campaign get their own."""
    russian, english = follow(served, f"/ru/{HANDLE}/live"), follow(served)
    eventually(lambda: followers(served) == 2)
    served.house.epoch = (1, 1, 5)
    read_until(russian, b"card 4")
    read_until(english, b"card 4")
    assert sorted(served.house.live_calls) == [("en", 3), ("ru", 3)]


def test_a_reader_that_comes_back_gets_what_it_missed(served):
    """By Last-Event-ID, or by the page's own place; in order, without doubles, and what changed meanwhile."""
    line = follow(served, more="Last-Event-ID: 1\r\n")
    arrived = read_until(line, b"window")
    assert re.findall(rb"id: (\d+)\nevent: (\w+)", arrived) == [
        (b"2", b"post"),
        (b"3", b"post"),
        (b"3", b"refresh"),
    ]
    served.house.epoch = (1, 1, 5)
    assert re.findall(rb"id: (\d+)", read_until(line, b"card 4")) == [b"4"]


def test_a_page_that_tells_its_versions_gets_nothing_twice(served):
    """`?after=POSITION.VISIBLE.STREAM` of a page that is up to date costs no rendering at all."""
    line = follow(served, f"{LIVE}?after=3.1.1")
    read_until(line, b"retry")
    eventually(lambda: followers(served) == 1)
    assert served.house.live_calls == []
    stale = follow(served, f"{LIVE}?after=3.0.1")
    assert b"event: refresh" in read_until(stale, b"window")


def test_anything_taken_back_brings_one_fresh_window(served):
    """A change that is not growth of the log becomes a refresh within a second."""
    line = follow(served, f"{LIVE}?after=3.1.1")
    eventually(lambda: followers(served) == 1)
    began = time.monotonic()
    served.house.epoch = (2, 2, 4)
    arrived = read_until(line, b"window (2, 2, 4)")
    assert time.monotonic() - began < 1
    assert b"id: 3\nevent: refresh" in arrived


def test_likes_and_comments_cost_the_readers_nothing(served):
    """What changes beside the wall is not rendered and not sent; a post that comes with it arrives as a post."""
    line = follow(served, f"{LIVE}?after=3.1.1")
    eventually(lambda: followers(served) == 1)
    served.house.epoch = (1, 2, 4)
    eventually(lambda: served.front.watch._epochs[HANDLE] == (1, 2, 4))
    served.house.epoch = (1, 3, 5)
    arrived = read_until(line, b"card 4")
    assert b"refresh" not in arrived
    assert served.house.live_calls == [("en", 3)]


def test_a_change_missed_while_away_is_made_good(served):
    """Who was away when something was taken back, and comes back before the log has grown, gets a refresh."""
    line = follow(served, f"{LIVE}?after=3.1.1")
    eventually(lambda: followers(served) == 1)
    line.close()
    served.house.epoch = (2, 2, 4)
    eventually(lambda: served.front.watch._epochs[HANDLE] == (2, 2, 4))
    back = follow(served, more="Last-Event-ID: 3\r\n")
    assert b"event: refresh" in read_until(back, b"window (2, 2, 4)")


def test_odd_places_are_taken_as_none(served):
    """A place that cannot be read is no place: the reader gets what comes from now on."""
    for odd in ("x", "1e9", "9" * 40, "3.", "-5", "%31"):
        line = follow(served, f"{LIVE}?after={odd}")
        read_until(line, b"retry")
        line.close()
    assert served.house.live_calls == []


def test_data_of_several_lines_stays_whole(served):
    """Each line of an event's data has its own field, whatever ends the lines."""
    served.house.live_data = "<a>\r\n<b>\r<c>\n"
    line = follow(served)
    eventually(lambda: followers(served) == 1)
    served.house.epoch = (1, 1, 5)
    assert b"data: <a>\ndata: <b>\ndata: <c>\ndata:  4\n\n" in read_until(line, b" 4\n\n")


def test_a_quiet_stream_beats(house):
    """When nothing happens a comment keeps the line open."""
    with serving(house, Limits(heartbeat_s=0.2)) as served:
        line = follow(served)
        read_until(line, b": beat")
        read_until(line, b": beat")


def test_a_reader_that_does_not_keep_up_is_dropped(house):
    """Who stops reading is ended and holds nothing; the others go on."""
    house.live_data = "x" * 40_000
    with serving(house, Limits(reader_waiting_bytes=64_000)) as served:
        stuck = follow(served, small_buffer=True)
        good = follow(served)
        eventually(lambda: followers(served) == 2)
        for size in range(5, 405, 20):
            house.epoch = (1, 1, size)
            read_until(good, f" {size - 1}\n\n".encode())
            if followers(served) == 1:
                break
        eventually(lambda: followers(served) == 1)
        eventually(lambda: len(served.server.server_state.connections) == 1)
        stuck.close()


def test_a_reader_that_leaves_while_it_is_brought_up_to_date_is_not_kept(house):
    """Nobody is counted, and nothing held, for a line that was lost before its reader had caught up."""
    rendering, goes_on = threading.Event(), threading.Event()
    look = house.live_events

    def slowly(language: str, handle: str, after: int | None) -> Sequence[LiveEvent]:
        rendering.set()
        assert goes_on.wait(10)
        return look(language, handle, after)

    house.live_events = slowly
    with serving(house) as served:
        line = follow(served, f"{LIVE}?after=1")
        assert rendering.wait(10)
        line.close()
        eventually(lambda: len(served.server.server_state.connections) == 0)
        goes_on.set()
        eventually(lambda: not served.server.server_state.tasks)
        assert served.front.live._channels == {}
        assert len(served.front.live) == 0


def test_a_stream_is_the_last_answer_of_its_line(served):
    """No task and no parser waits while a stream lasts; what is sent on its line then is no request."""
    line = follow(served)
    begun = read_until(line, b"\n\n")
    assert b"connection: close\r\n" in begun
    eventually(lambda: not served.server.server_state.tasks)
    line.sendall(f"GET /en/{HANDLE}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    served.house.epoch = (1, 1, 5)
    assert b"HTTP/1.1" not in read_until(line, b"card 4")


def test_a_stalled_line_is_cut(house):
    """Also a reader of an ordinary answer who stops reading is dropped after a while."""
    house.store.put(f"log/{HANDLE}/tile/0/000", b"t" * 30_000_000)
    with serving(house, line=LineLimits(stalled_s=0.5)) as served:
        stuck = served.line(small_buffer=True)
        stuck.sendall(f"GET /log/{HANDLE}/tile/0/000 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        eventually(lambda: len(served.server.server_state.connections) == 1)
        eventually(lambda: len(served.server.server_state.connections) == 0)
        stuck.close()


def test_unknown_campaigns_have_no_stream(served):
    """A stream of nothing is not found; other methods are refused; HEAD ends at once."""
    assert client.get(f"{served.url}/en/other/live").status_code == 404
    assert client.post(served.url + LIVE).status_code == 405
    head = client.request("HEAD", served.url + LIVE)
    assert head.status_code == 200
    assert head.headers["content-type"].startswith("text/event-stream")
    assert served.front.live._channels == {}


def test_readers_are_bounded(house):
    """One more reader than there may be is told to come back."""
    with serving(house, Limits(readers=2)) as served:
        lines = [follow(served) for _ in range(2)]
        eventually(lambda: followers(served) == 2)
        assert client.get(served.url + LIVE).status_code == 503
        lines[0].close()
        eventually(lambda: followers(served) == 1)


def test_streams_end_when_the_doors_close(house):
    """Nobody keeps looking at a wall that cannot be checked."""
    with serving(house, Limits(doors_s=0.5)) as served:
        line = follow(served)
        eventually(lambda: followers(served) == 1)
        house.epochs_fail = True
        assert read_until(line, b"0\r\n\r\n", limit_s=3)
        eventually(lambda: followers(served) == 0)


def test_stopping_sends_readers_away_at_once(house):
    """A server that stops does not wait for its readers."""
    with serving(house) as served:
        lines = [follow(served) for _ in range(20)]
        eventually(lambda: followers(served) == 20)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    for line in lines:
        line.close()


def test_two_thousand_readers_get_a_post_each(house):
    """Two thousand readers on one process all get the next post, and the wall answers meanwhile."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(2000, (hard - 200) // 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with serving(house) as served:
        lines = [follow(served) for _ in range(count)]
        eventually(lambda: followers(served) == count, limit_s=30)
        house.epoch = (1, 1, 5)
        assert client.get(f"{served.url}/en/{HANDLE}/").status_code == 200
        waiting = selectors.DefaultSelector()
        for line in lines:
            line.setblocking(False)
            waiting.register(line, selectors.EVENT_READ, bytearray())
        left, until = count, time.monotonic() + 30
        while left and time.monotonic() < until:
            for key, _ in waiting.select(1):
                key.data.extend(key.fileobj.recv(4096))
                if b"card 4" in key.data:
                    waiting.unregister(key.fileobj)
                    left -= 1
        assert left == 0
        assert house.live_calls == [("en", 3)]
        for line in lines:
            line.close()
