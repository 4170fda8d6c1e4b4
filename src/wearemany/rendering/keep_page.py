"""A post as its author sees it: where it stands in plain words, the covered pictures, what may still be added.

Pictures are put into the page itself: their addresses are nobody's until the wall shows them. The state comes
from `wall.queries.post_state`, the one definition; here it only gets words.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext, ngettext

from wearemany.campaigns.presets import PresetRules
from wearemany.campaigns.services import preset_rules
from wearemany.darkroom.geometry import Polygon
from wearemany.errors import N_
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.moderation.appeals import appeal_of
from wearemany.moderation.models import Review
from wearemany.moderation.reasons import APPEAL_DAYS, ENDED, REJECTIONS, REVIEWS
from wearemany.moderation.services import reviews_open, standing
from wearemany.photos.consents import is_agreed
from wearemany.photos.models import CoverChoice, Post
from wearemany.photos.orders import TICK_WORDS, TICKS
from wearemany.photos.ownership import can_be_forgotten, wants_no_code
from wearemany.photos.services import post_photos, rendition_open, words_of
from wearemany.photos.showing import OpenedRendition, PhotoView, RenditionView
from wearemany.rendering.frames import CampaignView, campaign_view
from wearemany.rendering.keep_consents import ConsentBox, consent_boxes
from wearemany.rendering.seen import colour_words, face_words
from wearemany.wall.queries import PostState, entry_of, post_state

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
_MORE_LANGUAGES = (
    "ar",
    "be",
    "de",
    "es",
    "fa",
    "fr",
    "he",
    "it",
    "ka",
    "kk",
    "pl",
    "pt",
    "sr",
    "tr",
    "uk",
    "zh",
)


@dataclass(frozen=True)
class Standing:
    """Where the post stands. `sentences` say it plainly; `is_moving` means that waiting here makes sense."""

    name: str
    label: str
    sentences: tuple[str, ...]
    is_moving: bool
    wall_path: str = ""


@dataclass(frozen=True)
class SeenPhoto:
    """One photo for its author. `outline` are polygons in fractions of the picture; `copy` is what may be seen now."""

    id: str
    number: int
    state: str
    alt: str
    copy: RenditionView | None = None
    width_px: int = 0
    height_px: int = 0
    outline: tuple[Polygon, ...] = ()
    colour_words: tuple[str, ...] = ()
    face_words: tuple[str, ...] = ()
    refused_sentence: str = ""
    can_be_dropped: bool = False

    @cached_property
    def picture(self) -> str:
        """Return the middle-sized copy as a `data:` address, "" while there is none. Every browser reads JPEG."""
        opened = rendition_open(self.copy.file.partition(".")[0]) if self.copy else None
        if opened is None:
            return ""
        return f"data:{opened.media_type};base64,{base64.b64encode(opened.content).decode()}"

    @property
    def polygons(self) -> tuple[str, ...]:
        """Return the outline as SVG points in per cent."""
        return tuple(_points(polygon) for polygon in self.outline)


@dataclass(frozen=True)
class KeepPage:
    """Everything the keep-page shows."""

    campaign: CampaignView
    rules: PresetRules
    standing: Standing
    photos: tuple[SeenPhoto, ...]
    words: dict[str, object]
    language: str
    languages: tuple[str, ...]
    consents: tuple[ConsentBox, ...]
    asks_cover: bool
    asks_ticks: tuple[tuple[str, str], ...]
    mark: str
    waits_for_words: bool
    can_be_covered: bool
    has_code: bool
    can_be_forgotten: bool
    no_code_words: tuple[str, ...]


def keep_page(post: Post, *, language: str) -> KeepPage:
    """Return the page of a post for a reader of `language`."""
    # Before everything else: should something change while the page is made, the next look must find a newer mark.
    mark = state_mark(post)
    view = campaign_view(post.campaign, language=language)
    rules = preset_rules(post.campaign)
    photos = _photos(post, colour=view.colour)
    now = _standing(post, view=view, rules=rules)
    is_codeless = wants_no_code(post)
    if any(photo.state == "waiting" for photo in photos):
        now = replace(now, is_moving=True)
    return KeepPage(
        campaign=view,
        rules=rules,
        standing=now,
        photos=photos,
        words=words_of(post),
        language=post.language,
        languages=_languages(post),
        consents=consent_boxes(post, rules),
        asks_cover=post.cover != CoverChoice.NOBODY,
        asks_ticks=() if is_agreed(post) else tuple((name, gettext(TICK_WORDS[name])) for name in TICKS),
        mark=mark,
        waits_for_words=bool(post.edit),
        can_be_covered=now.name not in (PostState.REJECTED, PostState.WITHDRAWN),
        has_code=not is_codeless,
        can_be_forgotten=can_be_forgotten(post) and not is_codeless,
        no_code_words=_no_code_words(post) if is_codeless else (),
    )


def state_mark(post: Post) -> str:
    """Return a short text that changes whenever something on the page that changes by itself does."""
    photos = [
        [photo.id, photo.state, photo.refused_code, [copy.name for copy in photo.renditions]]
        for photo in post_photos(post)
    ]
    state = post_state(post)
    waiting = reviews_open(post.campaign) if state == PostState.REVIEW else 0
    text = json.dumps(
        [str(state), photos, waiting, bool(post.edit), _appeal_mark(post), post.campaign.wall_frozen]
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _appeal_mark(post: Post) -> str:
    appeal = appeal_of(post)
    return "" if appeal is None else "open" if appeal.open else "answered"


def state_label(state: PostState) -> str:
    """Return where a post stands in two or three words."""
    return gettext(_LABELS[state])


def large_picture(post: Post, photo_id: str) -> OpenedRendition | None:
    """Return one of the post's photos in its public size; None when it is not the post's, or not to be seen now."""
    for view in post_photos(post):
        copy = view.rendition("main", "jpeg")
        if view.id == photo_id and copy is not None and view.state == "developed":
            return rendition_open(copy.file.partition(".")[0])
    return None


def _standing(post: Post, *, view: CampaignView, rules: PresetRules) -> Standing:
    state = post_state(post)
    path = ""
    if state == PostState.ON_WALL and (entry := entry_of(post)) is not None:
        path = view.at.post(entry.position)
    return Standing(
        name=str(state.value),
        label=state_label(state),
        sentences=(*_sentences(post, state, rules), *_frozen_sentences(state, view)),
        is_moving=state in MOVING,
        wall_path=path,
    )


def _sentences(post: Post, state: PostState, rules: PresetRules) -> tuple[str, ...]:
    if state == PostState.REVIEW:
        return _review_sentences(post)
    if state == PostState.WAITING_RELEASE:
        return (_release_sentence(rules),)
    if state == PostState.REJECTED:
        return _rejected_sentences(post)
    if state == PostState.HIDDEN:
        return _hidden_sentences()
    if state == PostState.WITHDRAWN and (taken := standing(post)) is not None and taken.reason in ENDED:
        return (
            gettext("A person of the team took this post down for good."),
            gettext(ENDED[taken.reason]),
        )
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
    waiting = reviews_open(post.campaign)
    line = ngettext(
        "%(count)d post waits for a person now. We cannot say how long that takes: people of the team look "
        "when they can.",
        "%(count)d posts wait for a person now. We cannot say how long that takes: people of the team look "
        "when they can.",
        waiting,
    ) % {"count": waiting}
    return (*reasons, line, gettext("You need not stay. Come back with your secret code whenever you like."))


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


def _rejected_term() -> str:
    return gettext(
        "You can post again with another photo. This one is erased after %(days)s days, or now if you take it back."
    ) % {"days": APPEAL_DAYS}


def _no_code_words(post: Post) -> tuple[str, ...]:
    """Return what somebody who wanted no code has to know while this page is still open."""
    if can_be_forgotten(post):
        return (
            gettext(
                "You wanted no code. A quarter of an hour from now this page does not know the post any more."
            ),
            gettext(
                "After that nobody, also not you, can change it or take it back by a code. You can close it."
            ),
        )
    return (
        gettext("You wanted no code: please keep this page open until nothing waits for you any more."),
        gettext("Nobody can come back to it. A post that is left before that is erased after two weeks."),
    )


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


def _photos(post: Post, *, colour: str) -> tuple[SeenPhoto, ...]:
    views = post_photos(post)
    return tuple(
        SeenPhoto(
            id=view.id,
            number=view.position + 1,
            state=view.state,
            alt=view.alt,
            copy=view.rendition("640", "jpeg") if view.state == "developed" else None,
            width_px=view.width_px,
            height_px=view.height_px,
            outline=view.outline,
            colour_words=colour_words(view, colour=colour) if view.state == "developed" else (),
            face_words=face_words(view) if view.state == "developed" else (),
            refused_sentence=_refused(view),
            can_be_dropped=len(views) > 1,
        )
        for view in views
    )


def _refused(view: PhotoView) -> str:
    if not view.refused_sentence:
        return ""
    sentence = gettext(view.refused_sentence)
    return sentence % view.refused_values if view.refused_values else sentence


def _points(polygon: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x * 100:.2f},{y * 100:.2f}" for x, y in polygon)


def _languages(post: Post) -> tuple[str, ...]:
    ours = (language.code for language in INTERFACE_LANGUAGES)
    offered = (post.language, *post.campaign.languages, *ours, *_MORE_LANGUAGES)
    return tuple(dict.fromkeys(tag for tag in offered if tag))
