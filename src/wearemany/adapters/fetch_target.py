"""Where a request may go: addresses of the web are read strictly, network addresses are told apart. Values only.

An address that two readers could read differently is refused, never mended. Only addresses that are public on
today's internet may be connected to: whatever wraps another one (mapped, NAT64, 6to4, Teredo) is refused whole.
Who connects is `fetch_line`; threats: docs/run/threats.md, row O.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, urljoin, urlsplit

OWN_PORTS = {"http": 80, "https": 443}
_LONGEST = 2000
_LOWEST_PORT = 1024
# Ports above 1023 on which something else than the web usually answers, so that no request is taken for one there.
_OTHER_PORTS = frozenset(
    {1080, 1719, 1720, 1723, 2049, 2375, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5900, 6000, 6379, 6566}
    | {6665, 6666, 6667, 6668, 6669, 6679, 6697, 9200, 10080, 11211, 27017}
)  # fmt: skip
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))+")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LOCAL_NAMES = (
    "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "arpa",
    "invalid", "alt",
)  # fmt: skip
# Letters that the two editions of IDNA write differently: two readers could reach two different hosts.
_AMBIGUOUS = frozenset("ßςẞ\u200c\u200d")
_PLAIN = "/%:=&?~#+!$,;'@()*[]-._"

# The special-purpose registries of IANA, written out: `is_global` differs between Python's versions.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    )
)  # fmt: skip
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "3ffe::/16")
)


class NotAllowed(ValueError):
    """We do not go there; the text says why."""


@dataclass(frozen=True)
class Target:
    """A place to ask: `host` is a name in ASCII or a number without brackets, `path` begins with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """Host and port as the `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == OWN_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def place(self) -> str:
        """Host and port, always both."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address, in its one form."""
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def is_onion(self) -> bool:
        """Whether only Tor leads there."""
        return self.host.endswith(".onion")

    @property
    def number(self) -> IPv4Address | IPv6Address | None:
        """The network address, where the host is one and no name."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None


def read_target(url: str) -> Target:
    """Read an address; raises `NotAllowed` for all but plain `http` and `https`, however it is dressed up."""
    if len(url) > _LONGEST or not url.isprintable() or "\\" in url or any(sign.isspace() for sign in url):
        raise NotAllowed("no plain address of at most 2,000 characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAllowed("no address that can be read") from None
    if parts.scheme not in OWN_PORTS or not url[len(parts.scheme) :].startswith("://"):
        raise NotAllowed("only http and https")
    if "@" in parts.netloc or not parts.hostname:
        raise NotAllowed("a host, and no user")
    port = OWN_PORTS[parts.scheme] if port is None else port
    if parts.netloc.endswith(":") or not 1 <= port <= 65_535:
        raise NotAllowed("no such port")
    path = quote(parts.path or "/", safe=_PLAIN) + (
        f"?{quote(parts.query, safe=_PLAIN)}" if parts.query else ""
    )
    return Target(parts.scheme, _host(parts.hostname, bracketed="[" in parts.netloc), port, path)


def read_place(text: str) -> str:
    """Read `HOST:PORT`, or a host alone at the port of https, as `Target.place` writes it."""
    target = read_target(f"https://{text}")
    if target.path != "/" or text.endswith("/"):
        raise NotAllowed("a host and a port, nothing more")
    return target.place


def follow(target: Target, location: str) -> Target:
    """Return where a redirect leads; never from https to http."""
    onward = read_target(urljoin(target.url, location))
    if target.scheme == "https" and onward.scheme == "http":
        raise NotAllowed("a redirect that gives up HTTPS")
    return onward


def require_public(target: Target) -> None:
    """Refuse what can be told to be no public host of the web before its name is looked up."""
    if target.port < _LOWEST_PORT and target.port not in OWN_PORTS.values():
        raise NotAllowed("a port of another service")
    if target.port in _OTHER_PORTS:
        raise NotAllowed("a port of another service")
    if target.number is not None:
        if not is_public(target.number):
            raise NotAllowed("no public address")
        return
    labels = target.host.split(".")
    if len(labels) < 2 or labels[-1] in _LOCAL_NAMES:
        raise NotAllowed("a name of a private network")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether a network address belongs to one host on the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None:
        return False
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def _host(text: str, *, bracketed: bool) -> str:
    """Return a host in its one form; a number that is not written in its plain form is refused."""
    if bracketed:
        try:
            return str(IPv6Address(text)) if "%" not in text else _refuse("a network address with a zone")
        except ValueError:
            return _refuse("no network address")
    if _AMBIGUOUS & set(text):
        return _refuse("a name that is read in two ways")
    try:
        name = unicodedata.normalize("NFKC", text).encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        return _refuse("no host name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        try:
            return str(IPv4Address(name))
        except ValueError:
            return _refuse("a number that is no plain network address")
    if len(name) > 253 or not (
        _NAME.fullmatch(name) or re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name)
    ):
        return _refuse("no host name")
    return name


def _refuse(why: str) -> str:
    raise NotAllowed(why)
