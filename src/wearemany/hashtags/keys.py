"""When two spellings are one tag. A key is for comparing only: never shown, never sent to another server.

Different letters stay different: ć is not c, ä is not a, ё is not е unless the organiser says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from wearemany.hashtags.characters import FILLERS, JOINERS, is_word, normalised

SEPARATORS = frozenset(
    "·・゠〜\u05be\u0f0b\u0f0c"
)  # beside connectors (Pc): what a hurried writer leaves out
# What a tag may hold and nobody sees (Default_Ignorable_Code_Point): joiners, fillers, selectors of a letter's look.
UNSEEN = frozenset(JOINERS + FILLERS + "\u034f\u17b4\u17b5") | frozenset(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


def match_key(tag: str) -> str:
    """Return the form under which spellings are one tag: compatibility forms, case, unseen signs folded.

    It is empty where `tag` holds no character of a tag. Twice is as once.
    """
    folded = _folded(tag.replace("\uff5e", "\u301c"))  # else the full-width tilde turns into an ASCII one
    kept = "".join(character for character in folded if _is_kept(character))
    while (again := _folded(kept)) != kept:  # leaving a sign out may bring a letter and a mark together
        kept = "".join(character for character in again if _is_kept(character))
    return kept


def match_keys(tag: str, spellings: Iterable[str] = ()) -> frozenset[str]:
    """Return all keys of a campaign's tag and of the organiser's other spellings (ё and е); see `matches`."""
    return frozenset(key for spelling in (tag, *spellings) for key in _keys(spelling) if key)


def matches(tag: str, keys: frozenset[str]) -> bool:
    """Tell whether a tag found in a text is the one with these `match_keys`."""
    return any(key in keys for key in _keys(tag) if key)


def _keys(tag: str) -> tuple[str, str, str]:
    key = match_key(tag)
    bare = "".join(character for character in key if not _is_separator(character))
    return normalised("NFC", tag.lstrip("#＃").lower()), key, match_key(bare)


def _folded(text: str) -> str:
    """Fold as Unicode's compatibility caseless match does (D146): two rounds, as some folds open new ones."""
    for _ in range(2):
        text = normalised("NFKD", normalised("NFD", text).casefold())
    return normalised("NFKC", text)


def _is_kept(character: str) -> bool:
    return is_word(character) and character not in UNSEEN


def _is_separator(character: str) -> bool:
    return unicodedata.category(character) == "Pc" or character in SEPARATORS
