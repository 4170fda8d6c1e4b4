"""Acts that need a second person: one asks, another confirms."""

from __future__ import annotations

import datetime

import pytest

from tests.cast import Cast
from wearemany.accounts.models import SecondAsk
from wearemany.accounts.second import (
    second_ask,
    second_confirm,
    second_open,
    second_withdraw,
    seconds_forget_pending,
)
from wearemany.errors import Refused

pytestmark = pytest.mark.database

DAY_S = 86_400
WHAT = {"act": "keys-destroy", "subject": "we-are-many"}


def test_one_asks_and_another_confirms_once(cast: Cast) -> None:
    """Then it is spent: the act is done once for each two people."""
    ask = second_ask(**WHAT, asked_by=cast.organiser)
    done = second_confirm(ask=ask.pk, **WHAT, account=cast.moderator)

    assert (done.asked_by, done.confirmed_by) == (cast.organiser, cast.moderator)
    assert second_open(**WHAT) is None
    with pytest.raises(Refused, match="nothing to confirm"):
        second_confirm(ask=ask.pk, **WHAT, account=cast.moderator)


def test_nobody_confirms_their_own(cast: Cast) -> None:
    """However often they ask: the ask stays open for somebody else."""
    ask = second_ask(**WHAT, asked_by=cast.organiser)
    assert second_ask(**WHAT, asked_by=cast.organiser) == ask
    with pytest.raises(Refused) as refused:
        second_confirm(ask=ask.pk, **WHAT, account=cast.organiser)

    assert refused.value.code == "second-needed"
    assert second_open(**WHAT) == ask


def test_asking_too_does_not_confirm(cast: Cast) -> None:
    """Two people who ask have not yet agreed on one ask; the second is shown the first one's."""
    ask = second_ask(**WHAT, asked_by=cast.organiser)

    assert second_ask(**WHAT, asked_by=cast.moderator) == ask
    assert SecondAsk.objects.get().confirmed_by is None


@pytest.mark.parametrize("other", [{"act": "keys-burn"}, {"subject": "another"}])
def test_an_ask_is_for_one_act_on_one_thing(cast: Cast, other: dict[str, str]) -> None:
    """Who agreed to one thing has not agreed to another."""
    ask = second_ask(**WHAT, asked_by=cast.organiser)
    with pytest.raises(Refused) as refused:
        second_confirm(ask=ask.pk, **{**WHAT, **other}, account=cast.moderator)

    assert refused.value.code == "second-ask-gone"


def test_an_ask_runs_out_after_a_day(cast: Cast) -> None:
    """And the next one is a new one, whose id the old one does not open."""
    old = second_ask(**WHAT, asked_by=cast.organiser)
    cast.house.clock.advance(DAY_S + 1)
    with pytest.raises(Refused) as refused:
        second_confirm(ask=old.pk, **WHAT, account=cast.moderator)
    assert refused.value.code == "second-ask-gone"

    assert second_ask(**WHAT, asked_by=cast.moderator) != old


def test_anybody_stops_it(cast: Cast) -> None:
    """A withdrawn ask cannot be confirmed."""
    ask = second_ask(**WHAT, asked_by=cast.organiser)
    assert second_withdraw(ask=ask.pk) and not second_withdraw(ask=ask.pk)
    with pytest.raises(Refused):
        second_confirm(ask=ask.pk, **WHAT, account=cast.moderator)


def test_a_closed_account_is_nobody(cast: Cast) -> None:
    """Neither as the one who asked nor as the one who confirms."""
    ask = second_ask(**WHAT, asked_by=cast.organiser)
    cast.moderator.is_active = False
    with pytest.raises(Refused):
        second_confirm(ask=ask.pk, **WHAT, account=cast.moderator)
    cast.moderator.is_active, cast.organiser.is_active = True, False
    cast.organiser.save()
    with pytest.raises(Refused):
        second_confirm(ask=ask.pk, **WHAT, account=cast.moderator)


def test_alone_only_after_the_delay(cast: Cast) -> None:
    """Where the act allows it: before, a second person is needed; after it, for a day, none is."""
    ask = second_ask(**WHAT, asked_by=cast.organiser, alone_after=datetime.timedelta(days=3))
    with pytest.raises(Refused):
        second_confirm(ask=ask.pk, **WHAT, account=cast.organiser)
    cast.house.clock.advance(3 * DAY_S)

    assert second_confirm(ask=ask.pk, **WHAT, account=cast.organiser).confirmed_by == cast.organiser


def test_who_did_what_together_is_forgotten(cast: Cast) -> None:
    """A month after it ended, open or not."""
    second_ask(**WHAT, asked_by=cast.organiser)
    assert seconds_forget_pending() == 0
    cast.house.clock.advance(32 * DAY_S)

    assert seconds_forget_pending() == 1 and not SecondAsk.objects.exists()
