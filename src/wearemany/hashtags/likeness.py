"""Tags that pass for one another: look-alike letters across scripts, or one slip of the finger.

Advice for organisers (decoy tags split real campaigns) and for refusing a handle that looks like one in use.
Nothing is merged on this ground. The idea is the skeleton of UTS #39; the pairs were chosen here, for Latin,
Cyrillic, Greek, Armenian, Cherokee and Lisu letters and for digits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from wearemany.hashtags.characters import normalised
from wearemany.hashtags.keys import match_key

SHORTEST_SLIP = 4  # characters; shorter tags are one slip from too many real words

# One line for each letter or digit that others look like, as typed: case matters here.
LIKE = {
    "a": "аɑαạ",
    "b": "ьЬƄ",
    "B": "ВвΒβß8",
    "c": "сϲⅽ",
    "C": "СϹ",
    "d": "ԁɗ",
    "e": "еєҽ℮ε",
    "E": "ЕΕ",
    "f": "ƒք",
    "F": "Ϝ",
    "g": "ɡցԍ",
    "h": "һհ",
    "H": "НнΗ",
    "i": "іιıɩ",
    "j": "јϳ",
    "J": "ЈЈ",
    "k": "кκ",
    "K": "КΚ",
    "l": "I1ӏӀІΙ|ⅼɭ",
    "m": "м",
    "M": "МΜϺ",
    "n": "пПηπΠոռ",
    "N": "ΝИи",
    "o": "0оοσօОΟՕ",
    "p": "рρ",
    "P": "РΡ",
    "q": "ԛզ",
    "r": "гГΓᴦ",
    "R": "Яя",
    "s": "ѕ$",
    "S": "ЅՏ5",
    "t": "тτ",
    "T": "ТΤ",
    "u": "υսμц",
    "U": "Ս",
    "v": "νѵ",
    "w": "ѡԝωшա",
    "W": "ԜШ",
    "x": "хχ×",
    "X": "ХΧ",
    "y": "уγүყ",
    "Y": "УΥҮ",
    "Z": "Ζ",
    "3": "ЗзЭэ",
    "4": "Чч",
    "6": "б",
    "ф": "ФφΦ",
    "л": "ЛλΛ",
}
CAPITALS = "ABCDEFGHIJKLMNOPRSTUVWXYZ"
CHEROKEE = "ᎪᏴᏟᎠᎬ-ᏀᎻᎥᎫᏦᏞᎷ--ᏢᏒᏚᎢ-ᏙᎳ-ᎩᏃ"  # a hyphen where the script has no such letter
LISU = "ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ"
PLAIN = str.maketrans(
    {other: letter.lower() for letter, others in LIKE.items() for other in others}
    | {
        other: letter.lower()
        for others in (CHEROKEE, LISU)
        for other, letter in zip(others, CAPITALS, strict=True)
    }
    | {"ы": "bi", "Ы": "bi", "ю": "io", "Ю": "io", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe"}
)
PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u"))
CONFUSED_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU"})


@dataclass(frozen=True)
class Lookalike:
    """A tag that may be taken for ours: the same by `match_key`, alike to the eye, or one slip away."""

    other: str
    reason: Literal["same", "confusable", "slip"]


def lookalikes(tag: str, others: Iterable[str]) -> tuple[Lookalike, ...]:
    """Return those of `others` that may be taken for `tag`, in their order."""
    found = []
    key, skeletons = match_key(tag), _skeletons(tag)
    for other in others:
        other_key = match_key(other)
        if other_key == key:
            found.append(Lookalike(other, "same"))
        elif not skeletons.isdisjoint(_skeletons(other)):
            found.append(Lookalike(other, "confusable"))
        elif max(len(key), len(other_key)) >= SHORTEST_SLIP and _is_one_slip(key, other_key):
            found.append(Lookalike(other, "slip"))
    return tuple(found)


def mixes_scripts(text: str) -> bool:
    """Tell whether letters of two easily confused scripts (of CONFUSED_SCRIPTS) stand together."""
    scripts = {unicodedata.name(character, "").split(" ")[0] for character in normalised("NFKC", text)}
    return len(scripts & CONFUSED_SCRIPTS) > 1


def _skeletons(text: str) -> frozenset[str]:
    """Return what a text looks like as typed, in small letters and in capitals: a tag is met as any of them."""
    typed = normalised("NFKC", text)
    return frozenset(_skeleton(form) for form in (typed, typed.lower(), typed.upper()))


def _skeleton(text: str) -> str:
    bare = "".join(
        character
        for character in normalised("NFKD", text)
        if unicodedata.category(character) not in ("Mn", "Me", "Cf", "Pc", "Pd")
    )
    plain = bare.translate(PLAIN).casefold()
    for pair, letter in PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def _is_one_slip(one: str, two: str) -> bool:
    """Tell whether one character left out, added or changed, or two swapped, turn `one` into `two`."""
    if abs(len(one) - len(two)) > 1:
        return False
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    one, two = one[start:], two[start:]
    return (
        one[1:] == two
        or two[1:] == one
        or one[1:] == two[1:]
        or (one[:2] == two[1::-1] and one[2:] == two[2:])
    )
