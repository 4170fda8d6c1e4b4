"""Erasing at the desk: one organiser asks, another agrees; nobody else may; the passphrase is enough."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test.utils import override_settings

from tests.cast import Cast
from tests.web.desk_rig import DESK, Browser, signed_in
from wearemany.accounts.services import account_create
from wearemany.campaigns.models import Campaign, Membership, Role
from wearemany.moderation.services import erase_pending
from wearemany.photos.models import Post, PostKey
from wearemany.wall.burning import burn_pending
from wearemany.wall.log import append_campaign
from wearemany.wall.queries import tally
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.threat("C")]


@pytest.fixture
def post(committed_cast: Cast) -> Post:
    """A post on the wall, and a second organiser."""
    post = committed_cast.supporter.decided()
    append_campaign(committed_cast.campaign)
    other = account_create(name="Oskar, organiser too")
    Membership.objects.create(campaign=committed_cast.campaign, account=other, role=Role.ORGANISER)
    return post


def other_organiser(cast: Cast) -> Browser:
    return signed_in(Membership.objects.exclude(account=cast.organiser).get(role=Role.ORGANISER).account)


def test_two_organisers_erase_a_post(committed_cast: Cast, post: Post) -> None:
    """The first hides it and reads whom it waits for; the second agrees, and it is gone."""
    first, second = signed_in(committed_cast.organiser), other_organiser(committed_cast)
    assert "Erase it for good" in first.get(f"{DESK}posts?number=1").page
    assert "Erase it for good" not in signed_in(committed_cast.moderator).get(f"{DESK}posts?number=1").page
    page = first.post(f"{DESK}posts/1/erase").page
    assert "Olga, organiser asked for it to be erased." in page
    assert "I agree" not in page
    assert "I agree" in second.get(f"{DESK}posts?number=1").page
    second.post(f"{DESK}posts/1/erase")
    erase_pending()
    assert not PostKey.objects.filter(post=post).exists()


def test_one_who_doubts_keeps_a_post(committed_cast: Cast, post: Post) -> None:
    """Kept by either of them, nothing is due any more."""
    signed_in(committed_cast.organiser).post(f"{DESK}posts/1/erase")
    assert "in sight again" in other_organiser(committed_cast).post(f"{DESK}posts/1/keep").page
    committed_cast.house.clock.advance(48 * 3600)
    assert erase_pending() == 0
    assert PostKey.objects.filter(post=post).exists()


def test_two_organisers_erase_a_campaign(committed_cast: Cast, post: Post) -> None:
    """Not without being sure; hidden by the first, burned by the second; the page counts what is erased."""
    first, second = signed_in(committed_cast.organiser), other_organiser(committed_cast)
    assert first.post(f"{DESK}campaign/erase", act="ask").status == 400
    assert "Olga, organiser asked for it." in first.post(f"{DESK}campaign/erase", act="ask", sure="yes").page
    assert Campaign.objects.get().shut == "asked"
    second.post(f"{DESK}campaign/erase", act="keep")
    assert Campaign.objects.get().shut == ""
    first.post(f"{DESK}campaign/erase", act="ask", sure="yes")
    page = second.post(f"{DESK}campaign/erase", act="ask", sure="yes").page
    assert "0 of 1 posts" in page
    assert not PostKey.objects.exists()
    run_until_idle((burn_pending,))
    assert tally(committed_cast.campaign).posts == 1


def test_the_passphrase_burns_alone(committed_cast: Cast, post: Post) -> None:
    """Where none is set there is no such way; a wrong one burns nothing, the right one everything."""
    browser = signed_in(committed_cast.organiser)
    act = {"act": "burn", "sure": "yes"}
    assert "Passphrase" not in browser.get(f"{DESK}campaign/erase").page
    assert browser.post(f"{DESK}campaign/erase", **act, passphrase="").status == 400
    with override_settings(WEAREMANY={**settings.WEAREMANY, "BURN_PASSPHRASE": "green river"}):
        assert browser.post(f"{DESK}campaign/erase", **act, passphrase="red river").status == 400
        assert PostKey.objects.exists()
        assert browser.post(f"{DESK}campaign/erase", **act, passphrase="green river").status == 200
    assert not PostKey.objects.exists()
