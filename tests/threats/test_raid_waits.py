"""How long honest people wait while a raid goes on: the real turns and digests, by the clock a darkroom has."""

from __future__ import annotations

import random
import resource

import pytest
from bench.raid import honest, raid, simulate

UNDER_S = 60.0


@pytest.mark.threat("F")
@pytest.mark.parametrize(
    ("scale", "networks"),
    [
        (0.04, 40),
        (0.04, 80),
        *(pytest.param(1.0, networks, marks=pytest.mark.long) for networks in (8, 40, 400, 2000)),
    ],
)
def test_honest_people_hardly_wait_longer_than_without_the_raid(scale: float, networks: int) -> None:
    """The median is less than a minute beyond what they would wait alone, at what one machine of two cores develops.

    However many networks the raid comes from, up to one for each of its addresses.
    """
    crowd = list(honest(random.Random(7), scale, over_s=1800.0, networks=networks))
    raiders = list(raid(random.Random(8), scale, networks=networks))
    alone = simulate(crowd, a_second=4.0)
    both = simulate([*crowd, *raiders], a_second=4.0)
    assert both.served == len(crowd) + len(raiders), "nobody is turned away"
    assert both.opened <= len(crowd) + len(raiders) / 2 + 10, "copies are not opened again"
    for who in ("behind one", "neighbours"):
        assert both.median(who) - alone.median(who) < UNDER_S, who
    assert both.median("raid") > 3 * both.median("behind one")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 500 * 1024 or scale < 1
