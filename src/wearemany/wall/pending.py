"""What the log has yet to say: phase changes, approved posts, amendments, removals; as drafts, in their order.

Reads rows of the stations before, writes nothing. When a batch may go is `release`'s rule; that nothing
changed between looking and swapping is checked again by `still_holds`, inside the swap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from wearemany.campaigns.models import Campaign, PhaseChange, Shut
from wearemany.campaigns.services import preset_rules
from wearemany.moderation.models import Claim, Decision, DecisionKind, Review
from wearemany.moderation.standing import hidden_by_claim, standings
from wearemany.photos.models import Post
from wearemany.wall.entry import (
    AmendEntry,
    Phase,
    PhaseEntry,
    PostEntry,
    RemovedEntry,
)
from wearemany.wall.facts import Facts, facts_of_posts
from wearemany.wall.models import Entry as EntryRow
from wearemany.wall.models import LogHead
from wearemany.wall.release import is_due, is_shuffled, next_release_at, shuffled
from wearemany.wall.rows import Draft, tally_of

BATCH_MAX = 500


@dataclass(frozen=True)
class Moment:
    """What a batch must not make up itself: the time, the campaign's day, the key kept offline, and chance."""

    now: datetime
    day: date
    recovery: bytes
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True)
class Due:
    """The drafts of the next batch, and from when on the batch after it may go."""

    drafts: tuple[Draft, ...]
    release_at: datetime | None


def drafts_due(campaign: Campaign, head: LogHead, moment: Moment) -> Due:
    """Return what may be appended now; no drafts when there is nothing, or nothing that may go yet."""
    phases, closing = _phases(campaign, moment)
    removals = _removals(campaign, moment)
    amendments = _amendments(campaign, moment)
    posts, release_at = _releases(campaign, head, moment)
    mixed = [*removals, *amendments, *posts]
    if is_shuffled(preset_rules(campaign)):
        mixed = shuffled(mixed, moment.random_bytes)
    first = set(Post.objects.filter(campaign=campaign, is_opening=True).values_list("pk", flat=True))
    drafts = [*phases, *sorted(mixed, key=lambda draft: draft.post_id not in first)]
    if closing and len(mixed) < BATCH_MAX and not _is_undecided(campaign):
        drafts.append(closing)
    return Due(tuple(drafts), release_at)


def still_holds(drafts: Sequence[Draft]) -> bool:
    """Tell whether no post of the batch was decided, changed or erased since it was looked at.

    Inside the swap's transaction. On PostgreSQL a withdrawal may still commit right beside the swap; then
    the post's pages are gone with it, and its `removed` entry follows in the next batch.
    """
    said = {
        draft.post_id: draft
        for draft in drafts
        if draft.post_id is not None and isinstance(draft.entry, PostEntry | AmendEntry)
    }
    posts = {post.pk: post for post in Post.objects.filter(pk__in=said, erased=False)}
    decided = standings(said)
    return all(
        post_id in posts
        and posts[post_id].edit_version == draft.edit_version
        and post_id in decided
        and decided[post_id].kind == DecisionKind.APPROVE
        for post_id, draft in said.items()
    )


def _newest(column: str) -> Subquery:
    """Return the newest standing decision's column, for a query whose rows have a post."""
    decisions = Decision.objects.filter(post=OuterRef("post"), undone=False)
    return Subquery(decisions.order_by("-position").values(column)[:1])


def _phases(campaign: Campaign, moment: Moment) -> tuple[list[Draft], Draft | None]:
    """Return the phase changes that the log lacks; the closing one apart, because it comes last of all."""
    drafts: list[Draft] = []
    for change in PhaseChange.objects.filter(campaign=campaign, entries=None).order_by("position"):
        phase = Phase(change.phase)
        entry = PhaseEntry(
            day=moment.day,
            phase=phase,
            text=bytes(change.text_digest),
            recovery=moment.recovery if phase is Phase.OPENED else None,
        )
        draft = Draft(entry, phase_change_id=change.pk)
        if phase is Phase.CLOSED:
            return drafts, draft
        drafts.append(draft)
    return drafts, None


def _removals(campaign: Campaign, moment: Moment) -> list[Draft]:
    # Few posts have such a decision, so the newest one is looked up for these alone.
    doubted = Decision.objects.filter(post=OuterRef("post")).filter(
        Q(undone=True) | ~Q(kind=DecisionKind.APPROVE)
    )
    rows = EntryRow.objects.filter(campaign=campaign, live=True, post__isnull=False)
    rows = rows.filter(Q(post__erased=True) | Exists(doubted)).annotate(decided=_newest("kind"))
    # Of an erased campaign the number stays: only what was taken from the wall before is said to be removed.
    shut = Campaign.objects.filter(pk=campaign.pk).values_list("shut", flat=True).get()
    erased = Q() if shut == Shut.ERASED else Q(post__erased=True)
    gone = rows.filter(erased | Q(decided=None) | ~Q(decided=DecisionKind.APPROVE))
    return [
        Draft(RemovedEntry(moment.day, of=row.position), post_id=row.post_id)
        for row in gone.order_by("position")[:BATCH_MAX]
    ]


