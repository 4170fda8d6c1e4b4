"""Who sends, as far as fairness needs it: two digests under a key that lives an hour, in memory alone.

An address is looked at in the moment in which a request's files are handed on, and forgotten with it. What leaves
here cannot be turned back into one, nor compared with what another process, or this one an hour ago, made of it.
Behind proxies of our own (option TRUSTED_PROXIES) the address is the last one in X-Forwarded-For that is none of
theirs. Whatever has no address outside this machine, such as an onion service, shares one place of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from wearemany.adapters import clock
from wearemany.adapters.received import Sender

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

KEY_LIVES_S = 3600.0
_KEY_BYTES = 32
_DIGEST_BYTES = 12
_NETWORK_BITS = {4: 24, 6: 48}
_ADDRESS_BITS = {4: 32, 6: 64}
_HOPS_MOST = 20


class Senders:
    """Belongs to the event loop of one process."""

    def __init__(
        self,
        trusted: Sequence[Network] = (),
        *,
        random_bytes: Callable[[int], bytes] = clock.random_bytes,
        now_s: Callable[[], float] = clock.monotonic_s,
    ) -> None:
        self._trusted = tuple(trusted)
        self._random_bytes = random_bytes
        self._now_s = now_s
        self._key = b""
        self._until_s = float("-inf")

    def of(self, peer: str, forwarded: bytes) -> Sender:
        """Return the sender of a request that came from `peer` with this X-Forwarded-For ("" for none)."""
        address = self._outside(peer, forwarded)
        if address is None:
            return Sender(self._digest(b"near"), self._digest(b"near"), is_near=True)
        bits = _NETWORK_BITS[address.version], _ADDRESS_BITS[address.version]
        around, itself = (ip_network((address, width), strict=False) for width in bits)
        return Sender(self._digest(str(around).encode()), self._digest(str(itself).encode()))

    def _outside(self, peer: str, forwarded: bytes) -> Address | None:
        """Return the nearest address that is neither this machine nor a proxy of ours."""
        address = read_address(peer)
        if address is None:
            return None
        if not self._is_trusted(address):
            return None if address.is_loopback else address
        hops = forwarded.decode("latin-1").rsplit(",", _HOPS_MOST)[::-1][:_HOPS_MOST]
        for hop in hops:
            told = read_address(hop)
            if told is None:
                # What our own proxy wrote can be read; from here on it is somebody else's tale.
                break
            if not self._is_trusted(told):
                return None if told.is_loopback else told
        return None

    def _is_trusted(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._trusted)

    def _digest(self, text: bytes) -> bytes:
        now_s = self._now_s()
        if now_s >= self._until_s:
            self._key, self._until_s = self._random_bytes(_KEY_BYTES), now_s + KEY_LIVES_S
        return hashlib.blake2b(text, key=self._key, digest_size=_DIGEST_BYTES).digest()


def read_address(text: str) -> Address | None:
    """Read an address as connections and proxies write it, a port behind it perhaps; None when it is none."""
    plain = text.strip().strip('"')
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        address = ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
