"""Burning a campaign: shut, its keys destroyed, closed for everybody to see; then everything personal, row by row.

    shut       doors and wall, with the order for all that follows   crash: the worker goes on
    keys       every post's, in one transaction                      crash: the worker destroys them first of all
    wipe       the database's own files, as far as one can           crash: done again at the end
    close      `closed` is appended and published                    crash: the log's next step does it
    erase      a few hundred posts at a time                         crash: it goes on where it was

The log and its number stay, and recount: of a burned campaign no `removed` entries are written. Keys do not wait for
the log, since a store out of reach must not keep them alive.
"""

from __future__ import annotations

import logging

from django.db import transaction

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign, Shut
from wearemany.errors import WeAreManyError
from wearemany.moderation.models import CampaignErasure, CheckIn
from wearemany.moderation.purging import campaign_erase_begin, campaign_erase_on
from wearemany.photos.models import Post
from wearemany.wall.log import append_campaign
from wearemany.wall.models import MirrorKey
from wearemany.worker.claims import LeaseLost, claim, finish, postpone, retry
from wearemany.worker.loop import describe
from wearemany.worker.scrub import scrub
from wearemany.worker.seldom import Seldom

LEASE_S = 120.0
_late_watch = Seldom(every_s=60.0)
_log = logging.getLogger("wearemany.wall")


def campaign_burn(campaign: Campaign) -> int:
    """Burn a campaign now; returns how many posts lost their keys. Twice is once, and nothing undoes it.

    When this returns nothing of it can be opened any more; `burn_pending` erases the rest. A log that cannot be
    appended to just now does not stop it: the closing follows as soon as it can.
    """
    destroyed = campaign_erase_begin(campaign=campaign)
    scrub()
    try:
        append_campaign(campaign)
    except WeAreManyError as error:
        _log.error("the closing of campaign %s is left to the worker: %s", campaign.handle, describe(error))
    return destroyed


def burn_pending() -> int:
    """Burn what nobody looked in on, and erase the next posts of whatever burns; returns how many rows it handled."""
    missed = claim(CheckIn, limit=1, lease_s=LEASE_S)
    for check_in in missed:
        campaign_burn(check_in.campaign)
    _late_posts_found()
    rows = claim(CampaignErasure, limit=1, lease_s=LEASE_S)
    for row in rows:
        _burn_on(row)
    return len(missed) + len(rows)


def _burn_on(row: CampaignErasure) -> None:
    campaign = row.campaign
    try:
        if campaign.shut != Shut.ERASED:
            # The delay is over and nobody undid it. Beginning lets go of the row: the next round claims it again.
            campaign_burn(campaign)
        elif not campaign_erase_on(campaign=campaign):
            postpone(row, code="", wait_s=0)
        else:
            MirrorKey.objects.filter(campaign=campaign).delete()
            if not scrub():
                retry(row, code="database-busy")
                return
            with transaction.atomic():
                finish(row)
                CampaignErasure.objects.filter(pk=row.pk).update(done_day=clock.now().date())
    except LeaseLost:
        return
    except Exception as error:
        _log.error("erasing campaign %s goes on later: %s", campaign.handle, describe(error))
        _put_back(row, code=describe(error))


def _put_back(row: CampaignErasure, *, code: str) -> None:
    try:
        retry(row, code=code)
    except LeaseLost:
        return


def _late_posts_found() -> None:
    """Once a minute, find posts that were being sent in the very moment of burning, and burn them too."""
    if not _late_watch.is_time():
        return
    late = Post.objects.filter(campaign__shut=Shut.ERASED, erased=False).values("campaign")
    CampaignErasure.objects.filter(campaign__in=late, due_at=None).update(due_at=clock.now())
