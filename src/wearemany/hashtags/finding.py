"""Find the hashtags of a plain text. Time is linear in the text, whatever it is.

What lives here: where a tag begins and ends, and that a web address holds none. Not here: HTML (markup),
when two tags are the same (keys).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from wearemany.hashtags.characters import (
    JOINERS,
    SIGNS,
    VARIATION_SELECTORS,
    begins_tag,
    is_letter,
    is_word,
    normalised,
    tag_end,
)

SIGN = re.compile(f"[{SIGNS}]")

# Where an address begins: a scheme, or a host name with a letters-only last label before its path or query.
# The look-behinds and possessive repeats make each stretch of text be tried once only.
ADDRESS = re.compile(
    r"(?<![A-Za-z0-9+.#＃-])[A-Za-z][A-Za-z0-9+.-]*+://"
    r"|(?<![\w.@#＃-])(?:[\w-]++\.)++[^\W\d_]{2,63}+(?::\d{1,5}+)?+(?=[/?])"
)
HOST_SIGNS = frozenset("-._~:@%[]")
PATH_SIGNS = frozenset("!*';:=+,.$/%#[]-_~@|&?()")


def extract(text: str) -> list[str]:
    """Return the tags of a plain text in order, repeats included, without the sign, as written, in NFC."""
    tags = []
    addresses = _addresses(text) if SIGN.search(text) else iter(())
    address = next(addresses, None)
    for sign in SIGN.finditer(text):
        while address and address[1] <= sign.start():
            address = next(addresses, None)
        if address and address[0] <= sign.start():
            continue
        if (tag := _tag_at(text, sign.start())) is not None:
            tags.append(normalised("NFC", tag))
    return tags


def _tag_at(text: str, sign_at: int) -> str | None:
    start = sign_at + 1
    if sign_at and not _is_boundary(text[sign_at - 1]):
        return None
    if start == len(text) or not begins_tag(text[start]):
        return None
    end = tag_end(text, start)
    if text.startswith("://", end) or text.startswith(tuple(SIGNS), end):
        return None
    tag = text[start:end].rstrip(JOINERS)
    return tag if any(map(is_letter, tag)) else None


def _is_boundary(before: str) -> bool:
    return before in VARIATION_SELECTORS or (before != "&" and not is_word(before))


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each web address, in order, never overlapping."""
    position = 0
    pairs = _bracket_pairs(text)
    while found := ADDRESS.search(text, position):
        position = found.end()
        if found[0].endswith("://"):
            position = _host_end(text, position)
        if position < len(text) and text[position] in "/?":
            position = _path_end(text, start=position, pairs=pairs)
        yield found.start(), position


def _bracket_pairs(text: str) -> dict[int, int]:
    """Return each closed pair of brackets within one stretch of address characters, both ways.

    Made once for the whole text, so that many addresses that begin one bracket each stay linear.
    """
    partners: dict[int, int] = {}
    opened: list[int] = []
    if "(" not in text:
        return partners
    for position, character in enumerate(text):
        if character == "(":
            opened.append(position)
        elif character == ")" and opened:
            partners[position] = opened.pop()
            partners[partners[position]] = position
        elif not _is_address_sign(character):
            opened.clear()
    return partners


def _host_end(text: str, start: int) -> int:
    position = start
    while position < len(text) and (text[position] in HOST_SIGNS or _is_address_letter(text[position])):
        position += 1
    return position


def _path_end(text: str, *, start: int, pairs: dict[int, int]) -> int:
    """Return where path and query end; a bracket that does not close, or was opened before, is outside."""
    for position in range(start, len(text)):
        character = text[position]
        if not _is_address_sign(character):
            return position
        if character in "()" and pairs.get(position, -1) < start:
            return position
    return len(text)


@lru_cache(maxsize=8192)
def _is_address_sign(character: str) -> bool:
    return character in PATH_SIGNS or _is_address_letter(character)


@lru_cache(maxsize=8192)
def _is_address_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"
