"""How careful a campaign is, on the command line: told in plain words, made stricter only when one is sure."""

from __future__ import annotations

import json

import pytest

from tests.cast import Cast
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.presets import RULES
from wearemany.campaigns.rule_words import LABELS, LOSSES, PRESETS
from wearemany.cli.main import main

pytestmark = pytest.mark.database

OPEN = [
    "campaign", "open", "by-command", "--phrase", "many", "--title", "en=Many", "--call", "en=Red.", "--colour", "red",
]  # fmt: skip


def test_opening_without_a_decision_explains_the_three(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no default: the presets are explained, what they cannot prevent too, and nothing is opened."""
    assert main(OPEN) == 2
    said = capsys.readouterr().err
    for words in PRESETS.values():
        assert words.when in said and words.remains in said
    assert "preset-missing" in said and not Campaign.objects.filter(handle="by-command").exists()
    assert main([*OPEN, "--preset", "careful", "--stricter", "main_px=1600"]) == 2
    assert main([*OPEN, "--preset", "careful", "--stricter", "main_px=640"]) == 0
    assert PRESETS["careful"].remains in capsys.readouterr().err
    assert Campaign.objects.get(handle="by-command").settings == {"main_px": 640}


def test_the_rules_are_told_one_by_one(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its value, what it means, and what it could be made."""
    assert main(["campaign", "rules", "we-are-many"]) == 0
    said = capsys.readouterr().out
    for name, label in LABELS.items():
        assert f"{name}=" in said and label in said
    assert "comments=shown" in said and "(stricter: held, no)" in said
    assert main(["campaign", "rules", "we-are-many", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["progress"] is None
    assert main(["campaign", "presets", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(RULES)


def test_becoming_stricter_says_first_what_is_lost(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --yes only the losses are printed; with it the rules hold, and how far the job is can be asked."""
    wish = ["campaign", "tighten", "we-are-many", "--preset", "dangerous", "--set", "main_px=320"]
    assert main(wish) == 2
    said = capsys.readouterr()
    assert LOSSES["cover"] in said.out and "tighten-unsure" in said.err
    assert Campaign.objects.get(pk=cast.campaign.pk).preset == "everyday"
    assert main([*wish, "--yes"]) == 0
    assert "0 of 0 posts done" in capsys.readouterr().out
    campaign = Campaign.objects.get(pk=cast.campaign.pk)
    assert (campaign.preset, campaign.settings) == ("dangerous", {"main_px": 320})
    for looser in (
        ["--preset", "careful"],
        ["--set", "main_px=640"],
        ["--set", "nothing=1"],
        ["--set", "held"],
    ):
        assert main(["campaign", "tighten", "we-are-many", *looser, "--yes"]) == 2
