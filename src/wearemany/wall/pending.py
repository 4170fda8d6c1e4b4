"""What the log has yet to say: phase changes, approved posts, amendments, removals; as drafts, in their order.

Looks only at posts of which a row says that they changed (`photos.untold`), and writes nothing. When a batch may go is
`release`'s rule; that nothing changed between looking and swapping is checked again by `still_holds`, inside the swap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter

from django.db.models import Exists, OuterRef

from wearemany.campaigns.models import Campaign, PhaseChange, Shut
from wearemany.campaigns.services import preset_rules
from wearemany.moderation.models import Claim, Decision, DecisionKind, Review
from wearemany.moderation.seeds import IS_SEED
from wearemany.moderation.standing import is_reported
from wearemany.photos.models import Post
from wearemany.photos.orders import SEED
from wearemany.photos.untold import untold_fresh, untold_waiting
from wearemany.wall.changed import Changed, look
from wearemany.wall.entry import (
    AmendEntry,
    Phase,
    PhaseEntry,
    PostEntry,
    RemovedEntry,
)
from wearemany.wall.facts import Facts, facts_of_posts
from wearemany.wall.models import LogHead
from wearemany.wall.release import is_due, is_shuffled, is_time, next_release_at, shuffled
from wearemany.wall.rows import Draft, tally_of

BATCH_MAX = 2_000


@dataclass(frozen=True)
class Moment:
    """What a batch must not make up itself: the time, the campaign's day, the key kept offline, and chance."""

    now: datetime
    day: date
    recovery: bytes
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True)
class Due:
    """The drafts of the next batch, and from when on the batch after it may go.

    Of the changes that were looked at, nothing is left to tell of the `told` ones once the drafts are in the log, nor
    of the `idle` ones; the `waiting` ones wait for their release. `is_all`: there is no change that nobody looked at.
    """

    drafts: tuple[Draft, ...]
    release_at: datetime | None
    told: tuple[int, ...]
    idle: tuple[int, ...]
    waiting: tuple[int, ...]
    is_all: bool


@dataclass(frozen=True)
class _Release:
    """Who joins now, who waits, and when the ones after these may join."""

    joining: list[Changed]
    waiting: list[Changed]
    next_at: datetime | None


def drafts_due(campaign: Campaign, head: LogHead, moment: Moment) -> Due:
    """Return what may be appended now; no drafts when there is nothing, or nothing that may go yet."""
    is_mixed = is_shuffled(preset_rules(campaign))
    # Asked before the look, which then sees all who were decided until now: nobody is left outside a closed log.
    phases, closing = _phases(campaign, moment)
    ends = closing is not None and not _is_undecided(campaign)
    changes = untold_fresh(campaign, limit=BATCH_MAX)
    is_all = len(changes) < BATCH_MAX
    # Where order must say nothing, nobody joins before all were looked at: each has the same chance.
    opens = is_time(now=moment.now, release_at=head.release_at) and (is_all or not is_mixed)
    if opens:
        waiting = list(untold_waiting(campaign).items())
        changes |= dict(shuffled(waiting, moment.random_bytes)[:BATCH_MAX])
    posts = look(campaign, set(changes.values()))
    release = _release(campaign, posts, head, moment, opens=opens)
    mixed = [
        *_removals(campaign, posts, moment),
        *_amendments(posts, moment),
        *_joined(release.joining, moment),
    ]
    if is_mixed:
        mixed = shuffled(mixed, moment.random_bytes)
    first = {one.post.pk for one in posts if one.post.is_opening}
    drafts = [*phases, *sorted(mixed, key=lambda draft: draft.post_id not in first)]
    # Whoever waits for the next release comes before the end.
    if closing and ends and opens and is_all and len(mixed) < BATCH_MAX:
        drafts.append(closing)
    told = {draft.post_id for draft in mixed}
    wait = {one.post.pk for one in release.waiting}
    return Due(
        drafts=tuple(drafts),
        release_at=release.next_at,
        told=tuple(row for row, post in changes.items() if post in told),
        idle=tuple(row for row, post in changes.items() if post not in told | wait),
        waiting=tuple(row for row, post in changes.items() if post in wait),
        is_all=is_all,
    )


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
    posts = Post.objects.filter(pk__in=said, erased=False)
    versions = dict(posts.values_list("pk", "edit_version"))
    standing = Decision.objects.filter(post__in=said, undone=False).order_by("position")
    decided = dict(standing.values_list("post_id", "kind"))
    return all(
        versions.get(post_id) == draft.edit_version and decided.get(post_id) == DecisionKind.APPROVE
        for post_id, draft in said.items()
    )


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


