"""The network: a small U of residual blocks, trained from nothing. Pictures in, one chance per class and cell out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 8
STRIDE = 2
"""The answer has one cell for so many pixels each way."""
MULTIPLE_PX = 16
"""Height and width are whole multiples of this."""
WIDTHS = (16, 32, 64, 128)
_FORGOTTEN = 0.1
"""Such a share of the coarsest planes is left out of each learning step: none is to be relied on alone."""


class Bend(nn.Sequential):
    """A convolution, its norm, and a bend."""

    def __init__(self, inward: int, outward: int, *, size: int = 3, stride: int = 1, apart: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inward, outward, size, stride, apart * (size // 2), dilation=apart, bias=False),
            nn.BatchNorm2d(outward),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    """Two convolutions whose result is added to what came in."""

    def __init__(self, width: int, *, apart: int = 1) -> None:
        super().__init__()
        self.first = Bend(width, width, apart=apart)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))

    def forward(self, inward: Tensor) -> Tensor:
        return functional.relu(inward + self.second(self.first(inward)))


class Parser(nn.Module):
    """RGB from 0 to 1, shape (n, 3, height, width), to logits (n, 8, height / 2, width / 2)."""

    def __init__(self) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth = WIDTHS
        self.by_two = Bend(5, half, stride=2)
        self.by_four = nn.Sequential(Bend(half, quarter, stride=2), Residual(quarter))
        self.by_eight = nn.Sequential(Bend(quarter, eighth, stride=2), Residual(eighth), Residual(eighth))
        self.by_sixteen = nn.Sequential(
            Bend(eighth, sixteenth, stride=2),
            Residual(sixteenth),
            Residual(sixteenth, apart=2),
            Residual(sixteenth, apart=4),
        )
        self.whole = nn.Linear(sixteenth, sixteenth)
        self.up_eight = nn.Sequential(Bend(sixteenth + eighth, eighth, size=1), Residual(eighth))
        self.up_four = nn.Sequential(Bend(eighth + quarter, quarter, size=1), Residual(quarter))
        self.up_two = nn.Sequential(Bend(quarter + half, half, size=1), Bend(half, 24))
        self.forget = nn.Dropout2d(_FORGOTTEN)
        self.classes = nn.Conv2d(24, CLASSES, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        half = self.by_two(torch.cat([pictures * 4 - 2, _places(pictures)], dim=1))
        quarter = self.by_four(half)
        eighth = self.by_eight(quarter)
        deep = self.by_sixteen(eighth)
        deep = deep + self.whole(deep.mean(dim=(2, 3)))[:, :, None, None]
        deep = self.forget(deep)
        up = self.up_eight(torch.cat([_twice(deep), eighth], dim=1))
        up = self.up_four(torch.cat([_twice(up), quarter], dim=1))
        up = self.up_two(torch.cat([_twice(up), half], dim=1))
        return self.classes(up)


class Chances(nn.Module):
    """What is exported: the same network with chances, which add up to one in every cell, instead of logits."""

    def __init__(self, parser: Parser) -> None:
        super().__init__()
        self.parser = parser

    def forward(self, pictures: Tensor) -> Tensor:
        return self.parser(pictures).softmax(dim=1)


def _twice(cells: Tensor) -> Tensor:
    return functional.interpolate(cells, scale_factor=2.0, mode="nearest")


def _places(pictures: Tensor) -> Tensor:
    """Return two planes that say where in the frame a pixel is, from -1 to 1."""
    ones = torch.ones_like(pictures[:, :1])
    down = torch.cumsum(ones, dim=2)
    right = torch.cumsum(ones, dim=3)
    return torch.cat([down / down[:, :, -1:] * 2 - 1, right / right[:, :, :, -1:] * 2 - 1], dim=1)
