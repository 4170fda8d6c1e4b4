"""Two processes at one log: whoever planned on a head that moved begins anew, and nothing is called broken."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from wearemany.wall import log
from wearemany.wall.pending import drafts_due
from wearemany.wall.rows import head_of

pytestmark = pytest.mark.database


def test_a_head_that_moved_between_two_looks_is_no_trouble(cast: Cast) -> None:
    """The head was read before the first entry, what is due after it: the two do not fit, so look again."""
    stale = head_of(cast.campaign)
    log.append_campaign(cast.campaign)
    cast.supporter.decided()
    due = drafts_due(cast.campaign, head_of(cast.campaign), log._moment(cast.campaign))
    assert [draft.entry.__class__.__name__ for draft in due.drafts] == ["PostEntry"]

    with pytest.raises(log._Overtaken):
        log._append(cast.campaign, stale, due)

    assert log.append_campaign(cast.campaign) == 1
