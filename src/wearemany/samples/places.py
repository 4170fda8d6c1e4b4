"""Where people stand: soft painted places at half size, blown up before anybody is drawn in front of them."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from wearemany.samples.brush import HEIGHT_PX, WIDTH_PX, Colour

W, H = WIDTH_PX // 2, HEIGHT_PX // 2
Pen = ImageDraw.ImageDraw
Lot = np.random.Generator


def _ink(colour: Colour | np.ndarray, jitter: float = 0.0) -> tuple[int, int, int]:
    r, g, b = (min(255, max(0, int(c + jitter))) for c in colour)
    return r, g, b


def _sky(*stops: Colour) -> Image.Image:
    """Return a ground whose colour runs through the stops from top to bottom."""
    at = np.linspace(0, 1, len(stops))
    rgb = np.array(stops, np.float32)
    rows = np.linspace(0, 1, H)
    column = np.stack([np.interp(rows, at, rgb[:, i]) for i in range(3)], -1)
    return Image.fromarray(np.repeat(column[:, None], W, 1).astype(np.uint8))


def _blur(image: Image.Image, px: float) -> Image.Image:
    if px < 3:
        return image.filter(ImageFilter.GaussianBlur(px))
    return (
        image.reduce(2).filter(ImageFilter.GaussianBlur(px / 2)).resize(image.size, Image.Resampling.BILINEAR)
    )


def _dabs(
    pen: Pen,
    rng: Lot,
    colours: list[Colour],
    *,
    count: int,
    box: tuple[float, float, float, float],
    size: tuple[float, float],
) -> None:
    for _ in range(count):
        x, y = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3])
        r = rng.uniform(*size)
        colour = colours[int(rng.integers(len(colours)))]
        pen.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), fill=_ink(colour, rng.normal(0, 7)))


def _lights(
    image: Image.Image,
    rng: Lot,
    colours: list[Colour],
    *,
    count: int,
    box: tuple[float, float, float, float],
    size: tuple[float, float],
) -> Image.Image:
    """Add out-of-focus lights."""
    sheet = Image.new("RGB", image.size)
    pen = ImageDraw.Draw(sheet)
    for _ in range(count):
        x, y, r = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3]), rng.uniform(*size)
        colour = np.array(colours[int(rng.integers(len(colours)))]) * rng.uniform(0.35, 0.75)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=_ink(colour))
    glow = np.asarray(_blur(sheet, 2.2), np.float32) + 0.5 * np.asarray(_blur(sheet, 12), np.float32)
    base = np.asarray(image, np.float32)
    return Image.fromarray((255 - (255 - base) * (255 - np.clip(glow, 0, 255)) / 255).astype(np.uint8))


def _street(rng: Lot) -> Image.Image:
    image = _sky((188, 214, 232), (228, 232, 226), (226, 214, 196), (176, 164, 152))
    pen = ImageDraw.Draw(image)
    x = -20.0
    tones: list[Colour] = [
        (214, 186, 148),
        (186, 168, 156),
        (222, 206, 178),
        (168, 184, 184),
        (204, 170, 140),
    ]
    while x < W:
        w, top = rng.uniform(80, 150), rng.uniform(60, 190)
        tone = np.array(tones[int(rng.integers(len(tones)))])
        pen.rectangle((x, top, x + w, H - 150), fill=_ink(tone))
        pen.rectangle((x, top, x + w, top + 8), fill=_ink(tone * 0.86))
        for wy in np.arange(top + 26, H - 190, 48):
            for wx in np.arange(x + 14, x + w - 22, 32):
                pen.rectangle((wx, wy, wx + 17, wy + 28), fill=_ink(tone * 0.66 + (0, 6, 16)))
                pen.rectangle((wx, wy, wx + 17, wy + 6), fill=_ink(tone * 0.85 + 30))
        x += w
    pen.polygon([(0, H), (0, H - 150), (W, H - 150), (W, H)], fill=(170, 162, 154))
    _dabs(
        pen,
        rng,
        [(92, 132, 84), (122, 156, 96), (78, 112, 78)],
        count=60,
        box=(W * 0.72, 60, W + 30, 300),
        size=(10, 24),
    )
    return _blur(image, 3.6)


def _park(rng: Lot) -> Image.Image:
    image = _sky((214, 232, 226), (206, 224, 180), (150, 184, 112), (118, 152, 86))
    pen = ImageDraw.Draw(image)
    for x in rng.uniform(-20, W + 20, 6):
        pen.line((x, 60, x + rng.normal(0, 14), H - 160), fill=(104, 84, 66), width=int(rng.uniform(9, 20)))
    greens: list[Colour] = [(122, 164, 88), (158, 190, 104), (92, 138, 80), (190, 206, 120), (224, 214, 130)]
    _dabs(pen, rng, greens, count=260, box=(-20, -20, W + 20, 300), size=(12, 30))
    pen.ellipse((-120, H - 190, W + 160, H + 300), fill=(142, 176, 96))
    pen.polygon([(170, H), (250, H - 180), (292, H - 180), (400, H)], fill=(216, 198, 160))
    _dabs(pen, rng, [(250, 246, 230), (246, 214, 110)], count=40, box=(0, H - 150, W, H), size=(2, 4))
    return _lights(_blur(image, 4.2), rng, [(255, 250, 190)], count=16, box=(0, 0, W, 280), size=(9, 20))


def _autumn(rng: Lot) -> Image.Image:
    image = _sky((232, 226, 206), (236, 206, 140), (202, 158, 90), (150, 112, 70))
    pen = ImageDraw.Draw(image)
    for x in rng.uniform(-20, W + 20, 7):
        pen.line((x, 40, x + rng.normal(0, 18), H - 130), fill=(92, 70, 56), width=int(rng.uniform(7, 18)))
    golds: list[Colour] = [(232, 180, 70), (214, 148, 54), (240, 204, 106), (190, 142, 72), (166, 150, 76)]
    _dabs(pen, rng, golds, count=280, box=(-20, -20, W + 20, 330), size=(9, 26))
    _dabs(pen, rng, golds, count=120, box=(0, H - 160, W, H), size=(5, 11))
    return _lights(_blur(image, 3.8), rng, [(255, 236, 170)], count=18, box=(0, 0, W, 300), size=(8, 20))


def _kitchen(rng: Lot) -> Image.Image:
    image = _sky((236, 226, 204), (230, 216, 190))
    pen = ImageDraw.Draw(image)
    for y in range(250, 430, 30):
        for left in range(-20 + (y // 30 % 2) * 22, W, 44):
            pen.rectangle((left, y, left + 41, y + 27), fill=_ink((196, 216, 208), rng.normal(0, 6)))
    for y in (118, 226):
        pen.rectangle((0, y, W, y + 10), fill=(158, 112, 74))
        x = 12.0
        while x < W - 10:
            w, h = rng.uniform(18, 36), rng.uniform(28, 66)
            tone = [(220, 178, 96), (150, 176, 158), (206, 140, 104), (238, 230, 214), (110, 142, 160)][
                int(rng.integers(5))
            ]
            pen.rounded_rectangle((x, y - h, x + w, y), 6, fill=_ink(tone))
            pen.rectangle((x + 2, y - h - 5, x + w - 2, y - h + 2), fill=_ink(np.array(tone) * 0.66))
            x += w + rng.uniform(4, 20)
    pen.rectangle((0, 430, W, H), fill=(188, 150, 112))
    pen.rectangle((0, 430, W, 444), fill=(222, 196, 160))
    return _lights(_blur(image, 2.6), rng, [(255, 224, 150)], count=1, box=(60, 20, 120, 40), size=(34, 40))


def _snow(rng: Lot) -> Image.Image:
    image = _sky((176, 198, 222), (210, 222, 236), (236, 240, 246), (226, 234, 244))
    pen = ImageDraw.Draw(image)
    for x in np.sort(rng.uniform(-10, W + 10, 9)):
        h = rng.uniform(170, 300)
        base = rng.uniform(350, 420)
        for k in range(6):
            y, half = base - h + k * h / 6, 14 + k * 11
            pen.polygon(
                [(x, y - 30), (x - half, y + 40), (x + half, y + 40)],
                fill=_ink((104, 134, 142), rng.normal(0, 8)),
            )
            pen.polygon([(x, y - 30), (x - half, y + 40), (x - half * 0.1, y + 20)], fill=(226, 236, 244))
    pen.ellipse((-200, 370, W + 100, H + 300), fill=(238, 243, 250))
    image = _blur(image, 3.4)
    pen = ImageDraw.Draw(image)
    for _ in range(150):
        x, y, r = rng.uniform(0, W), rng.uniform(0, H), rng.uniform(1, 4.5)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(250, 252, 255))
    return _blur(image, 0.8)


def _library(rng: Lot) -> Image.Image:
    image = Image.new("RGB", (W, H), (96, 68, 50))
    pen = ImageDraw.Draw(image)
    spines: list[Colour] = [
        (176, 136, 78),
        (86, 108, 104),
        (216, 198, 158),
        (70, 84, 116),
        (140, 104, 72),
        (150, 160, 128),
        (196, 164, 104),
    ]
    for y in range(-10, H, 112):
        x = 0.0
        while x < W:
            w, h = rng.uniform(9, 24), rng.uniform(70, 94)
            tone = np.array(spines[int(rng.integers(len(spines)))]) * rng.uniform(0.75, 1.1)
            pen.rectangle((x, y + 98 - h, x + w - 1, y + 98), fill=_ink(tone))
            pen.rectangle((x + 2, y + 98 - h + 12, x + w - 3, y + 98 - h + 17), fill=_ink(tone + 46))
            x += w + (rng.uniform(8, 26) if rng.random() < 0.06 else 0)
        pen.rectangle((0, y + 98, W, y + 110), fill=(124, 86, 58))
    return _lights(_blur(image, 3.0), rng, [(255, 210, 140)], count=3, box=(0, 0, W, 130), size=(26, 44))


def _sunset(rng: Lot) -> Image.Image:
    image = _sky((240, 196, 140), (236, 178, 120), (214, 152, 108))
    pen = ImageDraw.Draw(image)
    for _ in range(150):
        x, y = rng.uniform(0, W), rng.uniform(0, H)
        pen.ellipse((x - 40, y - 14, x + 40, y + 14), fill=_ink((232, 178, 122), rng.normal(0, 8)))
    image = _blur(image, 9)
    pen = ImageDraw.Draw(image)
    for k in range(2):
        for j in range(3):
            x, y = 250 + k * 86 + j * 10, 46 + j * 96
            pen.polygon([(x, y), (x + 74, y + 14), (x + 82, y + 96), (x + 8, y + 82)], fill=(255, 224, 166))
    _dabs(pen, rng, [(176, 122, 92), (190, 136, 98)], count=50, box=(-20, 330, 130, H), size=(8, 22))
    return _blur(image, 4)


def _curtain(rng: Lot) -> Image.Image:
    x = np.arange(W)
    fold = 10 * np.sin(x / 17.0 + 2 * np.sin(x / 90.0)) + 6 * np.sin(x / 41.0)
    rows = np.linspace(6, -14, H)[:, None]
    cloth = np.array([232, 222, 202])[None, None] + (fold[None, :] + rows)[..., None]
    image = Image.fromarray(np.clip(cloth, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    inks: list[Colour] = [(44, 92, 104), (176, 74, 62), (206, 152, 62), (70, 112, 80)]
    star = np.array(
        [
            [0, 0, 0, 1, 0, 0, 0],
            [0, 2, 0, 1, 0, 2, 0],
            [0, 0, 1, 3, 1, 0, 0],
            [1, 1, 3, 2, 3, 1, 1],
            [0, 0, 1, 3, 1, 0, 0],
            [0, 2, 0, 1, 0, 2, 0],
            [0, 0, 0, 1, 0, 0, 0],
        ]
    )
    for band, cell in ((52, 6), (178, 4), (300, 6), (470, 6)):
        for mx in range(8, W, cell * 9):
            for r in range(7):
                for c in range(7):
                    if star[r, c]:
                        px, py = mx + c * cell, band + r * cell
                        pen.rectangle(
                            (px, py, px + cell - 2, py + cell - 2), fill=_ink(inks[(star[r, c] + band) % 4])
                        )
        for y in (band - 12, band + cell * 7 + 8):
            for px in range(0, W, 8):
                pen.rectangle((px, y, px + 4, y + 3), fill=_ink(inks[band % 2 * 2]))
    return _blur(image, 1.5)


def _night(rng: Lot) -> Image.Image:
    image = _sky((44, 60, 108), (72, 88, 140), (112, 104, 144))
    pen = ImageDraw.Draw(image)
    x = -10.0
    while x < W:
        w, top = rng.uniform(50, 110), rng.uniform(160, 330)
        pen.rectangle((x, top, x + w, H), fill=_ink((54, 64, 104), rng.normal(0, 6)))
        for wy in np.arange(top + 12, H - 40, 26):
            for wx in np.arange(x + 8, x + w - 12, 20):
                if rng.random() < 0.4:
                    pen.rectangle((wx, wy, wx + 9, wy + 13), fill=_ink((244, 204, 122), rng.normal(0, 16)))
        x += w
    image = _blur(image, 2.6)
    image = _lights(
        image,
        rng,
        [(255, 214, 130), (180, 206, 255), (255, 176, 110)],
        count=34,
        box=(0, 180, W, H - 60),
        size=(5, 17),
    )
    pen = ImageDraw.Draw(image)
    for bar in (146, 340):
        pen.rectangle((bar, 0, bar + 11, H), fill=(140, 108, 88))
        pen.rectangle((bar, 0, bar + 3, H), fill=(186, 150, 120))
    pen.rectangle((0, 236, W, 247), fill=(140, 108, 88))
    return _blur(image, 1.4)


def _sea(rng: Lot) -> Image.Image:
    image = _sky((164, 206, 226), (206, 228, 232), (238, 234, 220), (238, 226, 196), (226, 204, 164))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 216, W, 386), fill=(84, 152, 172))
    for _ in range(180):
        x, y = rng.uniform(-20, W), rng.uniform(220, 384)
        w = rng.uniform(10, 46) * (y - 180) / 120
        pen.line(
            (x, y, x + w, y),
            fill=_ink([(122, 184, 196), (64, 130, 156), (198, 226, 226)][int(rng.integers(3))]),
            width=3,
        )
    pen.line([(x, 386 + 7 * np.sin(x / 40)) for x in range(0, W + 8, 8)], fill=(246, 248, 244), width=9)
    _dabs(pen, rng, [(250, 250, 248), (240, 244, 246)], count=26, box=(0, 40, W, 120), size=(16, 36))
    return _blur(image, 3.4)


def _studio(rng: Lot) -> Image.Image:
    tones: list[Colour] = [
        (196, 208, 200),
        (222, 206, 176),
        (178, 192, 204),
        (206, 194, 206),
        (200, 206, 172),
    ]
    tone = np.array(tones[int(rng.integers(len(tones)))])
    image = Image.new("RGB", (W, H), _ink(tone))
    pen = ImageDraw.Draw(image)
    for _ in range(420):
        x, y, r = rng.uniform(-20, W + 20), rng.uniform(-20, H + 20), rng.uniform(24, 70)
        lift = 26 * (1 - np.hypot(x - W * 0.5, y - H * 0.35) / 320)
        pen.line(
            (x - r, y + r * 0.5, x + r, y - r * 0.5),
            fill=_ink(tone + lift, rng.normal(0, 5)),
            width=int(rng.uniform(10, 24)),
        )
    return _blur(image, 2.2)


def _red_wall(rng: Lot) -> Image.Image:
    image = _sky((212, 52, 50), (206, 44, 46), (190, 38, 42))
    pen = ImageDraw.Draw(image)
    for y in range(0, H, 26):
        for x in range(-30 + (y // 26 % 2) * 28, W, 56):
            pen.rectangle((x, y, x + 53, y + 23), fill=_ink((212, 48, 50), rng.normal(0, 9)))
    return _blur(image, 1.6)


PLACES: dict[str, tuple[Callable[[Lot], Image.Image], str, str, str]] = {
    "street": (_street, "day", "in a street", "на улице"),
    "park": (_park, "golden", "in a green park", "в зелёном парке"),
    "autumn": (_autumn, "golden", "under autumn trees", "под осенними деревьями"),
    "kitchen": (_kitchen, "lamp", "in a kitchen", "на кухне"),
    "snow": (_snow, "snow", "in falling snow", "под снегопадом"),
    "library": (_library, "lamp", "between bookshelves", "среди книжных полок"),
    "sunset": (_sunset, "golden", "by a wall in evening sun", "у стены в вечернем солнце"),
    "curtain": (_curtain, "window", "before an embroidered curtain", "перед вышитой занавеской"),
    "night": (_night, "lamp", "at a window by night", "у ночного окна"),
    "sea": (_sea, "day", "by the sea", "у моря"),
    "studio": (_studio, "window", "before a painted backdrop", "на фоне расписанного полотна"),
    "red_wall": (_red_wall, "day", "before a red wall", "перед красной стеной"),
}
"""Each place: how it is painted, its light, and the place in words."""

ORDINARY_PLACES = tuple(name for name in PLACES if name != "red_wall")


def paint_place(name: str, rng: Lot) -> Image.Image:
    """Return the place at full size."""
    image = PLACES[name][0](rng)
    return image.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BILINEAR)
