"""A group's sitting as its leader sees it: where the photos stand, covered pictures to confirm, slips to print.

Nothing here is public. A few pictures at a time: a class's would be too much for one page on a bad line.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext

from wearemany.campaigns.groups import invitation_checked
from wearemany.campaigns.models import Campaign, GroupInvitation, GroupKind
from wearemany.campaigns.presets import PresetRules
from wearemany.campaigns.services import preset_rules
from wearemany.errors import Refused
from wearemany.photos.groups import STATEMENTS, sitting_code, sitting_posts
from wearemany.photos.models import Post
from wearemany.photos.orders import OF_MINORS
from wearemany.photos.services import photos_of_posts, rendition_open
from wearemany.photos.showing import PhotoView
from wearemany.rendering.frames import CampaignView, campaign_view
from wearemany.rendering.keep_standing import MOVING, state_label
from wearemany.rendering.seen import face_words
from wearemany.wall.queries import PostState, post_state

PICTURES_AT_ONCE = 8
PLACES_AT_ONCE = 4
"""How many photos one form without scripts can hold: as many as the front takes in one request."""


@dataclass(frozen=True)
class Slip:
    """One photo's code on paper. `label` is the leader's own word for it, such as a first name; it is kept nowhere."""

    number: int
    label: str
    code: str = field(repr=False)


@dataclass(frozen=True)
class GroupPhotoView:
    """One photo of the sitting. `picture` is a `data:` address where the leader has to look at it now."""

    number: int
    code: str = field(repr=False)
    state: str
    label: str
    refused_sentence: str = ""
    picture: str = field(default="", repr=False)
    width_px: int = 0
    height_px: int = 0
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inviting:
    """What may still be sent by the invitation."""

    name: str
    is_minors: bool
    left: int
    version: str
    statement: str
    must_cover: bool
    closed: Refused | None


@dataclass(frozen=True)
class GroupPage:
    """Everything that the sitting's page shows. `inviting` is None where nothing more can be sent from here."""

    campaign: CampaignView
    rules: PresetRules
    photos: tuple[GroupPhotoView, ...]
    to_confirm: tuple[GroupPhotoView, ...]
    more_to_confirm: int
    is_moving: bool
    slips: tuple[Slip, ...]
    inviting: Inviting | None
    next_number: int
    is_minors: bool

    @property
    def places(self) -> range:
        """The numbers of the next photos in a form without scripts."""
        left = self.inviting.left if self.inviting else 0
        return range(self.next_number, self.next_number + min(PLACES_AT_ONCE, left))


def group_page(
    *,
    campaign: Campaign,
    sitting: str,
    invitation: GroupInvitation | None,
    language: str,
    labels: Mapping[int, str],
    next_number: int,
) -> GroupPage:
    """Return the page of a sitting; `labels` are what the leader typed beside the photos in this request."""
    posts = sitting_posts(sitting)
    states = {number: post_state(post) for number, post in posts.items()}
    photos = photos_of_posts(list(posts.values()))
    shown = [number for number, state in states.items() if state == PostState.CONFIRM]
    views = {
        number: _photo(
            number,
            sitting_code(sitting, number),
            states[number],
            state_label(post, states[number]),
            photos.get(post.pk, ()),
            with_picture=number in shown[:PICTURES_AT_ONCE],
        )
        for number, post in posts.items()
    }
    return GroupPage(
        campaign=campaign_view(campaign, language=language),
        rules=preset_rules(campaign),
        photos=tuple(views.values()),
        to_confirm=tuple(views[number] for number in shown[:PICTURES_AT_ONCE]),
        more_to_confirm=max(0, len(shown) - PICTURES_AT_ONCE),
        is_moving=any(state in MOVING - {PostState.REVIEW} for state in states.values()),
        slips=tuple(Slip(view.number, labels.get(view.number, ""), view.code) for view in views.values()),
        inviting=_inviting(invitation) if invitation else None,
        next_number=max([next_number, *(number + 1 for number in posts)]),
        is_minors=any(post.door == OF_MINORS for post in posts.values())
        or (invitation is not None and invitation.kind == GroupKind.MINORS),
    )


def _inviting(invitation: GroupInvitation) -> Inviting:
    version, statement = STATEMENTS[invitation.kind]
    closed = None
    try:
        invitation_checked(invitation)
    except Refused as refusal:
        closed = refusal
    return Inviting(
        name=invitation.name,
        is_minors=invitation.kind == GroupKind.MINORS,
        left=0 if closed else invitation.most - invitation.used,
        version=version,
        statement=gettext(statement),
        must_cover=preset_rules(invitation.campaign).cover == "everybody",
        closed=closed,
    )


def _photo(
    number: int,
    code: str,
    state: PostState,
    label: str,
    photos: tuple[PhotoView, ...],
    *,
    with_picture: bool,
) -> GroupPhotoView:
    view = photos[0] if photos else None
    refused = gettext(view.refused_sentence) % view.refused_values if view and view.refused_sentence else ""
    picture = _picture(view) if view and with_picture else ""
    return GroupPhotoView(
        number=number,
        code=code,
        state=str(state.value),
        label=label,
        refused_sentence=refused,
        picture=picture,
        width_px=view.width_px if view else 0,
        height_px=view.height_px if view else 0,
        words=face_words(view) if view and picture else (),
    )


def _picture(view: PhotoView) -> str:
    copy = view.rendition("640", "jpeg")
    opened = rendition_open(copy.file.partition(".")[0]) if copy and view.state == "developed" else None
    if opened is None:
        return ""
    return f"data:{opened.media_type};base64,{base64.b64encode(opened.content).decode()}"


def first_post(sitting: str) -> Post | None:
    """Return the sitting's first post that is still there; None for a secret of which nothing is here."""
    return next(iter(sitting_posts(sitting).values()), None)
