"""Claims: "I posted this and lost my code", "I am in this picture". No account, no code; a person decides.

The post is hidden with the claim's own transaction, unless that was done too often lately or a person decided such
a claim before: then it waits for a person in sight of everybody. Deciding is in `services`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, transaction

from wearemany.adapters import clock, server
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import visible_version_bump
from wearemany.errors import N_, Refused
from wearemany.ids import ID_BYTES, opaque
from wearemany.moderation.handing import review_open
from wearemany.moderation.models import Claim, ClaimKind, ClaimOutcome, Decision, DecisionKind
from wearemany.moderation.reasons import CLAIM_SHOWN
from wearemany.moderation.standing import is_hidden, standing
from wearemany.photos.models import Post
from wearemany.photos.readiness import locked
from wearemany.worker.loop import wake_on_commit
from wearemany.worker.seldom import AtMost, Seldom

WORDS_MAX = 300
OPEN_A_POST_MAX = 5
KEPT_DAYS = 30
HIDDEN_LEAST, HIDDEN_MOST = 3, 100
HIDES_AN_HOUR = 4
"""So many times the posts that may be hidden at a time may be hidden within an hour."""

_hides = AtMost(every_s=3600.0)
_forget_watch = Seldom(every_s=3600.0)


@dataclass(frozen=True)
class ClaimOrder:
    """A claim as it was sent. `number` came with the form; `wall_posts` is how many posts are on the wall."""

    post: Post
    kind: str
    number: str = field(repr=False)
    words: str = field(default="", repr=False)
    wall_posts: int = 0


def claim_make(order: ClaimOrder) -> Claim:
    """Take a claim, hide its post where that may be, and put it before a person. The same number is the same claim.

    Raises Refused, and then nothing is changed: `post-gone`, `claim-needless` for a post that is not approved,
    `claim-known` when several people said the same, `claim-kind`, `claim-words-long`.
    """
    digest = number_digest(order.number)
    if (known := Claim.objects.filter(number_digest=digest).first()) is not None:
        return known
    if order.kind not in ClaimKind.values:
        raise Refused("claim-kind", N_("Please choose which of the two it is."))
    words = tidy_words(order.words, code="claim-words-long", limit=WORDS_MAX)
    try:
        with transaction.atomic():
            post = locked(order.post.pk)
            _check_claimable(post)
            hides = _may_hide(post, wall_posts=order.wall_posts)
            claim = Claim.objects.create(
                id=opaque(clock.random_bytes(ID_BYTES)),
                post=post,
                kind=order.kind,
                words=words,
                number_digest=digest,
                hides=hides,
                day=clock.now().date(),
            )
            review_open(post, reasons=(f"claim-{claim.kind}",))
            if hides:
                visible_version_bump(post.campaign_id)
            wake_on_commit()
    except IntegrityError:
        # Sent twice at the same moment: the other one made it.
        return Claim.objects.get(number_digest=digest)
    return claim


def claim_by_number(number: str) -> Claim | None:
    """Return the claim that has this number; None when there is none, or none any more."""
    return Claim.objects.filter(number_digest=number_digest(number)).select_related("post").first()


def claims_open(campaign: Campaign) -> int:
    """Return how many posts wait for a person because somebody claimed them."""
    rows = Claim.objects.filter(post__campaign=campaign, open=True, post__erased=False)
    return rows.values("post").distinct().count()


def hidden_max(wall_posts: int) -> int:
    """Return how many posts of a campaign claims may hide at a time: one in a hundred, from 3 to 100."""
    return max(HIDDEN_LEAST, min(HIDDEN_MOST, wall_posts // 100))


def claims_close(post: Post, decision: Decision) -> None:
    """Answer a post's open claims with a decision; inside its transaction. What they hid is seen again at once."""
    is_shown = decision.kind == DecisionKind.APPROVE
    was_hidden = is_hidden(post)
    Claim.objects.filter(post=post, open=True).update(
        open=False,
        outcome=ClaimOutcome.SHOWN if is_shown else ClaimOutcome.TAKEN_DOWN,
        decision=decision,
        day=decision.day,
    )
    if was_hidden and is_shown:
        visible_version_bump(post.campaign_id)


def claims_reopen(post: Post, decision: Decision) -> None:
    """Open what an undone decision had closed, and put it before a person again; inside that transaction."""
    closed = Claim.objects.filter(post=post, decision=decision, open=False)
    kinds: Iterable[str] = sorted(set(closed.values_list("kind", flat=True)))
    if closed.update(open=True, outcome="", decision=None):
        review_open(post, reasons=[f"claim-{kind}" for kind in kinds])


def claims_end(post: Post) -> None:
    """Forget the words of a post's claims, now that it is erased; what is still open is answered by that."""
    today = clock.now().date()
    claims = Claim.objects.filter(post=post)
    if claims.exists():
        claims.filter(open=True).update(open=False, outcome=ClaimOutcome.GONE, day=today)
        claims.update(words="")


def claims_forget_pending() -> int:
    """Once an hour, delete claims that were answered a month ago: nobody asks for them any more."""
    if not _forget_watch.is_time():
        return 0
    until = clock.now().date() - timedelta(days=KEPT_DAYS)
    deleted, _ = Claim.objects.filter(open=False, day__lt=until).delete()
    return deleted


def number_digest(number: str) -> bytes:
    """Return what stands for a claim's number in its row."""
    return server.keys().peppered(number.encode(), purpose="claim")


def _check_claimable(post: Post) -> None:
    newest = standing(post)
    if newest is None or newest.kind != DecisionKind.APPROVE:
        raise Refused("claim-needless", N_("This post is not shown to anybody now. Nothing more is needed."))
    if Claim.objects.filter(post=post, open=True).count() >= OPEN_A_POST_MAX:
        raise Refused(
            "claim-known",
            N_(
                "Several people told us of this post already, and a person will look at it. Nothing more is needed."
            ),
        )


def _may_hide(post: Post, *, wall_posts: int) -> bool:
    """Tell whether a stranger's word hides this post at once. A flood stands in line at the campaign's row.

    The opening post speaks for the whole campaign, and a decided one was looked at: for both a person looks first.
    """
    if is_hidden(post):
        return True
    if post.is_opening or Decision.objects.filter(post=post, reason=CLAIM_SHOWN, undone=False).exists():
        return False
    Campaign.objects.select_for_update().get(pk=post.campaign_id)
    hiding = Claim.objects.filter(post__campaign=post.campaign_id, open=True, hides=True)
    most = hidden_max(wall_posts)
    if hiding.values("post").distinct().count() >= most:
        return False
    return _hides.take(post.campaign_id, limit=HIDES_AN_HOUR * most)


def tidy_words(text: str, *, code: str, limit: int) -> str:
    """Return a stranger's words without signs that nobody sees; Refused with the code when they are too many."""
    plain = unicodedata.normalize("NFC", text).replace("\r", "")
    tidy = "".join(
        sign for sign in plain if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs")
    ).strip()
    if len(tidy) > limit:
        raise Refused(
            code, N_("Your words may have up to %(limit)s characters. Please shorten them."), limit=limit
        )
    return tidy
