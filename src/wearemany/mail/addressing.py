"""The door's own addresses, and the addresses it can answer: `handle@domain`, `handle+language@domain`. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from wearemany.errors import N_, Refused
from wearemany.hashtags import is_handle
from wearemany.languages import is_tag

NULL_SENDER = "<>"
_ANSWERABLE = re.compile(r"[^\s<>,;:\"()\[\]\\@]{1,64}@[^\s<>,;:\"()\[\]\\@]{1,255}")


@dataclass(frozen=True)
class Recipient:
    """One of the door's addresses: the campaign, and the language asked for (empty: not said)."""

    handle: str
    language: str
    address: str


def recipient_of(address: str, *, domains: Collection[str]) -> Recipient:
    """Return whom a mail is for; raises Refused `mail-address-unknown`."""
    local, _, domain = address.lower().rpartition("@")
    handle, plus, language = local.partition("+")
    if domain not in domains or not is_handle(handle) or (plus and not is_tag(language)):
        raise address_unknown()
    return Recipient(handle=handle, language=language, address=f"{local}@{domain}")


def mail_address(handle: str, *, language: str, domain: str) -> str:
    """Return the address to write to."""
    return f"{handle}+{language}@{domain}" if language else f"{handle}@{domain}"


def is_answerable(sender: str) -> bool:
    """Tell whether an answer can be sent there: a plain address, not a bounce's empty one."""
    return _ANSWERABLE.fullmatch(sender) is not None and sender.isprintable()


def address_unknown() -> Refused:
    """Return the refusal of an address that is none of ours."""
    return Refused(
        "mail-address-unknown",
        N_(
            "There is no campaign at this e-mail address. Please look at the campaign's page for the right one."
        ),
    )
