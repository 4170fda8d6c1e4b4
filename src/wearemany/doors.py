"""Doors: the addresses under which one server answers, as values. A request comes through one by its `Host`.

Pure. Which doors there are is declared in the options (`adapters.server.doors`); the signed list of them is
`wall.doors_note`. What does not live here: paths, which are the same behind every door.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

WEB, ONION, MIRROR = "web", "onion", "mirror"
_OWN_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9]([a-z0-9_.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_ONION = re.compile(r"([a-z0-9-]+\.)*[a-z2-7]{56}\.onion")
_LONGEST = 300


class DoorMalformed(ValueError):
    """The text is no address of a door or of a mirror."""


@dataclass(frozen=True)
class Door:
    """One address of the server: scheme, host name (in brackets where it is IPv6) and port; no path."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Host and port as a browser sends them: without the port that belongs to the scheme."""
        return self.host if self.port == _OWN_PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """The whole address, without a slash at the end."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def kind(self) -> str:
        """`onion` where only Tor leads, else `web`."""
        return ONION if self.host.endswith(".onion") else WEB

    @property
    def is_secure(self) -> bool:
        """Whether browsers speak HTTPS here. An onion service is private by itself, over plain HTTP too."""
        return self.scheme == "https"

    @property
    def is_local(self) -> bool:
        """Whether it leads to the reader's own machine."""
        return self.host in ("localhost", "[::1]") or self.host.startswith("127.")

    @property
    def short(self) -> str:
        """What people read and type: the host, an onion's shortened in its middle."""
        if self.kind != ONION:
            return self.netloc
        return f"{self.netloc[:8]}…{self.netloc[-12:]}"

    def url(self, path: str) -> str:
        """Return a path of ours as a whole address behind this door."""
        return self.origin + path

    def is_asked_for_by(self, host: str) -> bool:
        """Tell whether a `Host` header names this door, with or without the scheme's own port."""
        host = host.lower()
        return host == self.netloc or host == f"{self.host}:{self.port}"


def parse_door(text: str) -> Door:
    """Read a whole origin such as `https://many.example`; `DoorMalformed` for anything with a path, user or query."""
    parts = _split(text)
    if parts.path not in ("", "/") or parts.query or parts.fragment or "?" in text or "#" in text:
        raise DoorMalformed(f"{text} has more than scheme, host and port")
    return _door(text)


def parse_doors(texts: Iterable[str]) -> tuple[Door, ...]:
    """Read several; two that a `Host` header cannot tell apart are refused."""
    doors = tuple(parse_door(text) for text in texts)
    if len({door.netloc for door in doors}) != len(doors):
        raise DoorMalformed("two doors have the same host and port")
    return doors


def parse_mirror(text: str) -> str:
    """Return the address of a mirror, which may have a path, as it is published."""
    parts = _split(text)
    path = parts.path or "/"
    if parts.query or parts.fragment or not path.isascii() or re.search(r"[\s\"'<>\\]", path):
        raise DoorMalformed(f"{text} is no plain address")
    return _door(text).url(path)


def declared(options: Mapping[str, Any]) -> tuple[Door, ...]:
    """Return the doors that the options declare, the main one first; without DOORS the one of NAME."""
    doors: tuple[Door, ...] = options["DOORS"]
    if doors:
        return doors
    name = str(options["NAME"])
    if options["SECURE"] == "yes":
        return (parse_door(f"https://{name}"),)
    return (parse_door(f"http://{name}" if ":" in name else f"http://{name}:{options['PORT']}"),)


def door_at(host: str, doors: Iterable[Door]) -> Door | None:
    """Return the door that a `Host` header names, or None."""
    return next((door for door in doors if door.is_asked_for_by(host)), None)


def _split(text: str) -> SplitResult:
    if len(text) > _LONGEST or not text.isprintable():
        raise DoorMalformed("an address is at most 300 printable characters long")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise DoorMalformed(f"{text} is no address") from None
    if parts.scheme not in _OWN_PORTS or not parts.hostname or "@" in parts.netloc:
        raise DoorMalformed(f"{text} does not begin with https:// or http:// and a host name")
    return parts


def _door(text: str) -> Door:
    parts = _split(text)
    try:
        # Names in other scripts are written as browsers send them.
        name = (parts.hostname or "").encode("idna").decode("ascii").lower()
        port = parts.port or _OWN_PORTS[parts.scheme]
    except (UnicodeError, ValueError):
        raise DoorMalformed(f"{text} has no host name or port that can be used") from None
    host = f"[{name}]" if ":" in name else name
    if not _HOST.fullmatch(host) or (host.endswith(".onion") and not _ONION.fullmatch(host)):
        raise DoorMalformed(f"{text} has no host name that can be used")
    return Door(parts.scheme, host, port)
