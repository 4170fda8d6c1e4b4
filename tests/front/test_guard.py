"""The guard of connections: half-open headers, endless headers, too many lines."""

from __future__ import annotations

import socket
import time

import pytest

from tests.front.house import HANDLE, client, eventually, read_all, read_until, serving
from wearemany.errors import Refused
from wearemany.front.serve import LineLimits, listen

WALL = f"/en/{HANDLE}/"


def connections(served) -> int:
    return len(served.server.server_state.connections)


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"\r\n\r\n"])
def test_headers_have_a_deadline(house, begun):
    """A line whose headers do not come is closed, also when it drips."""
    with serving(house, line=LineLimits(headers_s=0.5)) as served:
        line = served.line()
        line.sendall(begun)
        eventually(lambda: connections(served) == 1)
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            try:
                line.sendall(b"\r\n" if begun.startswith(b"\r") else b"a" if begun else b"")
            except OSError:
                break
            time.sleep(0.05)
        eventually(lambda: connections(served) == 0, limit_s=0.5)


def test_a_second_request_has_the_same_deadline(house):
    """After an answered request a dripping next one is closed too."""
    with serving(house, line=LineLimits(headers_s=0.5)) as served:
        line = served.line()
        line.sendall(f"GET {WALL}join HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        read_until(line, b"xxx")
        line.sendall(b"GET /again HTTP/1.1\r\nX-Slow: ")
        eventually(lambda: connections(served) == 0, limit_s=2)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 101 + b"\r\n",
        b"GET / HTTP/1.1\r\nX-Endless: " + b"a" * 40_000,
    ],
)
def test_headers_are_bounded(served, head):
    """Long addresses, long or many headers are refused before any page hears of them."""
    line = served.line()
    line.sendall(head)
    assert read_all(line).startswith(b"HTTP/1.1 431 ")
    assert served.house.environs == []


def test_large_bodies_do_not_count_as_headers(served):
    """Headers and a large body in one piece are a request like any other."""
    body = b"a=" + b"x" * 150_000
    line = served.line()
    head = f"POST {WALL}join HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    line.sendall(head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body)
    assert read_all(line).endswith(b"received")


def test_the_longest_waiting_line_makes_room(house):
    """With too many connections those without a request go first; an honest request is answered."""
    with serving(house, line=LineLimits(connections=5)) as served:
        idle = [served.line() for _ in range(5)]
        eventually(lambda: connections(served) == 5)
        assert client.get(served.url + WALL).status_code == 200
        assert read_all(idle[0]) == b""
        for line in idle:
            line.close()


def test_nonsense_is_answered_and_the_server_lives(served):
    """Bytes that are no HTTP get a 400."""
    line = served.line()
    line.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n")
    assert read_all(line).startswith(b"HTTP/1.1 400 ")
    assert client.get(served.url + WALL).status_code == 200


def test_two_requests_in_one_piece_are_both_answered(served):
    """Pipelined requests keep their order."""
    line = served.line()
    ask = f"GET {WALL}join HTTP/1.1\r\nHost: x\r\n"
    line.sendall((ask + "\r\n" + ask + "Connection: close\r\n\r\n").encode())
    assert read_all(line).count(b"HTTP/1.1 200 OK") == 2


def test_a_taken_port_is_a_clear_refusal(served):
    """Starting twice says so and what to do."""
    with pytest.raises(Refused) as refused:
        listen("127.0.0.1", served.port)
    assert refused.value.code == "address-taken"
    with pytest.raises(Refused) as refused:
        listen("192.0.2.1", 0)
    assert refused.value.code == "address-unusable"


@pytest.mark.threat("A", "D")
def test_no_address_is_kept_by_the_protocol(served):
    """The connection's sender is forgotten as soon as it is accepted."""
    line = served.line()
    line.sendall(b"GET /x")
    eventually(lambda: connections(served) == 1)
    (protocol,) = served.server.server_state.connections
    assert protocol.client is None
    assert isinstance(line, socket.socket)
