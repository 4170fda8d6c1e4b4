"""A card of one's own post: the covered picture, the phrase, the tag and a short link on the campaign's colour.

For networks where people are already. Made of the covered rendition alone; what leaves is bare pixels as JPEG.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

from wearemany.darkroom.geometry import Box, Size
from wearemany.darkroom.lettering import Lettering, Lines, is_from_right
from wearemany.darkroom.orders import CARD_SIZES_PX, CardOrder

Ink = tuple[int, int, int]

# The colours of the pages, in sRGB: the ground, and the ink that can be read on it.
GROUNDS: dict[str, tuple[Ink, Ink]] = {
    "red": ((200, 16, 46), (255, 255, 255)),
    "orange": ((196, 71, 10), (255, 255, 255)),
    "yellow": ((246, 201, 21), (29, 26, 23)),
    "green": ((23, 128, 61), (255, 255, 255)),
    "blue": ((29, 95, 208), (255, 255, 255)),
    "purple": ((123, 44, 191), (255, 255, 255)),
    "pink": ((216, 27, 114), (255, 255, 255)),
    "brown": ((123, 74, 38), (255, 255, 255)),
    "black": ((29, 26, 23), (255, 255, 255)),
    "white": ((255, 255, 255), (29, 26, 23)),
    "grey": ((103, 97, 91), (255, 255, 255)),
}

# The band under the picture is as high as a long phrase needs.
BANDS_PX = {"post": (390, 450, 510), "story": (570, 630, 690)}
# What a story's screen lays its own buttons over.
FOOT_PX = {"post": 52, "story": 190}
MARGIN_PX = 64
_GAP_PX = 18
_LINK_PX = 34
_SIGN_PX = 96
_PHRASE_GOOD_PX = 48
_FINER = 4
_JPEG = {"quality": 88, "optimize": True, "progressive": True}


def draw_card(main_rendition: bytes, order: CardOrder, lettering: Lettering) -> bytes:
    """Return the card as JPEG without any metadata. Raises OSError for bytes that are no picture."""
    width_px, height_px = CARD_SIZES_PX[order.size]
    ground, ink = GROUNDS[order.colour]
    words = _set(order, lettering, width_px=width_px - 2 * MARGIN_PX)
    picture_px = height_px - words.band_px
    card = Image.new("RGB", (width_px, height_px), ground)
    card.paste(_picture(main_rendition, order.crop, Size(width_px, picture_px)), (0, 0))
    _write(card, words, bottom_px=height_px - FOOT_PX[order.size], ink=ink, ground=ground)
    buffer = io.BytesIO()
    card.save(buffer, "JPEG", **_JPEG)
    return buffer.getvalue()


def part_shown(picture: Size, crop: Box, *, frame: Size) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom in pixels: the part in the frame's proportions that keeps the crop.

    Where a frame is wider than the picture allows, the foot of the crop is left out and the head stays.
    """
    shape = frame.width_px / frame.height_px
    kept_width, kept_height = crop.width * picture.width_px, crop.height * picture.height_px
    width = min(max(kept_width, kept_height * shape), picture.width_px, picture.height_px * shape)
    height = width / shape
    left = crop.centre[0] * picture.width_px - width / 2
    top = crop.top * picture.height_px + min(0.0, kept_height - height) / 2
    left = min(max(left, 0.0), picture.width_px - width)
    top = min(max(top, 0.0), picture.height_px - height)
    return left, top, left + width, top + height


def _picture(content: bytes, crop: Box, frame: Size) -> Image.Image:
    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGB")
    part = part_shown(Size(*picture.size), crop, frame=frame)
    shown = picture.resize((frame.width_px, frame.height_px), Image.Resampling.LANCZOS, box=part)
    # A bare copy: nothing that the file carried beside its pixels goes on.
    return Image.frombytes("RGB", shown.size, shown.tobytes())


@dataclass(frozen=True)
class _Words:
    """The words of a card, each in its size, and how high their band is."""

    phrase: Lines
    tag: Lines | None
    link: Lines
    under_px: int
    band_px: int


def _set(order: CardOrder, lettering: Lettering, *, width_px: int) -> _Words:
    """Find sizes for the words: the phrase as large as can be, in the lowest band that lets it be read."""
    aside_px = width_px - _SIGN_PX - _GAP_PX
    link = lettering.fit(order.link, width_px=aside_px, height_px=_LINK_PX * 3, most_px=_LINK_PX, least_px=22)
    plain = lettering.drawable(order.tag)
    tag = lettering.fit(plain, width_px=width_px, height_px=100, most_px=48, least_px=28) if plain else None
    under_px = max(link.height_px, _SIGN_PX) + _GAP_PX + (tag.height_px + _GAP_PX if tag else 0)
    text = lettering.drawable(order.phrase) or order.handle.replace("-", " ")
    for band_px in BANDS_PX[order.size]:
        room_px = band_px - MARGIN_PX // 2 - under_px - FOOT_PX[order.size]
        phrase = lettering.fit(text, width_px=width_px, height_px=room_px, most_px=124, least_px=40)
        if phrase.size_px >= _PHRASE_GOOD_PX:
            break
    return _Words(phrase, tag, link, under_px, band_px)


def _write(card: Image.Image, words: _Words, *, bottom_px: int, ink: Ink, ground: Ink) -> None:
    draw = ImageDraw.Draw(card)
    width_px = card.width - 2 * MARGIN_PX
    highest_px = card.height - words.band_px + MARGIN_PX // 2
    at_px = (highest_px + bottom_px - words.under_px - words.phrase.height_px) // 2
    at_px = _lines(draw, words.phrase, max(highest_px, at_px), ink=ink, width_px=width_px)
    if words.tag:
        _lines(draw, words.tag, at_px + _GAP_PX, ink=ink, width_px=width_px)
    soft = _between(ink, ground, 0.16)
    _lines(draw, words.link, bottom_px - words.link.height_px, ink=soft, width_px=width_px)
    _sign(card, right_px=card.width - MARGIN_PX, bottom_px=bottom_px, ink=soft)


def _lines(draw: ImageDraw.ImageDraw, lines: Lines, top_px: int, *, ink: Ink, width_px: int) -> int:
    """Write lines from their reading side, and return where they end."""
    for text in lines.texts:
        if is_from_right(text):
            draw.text((MARGIN_PX + width_px, top_px), text, fill=ink, font=lines.font, anchor="ra")
        else:
            draw.text((MARGIN_PX, top_px), text, fill=ink, font=lines.font, anchor="la")
        top_px += lines.line_px
    return top_px


def _sign(card: Image.Image, *, right_px: int, bottom_px: int, ink: Ink) -> None:
    """Draw the sign that covers carry: three people side by side, head and shoulders."""
    shape = Image.new("L", (_SIGN_PX * _FINER, _SIGN_PX * _FINER), 0)
    draw = ImageDraw.Draw(shape)
    unit = shape.width * 0.135
    middle, foot = shape.width / 2, shape.height * 0.98
    for offset, scale in ((-2.3, 0.8), (2.3, 0.8), (0.0, 1.0)):
        x, size = middle + offset * unit, unit * scale
        draw.pieslice(
            (x - size * 1.35, foot - size * 2.0, x + size * 1.35, foot + size * 2.0), 180, 360, fill=255
        )
        draw.ellipse((x - size * 0.75, foot - size * 3.8, x + size * 0.75, foot - size * 2.3), fill=255)
    small = shape.reduce(_FINER)
    card.paste(ink, (right_px - _SIGN_PX, bottom_px - _SIGN_PX), small)


def _between(one: Ink, other: Ink, share: float) -> Ink:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
