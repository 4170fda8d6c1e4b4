"""Train the network that parses a photo, from nothing, and write it down as it will be run.

Usage: python training/train.py PHOTOS OUT [--fold N --folds K] [--steps N] [--minutes M] [--seed S]

PHOTOS is a folder with photos/, masks/, labels.csv and selfie_boxes.csv. OUT gets parser.onnx with its digest,
log.csv, and state.pt, from which a run that was cut short goes on. Without --fold it trains on all photos.
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from augment import augment, finish
from frames import draw_frames
from learning import Learner
from network import Parser
from score import Scores, score_parse
from writing import write_model

from photos import Photos, held_out, read_photos

SIZE_PX = (256, 192)
"""Height and width of what the network looks at."""
_DECAY = 3e-2
_EMA = 0.999
_SLOWING_SHARE = 0.35


@dataclass(frozen=True)
class Plan:
    """One training: who is held out, how long, how fast."""

    fold: int | None
    folds: int
    seed: int
    steps: int
    batch: int
    rate: float
    minutes: float = float("inf")
    """Where the clock is over before the steps are, the rate goes down by the clock."""
    start: Path | None = None
    """The state of an earlier training, whose steady weights this one begins with; None begins from nothing."""


def main() -> None:
    """Read the command line, train, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fold", type=int)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--steps", type=int, default=3600)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop by the clock, with grace")
    parser.add_argument("--start", type=Path, help="go on from the weights of an earlier training's state.pt")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--most", type=int, help="only so many photos: for a first look")
    chosen = parser.parse_args()
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    photos = read_photos(chosen.photos, chosen.out.parent / "cache", chosen.most)
    plan = Plan(
        chosen.fold,
        chosen.folds,
        chosen.seed,
        chosen.steps,
        chosen.batch,
        chosen.rate,
        chosen.minutes,
        chosen.start,
    )
    train(photos, chosen.out, plan)


def train(photos: Photos, out: Path, plan: Plan) -> Scores | None:
    """Train by the plan, going on from `out` where there is a state; return how the held-out photos came out."""
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(plan.seed)
    aside = (
        np.zeros(len(photos.ids), bool)
        if plan.fold is None
        else held_out(photos, fold=plan.fold, folds=plan.folds, seed=plan.seed)
    )
    learning = np.nonzero(~aside)[0]
    photos = photos.to(device)
    learner = Learner(Parser().to(device, memory_format=torch.channels_last), rate=plan.rate, decay=_DECAY)
    if plan.start:
        learner.model.load_state_dict(
            torch.load(plan.start, weights_only=True, map_location=device)["steady"]
        )
    steady = Parser().to(device, memory_format=torch.channels_last)
    steady.load_state_dict(learner.model.state_dict())
    first, spent_s = _resume(out / "state.pt", learner, steady)
    started = time.monotonic()
    for step in range(first, plan.steps):
        seconds = spent_s + time.monotonic() - started
        share = max(step / plan.steps, seconds / 60 / plan.minutes)
        if share >= 1:
            break
        random = np.random.default_rng((plan.seed, step))
        torch.manual_seed(plan.seed * 1_000_003 + step)
        chosen = [int(at) for at in random.choice(learning, min(plan.batch, len(learning)), replace=False)]
        pictures, labels = augment(*draw_frames(photos, chosen, SIZE_PX, random), random)
        loss = learner.learn(pictures, labels, rate=plan.rate * _pace(share, step))
        _follow(steady, learner.model, min(_EMA, (step + 1) / (step + 10)))
        if (step + 1) % 50 == 0:
            _note(
                out / "log.csv", {"step": step + 1, "seconds": round(seconds), "loss": round(float(loss), 4)}
            )
            print(f"step {step + 1} of {plan.steps}, {seconds:.0f} s, loss {float(loss):.3f}", flush=True)
        if (step + 1) % 100 == 0 or step + 1 == plan.steps:
            _keep(out / "state.pt", learner, steady, step + 1, spent_s + time.monotonic() - started, plan)
    steady.eval()
    told = _tell(steady, photos, np.nonzero(aside)[0], out)
    write_model(steady.cpu(), out / "parser.onnx", SIZE_PX)
    return told


def _pace(share: float, step: int) -> float:
    """Return the share of the full rate: a short warm-up, long the full one, then evenly down to nothing.

    A run may be asked for fewer or more steps than at first: what it did at the full rate fits both.
    """
    return min(1.0, (step + 1) / 100, (1 - share) / _SLOWING_SHARE)


@torch.no_grad()
def _follow(steady: Parser, model: Parser, keep: float) -> None:
    """Move the running mean of all weights a little; it is what is kept in the end."""
    pairs = zip(steady.state_dict().values(), model.state_dict().values(), strict=True)
    means, nows = zip(*(pair for pair in pairs if pair[0].is_floating_point()), strict=True)
    torch._foreach_lerp_(list(means), list(nows), 1 - keep)


def _keep(path: Path, learner: Learner, steady: Parser, step: int, seconds: float, plan: Plan) -> None:
    state = {
        "model": learner.model.state_dict(),
        "steady": steady.state_dict(),
        "moments": learner.moments(),
        "step": step,
        "seconds": seconds,
        "plan": str(plan),
    }
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def _resume(path: Path, learner: Learner, steady: Parser) -> tuple[int, float]:
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, weights_only=True, map_location=next(steady.parameters()).device)
    learner.model.load_state_dict(state["model"])
    learner.resume(state["moments"])
    steady.load_state_dict(state["steady"])
    return int(state["step"]), float(state["seconds"])


@torch.no_grad()
def _tell(steady: Parser, photos: Photos, aside: np.ndarray, out: Path) -> Scores | None:
    """Score the held-out photos on their selfie boxes."""
    if not len(aside):
        return None
    scores = []
    for start in range(0, len(aside), 16):
        chosen = [int(at) for at in aside[start : start + 16]]
        pictures, labels = draw_frames(photos, chosen, SIZE_PX, np.random.default_rng(0), steady=True)
        scores.extend(score_parse(steady(finish(pictures)).softmax(dim=1), labels))
    together = Scores.of(scores)
    (out / "held_out.txt").write_text(f"{together}\n")
    print(together, flush=True)
    return together


def _note(path: Path, row: dict[str, float]) -> None:
    fresh = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, row.keys())
        if fresh:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()
