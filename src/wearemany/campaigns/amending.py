"""Change what a campaign says beside its call: who runs it and from where, whom it is for, who gives legal aid.

Title and call are not changed here: the log's first entry holds the call's digest. Nothing of this is in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import transaction

from wearemany.campaigns.models import Campaign, CampaignText
from wearemany.campaigns.services import stream_version_bump
from wearemany.campaigns.texts import beside_checked
from wearemany.errors import N_, Refused


@dataclass(frozen=True)
class TextChange:
    """New words in one language; None leaves what is there, "" takes it away."""

    about_honouree: str | None = None
    run_by: str | None = None
    run_from: str | None = None
    legal_aid: str | None = None


def campaign_amend(*, campaign: Campaign, changes: Mapping[str, TextChange]) -> None:
    """Change the campaign's words, by language tag; every page says them from the next moment on.

    Raises Refused `text-unknown` for a language that the campaign does not speak, `text-too-long`; then nothing
    was changed.
    """
    changed = {
        language: beside_checked({name: text for name, text in asdict(change).items() if text is not None})
        for language, change in changes.items()
    }
    with transaction.atomic():
        for language, words in changed.items():
            found = CampaignText.objects.filter(campaign=campaign, language=language)
            if not (found.update(**words) if words else found.exists()):
                raise Refused(
                    "text-unknown",
                    N_("The campaign has no words in this language yet: %(language)s."),
                    language=language[:40],
                )
        stream_version_bump(campaign.pk)
