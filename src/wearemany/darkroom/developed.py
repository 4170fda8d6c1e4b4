"""What the darkroom gives back, as frozen plain values. Standard library only; no pixels but encoded ones.

Nothing here identifies anybody: face boxes are places in the picture, never descriptions of a face.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wearemany.darkroom.geometry import Box, Polygon

VerdictKind = Literal["accept", "refer", "refuse"]
RenditionFormat = Literal["webp", "jpeg"]

REASONS: tuple[str, ...] = (
    "wears-the-colour",
    "partly-in-the-colour",
    "near-the-colour",
    "another-colour",
    "no-face",
    "no-garment-seen",
    "little-garment-seen",
    "odd-light",
    "too-dark",
    "several-people",
)
ADVICE: tuple[str, ...] = (
    "small-face",
    "faint-face",
    "fewer-faces-than-heads",
    "no-face",
    "several-people",
    "first-frame",
)


@dataclass(frozen=True)
class FaceBox:
    """Where a face is, how sure the finder was (0 to 1), and whether it was covered."""

    box: Box
    score: float
    covered: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"box": self.box.to_json(), "score": round(self.score, 3), "covered": self.covered}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> FaceBox:
        """Read plain values."""
        return cls(Box.from_json(values["box"]), float(values["score"]), bool(values["covered"]))


@dataclass(frozen=True)
class GarmentReading:
    """What was measured on the garment of the main person.

    `garment_colour` is the basic colour term that most of the garment has ("" when none was seen);
    `shares` maps each basic term to its share of the garment; `outline` are polygons in fractions of the
    upright picture; `seen` is how much of the place where a garment is expected the picture shows, 0 to 1;
    `light` is how far the light is from neutral (0 neutral, 1 beyond what can be corrected) and
    `brightness` how bright the brightest parts were before any correction, 0 to 1; `likelihoods`
    maps each basic term to the chance that a person would say the garment has it; `found` is false when
    there was no face to start from or nothing that could be a garment. `model` is the digest of the network that
    parsed the picture ("" for none) and `rule` the version of the rule that measured it.
    """

    found: bool
    garment_colour: str = ""
    shares: tuple[tuple[str, float], ...] = ()
    likelihoods: tuple[tuple[str, float], ...] = ()
    outline: tuple[Polygon, ...] = ()
    seen: float = 0.0
    light: float = 0.0
    brightness: float = 0.0
    model: str = ""
    rule: int = 0

    def share(self, colour: str) -> float:
        """Return the share of the garment that has the colour, 0 to 1."""
        return dict(self.shares).get(colour, 0.0)

    def likelihood(self, colour: str) -> float:
        """Return the likelihood that the garment would be called by the colour, 0 to 1."""
        return dict(self.likelihoods).get(colour, 0.0)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "found": self.found,
            "garment_colour": self.garment_colour,
            "shares": {term: round(share, 4) for term, share in self.shares},
            "likelihoods": {term: round(chance, 4) for term, chance in self.likelihoods},
            "outline": [[[round(x, 4), round(y, 4)] for x, y in polygon] for polygon in self.outline],
            "seen": round(self.seen, 3),
            "light": round(self.light, 3),
            "brightness": round(self.brightness, 3),
            "model": self.model,
            "rule": self.rule,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> GarmentReading:
        """Read plain values."""
        return cls(
            found=bool(values["found"]),
            garment_colour=str(values["garment_colour"]),
            shares=tuple((str(term), float(share)) for term, share in values["shares"].items()),
            likelihoods=tuple((str(term), float(chance)) for term, chance in values["likelihoods"].items()),
            outline=tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in values["outline"]),
            seen=float(values["seen"]),
            light=float(values["light"]),
            brightness=float(values["brightness"]),
            model=str(values.get("model", "")),
            rule=int(values.get("rule", 0)),
        )


@dataclass(frozen=True)
class Verdict:
    """The machine's advice: its kind, the likelihood (0 to 1) that the colour is worn, and reason codes."""

    kind: VerdictKind
    score: float
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"kind": self.kind, "score": round(self.score, 4), "reasons": list(self.reasons)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Verdict:
        """Read plain values; ValueError when the kind or a reason is not a known one."""
        kind, reasons = values["kind"], tuple(values["reasons"])
        if kind not in ("accept", "refer", "refuse") or not set(reasons) <= set(REASONS):
            raise ValueError("not a verdict")
        return cls(kind, float(values["score"]), reasons)


