"""The paint box: every colour of the drawn people, with its name in English and Russian where it is told."""

from dataclasses import dataclass

from wearemany.samples.brush import Colour


@dataclass(frozen=True)
class Skin:
    """Five tones of one skin from the deepest shade to the light on the nose, a blush and a lip colour."""

    tones: tuple[Colour, Colour, Colour, Colour, Colour]
    blush: Colour
    lips: Colour


@dataclass(frozen=True)
class Dye:
    """A colour of cloth: in shade, plain and in light; Russian in the forms that follow "в" (he/it, she)."""

    deep: Colour
    plain: Colour
    lit: Colour
    english: str
    russian: tuple[str, str]


@dataclass(frozen=True)
class HairColour:
    """A colour of hair: in shade, plain and in light, and how it is told ("with ... hair")."""

    deep: Colour
    plain: Colour
    lit: Colour
    english: str
    russian: str


SKINS = {
    "porcelain": Skin(
        ((150, 92, 84), (205, 148, 130), (238, 194, 172), (250, 218, 200), (255, 240, 228)),
        (232, 122, 112),
        (196, 84, 86),
    ),
    "fair": Skin(
        ((140, 80, 66), (196, 134, 108), (231, 180, 149), (246, 208, 180), (255, 234, 214)),
        (226, 112, 96),
        (188, 76, 74),
    ),
    "olive": Skin(
        ((118, 68, 48), (174, 116, 84), (212, 158, 120), (232, 188, 150), (248, 216, 184)),
        (206, 98, 76),
        (168, 68, 62),
    ),
    "tan": Skin(
        ((98, 54, 38), (150, 94, 64), (190, 132, 94), (214, 162, 122), (236, 194, 156)),
        (186, 84, 62),
        (150, 60, 54),
    ),
    "brown": Skin(
        ((70, 38, 28), (112, 66, 46), (150, 96, 68), (182, 126, 94), (216, 166, 132)),
        (160, 70, 54),
        (130, 52, 50),
    ),
    "deep": Skin(
        ((46, 26, 22), (80, 48, 38), (112, 70, 54), (146, 98, 76), (190, 142, 116)),
        (134, 58, 50),
        (122, 52, 54),
    ),
}

HAIRS = {
    "black": HairColour((22, 19, 26), (42, 37, 44), (92, 86, 100), "black", "чёрными"),
    "dark": HairColour((38, 24, 20), (70, 46, 36), (132, 94, 70), "dark brown", "тёмно-каштановыми"),
    "chestnut": HairColour((66, 34, 20), (116, 66, 38), (182, 120, 74), "chestnut", "каштановыми"),
    "auburn": HairColour((98, 40, 18), (158, 78, 36), (216, 138, 78), "auburn", "рыжими"),
    "fair": HairColour((132, 92, 48), (194, 150, 90), (238, 208, 150), "fair", "светлыми"),
    "grey": HairColour((104, 102, 108), (156, 154, 158), (214, 212, 212), "grey", "седыми"),
    "white": HairColour((158, 154, 154), (208, 204, 200), (246, 243, 238), "white", "белыми"),
}

_RED = ("красном", "красной")
REDS = (
    Dye((122, 10, 20), (206, 28, 36), (238, 74, 66), "red", _RED),
    Dye((116, 6, 24), (192, 18, 42), (228, 58, 72), "red", _RED),
    Dye((126, 10, 18), (212, 28, 34), (240, 76, 66), "red", _RED),
    Dye((104, 8, 18), (180, 20, 32), (218, 60, 58), "red", _RED),
    Dye((126, 8, 26), (210, 22, 48), (240, 72, 80), "red", _RED),
)
BURGUNDY = Dye((42, 10, 24), (84, 20, 42), (114, 40, 61), "burgundy", ("бордовом", "бордовой"))
BLUE = Dye((34, 62, 116), (66, 110, 178), (122, 162, 214), "blue", ("синем", "синей"))
GREEN = Dye((24, 62, 48), (52, 112, 84), (110, 162, 128), "green", ("зелёном", "зелёной"))
MUSTARD = Dye((124, 84, 22), (202, 152, 50), (236, 196, 104), "mustard", ("горчичном", "горчичной"))
GREY = Dye((70, 74, 82), (124, 130, 138), (176, 180, 186), "grey", ("сером", "серой"))
CREAM = Dye((160, 142, 118), (228, 214, 190), (248, 240, 224), "cream", ("кремовом", "кремовой"))
TEAL = Dye((16, 70, 78), (40, 122, 128), (104, 172, 172), "teal", ("бирюзовом", "бирюзовой"))
NAVY = Dye((18, 24, 44), (38, 48, 78), (82, 94, 128), "navy", ("тёмно-синем", "тёмно-синей"))
OTHERS = (BLUE, GREEN, MUSTARD, GREY, TEAL)
SCARVES = (MUSTARD, CREAM, TEAL, NAVY, GREEN)


@dataclass(frozen=True)
class Light:
    """The light of a picture: which side it falls from, and what it does to lit and shaded halves."""

    side: float
    key: Colour
    shade: Colour


LIGHTS = {
    "day": Light(-1.0, (1.03, 1.02, 1.0), (0.95, 0.97, 1.02)),
    "golden": Light(1.0, (1.08, 1.02, 0.92), (0.94, 0.94, 0.99)),
    "lamp": Light(-1.0, (1.06, 1.0, 0.92), (0.88, 0.89, 0.96)),
    "snow": Light(1.0, (1.02, 1.03, 1.05), (0.94, 0.98, 1.05)),
    "window": Light(1.0, (1.04, 1.03, 1.01), (0.9, 0.91, 0.97)),
}
