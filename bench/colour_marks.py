"""Marks for the colour bench: shares with Wilson's interval, F1, balanced accuracy, overlap. Numbers in, words out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Z = 1.96
CHROMATIC = ("red", "orange", "yellow", "green", "blue", "purple", "pink")


@dataclass
class Marks:
    """What a judge said of pictures whose truth is known: rows of (truth yes/no/unsure, accept/refer/refuse)."""

    said: list[tuple[str, str]] = field(default_factory=list)

    def count(self, truth: str, kind: str | None = None) -> int:
        """Return how many of a truth there are, or were answered so."""
        return sum(t == truth and (kind is None or k == kind) for t, k in self.said)

    def accepted(self, truth: str) -> float:
        """Return the share of a truth that was accepted; a person's look counts as not accepted."""
        return self.count(truth, "accept") / max(1, self.count(truth))

    def balanced(self) -> float:
        """Return the mean of how many are accepted of those that should be, and not of those that should not."""
        return (self.accepted("yes") + 1 - self.accepted("no")) / 2

    def f1(self) -> float:
        """Return F1 of "is accepted"."""
        hit, false = self.count("yes", "accept"), self.count("no", "accept")
        return 2 * hit / max(1, hit + false + self.count("yes"))

    def referred(self, *truths: str) -> float:
        """Return the share of these truths that a person is to look at."""
        return sum(self.count(truth, "refer") for truth in truths) / max(1, sum(map(self.count, truths)))

    def told(self) -> str:
        """Return what matters for the truths that are there."""
        yes, no, unsure = (self.count(truth) for truth in ("yes", "no", "unsure"))
        hit, false = self.count("yes", "accept"), self.count("no", "accept")
        parts = []
        if yes:
            parts.append(f"accepted {interval(hit, yes)}")
        if no:
            parts.append(f"false accepts {interval(false, no)}")
        if yes and no:
            parts.append(f"F1 {self.f1():.3f}, balanced {self.balanced():.3f}")
        parts.append(f"clear referred {100 * self.referred('yes', 'no'):.0f} %")
        if unsure:
            parts.append(f"disputable referred {self.count('unsure', 'refer')} of {unsure}")
        return "; ".join(parts)


def interval(hits: int, count: int) -> str:
    """Return a share in per cent with Wilson's interval of 95 %."""
    share = hits / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z / (1 + Z * Z / count) * np.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    return f"{100 * share:.1f} % [{100 * max(0.0, middle - half):.1f}, {100 * min(1.0, middle + half):.1f}]"


def macro_f1(
    truths: list[str], said: list[set[str]], colours: tuple[str, ...]
) -> tuple[float, dict[str, float]]:
    """Return the mean F1 of "is it X" over colours, and each one's. Colours nobody wears here are left out."""
    each = {}
    for colour in colours:
        true = [truth == colour for truth in truths]
        if not any(true):
            continue
        called = [colour in answer for answer in said]
        hits = sum(t and c for t, c in zip(true, called, strict=True))
        each[colour] = 2 * hits / max(1, sum(true) + sum(called))
    return float(np.mean(list(each.values()))), each
