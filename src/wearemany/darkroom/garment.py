"""What the main person wears, measured: which colours the garment has under corrected light, region by region.

Where the garment is, is found in `worn`; which verdict follows, in `verdict`.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from wearemany.darkroom.colour import Floats, memberships, nearness
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox, GarmentReading
from wearemany.darkroom.orders import COLOURS, PICKED, CallSpec, Garments
from wearemany.darkroom.parse import ParserNetwork
from wearemany.darkroom.worn import UPPER, Worn, worn_by_anybody, worn_by_parse, worn_by_places

RULE_VERSION = 8
"""Changes with every change of what is written here: a verdict remembers by which rule it was made."""
# Chosen on street photos judged by eye, each read by a network that had not learned from it (the card beside the
# network says which). Half of the people call a garment red when a seventh of it is clearly red: the rest is folds,
# prints, open jackets and the parse's own mistakes. Before a wall of the same colour more is asked: part may be wall.
_HALF_SAY_SO = 0.152
_MORE_BEFORE_THE_SAME = 0.3
_STEEPNESS = 17.7
_RIVAL_FROM = 0.6
_DISPUTABLE = 0.6
"""Where another colour has so much of what the called one has, people differ: the likelihood is at most this."""
_RIVAL_FAR = 2.5
"""Where another has more than so many times as much, they differ less: brown wool is a little red everywhere."""
_A_REGION_COUNTS_FROM = 0.25
"""A region that has less of the upper garment than this counts less, in proportion."""
_ALSO_WORN_FACES = 0.35
"""Trousers, a skirt, a hat or a scarf count wholly from so many faces of size."""
_LEAST_CELLS = 12
# A shirt under a black jacket is little of what is worn, but it is all the colour that is worn.
_COLOURED, _STRONG = 0.10, 0.13
"""From these strengths (Oklab) on a cell is coloured, and strongly so; what is less may be shade or a mixture."""
_LOST_IN_THE_DARK = 0.15
"""Such a share of its strength a colour loses to the sensor's noise where it is made ten times brighter."""
_SURE = 0.85
"""Hair and bags are cloth to the parse now and then, but seldom surely: only sure cells count here."""
_STRONG_FACES = 0.3
"""So many faces of strong colour are enough to speak for themselves."""
_ALL_BUT_ONE = 0.03
_HALF_SAY_ONLY, _ONLY_STEEPNESS = 0.45, 16.0
_LESS_BEFORE_THE_SAME, _BY_CHANCE = 1.7, 0.03
"""Strong colour beside the body may be taken for cloth: a van, a banner. So much of it is nothing."""
_BESIDE_CELLS = 8
_DULL = 0.6
"""Red of which less is strong is wine or rust, and people differ about it."""
_KIN = 0.6
"""So much does a shade of the same colour rival it: grey and green make a dull green, blue and purple meet."""
_KINDRED = (
    *(("grey", term) for term in ("orange", "yellow", "green", "blue", "purple", "pink", "brown", "white")),
    *(("brown", term) for term in ("yellow", "green", "blue", "purple", "orange")),
    *(("blue", "purple"), ("purple", "blue"), ("pink", "purple"), ("purple", "pink")),
    *(("orange", "yellow"), ("yellow", "orange"), ("white", "grey"), ("blue", "grey")),
)
"""Rival, called."""


def _rivalry() -> Floats:
    """Return how much each term (column) rivals each called one (row), a picked colour last."""
    table = np.ones((len(COLOURS) + 1, len(COLOURS) + 1))
    np.fill_diagonal(table, 0.0)
    table[:, COLOURS.index("black")] = 0.0
    for rival, called in _KINDRED:
        table[COLOURS.index(called), COLOURS.index(rival)] = _KIN
    return table


_RIVALRY = _rivalry()
_WITH_A_HUE = np.array([term not in ("brown", "black", "white", "grey") for term in COLOURS])


def read_garment(
    picture: Picture,
    faces: tuple[FaceBox, ...],
    network: ParserNetwork | None = None,
    spec: CallSpec | None = None,
) -> GarmentReading:
    """Measure what the first face's person wears; `found` is false without a garment, or a face that was expected."""
    spec = spec or CallSpec()
    if faces:
        worn = worn_by_parse(picture, faces, network) if network else worn_by_places(picture, faces[0])
    elif network and not spec.expects_face:
        worn = worn_by_anybody(picture, network)
    else:
        return GarmentReading(found=False, rule=RULE_VERSION)
    return read_worn(worn, spec)


