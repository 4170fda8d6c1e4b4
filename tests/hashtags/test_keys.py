"""When two spellings are one tag, and that different letters stay different."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearemany.hashtags import extract, match_key, match_keys, matches

TRICKY = "#aÄſßİıΣςﬁ½²Ａ゛ﾞが\u3099か～〜_·・ŀ\u034f\u0301\u0316\u0345\u200c\ufe0fㅤﾠ각ᄀ"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("МыНеРавнодушны", "#мынеравнодушны"),
        ("WeAreMany", "ＷＥＡＲＥＭＡＮＹ"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("cafe\u0301", "CAFÉ"),
        ("ｸﾘｽﾏｽ", "クリスマス"),
        ("نرم\u200cافزار", "نرمافزار"),
        ("メ～テレ", "メ〜テレ"),
        ("l·l", "ŀl"),
        ("葛\U000e0100", "葛"),
    ],
)
def test_spellings_are_one_tag(one: str, two: str) -> None:
    """Case, width, composition and unseen signs do not part a tag."""
    assert match_key(one) == match_key(two) != ""


@pytest.mark.parametrize(
    ("one", "two"),
    [("ć", "c"), ("ä", "a"), ("ё", "е"), ("й", "и"), ("ł", "l"), ("ı", "i"), ("а", "a"), ("が", "か")],
)
def test_different_letters_stay_different(one: str, two: str) -> None:
    """No accent is dropped and no alphabet is crossed."""
    assert match_key(one) != match_key(two)
    assert match_keys(one).isdisjoint(match_keys(two))


@given(st.one_of(st.text(), st.text(alphabet=TRICKY)))
def test_a_key_of_a_key_is_the_key(tag: str) -> None:
    """Folding twice is folding once."""
    assert match_key(match_key(tag)) == match_key(tag)


@given(st.text(alphabet=TRICKY), st.text(alphabet=TRICKY))
def test_case_never_parts_a_tag(before: str, after: str) -> None:
    """Text and its case-folded form have one key."""
    text = unicodedata.normalize("NFD", before + after)
    assert match_key(text.casefold()) == match_key(text)


def _is_plain(character: str) -> bool:
    """Tell whether neither case nor compatibility changes a character, so that it is its own key or has none."""
    return unicodedata.normalize("NFKC", character.casefold()) == character


def test_every_character_folds_once() -> None:
    """For all of Unicode, the key of a character is its own key."""
    characters = map(chr, range(sys.maxunicode + 1))
    folding = [character for character in characters if not _is_plain(character)]
    assert len(folding) > 5000
    keys = {character: match_key(character) for character in folding}
    assert [hex(ord(character)) for character, key in keys.items() if match_key(key) != key] == []


def test_a_found_tag_has_a_key() -> None:
    """What extraction finds can always be compared."""
    assert all(map(match_key, extract("#a #ﾞ #\u30fbж #𞤆𞤵 #ৎ #ـا")))


@given(st.text())
def test_every_found_tag_has_a_key(text: str) -> None:
    """What extraction finds can always be compared, whatever was written."""
    assert all(map(match_key, extract("#" + text)))


def test_a_campaign_is_met_by_all_its_spellings() -> None:
    """The organiser's spellings and separators lead to the campaign; other tags do not."""
    keys = match_keys("МыВсёПомним", ["МыВсеПомним"])
    for tag in ("мывсёпомним", "#Мы_Все_Помним", "МЫ·ВСЁ·ПОМНИМ", "мы_все_помним"):
        assert matches(tag, keys), tag
    for tag in ("МыВсеПомнит", "", "_", "#"):
        assert not matches(tag, keys), tag


def test_nothing_is_no_key() -> None:
    """An empty key would meet every campaign; it is never among the keys."""
    assert match_keys("#", ["", "🦋", "_"]) == frozenset({"🦋", "_"})
    assert "" not in match_keys("")
