"""Old browsers: scripts are ES2017, and style sheets degrade to Chrome 64: what is newer has something older before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import esprima
import pytest
import tinycss2

from wearemany.web import assets

OLDEST_CHROME = 64
SCRIPTS = sorted(path for path in (assets.FOLDER / "js").glob("*.js") if path.name != "desk.js")
SHEETS = sorted(path for path in (assets.FOLDER / "css").glob("*.css") if path.name != "desk.css")
"""The desk is for the team, which can be asked to have a browser of these years."""

# A name that came after the oldest browser, and what must stand in the same script before it may be used.
NEWER_NAMES = {
    r"\bnavigator\.clipboard\.": r"if \(navigator\.clipboard\)",
    r"\.at\(|\.flat\(|\.flatMap\(|\bfromEntries\b|\bmatchAll\b|\breplaceAll\b|\ballSettled\b|\bPromise\.any\b": "",
    r"\bglobalThis\b|\bstructuredClone\b|\bqueueMicrotask\b|\brandomUUID\b|\bWeakRef\b|\bBigInt\b": "",
    r"\bAbortController\b|\bOffscreenCanvas\b|\bcreateImageBitmap\b|\breplaceChildren\b|\bshowPicker\b": "",
    r"\bnavigator\.(?:locks|storage|share|wakeLock|userAgentData)\b|\bwindow\.(?:cookieStore|caches)\b": "",
    r"\.(?:arrayBuffer|text|stream)\(\)|\.findLast\(|\.toSorted\(|\.with\(": "",
    r"\blocalStorage\b|\bsessionStorage\b|\bdocument\.cookie\b|\bserviceWorker\b": "",
}
"""The last line is not about age: nothing but the draft that a person asked for is kept in a browser."""


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_public_scripts_are_es2017(path: Path) -> None:
    """They parse as such, and what came later is asked for before it is used."""
    source = path.read_text("utf-8")
    esprima.parseScript(source)
    for names, asked in NEWER_NAMES.items():
        found = re.search(names, source)
        assert found is None or (asked and re.search(asked, source)), found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_without_its_comments_is_the_same_script(path: Path) -> None:
    """What is served says what the source says, token for token, and is smaller."""
    served = assets.table()[assets.url(f"js/{path.name}")][0].decode()
    assert words_of(served) == words_of(path.read_text("utf-8"))
    assert "/*" not in served and not re.search(r"(?m)^\s*//", served)


def words_of(script: str) -> list[tuple[str, str]]:
    """Return a script's tokens."""
    return [(token.type, token.value) for token in esprima.tokenize(script)]


# The first Chrome that has each; 64 and below need no more thought. A name that is not here has to be looked up.
OLD_PROPERTIES = frozenset(
    re.findall(
        r"\S+",
        """
    -webkit-print-color-adjust -webkit-appearance -webkit-box-orient -webkit-line-clamp -webkit-text-size-adjust
    -webkit-user-select align-items
    animation background border border-bottom border-collapse border-color border-left border-left-color
    border-left-style border-radius border-style border-top border-width bottom box-shadow box-sizing break-inside clip
    clip-path color content counter-increment counter-reset cursor display fill filter flex flex-direction flex-wrap
    font font-family font-size font-style font-variant-numeric font-weight grid-column grid-gap grid-row
    grid-template-columns grid-template-rows height justify-content left letter-spacing line-height list-style margin
    margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width object-fit
    object-position opacity outline outline-offset overflow overflow-wrap padding padding-bottom padding-left
    padding-right padding-top pointer-events position resize right scroll-behavior stroke stroke-dasharray
    stroke-linecap stroke-linejoin stroke-width text-align text-decoration text-decoration-color text-indent
    text-transform top touch-action transform transition user-select vector-effect vertical-align visibility white-space
    width word-spacing z-index
    """,
    )
)
NEWER_PROPERTIES = {
    "accent-color": 93, "appearance": 84, "aspect-ratio": 88, "color-scheme": 81, "column-gap": 84, "gap": 84,
    "row-gap": 84, "inset": 87, "margin-inline": 87, "margin-block": 87, "padding-inline": 87, "padding-block": 87,
    "text-decoration-thickness": 89, "text-underline-offset": 87, "text-size-adjust": 999, "forced-color-adjust": 89,
    "scroll-margin-top": 69, "scroll-padding-top": 69, "overscroll-behavior": 65, "content-visibility": 85,
    "text-wrap": 114, "print-color-adjust": 136,
}  # fmt: skip
DECORATION = frozenset(
    {
        *("accent-color", "appearance", "color-scheme", "text-decoration-thickness", "text-underline-offset"),
        *(
            "text-size-adjust",
            "forced-color-adjust",
            "overscroll-behavior",
            "scroll-margin-top",
            "print-color-adjust",
        ),
    }
)
"""Newer properties without which a page is as usable: a hue, a thinner line, a smoother scroll."""
NEWER_VALUES = {
    "revert": 84, "anywhere": 80, "min": 79, "max": 79, "clamp": 79, "fit-content": 46, "dvh": 108, "svh": 108,
    "lvh": 108, "color-mix": 111, "subgrid": 117, "env": 69, "oklch": 111, "image-set": 113, "light-dark": 123,
    "conic-gradient": 69, "lh": 109, "cqw": 105,
}  # fmt: skip
INHERITED_BEFORE = frozenset({("overflow-wrap", "anywhere")})
"""Values whose absence falls back to an inherited one that does: the whole page has `break-word`."""
NEWER_SELECTORS = {
    ":is": 88,
    ":where": 88,
    ":has": 105,
    ":focus-visible": 86,
    ":dir": 120,
    ":user-invalid": 119,
}
LONE_SELECTORS = frozenset({":focus:not(:focus-visible)", ":focus-visible"})
"""Rules that older browsers drop as a whole, and are right without: `:focus` stands before them."""


