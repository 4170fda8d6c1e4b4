"""Decide, undo, take back. Decisions are only ever added; what must disappear bumps the visible version with them.

Handing out reviews is in `handing`, claims of people without a code in `claims`, erasing in `erasing`, who must
look in `policy`.
"""

from __future__ import annotations

import datetime
import logging
from dataclasses import replace

from django.db import transaction
from django.db.models import QuerySet

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import (
    preset_rules,
    stream_version_bump,
    visible_version_bump,
)
from wearemany.errors import N_, Refused
from wearemany.ids import ID_BYTES, opaque
from wearemany.moderation.adding import decision_add, was_approved
from wearemany.moderation.answering import answers_close, answers_reopen
from wearemany.moderation.appeals import appeal_answerer_checked
from wearemany.moderation.claims import claims_forget_pending
from wearemany.moderation.erasing import (
    authors_pseudonymise_pending,
    erase_pending,
    erasure_call_off,
    erasure_order,
    post_erase_whole,
)
from wearemany.moderation.handing import (
    review_close,
    review_next,
    review_open,
    review_return,
    reviews_open,
    words_seen_checked,
)
from wearemany.moderation.likeness import PASS_MOST, likeness_note
from wearemany.moderation.models import (
    Claim,
    Decision,
    DecisionKind,
    Report,
    Reversal,
    ReversedDecision,
    Review,
)
from wearemany.moderation.policy import PhotoFacts, PostFacts, decide
from wearemany.moderation.reasons import (
    APPEAL_DAYS,
    CLAIM_SHOWN,
    REPORT_KEPT,
    rejection_checked,
    take_down_checked,
)
from wearemany.moderation.refused import is_like_refused
from wearemany.moderation.seeds import is_seed, seed_answer, seed_answer_undo, seed_wait
from wearemany.moderation.standing import standing, standings
from wearemany.photos.hushed import words_hush, words_voice
from wearemany.photos.models import Photo, Post
from wearemany.photos.readiness import is_confirmed, locked, post_edit_apply, post_taken_up, words_of
from wearemany.photos.untold import untold_leave
from wearemany.worker.loop import describe, wake_on_commit
from wearemany.worker.room import finds_room

__all__ = [
    "authors_pseudonymise_pending",
    "claims_forget_pending",
    "decide_pending",
    "decision_make",
    "decision_undo",
    "decisions_of",
    "decisions_reverse",
    "erase_pending",
    "post_take_down",
    "post_withdraw",
    "review_next",
    "review_return",
    "reviews_open",
    "standing",
    "standings",
]

TAKE_DOWN_UNDO = datetime.timedelta(minutes=10)
"""For how long a taken-down post, hidden for good already, can still be brought back by undoing that."""

_BATCH = 50
_log = logging.getLogger("wearemany.moderation")


def decide_pending() -> int:
    """Take up posts that photos handed on: approve by policy, or open a review. Each in its own transaction."""
    waiting = list(Post.objects.filter(awaits_decision=True).values_list("pk", flat=True)[:_BATCH])
    for post_id in waiting:
        with transaction.atomic():
            post = Post.objects.select_for_update().filter(pk=post_id, awaits_decision=True).first()
            if post is not None:
                _take_up(post)
                post_taken_up(post)
    return len(waiting)


@finds_room
def decision_make(
    *,
    post: Post,
    kind: str,
    reason: str = "",
    account: Account | None = None,
    colour: bool | None = None,
) -> Decision:
    """Add a person's decision: approve or reject, with a reason code to reject, perhaps a word on the colour.

    A rejection hides the post everywhere in the same transaction, and orders its erasure for the end of the appeal
    term; an approval lets waiting words count. Either one answers who waits: claims, reports, the author's appeal,
    which another person has to answer. Raises Refused when the post is gone, is not ready to be approved, or its
    words changed since this account was handed the review.
    """
    if kind not in (DecisionKind.APPROVE, DecisionKind.REJECT):
        raise Refused(
            "decision-unknown", N_("A decision is approve or reject. Only the author takes a post back.")
        )
    if kind == DecisionKind.REJECT:
        rejection_checked(reason)
    with transaction.atomic():
        now = locked(post.pk)
        appeal_answerer_checked(now, account=account)
        if kind == DecisionKind.APPROVE:
            _check_approvable(now, account=account)
        if is_seed(now):
            decision = seed_answer(
                now, kind=DecisionKind(kind), reason=reason, account=account, colour=colour
            )
        else:
            decision = _decided(now, kind=DecisionKind(kind), reason=reason, account=account, colour=colour)
        review_close(now)
        post_taken_up(now)
    return decision


