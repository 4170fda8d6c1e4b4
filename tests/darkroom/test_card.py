"""The card of one's own post: its sizes, what of the picture it keeps, and letters that are never empty boxes."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image, ImageChops

from tests.darkroom.conftest import encoded, person
from wearemany.adapters.card_child import FONT
from wearemany.darkroom.card import GROUNDS, draw_card, part_shown
from wearemany.darkroom.geometry import Box, Size
from wearemany.darkroom.lettering import Lettering
from wearemany.darkroom.orders import CARD_SIZES_PX, COLOURS, CardOrder
from wearemany.web import assets

LETTERING = Lettering(FONT.read_bytes())
PICTURE = encoded(person(), "WEBP")
ORDER = CardOrder(
    size="post",
    crop=Box(0.0, 0.0, 1.0, 1.0),
    colour="red",
    phrase="мы не равнодушны",
    tag="#МыНеРавнодушны",
    handle="we-are-many",
    link="many.example/ru/we-are-many/",
)
LONG = "We stand here every single day until the last one of those who wrote the truth is home again with us"


def drawn(**changes: object) -> Image.Image:
    """Return a card as a picture."""
    return Image.open(io.BytesIO(draw_card(PICTURE, replace(ORDER, **changes), LETTERING))).convert("RGB")  # type: ignore[arg-type]


def differ(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether two pictures differ."""
    return ImageChops.difference(one, other).getbbox() is not None


@pytest.mark.parametrize("size", ["post", "story"])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_card_has_its_size_and_the_campaigns_colour(size: str, colour: str) -> None:
    """The picture above, the colour below, right to the corner."""
    card = drawn(size=size, colour=colour)
    assert card.size == CARD_SIZES_PX[size]
    corner = card.getpixel((5, card.height - 5))
    assert isinstance(corner, tuple)
    assert all(abs(seen - meant) <= 3 for seen, meant in zip(corner, GROUNDS[colour][0], strict=True))


def test_a_card_wears_the_colours_of_the_pages() -> None:
    """Ground and ink are those of the style sheet's light scheme."""
    sheet = (assets.FOLDER / "css" / "base.css").read_text("utf-8")
    tokens = re.findall(r'\[data-colour="(\w+)"\] \{ --fill: (#\w{6}); --on-fill: (#\w{6})', sheet)[
        : len(COLOURS)
    ]
    assert {name: (fill, ink) for name, fill, ink in tokens} == {
        name: tuple("#" + bytes(ink).hex() for ink in inks) for name, inks in GROUNDS.items()
    }


def test_a_card_carries_nothing_beside_its_pixels() -> None:
    """No segment of metadata, whatever the rendition carried; nothing after the end."""
    picture = Image.open(io.BytesIO(PICTURE))
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", exif=exif, icc_profile=b"p" * 200)
    card = draw_card(buffer.getvalue(), ORDER, LETTERING)
    opened = Image.open(io.BytesIO(card))
    assert set(opened.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
    }
    assert not opened.getexif() and card.endswith(b"\xff\xd9") and b"camera" not in card


@pytest.mark.parametrize("phrase", ["我们不冷漠", "เราไม่เฉยเมย", "🟥🟥", "हम उदासीन नहीं"])
def test_what_the_font_lacks_is_never_a_box(phrase: str) -> None:
    """The handle stands in for the phrase, and the hashtag is left out."""
    assert LETTERING.drawable(phrase) == ""
    assert not differ(drawn(phrase=phrase, tag=f"#{phrase}"), drawn(phrase="we are many", tag="我"))


@pytest.mark.parametrize(
    "phrase",
    [
        "Ça suffit — œuvre",
        "Досить! ґїє",
        "არა ომს",
        "Մենք շատ ենք",
        "Không thờ ơ",
        "ёЁ №1 «да»",
        "we ❤ 🟥 you",
    ],
)
def test_many_scripts_are_drawn(phrase: str) -> None:
    """What the font has is drawn as it is; emoji are left out and do no harm."""
    kept = LETTERING.drawable(phrase)
    assert kept == " ".join(re.sub("[❤🟥]", "", phrase).split())
    assert differ(drawn(phrase=phrase), drawn(phrase="we are many"))


@pytest.mark.parametrize("phrase", ["لن ننسى", "אנחנו רבים"])
def test_scripts_from_the_right_are_whole_or_not_there(phrase: str) -> None:
    """Where the machine cannot join and mirror letters, the handle is written instead of a text backwards."""
    cannot = Lettering(FONT.read_bytes())
    cannot.shapes = False
    assert cannot.drawable(phrase) == ""
    if LETTERING.shapes:
        card = drawn(phrase=phrase)
        left, right = (card.crop((edge, 990, edge + 300, 1090)) for edge in (64, 716))
        assert len(set(right.get_flattened_data())) > len(set(left.get_flattened_data()))


@pytest.mark.parametrize("size", ["post", "story"])
@pytest.mark.parametrize("phrase", ["Я", LONG, "x" * 120, " ".join(["и"] * 60)])
def test_any_phrase_fits(size: str, phrase: str) -> None:
    """From one letter to 120, with or without spaces: nothing runs out at the side or over the picture."""
    card = drawn(size=size, phrase=phrase, tag=f"#{phrase.replace(' ', '')}")
    ground = GROUNDS["red"][0]
    margin = card.crop((card.width - 40, card.height - 380, card.width, card.height))
    assert (
        max(
            max(abs(seen - meant) for seen, meant in zip(pixel, ground, strict=True))
            for pixel in margin.get_flattened_data()
        )
        <= 6
    )


def test_a_long_phrase_is_cut_at_a_word() -> None:
    """Only what cannot be made smaller is shortened, and that is to be seen."""
    lines = LETTERING.fit(LONG, width_px=400, height_px=100, most_px=60, least_px=40)
    assert lines.height_px <= 100 and lines.texts[-1].endswith("…")
    words = " ".join(lines.texts).removesuffix("…").split()
    assert LONG.startswith(" ".join(words))


@given(
    width=some.integers(100, 4000),
    height=some.integers(100, 4000),
    left=some.floats(0, 0.6),
    top=some.floats(0, 0.6),
    share=some.floats(0.1, 0.4),
    frame=some.sampled_from([Size(1080, 960), Size(1080, 1350), Size(1080, 840)]),
)
def test_the_part_shown_lies_in_the_picture_and_keeps_the_head(
    width: int, height: int, left: float, top: float, share: float, frame: Size
) -> None:
    """In the frame's proportions, inside the picture, and never below the top of what is to be kept."""
    crop = Box(left, top, left + share, top + share)
    x0, y0, x1, y1 = part_shown(Size(width, height), crop, frame=frame)
    assert -0.01 <= x0 < x1 <= width + 0.01 and -0.01 <= y0 < y1 <= height + 0.01
    assert (x1 - x0) / (y1 - y0) == pytest.approx(frame.width_px / frame.height_px, rel=1e-6)
    assert y0 <= crop.top * height + 0.01
