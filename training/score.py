"""How well a parse agrees with a mask: intersection over union of the upper garment, of each class, of the head."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from photos import CLASSES

_UPPER = (3, 4, 5)


@dataclass(frozen=True)
class Scores:
    """Mean over photos of the upper garment's overlap; overlap of each class over all cells together."""

    photos: int
    upper: float
    upper_together: float
    classes: tuple[float, ...]

    @classmethod
    def of(cls, each: list[Tensor]) -> Scores:
        """Put together what `score_parse` said of each photo."""
        table = torch.stack(each)
        shared, all_cells = table[..., 0], table[..., 1]
        wears = all_cells[:, -1] > 0
        upper = shared[wears, -1] / all_cells[wears, -1]
        whole = shared.sum(0) / all_cells.sum(0).clamp(min=1)
        return cls(len(each), float(upper.mean()), float(whole[-1]), tuple(float(one) for one in whole[:-1]))

    def __str__(self) -> str:
        classes = ", ".join(f"{name} {value:.3f}" for name, value in zip(CLASSES, self.classes, strict=True))
        return (
            f"{self.photos} photos held out: upper garment {self.upper:.4f} a photo, "
            f"{self.upper_together:.4f} together; {classes}"
        )


def score_parse(chances: Tensor, labels: Tensor) -> list[Tensor]:
    """Return for each picture (classes + 1, 2): shared and all pixels of each class, and of the upper garment.

    Chances are spread to the pixels of the labels; the upper garment's three classes count as one.
    """
    chances = functional.interpolate(chances, size=labels.shape[1:], mode="bilinear", align_corners=False)
    known = labels < len(CLASSES)
    said = chances.argmax(dim=1)
    upper = chances[:, list(_UPPER)].sum(dim=1)
    rest = chances[:, [at for at in range(len(CLASSES)) if at not in _UPPER]].max(dim=1).values
    pairs = [((said == at) & known, (labels == at) & known) for at in range(len(CLASSES))]
    true_upper = torch.stack([labels == at for at in _UPPER]).any(dim=0)
    pairs.append(((upper > rest) & known, true_upper))
    counts = [((a & b).sum(dim=(1, 2)), (a | b).sum(dim=(1, 2))) for a, b in pairs]
    return list(torch.stack([torch.stack(pair, dim=-1) for pair in counts], dim=1).double())
