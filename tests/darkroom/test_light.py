"""The light and the names of colours: lamps are taken out, cloth is no lamp, red stays red in the dark."""

from __future__ import annotations

import numpy as np
import pytest

from wearemany.darkroom.colour import linear_of, memberships, to_linear, to_oklab
from wearemany.darkroom.developed import FaceBox
from wearemany.darkroom.garment import read_worn
from wearemany.darkroom.geometry import Box, Size
from wearemany.darkroom.light import read_light
from wearemany.darkroom.orders import COLOURS, CallSpec
from wearemany.darkroom.parse import CELL_PX, CLASSES, HEIGHT_PX, WIDTH_PX, Frame, Parse
from wearemany.darkroom.verdict import judge
from wearemany.darkroom.worn import Worn, worn_in

Rgb = tuple[int, int, int]
WALL, FLOOR, SKIN = (170, 172, 174), (96, 94, 90), (200, 150, 125)
RED, WINES, GREY = (190, 25, 35), ((110, 20, 40), (84, 22, 36), (70, 25, 34)), (128, 128, 128)
FACE = FaceBox(Box(0.38, 0.12, 0.62, 0.36), 0.9)
SPEC = CallSpec(garments="top")


def wearing(cloth: Rgb, *, light: float = 1.0, noise: float = 0.0) -> Worn:
    """Draw somebody whose garment fills most of the picture, in so much light and sensor noise, and find it."""
    pixels = np.full((HEIGHT_PX, WIDTH_PX, 3), WALL, np.uint8)
    pixels[HEIGHT_PX // 2 :] = FLOOR
    classes = np.zeros((HEIGHT_PX, WIDTH_PX), int)
    for colour, name, rows, columns in (
        (cloth, "top", slice(76, None), slice(14, 130)),
        (SKIN, "skin", slice(24, 68), slice(56, 88)),
    ):
        pixels[rows, columns] = colour
        classes[rows, columns] = CLASSES.index(name)
    shade = 1 - 0.3 * np.linspace(0, 1, HEIGHT_PX)[:, None, None]
    lit = linear_of(pixels) * shade * light + np.random.default_rng(7).normal(0, noise, pixels.shape)
    lit = np.clip(lit, 0, 1)
    srgb = np.where(lit <= 0.0031308, 12.92 * lit, 1.055 * lit ** (1 / 2.4) - 0.055)
    cells = classes[::CELL_PX, ::CELL_PX]
    chances = np.stack([cells == at for at in range(len(CLASSES))]).astype(np.float32)
    seen = Parse(Frame(0, 0, WIDTH_PX, HEIGHT_PX), np.rint(srgb * 255).astype(np.uint8), chances, cells >= 0)
    return worn_in(seen, (FACE,), Size(WIDTH_PX, HEIGHT_PX))


def said(cloth: Rgb, *, light: float = 1.0, noise: float = 0.0) -> str:
    """Judge what is worn for a call in red."""
    return judge(SPEC, read_worn(wearing(cloth, light=light, noise=noise), SPEC), (FACE,)).kind


@pytest.mark.parametrize("skin", [(225, 175, 150), (200, 150, 125), (120, 78, 55), (70, 42, 30)])
def test_skin_of_any_lightness_is_no_odd_light(skin: Rgb) -> None:
    """Grey cloth beside light and dark skin stays grey: dark skin is redder, and that is not the lamp's doing."""
    scene = linear_of(np.array([[230, 230, 230], [128, 128, 128], skin], np.uint8))
    red, _, blue = read_light(scene, scene, linear_of(np.full((20, 3), skin, np.uint8))).gains
    assert 0.85 < red < 1.15 and 0.85 < blue < 1.15, (red, blue)


@pytest.mark.parametrize("gains", [(1.35, 0.92, 0.48), (0.68, 0.95, 1.4)])
def test_most_of_a_lamps_colour_is_taken_out(gains: tuple[float, float, float]) -> None:
    """Under a warm and a cold lamp more than half of the cast is gone, and never more than all of it."""
    scene = linear_of(np.array([[215, 215, 215], [128, 128, 128], [60, 90, 60], [200, 150, 125]], np.uint8))
    lit = np.minimum(scene * gains, 1.0)
    found = read_light(lit, lit, np.repeat(lit[3:], 20, axis=0)).gains
    for at in (0, 2):
        cast, taken = np.log(gains[at] / gains[1]), np.log(found[1] / found[at])
        assert 0.5 < taken / cast < 1.1


def test_a_cold_cast_is_believed_sooner_than_a_warm_one() -> None:
    """Brick and wood are warm under any light: a warm cast has to look odder before any of it is taken out."""
    scene = linear_of(np.array([WALL, GREY, (60, 90, 60), SKIN], np.uint8))

    def oddness_from_which_it_is_corrected(*lamp: float) -> float:
        for strength in np.linspace(0, 1, 100):
            lit = scene * np.exp(np.array(lamp) * strength)
            light = read_light(lit, lit, np.repeat(lit[3:], 20, axis=0))
            if light.gains[0] != light.gains[1]:
                return light.oddness
        return 1.0

    warm, cold = (
        oddness_from_which_it_is_corrected(0.4, 0, -0.4),
        oddness_from_which_it_is_corrected(-0.4, 0, 0.4),
    )
    assert 0.1 < cold < 0.75 * warm < 0.3, (cold, warm)


@pytest.mark.parametrize("cloth", [RED, (240, 120, 20), (245, 210, 40), (40, 80, 170)])
def test_cloth_is_no_lamp(cloth: Rgb) -> None:
    """A coat that fills the picture says nothing of the light: it is read from what is around it."""
    plain, coloured = wearing(GREY).light, wearing(cloth).light
    assert coloured.oddness == pytest.approx(plain.oddness)
    assert coloured.gains[0] / coloured.gains[1] == pytest.approx(plain.gains[0] / plain.gains[1])


@pytest.mark.parametrize("light", [1.0, 0.3, 0.12, 0.07])
def test_red_stays_red_in_the_dark_and_wine_goes_to_a_person(light: float) -> None:
    """A sensor's noise takes strength from colours in the dark; what was wine by day is no red for it."""
    noise = 0.002 if light < 1 else 0.0
    assert said(RED, light=light, noise=noise) == "accept"
    assert [said(wine, light=light, noise=noise) for wine in WINES] == ["refer"] * len(WINES)
    assert said(GREY, light=light, noise=noise) == "refuse"


@pytest.mark.parametrize(
    ("colour", "term"),
    [
        ((78, 98, 80), "green"),  # loden
        ((44, 66, 54), "green"),  # fir
        ((142, 166, 150), "green"),  # sage
        ((74, 82, 52), "green"),  # olive
        ((122, 122, 120), "grey"),
        ((150, 148, 152), "grey"),
        ((30, 32, 34), "black"),
        ((242, 242, 238), "white"),
        ((120, 84, 56), "brown"),
        ((36, 46, 82), "blue"),
    ],
)
def test_cloth_near_grey_is_named_as_people_name_it(colour: Rgb, term: str) -> None:
    """A coat of dull green is green, one of grey with a touch of anything is grey."""
    (shares,) = memberships(to_oklab(to_linear(np.array([colour]) / 255)))
    assert COLOURS[int(np.argmax(shares))] == term, dict(zip(COLOURS, np.round(shares, 2), strict=True))
