"""What a supporter sends: the order to post, later changes, and what may be in their words. No tables here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from wearemany.campaigns.models import Campaign, GroupInvitation
from wearemany.errors import N_, Refused
from wearemany.languages import is_tag

CAPTION_MAX = 1000
NAME_MAX = 60
ALT_MAX = 1500
PHOTOS_MAX = 4
PEOPLE_MAX = 99
BOXES_MAX = 40
TERMS_VERSION = "3"
"""Which wording of the ticks and of what stands before the shutter was agreed to; raise it when they change."""

TICK_WORDS = {
    "show": N_("Show this photo on the wall, where everyone can see it."),
    "agreed": N_("It is me, I am of age, and everyone else in it agrees."),
}
"""What the two ticks say that every post needs."""

TICKS = tuple(TICK_WORDS)
BY_MAIL = "mail"
OF_GROUP = "group"
OF_MINORS = "minors"
UNPROVEN = "unproven"
SEED = "seed"
"""The door of test pictures for moderators: what came by it is never decided, so it can never be on a wall."""


@dataclass(frozen=True)
class PostOrder:
    """A post as it was sent. `code` owns it; `form_token` ties the uploads to the form they came from.

    `ticks` are the names of the ticked boxes, `consents` the optional kinds agreed to, `alts` one
    description per photo as far as given. `is_opening` and `is_drawn` are never taken from a request. `door` is
    empty for the page; a post that came `BY_MAIL` may be without ticks, and then waits for its author to give them.
    With `keeps_code` False the code is forgotten as soon as nothing waits for the author.
    `proof` answers the challenge of a guarded campaign; a post of the page without one is marked `UNPROVEN`.
    `group` is the invitation of a post `OF_GROUP` or `OF_MINORS`, for which the group's leader spoke.
    """

    campaign: Campaign
    code: str
    form_token: str
    upload_ids: tuple[str, ...]
    cover: str
    language: str
    terms_version: str
    ticks: tuple[str, ...] = ()
    caption: str = ""
    name: str = ""
    people: int = 1
    alts: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    is_opening: bool = False
    is_drawn: bool = False
    door: str = ""
    keeps_code: bool = True
    proof: str = field(default="", repr=False)
    group: GroupInvitation | None = None

    @property
    def may_tick_later(self) -> bool:
        """Whether the ticks may be given with the confirmation of the covered picture, which must come then."""
        return self.door == BY_MAIL and self.cover == "everybody"


@dataclass(frozen=True)
class PostChange:
    """What the author adds or changes afterwards; None leaves a thing as it is.

    `consents` is the whole set of optional kinds that hold from now on. `elsewhere` is where the author posted it
    too, to be shown; "" takes that away at once.
    """

    caption: str | None = None
    name: str | None = None
    people: int | None = None
    alts: tuple[str, ...] | None = None
    language: str | None = None
    consents: tuple[str, ...] | None = None
    elsewhere: str | None = None


def caption_checked(text: str) -> str:
    """Return the caption tidied (NFC, plain line ends, no control characters); Refused when it is too long.

    Nothing else is changed: markup stays the text that it is.
    """
    tidy = _tidy(text)
    if len(tidy) > CAPTION_MAX:
        raise Refused(
            "caption-too-long",
            N_(
                "Your text has %(length)s characters and %(limit)s fit. Please shorten it and send it again; "
                "your photo is kept meanwhile."
            ),
            length=len(tidy),
            limit=CAPTION_MAX,
        )
    return tidy


def name_checked(text: str) -> str:
    """Return the name tidied to one line; Refused when it is too long."""
    tidy = " ".join(_tidy(text).split())
    if len(tidy) > NAME_MAX:
        raise Refused(
            "name-too-long",
            N_("A name may have up to %(limit)s characters. Please shorten it."),
            limit=NAME_MAX,
        )
    return tidy


def alts_checked(texts: Sequence[str], *, photos: int) -> tuple[str, ...]:
    """Return one tidied description per photo, empty where none was given; Refused when one is too long."""
    tidy = tuple(" ".join(_tidy(text).split()) for text in texts[:photos])
    if any(len(text) > ALT_MAX for text in tidy):
        raise Refused(
            "alt-too-long",
            N_("A description may have up to %(limit)s characters. Please shorten it."),
            limit=ALT_MAX,
        )
    return tidy + ("",) * (photos - len(tidy))


def people_checked(people: int) -> int:
    """Return how many people are in the picture; Refused when that cannot be."""
    if not 1 <= people <= PEOPLE_MAX:
        raise Refused(
            "people-impossible",
            N_("Please say how many people are in the picture: a number from 1 to %(limit)s."),
            limit=PEOPLE_MAX,
        )
    return people


def language_checked(tag: str) -> str:
    """Return the language tag; Refused when it is not one."""
    if not is_tag(tag):
        raise Refused("language-unknown", N_("Please choose the language of your text from the list."))
    return tag


def photos_checked(upload_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the uploads in order, each once; Refused unless there are one to four."""
    unique = tuple(dict.fromkeys(upload_ids))
    if not unique:
        raise Refused("photo-missing", N_("There is no photo yet. Please choose one and send again."))
    if len(unique) > PHOTOS_MAX:
        raise Refused(
            "photos-too-many",
            N_("A post can have up to %(limit)s photos. Please leave some out and send again."),
            limit=PHOTOS_MAX,
        )
    return unique


def are_ticked(ticks: Sequence[str]) -> bool:
    """Tell whether both ticks that every post needs are there."""
    return set(TICKS) <= set(ticks)


def ticks_checked(ticks: Sequence[str]) -> None:
    """Refused unless both ticks that every post needs are there."""
    if not are_ticked(ticks):
        raise Refused(
            "consent-missing",
            N_(
                "Please read the sentence above the button and tick both boxes if you agree; then send again."
            ),
        )


def cover_checked(cover: str, *, rule: str) -> str:
    """Return the cover choice; Refused when none was made, or when the campaign covers everybody."""
    if cover not in ("everybody", "others", "nobody"):
        raise Refused("cover-missing", N_("Please choose whose face to cover, then send again."))
    if rule == "everybody" and cover != "everybody":
        raise Refused(
            "cover-required",
            N_(
                "In this campaign every face is covered, to keep people safe. Please choose to cover all faces."
            ),
        )
    return cover


def minors_order_checked(order: PostOrder) -> None:
    """Refused unless an order for minors is as bare as it must be: all covered, no words, nothing but the wall."""
    if order.cover != "everybody" or order.caption or order.name or any(order.alts) or order.consents:
        raise _minors_bare()


def minors_change_checked(change: PostChange) -> None:
    """Refused when a change would give a post of minors words of its own, or show it anywhere but on the wall."""
    words = (change.caption, change.name, change.elsewhere, *(change.alts or ()))
    if any(text and text.strip() for text in words) or set(change.consents or ()) - {"wall"}:
        raise _minors_bare()


def _minors_bare() -> Refused:
    return Refused(
        "minors-bare",
        N_(
            "Children are shown covered, without words or names, and nowhere but on the wall. This cannot be changed."
        ),
    )


def _tidy(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        letter for letter in plain if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")
    ).strip()
