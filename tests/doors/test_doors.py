"""Doors as values: which texts are addresses of a server, and which `Host` means which."""

from __future__ import annotations

import pytest

from wearemany.config.options import read_options
from wearemany.doors import DoorMalformed, declared, door_at, parse_door, parse_doors, parse_mirror
from wearemany.errors import Refused

ONION = "http://" + "a2" * 28 + ".onion"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://many.example", "https://many.example"),
        ("HTTPS://Many.Example:443/", "https://many.example"),
        ("http://many.example:8000", "http://many.example:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://много.example", "https://xn--c1ardeb.example"),
        (ONION, ONION),
    ],
)
def test_an_address_has_one_form(text: str, origin: str) -> None:
    """However an operator writes it, it is published and compared as browsers send it."""
    assert parse_door(text).origin == origin
    assert parse_door(origin) == parse_door(text)


@pytest.mark.parametrize(
    "text",
    [
        "many.example", "ftp://many.example", "https://", "https://many.example/wall", "https://many.example?",
        "https://a@many.example", "https://many.example:99999", "https://many example", "https://-", "https://[::",
        "http://short.onion", "https://many.example#x", "https://many.example\n", "https://" + "a" * 300,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    """A path, a user, another scheme, a cut onion address: none of them is a door, and none stops with a trace."""
    with pytest.raises(DoorMalformed):
        parse_door(text)
    with pytest.raises(Refused) as refused:
        read_options(
            {"WEAREMANY_DOORS": f"https://ok.example {text}".replace("\n", "\x07").replace(" e", "\x07")}
        )
    assert refused.value.code == "option-invalid"


def test_a_host_header_names_its_door() -> None:
    """With or without the scheme's own port, in capitals or not; another port or another name is no door."""
    doors = parse_doors(["https://many.example", "http://many.help:8000", ONION])
    for host, origin in (
        ("many.example", "https://many.example"),
        ("MANY.example:443", "https://many.example"),
        ("many.help:8000", "http://many.help:8000"),
        (ONION[7:], ONION),
    ):
        found = door_at(host, doors)
        assert found is not None and found.origin == origin
    for host in ("many.example:80", "many.help", "many.example.evil.example", "", "evil.example"):
        assert door_at(host, doors) is None


def test_two_doors_that_a_host_cannot_tell_apart_are_refused() -> None:
    """http and https under one name would make links by guess."""
    with pytest.raises(DoorMalformed):
        parse_doors(["https://many.example", "http://many.example"])
    assert len(parse_doors(["https://many.example", "http://many.example:8000"])) == 2


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ({}, "http://localhost:8000"),
        ({"NAME": "many.example", "SECURE": "yes"}, "https://many.example"),
        ({"NAME": "many.example", "PORT": "80"}, "http://many.example"),
        ({"NAME": "many.example:9000", "PORT": "80"}, "http://many.example:9000"),
        ({"NAME": "many.example", "DOORS": f"{ONION} https://many.help"}, ONION),
    ],
)
def test_without_doors_the_name_is_the_only_one(given: dict[str, str], origin: str) -> None:
    """What NAME, SECURE and PORT said before there were doors they still say; the first door declared is the main."""
    options = read_options({f"WEAREMANY_{name}": value for name, value in given.items()})
    assert declared(options)[0].origin == origin


def test_a_name_that_is_no_host_stops_the_program_with_a_hint() -> None:
    """It would have become part of every link."""
    with pytest.raises(Refused) as refused:
        read_options({"WEAREMANY_NAME": "many example/"})
    assert refused.value.values["variable"] == "WEAREMANY_NAME"


def test_a_mirror_may_have_a_path_and_nothing_else() -> None:
    """It is published as it will be linked."""
    assert parse_mirror("https://Shelf.example/red/") == "https://shelf.example/red/"
    assert parse_mirror("https://shelf.example") == "https://shelf.example/"
    for text in (
        "https://shelf.example/?a",
        "https://shelf.example/a b",
        'https://shelf.example/"',
        "shelf.example",
    ):
        with pytest.raises(DoorMalformed):
            parse_mirror(text)
