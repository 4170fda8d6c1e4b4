"""Sizes, boxes and polygons. Standard library only, so the serving process may import it; no pixels live here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Polygon = tuple[Point, ...]


@dataclass(frozen=True)
class Size:
    """Width and height in pixels."""

    width_px: int
    height_px: int

    @property
    def long_px(self) -> int:
        """The longer side."""
        return max(self.width_px, self.height_px)

    @property
    def pixels(self) -> int:
        """How many pixels there are."""
        return self.width_px * self.height_px

    def within(self, long_px: int) -> Size:
        """Return the size with the same proportions whose longer side is at most `long_px`; never larger."""
        if self.long_px <= long_px:
            return self
        scale = long_px / self.long_px
        return Size(max(1, round(self.width_px * scale)), max(1, round(self.height_px * scale)))


@dataclass(frozen=True)
class Box:
    """A box in fractions (0 to 1) of the upright picture: left and top edge, right and bottom edge."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width as a fraction of the picture's width."""
        return max(0.0, self.right - self.left)

    @property
    def height(self) -> float:
        """Height as a fraction of the picture's height."""
        return max(0.0, self.bottom - self.top)

    @property
    def area(self) -> float:
        """Area as a fraction of the picture's area."""
        return self.width * self.height

    @property
    def centre(self) -> Point:
        """The middle of the box."""
        return ((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def clipped(self) -> Box:
        """Return the part of the box that lies inside the picture."""
        left, top = min(max(self.left, 0.0), 1.0), min(max(self.top, 0.0), 1.0)
        return Box(left, top, max(left, min(self.right, 1.0)), max(top, min(self.bottom, 1.0)))

    def overlap(self, other: Box) -> float:
        """Return intersection over union, 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)

    def covers(self, other: Box) -> float:
        """Return how much of `other` lies inside this box, 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0 or other.area <= 0:
            return 0.0
        return width * height / other.area

    def to_json(self) -> list[float]:
        """Return `[left, top, right, bottom]`, rounded to a hundredth of a thousandth."""
        return [round(edge, 5) for edge in (self.left, self.top, self.right, self.bottom)]

    @classmethod
    def from_json(cls, edges: Sequence[float]) -> Box:
        """Read `[left, top, right, bottom]`; ValueError when it is not a box inside the picture."""
        left, top, right, bottom = (float(edge) for edge in edges)
        if not (0.0 <= left <= right <= 1.0 and 0.0 <= top <= bottom <= 1.0):
            raise ValueError("a box is four fractions between 0 and 1: left, top, right, bottom")
        return cls(left, top, right, bottom)


@dataclass(frozen=True)
class Transform:
    """How a working picture in pixels lies in fractions of the upright picture."""

    size: Size

    def pixels(self, box: Box) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom in whole pixels, at least one pixel wide and high."""
        width, height = self.size.width_px, self.size.height_px
        left = min(max(int(box.left * width), 0), width - 1)
        top = min(max(int(box.top * height), 0), height - 1)
        right = min(max(round(box.right * width), left + 1), width)
        bottom = min(max(round(box.bottom * height), top + 1), height)
        return left, top, right, bottom

    def box(self, left_px: float, top_px: float, right_px: float, bottom_px: float) -> Box:
        """Return the box in fractions, clipped to the picture."""
        width, height = self.size.width_px, self.size.height_px
        return Box(left_px / width, top_px / height, right_px / width, bottom_px / height).clipped()
