"""The letters of our dialect: what a tag is made of, by Unicode property. Rules, never lists of words.

Also the guard that every normalisation here passes through: Python's `unicodedata.normalize` sorts combining
marks in quadratic time, so a long run of them in a stranger's text could stall the server.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

SIGNS = "#＃"
LONGEST_TAG = 100  # characters; most networks cut or refuse longer ones

JOINERS = "\u200c\u200d"  # zero-width non-joiner and joiner: part of Persian, Sinhala, Malayalam words
FILLERS = (
    "\u115f\u1160\u3164\uffa0"  # letters to Unicode, but nobody sees them: no tag is made of these alone
)
VARIATION_SELECTORS = "\ufe0e\ufe0f"  # choose text or emoji look of what stands before them
WORD_PUNCTUATION = frozenset(
    "\u00b7\u0387"  # middle dot: Catalan "il·lusió"; the second is its canonical double
    "\u05be\u05f3\u05f4"  # Hebrew maqaf, geresh, gershayim
    "\u0f0b\u0f0c"  # Tibetan tsheg stands between all syllables
    "\u301c\uff5e"  # wave dash and its full-width double
    "\u3003"  # ditto mark
    "\u309b\u309c\u30a0\u30fb"  # kana sound marks, double hyphen, middle dot
    "\ua67e"  # Cyrillic kavyka
    + "".join(map(chr, range(0x1369, 0x137D)))  # Ethiopic numbers: not decimal in Unicode, digits to readers
)
MOST_MARKS_IN_A_ROW = 30  # UAX #15, Stream-Safe Text Format


@lru_cache(maxsize=8192)
def is_letter(character: str) -> bool:
    """Tell whether a tag may consist of this alone: general category L, or Nl (〇 of Chinese years)."""
    category = unicodedata.category(character)
    return (category[0] == "L" or category == "Nl") and character not in FILLERS


@lru_cache(maxsize=8192)
def is_mark(character: str) -> bool:
    """Tell whether this is a combining mark (M), or the half-width sound marks that normalise to one."""
    return unicodedata.category(character)[0] == "M" or character in "\uff9e\uff9f"


@lru_cache(maxsize=8192)
def is_word(character: str) -> bool:
    """Tell whether a tag may hold this: letter, mark, decimal digit, connector, word punctuation, joiner."""
    category = unicodedata.category(character)
    return (
        category[0] in "LM"
        or category in ("Nd", "Nl", "Pc")
        or character in WORD_PUNCTUATION
        or character in JOINERS
    )


def normalised(form: Form, text: str) -> str:
    """Normalise in linear time: marks past the thirtieth in a row are left out, as nobody reads them."""
    if text.isascii():
        return text
    return unicodedata.normalize(form, text if len(text) <= MOST_MARKS_IN_A_ROW else _calmed(text))


def _calmed(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if is_mark(character) else 0
        if marks <= MOST_MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def tag_end(text: str, start: int) -> int:
    """Return where the run of word characters that begins at `start` ends."""
    position, marks, length = start, 0, len(text)
    while position < length and is_word(text[position]):
        marks = marks + 1 if is_mark(text[position]) else 0
        if marks > MOST_MARKS_IN_A_ROW:
            break
        position += 1
    return position


def is_tag(text: str) -> bool:
    """Tell whether the whole of `text`, without a sign, is one tag that an organiser may choose."""
    return (
        0 < len(text) <= LONGEST_TAG
        and tag_end(text, 0) == len(text)
        and begins_tag(text[0])
        and text[-1] not in JOINERS
        and any(map(is_letter, text))
    )


def begins_tag(character: str) -> bool:
    """Tell whether a tag may begin with this: a mark would change the sign (#️⃣), a joiner is not seen."""
    return is_word(character) and character not in JOINERS and unicodedata.category(character)[0] != "M"
