"""How much somebody of the team is shown: counted by day, limited by day and by hour. What was shown is not kept.

An infiltrated moderator cannot leaf through a campaign: each post that is handed out, asked for by number, or put
beside another one counts.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Sum

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, TryAgain
from wearemany.moderation.models import Look
from wearemany.worker.seldom import AtMost, Seldom

KEPT = timedelta(days=30)
HOURS_A_DAY = 4
"""Whoever looks without a pause has the day's worth after so many hours: an hour allows that part of it."""

_this_hour = AtMost(every_s=3600.0)
_forget_watch = Seldom(every_s=3600.0)


def look_count(*, account: Account, campaign: Campaign) -> None:
    """Count one post that is about to be shown. Raises TryAgain `looks-enough` instead when it was enough."""
    a_day = settings.WEAREMANY["LOOKS_A_DAY"]
    today = clock.now().date()
    row, _ = Look.objects.get_or_create(campaign=campaign, account=account, day=today)
    whole = Look.objects.filter(account=account, day=today).aggregate(shown=Sum("shown"))["shown"]
    if whole >= a_day or not _this_hour.take(account.pk, limit=max(1, a_day // HOURS_A_DAY)):
        raise TryAgain(
            "looks-enough",
            N_(
                "You have looked at very many posts. Please rest for an hour, or until tomorrow; others go on."
            ),
        )
    Look.objects.filter(pk=row.pk).update(shown=F("shown") + 1)


def looks_of(campaign: Campaign) -> dict[int, int]:
    """Return how many posts each account was shown in the last month, by account."""
    rows = Look.objects.filter(campaign=campaign).values_list("account").annotate(shown=Sum("shown"))
    return dict(rows)


def looks_forget_pending() -> int:
    """Once an hour, delete the counts of a month ago."""
    if not _forget_watch.is_time():
        return 0
    deleted, _ = Look.objects.filter(day__lt=clock.now().date() - KEPT).delete()
    return deleted
