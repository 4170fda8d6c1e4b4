"""Making a campaign's rules stricter, at any time; never looser.

From the moment of the change nothing is shown that the new rules would not show: every place asks the rules anew. What
is public already is then brought in line by a job that lives in the campaign's `Tightening` row; `moderation` does it,
since it touches what every station before it keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign, Preset, Tightening
from wearemany.campaigns.presets import (
    RULES,
    PresetRules,
    is_stricter_or_same,
    strictest,
    tighten,
    wishes_beyond,
)
from wearemany.campaigns.services import preset_rules, visible_version_bump
from wearemany.errors import N_, Refused
from wearemany.worker.claims import RELEASED
from wearemany.worker.loop import wake_on_commit

_KEPT_SETTINGS = ("hero_from",)


@dataclass(frozen=True)
class Stricter:
    """A wish to be more careful: another preset (empty: the same), and single rules made stricter than it."""

    preset: str = ""
    wishes: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Change:
    """What the rules are and would be, and which of them differ."""

    before: PresetRules
    after: PresetRules
    preset: str

    @property
    def names(self) -> tuple[str, ...]:
        """The rules that change, in their usual order."""
        return tuple(
            name
            for name in PresetRules.__dataclass_fields__
            if getattr(self.before, name) != getattr(self.after, name)
        )


def change_of(campaign: Campaign, wish: Stricter) -> Change:
    """Return what a wish would change; nothing is changed.

    Raises Refused `preset-looser` when it would make anything looser, `preset-unknown` for what there is not.
    """
    preset = wish.preset or campaign.preset
    if preset not in Preset.values:
        raise Refused("preset-unknown", N_("There is no such setting or value: %(name)s."), name=preset[:40])
    if not is_stricter_or_same(preset, campaign.preset):
        raise Refused(
            "preset-looser",
            N_("The setting %(name)s can only be made stricter than the chosen preset."),
            name=preset,
        )
    before = preset_rules(campaign)
    after = tighten(strictest(before, RULES[preset]), wish.wishes or {})
    return Change(before, after, preset)


def campaign_tighten(*, campaign: Campaign, wish: Stricter) -> Change:
    """Make the rules stricter: they hold with this transaction, and the job that changes what is there is due.

    Raises Refused as `change_of`, and `preset-same` when nothing would change. There is no way back.
    """
    with transaction.atomic():
        now = Campaign.objects.select_for_update().get(pk=campaign.pk)
        change = change_of(now, wish)
        if not change.names and change.preset == now.preset:
            raise Refused(
                "preset-same", N_("The campaign is as careful as that already. Nothing was changed.")
            )
        kept = {name: now.settings[name] for name in _KEPT_SETTINGS if name in now.settings}
        now.preset = change.preset
        now.settings = {**kept, **wishes_beyond(change.after, change.preset)}
        now.save(update_fields=["preset", "settings"])
        job, _ = Tightening.objects.get_or_create(campaign=now)
        job.holds_comments = job.holds_comments or "comments" in change.names
        for name, value in {
            **RELEASED,
            "due_at": clock.now(),
            "attempts": 0,
            "trouble": "",
            "total": 0,
        }.items():
            setattr(job, name, value)
        job.save()
        visible_version_bump(now.pk)
        wake_on_commit()
    campaign.refresh_from_db()
    return change
