"""One step of learning: from a batch to moved weights. On a GPU it is recorded once and played again."""

from __future__ import annotations

from typing import Any

import torch
from losses import WEIGHTS, parse_loss
from muon import Muon
from network import STRIDE, Parser
from torch import Tensor

_BEFORE_RECORDING = 11
"""So many steps are done one by one: the GPU chooses its ways of computing in them."""
_AT_THE_ENDS = ("by_two", "classes")
"""The layers next to the picture and next to the answer."""
_LONGEST = 5.0
"""A step that would be longer is cut to this."""


class Learner:
    """A network and what moves its weights: Muon the matrices within, AdamW the first and last and all single numbers.

    A thousand small sums take a GPU less time than they take to be given out: after a few steps they are recorded
    and then played whole. All batches must have the same shape.
    """

    def __init__(self, model: Parser, *, rate: float, decay: float) -> None:
        self.model = model
        device = next(model.parameters()).device
        on_gpu = device.type == "cuda"
        self._halved = on_gpu or bool(torch.cpu.get_capabilities().get("amx_bf16"))
        """Whether numbers of sixteen bits are quicker here; on processors without AMX they are ten times slower."""
        self._rate = torch.tensor(rate, device=device)
        within = [
            weight
            for name, weight in model.named_parameters()
            if weight.ndim > 1 and not name.startswith(_AT_THE_ENDS)
        ]
        inner = set(within)
        self._muon = Muon(within, rate=self._rate, decay=decay)
        self._adamw = torch.optim.AdamW(
            [weight for weight in model.parameters() if weight not in inner],
            lr=self._rate,
            weight_decay=decay,
            fused=on_gpu,
            capturable=on_gpu,
            foreach=None if on_gpu else False,
        )
        self._weights = torch.tensor(WEIGHTS, device=device)
        self._done = 0
        self._recorded: tuple[torch.cuda.CUDAGraph, Tensor, Tensor, Tensor] | None = None

    def moments(self) -> dict[str, Any]:
        """Return what `resume` goes on with."""
        return {"muon": self._muon.means, "adamw": self._adamw.state_dict()}

    def resume(self, moments: dict[str, Any]) -> None:
        """Go on with the moments of an earlier run."""
        self._muon.resume(moments["muon"])
        self._adamw.load_state_dict(moments["adamw"])
        for group in self._adamw.param_groups:
            group["lr"] = self._rate

    def learn(self, pictures: Tensor, labels: Tensor, *, rate: float) -> Tensor:
        """Learn from a batch, labels of each pixel; return its loss."""
        self._rate.fill_(rate)
        half = STRIDE // 2
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        labels = labels[:, half::STRIDE, half::STRIDE].contiguous()
        self._done += 1
        if not pictures.is_cuda:
            return self._step(pictures, labels)
        if self._done <= _BEFORE_RECORDING:
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                loss = self._step(pictures, labels)
            torch.cuda.current_stream().wait_stream(side)
            return loss
        return self._play(pictures, labels)

    def _play(self, pictures: Tensor, labels: Tensor) -> Tensor:
        if self._recorded is None:
            graph, seen, truth = torch.cuda.CUDAGraph(), pictures.clone(), labels.clone()
            self.model.zero_grad(set_to_none=True)
            with torch.cuda.graph(graph):
                loss = self._step(seen, truth)
            self._recorded = graph, seen, truth, loss
        graph, seen, truth, loss = self._recorded
        seen.copy_(pictures)
        truth.copy_(labels)
        graph.replay()
        return loss

    def _step(self, pictures: Tensor, labels: Tensor) -> Tensor:
        self.model.train()
        kind = pictures.device.type
        with torch.autocast(kind, torch.bfloat16, enabled=self._halved, cache_enabled=False):
            logits = self.model(pictures)
        loss = parse_loss(logits.float(), labels, self._weights)
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _LONGEST)
        self._muon.step()
        self._adamw.step()
        return loss.detach()