def _amendments(campaign: Campaign, moment: Moment) -> list[Draft]:
    undone = Decision.objects.filter(post=OuterRef("post"), undone=True, colour__isnull=False)
    rows = EntryRow.objects.filter(campaign=campaign, live=True, post__erased=False)
    rows = rows.annotate(decided=_newest("kind"), decided_colour=_newest("colour")).filter(
        ~Q(edit_version=F("post__edit_version"))
        | Q(is_repeat=True, standing__repeat=False)
        | Q(is_repeat=False, standing__repeat=True)
        | Q(decided_colour=True, standing__colour=False)
        | Q(decided_colour=False, standing__colour=True)
        | Exists(undone),
        decided=DecisionKind.APPROVE,
    )
    rows = rows.select_related("post").order_by("position")
    found = list(rows[:BATCH_MAX])
    facts = facts_of_posts([row.post for row in found if row.post is not None])
    drafts = (_amendment(row, facts.get(row.post_id or ""), moment.day) for row in found)
    return [draft for draft in drafts if draft is not None]


def _amendment(row: EntryRow, facts: Facts | None, day: date) -> Draft | None:
    post, said = row.post, row.standing
    if post is None or facts is None:
        return None
    changes: dict[str, bool | int | bytes] = {}
    if row.edit_version != post.edit_version:
        changes["commitment"] = facts.commitment()
        changes |= {
            name: now
            for name, now in (("photos", facts.photos), ("people", facts.people))
            if said[name] != now
        }
    colour = _colour(facts, getattr(row, "decided_colour", None))
    if said["colour"] != colour:
        changes["colour"] = colour
    if row.is_repeat != said["repeat"]:
        changes["repeat"] = row.is_repeat
    if not changes:
        return None
    entry = AmendEntry(day=day, of=row.position, **changes)  # type: ignore[arg-type]  # names and types as above
    return Draft(entry, post_id=post.pk, edit_version=post.edit_version)


def waiting_posts(campaign: Campaign) -> QuerySet[Post]:
    """Return approved posts that have no living entry yet, in the order of their decisions."""
    decisions = Decision.objects.filter(post=OuterRef("pk"), undone=False).order_by("-position")
    living = EntryRow.objects.filter(post=OuterRef("pk"), live=True)
    return (
        Post.objects.filter(
            ~Exists(living), ~hidden_by_claim("pk"), campaign=campaign, erased=False, ready=True
        )
        .annotate(
            decided=Subquery(decisions.values("kind")[:1]),
            decided_colour=Subquery(decisions.values("colour")[:1]),
            decided_at=Subquery(decisions.values("pk")[:1]),
        )
        .filter(decided=DecisionKind.APPROVE)
        .order_by("decided_at")
    )


def _releases(campaign: Campaign, head: LogHead, moment: Moment) -> tuple[list[Draft], datetime | None]:
    # Nothing joins a closed log, even if somebody changes their mind about a rejection later.
    if tally_of(head).phase is Phase.CLOSED:
        return [], head.release_at
    rules = preset_rules(campaign)
    waiting = list(waiting_posts(campaign).values_list("pk", "is_opening"))
    others = [post_id for post_id, is_opening in waiting if not is_opening]
    # The opening post hides nobody: it is the campaign's first word, and goes at once.
    released = [post_id for post_id, is_opening in waiting if is_opening]
    release_at = head.release_at
    if is_due(waiting=len(others), rules=rules, now=moment.now, release_at=head.release_at):
        # Shuffled before the cut, so that not even the batch says who was first.
        released += shuffled(others, moment.random_bytes) if is_shuffled(rules) else others
        release_at = next_release_at(rules=rules, now=moment.now)
    posts = waiting_posts(campaign).in_bulk(released[:BATCH_MAX])
    facts = facts_of_posts(list(posts.values()))
    drafts = [_posted(posts[post_id], facts[post_id], moment) for post_id in released if post_id in facts]
    return drafts, release_at


def _posted(post: Post, facts: Facts, moment: Moment) -> Draft:
    entry = PostEntry(
        day=moment.day,
        commitment=facts.commitment(),
        photos=facts.photos,
        people=facts.people,
        colour=_colour(facts, getattr(post, "decided_colour", None)),
        repeat=False,
    )
    return Draft(entry, post_id=post.pk, edit_version=post.edit_version)


def _colour(facts: Facts, decided: bool | None) -> bool:
    """Return whether the colour is worn: by a person's word if there is one, else by the verdict."""
    return facts.wears_colour if decided is None else decided


def _is_undecided(campaign: Campaign) -> bool:
    """Tell whether an author still waits for an answer: then the log is not closed yet.

    Nobody is answered any more where everything was erased. A claim does not count: a stranger must not be able to
    keep the log open, and removals may follow its closing.
    """
    if Campaign.objects.filter(pk=campaign.pk, shut=Shut.ERASED).exists():
        return False
    claimed = Exists(Claim.objects.filter(post=OuterRef("post"), open=True))
    return (
        Post.objects.filter(campaign=campaign, erased=False, awaits_decision=True).exists()
        or Review.objects.filter(~claimed, post__campaign=campaign, open=True).exists()
    )
