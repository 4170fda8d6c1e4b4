"""What the log has yet to say: phase changes, approved posts, amendments, removals; as drafts, in their order.

Reads rows of the stations before, writes nothing. When a batch may go is `release`'s rule; that nothing
changed between looking and swapping is checked again by `still_holds`, inside the swap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from wearemany.campaigns.models import Campaign, PhaseChange
from wearemany.campaigns.services import preset_rules
from wearemany.moderation.models import Decision, DecisionKind, Review
from wearemany.moderation.standing import standings
from wearemany.photos.models import Development, Post
from wearemany.photos.secrets import post_salt
from wearemany.photos.showing import main_digests
from wearemany.wall.entry import (
    AmendEntry,
    Phase,
    PhaseEntry,
    PostEntry,
    RemovedEntry,
    commitment,
    entry_salt,
)
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


@dataclass(frozen=True)
class Facts:
    """What an entry would say of a post as it is now."""

    commitment: bytes
    photos: int
    people: int
    colour: bool


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


def facts_of(post: Post, *, decided_colour: bool | None, times: int) -> Facts | None:
    """Return what an entry would say of a post; None when its salt or its pictures are gone."""
    salt = post_salt(post.pk)
    digests = main_digests(post)
    if salt is None or not digests:
        return None
    verdicts = Development.objects.filter(photo__post=post).values_list("verdict", flat=True)
    return Facts(
        commitment=commitment(entry_salt(salt, times=times), digests, post.caption),
        photos=len(digests),
        people=post.people,
        colour="accept" in verdicts if decided_colour is None else decided_colour,
    )


def commitments_before(post_id: str) -> int:
    """Return how many commitments to a post are in the log."""
    return EntryRow.objects.filter(post_id=post_id).exclude(commitment=None).count()


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
    gone = rows.filter(Q(post__erased=True) | Q(decided=None) | ~Q(decided=DecisionKind.APPROVE))
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
        | Q(decided_colour=True, standing__colour=False)
        | Q(decided_colour=False, standing__colour=True)
        | Exists(undone),
        decided=DecisionKind.APPROVE,
    )
    rows = rows.select_related("post").order_by("position")
    drafts = (_amendment(row, decided_colour=row.decided_colour, day=moment.day) for row in rows)
    return [draft for draft in drafts if draft is not None][:BATCH_MAX]


def _amendment(row: EntryRow, *, decided_colour: bool | None, day: date) -> Draft | None:
    post, said = row.post, row.standing
    if post is None:
        return None
    is_edited = row.edit_version != post.edit_version
    facts = facts_of(post, decided_colour=decided_colour, times=commitments_before(post.pk))
    if facts is None:
        return None
    changes: dict[str, bool | int | bytes] = {}
    if is_edited:
        changes["commitment"] = facts.commitment
    for name, now in (("photos", facts.photos), ("people", facts.people)):
        if is_edited and said[name] != now:
            changes[name] = now
    if said["colour"] != facts.colour:
        changes["colour"] = facts.colour
    if row.is_repeat and not said["repeat"]:
        changes["repeat"] = True
    if not changes:
        return None
    entry = AmendEntry(day=day, of=row.position, **changes)  # type: ignore[arg-type]  # names and types as above
    return Draft(entry, post_id=post.pk, edit_version=post.edit_version)


def waiting_posts(campaign: Campaign) -> QuerySet[Post]:
    """Return approved posts that have no living entry yet, in the order of their decisions."""
    decisions = Decision.objects.filter(post=OuterRef("pk"), undone=False).order_by("-position")
    living = EntryRow.objects.filter(post=OuterRef("pk"), live=True)
    return (
        Post.objects.filter(~Exists(living), campaign=campaign, erased=False, ready=True)
        .annotate(
            decided=Subquery(decisions.values("kind")[:1]),
            decided_colour=Subquery(decisions.values("colour")[:1]),
            decided_at=Subquery(decisions.values("pk")[:1]),
        )
        .filter(decided=DecisionKind.APPROVE)
        .order_by("decided_at")
    )


def _releases(campaign: Campaign, head: LogHead, moment: Moment) -> tuple[list[Draft], datetime | None]:
    rules = preset_rules(campaign)
    # Nothing joins a closed log, even if somebody changes their mind about a rejection later.
    waiting = [] if tally_of(head).phase is Phase.CLOSED else list(waiting_posts(campaign))
    others = [post for post in waiting if not post.is_opening]
    # The opening post hides nobody: it is the campaign's first word, and goes at once.
    released = [post for post in waiting if post.is_opening]
    release_at = head.release_at
    if is_due(waiting=len(others), rules=rules, now=moment.now, release_at=head.release_at):
        # Shuffled before the cut, so that not even the batch says who was first.
        released += shuffled(others, moment.random_bytes) if is_shuffled(rules) else others
        release_at = next_release_at(rules=rules, now=moment.now)
    drafts = (_posted(post, moment) for post in released[:BATCH_MAX])
    return [draft for draft in drafts if draft is not None], release_at


def _posted(post: Post, moment: Moment) -> Draft | None:
    decided_colour: bool | None = getattr(post, "decided_colour", None)
    facts = facts_of(post, decided_colour=decided_colour, times=commitments_before(post.pk))
    if facts is None:
        return None
    entry = PostEntry(
        day=moment.day,
        commitment=facts.commitment,
        photos=facts.photos,
        people=facts.people,
        colour=facts.colour,
        repeat=False,
    )
    return Draft(entry, post_id=post.pk, edit_version=post.edit_version)


def _is_undecided(campaign: Campaign) -> bool:
    """Tell whether somebody still waits for an answer: then the log is not closed yet."""
    return (
        Post.objects.filter(campaign=campaign, erased=False, awaits_decision=True).exists()
        or Review.objects.filter(post__campaign=campaign, open=True).exists()
    )
