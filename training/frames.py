"""Frames of a training step: which part of a photo is looked at, how wide, how tilted, and where the picture ends."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from photos import LONG_PX, WIDE_PX, Photos

Random = np.random.Generator
Numbers = np.ndarray
Frames = dict[str, Numbers]
"""For each picture left, top, width, height (pixels of a photo as it is kept), turn (degrees), flip (1 or -1)."""

_COARSE = 1.6
"""From so many pixels of the photo for one of the frame on, the photo is halved first: no jagged edges."""


def draw_frames(
    photos: Photos, chosen: list[int], size_px: tuple[int, int], random: Random, *, steady: bool = False
) -> tuple[Tensor, Tensor]:
    """Return pixels (n, 3, height, width) from 0 to 1, NaN where there is no photo, and labels of each pixel.

    `steady` looks at each selfie box as it is. All is drawn where the photos are: on the GPU, or here.
    """
    boxes = photos.boxes[chosen]
    frames = _selfies(boxes) if steady else _anywhere(_selfies(boxes), random)
    device = photos.pixels.device
    grid = _grid(size_px, frames, device)
    picked = torch.tensor(chosen, device=device)
    source = photos.pixels[picked].permute(0, 3, 1, 2).float()
    pictures = functional.grid_sample(source, grid, padding_mode="border", align_corners=False)
    coarse = np.nonzero(frames["height"] / size_px[0] > _COARSE)[0]
    if len(coarse):
        halved = functional.avg_pool2d(source[coarse], 2)
        pictures[coarse] = functional.grid_sample(
            halved, grid[coarse], padding_mode="border", align_corners=False
        )
    pictures = pictures / 255
    masks = photos.labels[picked][:, None].float()
    labels = functional.grid_sample(masks, grid, mode="nearest", align_corners=False)[:, 0].long()
    outside = _outside(photos.sizes[chosen], grid)
    if not steady:
        outside = outside | _cut(len(chosen), size_px, random, device)
    return pictures.masked_fill(outside[:, None], torch.nan), labels.masked_fill(outside, 255)


def _selfies(boxes: Numbers) -> Frames:
    left, top, right, bottom = boxes.T
    nothing = np.zeros(len(boxes), np.float32)
    return {
        "left": left,
        "top": top,
        "width": right - left,
        "height": bottom - top,
        "turn": nothing,
        "flip": nothing + 1,
    }


def _anywhere(frames: Frames, random: Random) -> Frames:
    """Mostly a selfie's frame, sometimes tighter, often wider up to the full figure, now and then anywhere."""
    count = len(frames["left"])
    kind = random.random(count)
    low = np.select([kind < 0.68, kind < 0.76], [0.88, 0.6], 1.2)
    high = np.select([kind < 0.68, kind < 0.76], [1.2, 0.88], 2.4)
    times = np.exp(random.uniform(np.log(low), np.log(high)))
    squeeze = random.uniform(0.93, 1.07, count)
    width, height = frames["width"] * times, frames["height"] * times
    middle = frames["left"] + frames["width"] / 2 + random.normal(0, 0.07, count) * width
    top = frames["top"] + random.normal(0, 0.06, count) * height
    lost = kind > 0.93  # as where no face was found: people stand anywhere
    middle = middle + lost * random.uniform(-0.35, 0.35, count) * width
    top = top + lost * random.uniform(-0.4, 0.3, count) * height
    return {
        "left": middle - width * squeeze / 2,
        "top": top,
        "width": width * squeeze,
        "height": height / squeeze,
        "turn": random.normal(0, 5.0, count),
        "flip": np.where(random.random(count) < 0.5, -1.0, 1.0),
    }


def _grid(size_px: tuple[int, int], frames: Frames, device: torch.device) -> Tensor:
    """Return where each pixel of each frame lies in its photo: (n, height, width, 2), from -1 to 1."""
    left, top, width, height, turn, flip = (
        torch.tensor(frames[name], dtype=torch.float32, device=device)[:, None, None]
        for name in ("left", "top", "width", "height", "turn", "flip")
    )
    y, x = torch.meshgrid(
        (torch.arange(size_px[0], device=device) + 0.5) / size_px[0] - 0.5,
        (torch.arange(size_px[1], device=device) + 0.5) / size_px[1] - 0.5,
        indexing="ij",
    )
    x, y = x * width * flip, y * height
    cos, sin = turn.deg2rad().cos(), turn.deg2rad().sin()
    right, down = x * cos - y * sin + left + width / 2, x * sin + y * cos + top + height / 2
    return torch.stack([right / WIDE_PX * 2 - 1, down / LONG_PX * 2 - 1], dim=-1)


def _outside(sizes: Numbers, grid: Tensor) -> Tensor:
    """Return where the frames look beyond the photos."""
    high, wide = torch.tensor(sizes, device=grid.device).T[:, :, None, None]
    right, down = (grid[..., 0] + 1) / 2 * WIDE_PX, (grid[..., 1] + 1) / 2 * LONG_PX
    return (right < 0) | (down < 0) | (right > wide) | (down > high)


def _cut(count: int, size_px: tuple[int, int], random: Random, device: torch.device) -> Tensor:
    """Return where pictures taken at arm's length have already ended."""

    def edge(side_px: int, share: float, low: float, high: float) -> Tensor:
        away = np.where(random.random(count) < share, side_px * random.uniform(low, high, count), 0.0)
        return torch.tensor(away, dtype=torch.float32, device=device)[:, None, None]

    height, width = size_px
    y = torch.arange(height, device=device)[None, :, None]
    x = torch.arange(width, device=device)[None, None, :]
    return (
        (y >= height - edge(height, 0.25, 0.05, 0.55))
        | (y < edge(height, 0.12, 0.02, 0.22))
        | (x < edge(width, 0.15, 0.02, 0.3))
        | (x >= width - edge(width, 0.15, 0.02, 0.3))
    )
