"""What the darkroom is told: the call as frozen numbers, the cover choice, the limits; how a card is to be drawn.

Standard library only: the serving process writes orders, and numpy and Pillow must stay out of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from wearemany.darkroom.geometry import Box
from wearemany.errors import N_, Refused

Colour = Literal[
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey"
]
COLOURS: tuple[str, ...] = get_args(Colour)

Garments = Literal["anything", "top"]
GARMENTS: tuple[str, ...] = get_args(Garments)

CoverChoice = Literal["everybody", "others", "nobody"]
"""everybody: every face is covered; others: the author's face is shown; nobody: all agreed to be shown."""
COVER_CHOICES: tuple[str, ...] = get_args(CoverChoice)

PICKED = "picked"
"""What a picked colour is called where the terms are called by their words."""
LEAST_TOLERANCE, TOLERANCE, MOST_TOLERANCE = 0.02, 0.07, 0.2
"""How far cloth may be from a picked colour, in Oklab with lightness weighing less; a shade more is 0.03."""
_PICKED = re.compile("#[0-9a-f]{6}")

SPEC_VERSION = 1
PRESS_PX = 3200
"""The longest side of the copy for newspapers, where its author agreed to one."""
ACCEPT_FROM = 0.7
REFER_FROM = 0.15


@dataclass(frozen=True)
class CallSpec:
    """The call as the darkroom judges by it, frozen with each development.

    A score of at least `accept` is accepted, of at least `refer` is shown to a person, anything below is
    refused. `expects_face` says that a picture without a face goes to a person whatever its score.
    Where `picked` is a colour (#rrggbb), that one within `tolerance` is asked for, and `colour` is only its
    word: the term that people read.
    """

    version: int = SPEC_VERSION
    colour: str = "red"
    garments: Garments = "anything"
    accept: float = ACCEPT_FROM
    refer: float = REFER_FROM
    expects_face: bool = True
    picked: str = ""
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        if self.colour not in COLOURS:
            raise ValueError(f"the colour is one of {', '.join(COLOURS)}")
        if self.garments not in GARMENTS:
            raise ValueError(f"the garments are one of {', '.join(GARMENTS)}")
        if not 0.0 <= self.refer <= self.accept <= 1.0:
            raise ValueError("the thresholds are 0 <= refer <= accept <= 1")
        if self.picked and not _PICKED.fullmatch(self.picked):
            raise ValueError("a picked colour is written as #c8102e, in small letters")
        if not LEAST_TOLERANCE <= self.tolerance <= MOST_TOLERANCE:
            raise ValueError(f"the tolerance is from {LEAST_TOLERANCE} to {MOST_TOLERANCE}")

    @property
    def asked(self) -> str:
        """Whose likelihood is asked of a reading: the term's, or the picked colour's."""
        return PICKED if self.picked else self.colour

    def to_json(self) -> dict[str, Any]:
        """Return the spec as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> CallSpec:
        """Read the spec from plain values; ValueError or TypeError when they are not one."""
        return cls(**values)


def spec_asked(
    *,
    colour: str,
    garments: Garments,
    picked: str = "",
    tolerance: float = TOLERANCE,
    expects_face: bool = True,
) -> CallSpec:
    """Return the call as somebody asks for it; Refused where the picked colour or its tolerance cannot be one."""
    try:
        return CallSpec(
            colour=colour,
            garments=garments,
            picked=picked.lower(),
            tolerance=tolerance,
            expects_face=expects_face,
        )
    except ValueError as error:
        raise Refused(
            "picked-unusable",
            N_("A picked colour is written as #c8102e; its tolerance is from %(least)s to %(most)s."),
            cause=str(error),
            least=str(LEAST_TOLERANCE),
            most=str(MOST_TOLERANCE),
        ) from error


@dataclass(frozen=True)
class Limits:
    """What an upload may be at most; everything but `bytes` is read from its header before decoding."""

    bytes: int = 25_000_000
    pixels: int = 50_000_000
    side_px: int = 16_384
    frames: int = 2_000
    scans: int = 40
    chunks: int = 20_000
    scan_pixels: int = 1_000_000_000

    def to_json(self) -> dict[str, int]:
        """Return the limits as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Limits:
        """Read limits from plain values."""
        return cls(**{name: int(value) for name, value in values.items()})


