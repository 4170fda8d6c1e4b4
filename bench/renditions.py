"""Size against likeness of the copies we serve, for several settings. Usage: python bench/renditions.py FOLDER [COUNT]

Likeness is structural dissimilarity, 1/SSIM - 1 in Oklab-like opponent planes at four scales (our own numpy; lower is
better, 0 the same), against the picture before it was encoded. One row for each setting; means over all photos.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

SETTINGS = (
    *(("JPEG", {"quality": q, "optimize": True, "progressive": p, "subsampling": s})
      for q, p, s in ((75, True, 2), (80, False, 2), (80, True, 2), (80, True, 0), (85, True, 2), (90, True, 2))),
    *(("WEBP", {"quality": q, "method": m})
      for q, m in ((70, 2), (75, 2), (78, 2), (78, 4), (82, 2), (86, 2))),
)  # fmt: skip
SIZES_PX = (160, 640)
SCALES = (0.0448, 0.2856, 0.3001, 0.3695)
C1, C2 = 0.01**2, 0.03**2
OPPONENT = np.array([[0.299, 0.587, 0.114], [0.5, -0.419, -0.081], [-0.169, -0.331, 0.5]])
WEIGHTS = (0.7, 0.15, 0.15)


def blurred(plane: np.ndarray) -> np.ndarray:
    """Average over 7 by 7 pixels."""
    for axis in (0, 1):
        sums = np.cumsum(
            np.pad(plane, [(4, 3) if a == axis else (0, 0) for a in (0, 1)], mode="edge"), axis=axis
        )
        upper = np.take(sums, range(7, sums.shape[axis]), axis=axis)
        plane = (upper - np.take(sums, range(sums.shape[axis] - 7), axis=axis)) / 7
    return plane


def dissimilarity(one: Image.Image, other: Image.Image) -> float:
    """Return how unlike two pictures of the same size look, from 0."""
    total = 0.0
    for share, weight in zip(range(3), WEIGHTS, strict=True):
        a, b = (np.asarray(image, dtype=np.float64) / 255 @ OPPONENT[share] for image in (one, other))
        logs = 0.0
        for scale in SCALES:
            mean_a, mean_b = blurred(a), blurred(b)
            var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
            both = blurred(a * b) - mean_a * mean_b
            top = (2 * mean_a * mean_b + C1) * (2 * both + C2)
            logs += scale * np.log(
                max(1e-6, float((top / ((mean_a**2 + mean_b**2 + C1) * (var_a + var_b + C2))).mean()))
            )
            if min(a.shape) < 32:
                break
            a, b = (
                p[: p.shape[0] // 2 * 2, : p.shape[1] // 2 * 2]
                .reshape(p.shape[0] // 2, 2, p.shape[1] // 2, 2)
                .mean((1, 3))
                for p in (a, b)
            )
        total += weight * (1 / np.exp(logs) - 1)
    return total


def main(folder: Path, count: int) -> None:
    """Print the table."""
    photos = sorted(path for path in folder.iterdir() if path.is_file())
    images = [Image.open(path).convert("RGB") for path in photos[:: max(1, len(photos) // count)][:count]]
    print(
        "| size | encoding | settings | kB | unlike (thousandths) | ms |\n| --- | --- | --- | --- | --- | --- |"
    )
    for size_px in SIZES_PX:
        for encoding, options in SETTINGS:
            sizes, unlike, times = [], [], []
            for image in images:
                small = image.copy()
                small.thumbnail((size_px, size_px), Image.Resampling.LANCZOS)
                buffer, began = io.BytesIO(), time.process_time()
                small.save(buffer, encoding, **options)
                times.append((time.process_time() - began) * 1000)
                sizes.append(buffer.tell() / 1000)
                unlike.append(dissimilarity(small, Image.open(buffer).convert("RGB")) * 1000)
            words = ", ".join(f"{name} {value}" for name, value in options.items() if name != "optimize")
            figures = f"{np.mean(sizes):.1f} | {np.mean(unlike):.1f} | {np.median(times):.1f}"
            print(f"| {size_px} | {encoding} | {words} | {figures} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 24)
