"""What a supporter agreed to: one row a kind, with the version and the language of the words. No doors here."""

from __future__ import annotations

from collections.abc import Sequence

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import preset_rules
from wearemany.errors import N_, Refused
from wearemany.photos.models import Consent, ConsentKind, Post


def is_agreed(post: Post) -> bool:
    """Tell whether the author gave the two ticks that every post needs; only one that came by mail can lack them."""
    return ConsentKind.WALL in kinds_given(post)


def kinds_given(post: Post) -> set[ConsentKind]:
    """Return everything that the author agreed to so far."""
    return {ConsentKind(kind) for kind in post.consents.values_list("kind", flat=True)}


def optional_kinds(consents: Sequence[str], campaign: Campaign) -> set[ConsentKind]:
    """Return the optional kinds that were asked for by name; Refused when this campaign has none such."""
    if set(consents) - {ConsentKind.WALL.value} and not preset_rules(campaign).pictures_out:
        raise Refused(
            "consent-not-here",
            N_(
                "In this campaign pictures stay on this wall, to keep people safe. There is nothing more to agree to."
            ),
        )
    known = {kind.value: kind for kind in ConsentKind if kind is not ConsentKind.WALL}
    wished = [name for name in consents if name != ConsentKind.WALL.value]
    if unknown := [name for name in wished if name not in known]:
        raise Refused(
            "consent-unknown",
            N_("There is no such thing to agree to. Please load the page again."),
            cause=unknown[0][:40],
        )
    return {known[name] for name in wished}


def consents_write(post: Post, kinds: set[ConsentKind]) -> None:
    """Keep what was agreed before with the words of then; add what is new; delete what was taken back."""
    post.consents.exclude(kind__in=kinds).delete()
    today = clock.now().date()
    Consent.objects.bulk_create(
        Consent(post=post, kind=kind, text_version=post.terms_version, language=post.language, day=today)
        for kind in sorted(kinds - kinds_given(post))
    )
