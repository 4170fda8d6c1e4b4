"""From a phrase to a tag, from a tag to a handle, and tags that pass for one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearemany.hashtags import extract, handle_for, is_handle, is_tag, joined_tag, lookalikes, mixes_scripts

PHRASES = st.lists(st.text(alphabet="аЯßzǆ1٣_क्षي日ไกა\u0301\u200c'- 🦋#"), max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("phrase", "tag"),
    [
        ("мы не равнодушны", "МыНеРавнодушны"),
        ("«Мы не равнодушны!»", "МыНеРавнодушны"),
        ("#WeAreMany", "WeAreMany"),
        ("нет", "нет"),
        ("don't look away", "DontLookAway"),
        ("8 марта", "8Марта"),
        ("20 24 мая", "20_24Мая"),
        ("हम अनेक हैं", "हम_अनेक_हैं"),
        ("نحن كثيرون", "نحن_كثيرون"),
        ("私たちは 一人 じゃない", "私たちは一人じゃない"),
        ("ǆep ǆep", "ǅepǅep"),
        ("2024", ""),
        ("🦋", ""),
        ("", ""),
        ("а" * 101, ""),
    ],
)
def test_a_phrase_becomes_a_tag(phrase: str, tag: str) -> None:
    """Words are joined so that they can still be read, in scripts with and without capitals or spaces."""
    assert joined_tag(phrase) == tag


@given(st.one_of(st.text(), PHRASES))
def test_a_joined_tag_is_a_tag(phrase: str) -> None:
    """What is offered as a tag is found as one, and joining it again changes nothing."""
    tag = joined_tag(phrase)
    if tag:
        assert is_tag(tag)
        assert extract("#" + tag) == [tag]
        assert joined_tag(tag) == tag


@pytest.mark.parametrize(
    ("tag", "handle"),
    [
        ("МыНеРавнодушны", "myneravnodushny"),
        ("WeAreMany", "wearemany"),
        ("Щука_ёж", "shchuka_yozh"),
        ("Свобода2024", "svoboda2024"),
        ("Życie", "zycie"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("Ελευθερία", "eleytheria"),
        ("oʻzbek", "ozbek"),
        ("مرحبا", None),
        ("日本語", None),
        ("я", None),
        ("", None),
        ("ж" * 50, "zh" * 20),
    ],
)
def test_a_handle_is_suggested(tag: str, handle: str | None) -> None:
    """Latin, Cyrillic and Greek tags get an ASCII handle; for others the organiser is asked."""
    assert handle_for(tag) == handle


@given(st.text())
def test_a_suggested_handle_is_a_handle(tag: str) -> None:
    """Whatever the tag, a suggestion passes the check."""
    handle = handle_for(tag)
    assert handle is None or is_handle(handle)


@pytest.mark.parametrize("text", ["abc", "we-are_many", "a" * 40, "007"])
def test_handles_are_accepted(text: str) -> None:
    """Small ASCII letters, digits, hyphen and underscore, 3 to 40."""
    assert is_handle(text)


@pytest.mark.parametrize(
    "text", ["", "ab", "a" * 41, "Abc", "abć", "a b", "-ab", "ab_", "abc\n", "а́бв", "a.b", "٣٣٣"]
)
def test_other_texts_are_no_handles(text: str) -> None:
    """Anything else is refused, a trailing new line too."""
    assert not is_handle(text)


@pytest.mark.parametrize(
    ("one", "two", "reason"),
    [
        ("МыНеРавнодушны", "#мынеравнодушны", "same"),
        ("FamiliesBelongTogether", "FamiliesBelongTogther", "slip"),
        ("FamiliesBelongTogether", "FamiliesBelnogTogether", "slip"),
        ("МыНеРавнодушны", "МыНеРавнодушни", "slip"),
        ("МыНеРавнодушны", "MыНеРавнодушны", "confusable"),
        ("WeAreMany", "We_Are_Many", "confusable"),
        ("paypal", "paypaI", "confusable"),
        ("ТОП", "TOΠ", "confusable"),
        ("мы", "мьı", "confusable"),
        ("WALL", "ᎳᎪᏞᏞ", "confusable"),
        ("Σωκρατης", "Σωκράτης", "confusable"),
    ],
)
def test_tags_that_pass_for_one_another_are_reported(one: str, two: str, reason: str) -> None:
    """Decoys by another alphabet, by an accent or by one slip are listed with their reason."""
    assert [found.reason for found in lookalikes(one, [two])] == [reason]


def test_tags_that_differ_are_not_reported() -> None:
    """Plainly different tags, and short words one letter apart, are left alone."""
    assert lookalikes("МыНеРавнодушны", ["WeAreMany", "МыРавнодушны", "Мы"]) == ()
    assert lookalikes("red", ["bed", "rod"]) == ()
    assert lookalikes("", ["a"]) == ()


def test_mixed_alphabets_are_marked() -> None:
    """Latin among Cyrillic letters is told; Japanese with Latin is usual and is not."""
    assert mixes_scripts("wаll")
    assert not mixes_scripts("wall")
    assert not mixes_scripts("Tシャツ")
    assert not mixes_scripts("Сбор2024")
