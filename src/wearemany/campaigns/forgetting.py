"""Forgetting a campaign's people, once everything of its supporters is erased: voices, groups, and the team itself."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction

from wearemany.accounts.models import Account
from wearemany.campaigns.models import Campaign, GroupInvitation, Membership, Voice


def campaign_people_forget(*, campaign: Campaign) -> None:
    """Delete who was vouched for, who was invited, who organised and moderated; twice is once.

    Accounts go with their last campaign, an operator's never. Everybody is signed out. What the organisers published
    on purpose (title, call, story) stays: it is the archive.
    """
    with transaction.atomic():
        team = list(Membership.objects.filter(campaign=campaign).values_list("account_id", flat=True))
        Voice.objects.filter(campaign=campaign).delete()
        GroupInvitation.objects.filter(campaign=campaign).delete()
        Membership.objects.filter(campaign=campaign).delete()
        Account.objects.filter(pk__in=team, memberships=None, is_operator=False).delete()
        if team:
            Session.objects.all().delete()