@dataclass(frozen=True)
class Rendition:
    """An encoded, covered, sized copy. `name` is the longest side ("160", "640"), "main", or "press"."""

    name: str
    format: RenditionFormat
    width_px: int
    height_px: int
    content: bytes
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """Return plain values without the content."""
        return {
            "name": self.name,
            "format": self.format,
            "width_px": self.width_px,
            "height_px": self.height_px,
            "bytes": len(self.content),
            "sha256": self.sha256,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any], *, content: bytes) -> Rendition:
        """Read plain values and the content that travelled beside them."""
        return cls(
            name=str(values["name"]),
            format=values["format"],
            width_px=int(values["width_px"]),
            height_px=int(values["height_px"]),
            content=content,
            sha256=str(values["sha256"]),
        )


@dataclass(frozen=True)
class Fingerprint:
    """PDQ of the covered picture: 32 bytes, and its quality from 0 to 100 (under 50 means: do not compare)."""

    content: bytes
    quality: int


@dataclass(frozen=True)
class Developed:
    """Everything that is known and kept of one photo. `verdict` and `reading` are None after `cover_more`."""

    verdict: Verdict | None
    reading: GarmentReading | None
    faces: tuple[FaceBox, ...]
    advice: tuple[str, ...]
    fingerprint: Fingerprint
    renditions: tuple[Rendition, ...]
    placeholder: bytes
    crop: Box
    width_px: int
    height_px: int
    ms: int

    def rendition(self, name: str, *, format: RenditionFormat) -> Rendition:
        """Return the rendition of that name and format; KeyError when it was not made."""
        for rendition in self.renditions:
            if (rendition.name, rendition.format) == (name, format):
                return rendition
        raise KeyError((name, format))

    def to_json(self) -> dict[str, Any]:
        """Return plain values; bytes travel beside it as `blobs()`."""
        return {
            "verdict": self.verdict.to_json() if self.verdict else None,
            "reading": self.reading.to_json() if self.reading else None,
            "faces": [face.to_json() for face in self.faces],
            "advice": list(self.advice),
            "fingerprint": {"hex": self.fingerprint.content.hex(), "quality": self.fingerprint.quality},
            "renditions": [rendition.to_json() for rendition in self.renditions],
            "crop": self.crop.to_json(),
            "width_px": self.width_px,
            "height_px": self.height_px,
            "ms": self.ms,
        }

    def blobs(self) -> tuple[bytes, ...]:
        """Return the placeholder, then the content of each rendition, in order."""
        return (self.placeholder, *(rendition.content for rendition in self.renditions))

    @classmethod
    def from_json(cls, values: Mapping[str, Any], *, blobs: Sequence[bytes]) -> Developed:
        """Read plain values and the blobs; ValueError, KeyError or TypeError when they do not fit."""
        if len(blobs) != 1 + len(values["renditions"]):
            raise ValueError("as many blobs as renditions, and a placeholder")
        return cls(
            verdict=Verdict.from_json(values["verdict"]) if values["verdict"] else None,
            reading=GarmentReading.from_json(values["reading"]) if values["reading"] else None,
            faces=tuple(FaceBox.from_json(face) for face in values["faces"]),
            advice=tuple(code for code in values["advice"] if code in ADVICE),
            fingerprint=Fingerprint(
                bytes.fromhex(values["fingerprint"]["hex"]), int(values["fingerprint"]["quality"])
            ),
            renditions=tuple(
                Rendition.from_json(rendition, content=content)
                for rendition, content in zip(values["renditions"], blobs[1:], strict=True)
            ),
            placeholder=blobs[0],
            crop=Box.from_json(values["crop"]),
            width_px=int(values["width_px"]),
            height_px=int(values["height_px"]),
            ms=int(values["ms"]),
        )
