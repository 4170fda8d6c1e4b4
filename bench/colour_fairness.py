"""What the colour check does by how light the face's skin was photographed. Nothing of this is kept of anybody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from colour_judging import Bench
from colour_marks import CHROMATIC

from wearemany.darkroom.colour import linear_of
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox, Verdict
from wearemany.darkroom.garment import read_worn
from wearemany.darkroom.orders import COLOURS, CallSpec
from wearemany.darkroom.verdict import judge
from wearemany.darkroom.worn import worn_by_parse

GROUPS = ("darker", "between", "lighter")
_CHEEKS = (0.3, 0.4, 0.7, 0.75)
"""Left, top, right and bottom of a face's middle, in shares of its box."""


@dataclass(frozen=True)
class Seen:
    """One photo: its label's row, how light the skin is (linear), what was said, and how far light was corrected."""

    row: dict[str, str]
    lightness: float
    verdict: Verdict
    named: str
    correction: float


def tell_fairness(bench: Bench) -> None:
    """Print figures by thirds of the skin's lightness, all selfie boxes with a face."""
    seen = [one for name, row in bench.labels.items() if (one := _look(bench, name, row))]
    light = np.array([one.lightness for one in seen])
    thirds = np.searchsorted(np.percentile(light, [100 / 3, 200 / 3]), light)
    for at, group in enumerate(GROUPS):
        theirs = [one for one, third in zip(seen, thirds, strict=True) if third == at]
        print(f"skin as photographed, {group:8} {_told(theirs)}")


def _look(bench: Bench, name: str, row: dict[str, str]) -> Seen | None:
    network, picture = bench.parser(name), bench.picture(name)
    faces = bench.faces_in(picture)
    if network is None or not faces:
        return None
    spec = CallSpec(garments="top")
    worn = worn_by_parse(picture, faces, network)
    reading = read_worn(worn, spec)
    red, green, blue = np.log(worn.light.gains)
    correction = max(abs(red - green), abs(blue - green))
    verdict = judge(spec, reading, faces)
    return Seen(row, _skin_lightness(picture, faces[0]), verdict, reading.garment_colour, float(correction))


def _skin_lightness(picture: Picture, face: FaceBox) -> float:
    """Return the median of linear light in the middle of a face, 0 to 1."""
    box, (width, height) = face.box, (picture.size.width_px, picture.size.height_px)
    left, right = (round((box.left + at * box.width) * width) for at in _CHEEKS[::2])
    top, bottom = (round((box.top + at * box.height) * height) for at in _CHEEKS[1::2])
    middle = picture.pixels[max(0, top) : max(bottom, top + 1), max(0, left) : max(right, left + 1)]
    return float(np.median(linear_of(middle).mean(axis=2)))


def _told(group: list[Seen]) -> str:
    clear = [one.verdict.kind == "refer" for one in group if one.row["red_top"] in ("yes", "no")]
    reds = [one.verdict.kind == "accept" for one in group if one.row["red_top"] == "yes"]
    named = [one for one in group if one.row["color"] in COLOURS]
    hues = [one.named == one.row["color"] for one in named if one.row["color"] in CHROMATIC]
    greys = [one.named == one.row["color"] for one in named if one.row["color"] not in CHROMATIC]
    return (
        f"{len(group)}: clear ones referred {100 * np.mean(clear):.1f} %, "
        f"light odd {sum('odd-light' in one.verdict.reasons for one in group)}, "
        f"corrected by {np.mean([one.correction for one in group]):.3f}, reds accepted {sum(reds)} of {len(reds)}; "
        f"named as people did {100 * np.mean(hues + greys):.0f} % of {len(named)}, "
        f"without a hue {100 * np.mean(greys):.0f} % of {len(greys)}, with {100 * np.mean(hues):.0f} % of {len(hues)}"
    )
