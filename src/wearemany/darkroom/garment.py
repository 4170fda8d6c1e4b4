"""What the main person wears, measured: which colours the garment has under corrected light, region by region.

Where the garment is, is found in `worn`; which verdict follows, in `verdict`.
"""

from __future__ import annotations

import numpy as np

from wearemany.darkroom.colour import Floats, memberships
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox, GarmentReading
from wearemany.darkroom.orders import COLOURS, Garments
from wearemany.darkroom.parse import ParserNetwork
from wearemany.darkroom.worn import UPPER, Worn, worn_by_parse, worn_by_places

RULE_VERSION = 2
"""Changes with every change of what is written here: a verdict remembers by which rule it was made."""
# Fitted on half of the street photos judged by eye, read by a network that had learned from the other half. Half of the
# people call a garment red when a seventh of it is clearly red: the rest is folds, prints, open jackets and the parse's
# own mistakes. Before a wall of the same colour more is asked, because part of it may be wall.
_HALF_SAY_SO = 0.152
_MORE_BEFORE_THE_SAME = 0.14
_STEEPNESS = 17.7
_RIVAL_FROM = 0.6
_DISPUTABLE = 0.6
"""Where another colour has so much of what the called one has, people differ: the likelihood is at most this."""
_A_REGION_COUNTS_FROM = 0.25
"""A region that has less of the upper garment than this counts less, in proportion."""
_ALSO_WORN_FACES = 0.35
"""Trousers, a skirt, a hat or a scarf count wholly from so many faces of size."""
_LEAST_CELLS = 12


def read_garment(
    picture: Picture,
    faces: tuple[FaceBox, ...],
    network: ParserNetwork | None = None,
    garments: Garments = "anything",
) -> GarmentReading:
    """Measure what the first face's person wears; `found` is false without a face or a garment."""
    if not faces:
        return GarmentReading(found=False, rule=RULE_VERSION)
    worn = worn_by_parse(picture, faces, network) if network else worn_by_places(picture, faces[0])
    upper = worn.weight(*UPPER)
    light = worn.light
    if upper.sum() < _LEAST_CELLS:
        return GarmentReading(
            found=False, light=light.oddness, brightness=light.brightness, rule=RULE_VERSION
        )
    terms = memberships(worn.lab.reshape(-1, 3))
    shares = _weighted(terms, upper)
    chances = _likelihoods(*_says(terms, worn, garments), _weighted(terms, worn.ground))
    return GarmentReading(
        found=True,
        garment_colour=COLOURS[int(np.argmax(shares))],
        shares=tuple(zip(COLOURS, map(float, shares), strict=True)),
        likelihoods=tuple(zip(COLOURS, map(float, chances), strict=True)),
        outline=worn.outline,
        seen=min(1.0, float(upper.sum()) / max(1.0, worn.face_cells)),
        light=light.oddness,
        brightness=light.brightness,
        rule=RULE_VERSION,
    )


def _says(terms: Floats, worn: Worn, garments: Garments) -> tuple[Floats, Floats]:
    """Return for each term how much of what counts has it, and how much its strongest rival has there.

    What counts is the upper garment together, or one region alone, whichever speaks more for the term.
    """
    upper = worn.weight(*UPPER)
    parts = [(upper, 1.0)]
    for name in UPPER:
        weight = worn.weight(name)
        parts.append((weight, min(1.0, float(weight.sum() / upper.sum()) / _A_REGION_COUNTS_FROM)))
    for name in ("lower", "accessory") if garments == "anything" else ():
        weight = worn.weight(name)
        enough = max(1.0, worn.face_cells * _ALSO_WORN_FACES)
        parts.append((weight, min(1.0, float(weight.sum()) / enough)))
    shares = np.array([_share(terms, weight) * counts for weight, counts in parts])
    rivals = np.array([_rivals(_weighted(terms, weight)) * counts for weight, counts in parts])
    speaks = shares.argmax(axis=0), np.arange(len(COLOURS))
    return shares[speaks], rivals[speaks]


def _rivals(shares: Floats) -> Floats:
    """Return for each term the largest share of another one; black is shade as often as cloth, and rivals nothing."""
    others = np.where(np.eye(len(COLOURS), dtype=bool), 0.0, shares[None, :])
    others[:, COLOURS.index("black")] = 0.0
    most: Floats = others.max(axis=1)
    return most


def _share(terms: Floats, weight: Floats) -> Floats:
    """Return the share of each term under a weight, what is clearly of a term counted twice as much."""
    clear = (terms > 0.5).astype(np.float64)
    return (_weighted(terms, weight) + _weighted(clear, weight)) / 2


def _weighted(terms: Floats, weight: Floats) -> Floats:
    flat = weight.reshape(-1)
    shares: Floats = (terms * flat[:, None]).sum(axis=0) / max(float(flat.sum()), 1e-9)
    return shares


def _likelihoods(shares: Floats, rivals: Floats, behind: Floats) -> Floats:
    """Return how likely a person calls the garment by each term: by its share, its rival's, and what is behind."""
    half_say_so = _HALF_SAY_SO + _MORE_BEFORE_THE_SAME * behind
    chances = 1.0 / (1.0 + np.exp(-_STEEPNESS * (shares - half_say_so)))
    disputable = rivals >= _RIVAL_FROM * shares
    agreed: Floats = np.where(disputable, np.minimum(chances, _DISPUTABLE), chances)
    return agreed
