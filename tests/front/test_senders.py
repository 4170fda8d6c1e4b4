"""Who sends, as far as taking turns needs it: addresses go in, two digests come out that nobody can use elsewhere."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from tests.front.house import House, client, serving
from wearemany.front.senders import KEY_LIVES_S, Senders, read_address

OURS = tuple(ip_network(word) for word in ("10.0.0.0/8", "127.0.0.1", "fd00::/8"))


def test_neighbours_share_a_network_and_not_an_address() -> None:
    """A /24 is a network and so is a /48; within it each address, or each /64, is somebody."""
    senders = Senders()
    one, other, far = (senders.of(peer, b"") for peer in ("192.0.2.1", "192.0.2.200", "192.0.3.1"))
    assert one.network == other.network != far.network and one.address != other.address
    one, other, far = (
        senders.of(peer, b"") for peer in ("2001:db8:1:2::1", "2001:db8:1:2::9", "2001:db8:1:3::1")
    )
    assert one.address == other.address != far.address and one.network == far.network
    assert senders.of("::ffff:192.0.2.1", b"") == senders.of("192.0.2.1", b"")


@pytest.mark.threat("D")
def test_the_key_lives_an_hour_and_belongs_to_one_process() -> None:
    """What one process called somebody says nothing to another, nor to the same one an hour later."""
    now = 0.0
    senders = Senders(now_s=lambda: now)
    before = senders.of("192.0.2.1", b"")
    assert senders.of("192.0.2.1", b"") == before != Senders().of("192.0.2.1", b"")
    now = KEY_LIVES_S
    assert senders.of("192.0.2.1", b"") != before
    assert "192" not in repr(before) and "network" not in repr(before)


@pytest.mark.threat("F")
@pytest.mark.parametrize(
    ("peer", "forwarded", "is_as"),
    [
        ("192.0.2.1", b"198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", b"198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", b"203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", b"203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", b'"[2001:db8::7]:443"', "2001:db8::7"),
        ("10.0.0.1", b"198.51.100.7:4711", "198.51.100.7"),
        ("fd00::1", b"198.51.100.7", "198.51.100.7"),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str, forwarded: bytes, is_as: str) -> None:
    """Whoever writes the header himself stays who he is; before our proxies the last stranger counts."""
    senders = Senders(OURS)
    assert senders.of(peer, forwarded) == senders.of(is_as, b"")


@pytest.mark.parametrize(
    ("peer", "forwarded"),
    [
        ("", b""),
        ("::1", b"198.51.100.7"),
        ("127.0.0.1", b""),
        ("127.0.0.1", b"127.0.0.1"),
        ("10.0.0.1", b"198.51.100.7, unknown"),
        ("10.0.0.1", b"," * 1000),
        ("10.0.0.1", b"999.1.1.1"),
    ],
)
def test_what_has_no_address_outside_shares_one_place(peer: str, forwarded: bytes) -> None:
    """An onion service, a socket, a header that cannot be read: one place of its own, and never an error."""
    senders = Senders(OURS)
    found = senders.of(peer, forwarded)
    assert found.is_near and found == senders.of("", b"")


def test_an_address_reads_as_proxies_write_it() -> None:
    """With ports, brackets, quotes and zones; and anything else is none."""
    assert str(read_address(' "[fe80::1%eth0]:80" ')) == "fe80::1"
    assert [read_address(text) for text in ("", "unknown", "_hidden", "1.2.3", "1.2.3.4.5")] == [None] * 5


@pytest.mark.threat("D")
def test_files_are_marked_and_django_hears_no_address(house: House) -> None:
    """The marks of one sender are the same, and neither the connection's nor a header's address gets through."""
    with serving(house) as running:
        for _ in range(2):
            client.post(
                f"{running.url}/en/form",
                files={"photo": ("me.jpg", b"a selfie" * 100)},
                headers={"x-forwarded-for": "198.51.100.7"},
            )
    (one,), (other,) = house.uploads
    assert one.sender is not None and one.sender == other.sender and one.sender.is_near
    for environ in house.environs:
        told = repr({name: value for name, value in environ.items() if name != "wsgi.input"})
        assert "198.51.100.7" not in told and "REMOTE_ADDR" not in told
