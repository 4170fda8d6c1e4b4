"""Cloth itself: light, folds and stripes on any patch."""

import numpy as np
from PIL import Image

from wearemany.samples.brush import Canvas, Frame, Patch, curve_open, cut, hairlines, moved, path
from wearemany.samples.palette import Dye
from wearemany.samples.texture import soft_noise

_STRIPE_PERIOD = 0.6
_STRIPE_WHITE = 0.43


def cloth(
    canvas: Canvas, patch: Patch, body: Frame, dye: Dye, rng: np.random.Generator, *, side: float
) -> None:
    """Lay cloth on the patch: rounded by light, with folds running down and across."""
    if patch.cover.width == 0:
        return
    u, v = patch.grid(body, 4)
    level = 0.54 + 0.17 * side * np.clip(u / 2, -1.3, 1.3) - 0.09 * (u / 2.0) ** 2 - 0.03 * (v - 2.5)
    folds = soft_noise((6, 5), (u.shape[1], u.shape[0]), int(rng.integers(1 << 30)))
    level = (
        level
        + 0.15 * folds
        + 0.1 * np.sin(u * 3.1 + 1.4 * folds + rng.uniform(0, 6)) * np.clip((v - 2.4) * 0.6, 0, 0.8)
    )
    level = np.clip(level, 0, 1)
    stops = np.array([0.0, 0.46, 1.0])
    shades = np.array([dye.deep, dye.plain, dye.lit], np.float32)
    paint = np.stack([np.interp(level, stops, shades[:, i]) for i in range(3)], -1).astype(np.float32)
    sheet = Image.fromarray(np.clip(paint, 0, 255).astype(np.uint8))
    canvas.lay(patch, np.asarray(sheet.resize(patch.cover.size, Image.Resampling.BILINEAR)))
    unit = body.unit_px
    creases, ridges = [], []
    for k in (-1, 1):
        for _ in range(4):
            start = np.array([k * rng.uniform(1.35, 1.75), rng.uniform(2.9, 3.6)])
            line = curve_open(
                [
                    start,
                    moved(start, -k * rng.uniform(0.3, 0.6), rng.uniform(0.1, 0.4)),
                    moved(start, -k * rng.uniform(0.7, 1.2), rng.uniform(0.6, 1.1)),
                ]
            )
            creases.append(body.at(line))
            ridges.append(body.at(moved(line, 0.02, -0.09)))
    canvas.lay(hairlines(creases, unit * 0.09, feather_px=unit * 0.05).within(patch), dye.deep, 0.4)
    canvas.lay(hairlines(ridges, unit * 0.07, feather_px=unit * 0.05).within(patch), dye.lit, 0.4)


def lay_stripes(canvas: Canvas, torso: Patch, body: Frame) -> None:
    """Lay white bands across red cloth, keeping its light and folds."""
    bands = []
    upper = np.array(path("-2.8 0.3, -1.4 -0.04, 0 0.06, 1.4 -0.04, 2.8 0.3"))
    for v in np.arange(1.9, 8.0, _STRIPE_PERIOD):
        top = curve_open(moved(upper, 0, v))
        bands.append(body.at(np.concatenate([top, moved(top, 0, _STRIPE_WHITE)[::-1]])))
    spot = cut(*bands).within(torso)
    grey = np.asarray(canvas.picture.crop(spot.box), np.float32).mean(-1, keepdims=True)
    canvas.lay(spot, np.clip(np.array([246.0, 240.0, 230.0], np.float32) * (0.62 + grey / 240), 0, 250))
