"""Lines of contacts as values: phone numbers and https addresses become links, all else stays plain text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINK = re.compile(
    r"(?P<web>https://[^\s<>\"'«»“”]+)"
    # A day written with hyphens is no phone number.
    r"|(?<![\w/+-])(?!\d{4}-\d\d-\d\d\b)(?P<phone>\+?\(?\d[\d ().\u00a0\u2011-]{4,22}\d)(?![\w/])"
)
_TRAILING = ".,;:!?)]}…"
_DIGITS_MIN = 6


@dataclass(frozen=True)
class Piece:
    """Part of a line; `link` is a `tel:` or `https:` address, "" for plain text."""

    text: str
    link: str = ""

    @property
    def is_web(self) -> bool:
        """It leads to another site."""
        return self.link.startswith("https:")


@dataclass(frozen=True)
class Contacts:
    """Whom to turn to. `language` is the language that the lines really are in."""

    language: str = ""
    lines: tuple[tuple[Piece, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines)


def contacts(text: str, *, language: str) -> Contacts:
    """Return the lines of a text with what can be called or opened in them as links."""
    lines = (line.strip() for line in text.splitlines())
    return Contacts(language, tuple(_pieces(line) for line in lines if line))


def _pieces(line: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = 0
    for found in _LINK.finditer(line):
        shown, link = _web(found["web"]) if found["web"] else _phone(found["phone"])
        if not link:
            continue
        pieces += [Piece(line[at : found.start()]), Piece(shown, link)]
        at = found.start() + len(shown)
    pieces.append(Piece(line[at:]))
    return tuple(piece for piece in pieces if piece.text)


def _web(address: str) -> tuple[str, str]:
    shown = address.rstrip(_TRAILING)
    return shown, shown if len(shown) > len("https://") else ""


def _phone(number: str) -> tuple[str, str]:
    digits = "".join(sign for sign in number if sign in "0123456789")
    plus = "+" if number.startswith("+") else ""
    return number, f"tel:{plus}{digits}" if len(digits) >= _DIGITS_MIN else ""