def _removals(campaign: Campaign, posts: Sequence[Changed], moment: Moment) -> list[Draft]:
    # Of an erased campaign the number stays: only what was taken from the wall before is said to be removed.
    stays = Campaign.objects.filter(pk=campaign.pk, shut=Shut.ERASED).exists()
    places = sorted(
        (one.entry.position, one.post.pk)
        for one in posts
        if one.entry is not None and (one.decision != DecisionKind.APPROVE or (one.post.erased and not stays))
    )
    return [Draft(RemovedEntry(moment.day, of=place), post_id=post_id) for place, post_id in places]


def _amendments(posts: Sequence[Changed], moment: Moment) -> list[Draft]:
    """Return what the living entries of these posts do not say yet."""
    living = [(one.entry.position, one) for one in posts if one.entry is not None and one.is_approved]
    told = [one for _, one in sorted(living, key=itemgetter(0))]
    facts = facts_of_posts([one.post for one in told])
    drafts = (_amendment(one, facts.get(one.post.pk), moment.day) for one in told)
    return [draft for draft in drafts if draft is not None]


def _amendment(one: Changed, facts: Facts | None, day: date) -> Draft | None:
    post, row = one.post, one.entry
    if row is None or facts is None:
        return None
    said = row.standing
    changes: dict[str, bool | int | bytes] = {}
    if row.edit_version != post.edit_version:
        changes["commitment"] = facts.commitment()
        changes |= {
            name: now
            for name, now in (("photos", facts.photos), ("people", facts.people))
            if said[name] != now
        }
    colour = _colour(facts, one.colour)
    if said["colour"] != colour:
        changes["colour"] = colour
    if row.is_repeat != said["repeat"]:
        changes["repeat"] = row.is_repeat
    if not changes:
        return None
    entry = AmendEntry(day=day, of=row.position, **changes)  # type: ignore[arg-type]  # names and types as above
    return Draft(entry, post_id=post.pk, edit_version=post.edit_version)


def _release(
    campaign: Campaign, posts: Sequence[Changed], head: LogHead, moment: Moment, *, opens: bool
) -> _Release:
    # Nothing joins a closed log, even if somebody changes their mind about a rejection later.
    if tally_of(head).phase is Phase.CLOSED:
        return _Release([], [], head.release_at)
    rules = preset_rules(campaign)
    # The opening post hides nobody: it is the campaign's first word, and goes at once.
    opening = [one for one in posts if one.may_join and one.post.is_opening]
    others = [one for one in posts if one.may_join and not one.post.is_opening]
    if not opens or not is_due(waiting=len(others), rules=rules):
        return _Release(opening, others, head.release_at)
    if is_shuffled(rules):
        others = shuffled(others, moment.random_bytes)
    next_at = next_release_at(rules=rules, now=moment.now)
    return _Release([*opening, *others[:BATCH_MAX]], others[BATCH_MAX:], next_at)


def _joined(posts: Sequence[Changed], moment: Moment) -> list[Draft]:
    facts = facts_of_posts([one.post for one in posts])
    return [_posted(one, facts[one.post.pk], moment) for one in posts if one.post.pk in facts]


def _posted(one: Changed, facts: Facts, moment: Moment) -> Draft:
    entry = PostEntry(
        day=moment.day,
        commitment=facts.commitment(),
        photos=facts.photos,
        people=facts.people,
        colour=_colour(facts, one.colour),
        repeat=False,
    )
    return Draft(entry, post_id=one.post.pk, edit_version=one.post.edit_version)


def _colour(facts: Facts, decided: bool | None) -> bool:
    """Return whether the colour is worn: by a person's word if there is one, else by the verdict."""
    return facts.wears_colour if decided is None else decided


def _is_undecided(campaign: Campaign) -> bool:
    """Tell whether an author still waits for an answer: then the log is not closed yet.

    Nobody is answered any more where everything was erased. Claims and reports do not count: a stranger must not be
    able to keep the log open, and removals may follow its closing. Nor do test pictures.
    """
    if Campaign.objects.filter(pk=campaign.pk, shut=Shut.ERASED).exists():
        return False
    asked = Exists(Claim.objects.filter(post=OuterRef("post"), open=True)) | is_reported()
    posts = Post.objects.filter(campaign=campaign, erased=False, awaits_decision=True)
    reviews = Review.objects.filter(~asked, post__campaign=campaign, open=True)
    return posts.exclude(door=SEED).exists() or reviews.exclude(IS_SEED).exists()
