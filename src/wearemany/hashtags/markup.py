"""Find the hashtags of HTML as other servers send it: in what a reader sees, never in attributes.

A reader of text only: nothing here makes HTML safe to show (activitystreams.sanitise does). Time is linear;
an element, comment or script that never ends swallows the rest, as in a browser.
"""

from __future__ import annotations

import html
import re

from wearemany.hashtags.finding import extract

# Elements inside a line: their edges do not part a word ("<span>#</span>tag" is one). All others do.
INLINE_NAMES = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small
    span strike strong sub sup time tt u var wbr
"""
INLINE = frozenset(INLINE_NAMES.split())
RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"})

# Possessive throughout: no character is looked at twice for one element.
ELEMENT = re.compile(
    r"<(/?+)([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)>",
)
ATTRIBUTE = re.compile(r"(?<!\S)(rel|class)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]++))", re.IGNORECASE)
# Python refuses to read a decimal number of thousands of digits, so no reference is let through that long.
LONG_REFERENCE = re.compile(r"&#(?:0++\d*+|\d{8,}+|[xX][0-9a-fA-F]{9,}+);?+")


def extract_html(markup: str) -> list[str]:
    """Return the tags that a reader of this HTML sees, in order, without the sign, as written, in NFC."""
    return extract(_seen_text(markup))


def _seen_text(markup: str) -> str:
    pieces: list[str] = []
    position, in_tag_link = 0, False
    while (opening := markup.find("<", position)) >= 0:
        pieces.append(_plain(markup[position:opening]))
        element = ELEMENT.match(markup, opening)
        if element is None:
            seen, position = _no_element(markup, opening)
            pieces.append(seen)
            continue
        name, closing = element[2].lower(), bool(element[1])
        position = element.end() if closing or name not in RAW else _raw_end(markup, name, element.end())
        is_edge = name not in INLINE
        if name == "a":
            is_edge, in_tag_link = _link_edge(element, in_tag_link)
        pieces.append("\n" if is_edge else "")
    pieces.append(_plain(markup[position:]))
    return "".join(pieces)


def _no_element(markup: str, opening: int) -> tuple[str, int]:
    """Return what a reader sees of a bracket that begins no element, and where that ends."""
    if markup.startswith("<!--", opening):
        return "", _after(markup, "-->", opening + 2)
    if markup.startswith(("<!", "<?"), opening):
        return "", _after(markup, ">", opening)
    if markup[opening + 1 : opening + 3].removeprefix("/")[:1].isalpha():
        return "", len(markup)
    return "<", opening + 1


def _link_edge(element: re.Match[str], in_tag_link: bool) -> tuple[bool, bool]:
    """Return whether this edge of a link parts words, and whether we are inside a marked tag after it."""
    if element[1]:
        return in_tag_link, False
    marked = _is_tag_link(element[3])
    return marked or in_tag_link, marked


def _after(markup: str, ending: str, start: int) -> int:
    found = markup.find(ending, start)
    return len(markup) if found < 0 else found + len(ending)


def _raw_end(markup: str, name: str, start: int) -> int:
    found = re.compile(f"</{name}(?=[\\s/>])", re.IGNORECASE).search(markup, start)
    return found.start() if found else len(markup)


def _is_tag_link(attributes: str) -> bool:
    """Tell whether the sender marked the link as a tag, which then begins a word of its own."""
    for attribute in ATTRIBUTE.finditer(attributes):
        value = (attribute[2] or attribute[3] or attribute[4] or "").lower().split()
        if ("tag" if attribute[1].lower() == "rel" else "hashtag") in value:
            return True
    return False


def _plain(piece: str) -> str:
    return html.unescape(LONG_REFERENCE.sub(_shortened, piece)) if "&" in piece else piece


def _shortened(reference: re.Match[str]) -> str:
    digits = reference[0].strip("&#;").lstrip("0")
    return f"&#{digits};" if 0 < len(digits) < 8 else "\ufffd"
