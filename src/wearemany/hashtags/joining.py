"""Make one tag of a phrase: a quoted phrase with spaces is a tag nowhere, so the page shows both."""

from __future__ import annotations

import unicodedata

from wearemany.hashtags.characters import JOINERS, is_mark, is_tag, is_word, normalised

APOSTROPHES = frozenset("'’ʼ‘`´＇")
# Scripts written without spaces, or whose tags are: the first word of their letters' Unicode names.
UNSPACED_NAMES = """
    CJK HIRAGANA KATAKANA KATAKANA-HIRAGANA HALFWIDTH HANGUL BOPOMOFO THAI LAO KHMER MYANMAR TIBETAN JAVANESE
"""
UNSPACED = frozenset(UNSPACED_NAMES.split())


def joined_tag(phrase: str) -> str:
    """Return the tag of a phrase: "мы не равнодушны" gives "МыНеРавнодушны"; empty where none can be.

    Words with case get a capital; words without are joined by an underscore, except in scripts written
    without spaces. A single word stays as the organiser wrote it.
    """
    words = _words(phrase)
    joined = words[0] if words else ""
    if len(words) > 1:
        joined = _capitalised(joined)
    for word in words[1:]:
        joined += _seam(joined[-1], word[0]) + _capitalised(word)
    joined = normalised("NFC", joined)
    return joined if is_tag(joined) else ""


def _words(phrase: str) -> list[str]:
    marked = normalised("NFC", phrase)
    parted = "".join(
        "" if character in APOSTROPHES else character if is_word(character) else " " for character in marked
    )
    return [word for part in parted.split() if (word := _trimmed(part))]


def _trimmed(word: str) -> str:
    """Leave out joiners at both ends and marks that stand on nothing."""
    start = 0
    while start < len(word) and (is_mark(word[start]) or word[start] in JOINERS):
        start += 1
    return word[start:].rstrip(JOINERS)


def _capitalised(word: str) -> str:
    return word[0].title() + word[1:]


def _seam(before: str, after: str) -> str:
    if before == "_" or after == "_":
        return ""
    if before.isdecimal() and after.isdecimal():
        return "_"
    if _has_capital(after) or after.isdecimal() or before.isdecimal():
        return ""
    return "" if _is_unspaced(after) else "_"


def _has_capital(character: str) -> bool:
    return character.isupper() or character.istitle() or character.title() != character


def _is_unspaced(character: str) -> bool:
    return unicodedata.name(character, "").split(" ")[0] in UNSPACED