@finds_room
def post_take_down(*, post: Post, reason: str, account: Account | None = None) -> Decision:
    """Take a claimed post down for good, by a person's decision: gone everywhere with this transaction.

    It is erased ten minutes later, unless the decision is undone until then. Raises Refused when there is no
    open claim, or no reason.
    """
    take_down_checked(reason)
    with transaction.atomic():
        now = locked(post.pk)
        if not Claim.objects.filter(post=now, open=True).exists():
            raise Refused(
                "claim-decided", N_("This was decided already, or the post is gone. Nothing was changed.")
            )
        decision = decision_add(now, kind=DecisionKind.WITHDRAW, by="person", reason=reason, account=account)
        erasure_order(now, on_day=None, after=TAKE_DOWN_UNDO)
        answers_close(now, decision)
        review_close(now)
        post_taken_up(now)
    return decision


def decision_undo(*, post: Post, account: Account | None = None) -> Decision:
    """Take the newest decision back: what held before holds again, or a person looks once more.

    `account` is who undoes; nothing is kept of that. Raises Refused when there is nothing to undo, when the
    author took the post back, or when it is erased.
    """
    with transaction.atomic():
        now = locked(post.pk)
        if is_seed(now):
            return seed_answer_undo(now)
        newest = standing(now)
        if newest is None or newest.by == "author":
            raise Refused("nothing-to-undo", N_("There is no decision here that could be undone."))
        _undo(now, newest)
    return newest


def decisions_reverse(*, campaign: Campaign, account: Account, by: Account | None = None) -> int:
    """Undo everything that holds by one moderator's word in a campaign; returns how many decisions that were.

    For the day a moderator turns out not to be one of us. Each post is its own transaction; repeat if it stops.
    `reversing` says what it would touch, and takes it back.
    """
    made = list(decisions_of(campaign, account).values_list("pk", "post_id"))
    if not made:
        return 0
    reversal = Reversal.objects.create(
        id=opaque(clock.random_bytes(ID_BYTES)),
        campaign=campaign,
        whose=account,
        by=by,
        day=clock.now().date(),
    )
    reversed_count = 0
    for decision_id, post_id in made:
        with transaction.atomic():
            post = Post.objects.select_for_update().filter(pk=post_id, erased=False).first()
            decision = Decision.objects.filter(pk=decision_id, undone=False).first()
            if post is not None and decision is not None:
                _undo(post, decision)
                ReversedDecision.objects.create(reversal=reversal, decision=decision)
                reversed_count += 1
    return reversed_count


def decisions_of(campaign: Campaign, account: Account) -> QuerySet[Decision]:
    """Return the decisions that hold by somebody's word in a campaign."""
    return Decision.objects.filter(
        account=account, undone=False, post__campaign=campaign, post__erased=False
    ).order_by("post_id", "position")


@finds_room
def post_withdraw(*, post: Post) -> None:
    """Take a post back for its author: gone everywhere with this transaction, then erased. Twice is once.

    Should erasing stop half-way (a killed server, a full disk), the erasure row makes the worker finish it.
    """
    with transaction.atomic():
        now = Post.objects.select_for_update().filter(pk=post.pk, erased=False).first()
        if now is None:
            return
        newest = standing(now)
        if newest is None or newest.kind != DecisionKind.WITHDRAW:
            decision_add(now, kind=DecisionKind.WITHDRAW, by="author")
        Review.objects.filter(post=now).delete()
        erasure_order(now, on_day=None)
    try:
        post_erase_whole(now)
    except Exception as error:
        # Hidden it is already; the keys die with the worker's next attempt, so nobody is told of a failure.
        _log.error("erasing is left to the worker: %s", describe(error))


