"""Which addresses are the door's, and whom it can answer."""

from __future__ import annotations

import pytest

from wearemany.errors import Refused
from wearemany.mail.addressing import Recipient, is_answerable, mail_address, recipient_of

DOMAINS = ("mail.example", "xn--e1afmkfd.example")


@pytest.mark.parametrize(
    ("address", "handle", "language"),
    [
        ("we-are-many@mail.example", "we-are-many", ""),
        ("We-Are-MANY+RU@Mail.Example", "we-are-many", "ru"),
        ("red+pt-br@xn--e1afmkfd.example", "red", "pt-br"),
    ],
)
def test_a_campaigns_address_may_name_a_language(address: str, handle: str, language: str) -> None:
    """`handle@domain` and `handle+language@domain`, however it is capitalised."""
    assert recipient_of(address, domains=DOMAINS) == Recipient(handle, language, address.lower())


@pytest.mark.parametrize(
    "address",
    [
        "red@elsewhere.example", "red", "@mail.example", "red+@mail.example", "red+spam+ru@mail.example",
        "red+ru@", "a@b@mail.example", "красное@mail.example", "../red@mail.example",
        "red@mail.example.evil.example", "",
    ],
)  # fmt: skip
def test_every_other_address_is_unknown(address: str) -> None:
    """With a sentence that says where the right one stands."""
    with pytest.raises(Refused) as refused:
        recipient_of(address, domains=DOMAINS)
    assert refused.value.code == "mail-address-unknown"


@pytest.mark.parametrize("language", ["", "ru"])
def test_the_address_that_pages_show_is_one_of_ours(language: str) -> None:
    """What is shown is what is taken."""
    address = mail_address("we-are-many", language=language, domain=DOMAINS[0])
    assert recipient_of(address, domains=DOMAINS) == Recipient("we-are-many", language, address)


@pytest.mark.parametrize(
    ("sender", "can"),
    [
        ("vera@provider.example", True),
        ("вера@пример.example", True),
        ("a+b_c=d@provider.example", True),
        ("<>", False),
        ("", False),
        ("vera", False),
        ('"vera x"@provider.example', False),
        ("vera@[127.0.0.1]", False),
        ("vera@provider.example\r\nBcc: x@y.example", False),
        ("ve\x00ra@provider.example", False),
        ("v" * 65 + "@provider.example", False),
    ],
)
def test_only_plain_addresses_are_answered(sender: str, can: bool) -> None:
    """A bounce's empty sender, quoted names, machine addresses and smuggled lines are not."""
    assert is_answerable(sender) is can
