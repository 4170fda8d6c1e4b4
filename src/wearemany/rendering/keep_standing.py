"""Where a post stands, in the words that its author reads under the secret code: plain, true, and blaming nobody.

The state itself comes from `wall.queries.post_state`, the one definition.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from wearemany.adapters import clock
from wearemany.campaigns.models import Shut
from wearemany.campaigns.presets import PresetRules
from wearemany.campaigns.services import preset_rules
from wearemany.errors import N_
from wearemany.moderation.appeals import appeal_of
from wearemany.moderation.models import Review
from wearemany.moderation.purging import post_purge_of
from wearemany.moderation.reasons import APPEAL_DAYS, ENDED, PURGED, REJECTIONS, REVIEWS
from wearemany.moderation.services import reviews_open, standing
from wearemany.photos.models import Post
from wearemany.rendering.frames import CampaignView
from wearemany.wall.queries import PostState, entry_of
from wearemany.wall.release import is_shuffled

MOVING = frozenset(
    {PostState.RECEIVED, PostState.CHECKING, PostState.REVIEW, PostState.WAITING_RELEASE, PostState.HIDDEN}
)
"""States that change without the author: the page looks again by itself."""

_LABELS = {
    PostState.RECEIVED: N_("Received"),
    PostState.CHECKING: N_("Being checked"),
    PostState.CONFIRM: N_("Waits for you"),
    PostState.REVIEW: N_("A person will look"),
    PostState.WAITING_RELEASE: N_("On its way to the wall"),
    PostState.ON_WALL: N_("On the wall"),
    PostState.HIDDEN: N_("Hidden until a person has looked"),
    PostState.REJECTED: N_("Not on the wall"),
    PostState.WITHDRAWN: N_("Taken back"),
    PostState.REFUSED: N_("Waits for you"),
}
_OVER = (PostState.REJECTED, PostState.WITHDRAWN)
_SHUT = {
    Shut.ASKED: N_(
        "The team has hidden all posts of this campaign, and may erase them. You need do nothing, and can take yours "
        "back yourself at any time."
    ),
    Shut.ERASED: N_(
        "Everything that people sent to this campaign is being erased, yours too. Nobody can see it."
    ),
    Shut.RESTORED: N_(
        "All posts of this campaign are hidden until the team has made sure that nothing comes back which was taken "
        "back. You need do nothing."
    ),
}


@dataclass(frozen=True)
class Standing:
    """Where the post stands. `sentences` say it plainly; `is_moving` means that waiting here makes sense."""

    name: str
    label: str
    sentences: tuple[str, ...]
    is_moving: bool
    wall_path: str = ""


def standing_told(post: Post, *, state: PostState, view: CampaignView, rules: PresetRules) -> Standing:
    """Return where a post stands, in words for its author."""
    path = ""
    if state == PostState.ON_WALL and (entry := entry_of(post)) is not None:
        path = view.at.post(entry.position)
    return Standing(
        name=str(state.value),
        label=state_label(post, state),
        sentences=(*_sentences(post, state, rules), *_frozen_sentences(state, view)),
        is_moving=state in MOVING,
        wall_path=path,
    )


def state_label(post: Post, state: PostState) -> str:
    """Return where a post stands in two or three words."""
    if state not in _OVER and post.campaign.shut:
        return gettext("Hidden")
    return gettext(N_("Taken down") if _ended_by_team(post, state) else _LABELS[state])


def _ended_by_team(post: Post, state: PostState) -> str:
    """Return the reason for which the team ended a post for good; "" when it did not."""
    taken = standing(post) if state == PostState.WITHDRAWN else None
    return taken.reason if taken is not None and taken.reason in ENDED else ""


def _sentences(post: Post, state: PostState, rules: PresetRules) -> tuple[str, ...]:
    if state not in _OVER and post.campaign.shut:
        return (gettext(_SHUT[Shut(post.campaign.shut)]),)
    if state == PostState.REVIEW:
        return _review_sentences(post)
    if state == PostState.WAITING_RELEASE:
        return (_release_sentence(rules),)
    if state == PostState.REJECTED:
        return _rejected_sentences(post)
    if state == PostState.HIDDEN:
        return _hidden_sentences()
    if reason := _ended_by_team(post, state):
        return _ended_sentences(post, reason)
    if state == PostState.CONFIRM:
        return (
            gettext("Your picture is ready. Please look at it: is everything covered that should be?"),
            gettext("Nothing is public before you say that it is right."),
        )
    plain = {
        PostState.RECEIVED: gettext("Your photo has arrived. It is checked in a moment."),
        PostState.CHECKING: gettext(
            "We are checking your photo. This takes a few seconds, longer when many are here."
        ),
        PostState.ON_WALL: gettext(
            "Your post is on the wall, for everyone to see. Thank you for standing with us."
        ),
        PostState.WITHDRAWN: gettext("You took this post back. It is gone from the wall."),
        PostState.REFUSED: gettext(
            "A photo could not be used. Please see below what to do; nothing else of your post is lost."
        ),
    }
    return (plain[state],)


def _frozen_sentences(state: PostState, view: CampaignView) -> tuple[str, ...]:
    if not view.wall_frozen or state not in MOVING:
        return ()
    return (
        gettext("The wall stands still for the moment. Your post keeps its place, and you need do nothing."),
    )


def _review_sentences(post: Post) -> tuple[str, ...]:
    review = Review.objects.filter(post=post).first()
    reasons = tuple(gettext(REVIEWS[code]) for code in (review.reasons if review else ()) if code in REVIEWS)
    waiting = waiting_told(post)
    if waiting is None:
        line = gettext("We cannot say how long that takes: people of the team look when they can.")
    else:
        line = ngettext(
            "%(count)d post waits for a person now. We cannot say how long that takes: people of the team look "
            "when they can.",
            "%(count)d posts wait for a person now. We cannot say how long that takes: people of the team look "
            "when they can.",
            waiting,
        ) % {"count": waiting}
    return (*reasons, line, gettext("You need not stay. Come back with your secret code whenever you like."))


def waiting_told(post: Post) -> int | None:
    """Return how many posts wait for a person, as their authors may be told.

    None where posts come out in mixed groups: whoever keeps a post of their own waiting could read off this number the
    second in which each other one came.
    """
    return None if is_shuffled(preset_rules(post.campaign)) else reviews_open(post.campaign)


def _release_sentence(rules: PresetRules) -> str:
    if rules.release_batch <= 1 and not rules.release_every_s:
        return gettext("Everything is fine. Your post will be on the wall in a moment.")
    values = {"posts": rules.release_batch, "minutes": rules.release_every_s // 60}
    if rules.release_every_s:
        return (
            gettext(
                "Everything is fine. Posts appear on the wall in mixed groups of at least %(posts)s, about every "
                "%(minutes)s minutes, so that nobody can tell who posted when. Yours goes with the next group."
            )
            % values
        )
    return (
        gettext(
            "Everything is fine. Posts appear on the wall in mixed groups of at least %(posts)s, however long that "
            "takes, so that nobody can tell who posted when. Yours goes with the next group."
        )
        % values
    )


def _rejected_sentences(post: Post) -> tuple[str, ...]:
    decision = standing(post)
    reason = REJECTIONS.get(decision.reason, "") if decision else ""
    return (
        gettext(
            "A person of the team looked at your post, and it is not on the wall. Nobody else can see it."
        ),
        *((gettext(reason),) if reason else ()),
        *(() if appeal_of(post) else (_rejected_term(),)),
    )


def _ended_sentences(post: Post, reason: str) -> tuple[str, ...]:
    purge = post_purge_of(post)
    if reason == PURGED and purge is not None and purge.due_at is not None and purge.due_at > clock.now():
        return (
            gettext("The team has taken this post down, and nobody else can see it."),
            gettext(
                "Everything of it will be erased, unless the team changes its mind before. You need do nothing; you "
                "can also erase it at once by taking it back."
            ),
        )
    return (gettext("A person of the team took this post down for good."), gettext(ENDED[reason]))


def _rejected_term() -> str:
    return gettext(
        "You can post again with another photo. This one is erased after %(days)s days, or now if you take it back."
    ) % {"days": APPEAL_DAYS}


def _hidden_sentences() -> tuple[str, ...]:
    return (
        gettext(
            "Somebody said that this post is theirs, or that they are in the picture and do not agree to it."
        ),
        gettext(
            "It is hidden until a person of the team has looked, and then shown again or taken down for good."
        ),
        gettext(
            "If it is yours and you want it to stay, you need do nothing. You can also take it back yourself."
        ),
    )
