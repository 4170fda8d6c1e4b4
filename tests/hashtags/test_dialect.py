"""Our dialect, rule by rule, as docs/develop/hashtags.md writes it down."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearemany.hashtags import extract, extract_html, is_tag
from wearemany.hashtags.characters import is_word

SIGNS_AND_LETTERS = "#＃aбщ1٣_·・ー〜\u200c\u200d\ufe0f\u20e3\u0301\u0316्:/.?(&<>\"' 🦋。।「ä\n"
TEXTS = st.one_of(st.text(), st.text(alphabet=SIGNS_AND_LETTERS, max_size=60))


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#МыНеРавнодушны!", ["МыНеРавнодушны"]),
        ("«#МыНеРавнодушны»", ["МыНеРавнодушны"]),
        ("#ёлка #Ёлка", ["ёлка", "Ёлка"]),
        ("#Ćwiczę #ä", ["Ćwiczę", "ä"]),
        ("#वयंबहवः।", ["वयंबहवः"]),
        ("#བོད་སྐད་ x", ["བོད་སྐད་"]),
        ("#二〇二四年", ["二〇二四年"]),
        ("#ግንቦት፳", ["ግንቦት፳"]),
    ],
)
def test_tags_are_found_as_written(text: str, tags: list[str]) -> None:
    """A tag keeps its letters, marks, case and digits, and ends at punctuation."""
    assert extract(text) == tags


@pytest.mark.parametrize("text", ["#1", "#٣٤", "#_", "#_1_", "# a", "#", "#ㅤ", "#\u200da", "#️⃣a", "#\u0301a"])
def test_a_tag_holds_a_letter_and_begins_visibly(text: str) -> None:
    """Digits, underscores, invisible signs, or a mark on the sign make no tag."""
    assert extract(text) == []


@pytest.mark.parametrize("text", ["a#b", "ä#b", "の#b", "1#b", "_#b", "&#b", "e\u0301#b", "#a#b"])
def test_a_word_is_not_cut_into_a_tag(text: str) -> None:
    """The sign begins a tag only outside a word, and tags do not run into each other."""
    assert extract(text) == []


@pytest.mark.parametrize(
    "before", ["", " ", "(", "[", "「", "。", "«", '"', "…", "🦋", "❤️", "/", "\u00a0", "\u200b"]
)
def test_a_tag_may_follow_anything_else(before: str) -> None:
    """Space, brackets, quotes, stops and pictures of any script stand before tags."""
    assert extract(f"{before}#tag") == ["tag"]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/#a",
        "https://example.org/x_(y)#a",
        "https://пример.рф/путь/#тег",
        "https://example.org/हिन्दी/#a",
        "example.org/#a",
        "sub.example.org:8080/?q=#a",
        "gemini://example.org/.#a",
    ],
)
def test_web_addresses_hold_no_tags(text: str) -> None:
    """A fragment is part of its address, with or without a scheme, in any script."""
    assert extract(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org #a",
        "(see https://example.org/x)#a",
        "https://example.org/x（#a）",
        "https://example.org。#a",
        "https://example.org/x(#a",
        "either/#a",
        "конец. Начало/#a",
    ],
)
def test_a_tag_beside_an_address_is_found(text: str) -> None:
    """The address ends at a space, a foreign stop, or a bracket that is not its own."""
    assert extract(text) == ["a"]


@pytest.mark.parametrize(
    ("markup", "tags"),
    [
        ("<p>#a</p><p>b</p>", ["a"]),
        ("x<br>#a", ["a"]),
        ("x<br/>#a", ["a"]),
        ("<a title=\"#no\" href='#no'>#a</a>", ["a"]),
        ("<b>#мы</b>Не", ["мыНе"]),
        ("日本語<a class='mention hashtag' rel=\"tag\">#<span>タグ</span></a>です", ["タグ"]),
        ("<!-- #no --><script>#no <b> </script><style>#no</style>#a", ["a"]),
        ("&#35;a &num;b &#x23;c &#0000000035;d", ["a", "b", "c", "d"]),
        ("It&#39;s &amp;#no", []),
        ("1 < 2 #a", ["a"]),
        ('<a href="https://example.org/x"><span>https://</span>example.org/<i>#no</i></a>', []),
        ('#a<a title="unclosed > #b', ["a", "b"]),
        ("#a<!-- #no", ["a"]),
        ("#a<b #no", ["a"]),
        (f"&#{'9' * 5000};#a", ["a"]),
        ("<SCRIPT>#no</SCRIPT >#a", ["a"]),
    ],
)
def test_html_is_read_as_people_see_it(markup: str, tags: list[str]) -> None:
    """Attributes, comments and scripts hold no tags; elements inside a line do not part a word."""
    assert extract_html(markup) == tags


@given(TEXTS)
def test_found_tags_are_found_again(text: str) -> None:
    """Every found tag is in NFC and is found, alone and whole, when written anew."""
    for tag in extract(text):
        assert unicodedata.is_normalized("NFC", tag)
        assert extract("#" + tag) == [tag]
        assert is_tag(tag) or len(tag) > 100


@given(TEXTS)
def test_html_of_any_kind_is_survived(text: str) -> None:
    """No text breaks the HTML reader, and escaped text gives the tags of the text."""
    extract_html(text)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert extract_html(escaped) == extract(text)


@settings(max_examples=50)
@given(st.text(alphabet=SIGNS_AND_LETTERS, max_size=30))
def test_composed_and_decomposed_texts_give_the_same_tags(text: str) -> None:
    """How an accent was typed does not decide what a tag is."""
    assert extract(unicodedata.normalize("NFD", text)) == extract(unicodedata.normalize("NFC", text))


def test_composing_never_turns_a_word_character_into_another_kind() -> None:
    """For all of Unicode, a character belongs to tags exactly when its composed form does."""
    characters = map(chr, range(sys.maxunicode + 1))
    composing = [one for one in characters if unicodedata.normalize("NFC", one) != one]
    assert len(composing) > 1000
    wrong = [one for one in composing if is_word(one) != all(map(is_word, unicodedata.normalize("NFC", one)))]
    assert wrong == []
