"""Frames of a training step: which part of a photo is looked at, how wide, how tilted, and where the picture ends."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from photos import LONG_PX, WIDE_PX, Photos

Random = np.random.Generator


def draw_frames(
    photos: Photos, chosen: list[int], size_px: tuple[int, int], random: Random, *, steady: bool = False
) -> tuple[Tensor, Tensor]:
    """Return pixels (n, 3, height, width) from 0 to 1, NaN where there is no photo, and labels of each pixel.

    `steady` looks at each selfie box as it is.
    """
    pictures, labels = [], []
    for at in chosen:
        left, top, width, height, turn, flip = _steady(photos, at) if steady else _frame(photos, at, random)
        grid = _grid(size_px, (left, top, width, height), turn, flip)
        rows, columns = _needed(grid)
        source = torch.from_numpy(photos.pixels[at, rows, columns].transpose(2, 0, 1).copy())[None].float()
        mask = torch.from_numpy(photos.labels[at, rows, columns].copy())[None, None].float()
        if height / size_px[0] > 1.6:
            source = functional.avg_pool2d(source, 2)
        near = _within(grid, rows, columns)
        picture = functional.grid_sample(
            source / 255, near, mode="bilinear", padding_mode="border", align_corners=False
        )[0]
        label = functional.grid_sample(mask, near, mode="nearest", align_corners=False)[0, 0]
        outside = _outside(photos, at, grid)
        if not steady:
            outside = outside | _cut(size_px, random)
        pictures.append(picture.masked_fill(outside, torch.nan))
        labels.append(label.long().masked_fill(outside, 255))
    return torch.stack(pictures), torch.stack(labels)


def _steady(photos: Photos, at: int) -> tuple[float, float, float, float, float, bool]:
    left, top, right, bottom = (float(edge) for edge in photos.boxes[at])
    return left, top, right - left, bottom - top, 0.0, False


def _frame(photos: Photos, at: int, random: Random) -> tuple[float, float, float, float, float, bool]:
    """Mostly a selfie's frame, sometimes tighter, often wider up to the full figure, now and then anywhere."""
    left, top, width, height, _, _ = _steady(photos, at)
    kind = random.random()
    low, high = (0.88, 1.2) if kind < 0.68 else (0.6, 0.88) if kind < 0.76 else (1.2, 2.4)
    times = float(np.exp(random.uniform(np.log(low), np.log(high))))
    middle = left + width / 2 + random.normal(0, 0.07) * width * times
    top = top + random.normal(0, 0.06) * height * times
    if kind > 0.93:  # as where no face was found: people stand anywhere
        middle += random.uniform(-0.35, 0.35) * width * times
        top += random.uniform(-0.4, 0.3) * height * times
    squeeze = random.uniform(0.93, 1.07)
    wide, high_px = width * times * squeeze, height * times / squeeze
    return middle - wide / 2, top, wide, high_px, float(random.normal(0, 5.0)), bool(random.random() < 0.5)


def _grid(
    size_px: tuple[int, int], frame: tuple[float, float, float, float], turn: float, flip: bool
) -> Tensor:
    left, top, width, height = frame
    y, x = torch.meshgrid(
        (torch.arange(size_px[0]) + 0.5) / size_px[0] - 0.5,
        (torch.arange(size_px[1]) + 0.5) / size_px[1] - 0.5,
        indexing="ij",
    )
    if flip:
        x = -x
    x, y = x * width, y * height
    cos, sin = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    right, down = x * cos - y * sin + left + width / 2, x * sin + y * cos + top + height / 2
    return torch.stack([right / WIDE_PX * 2 - 1, down / LONG_PX * 2 - 1], dim=-1)[None].float()


def _needed(grid: Tensor) -> tuple[slice, slice]:
    """Return the rows and columns of a photo that a grid looks at, in even numbers: the rest need not be read."""
    first, last = (grid[0].amin(dim=(0, 1)) + 1) / 2, (grid[0].amax(dim=(0, 1)) + 1) / 2
    cuts = []
    for at, side in ((1, LONG_PX), (0, WIDE_PX)):
        start = min(max(int(first[at] * side) - 2, 0), side - 16) // 2 * 2
        end = max(min(int(last[at] * side) + 4, side), start + 16)
        cuts.append(slice(start, end - end % 2))
    return cuts[0], cuts[1]


def _within(grid: Tensor, rows: slice, columns: slice) -> Tensor:
    """Return a grid over the whole photo as one over a part of it."""
    starts = torch.tensor([columns.start, rows.start]).float()
    sizes = torch.tensor([columns.stop - columns.start, rows.stop - rows.start]).float()
    whole = torch.tensor([WIDE_PX, LONG_PX]).float()
    return ((grid + 1) / 2 * whole - starts) / sizes * 2 - 1


def _outside(photos: Photos, at: int, grid: Tensor) -> Tensor:
    """Return where the frame looks beyond the photo."""
    high, wide = (float(side) for side in photos.sizes[at])
    right, down = (grid[0, ..., 0] + 1) / 2 * WIDE_PX, (grid[0, ..., 1] + 1) / 2 * LONG_PX
    return (right < 0) | (down < 0) | (right > wide) | (down > high)


def _cut(size_px: tuple[int, int], random: Random) -> Tensor:
    """Return where a picture taken at arm's length has already ended."""
    cut = torch.zeros(size_px, dtype=torch.bool)
    height, width = size_px
    if random.random() < 0.25:
        cut[int(height * random.uniform(0.45, 0.95)) :] = True
    if random.random() < 0.12:
        cut[: int(height * random.uniform(0.02, 0.22))] = True
    for side in (0, 1):
        if random.random() < 0.15:
            away = int(width * random.uniform(0.02, 0.3))
            cut[:, (slice(0, away) if side == 0 else slice(width - away, None))] = True
    return cut
