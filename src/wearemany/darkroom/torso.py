"""Where a garment is likely, without a network: below the face, unlike skin, unlike what is behind the person."""

from __future__ import annotations

import numpy as np

from wearemany.darkroom.colour import Floats
from wearemany.darkroom.geometry import Box, Transform


def garment_likelihood(lab: Floats, transform: Transform, face: Box) -> Floats:
    """Return per pixel (height, width) how likely it shows the garment of the person with this face, 0 to 1."""
    height, width = lab.shape[:2]
    x = ((np.arange(width) + 0.5) / width - face.centre[0]) / face.width
    y = ((np.arange(height) + 0.5) / height - face.top) / face.height
    x_faces, y_faces = np.meshgrid(x, y)
    place = _place(x_faces, y_faces)
    left, top, right, bottom = transform.pixels(face)
    skin = np.median(lab[top + (bottom - top) // 3 : bottom, left:right].reshape(-1, 3), axis=0)
    unlike = 1.0 - np.exp(-(((lab - skin) * np.array([0.35, 1.0, 1.0])) ** 2).sum(axis=2) / (2 * 0.03**2))
    likely: Floats = place * unlike
    return likely


def _place(x_faces: Floats, y_faces: Floats) -> Floats:
    """Return the torso: from the collar down two and a half face heights, shoulders wider than the neck."""
    half = np.clip(0.55 + (y_faces - 1.1) * 1.2, 0.0, 1.15)
    inside = (np.abs(x_faces) < half) & (y_faces > 1.15) & (y_faces < 3.6)
    return inside.astype(np.float64)
