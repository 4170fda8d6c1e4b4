"""Seven words as somebody typed them, and the codes they may have meant: slips of letters, keyboards and alphabets.

Pure. Which post a code owns is not known here; nor is it asked whether there is one. How much guessing this gives
away is bounded by `CODES_MAX`, whatever was typed.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from wearemany.photos.keepcode import LONGEST_TYPED, WORDS, normalise

CODES_MAX = 63
"""Codes that one text may stand for beside the one it says: 64 in all, 6 bits of a code's 77."""

NEAREST_MAX = 5
PREFIX_LETTERS = 4
_LONGEST_WORD = 16
_CHOICES_MAX = 12
_SLIP = 2  # the cost of a wrong letter; another keyboard, or an ending left out, costs half of it
_APART = re.compile(r"[\s\d\-\u2010-\u2015_/|+]+")
_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.~{}:\"<>"
_CYRILLIC_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбюёхъжэбю"
_LATIN_LOOKS = "abcehkmoptxyijsdqw"
_CYRILLIC_LOOKS = "авсенкмортхуіјѕԁԛԝ"
_OTHER_HANDS = (
    str.maketrans(_LATIN_KEYS, _CYRILLIC_KEYS),
    str.maketrans(_CYRILLIC_KEYS[:34], _LATIN_KEYS[:34]),
    str.maketrans(_LATIN_LOOKS, _CYRILLIC_LOOKS),
    str.maketrans(_CYRILLIC_LOOKS, _LATIN_LOOKS),
)


@dataclass(frozen=True)
class OddWord:
    """A typed word that is none of the list's: its number from 1, and the words most like it."""

    number: int
    typed: str
    nearest: tuple[str, ...]


