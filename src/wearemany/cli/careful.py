"""`wearemany campaign presets`, `rules` and `tighten`: how careful a campaign is, said in words, and made stricter."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.presets import RULES, stricter_values, wish_read, written
from wearemany.campaigns.rule_words import LABELS, PRESETS, VALUES, loss_of
from wearemany.campaigns.services import campaign_by_handle, preset_rules
from wearemany.campaigns.tightening import Change, Stricter, campaign_tighten, change_of
from wearemany.cli.command import Command, argument
from wearemany.errors import N_, Refused
from wearemany.moderation.tightening import tightening_progress


def presets_told() -> str:
    """Return the three presets in plain words: when each is right, what it does, and what it cannot prevent."""
    return "\n\n".join(
        f"{preset}: {words.when}\n  What it does: {words.does}\n  What it cannot prevent: {words.remains}"
        for preset, words in PRESETS.items()
    )


def wishes_read(pairs: list[str]) -> dict[str, object]:
    """Read RULE=VALUE pairs; raises Refused `preset-unknown`."""
    split = [pair.partition("=") for pair in pairs]
    return {name.strip(): wish_read(name.strip(), value) for name, _, value in split}


def presets(chosen: argparse.Namespace) -> int:
    """Print the presets."""
    if chosen.json:
        print(json.dumps({preset: asdict(rules) for preset, rules in RULES.items()}))
    else:
        print(presets_told())
    return 0


def rules(chosen: argparse.Namespace) -> int:
    """Print a campaign's rules, what each could be made, and how far the last change is."""
    campaign = campaign_by_handle(chosen.handle)
    now = preset_rules(campaign)
    progress = tightening_progress(campaign)
    if chosen.json:
        print(
            json.dumps(
                {
                    "preset": campaign.preset,
                    "rules": asdict(now),
                    "progress": asdict(progress) if progress else None,
                }
            )
        )
        return 0
    print(f"preset: {campaign.preset}")
    for name, value in asdict(now).items():
        stricter = ", ".join(written(other) for other in stricter_values(now, name)[1:])
        meaning = VALUES.get(name, {}).get(value, "")
        line = f"{name}={written(value)}  {LABELS[name]}{f': {meaning}' if meaning else ''}"
        print(f"{line}{f'  (stricter: {stricter})' if stricter else ''}")
    print(_progress_told(campaign))
    return 0


def tighten(chosen: argparse.Namespace) -> int:
    """Make a campaign's rules stricter, after saying what that destroys."""
    campaign = campaign_by_handle(chosen.handle)
    wish = Stricter(chosen.preset, wishes_read(chosen.set))
    change = change_of(campaign, wish)
    print(_change_told(campaign, change))
    if not chosen.yes:
        raise Refused(
            "tighten-unsure",
            N_(
                "Nothing was changed yet. None of this can be undone; if you are sure, say it again with --yes."
            ),
        )
    campaign_tighten(campaign=campaign, wish=wish)
    print(_progress_told(campaign))
    return 0


def _change_told(campaign: Campaign, change: Change) -> str:
    lines = [] if change.preset == campaign.preset else [f"preset: {campaign.preset} -> {change.preset}"]
    for name in change.names:
        before, after = getattr(change.before, name), getattr(change.after, name)
        lines.append(f"{name}: {written(before)} -> {written(after)}. {loss_of(name, after)}")
    return "\n".join(lines)


def _progress_told(campaign: Campaign) -> str:
    progress = tightening_progress(campaign)
    if progress is None or progress.is_over:
        return "What is public is as these rules ask."
    trouble = f" Trouble: {progress.trouble}." if progress.trouble else ""
    return (
        f"The worker changes what is public: {progress.done:,} of {progress.total:,} posts done. "
        f"What is left is hidden meanwhile.{trouble}"
    )


_HANDLE = argument("handle", help="the campaign's address, such as we-are-many")
_JSON = argument("--json", action="store_true", help="print JSON")

COMMANDS = (
    Command(
        "campaign",
        "presets",
        "Print how careful a campaign can be: when each preset is right, what it does, what it cannot prevent.",
        "wearemany campaign presets",
        presets,
        (_JSON,),
    ),
    Command(
        "campaign",
        "rules",
        "Print how careful a campaign is, rule by rule, what each could be made, and how far the last change is.",
        "wearemany campaign rules we-are-many",
        rules,
        (_HANDLE, _JSON),
    ),
    Command(
        "campaign",
        "tighten",
        "Make a campaign's rules stricter, for what is public already too; they can never be made looser.",
        "wearemany campaign tighten we-are-many --preset dangerous --set main_px=320 --yes",
        tighten,
        (
            _HANDLE,
            argument("--preset", default="", help="careful or dangerous"),
            argument(
                "--set",
                action="append",
                default=[],
                metavar="RULE=VALUE",
                help="one rule made stricter, as `rules` names it",
            ),
            argument(
                "--yes", action="store_true", help="do it; without it, only what it would destroy is printed"
            ),
        ),
    ),
)
