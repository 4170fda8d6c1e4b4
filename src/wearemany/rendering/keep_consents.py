"""What an author may agree to beside the wall, in the words that are agreed to, and what was agreed to of one post."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from django.utils.translation import gettext

from wearemany.campaigns.presets import PresetRules
from wearemany.errors import N_
from wearemany.photos.models import ConsentKind
from wearemany.photos.showing import PhotoView

CONSENT_WORDS: tuple[tuple[ConsentKind, str], ...] = (
    (
        ConsentKind.PRESS,
        N_("Newspapers may print it, also in a larger size, with my words and the name I give."),
    ),
    (ConsentKind.MIRRORS, N_("Keep a copy on other servers, in case this one is blocked.")),
)
"""What anybody is asked."""

_NOT_YET: tuple[tuple[ConsentKind, str], ...] = (
    (ConsentKind.FEDIVERSE, N_("Show it on open social networks too, such as Mastodon.")),
    (ConsentKind.MOSAIC, N_("It may be part of one large picture made of all our photos.")),
)
"""What nothing here does yet, so nobody is asked; shown only to who agreed to it, on paper say, so as to undo that."""

LARGER_COPY = N_("We keep a larger copy for them. Untick this and save, and it is erased.")


@dataclass(frozen=True)
class ConsentBox:
    """One thing that may be agreed to, on its own; `more` is what hangs on it for this very post."""

    name: str
    words: str
    given: bool
    more: str = ""


def consent_boxes(
    given: Set[ConsentKind], rules: PresetRules, photos: Sequence[PhotoView]
) -> tuple[ConsentBox, ...]:
    """Return what may be agreed to, and what was `given`: nothing where pictures are to stay on this server."""
    if not rules.pictures_out:
        return ()
    larger = {ConsentKind.PRESS: gettext(LARGER_COPY)} if any(one.press for one in photos) else {}
    return tuple(
        ConsentBox(kind.value, gettext(words), kind in given, larger.get(kind, ""))
        for kind, words in (*CONSENT_WORDS, *_NOT_YET)
        if kind in given or (kind, words) in CONSENT_WORDS
    )
