"""Codes as people type them: every likely slip is understood, none is guessed without end."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearemany.adapters.words import LISTS, load
from wearemany.photos.keepcode import BITS, RANDOM_BYTES, make, normalise
from wearemany.photos.typos import CODES_MAX, NEAREST_MAX, PREFIX_LETTERS, distance, mend, typed_words

WORD_LISTS = [load(name) for name in LISTS]
RANDOM = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)
LANGUAGE = st.sampled_from(sorted(LISTS))
# To mend a code takes as long as a small test; the most costly promises are sampled here, and proven in the long run.
AMOUNTS = pytest.mark.parametrize("amount", [25, pytest.param(250, marks=pytest.mark.long)])

LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю"


def means(text: str, code: str) -> bool:
    """Tell whether the code is among those that the text may stand for, or is what it says."""
    return normalise(text) == code or code in mend(text, WORD_LISTS).codes


def slipped(word: str, chance: random.Random, letters: str) -> str:
    """Return the word with one letter wrong, left out, doubled or swapped with its neighbour."""
    at = chance.randrange(len(word))
    return chance.choice(
        (
            word[:at] + chance.choice(letters) + word[at + 1 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        )
    )


@AMOUNTS
def test_a_slip_in_one_word_is_understood(amount: int) -> None:
    """Any word, any place, any of the four slips: the right code is among the few that are tried."""

    @settings(max_examples=amount)
    @given(RANDOM, LANGUAGE, st.integers())
    def holds(random_bytes: bytes, language: str, seed: int) -> None:
        chance = random.Random(seed)
        code = make(random_bytes, load(language))
        words = code.split()
        place = chance.randrange(len(words))
        words[place] = slipped(words[place], chance, "".join(load(language)))
        assert means(" ".join(words), normalise(code))

    holds()


@AMOUNTS
@pytest.mark.parametrize(("language", "at_least"), [("en", 0.8), ("ru", 0.97)])
def test_a_slip_in_every_word_is_mostly_understood(language: str, at_least: float, amount: int) -> None:
    """Seven slips at once; what is not understood by itself is offered word by word."""
    chance = random.Random(20260308)
    letters = "".join(load(language))
    understood = 0
    for _ in range(2 * amount):
        code = make(chance.randbytes(RANDOM_BYTES), load(language))
        words = [slipped(word, chance, letters) if len(word) > 4 else word for word in code.split()]
        understood += means(" ".join(words), normalise(code))
    assert understood / (2 * amount) >= at_least


@AMOUNTS
@pytest.mark.parametrize("language", sorted(LISTS))
def test_two_slips_in_one_long_word_are_understood(language: str, amount: int) -> None:
    """A word of six letters or more with two letters wrong still leads to its code."""
    chance = random.Random(7)
    letters = "".join(load(language))
    for _ in range(amount):
        code = make(chance.randbytes(RANDOM_BYTES), load(language))
        words = code.split()
        long = [place for place, word in enumerate(words) if len(word) > 6]
        if not long:
            continue
        words[long[0]] = slipped(slipped(words[long[0]], chance, letters), chance, letters)
        assert means(" ".join(words), normalise(code))


@pytest.mark.parametrize("language", sorted(LISTS))
def test_four_letters_say_the_word(language: str) -> None:
    """No two words of a list begin with the same four letters, so these are enough."""
    words = [normalise(word) for word in load(language)]
    assert len({word[:PREFIX_LETTERS] for word in words}) == len(words)


@given(RANDOM, LANGUAGE, st.integers(4, 6))
def test_a_code_typed_by_its_beginnings_is_understood(
    random_bytes: bytes, language: str, letters: int
) -> None:
    """The first four letters of each word, or a few more: the right code is the first that is tried."""
    code = make(random_bytes, load(language))
    short = " ".join(word[:letters] for word in code.split())
    assert short == normalise(code) or mend(short, WORD_LISTS).codes[0] == normalise(code)


@AMOUNTS
def test_russian_words_on_a_latin_keyboard_are_understood(amount: int) -> None:
    """Whoever forgot to change the keyboard: also where a letter lies on the comma, and a comma was typed."""

    @settings(max_examples=amount)
    @given(RANDOM, st.sampled_from([" ", ", ", "-", "\n"]))
    def holds(random_bytes: bytes, between: str) -> None:
        code = normalise(make(random_bytes, load("ru")))
        text = between.join(code.translate(str.maketrans(CYRILLIC, LATIN)).split())
        assert means(text, code) and means(text.upper(), code)
        assert mend(text, WORD_LISTS).codes[0] == code or between == ", "

    holds()


@given(RANDOM)
def test_english_words_on_a_russian_keyboard_are_understood(random_bytes: bytes) -> None:
    """The same the other way round."""
    code = make(random_bytes, load("en"))
    assert mend(code.translate(str.maketrans(LATIN, CYRILLIC)), WORD_LISTS).codes[0] == code


@AMOUNTS
def test_letters_that_look_alike_are_one(amount: int) -> None:
    """Some Latin letters in a Russian word, or Cyrillic ones in an English word, as keyboards mix them."""
    looks = {"а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "х": "x", "у": "y"}
    back = {latin: cyrillic for cyrillic, latin in looks.items()}

    @settings(max_examples=amount)
    @given(RANDOM, st.integers())
    def holds(random_bytes: bytes, seed: int) -> None:
        chance = random.Random(seed)
        for language, letters in (("ru", looks), ("en", back)):
            code = normalise(make(random_bytes, load(language)))
            mixed = "".join(letters[x] if x in letters and chance.random() < 0.5 else x for x in code)
            assert means(mixed, code)

    holds()


def test_lost_and_added_diacritics_do_not_matter() -> None:
    """й typed as и on a foreign keyboard, é where the list has e."""
    words = normalise(make(b"\x5a" * RANDOM_BYTES, load("ru"))).split()
    words[0] = next(normalise(word) for word in load("ru") if "й" in word)
    code = " ".join(words)
    assert mend(code.replace("й", "и"), WORD_LISTS).codes[0] == code
    english = "abandon ability able about above absent absorb"
    assert mend(english.replace("a", "á"), WORD_LISTS).codes[0] == english


def test_all_words_come_from_one_list_and_keep_their_order() -> None:
    """No code is made of two languages; swapped words stay swapped."""
    russian, english = load("ru")[5:12], load("en")[5:12]
    assert mend(" ".join([*russian[:3], *english[:4]]), WORD_LISTS).codes == ()
    swapped = " ".join((english[1], english[0], *english[2:]))
    assert " ".join(english) not in mend(swapped, WORD_LISTS).codes


@given(st.one_of(st.text(max_size=420), RANDOM.map(lambda raw: make(raw, load("en")))))
def test_one_text_never_stands_for_more_than_a_few_codes(text: str) -> None:
    """What an attacker gains by mending is bounded whatever is typed: 6 bits, and more than 70 are left."""
    found = mend(text, WORD_LISTS)
    assert len(set(found.codes)) == len(found.codes) <= CODES_MAX
    assert normalise(text) not in found.codes
    assert BITS - math.log2(CODES_MAX + 1) > 70
    assert all(len(word.nearest) <= NEAREST_MAX for word in found.odd)


def test_a_word_that_is_none_of_ours_is_named_with_the_nearest() -> None:
    """By its number, with words that begin alike; the ones that are right are not spoken of."""
    code = "abandon ability able quxzyl above absent absorb"
    found = mend(code, WORD_LISTS)
    assert found.codes == ()
    assert [(word.number, word.typed) for word in found.odd] == [(4, "quxzyl")]
    assert all(word in load("en") for word in found.odd[0].nearest) and len(found.odd[0].nearest) == 5


def test_seven_words_are_found_however_they_are_parted() -> None:
    """Numbers, hyphens, commas, line breaks; a text of other than seven words stands for none."""
    for text in (
        "1. a1b, 2) c-d_e/f|g",
        "a, b, c, d, e, f, g",
        "a-b-c-d-e-f-g",
        "1.a\n2.b\n3.c\n4.d\n5.e\n6.f\n7.g",
    ):
        assert len(typed_words(text)) == 7, text
    assert mend("abandon ability able", WORD_LISTS).codes == ()
    assert typed_words("x " * 1000) == []


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("tabel", "table", 1),
        ("ab", "ba", 1),
        ("", "abc", 3),
        ("abandon", "abandon", 0),
        ("kitten", "sitting", 3),
    ],
)
def test_distance_counts_wrong_missing_added_and_swapped_letters(one: str, other: str, slips: int) -> None:
    """Known pairs, either way round; beyond the limit it only says so."""
    assert distance(one, other, limit=5) == distance(other, one, limit=5) == slips
    assert distance("abcdefgh", "zyxwvuts", limit=2) == 3
