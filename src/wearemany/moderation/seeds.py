"""Test pictures in the queue: answered like any post, counted for the organisers, and never a decision.

A test picture is a post that came by a door of its own, in the very statement that made it, and no post of that door
can be given a decision (`adding.decision_add`). The wall, its number, every page, appeals, repeats and refused
pictures go by decisions, so nothing of them has to know. How they come into the queue is in `seeding`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Q

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, Refused
from wearemany.moderation.handing import review_open
from wearemany.moderation.models import Decision, DecisionKind, Review, Seed, Shows
from wearemany.moderation.standing import standing
from wearemany.photos.models import Post
from wearemany.photos.orders import SEED
from wearemany.worker.loop import wake_on_commit

IS_SEED = Q(post__door=SEED)
"""The same as `is_seed`, for rows that name their post."""

_ACTS_AMONG = 20
_Z = 1.96


@dataclass(frozen=True)
class Act:
    """The last thing that somebody decided here, a post or a test picture, and that still holds."""

    post: Post
    kind: str
    reason: str


@dataclass(frozen=True)
class Measured:
    """How many test pictures somebody met, how many were answered as expected, and the range of shares that fits."""

    met: int
    as_expected: int

    @property
    def share(self) -> tuple[int, int]:
        """Return between which per cents the true share lies, nineteen times in twenty."""
        return likely_share(self.as_expected, of=self.met)


def is_seed(post: Post) -> bool:
    """Tell whether a post is a test picture."""
    return post.door == SEED


def seed_answer(
    post: Post, *, kind: DecisionKind, reason: str, account: Account | None, colour: bool | None
) -> Decision:
    """Keep what was said of a locked test picture; returns it in the form of a decision, which is in no row."""
    newest = Decision.objects.order_by("-pk").values_list("pk", flat=True).first()
    turn = Seed.objects.aggregate(turn=Max("turn"))["turn"] or 0
    today = clock.now().date()
    Seed.objects.filter(post=post).update(
        account=account,
        answer=kind,
        reason=reason,
        colour=colour,
        turn=turn + 1,
        after=newest or 0,
        day=today,
    )
    wake_on_commit()
    return Decision(post=post, position=0, kind=kind, reason=reason, by="person", colour=colour, day=today)


def seed_wait(post: Post, *, reasons: Sequence[str]) -> None:
    """Put a locked test picture before a person, for the reasons that a post like it would wait for.

    One without any is taken away by `seeding`, as nobody would be asked about it; one that was answered stays so.
    """
    if reasons and Seed.objects.filter(post=post, answer="").exists():
        review_open(post, reasons=reasons)


def seed_answer_undo(post: Post) -> Decision:
    """Take the answer back: the picture waits again, as a post would. Refused when there is none."""
    seed = Seed.objects.filter(post=post).exclude(answer="").first()
    if seed is None:
        raise Refused("nothing-to-undo", N_("There is no decision here that could be undone."))
    Seed.objects.filter(pk=seed.pk).update(account=None, answer="", reason="", colour=None)
    earlier = Review.objects.filter(post=post).values_list("reasons", flat=True).first() or []
    review_open(post, reasons=tuple(dict.fromkeys(("reopened", *earlier))))
    wake_on_commit()
    return Decision(post=post, position=0, kind=seed.answer, reason=seed.reason, by="person", day=seed.day)


def last_act(*, account: Account, campaign: Campaign) -> Act | None:
    """Return what somebody decided last and that still holds: what undoing would undo."""
    mine = Decision.objects.filter(
        account=account, undone=False, post__campaign=campaign, post__erased=False
    ).select_related("post")
    decision = next((one for one in mine.order_by("-pk")[:_ACTS_AMONG] if _holds(one)), None)
    answered = Seed.objects.filter(account=account, post__campaign=campaign).exclude(answer="")
    seed = answered.select_related("post").order_by("-turn").first()
    if seed is not None and (decision is None or seed.after >= decision.pk):
        return Act(seed.post, seed.answer, seed.reason)
    return Act(decision.post, decision.kind, decision.reason) if decision is not None else None


def seeds_measured(campaign: Campaign) -> dict[int, Measured]:
    """Return how test pictures were answered in the last month, by account."""
    rows = Seed.objects.filter(post__campaign=campaign).exclude(answer="").exclude(account=None)
    met: dict[int, list[bool]] = defaultdict(list)
    for row in rows:
        if row.account_id is not None:
            met[row.account_id].append(_is_as_expected(row))
    return {account: Measured(len(all_of), sum(all_of)) for account, all_of in met.items()}


def likely_share(hits: int, *, of: int) -> tuple[int, int]:
    """Return the interval of Wilson (1927) at 95 % in whole per cents, outwards; all there is when nothing was met."""
    if not of:
        return 0, 100
    share, spread = hits / of, _Z**2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0, math.floor(100 * (middle - half) + 1e-9)), min(100, math.ceil(100 * (middle + half) - 1e-9))


def _is_as_expected(row: Seed) -> bool:
    if row.shows == Shows.REJECT:
        return row.answer == DecisionKind.REJECT
    return row.answer == DecisionKind.APPROVE and row.colour is (row.shows == Shows.COLOUR)


def _holds(decision: Decision) -> bool:
    newest = standing(decision.post)
    return newest is not None and newest.pk == decision.pk