def rules_in(nodes: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield every rule's selector and declarations; what stands inside @supports is left out."""
    for node in nodes:
        if node.type == "qualified-rule":
            declared = tinycss2.parse_declaration_list(node.content, True, True)
            yield (
                tinycss2.serialize(node.prelude).strip(),
                [one for one in declared if one.type == "declaration"],
            )
        elif node.type == "at-rule" and node.lower_at_keyword == "media":
            yield from rules_in(tinycss2.parse_rule_list(node.content, True, True))


def words_in(values: Sequence[Any]) -> Iterator[str]:
    """Yield the words, functions and units of a value."""
    for value in values:
        if value.type == "ident":
            yield value.lower_value
        elif value.type == "dimension":
            yield value.lower_unit
        elif value.type == "function":
            yield value.lower_name
            yield from words_in(value.arguments)


def too_new(sheet: str) -> list[str]:
    """Return what the oldest browser would not understand and has nothing older for."""
    found = []
    for selector, declarations in rules_in(tinycss2.parse_stylesheet(sheet, True, True)):
        newer = [
            name for name, since in NEWER_SELECTORS.items() if name in selector and since > OLDEST_CHROME
        ]
        if newer and selector not in LONE_SELECTORS:
            found.append(f"{selector}: {newer}")
        before: set[str] = set()
        for one in declarations:
            name = one.lower_name
            if name.startswith("--"):
                continue
            if name not in OLD_PROPERTIES and name not in NEWER_PROPERTIES:
                found.append(f"{selector}: {name} is in neither table")
            if NEWER_PROPERTIES.get(name, 0) > OLDEST_CHROME and name not in DECORATION:
                found.append(f"{selector}: {name}")
            for word in words_in(one.value):
                is_newer = NEWER_VALUES.get(word, 0) > OLDEST_CHROME
                if is_newer and name not in before and (name, word) not in INHERITED_BEFORE:
                    found.append(f"{selector}: {name}: {word}")
            before.add(name)
    return found


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_style_sheets_degrade_to_chrome_64(path: Path) -> None:
    """No gap in flex, no inset, no clamp() without a size before it, no selector that drops others with it."""
    assert too_new(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "sheet",
    (
        ".a { display: flex; gap: 1rem; }",
        ".a { inset: 0; }",
        ".a { font-size: clamp(1rem, 2vw, 3rem); }",
        "a:hover, a:focus-visible { color: red; }",
        "@media (min-width: 1px) { .a { height: 100dvh; } }",
        ".a { something-new: 1; }",
        ".a:is(b) { color: red; }",
    ),
)
def test_what_is_too_new_is_found(sheet: str) -> None:
    """The rule above can fail."""
    assert too_new(sheet)


def test_what_has_something_older_before_it_is_fine() -> None:
    """A newer value after an older one, and anything that @supports has asked for."""
    assert too_new(".a { height: 100vh; height: 100dvh; } @supports (inset: 0) { .a { inset: 0; } }") == []
