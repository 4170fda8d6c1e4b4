"""Muon (K. Jordan and others, 2024): each matrix of weights is moved by the same length in all its directions.

Half as many steps lead as far as with AdamW alone. PyTorch's own takes no convolutions; here their weights are read as
matrices, a row for each plane that comes out.
"""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor

_KEPT = 0.95
"""So much of the mean gradient stays from step to step."""
_AS_ADAM = 0.2
"""Makes steps as long as AdamW's usually are: both go by the same rate (Liu and others, 2025)."""
_ROUNDS = 5
_QUINTIC = (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.Optimizer):
    """Moves weights of two axes or more; decay is apart from the gradient, as AdamW's."""

    def __init__(self, weights: list[Tensor], *, lr: Tensor, weight_decay: float) -> None:
        super().__init__(weights, {"lr": lr, "weight_decay": weight_decay})
        for weight in weights:
            self.state[weight]["mean"] = torch.zeros_like(weight)

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """Move each weight along its gradient's mean, looking one step ahead; those of one shape together."""
        for group in self.param_groups:
            alike: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for weight in group["params"]:
                alike[weight.shape].append(weight)
            for shape, weights in alike.items():
                gradients, means = [w.grad for w in weights], [self.state[w]["mean"] for w in weights]
                torch._foreach_lerp_(means, gradients, 1 - _KEPT)
                ahead = torch.stack(torch._foreach_lerp(gradients, means, _KEPT)).flatten(2)
                moves = straighten(ahead) * (group["lr"] * _AS_ADAM * max(ahead.shape[1:]) ** 0.5)
                torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_sub_(weights, list(moves.unflatten(2, shape[1:])))


def straighten(matrices: Tensor) -> Tensor:
    """Return matrices, shape (n, rows, columns), with the same directions and singular values of about one."""
    if matrices.shape[1] > matrices.shape[2]:
        return straighten(matrices.mT).mT
    first, third, fifth = _QUINTIC
    now = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(_ROUNDS):
        square = now @ now.mT
        now = first * now + (third * square + fifth * square @ square) @ now
    return now
