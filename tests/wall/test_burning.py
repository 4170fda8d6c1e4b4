"""Burning: keys first, whatever fails; then everything personal, however often it is killed. The number stays."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from django.apps import apps
from django.db import connection

from tests.cast import Cast
from tests.rig import killed_at_statement
from tests.rigs.crowd import crowd_put
from tests.rigs.stores import Fault, FaultyBlobs, Killed
from tests.wall.walls import approved, assert_sound
from wearemany.accounts.models import Account
from wearemany.campaigns.models import Campaign, GroupInvitation, Membership, Voice
from wearemany.conversations.services import comment_add, post_like
from wearemany.moderation.claims import ClaimOrder, claim_make
from wearemany.moderation.models import CampaignErasure, CheckIn, Decision
from wearemany.moderation.purging import (
    campaign_erase_begin,
    campaign_erase_progress,
    check_in_set,
    checked_in,
)
from wearemany.moderation.services import decision_make, post_withdraw
from wearemany.photos.models import Post, PostKey, ResumableUpload, Upload
from wearemany.photos.personal import PERSONAL, POST_ERASE, POST_ERASE_WHOLE, UPLOADS_DISCARD
from wearemany.photos.steps import blobs_doom_pending
from wearemany.photos.untold import untold_leave_for
from wearemany.wall.burning import burn_pending, campaign_burn
from wearemany.wall.entry import Phase, RemovedEntry, decode
from wearemany.wall.log import append_campaign, append_pending
from wearemany.wall.models import Entry
from wearemany.wall.queries import entry_of, tally
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.threat("D")]
EMPTY = (None, "", {}, [], False, 1, "everybody")
STEPS = (burn_pending, append_pending, blobs_doom_pending)


def campaign_of(cast: Cast) -> Campaign:
    """A wall with posts, one taken back before it was said in the log, one waiting for a person, one just sent."""
    posts = approved(cast, 4)
    append_campaign(cast.campaign)
    comment_add(post=posts[0], name="Anna", text="With you", language="en")
    post_like(post=posts[0], cookie=b"a random cookie")
    claim_make(ClaimOrder(post=posts[1], kind="pictured", number="abcdefgh", words="I am on the left"))
    decision_make(post=posts[2], kind="approve", account=cast.moderator)
    Voice.objects.create(campaign=cast.campaign, name="Vera")
    cast.somebody().decided(b"selfie refer")
    cast.somebody().posts(b"selfie on its way")
    post_withdraw(post=posts[3])
    return cast.campaign


def assert_burned(cast: Cast, campaign: Campaign) -> None:
    """Nothing personal is in any row or blob; the log is closed, recounts, and says only what was taken back before."""
    for name, eraser in PERSONAL.items():
        label, column = name.rsplit(".", 1)
        if eraser.function not in (POST_ERASE, POST_ERASE_WHOLE, UPLOADS_DISCARD):
            continue
        rows = list(apps.get_model(label)._default_manager.all())
        assert eraser.leaves == "blank" or rows == [], f"{label} still has rows"
        assert all(getattr(row, column) in EMPTY for row in rows if eraser.leaves == "blank"), name
    for model in (Voice, GroupInvitation, Membership, Account, Upload, ResumableUpload):
        assert not model.objects.exists(), model
    assert not Decision.objects.exclude(account=None).exists()
    assert [*cast.house.store.list("r"), *cast.house.store.list("u")] == []
    assert_sound(campaign)
    lines = [decode(bytes(line)) for line in Entry.objects.values_list("line", flat=True)]
    assert sum(isinstance(line, RemovedEntry) for line in lines) == 1
    assert (tally(campaign).posts, tally(campaign).phase) == (3, Phase.CLOSED)
    progress = campaign_erase_progress(campaign)
    assert progress is not None
    assert (progress.erased, progress.done_day is not None) == (progress.posts, True)


def test_nothing_personal_is_left_and_the_number_stays(committed_cast: Cast) -> None:
    """One act: nothing opens when it returns, it is closed for everybody to see, and the rest follows by itself."""
    campaign = campaign_of(committed_cast)
    shown = Post.objects.filter(campaign=campaign, erased=False).first()
    assert shown is not None
    campaign_burn(campaign)
    assert not PostKey.objects.exists()
    assert not Upload.objects.exists()
    assert entry_of(Post.objects.get(pk=shown.pk)) is None
    assert tally(campaign).phase is Phase.CLOSED
    run_until_idle(STEPS)
    assert_burned(committed_cast, campaign)
    assert campaign_burn(campaign) == 0, "again is nothing"
    run_until_idle(STEPS)
    assert_burned(committed_cast, campaign)


@pytest.mark.parametrize(
    "number",
    [number if number % 27 == 5 else pytest.param(number, marks=pytest.mark.long) for number in range(110)],
)
def test_it_may_be_killed_at_any_statement(committed_cast: Cast, number: int) -> None:
    """Killed anywhere after it was asked for, the server goes on by itself and ends where it would have ended."""
    campaign = campaign_of(committed_cast)
    with suppress(Killed), killed_at_statement(number):
        campaign_burn(campaign)
        run_until_idle(STEPS)
    connection.close()
    committed_cast.house.restarted()
    committed_cast.house.clock.advance(200)
    if not CampaignErasure.objects.exists():
        assert PostKey.objects.exists(), "killed before anything was written, nothing happened"
        campaign_burn(campaign)
    run_until_idle(STEPS)
    assert_burned(committed_cast, campaign)


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
def test_a_store_that_fails_does_not_keep_the_keys(committed_cast: Cast, fault: Fault) -> None:
    """The log's files cannot be written, or were and it is not known: the keys are gone first, the closing follows."""
    campaign = campaign_of(committed_cast)
    faulty = FaultyBlobs(committed_cast.house.store)
    committed_cast.house.use(faulty)
    for number in range(6):
        faulty.fail(number, fault)
    with suppress(Killed):
        campaign_burn(campaign)
    assert not PostKey.objects.exists()
    committed_cast.house.use(committed_cast.house.store)
    committed_cast.house.restarted()
    committed_cast.house.clock.advance(200)
    run_until_idle(STEPS)
    assert_burned(committed_cast, campaign)


