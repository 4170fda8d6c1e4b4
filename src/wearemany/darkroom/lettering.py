"""Words for a card: what the font can draw, how they break into lines, how large they can be. No picture here.

The font comes in as bytes. Where it lacks a sign, or the machine cannot shape a script, that is said before anything
is drawn: a card never shows empty boxes.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from PIL import ImageFont, features

_JOINERS = "\u200c\u200d"
_NO_SIGN = "\uffff"
_SHAPED = frozenset({"R", "AL", "NSM"})
_ORNAMENTS = frozenset({"So", "Sk"})
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_STEP_PX = 4


@dataclass(frozen=True)
class Lines:
    """Words broken into lines, and the font to draw them with."""

    texts: tuple[str, ...]
    font: ImageFont.FreeTypeFont
    size_px: int

    @property
    def line_px(self) -> int:
        """How high one line stands."""
        return round(self.size_px * 1.14)

    @property
    def height_px(self) -> int:
        """How high they stand together."""
        return self.line_px * len(self.texts)


class Lettering:
    """One font in any size. `shapes` says whether this machine can join and mirror scripts that need it."""

    def __init__(self, font: bytes) -> None:
        self._font = font
        self._sizes: dict[int, ImageFont.FreeTypeFont] = {}
        self.shapes = features.check("raqm") and features.check("fribidi")

    def drawable(self, text: str) -> str:
        """Return the text as it can be drawn, without emoji and the like; "" when a letter cannot be drawn."""
        plain = "".join(sign for sign in unicodedata.normalize("NFC", text) if self._is_kept(sign))
        plain = " ".join(plain.split())
        if not any(sign.isalnum() for sign in plain):
            return ""
        if not self.shapes and any(unicodedata.bidirectional(sign) in _SHAPED for sign in plain):
            return ""
        return plain if all(self._has(sign) for sign in plain) else ""

    def fit(self, text: str, *, width_px: int, height_px: int, most_px: int, least_px: int) -> Lines:
        """Return the text in the largest size in which it fits; in the least, cut with an ellipsis if need be."""
        for size_px in range(most_px, least_px, -_STEP_PX):
            lines = self._lines(text, width_px=width_px, size_px=size_px, may_split=False)
            if lines is not None and lines.height_px <= height_px:
                return lines
        lines = self._lines(text, width_px=width_px, size_px=least_px, may_split=True)
        assert lines is not None
        fitting = max(1, height_px // lines.line_px)
        if len(lines.texts) <= fitting:
            return lines
        last = lines.texts[fitting - 1]
        cut = last.rsplit(" ", 1)[0] if " " in last else last[:-2]
        return Lines((*lines.texts[: fitting - 1], f"{cut}…"), lines.font, size_px=least_px)

    def _lines(self, text: str, *, width_px: int, size_px: int, may_split: bool) -> Lines | None:
        """Break the text at spaces; None when a word alone is too wide and must not be split."""
        font = self._at(size_px)
        texts: list[str] = []
        for word in text.split():
            joined = f"{texts[-1]} {word}" if texts else word
            if texts and font.getlength(joined) <= width_px:
                texts[-1] = joined
                continue
            rest = word
            while font.getlength(rest) > width_px:
                if not may_split:
                    return None
                head = next(
                    n for n in range(len(rest), 0, -1) if n == 1 or font.getlength(rest[:n]) <= width_px
                )
                texts.append(rest[:head])
                rest = rest[head:]
            texts.append(rest)
        return Lines(_evened(texts, font, width_px), font, size_px=size_px)

    def _at(self, size_px: int) -> ImageFont.FreeTypeFont:
        if size_px not in self._sizes:
            self._sizes[size_px] = ImageFont.truetype(io.BytesIO(self._font), size_px)
        return self._sizes[size_px]

    @cached_property
    def _box(self) -> bytes:
        return _mask(self._at(32), _NO_SIGN)

    def _is_kept(self, sign: str) -> bool:
        if sign in _JOINERS or sign.isspace():
            return True
        category = unicodedata.category(sign)
        return self._has(sign) if category in _ORNAMENTS else category not in _UNSEEN

    def _has(self, sign: str) -> bool:
        return sign in " " + _JOINERS or _mask(self._at(32), sign) != self._box


def is_from_right(text: str) -> bool:
    """Tell whether the text is read from the right: its first letter is of such a script."""
    strong = (unicodedata.bidirectional(sign) for sign in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)


def _evened(texts: list[str], font: ImageFont.FreeTypeFont, width_px: int) -> tuple[str, ...]:
    """Return two lines of about the same length where breaking greedily left one lonely word in the second."""
    if len(texts) != 2:
        return tuple(texts)
    words = " ".join(texts).split()
    breaks = ((" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words)))
    fitting = [pair for pair in breaks if max(map(font.getlength, pair)) <= width_px]
    return min(fitting, key=lambda pair: max(map(font.getlength, pair)), default=(texts[0], texts[1]))


def _mask(font: ImageFont.FreeTypeFont, sign: str) -> bytes:
    mask = font.getmask(sign)
    return bytes(str(mask.size), "ascii") + bytes(mask)
