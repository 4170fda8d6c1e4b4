"""The one way out: everything that this program asks of others' servers goes through `fetch`.

Durable when?  Never: nothing is kept here, neither cookies nor answers nor connections.
Who retries?   The caller. TryAgain `outbound-unreachable`: not asked, or asked and the answer was lost, so what a POST
               was to do may have been done; repeat only what may happen twice. Refused `outbound-refused` (we do not
               go there) and Refused `outbound-answer` (the answer is none we take) come again the same.
Which error means absent? None: any status is an answer. Look at `Answer.status`.
Concurrent?    Yes. Blocks for at most `Limits.total_s`, looking up, connecting and redirects included.

Only http and https to public addresses, checked after the name was looked up and connected to as checked; TLS is
always verified; at most three redirects, each checked anew, none for a POST. The environment's proxies are ignored.
With `Way.socks` nothing ever goes direct. Private places must be named in `Way.home`. Others open no sockets: a
test of the house sees to it. Reading addresses is `fetch_target`, connecting is `fetch_line`.
"""

from __future__ import annotations

import http.client
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

from wearemany.adapters.fetch_line import Line, Roads, Socks, TooMuch, left_s, open_line
from wearemany.adapters.fetch_target import (
    NotAllowed,
    Target,
    follow,
    read_place,
    read_target,
    require_public,
)
from wearemany.errors import N_, Refused, TryAgain

USER_AGENT = "wearemany"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_PIECE_BYTES = 65_536
_HEAD_BYTES = 65_536


@dataclass(frozen=True)
class Limits:
    """What an answer may cost: bytes of its body after decoding, and seconds for everything."""

    body_bytes: int = 1_000_000
    total_s: float = 30.0


@dataclass(frozen=True)
class Way:
    """How we go out. `home` are places (HOST:PORT) that may be private, and that may answer at any port.

    `roads` are for tests. Where `socks` is given, home goes through it too.
    """

    socks: Socks | None = None
    home: frozenset[str] = frozenset()
    roads: Roads = field(default_factory=Roads)

    def leading_home(self, url: str) -> Way:
        """Return the same way with one more place that may be private: that of an address a person here typed."""
        try:
            return Way(self.socks, self.home | {read_target(url).place}, self.roads)
        except NotAllowed:
            return self


@dataclass(frozen=True)
class Answer:
    """What came back. Names of headers are in small letters; `body` is decoded; `url` is where it came from."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def fetch(
    url: str,
    *,
    way: Way,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    limits: Limits = Limits(),  # frozen
) -> Answer:
    """Ask for an address (GET), or send it a body (POST), and return the answer, whatever its status.

    `headers` are sent to the place that was named, and to no other that it leads to.
    """
    until_s = monotonic() + limits.total_s
    try:
        target = _allowed(read_target(url), way)
        first = target.place
        for _ in range(_MOST_REDIRECTS + 1):
            own = headers or {} if target.place == first else {}
            answer = _ask(target, way, body, own, limits, until_s)
            location = answer.headers.get("location")
            if body is not None or location is None or answer.status not in _REDIRECTS:
                return answer
            target = _allowed(follow(target, location), way)
    except NotAllowed as error:
        raise Refused(
            "outbound-refused",
            N_("This server does not go to that address: %(url)s. It must be a public address of the web."),
            cause=str(error),
            url=url[:300],
        ) from error
    except (TooMuch, zlib.error, http.client.LineTooLong, _Odd) as error:
        raise _odd(url, str(error)) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise TryAgain(
            "outbound-unreachable",
            N_("%(url)s could not be reached, or did not answer in time. It may work later."),
            cause=f"{type(error).__name__}: {error}",
            url=url[:300],
        ) from error
    raise _odd(url, "too many redirects")


def read_socks(text: str) -> Socks | None:
    """Read `socks5://[USER:PASSWORD@]HOST:PORT`; nothing for an empty text, ValueError for anything else."""
    if not text:
        return None
    parts = urlsplit(text)
    user, password = parts.username or "", parts.password or ""
    if (
        parts.scheme not in ("socks5", "socks5h")
        or not parts.hostname
        or not parts.port
        or parts.path.strip("/")
    ):
        raise ValueError("not socks5://HOST:PORT")
    if max(len(user.encode()), len(password.encode())) > 255 or bool(user) != bool(password):
        raise ValueError("user and password, both or none")
    return Socks(parts.hostname, parts.port, user, password)


def read_home(words: tuple[str, ...]) -> frozenset[str]:
    """Read places that may be private, HOST:PORT each; ValueError for anything else."""
    return frozenset(read_place(word) for word in words)


class _Odd(Exception):
    """An answer that we do not take."""


def _odd(url: str, why: str) -> Refused:
    return Refused(
        "outbound-answer",
        N_("%(url)s gave an answer that cannot be used: too long, or in an unknown form."),
        cause=why,
        url=url[:300],
    )


def _allowed(target: Target, way: Way) -> Target:
    if target.place not in way.home:
        require_public(target)
    return target


def _ask(
    target: Target, way: Way, body: bytes | None, headers: Mapping[str, str], limits: Limits, until_s: float
) -> Answer:
    is_home = target.place in way.home
    line = open_line(target, socks=way.socks, is_home=is_home, roads=way.roads, until_s=until_s)
    try:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = line  # it needs no more of it than sendall, makefile and close
        sent = {
            "Host": target.netloc,
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **headers,
        }
        line.may_receive_bytes = _HEAD_BYTES
        connection.request("GET" if body is None else "POST", target.path, body=body, headers=sent)
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        if body is None and response.status in _REDIRECTS and "location" in told:
            return Answer(response.status, told, b"", target.url)
        return Answer(response.status, told, _body(response, line, told, limits, until_s), target.url)
    finally:
        line.hang_up()


def _body(
    response: http.client.HTTPResponse, line: Line, told: Mapping[str, str], limits: Limits, until_s: float
) -> bytes:
    """Read a body, decoded as it comes: neither what is sent nor what it swells to may be too long."""
    coding = told.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip"):
        raise _Odd("an encoding that was not asked for")
    # Chunks have their own lines around them; whoever sends single bytes in chunks is cut off.
    line.may_receive_bytes = 2 * limits.body_bytes + _HEAD_BYTES
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in coding else None
    content = bytearray()
    while part := response.read1(_PIECE_BYTES):
        room = limits.body_bytes - len(content)
        content += unpacker.decompress(part, room + 1) if unpacker else part
        if len(content) > limits.body_bytes:
            raise TooMuch("the body is longer than it may be")
        left_s(until_s)
    if response.length or (unpacker and content and not unpacker.eof):
        raise ConnectionError("the answer was cut short")
    return bytes(content)