@dataclass(frozen=True)
class DevelopOrder:
    """One photo's order: judge by `spec`, cover by choice and by hand, make these sizes.

    `drawn` are boxes that a person drew, in fractions of the upright picture; they are always covered. So are
    `heads`: faces found earlier, when more is covered of a picture that was developed with them uncovered.
    `main_px` and `sizes_px` are the longest sides of the renditions, `press_px` of one more for newspapers (0: none
    is made); nothing is ever enlarged.
    """

    spec: CallSpec = field(default_factory=CallSpec)
    cover: CoverChoice = "everybody"
    drawn: tuple[Box, ...] = ()
    heads: tuple[Box, ...] = ()
    main_px: int = 1600
    sizes_px: tuple[int, ...] = (160, 640)
    press_px: int = 0
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.cover not in COVER_CHOICES:
            raise ValueError(f"the cover choice is one of {', '.join(COVER_CHOICES)}")
        if not 64 <= self.main_px <= 4096 or any(not 16 <= size <= 4096 for size in self.sizes_px):
            raise ValueError("renditions are between 16 and 4096 pixels on their longest side")
        if self.press_px and not self.main_px <= self.press_px <= 4096:
            raise ValueError(
                "a copy for newspapers is as long as the main one at least, and 4096 pixels at most"
            )

    @property
    def longest_px(self) -> int:
        """The longest side of all that is made: what the upload is decoded to."""
        return max(self.main_px, self.press_px)

    def to_json(self) -> dict[str, Any]:
        """Return the order as plain values."""
        return {
            "spec": self.spec.to_json(),
            "cover": self.cover,
            "drawn": [box.to_json() for box in self.drawn],
            "heads": [box.to_json() for box in self.heads],
            "main_px": self.main_px,
            "sizes_px": list(self.sizes_px),
            "press_px": self.press_px,
            "limits": self.limits.to_json(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> DevelopOrder:
        """Read an order from plain values; ValueError, KeyError or TypeError when they are not one."""
        return cls(
            spec=CallSpec.from_json(values["spec"]),
            cover=values["cover"],
            drawn=tuple(Box.from_json(edges) for edges in values["drawn"]),
            heads=tuple(Box.from_json(edges) for edges in values["heads"]),
            main_px=int(values["main_px"]),
            sizes_px=tuple(int(size) for size in values["sizes_px"]),
            press_px=int(values.get("press_px", 0)),
            limits=Limits.from_json(values["limits"]),
        )


CardSize = Literal["post", "story"]
CARD_SIZES_PX: dict[str, tuple[int, int]] = {"post": (1080, 1350), "story": (1080, 1920)}
"""Width and height of a card, by what it is for: a post of a network, or its full screen."""


@dataclass(frozen=True)
class CardOrder:
    """One card of one's own post: which part of the covered picture, and the campaign's words under it.

    `crop` is the part that keeps head and garment. Where `phrase` or `tag` cannot be drawn, `handle` stands in.
    """

    size: CardSize
    crop: Box
    colour: str
    phrase: str
    tag: str
    handle: str
    link: str

    def __post_init__(self) -> None:
        if self.size not in CARD_SIZES_PX:
            raise ValueError(f"the size is one of {', '.join(CARD_SIZES_PX)}")
        if self.colour not in COLOURS:
            raise ValueError(f"the colour is one of {', '.join(COLOURS)}")

    def to_json(self) -> dict[str, Any]:
        """Return the order as plain values."""
        return {**asdict(self), "crop": self.crop.to_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> CardOrder:
        """Read an order from plain values; ValueError, KeyError or TypeError when they are not one."""
        return cls(**{**values, "crop": Box.from_json(values["crop"])})
