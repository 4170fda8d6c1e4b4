"""The machine's advice from what was measured. It decides nothing: a decision is made by policy or a person.

Standard library only.
"""

from __future__ import annotations

from wearemany.darkroom.developed import FaceBox, GarmentReading, Verdict, VerdictKind
from wearemany.darkroom.orders import CallSpec

LITTLE_SEEN = 0.25
ODD_LIGHT = 0.95
TOO_DARK = 0.02
NO_BASIS = 0.5
SURE_FACE = 0.6
"""Prints, labels and folds of clothes that nobody wears are taken for faces, none as surely as this; people's are."""


def judge(spec: CallSpec, reading: GarmentReading, faces: tuple[FaceBox, ...]) -> Verdict:
    """Return accept, refer or refuse for a call; the same values always give the same verdict.

    The score is the likelihood, 0 to 1, that a person would say: the colour is worn. Without a sure face where
    the call expects one, or without a garment in the picture, the machine has nothing to say and a person looks.
    """
    if spec.expects_face and (not faces or faces[0].score < SURE_FACE):
        return Verdict("refer", NO_BASIS, ("no-face",))
    if not reading.found:
        return Verdict("refer", NO_BASIS, ("no-garment-seen",))
    score = reading.likelihood(spec.asked)
    doubts = _doubts(reading)
    kind: VerdictKind = "accept" if score >= spec.accept else "refer" if score >= spec.refer else "refuse"
    if doubts and kind != "refer":
        kind, score = "refer", min(max(score, spec.refer), max(spec.refer, spec.accept - 0.01))
    return Verdict(kind, score, (_reason(spec, reading, score), *doubts))


def _reason(spec: CallSpec, reading: GarmentReading, score: float) -> str:
    """Return the one code that says what the garment looked like."""
    if score >= spec.accept:
        return "wears-the-colour"
    if score < spec.refer:
        return "another-colour"
    return "near-the-colour" if reading.garment_colour != spec.colour else "partly-in-the-colour"


def _doubts(reading: GarmentReading) -> tuple[str, ...]:
    """Return codes for circumstances under which colour cannot be told."""
    doubts = []
    if reading.seen < LITTLE_SEEN:
        doubts.append("little-garment-seen")
    if reading.light > ODD_LIGHT:
        doubts.append("odd-light")
    if reading.brightness < TOO_DARK:
        doubts.append("too-dark")
    return tuple(doubts)
