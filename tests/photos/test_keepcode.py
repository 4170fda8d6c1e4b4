"""The keep-code: strong enough, forgiving to type, and of no use to who reads the database."""

from __future__ import annotations

import math
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearemany.adapters.words import load
from wearemany.photos.keepcode import BITS, RANDOM_BYTES, digest, make, normalise

LANGUAGES = ("en", "ru")
PEPPER = b"p" * 32
RANDOM = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_holds_at_least_75_random_bits(language: str) -> None:
    """Seven words from 2048 that stay different after normalising: 77 bits."""
    told_apart = {normalise(word) for word in load(language)}
    count = len(make(bytes(RANDOM_BYTES), load(language)).split())
    assert count * math.log2(len(told_apart)) >= 75
    assert count * math.log2(len(told_apart)) == BITS == 77


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_bit_of_the_code_counts(language: str) -> None:
    """Each of 77 random bits changes the code; the bytes before them are not looked at twice."""
    codes = {make((1 << bit).to_bytes(RANDOM_BYTES), load(language)) for bit in range(BITS)}
    assert len(codes | {make(bytes(RANDOM_BYTES), load(language))}) == BITS + 1


def test_every_word_of_the_list_is_drawn() -> None:
    """All 2048 words stand at the last place and at the first one for some number."""
    words = load("en")
    lowest = {make(place.to_bytes(RANDOM_BYTES), words).split()[0] for place in range(2048)}
    highest = {make((place << 66).to_bytes(RANDOM_BYTES), words).split()[-1] for place in range(2048)}
    assert lowest == highest == set(words)


@given(RANDOM, st.sampled_from(LANGUAGES))
def test_a_made_code_is_normal(random_bytes: bytes, language: str) -> None:
    """The code as shown is the code as compared."""
    code = make(random_bytes, load(language))
    assert normalise(code) == code
    assert len(code.split()) == 7


@given(
    RANDOM,
    st.sampled_from(LANGUAGES),
    st.sampled_from(["-", ", ", "\n", "  ", " – ", "\u00a0", ". ", "\u200b"]),
)
def test_a_code_may_be_typed_in_many_ways(random_bytes: bytes, language: str, between: str) -> None:
    """Capitals, hyphens, commas, line breaks, a numbered list and decomposed letters do not matter."""
    code = make(random_bytes, load(language))
    assert normalise(between.join(code.split())) == code
    assert normalise(f" {code.upper()}.\n") == code
    assert normalise(code.title()) == code
    assert normalise(unicodedata.normalize("NFD", code)) == code
    assert normalise("\n".join(f"{place}. {word}" for place, word in enumerate(code.split(), 1))) == code
    assert digest(between.join(code.split()), PEPPER) == digest(code, PEPPER)


def test_yo_and_ye_are_one_letter_in_a_code() -> None:
    """Whoever writes ё where the list has е still owns the post; й stays й."""
    assert normalise("Зелёный чай") == "зеленый чай"
    assert normalise("Зеле\u0308ныи\u0306") == "зеленый"


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    """Any text is taken, and a normal code stays as it is."""
    assert normalise(normalise(text)) == normalise(text)


def test_a_text_too_long_for_a_code_is_no_code() -> None:
    """Long texts are not normalised at all, and do not end as a code followed by something."""
    code = make(bytes(RANDOM_BYTES), load("en"))
    assert normalise(code + " " * 1000) == ""


def test_a_digest_needs_the_pepper() -> None:
    """The same code under another pepper, and another code under the same, give other digests of 32 bytes."""
    words = load("en")
    one, two = make(bytes(RANDOM_BYTES), words), make(b"\xff" * RANDOM_BYTES, words)
    assert len({digest(one, PEPPER), digest(two, PEPPER), digest(one, b"q" * 32)}) == 3
    assert len(digest(one, PEPPER)) == 32
    assert digest(one, PEPPER) != digest("", PEPPER)


@pytest.mark.parametrize("random_bytes", [b"", bytes(RANDOM_BYTES - 1)])
def test_too_little_randomness_makes_no_code(random_bytes: bytes) -> None:
    """A caller's mistake ends in an error, never in a weak code."""
    with pytest.raises(ValueError, match="random bytes"):
        make(random_bytes, load("en"))


def test_a_short_list_makes_no_code() -> None:
    """A list that is not whole ends in an error, never in a weak code."""
    with pytest.raises(ValueError, match="2048"):
        make(bytes(RANDOM_BYTES), load("en")[:2047])


def test_the_page_language_chooses_the_words() -> None:
    """Russian pages get Russian words, all others English ones."""
    assert load("ru") == load("ru-RU") == load("RU") != load("en")
    assert load("en") == load("de") == load("") == load("zh-Hans")


@pytest.mark.parametrize(("language", "letters"), [("en", "[a-z]{3,8}"), ("ru", "[а-я]{3,8}")])
def test_every_word_can_be_typed_on_its_keyboard(language: str, letters: str) -> None:
    """No damaged word, no letter of another alphabet and no rare one: a code must be readable over a telephone."""
    assert [word for word in load(language) if not re.fullmatch(letters, word)] == []