def read_worn(worn: Worn, spec: CallSpec) -> GarmentReading:
    """Measure the colours of what is worn, for a call."""
    upper = worn.weight(*UPPER)
    light = worn.light
    if upper.sum() < _LEAST_CELLS:
        return GarmentReading(
            found=False, light=light.oddness, brightness=light.brightness, rule=RULE_VERSION
        )
    lab = worn.lab.reshape(-1, 3)
    terms = memberships(lab)
    shares = _weighted(terms, upper)
    chances = list(zip(COLOURS, map(float, _likelihoods(terms, worn, spec.garments)), strict=True))
    if spec.picked:
        near = nearness(lab, spec.picked, spec.tolerance)[:, None]
        chances.append(
            (PICKED, float(_likelihoods(np.hstack([terms * (1 - near), near]), worn, spec.garments)[-1]))
        )
    return GarmentReading(
        found=True,
        garment_colour=COLOURS[int(np.argmax(shares))],
        shares=tuple(zip(COLOURS, map(float, shares), strict=True)),
        likelihoods=tuple(chances),
        outline=worn.outline,
        seen=min(1.0, float(upper.sum()) / max(1.0, worn.face_cells)),
        light=light.oddness,
        brightness=light.brightness,
        rule=RULE_VERSION,
    )


def _likelihoods(terms: Floats, worn: Worn, garments: Garments) -> Floats:
    """Return how likely a person calls what is worn by each term: by its share, its rivals', and what is behind."""
    shares, rivals = _says(terms, worn, garments)
    behind = np.maximum(_weighted(terms, worn.ground), _weighted(terms, worn.ground * _beside(worn)))
    plainly = _logistic(_STEEPNESS * (shares - _HALF_SAY_SO - _MORE_BEFORE_THE_SAME * behind))
    at_most = _DISPUTABLE * np.minimum(1.0, _RIVAL_FAR * shares / np.maximum(rivals, 1e-9))
    plainly = np.where(rivals >= _RIVAL_FROM * shares, np.minimum(plainly, at_most), plainly)
    all_of_it, coloured, strong = _strength(terms, worn)
    only = coloured / (coloured.sum() + _ALL_BUT_ONE) * np.minimum(1.0, strong / _STRONG_FACES)
    vividly = _logistic(
        _ONLY_STEEPNESS
        * (only - _LESS_BEFORE_THE_SAME * np.maximum(0.0, behind - _BY_CHANCE) - _HALF_SAY_ONLY)
    )
    beside_white = _weighted(terms, worn.weight(*UPPER))
    with_white = beside_white[COLOURS.index("white")] >= _RIVAL_FROM * beside_white
    vividly = np.where(with_white, np.minimum(vividly, _DISPUTABLE), vividly)
    with_a_hue = np.append(_WITH_A_HUE, True)[: len(shares)]
    chances: Floats = np.maximum(plainly, np.where(with_a_hue, vividly, 0.0))
    red = COLOURS.index("red")
    if strong[red] < _DULL * all_of_it[red]:
        chances[red] = min(chances[red], _DISPUTABLE)
    return chances


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
    count = terms.shape[1]
    shares = np.array([_share(terms, weight) * counts for weight, counts in parts])
    rivals = np.array(
        [
            (_weighted(terms, weight) * _RIVALRY[:count, :count]).max(axis=1) * counts
            for weight, counts in parts
        ]
    )
    speaks = shares.argmax(axis=0), np.arange(count)
    return shares[speaks], rivals[speaks]


def _beside(worn: Worn) -> Floats:
    """Return which cells lie close to the upper garment, 0 or 1: what is there may have been taken for cloth."""
    close: Floats = (worn.weight(*UPPER) > 0.5).astype(np.float64)
    for axis in (0, 1):
        rows = np.pad(np.moveaxis(close, axis, 0), ((_BESIDE_CELLS, _BESIDE_CELLS), (0, 0)))
        wide: Floats = sliding_window_view(rows, 2 * _BESIDE_CELLS + 1, axis=0).max(axis=-1)
        close = np.moveaxis(wide, 0, axis)
    return close


def _strength(terms: Floats, worn: Worn) -> tuple[Floats, Floats, Floats]:
    """Return how much of the upper garment is of each term, how much of that is coloured, and strongly so; in faces."""
    lab, weight = worn.lab.reshape(-1, 3), worn.weight(*UPPER).reshape(-1)
    weight = weight * (weight > _SURE)
    strength = np.hypot(lab[:, 1], lab[:, 2]) / (1.0 - _LOST_IN_THE_DARK * np.log10(worn.light.gains[1]))
    all_of_it, coloured, strong = (
        weight * (strength > least) @ terms / max(1.0, worn.face_cells) for least in (0.0, _COLOURED, _STRONG)
    )
    return all_of_it, coloured, strong


def _share(terms: Floats, weight: Floats) -> Floats:
    """Return the share of each term under a weight, what is clearly of a term counted twice as much."""
    clear = (terms > 0.5).astype(np.float64)
    return (_weighted(terms, weight) + _weighted(clear, weight)) / 2


def _weighted(terms: Floats, weight: Floats) -> Floats:
    flat = weight.reshape(-1)
    shares: Floats = (terms * flat[:, None]).sum(axis=0) / max(float(flat.sum()), 1e-9)
    return shares


def _logistic(values: Floats) -> Floats:
    chances: Floats = 1.0 / (1.0 + np.exp(-np.clip(values, -50.0, 50.0)))
    return chances
