"""Figures by day: always the number, however far the consumer is; derived from the log, and from nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.rig import KEYS, NOON
from tests.wall.walls import approved, assert_sound
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.moderation.services import post_withdraw
from wearemany.tlog.checkpoint import open_checkpoint
from wearemany.tlog.note import Verifier
from wearemany.wall import day_figures
from wearemany.wall.consume import cursor_position
from wearemany.wall.day_figures import CONSUMER, day_checkpoint, figures_forget, figures_of, figures_pending
from wearemany.wall.log import append_pending
from wearemany.wall.models import DayFigures

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def told(campaign: Campaign) -> list[tuple[str, int, int, int]]:
    """Return the days as a reader is told them, and check that they add up to the number."""
    figures = figures_of(campaign)
    assert sum(day.joined - day.removed for day in figures.days) == figures.number.tally.posts
    assert not figures.days or figures.days[-1].posts == figures.number.tally.posts
    return [(day.day.isoformat(), day.joined, day.removed, day.posts) for day in figures.days]


def three_days(cast: Cast) -> None:
    """Five people post on three days, one of them comes back on the last to take hers away."""
    first = approved(cast, 2)
    append_pending()
    with clock.clock.frozen(NOON + timedelta(days=1)):
        approved(cast, 2)
        append_pending()
    with clock.clock.frozen(NOON + timedelta(days=3)):
        approved(cast, 1)
        post_withdraw(post=first[0])
        append_pending()


EXPECTED = [("2026-03-08", 2, 0, 2), ("2026-03-09", 2, 0, 4), ("2026-03-11", 1, 1, 4)]


def test_the_days_add_up_before_while_and_after_they_are_kept(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader is told the same whether nothing, a part or all of the log was counted into rows."""
    campaign = committed_cast.campaign
    three_days(committed_cast)
    assert told(campaign) == EXPECTED
    monkeypatch.setattr(day_figures, "BATCH_MAX", 3)
    while figures_pending():
        assert told(campaign) == EXPECTED
    published = assert_sound(campaign).checkpoint
    assert published and cursor_position(CONSUMER, campaign) == published.size
    kept = DayFigures.objects.filter(campaign=campaign).values_list("joined", "removed")
    assert list(kept) == [(joined, removed) for _, joined, removed, _ in EXPECTED]
    assert figures_pending() == 0


def test_no_reader_counts_a_long_backlog(
    committed_cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a moment's work: the number is told, the days are on their way, the table asks to wait."""
    campaign = committed_cast.campaign
    three_days(committed_cast)
    monkeypatch.setattr(day_figures, "BEHIND_MAX", 3)
    with CaptureQueriesContext(connection) as asked:
        figures = figures_of(campaign)
    assert not any('FROM "wall_entry"' in query["sql"] for query in asked.captured_queries)
    assert figures.is_counting and not figures.days and figures.number.tally.posts == 4
    base = f"/en/{campaign.handle}/figures"
    assert "The days are being counted" in client.get(base).content.decode()
    values = client.get(f"{base}.json").json()
    assert values["days"] is None and values["counted"]["posts"] == 4
    answer = client.get(f"{base}.csv")
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    figures_pending()
    assert told(campaign) == EXPECTED and len(client.get(f"{base}.json").json()["days"]) == 3


def test_each_day_keeps_its_last_signed_count(committed_cast: Cast) -> None:
    """While the log grows on, the signed count under yesterday's number stays to be had, and verifies."""
    campaign = committed_cast.campaign
    approved(committed_cast, 2)
    append_pending()
    figures_pending()
    with clock.clock.frozen(NOON + timedelta(days=1)):
        approved(committed_cast, 1)
        append_pending()
        figures_pending()
        approved(committed_cast, 1)
        append_pending()
        figures_pending()
    verifier = Verifier(campaign.origin, KEYS.signing_public())
    sizes = [
        open_checkpoint(day_checkpoint(campaign, day.day).encode(), verifier).size
        for day in figures_of(campaign).days
    ]
    assert sizes == [3, 5] == [day.size for day in figures_of(campaign).days]
    assert day_checkpoint(campaign, (NOON + timedelta(days=9)).date()) == ""


def test_the_days_are_rebuilt_from_the_log(committed_cast: Cast) -> None:
    """Forgotten and counted anew they are the same; two workers at once count nothing twice."""
    campaign = committed_cast.campaign
    three_days(committed_cast)
    figures_pending()
    figures_forget(campaign)
    assert told(campaign) == EXPECTED and not DayFigures.objects.exists()
    figures_pending()
    # A slow twin that read the cursor before: it finds it moved and adds nothing.
    assert figures_pending() == 0
    assert told(campaign) == EXPECTED


def test_a_reader_costs_days_not_entries(committed_cast: Cast) -> None:
    """Once counted, a page looks at rows of days and asks a handful of questions."""
    campaign = committed_cast.campaign
    three_days(committed_cast)
    figures_pending()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        figures_of(campaign)
    assert len(asked) <= 4
    assert not any('FROM "wall_entry"' in query["sql"] for query in asked.captured_queries)
