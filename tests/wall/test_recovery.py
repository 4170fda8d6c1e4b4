"""After a restored backup: the rows are made again from the public log, and every removal is applied again."""

from pathlib import Path

import pytest

from tests.cast import Cast
from tests.wall.logs import Shelf
from tests.wall.test_faults import keep_rows, restore_rows
from tests.wall.walls import approved, assert_sound, log_files, recounted, verifier_of
from wearemany.campaigns.models import Campaign, PhaseChange
from wearemany.campaigns.services import campaign_close, campaign_pause
from wearemany.cli.wall import COMMANDS
from wearemany.errors import Broken
from wearemany.moderation.models import Decision, DecisionKind, Erasure
from wearemany.moderation.services import decision_make, post_withdraw
from wearemany.photos.models import Photo, Post, PostKey
from wearemany.wall.audit import audit
from wearemany.wall.entry import Phase
from wearemany.wall.export import log_export
from wearemany.wall.log import append_campaign
from wearemany.wall.models import Entry
from wearemany.wall.queries import entry_of, tally
from wearemany.wall.recovery import Recovered, recover

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_entries_find_their_posts_again(committed_cast: Cast) -> None:
    """Posts that the backup knows get their entries back; then the log goes on."""
    campaign = committed_cast.campaign
    append_campaign(campaign)
    backup = keep_rows(campaign)
    posts = approved(committed_cast, 3)
    append_campaign(campaign)
    public = recounted(campaign).checkpoint
    restore_rows(campaign, backup)
    assert recover(campaign) == Recovered(entries=3, without_post=0, removed=0)
    assert {entry_of(post) is not None for post in posts} == {True}
    assert_sound(campaign)
    approved(committed_cast, 1)
    assert append_campaign(campaign) == 1
    assert recounted(campaign, earlier=public).holds
    assert_sound(campaign)


def test_what_was_taken_back_is_taken_back_again(committed_cast: Cast) -> None:
    """A backup brought a withdrawn post back, with key and pictures: all of it goes again."""
    campaign = committed_cast.campaign
    kept, leaving = approved(committed_cast, 2)
    append_campaign(campaign)
    backup = keep_rows(campaign)
    rows = [Post.objects.get(pk=leaving.pk), PostKey.objects.get(pk=leaving.pk), *leaving.photos.all()]
    post_withdraw(post=leaving)
    append_campaign(campaign)
    restore_rows(campaign, backup)
    for row in rows:
        row.save()
    Decision.objects.filter(post=leaving, kind=DecisionKind.WITHDRAW).delete()
    Erasure.objects.filter(post=leaving).delete()
    assert recover(campaign) == Recovered(entries=1, without_post=0, removed=1)
    assert not PostKey.objects.filter(pk=leaving.pk).exists()
    assert not Photo.objects.filter(post=leaving).exists()
    assert (entry_of(leaving), entry_of(kept) is not None) == (None, True)
    assert append_campaign(campaign) == 0
    assert_sound(campaign)


def test_a_rejected_post_keeps_its_term(committed_cast: Cast) -> None:
    """Where the rows themselves say why a post is gone, recovery does not hurry its erasure."""
    campaign = committed_cast.campaign
    post = approved(committed_cast, 1)[0]
    append_campaign(campaign)
    decision_make(post=post, kind=DecisionKind.REJECT, reason="off-call", account=committed_cast.moderator)
    append_campaign(campaign)
    assert recover(campaign) == Recovered(entries=0, without_post=0, removed=0)
    assert PostKey.objects.filter(pk=post.pk).exists()


def test_entries_of_lost_posts_stay_counted(committed_cast: Cast) -> None:
    """A post that came after the backup is lost; its entry stands, counted, without a page."""
    campaign = committed_cast.campaign
    append_campaign(campaign)
    backup = keep_rows(campaign)
    post = approved(committed_cast, 1)[0]
    append_campaign(campaign)
    restore_rows(campaign, backup)
    Photo.objects.filter(post=post).delete()
    Decision.objects.filter(post=post).delete()
    PostKey.objects.filter(post=post).delete()
    Post.objects.filter(pk=post.pk).delete()
    assert recover(campaign) == Recovered(entries=1, without_post=1, removed=0)
    assert tally(campaign).posts == 1
    assert append_campaign(campaign) == 0
    assert_sound(campaign)


def test_phases_are_restored(committed_cast: Cast) -> None:
    """A campaign that was closed after the backup is closed again, and nothing can join it."""
    campaign = committed_cast.campaign
    append_campaign(campaign)
    backup = keep_rows(campaign)
    campaign_pause(campaign=campaign, notice={"en": "Until spring."})
    campaign_close(campaign=campaign, notice={"en": "Thank you."})
    append_campaign(campaign)
    restore_rows(campaign, backup)
    PhaseChange.objects.filter(campaign=campaign, position__gt=0).delete()
    Campaign.objects.filter(pk=campaign.pk).update(phase="opened")
    recover(campaign)
    assert tally(campaign).phase is Phase.CLOSED
    assert Campaign.objects.get(pk=campaign.pk).phase == "closed"
    assert append_campaign(campaign) == 0
    assert_sound(campaign)


def test_nothing_is_recovered_from_a_damaged_or_another_log(committed_cast: Cast) -> None:
    """A public log that does not recount, or does not continue the rows, changes nothing."""
    campaign = committed_cast.campaign
    approved(committed_cast, 2)
    append_campaign(campaign)
    backup = keep_rows(campaign)
    approved(committed_cast, 1)
    append_campaign(campaign)
    restore_rows(campaign, backup)
    line = bytes(Entry.objects.get(campaign=campaign, position=2).line)
    Entry.objects.filter(campaign=campaign, position=2).update(
        line=line.replace(b'"people":1', b'"people":2')
    )
    with pytest.raises(Broken) as refusal:
        recover(campaign)
    assert refusal.value.code == "wall-head-differs"
    committed_cast.house.store.put(f"log/{campaign.handle}/tile/0/000.p/4", b"")
    with pytest.raises(Broken) as refusal:
        recover(campaign)
    assert refusal.value.code == "wall-public-damaged"
    assert Entry.objects.filter(campaign=campaign).count() == 3


def test_an_export_is_a_log_of_its_own(committed_cast: Cast, tmp_path: Path) -> None:
    """The folder recounts without the server, and again after it was brought up to date."""
    campaign = committed_cast.campaign
    assert log_export(campaign, folder=tmp_path / "mirror") == 0
    for _ in range(2):
        approved(committed_cast, 1)
        append_campaign(campaign)
        assert log_export(campaign, folder=tmp_path / "mirror") == 7
        files = {
            str(path.relative_to(tmp_path / "mirror")): path.read_bytes()
            for path in (tmp_path / "mirror").rglob("*")
            if path.is_file()
        }
        assert audit(Shelf(files), verifier=verifier_of(campaign)).holds
    assert files["vkey"] == log_files(campaign).read("vkey")
    assert {command.verb for command in COMMANDS} == {"recover", "announce", "export"}
