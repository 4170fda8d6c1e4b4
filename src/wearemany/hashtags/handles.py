"""ASCII handles: the name of a campaign in addresses and in the fediverse, suggested from its tag.

Letters are folded and transliterated here and nowhere else; the organiser may choose another handle.
"""

from __future__ import annotations

import re
import unicodedata

from wearemany.hashtags.characters import is_word
from wearemany.hashtags.keys import match_key

LONGEST_HANDLE = 40
HANDLE = re.compile(r"[a-z0-9][a-z0-9_-]{1,38}[a-z0-9]")

# Russian as in most passports, then what other languages of the script, Greek and Latin need beside it.
SPELLINGS = """
    а:a б:b в:v г:g д:d е:e ё:yo ж:zh з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh
    ц:ts ч:ch ш:sh щ:shch ъ: ы:y ь: э:e ю:yu я:ya і:i ї:yi є:ye ґ:g ў:u ђ:dj ј:j љ:lj њ:nj ћ:c џ:dz
    ѓ:gj ќ:kj ѕ:dz ә:a ғ:gh қ:q ң:ng ө:o ұ:u ү:u һ:h җ:j ҙ:dh ҡ:q ҫ:s ҷ:j ӣ:i ӯ:u ӏ: ѣ:e ѳ:f ѵ:i
    α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f χ:ch
    ψ:ps ω:o
    æ:ae œ:oe ø:o ł:l đ:d ð:d þ:th ß:ss ı:i ŋ:ng ħ:h ŧ:t ə:e ɛ:e ɔ:o ɓ:b ɗ:d ƙ:k ɣ:g
"""
ROMAN = dict(pair.split(":") for pair in SPELLINGS.split())
APOSTROPHE_LETTERS = frozenset("ʼʻʹꞌʾʿˈ")  # letters to Unicode, left out when writing ASCII


def is_handle(text: str) -> bool:
    """Tell whether `text` is 3 to 40 of a-z, 0-9, `-` and `_`, with a letter or digit at both ends."""
    return HANDLE.fullmatch(text) is not None


def handle_for(tag: str) -> str | None:
    """Suggest a handle; None where a letter has no ASCII spelling that we know, or too little is left."""
    spelled = []
    for character in match_key(tag):
        roman = _roman(character)
        if roman is None:
            return None
        spelled.append(roman)
    handle = "".join(spelled).strip("_")[:LONGEST_HANDLE].rstrip("_")
    return handle if is_handle(handle) else None


def _roman(character: str) -> str | None:
    """Return the ASCII spelling of one character of a key; None where there is none."""
    if character.isascii():
        return character
    if character in ROMAN:
        return ROMAN[character]
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if character in APOSTROPHE_LETTERS or category == "Mn":
        return ""
    if category[0] == "P" and is_word(character):
        return "_"
    base = unicodedata.normalize("NFD", character)[0]
    return None if base == character else _roman(base)