def _decided(
    post: Post, *, kind: DecisionKind, reason: str, account: Account | None, colour: bool | None
) -> Decision:
    if kind == DecisionKind.APPROVE:
        words_voice(post)
        post_edit_apply(post)
        erasure_call_off(post)
        reason = _answered_reason(post)
    else:
        erasure_order(post, on_day=clock.now().date() + datetime.timedelta(days=APPEAL_DAYS + 1))
    decision = decision_add(post, kind=kind, by="person", reason=reason, account=account, colour=colour)
    answers_close(post, decision)
    return decision


def _take_up(post: Post) -> None:
    newest = standing(post)
    if newest is not None:
        # It may be ready again, or its words be about to change.
        untold_leave(post)
    if newest is not None and (newest.kind != DecisionKind.APPROVE or not post.edit):
        return
    facts = facts_of(post, is_edit=newest is not None)
    if newest is None and not is_seed(post):
        facts = replace(facts, is_alike=likeness_note(post) >= PASS_MOST)
    outcome = decide(facts, held=preset_rules(post.campaign).held)
    if is_seed(post):
        seed_wait(post, reasons=outcome.reasons)
        return
    if outcome.kind == "review":
        review_open(post, reasons=outcome.reasons)
        return
    post_edit_apply(post)
    if newest is None:
        decision_add(post, kind=DecisionKind.APPROVE, by="policy")
    else:
        stream_version_bump(post.campaign_id)
        wake_on_commit()


def facts_of(post: Post, *, is_edit: bool) -> PostFacts:
    """Return what policy may know of a post."""
    words = words_of(post)
    rows = Photo.objects.filter(post=post).select_related("development")
    return PostFacts(
        photos=tuple(
            PhotoFacts(
                verdict=row.development.verdict,
                reasons=tuple(row.development.reasons),
                advice=tuple(row.development.advice),
                faces=len(row.development.faces),
            )
            for row in rows
        ),
        people=int(words["people"]),
        is_edit=is_edit,
        people_changed=words["people"] != post.people,
        door=post.door,
        is_held=post.group is not None and post.group.held,
        is_like_refused=not is_edit and is_like_refused(post),
        asks_word=post.campaign.asks_word,
        link_added=bool(words["elsewhere"]) and not (is_edit and words["elsewhere"] == post.elsewhere),
    )


def _check_approvable(post: Post, *, account: Account | None) -> None:
    newest = standing(post)
    if newest is not None and newest.kind == DecisionKind.WITHDRAW:
        raise Refused("post-gone", N_("This post was taken back or erased. Nothing of it is left here."))
    if not post.ready or not is_confirmed(post):
        raise Refused(
            "not-ready-to-decide",
            N_(
                "The picture is still being prepared, or its author has not confirmed it. Please look again later."
            ),
        )
    words_seen_checked(post, account=account)


def _answered_reason(post: Post) -> str:
    """Return the reason of an approval, which says whom it answers."""
    if Claim.objects.filter(post=post, open=True).exists():
        return CLAIM_SHOWN
    return REPORT_KEPT if Report.objects.filter(post=post, open=True).exists() else ""


def _undo(post: Post, decision: Decision) -> None:
    Decision.objects.filter(pk=decision.pk).update(undone=True)
    decision.undone = True
    untold_leave(post)
    left = standing(post)
    if left is None or left.kind == DecisionKind.APPROVE:
        words_voice(post)
        erasure_call_off(post)
    elif left.kind == DecisionKind.REJECT:
        # What it had called off holds again, with a day at least to look.
        words_hush(post)
        term = left.day + datetime.timedelta(days=APPEAL_DAYS + 1)
        erasure_order(post, on_day=max(term, clock.now().date() + datetime.timedelta(days=2)))
    if left is None:
        # Why it had waited is still true: whoever looks now must not miss the face that was perhaps missed.
        earlier = Review.objects.filter(post=post).values_list("reasons", flat=True).first() or []
        review_open(post, reasons=tuple(dict.fromkeys(("reopened", *earlier))))
    answers_reopen(post, decision)
    if was_approved(post):
        visible_version_bump(post.campaign_id)
    wake_on_commit()