@dataclass(frozen=True)
class MendedCode:
    """What a text may have meant. `codes` begins with the likeliest; the text itself, as it is, is not among them."""

    codes: tuple[str, ...] = field(default=(), repr=False)
    odd: tuple[OddWord, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class _List:
    """A word list made ready to be searched: each word with its letters as bits, to pass over most at a glance."""

    rows: tuple[tuple[str, int], ...]
    known: frozenset[str]
    letters: frozenset[str]

    def could_hold(self, reading: str) -> bool:
        """Tell whether a reading is in this list's alphabet, but for a slip or two."""
        return sum(letter not in self.letters for letter in reading) <= min(2, len(reading) - 1)


def mend(text: str, lists: Sequence[tuple[str, ...]]) -> MendedCode:
    """Return the codes that seven typed words may stand for, their order kept, all words from one of the lists.

    Empty when there are not seven words, or when a word is like none of a list; then `odd` says which.
    """
    typed = typed_words(text)
    if len(typed) != WORDS:
        return MendedCode()
    exact = normalise(text)
    ready = [_ready(words) for words in lists]
    tables = [[_choices(word, known) for word in typed] for known in ready]
    ranked = heapq.merge(*(_codes(table) for table in tables if all(table)))
    codes = (code for _, code in ranked if code != exact)
    best = min(range(len(ready)), key=lambda place: _strangeness(tables[place]))
    return MendedCode(
        codes=tuple(islice(dict.fromkeys(islice(codes, CODES_MAX)), CODES_MAX)),
        odd=tuple(
            OddWord(number, word.strip(",.;:"), _nearest(word, choices, ready[best]))
            for number, (word, choices) in enumerate(zip(typed, tables[best], strict=True), start=1)
            if _letters(word) not in ready[best].known
        ),
    )


def typed_words(text: str) -> list[str]:
    """Return the words of a text as they were typed; seven if it can be read so.

    A comma parts words, unless it was meant as the letter that shares its key.
    """
    if len(text) > LONGEST_TYPED:
        return []
    words = [word for word in _APART.split(unicodedata.normalize("NFKC", text)) if _letters(word)]
    return words if len(words) == WORDS else normalise(text).split()


def distance(one: str, other: str, *, limit: int) -> int:
    """Return how many letters are wrong, missing, too many or swapped between two words; `limit` + 1 when more."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        before, last, row = row, before, [place]
        for at, wanted in enumerate(other, start=1):
            least = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != wanted))
            if place > 1 and at > 1 and letter == other[at - 2] and one[place - 2] == wanted:
                least = min(least, last[at - 2] + 1)
            row.append(least)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def _choices(typed: str, known: _List) -> list[tuple[int, str]]:
    """Return (cost, word) for the words of a list that somebody may have meant, the likeliest first."""
    costs: dict[str, int] = {}
    for penalty, reading in _readings(typed, known):
        for word, cost in _alike(reading, known):
            costs[word] = min(cost + penalty, costs.get(word, cost + penalty))
    return sorted((cost, word) for word, cost in costs.items())[:_CHOICES_MAX]


def _readings(typed: str, known: _List) -> Iterator[tuple[int, str]]:
    """Yield what the keys stand for: as they are, then on the other keyboard and in the other alphabet."""
    folded = typed.casefold()
    seen: set[str] = set()
    for penalty, text in ((0, folded), *((1, folded.translate(hand)) for hand in _OTHER_HANDS)):
        letters = _letters(text)
        if 1 < len(letters) <= _LONGEST_WORD and letters not in seen and known.could_hold(letters):
            seen.add(letters)
            yield penalty, letters


def _alike(reading: str, known: _List) -> Iterator[tuple[str, int]]:
    bits, bare = _bits(reading), _bare(reading)
    limit = 1 if len(reading) <= PREFIX_LETTERS else 2
    for word, word_bits in known.rows:
        if word == reading:
            yield word, 0
        elif len(reading) >= PREFIX_LETTERS and word.startswith(reading):
            yield word, 1
        elif abs(len(word) - len(reading)) <= limit and (bits ^ word_bits).bit_count() <= 2 * limit:
            if _bare(word) == bare:
                yield word, 1
            elif (slips := distance(reading, word, limit=limit)) <= limit:
                yield word, _SLIP * slips


def _codes(table: Sequence[Sequence[tuple[int, str]]]) -> Iterator[tuple[int, str]]:
    """Yield (cost, code) for every way to choose a word at each place, the cheapest first."""

    def cost(picks: tuple[int, ...]) -> int:
        return sum(choices[pick][0] for choices, pick in zip(table, picks, strict=True))

    first = (0,) * len(table)
    heap = [(cost(first), first, 0)]
    while heap:
        total, picks, since = heapq.heappop(heap)
        yield total, " ".join(choices[pick][1] for choices, pick in zip(table, picks, strict=True))
        for place in range(since, len(table)):
            if picks[place] + 1 < len(table[place]):
                further = (*picks[:place], picks[place] + 1, *picks[place + 1 :])
                heapq.heappush(heap, (cost(further), further, place))


def _nearest(typed: str, choices: Sequence[tuple[int, str]], known: _List) -> tuple[str, ...]:
    """Return words to choose from; where none is near, those that begin alike and share most letters."""
    if choices:
        return tuple(word for _, word in choices[:NEAREST_MAX])
    readings = [reading for _, reading in _readings(typed, known)]
    likeness = [(reading, _bits(reading)) for reading in readings]
    rows = (
        ((bits ^ row_bits).bit_count(), word, reading)
        for reading, bits in likeness
        for word, row_bits in known.rows
    )
    close = heapq.nsmallest(60, rows)
    ranked = sorted((-_alike_from_the_start(reading, word), unlike, word) for unlike, word, reading in close)
    return tuple(dict.fromkeys(word for *_, word in ranked))[:NEAREST_MAX]


def _alike_from_the_start(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (mine, yours) in pairs if mine != yours), min(len(one), len(other)))


def _strangeness(table: Sequence[Sequence[tuple[int, str]]]) -> int:
    """Return how little a list fits what was typed: the cost, and much for every word that is like none."""
    return sum(choices[0][0] if choices else 100 for choices in table)


@lru_cache(maxsize=4)
def _ready(words: tuple[str, ...]) -> _List:
    plain = [normalise(word) for word in words]
    return _List(tuple((word, _bits(word)) for word in plain), frozenset(plain), frozenset("".join(plain)))


def _letters(text: str) -> str:
    return "".join(normalise(text).split())


@lru_cache(maxsize=8192)
def _bare(word: str) -> str:
    """Return a word without its diacritics: й becomes и."""
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def _bits(word: str) -> int:
    """Return the letters of a word as a set of bits; letters that share a bit only make the glance less sharp."""
    return sum(1 << place for place in {ord(letter) % 61 for letter in word})