def test_what_was_being_sent_burns_too(committed_cast: Cast) -> None:
    """A post whose form came in at the very moment of burning is found within a minute."""
    campaign = campaign_of(committed_cast)
    campaign_burn(campaign)
    run_until_idle(STEPS)
    Campaign.objects.filter(pk=campaign.pk).update(shut="", phase="opened")
    late = committed_cast.somebody(Campaign.objects.get(pk=campaign.pk)).posts(b"selfie at the last moment")
    Campaign.objects.filter(pk=campaign.pk).update(shut="erased", phase="closed")
    committed_cast.house.clock.advance(61)
    run_until_idle(STEPS)
    late.refresh_from_db()
    assert late.erased
    assert_burned(committed_cast, campaign)


def test_it_burns_when_nobody_looks_in(committed_cast: Cast) -> None:
    """Promised every seven days: looked in on the sixth, it waits; not looked in again, it burns."""
    campaign = campaign_of(committed_cast)
    check_in_set(campaign=campaign, every_days=7)
    for _ in range(2):
        committed_cast.house.clock.advance(6 * 86400)
        assert burn_pending() == 0
        checked_in(campaign=campaign)
    committed_cast.house.clock.advance(7 * 86400)
    run_until_idle(STEPS)
    assert not CheckIn.objects.exists()
    assert_burned(committed_cast, campaign)


def test_a_promise_can_be_ended(committed_cast: Cast) -> None:
    """It is off from the start, and off again when somebody says so."""
    campaign = campaign_of(committed_cast)
    check_in_set(campaign=campaign, every_days=7)
    check_in_set(campaign=campaign, every_days=0)
    committed_cast.house.clock.advance(30 * 86400)
    assert burn_pending() == 0
    assert PostKey.objects.exists()


def test_another_campaign_is_not_touched(committed_cast: Cast) -> None:
    """Who posted elsewhere on this server keeps the post, the code and the page."""
    other = committed_cast.campaign_with(preset="everyday", handle="another")
    post = committed_cast.somebody(other).decided()
    append_campaign(other)
    campaign = campaign_of(committed_cast)
    campaign_burn(campaign)
    run_until_idle(STEPS)
    post = Post.objects.get(pk=post.pk)
    assert entry_of(post) is not None
    assert PostKey.objects.filter(post=post).exists()
    assert Account.objects.filter(pk=committed_cast.organiser.pk).exists(), "still of the other's team"


@pytest.mark.long
def test_keys_of_twenty_thousand_posts_are_gone_within_two_seconds(committed_cast: Cast) -> None:
    """From the asking to the moment when no key is left, in rows and in the database's files; the rest goes on."""
    campaign = committed_cast.campaign
    crowd_put(campaign.handle, 20_000, pictures_each=1_000)
    posts = Post.objects.filter(campaign=campaign)
    day = posts.values_list("received_day", flat=True)[0]
    Decision.objects.bulk_create(
        Decision(post_id=pk, position=0, kind="approve", by="policy", day=day)
        for pk in posts.values_list("pk", flat=True)
    )
    untold_leave_for(posts.values_list("pk", "campaign_id"))
    posts.update(awaits_decision=False)
    append_campaign(campaign)
    assert tally(campaign).posts == 20_000
    assert PostKey.objects.count() == 20_000
    key = bytes(PostKey.objects.values_list("wrapped_key", flat=True)[9_999])
    began_s = time.perf_counter()
    campaign_erase_begin(campaign=campaign)
    keys_s = time.perf_counter() - began_s
    assert not PostKey.objects.exists()
    campaign_burn(campaign)
    whole_s = time.perf_counter() - began_s
    print(f"{connection.vendor}: keys gone after {keys_s:.2f} s, wiped and closed after {whole_s:.2f} s")
    assert keys_s < 2.0
    assert committed_cast.house.trace_of(key) == []
    began_s = time.perf_counter()
    run_until_idle((burn_pending,))
    print(f"everything personal erased after {time.perf_counter() - began_s:.1f} s more")
    assert not Post.objects.filter(erased=False).exists()
    assert tally(campaign).posts == 20_000
    assert_sound(campaign)
