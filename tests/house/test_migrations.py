"""The tables and their migrations agree, and a database made by the first version comes up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.cast import Cast
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import preset_rules

HOUSE = Path(__file__).resolve().parents[2] / "src" / "wearemany"
FIRST = [
    (app, "0001_initial")
    for app in ("accounts", "campaigns", "conversations", "moderation", "photos", "wall")
]


@pytest.mark.database
def test_every_change_of_a_table_has_its_migration(db: None) -> None:
    """The models say nothing that the migrations do not."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_have_names() -> None:
    """A migration says what it does; an automatic name says nothing."""
    files = [path.name for path in HOUSE.rglob("migrations/0*.py")]
    assert files
    assert not [name for name in files if re.search(r"_auto_\d", name)]


@pytest.mark.database
def test_an_old_database_keeps_its_rows(committed_cast: Cast) -> None:
    """From the first version's tables to today's and back, a campaign stays what it was."""
    Campaign.objects.filter(pk=committed_cast.campaign.pk).update(settings={"held": "all", "place": "no"})
    MigrationExecutor(connection).migrate(FIRST)
    MigrationExecutor(connection).loader.build_graph()
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

    campaign = Campaign.objects.get(pk=committed_cast.campaign.pk)
    assert campaign.tag == committed_cast.campaign.tag
    assert preset_rules(campaign).held == "all" and "place" not in campaign.settings
