"""What may be known of the wall: the one definition of a post's state, the number, entries by place.

Public is what stands under the public checkpoint, is not marked removed, is approved, is not erased, and is not hidden
by a claim. The last three hold at once, before the log says so; a claim's hiding is not for the log to say at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery

from wearemany.campaigns.models import Campaign, Shut
from wearemany.moderation.models import Claim, Decision, DecisionKind, Review
from wearemany.moderation.standing import hidden_by_claim, is_hidden, standing
from wearemany.photos.models import Photo, Post
from wearemany.photos.readiness import is_confirmed
from wearemany.wall.models import Entry, LogHead
from wearemany.wall.tally import Tally


class PostState(StrEnum):
    """Where a post stands, as its author and the desk are told."""

    RECEIVED = "received"
    CHECKING = "checking"
    REFUSED = "refused"
    CONFIRM = "confirm"
    REVIEW = "review"
    WAITING_RELEASE = "waiting_release"
    ON_WALL = "on_wall"
    HIDDEN = "hidden"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Number:
    """The figures as everybody may be told them, and the size of the public checkpoint that they are under."""

    tally: Tally
    size: int


def post_state(post: Post) -> PostState:
    """Return where a post stands; the one place that decides it."""
    return state_under(post, standing(post))


def state_under(post: Post, decision: Decision | None) -> PostState:
    """Return the same for a caller who knows already which decision holds."""
    if decision is not None and decision.kind == DecisionKind.REJECT:
        return PostState.REJECTED
    if post.erased or (decision is not None and decision.kind == DecisionKind.WITHDRAW):
        return PostState.WITHDRAWN
    if decision is not None and is_hidden(post):
        return PostState.HIDDEN
    if decision is not None:
        return PostState.WAITING_RELEASE if entry_of(post) is None else PostState.ON_WALL
    photos = Photo.objects.filter(post=post).values_list("refused_code", "attempts", "development")
    if any(refused_code for refused_code, _, _ in photos):
        return PostState.REFUSED
    if not post.ready:
        has_begun = any(attempts or development for _, attempts, development in photos)
        return PostState.CHECKING if has_begun else PostState.RECEIVED
    if not is_confirmed(post):
        return PostState.CONFIRM
    if Review.objects.filter(post=post, open=True).exists():
        return PostState.REVIEW
    return PostState.CHECKING


def number(campaign: Campaign) -> Number:
    """Return the figures under the public checkpoint; all zero before its first entry."""
    head = LogHead.objects.filter(campaign=campaign).first()
    if head is None or not head.published_tally:
        return Number(Tally(), 0)
    return Number(Tally.from_json(head.published_tally), head.published_size)


def tally(campaign: Campaign) -> Tally:
    """Return the figures under the public checkpoint."""
    return number(campaign).tally


def public_entries(campaign: Campaign, *, first: int = 0, end: int | None = None) -> QuerySet[Entry]:
    """Return public post entries with positions in [first, end), their posts at hand, in no order.

    Name a range: without one this looks at the whole wall.
    """
    return _approved_entries(campaign, first=first, end=end).filter(~hidden_by_claim())


def hidden_entries(campaign: Campaign) -> QuerySet[Entry]:
    """Return the entries that would be public but for a claim that waits for a person; the number counts them."""
    # Few claims are open at a time; asked for one campaign's, a planner may begin with all its posts.
    hiding = Claim.objects.filter(open=True, hides=True).values_list("post_id", "post__campaign_id")
    return _approved_entries_of(campaign, [post_id for post_id, of_id in hiding if of_id == campaign.pk])


def opening_entry(campaign: Campaign) -> Entry | None:
    """Return the public entry of the opening post; None while there is none."""
    opening = Post.objects.filter(campaign=campaign, is_opening=True)
    rows = _approved_entries_of(campaign, list(opening.values_list("pk", flat=True)))
    return rows.filter(~hidden_by_claim()).order_by("position").first()


def _size_in_sight(campaign: Campaign) -> int:
    """Return how many entries are public, 0 while the campaign is shut: then the number alone is shown."""
    heads = LogHead.objects.filter(campaign=campaign, campaign__shut=Shut.NO)
    return heads.values_list("published_size", flat=True).first() or 0


def _approved_entries(campaign: Campaign, *, first: int, end: int | None) -> QuerySet[Entry]:
    published = _size_in_sight(campaign)
    end = published if end is None else min(end, published)
    return _approved(Entry.objects.filter(campaign=campaign, position__gte=first, position__lt=end))


def _approved_entries_of(campaign: Campaign, post_ids: Sequence[str]) -> QuerySet[Entry]:
    """Return the approved public entries of a few posts.

    The campaign is left out of the question: with it a planner may walk the whole wall to find one post.
    """
    return _approved(Entry.objects.filter(post__in=post_ids, position__lt=_size_in_sight(campaign)))


def _approved(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    newest = Decision.objects.filter(post=OuterRef("post"), undone=False).order_by("-position")
    rows = rows.filter(kind="post", live=True, post__erased=False)
    rows = rows.annotate(decided=Subquery(newest.values("kind")[:1]))
    return rows.filter(decided=DecisionKind.APPROVE).select_related("post")


def entry_of(post: Post) -> Entry | None:
    """Return the post's public entry; None while it has none, and when it is gone."""
    return _approved_entries_of(post.campaign, [post.pk]).filter(~hidden_by_claim()).first()


def post_at(campaign: Campaign, position: int) -> Post | None:
    """Return the public post at a place in the log; None when there is none, or none any more."""
    entry = public_entries(campaign, first=position, end=position + 1).first()
    return entry.post if entry else None


def claimable_at(campaign: Campaign, position: int) -> Post | None:
    """Return the post at a place in the log that somebody may claim: public, or hidden by a claim already."""
    entry = _approved_entries(campaign, first=position, end=position + 1).first()
    return entry.post if entry else None


def entries_between(campaign: Campaign, *, first: int, end: int) -> list[Entry]:
    """Return all published entries with positions in [first, end), oldest first."""
    end = min(end, number(campaign).size)
    rows = Entry.objects.filter(campaign=campaign, position__gte=first, position__lt=end)
    return list(rows.order_by("position"))
