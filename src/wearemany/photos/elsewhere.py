"""One's own post, elsewhere: a card of it to share, and a link to where the author posted it already.

Both only where that puts nobody in danger (`may_go_elsewhere`). A card is drawn on demand and never stored; of a link
nothing is kept that is not to be shown.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import transaction

from wearemany.adapters.cards import card_draw
from wearemany.campaigns.models import Preset
from wearemany.campaigns.services import visible_version_bump
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.orders import CARD_SIZES_PX, CardOrder, CardSize
from wearemany.errors import N_, Refused
from wearemany.photos.models import Post
from wearemany.photos.orders import OF_MINORS
from wearemany.photos.readiness import is_confirmed, locked, was_handed_on
from wearemany.photos.showing import post_photos, rendition_open

LINK_MAX = 300
_WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def may_go_elsewhere(post: Post) -> bool:
    """Tell whether this post may lead out of this server: never where being known is a danger, never of minors."""
    return post.campaign.preset != Preset.DANGEROUS and post.door != OF_MINORS


def has_card(post: Post) -> bool:
    """Tell whether a card can be had: every photo is developed and seen by its author as it will be public."""
    return may_go_elsewhere(post) and post.ready and is_confirmed(post)


def post_card(*, post: Post, photo_id: str, size: CardSize, link: str) -> bytes:
    """Draw a card of one photo as covered, with the campaign's words and a short link; JPEG, kept nowhere.

    Raises Refused `card-not-here` where posts stay on this server, `card-not-ready` while the picture is not what
    will be public; TryAgain when too many are asked for at once.
    """
    if not may_go_elsewhere(post):
        raise Refused(
            "card-not-here", N_("In this campaign pictures stay on this wall, to keep people safe.")
        )
    view = next((view for view in post_photos(post) if view.id == photo_id), None)
    copy = view.rendition("main") if view and view.state == "developed" and has_card(post) else None
    opened = rendition_open(copy.file.partition(".")[0]) if copy else None
    if view is None or opened is None:
        raise Refused(
            "card-not-ready", N_("There is a card once your picture is ready and you said that it is right.")
        )
    campaign = post.campaign
    order = CardOrder(
        size=size,
        crop=Box(*view.crop) if len(view.crop) == 4 else _WHOLE,
        colour=campaign.colour,
        phrase=campaign.phrase,
        tag=f"#{campaign.tag}",
        handle=campaign.handle,
        link=link,
    )
    return card_draw(opened.content, order)


def size_checked(size: str) -> CardSize:
    """Return the size of a card; Refused when there is no such one."""
    for known in CARD_SIZES_PX:
        if size == known:
            return "story" if known == "story" else "post"
    raise Refused("card-size-unknown", N_("There is no such card. Please load the page again."))


def link_checked(text: str, *, post: Post) -> str:
    """Return the link as it may be shown; "" takes it away. Refused when it is none, or none may be shown here.

    Only https, with a host name that shows in plain letters, and without a user name before it, which would make
    the host look like another.
    """
    link = text.strip()
    if not link:
        return ""
    if not may_go_elsewhere(post):
        raise Refused(
            "link-not-here", N_("In this campaign posts lead to no other place, to keep people safe.")
        )
    if len(link) > LINK_MAX or not link_host(link):
        raise Refused(
            "link-unusable",
            N_(
                "Please give the address of your post elsewhere: it begins with https:// and has at most "
                "%(limit)s characters."
            ),
            limit=LINK_MAX,
        )
    return link


def link_host(link: str) -> str:
    """Return the host that a link leads to, in plain letters; "" for what is no such link."""
    if not link.isprintable() or any(sign in link for sign in " \"'<>\\`{}|^"):
        return ""
    try:
        parts = urlsplit(link)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        return ""
    named = (
        all(label and not label.startswith("-") for label in host.split(".")) and not host[-1:].isdecimal()
    )
    is_plain = parts.scheme == "https" and parts.username is None and port in (None, 443)
    return host if is_plain and named and "." in host else ""


def link_forget(post: Post) -> None:
    """Take the author's link away at once, shown or waiting: taking away needs nobody's look.

    Pages are made anew only where one may have shown it: what nobody saw is not to be noticed when it goes.
    """
    with transaction.atomic():
        now = locked(post.pk)
        may_be_shown = bool(now.elsewhere) and was_handed_on(now)
        now.elsewhere = ""
        now.edit = {name: value for name, value in now.edit.items() if name != "elsewhere"}
        now.save(update_fields=["elsewhere", "edit"])
        if may_be_shown:
            visible_version_bump(now.campaign_id)
