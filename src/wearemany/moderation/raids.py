"""Raids: bursts of posts that look alike, and one act that holds or refuses a burst, shown before, undone after.

What an act touches is written down when it is shown, so nothing comes in between: exactly those posts, never one that
came before the burst, never the opening post. The worker does it, post by post, each in its own transaction; a killed
one goes on where it was. The order in which posts were sent is that of their consents' rows; there is no time anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Min, Q

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, Refused
from wearemany.ids import ID_BYTES, opaque
from wearemany.moderation.clusters import Cluster, Sent, clusters, words_of
from wearemany.moderation.handing import review_open
from wearemany.moderation.likeness import groups_of
from wearemany.moderation.models import DecisionKind, Review, Sweep, SweptPost
from wearemany.moderation.reasons import rejection_checked
from wearemany.moderation.services import decision_make, decision_undo
from wearemany.moderation.standing import standing, standings
from wearemany.photos.hushed import captions_of
from wearemany.photos.models import Development, Post
from wearemany.photos.orders import SEED
from wearemany.worker.claims import LeaseLost, claim, finish, retry
from wearemany.worker.loop import describe, wake_on_commit
from wearemany.worker.seldom import Seldom

HOLD, REFUSE = "hold", "refuse"
HELD = "raid-held"
LOOKED_AT = 25_000
KEPT = timedelta(days=30)
PLANS_KEPT = timedelta(days=1)
LEASE_S = 120.0
_BATCH = 100
_forget_watch = Seldom(every_s=3600.0)


@dataclass(frozen=True)
class Burst:
    """A cluster with what one has to know before acting on it: where its posts stand, and some of their words."""

    cluster: Cluster
    approved: int
    waiting: int
    captions: tuple[str, ...]


def bursts(campaign: Campaign) -> list[Burst]:
    """Return the bursts among what was sent since yesterday, the last 25,000 posts at most."""
    sent = _sent(campaign)
    captions = {post.post_id: post.caption for post in sent}
    found = clusters(sent, own=_own(campaign))
    decided = standings({post_id for cluster in found for post_id in cluster.touched})
    return [
        _burst(cluster, decided_kinds={pk: row.kind for pk, row in decided.items()}, captions=captions)
        for cluster in found
    ]


def sweep_plan(*, campaign: Campaign, name: str, account: Account) -> Sweep:
    """Write down what an act on the burst of that name would touch now. Refused `burst-gone` when there is none."""
    cluster = next((one for one in clusters(_sent(campaign), own=_own(campaign)) if one.name == name), None)
    if cluster is None:
        raise Refused("burst-gone", N_("There is no such burst any more. Please look at the list again."))
    with transaction.atomic():
        sweep = Sweep.objects.create(
            id=opaque(clock.random_bytes(ID_BYTES)),
            campaign=campaign,
            account=account,
            kind=cluster.kind,
            spared=len(cluster.spared),
            day=clock.now().date(),
        )
        SweptPost.objects.bulk_create(SweptPost(sweep=sweep, post_id=post_id) for post_id in cluster.touched)
    return sweep


def sweep_begin(*, sweep: Sweep, act: str, reason: str = "") -> None:
    """Hold or refuse everything of a plan; the worker does it. Twice is once. Refused when it is no plan any more."""
    if act not in (HOLD, REFUSE):
        raise Refused("sweep-act", N_("Please choose one: hold them all, or refuse them all."))
    if act == REFUSE:
        rejection_checked(reason)
    _move(sweep, before="planned", after="doing", act=act, reason=reason if act == REFUSE else "")


def sweep_undo(*, sweep: Sweep) -> None:
    """Take it all back: what was on its way goes on, what was refused stands as before. The worker does it."""
    _move(sweep, before="done", after="undoing")


def sweeps_pending() -> int:
    """Do or undo a batch of each sweep that was begun; returns how many posts that were."""
    return sum(_swept(sweep) for sweep in claim(Sweep, limit=1, lease_s=LEASE_S))


def sweeps_forget_pending() -> int:
    """Once an hour, forget who swept what a month ago, and plans of yesterday that nobody followed."""
    if not _forget_watch.is_time():
        return 0
    today = clock.now().date()
    old = Q(day__lt=today - KEPT) | Q(day__lt=today - PLANS_KEPT, state="planned")
    deleted, _ = Sweep.objects.filter(old, due_at=None).delete()
    return deleted


def _own(campaign: Campaign) -> frozenset[str]:
    return words_of(f"{campaign.phrase} {campaign.tag} {campaign.honouree}")


def _sent(campaign: Campaign) -> list[Sent]:
    since = clock.now().date() - timedelta(days=1)
    posts = (
        Post.objects.filter(
            campaign=campaign, erased=False, ready=True, is_opening=False, received_day__gte=since
        )
        .exclude(door=SEED)
        .annotate(place=Min("consents__pk"))
        .order_by("-place")
        .only("pk", "caption", "hushed")[:LOOKED_AT]
    )
    alike = groups_of(campaign)
    other = Development.objects.filter(
        photo__post__campaign=campaign, photo__post__received_day__gte=since, verdict="refuse"
    )
    colours = dict(other.values_list("photo__post", "garment_colour"))
    return [
        Sent(post_id, alike=alike.get(post_id, ()), caption=caption, other_colour=colours.get(post_id, ""))
        for post_id, caption in list(captions_of(posts).items())[::-1]
    ]


def _burst(cluster: Cluster, *, decided_kinds: dict[str, str], captions: dict[str, str]) -> Burst:
    kinds = [decided_kinds.get(post_id) for post_id in cluster.touched]
    words = dict.fromkeys(captions[post_id] for post_id in cluster.touched if captions[post_id])
    return Burst(cluster, kinds.count("approve"), kinds.count(None), tuple(words)[:3])


def _move(sweep: Sweep, *, before: str, after: str, **changes: str) -> None:
    with transaction.atomic():
        fields = {"state": after, "due_at": clock.now(), "attempts": 0, **changes}
        if not Sweep.objects.filter(pk=sweep.pk, state=before).update(**fields):
            if Sweep.objects.filter(pk=sweep.pk, state=after).exists():
                return
            raise Refused("sweep-moved", N_("Somebody did this already. Please look at where it stands."))
        wake_on_commit()
    sweep.refresh_from_db()


def _swept(sweep: Sweep) -> int:
    doing = sweep.state == "doing"
    rows = SweptPost.objects.filter(sweep=sweep)
    left = rows.filter(state="") if doing else rows.exclude(state__in=("", "passed"))
    batch = list(left.order_by("pk")[:_BATCH])
    try:
        for row in batch:
            try:
                (_do if doing else _undo)(sweep, row)
            except Refused:
                # Taken back, being covered anew, or decided by somebody at this moment: that goes its own way.
                SweptPost.objects.filter(pk=row.pk).update(state="passed")
        with transaction.atomic():
            finish(sweep)
            if batch:
                Sweep.objects.filter(pk=sweep.pk).update(due_at=clock.now())
            else:
                Sweep.objects.filter(pk=sweep.pk).update(state="done" if doing else "undone")
    except LeaseLost:
        return 0
    except Exception as error:
        retry(sweep, code=describe(error))
        raise
    return max(1, len(batch))


def _do(sweep: Sweep, row: SweptPost) -> None:
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(pk=row.post_id, erased=False).first()
        newest = standing(post) if post is not None else None
        if post is None or (newest is not None and newest.kind != DecisionKind.APPROVE):
            state = "passed"
        elif sweep.act == REFUSE:
            row.decision = decision_make(
                post=post, kind=DecisionKind.REJECT, reason=sweep.reason, account=sweep.account
            )
            state = "refused"
        else:
            state = _hold(post, account=sweep.account)
        SweptPost.objects.filter(pk=row.pk).update(state=state, decision=row.decision)


def _hold(post: Post, *, account: Account | None) -> str:
    if standing(post) is None:
        if Review.objects.filter(post=post, open=True).exists():
            review_open(post, reasons=(HELD,))
        return "passed"
    while (newest := standing(post)) is not None and newest.kind == DecisionKind.APPROVE:
        decision_undo(post=post, account=account)
    review_open(post, reasons=(HELD,))
    return "held"


def _undo(sweep: Sweep, row: SweptPost) -> None:
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(pk=row.post_id, erased=False).first()
        newest = standing(post) if post is not None else None
        if (
            post is not None
            and row.state == "refused"
            and newest is not None
            and newest.pk == row.decision_id
        ):
            decision_undo(post=post, account=sweep.account)
        elif post is not None and row.state == "held" and newest is None:
            # Only what still waits as it was left: a person may have decided meanwhile.
            decision_make(post=post, kind=DecisionKind.APPROVE, account=sweep.account)
        SweptPost.objects.filter(pk=row.pk).update(state="passed", decision=None)
