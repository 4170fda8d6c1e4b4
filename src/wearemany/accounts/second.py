"""Acts that one person must not do alone: one of the team asks, another confirms within a day.

What the act does, and who may ask for it or confirm it, is its own station's: it calls `second_confirm` inside the
transaction that does it, or that leaves the row by which it is done.
"""

from __future__ import annotations

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from wearemany.accounts.models import Account, SecondAsk
from wearemany.adapters import clock
from wearemany.errors import N_, Refused
from wearemany.ids import ID_BYTES, opaque
from wearemany.worker.seldom import Seldom

ASK_LIFE = datetime.timedelta(days=1)
KEPT = datetime.timedelta(days=30)
"""For how long it is known who confirmed what, as with decisions."""

_forget_watch = Seldom(every_s=3600.0)


def second_ask(
    *, act: str, subject: str, asked_by: Account, alone_after: datetime.timedelta | None = None
) -> SecondAsk:
    """Ask for a second person, and return the ask. Asking again for the same is the same ask, whoever asks.

    With `alone_after`, whoever asked may confirm it alone once that has passed. It runs out a day after it was
    asked, or a day after that. Asking never confirms: who finds an ask of another's here confirms it by its id.
    """
    with transaction.atomic():
        now = clock.now()
        SecondAsk.objects.filter(act=act, subject=subject, open=True, expires_at__lte=now).update(open=False)
        if (known := _open_ask(act, subject)) is not None:
            return known
    alone_at = None if alone_after is None else now + alone_after
    try:
        with transaction.atomic():
            return SecondAsk.objects.create(
                id=opaque(clock.random_bytes(ID_BYTES)),
                act=act,
                subject=subject,
                asked_by=asked_by,
                alone_at=alone_at,
                expires_at=(alone_at or now) + ASK_LIFE,
            )
    except IntegrityError:
        # Asked twice at the same moment: the other one made it.
        return SecondAsk.objects.get(act=act, subject=subject, open=True)


def second_confirm(*, ask: str, act: str, subject: str, account: Account) -> SecondAsk:
    """Spend an ask, by its id: from now on the act may be done, once. Call it in the act's own transaction.

    `act` and `subject` are what the caller is about to do: an ask for anything else does not count. Raises Refused:
    `second-ask-gone` when it ran out, was withdrawn or spent, or asked for something else; `second-needed` when it
    is the asker's own.
    """
    now = clock.now()
    waiting = SecondAsk.objects.filter(pk=ask, act=act, subject=subject, open=True, expires_at__gt=now)
    # A closed account cannot have asked: the one who confirms would be alone.
    waiting = waiting.filter(asked_by__is_active=True)
    others = ~Q(asked_by=account) | Q(alone_at__lte=now)
    if not account.is_active or not waiting.filter(others).update(open=False, confirmed_by=account):
        if waiting.exists():
            raise Refused(
                "second-needed", N_("Somebody else has to confirm this: two people do it together.")
            )
        raise Refused(
            "second-ask-gone",
            N_("There is nothing to confirm any more: it is over, or a day has passed. Please ask anew."),
        )
    return SecondAsk.objects.get(pk=ask)


def second_withdraw(*, ask: str) -> bool:
    """Close an ask, whoever's it is: any doubt stops the act. False when it was closed already."""
    return bool(SecondAsk.objects.filter(pk=ask, open=True).update(open=False))


def second_open(*, act: str, subject: str) -> SecondAsk | None:
    """Return the ask that waits for a second person; None when none does."""
    return _open_ask(act, subject)


def seconds_forget_pending() -> int:
    """Once an hour, delete asks that ended a month ago: who did what together is not kept for ever."""
    if not _forget_watch.is_time():
        return 0
    deleted, _ = SecondAsk.objects.filter(expires_at__lt=clock.now() - KEPT).delete()
    return deleted


def _open_ask(act: str, subject: str) -> SecondAsk | None:
    rows = SecondAsk.objects.filter(act=act, subject=subject, open=True, expires_at__gt=clock.now())
    return rows.select_related("asked_by").first()
