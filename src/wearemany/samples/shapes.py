"""The cut of every hairstyle, in the person's own coordinates. Nothing here paints."""

from dataclasses import dataclass

from wearemany.samples.brush import Points, path
from wearemany.samples.people import Person


@dataclass(frozen=True)
class Lock:
    """Hair between two lines that run from the parting outwards; its strands follow them."""

    first: Points
    last: Points
    shaded: float = 0.0


def mirrored(points: Points) -> Points:
    """Return the points on the other side of the face."""
    return [(-u, v) for u, v in points]


def curtains(low: float, wide: float, part: float) -> list[Lock]:
    """Return two sides of hair falling from a parting, each ending in a soft point."""
    locks = []
    for k in (-1.0, 1.0):
        near = part * k
        outer: Points = [
            (near, -1.7),
            (0.58 + near * 0.2, -1.62),
            (1.06, -1.06),
            (1.2 * wide, -0.2),
            (1.25 * wide, low * 0.5),
            (1.16 * wide, low * 0.85),
            (0.9, low),
        ]
        inner: Points = [
            (near, -1.28),
            (0.24 + near * 0.6, -1.06),
            (0.64, -0.74),
            (0.86, -0.15),
            (0.86, low * 0.45),
            (0.66, low * 0.8),
            (0.84, low),
        ]
        locks.append(Lock([(u * k, v) for u, v in outer], [(u * k, v) for u, v in inner]))
    return locks


def locks_of(style: str) -> list[Lock]:
    """Return the locks that make this style."""
    if style in ("long", "waves"):
        return curtains(2.55, 1.0, 0.12 if style == "long" else -0.25)
    if style == "bob":
        return curtains(1.08, 1.02, -0.35)
    if style == "fringe":
        return curtains(1.28, 1.0, 0.0)
    if style == "bun":
        return [
            Lock(
                path("0 -1.74, -0.6 -1.62, -1.05 -1.05, -1.06 -0.2"),
                path("-0.02 -1.05, -0.5 -0.98, -0.84 -0.62, -0.97 0.1"),
            ),
            Lock(
                path("0 -1.74, 0.6 -1.62, 1.05 -1.05, 1.06 -0.2"),
                path("-0.02 -1.05, 0.46 -0.98, 0.82 -0.62, 0.97 0.1"),
            ),
        ]
    if style == "braid":
        tail: Points = path("0.95 0.2, 1.22 0.9, 1.2 1.6, 1.06 2.3, 0.95 2.9")
        tail_in: Points = path("0.82 0.3, 0.86 0.9, 0.82 1.6, 0.76 2.3, 0.84 2.9")
        return [*curtains(0.35, 0.9, -0.3), Lock(tail, tail_in)]
    if style == "thinning":
        return [
            Lock([(-1.02, 0.2), (-1.12, -0.3), (-1.02, -0.85)], [(-0.95, 0.1), (-0.94, -0.3), (-0.86, -0.8)]),
            Lock([(1.02, 0.2), (1.12, -0.3), (1.02, -0.85)], [(0.95, 0.1), (0.94, -0.3), (0.86, -0.8)]),
            Lock(
                path("-0.8 -1.24, -0.3 -1.58, 0.3 -1.58, 0.8 -1.24"),
                path("-0.74 -1.16, -0.3 -1.36, 0.3 -1.36, 0.74 -1.16"),
            ),
        ]
    if style == "parted":
        return [
            Lock(
                path("0.5 -1.62, 0 -1.82, -0.7 -1.62, -1.08 -1, -1.06 -0.1"),
                path("0.5 -1.1, 0.1 -0.98, -0.45 -0.9, -0.85 -0.6, -0.97 0"),
            ),
            Lock(
                path("0.5 -1.62, 0.85 -1.4, 1.08 -0.85, 1.06 -0.1"),
                path("0.5 -1.1, 0.72 -0.9, 0.9 -0.5, 0.97 0"),
            ),
        ]
    if style == "quiff":
        return [
            Lock(
                path("-0.98 -0.95, -0.8 -1.55, -0.1 -1.92, 0.75 -1.72, 1.02 -1.2"),
                path("-0.8 -0.78, -0.45 -1.02, 0.1 -1.16, 0.6 -1.12, 0.9 -0.86"),
            )
        ]
    if style == "pixie":
        sweep: Points = path("0.55 -1.68, 0 -1.3, -0.45 -0.85, -0.98 -0.25")
        return [Lock(path("0.3 -1.78, -0.5 -1.6, -1.04 -1, -1.08 0"), sweep)]
    return []


def back_shape(person: Person) -> Points:
    """Return the outline of the hair behind neck and shoulders."""
    low = {"long": 2.75, "waves": 2.6, "bob": 1.15, "fringe": 1.35}.get(person.hair, 0.4)
    wide = 1.28 if person.hair != "waves" else 1.42
    half: Points = [
        (0.0, -1.74),
        (0.62, -1.58),
        (1.1, -1.05),
        (wide - 0.06, 0.0),
        (wide, low * 0.6),
        (wide - 0.14, low),
        (0.5, low + 0.08),
    ]
    return half + mirrored(half[::-1])[:-1]
