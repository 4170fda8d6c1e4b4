"""How wrong a parse is: a weighted cross entropy, and Lovász's surrogate of the intersection over union."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

WEIGHTS = (0.7, 1.0, 1.3, 1.2, 1.2, 1.4, 1.4, 1.4)
UNLABELLED = 255
_UPPER = slice(3, 6)


def parse_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Return the loss of a batch, each class weighted; cells labelled UNLABELLED do not count."""
    entropy = functional.cross_entropy(logits, labels, weight=weights, ignore_index=UNLABELLED)
    chances = logits.softmax(dim=1)
    known = labels != UNLABELLED
    upper = (labels >= _UPPER.start) & (labels < _UPPER.stop)
    lovasz = _lovasz((chances[:, _UPPER].sum(dim=1) * known).flatten(), upper.flatten())
    return entropy + 0.8 * lovasz + 0.5 * _dice(chances, labels, known)


def _dice(chances: Tensor, labels: Tensor, known: Tensor) -> Tensor:
    """Return one less the mean overlap over the classes, batch-wide."""
    truth = functional.one_hot(labels.clamp(max=chances.shape[1] - 1), chances.shape[1]).permute(0, 3, 1, 2)
    truth = truth * known[:, None]
    chances = chances * known[:, None]
    shared = (chances * truth).sum(dim=(0, 2, 3))
    return 1 - ((2 * shared + 50) / ((chances + truth).sum(dim=(0, 2, 3)) + 50)).mean()


def _lovasz(chance: Tensor, truth: Tensor) -> Tensor:
    """Return the Lovász hinge's softmax form for one region (Berman, Triki, Blaschko 2018)."""
    wrong, order = (truth.float() - chance).abs().sort(descending=True)
    sorted_truth = truth[order].float()
    all_true = sorted_truth.sum()
    shared = all_true - sorted_truth.cumsum(0)
    together = all_true + (1 - sorted_truth).cumsum(0)
    jaccard = 1 - shared / together.clamp(min=1e-6)
    steps = torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])
    return (wrong * steps).sum()
