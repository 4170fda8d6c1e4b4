"""A post as its author sees it: where it stands in plain words, the covered pictures, what may still be added.

Pictures are put into the page itself: their addresses are nobody's until the wall shows them. The state comes
from `wall.queries.post_state`, the one definition; here it only gets words.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext

from wearemany.campaigns.presets import PresetRules
from wearemany.campaigns.services import preset_rules
from wearemany.darkroom.geometry import Polygon
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.moderation.appeals import appeal_under
from wearemany.moderation.models import Appeal, Decision
from wearemany.moderation.standing import standing
from wearemany.photos.consents import kinds_given
from wearemany.photos.models import ConsentKind, CoverChoice, Post
from wearemany.photos.orders import TICK_WORDS, TICKS
from wearemany.photos.ownership import can_be_forgotten, wants_no_code
from wearemany.photos.readiness import waiting_edit, words_stood
from wearemany.photos.services import post_photos, rendition_open
from wearemany.photos.showing import OpenedRendition, PhotoView, RenditionView
from wearemany.rendering.frames import CampaignView, campaign_view
from wearemany.rendering.keep_consents import ConsentBox, consent_boxes
from wearemany.rendering.keep_standing import Standing, standing_told, waiting_told
from wearemany.rendering.seen import colour_words, face_words
from wearemany.rendering.statements import Statement, statement_under
from wearemany.wall.queries import PostState, state_under
from wearemany.wall.receipts import has_receipt

_COUNTED = (PostState.ON_WALL, PostState.HIDDEN)
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
    state: PostState
    standing: Standing
    statement: Statement | None
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
    has_receipt: bool


@dataclass(frozen=True)
class _Facts:
    """What the database says of a post, asked once for all that is told of it."""

    photos: tuple[PhotoView, ...]
    decision: Decision | None
    appeal: Appeal | None
    state: PostState


def keep_page(post: Post, *, language: str) -> KeepPage:
    """Return the page of a post for a reader of `language`."""
    # Before everything else: should something change while the page is made, the next look must find a newer mark.
    facts = _facts(post)
    mark = _mark(post, facts)
    view = campaign_view(post.campaign, language=language)
    rules = preset_rules(post.campaign)
    stood, edit, given = words_stood(post, facts.photos), waiting_edit(post), kinds_given(post)
    photos = _photos(facts.photos, alts=stood["alts"], colour=view.colour)
    now = standing_told(post, state=facts.state, view=view, rules=rules)
    is_codeless = wants_no_code(post)
    if any(photo.state == "waiting" for photo in photos):
        now = replace(now, is_moving=True)
    return KeepPage(
        campaign=view,
        rules=rules,
        state=facts.state,
        standing=now,
        statement=statement_under(post, facts.decision, facts.appeal),
        photos=photos,
        words=stood | edit,
        language=post.language,
        languages=_languages(post),
        consents=consent_boxes(given, rules, facts.photos),
        asks_cover=post.cover != CoverChoice.NOBODY,
        asks_ticks=()
        if ConsentKind.WALL in given
        else tuple((name, gettext(TICK_WORDS[name])) for name in TICKS),
        mark=mark,
        waits_for_words=bool(edit),
        can_be_covered=facts.state not in (PostState.REJECTED, PostState.WITHDRAWN),
        has_code=not is_codeless,
        can_be_forgotten=can_be_forgotten(post) and not is_codeless,
        no_code_words=_no_code_words(post) if is_codeless else (),
        has_receipt=facts.state in _COUNTED and has_receipt(post),
    )


def state_mark(post: Post) -> str:
    """Return a short text that changes whenever something on the page that changes by itself does."""
    return _mark(post, _facts(post))


def _facts(post: Post) -> _Facts:
    photos, decision = post_photos(post), standing(post)
    return _Facts(photos, decision, appeal_under(post, decision), state_under(post, decision))


def _mark(post: Post, facts: _Facts) -> str:
    photos = [
        [photo.id, photo.state, photo.refused_code, [copy.name for copy in photo.renditions]]
        for photo in facts.photos
    ]
    waiting = waiting_told(post) if facts.state == PostState.REVIEW else None
    appeal = "" if facts.appeal is None else "open" if facts.appeal.open else "answered"
    text = json.dumps(
        [str(facts.state), photos, waiting, bool(waiting_edit(post)), appeal, post.campaign.wall_frozen]
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def large_picture(post: Post, photo_id: str) -> OpenedRendition | None:
    """Return one of the post's photos in its public size; None when it is not the post's, or not to be seen now."""
    for view in post_photos(post):
        copy = view.rendition("main", "jpeg")
        if view.id == photo_id and copy is not None and view.state == "developed":
            return rendition_open(copy.file.partition(".")[0])
    return None


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


def _photos(views: Sequence[PhotoView], *, alts: Sequence[str], colour: str) -> tuple[SeenPhoto, ...]:
    return tuple(
        SeenPhoto(
            id=view.id,
            number=view.position + 1,
            state=view.state,
            alt=alt,
            copy=view.rendition("640", "jpeg") if view.state == "developed" else None,
            width_px=view.width_px,
            height_px=view.height_px,
            outline=view.outline,
            colour_words=colour_words(view, colour=colour) if view.state == "developed" else (),
            face_words=face_words(view) if view.state == "developed" else (),
            refused_sentence=_refused(view),
            can_be_dropped=len(views) > 1,
        )
        for view, alt in zip(views, alts, strict=True)
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
