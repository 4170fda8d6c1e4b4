"""What the log costs to grow does not grow with the log: counted in the database's own steps."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.cast import Cast
from tests.rigs.costs import Template, cost, steps_counted
from tests.wall.walls import approved
from wearemany.pipeline import STEPS
from wearemany.wall.log import append_campaign
from wearemany.wall.models import Cursor
from wearemany.wall.rows import head_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite counts its steps"),
]
BATCH = 900


def test_a_batch_costs_what_it_did_when_the_wall_was_short(committed_cast: Cast) -> None:
    """Nine hundred posts behind two thousand are appended at the price of the first, and idle stays idle."""
    campaign = committed_cast.campaign
    template = Template(approved(committed_cast, 1)[0])
    while any(step() for step in STEPS):
        pass
    prices, idle = list[int](), list[dict[str, int]]()
    for _ in range(3):
        # Who reads the log after it has read all of it: one picture so many times over would keep the matcher busy.
        Cursor.objects.update(position=head_of(campaign).size)
        idle.append({step.__name__: cost(step) for step in STEPS})
        template.write(BATCH)
        campaign.refresh_from_db()
        with steps_counted() as counted:
            assert append_campaign(campaign) == BATCH
        prices.append(counted[0])
    assert prices[-1] < prices[0] * 1.1
    short, long = idle[0], idle[-1]
    assert {name: (short[name], long[name]) for name in short if long[name] > short[name] * 1.1 + 20} == {}
