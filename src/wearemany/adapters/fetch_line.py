"""A line to a checked place: names are looked up, every address is checked, and only a checked one is connected to.

With a SOCKS5 proxy everything goes through it, names included: nothing is looked up here and nothing ever goes
direct, also when the proxy is silent. All of a line's reading and writing ends at one moment, and what may come in
is counted, so that neither a slow nor an endless answer holds anybody up. What is asked and answered is `fetch`'s.
"""

from __future__ import annotations

import io
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING

from wearemany.adapters.fetch_target import NotAllowed, Target, is_public

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CONNECT_S = 10.0
_PIECE_BYTES = 65_536
_MOST_ADDRESSES = 4


@dataclass(frozen=True)
class Socks:
    """A SOCKS5 proxy. User and password, where there are any, keep our circuits apart from others' in Tor."""

    host: str
    port: int
    user: str = ""
    password: str = ""


class TooMuch(ValueError):
    """More came in than may."""


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a name as the operating system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def dial(address: str, port: int, limit_s: float) -> socket.socket:
    """Open a connection to a network address, which is not looked up any more."""
    return socket.create_connection((address, port), timeout=limit_s)


@dataclass(frozen=True)
class Roads:
    """How names are looked up, how connections are opened, and whose signatures on servers' keys are believed."""

    look_up: Callable[[str, int], list[str]] = look_up
    dial: Callable[[str, int, float], socket.socket] = dial
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context


class Line:
    """An open connection with an end in time; stands in for a socket where `http.client` wants one."""

    def __init__(self, sock: socket.socket, until_s: float) -> None:
        self._sock = sock
        self._until_s = until_s
        self.may_receive_bytes = _PIECE_BYTES

    def sendall(self, content: bytes) -> None:
        """Send everything before the end."""
        view = memoryview(content)
        while view:
            self._sock.settimeout(left_s(self._until_s))
            view = view[self._sock.send(view[:_PIECE_BYTES]) :]

    def receive_into(self, buffer: memoryview) -> int:
        """Receive what is there; 0 at the end of what comes."""
        self._sock.settimeout(left_s(self._until_s))
        count = self._sock.recv_into(buffer)
        self.may_receive_bytes -= count
        if self.may_receive_bytes < 0:
            raise TooMuch("the answer is longer than it may be")
        return count

    def receive(self, count: int) -> bytes:
        """Receive exactly so many bytes."""
        content = bytearray()
        while len(content) < count:
            part = bytearray(count - len(content))
            got = self.receive_into(memoryview(part))
            if not got:
                raise ConnectionError("the line was cut")
            content += part[:got]
        return bytes(content)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the line as a file to read from."""
        return io.BufferedReader(_Incoming(self))

    def secured(self, context: ssl.SSLContext, name: str) -> Line:
        """Return the line under TLS, the other end's name verified."""
        self._sock.settimeout(left_s(self._until_s))
        return Line(context.wrap_socket(self._sock, server_hostname=name), self._until_s)

    def close(self) -> None:
        """Do nothing: `http.client` calls this before it has read the body. Whoever opened the line hangs up."""

    def hang_up(self) -> None:
        """Close the connection."""
        with suppress(OSError):
            self._sock.close()


class _Incoming(io.RawIOBase):
    """What comes in on a line; closing it leaves the line open for who opened it."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what is there."""
        return self._line.receive_into(memoryview(buffer))


def open_line(target: Target, *, socks: Socks | None, is_home: bool, roads: Roads, until_s: float) -> Line:
    """Return a line to the target, under TLS where it is https.

    Raises `NotAllowed` when no address of it may be connected to, OSError when nobody answers. A home target's
    addresses are not checked. Other addresses of the same name are tried before anything was sent, never after.
    """
    line = (
        _line_through(socks, target, roads, until_s) if socks else _line_to(target, is_home, roads, until_s)
    )
    if target.scheme == "http":
        return line
    try:
        return line.secured(roads.trust(), target.host)
    except BaseException:
        line.hang_up()
        raise


def left_s(until_s: float) -> float:
    """Return the seconds that are left; raises TimeoutError when there are none."""
    left = until_s - monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


def _line_to(target: Target, is_home: bool, roads: Roads, until_s: float) -> Line:
    if target.is_onion:
        raise NotAllowed("an onion service, and no SOCKS proxy leads there")
    found = [target.host] if target.number is not None else _looked_up(target, roads, until_s)
    allowed = [each for each in found if is_home or is_public(ip_address(each))][:_MOST_ADDRESSES]
    if not found:
        raise ConnectionError("the name has no address")
    if not allowed:
        raise NotAllowed("a name of no public address")
    for each in allowed[:-1]:
        with suppress(OSError):
            return _dialled(each, target.port, roads, until_s)
    return _dialled(allowed[-1], target.port, roads, until_s)


def _dialled(address: str, port: int, roads: Roads, until_s: float) -> Line:
    return Line(roads.dial(address, port, min(_CONNECT_S, left_s(until_s))), until_s)


def _looked_up(target: Target, roads: Roads, until_s: float) -> list[str]:
    """Look a name up in a thread of its own: the operating system knows no deadline."""
    found: list[list[str]] = []
    failed: list[OSError] = []

    def look() -> None:
        try:
            found.append(roads.look_up(target.host, target.port))
        except (OSError, UnicodeError) as error:
            failed.append(OSError(str(error)))

    thread = threading.Thread(target=look, name="look-up", daemon=True)
    thread.start()
    thread.join(left_s(until_s))
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError("the name was not found in time")
    return found[0]


def _line_through(socks: Socks, target: Target, roads: Roads, until_s: float) -> Line:
    line = _dialled(socks.host, socks.port, roads, until_s)
    try:
        _greet(line, socks)
        name = target.host.encode("ascii")
        if target.number is not None:
            packed = target.number.packed
            where = (b"\x01" if len(packed) == 4 else b"\x04") + packed
        else:
            where = b"\x03" + bytes([len(name)]) + name
        line.sendall(b"\x05\x01\x00" + where + struct.pack(">H", target.port))
        version, answer, _, kind = line.receive(4)
        if version != 5 or answer:
            raise ConnectionError(f"the proxy does not lead there ({answer})")
        line.receive({1: 4, 4: 16}.get(kind) or line.receive(1)[0])
        line.receive(2)
    except BaseException:
        line.hang_up()
        raise
    return line


def _greet(line: Line, socks: Socks) -> None:
    method = 2 if socks.user else 0
    line.sendall(bytes([5, 1, method]))
    if line.receive(2) != bytes([5, method]):
        raise ConnectionError("the proxy wants to be greeted differently")
    if socks.user:
        user, password = socks.user.encode(), socks.password.encode()
        line.sendall(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
        if line.receive(2)[1]:
            raise ConnectionError("the proxy does not know us")
