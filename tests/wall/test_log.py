"""The log as it grows on a good day: from decisions to entries, tiles, a checkpoint, and the number."""

import random
from datetime import timedelta

import pytest
from django.db import transaction

from tests.cast import Cast
from tests.rigs.stores import FaultyBlobs
from tests.wall.walls import approved, assert_sound, recounted
from wearemany.adapters import clock
from wearemany.adapters.blobs import BlobStore
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_close, campaign_pause, campaign_resume
from wearemany.ids import opaque
from wearemany.moderation.models import DecisionKind
from wearemany.moderation.services import decide_pending, decision_make, decision_undo, post_withdraw
from wearemany.photos.models import Post
from wearemany.photos.orders import PostChange
from wearemany.photos.secrets import post_key_create
from wearemany.photos.services import post_amend
from wearemany.photos.untold import untold_leave
from wearemany.wall.consume import cursor_advance, entries_unread
from wearemany.wall.entry import AmendEntry, Phase, PhaseEntry, PostEntry, RemovedEntry, decode
from wearemany.wall.log import append_campaign, append_pending, head_check, resume_all
from wearemany.wall.models import Entry, LogHead
from wearemany.wall.queries import PostState, entry_of, number, post_at, post_state, tally
from wearemany.wall.repeats.matching import match_pending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def entries(campaign: Campaign) -> list[object]:
    rows = Entry.objects.filter(campaign=campaign).order_by("position")
    return [decode(bytes(line)) for line in rows.values_list("line", flat=True)]


def test_opening_a_campaign_begins_its_log(committed_cast: Cast) -> None:
    """The first entry is the opening, with the digest of the call and the key that is kept offline."""
    campaign = committed_cast.campaign
    assert append_campaign(campaign) == 1
    assert append_campaign(campaign) == 0
    (opening,) = entries(campaign)
    assert isinstance(opening, PhaseEntry)
    assert (opening.phase, opening.recovery) == (Phase.OPENED, b"\x05" * 32)
    assert_sound(campaign)


def test_an_approved_post_joins_the_number(committed_cast: Cast) -> None:
    """One entry per post; the author is told, and the public figures are those of the log."""
    campaign = committed_cast.campaign
    post = committed_cast.supporter.decided(people=1)
    assert post_state(post) is PostState.WAITING_RELEASE
    assert append_pending() == 2
    assert post_state(post) is PostState.ON_WALL
    said = entries(campaign)[1]
    assert isinstance(said, PostEntry)
    assert (said.photos, said.people, said.colour, said.repeat) == (1, 1, True, False)
    assert post_at(campaign, 1) == post
    assert number(campaign).tally.posts == 1
    assert_sound(campaign)


def test_nothing_new_costs_nothing_and_anything_new_is_seen(committed_cast: Cast) -> None:
    """An idle step touches no blob; a decision, an edit, a phase change or a restart makes it look again."""
    campaign = committed_cast.campaign
    append_pending()
    append_pending()
    watched = FaultyBlobs(committed_cast.house.store)
    committed_cast.house.use(watched)
    assert append_pending() == 0
    assert watched.operations == []
    post = committed_cast.supporter.decided()
    assert append_pending() == 1
    post_withdraw(post=post)
    assert append_pending() == 1
    campaign_pause(campaign=campaign, notice={"en": "Until spring."})
    assert append_pending() == 1
    append_pending()
    seen = len(watched.operations)
    committed_cast.house.restarted()
    assert append_pending() == 0
    assert len(watched.operations) > seen
    assert_sound(campaign)


def test_a_post_taken_back_is_removed_from_the_number(committed_cast: Cast) -> None:
    """Withdrawn: not public at once, marked removed with the next step, never without a trace in the log."""
    campaign = committed_cast.campaign
    post = committed_cast.supporter.decided()
    append_pending()
    post_withdraw(post=post)
    assert entry_of(post) is None
    assert post_at(campaign, 1) is None
    append_pending()
    assert isinstance(entries(campaign)[2], RemovedEntry)
    assert (tally(campaign).posts, tally(campaign).removed) == (0, 1)
    post.refresh_from_db()
    assert post_state(post) is PostState.WITHDRAWN
    assert_sound(campaign)


def test_coming_back_is_a_new_entry_with_a_new_commitment(committed_cast: Cast) -> None:
    """Rejected after all, and the rejection undone: removed stays removed, the post joins again further on."""
    campaign = committed_cast.campaign
    post = committed_cast.supporter.decided()
    append_pending()
    decision_make(post=post, kind=DecisionKind.REJECT, reason="off-call", account=committed_cast.moderator)
    append_pending()
    assert post_state(post) is PostState.REJECTED
    decision_undo(post=post, account=committed_cast.moderator)
    append_pending()
    said = entries(campaign)
    assert [type(entry) for entry in said] == [PhaseEntry, PostEntry, RemovedEntry, PostEntry]
    assert said[1].commitment != said[3].commitment  # type: ignore[attr-defined]
    entry = entry_of(post)
    assert entry is not None
    assert entry.position == 3
    assert_sound(campaign)


def test_an_edit_and_an_edit_back_amend_the_entry(committed_cast: Cast) -> None:
    """Changed words change the commitment each time, never to one that was used before."""
    campaign = committed_cast.campaign
    post = committed_cast.supporter.decided(caption="first words")
    append_pending()
    for words in ("second words", "first words"):
        post_amend(post=Post.objects.get(pk=post.pk), change=PostChange(caption=words))
        decide_pending()
        assert append_pending() == 1
    amends = [entry for entry in entries(campaign) if isinstance(entry, AmendEntry)]
    assert [(entry.of, entry.people, entry.colour) for entry in amends] == [(1, None, None)] * 2
    assert len({entry.commitment for entry in amends}) == 2
    assert_sound(campaign)


def test_a_moderators_word_on_the_colour_counts(committed_cast: Cast) -> None:
    """What a person says of the colour stands in the entry, also when it is said later."""
    campaign = committed_cast.campaign
    doubtful = committed_cast.supporter.decided(b"refer to somebody")
    append_pending()
    assert post_state(doubtful) is PostState.REVIEW
    decision_make(post=doubtful, kind=DecisionKind.APPROVE, account=committed_cast.moderator, colour=True)
    append_pending()
    assert tally(campaign).in_colour == 1
    decision_make(post=doubtful, kind=DecisionKind.APPROVE, account=committed_cast.moderator, colour=False)
    assert append_pending() == 1
    assert (tally(campaign).in_colour, tally(campaign).posts) == (0, 1)
    assert append_pending() == 0
    assert_sound(campaign)


def test_the_same_picture_again_is_a_repeat(committed_cast: Cast) -> None:
    """The matcher marks the later of two equal pictures, once, and the log amends it."""
    campaign = committed_cast.campaign
    first = committed_cast.supporter.decided(b"one selfie")
    append_pending()
    again = committed_cast.stranger.decided(b"one selfie")
    other = committed_cast.somebody().decided(b"another selfie")
    append_pending()
    assert match_pending() > 0
    assert append_pending() == 1
    match_pending()
    assert append_pending() == 0
    standings = {post: (entry_of(post) or Entry()).standing["repeat"] for post in (first, again, other)}
    assert standings == {first: False, again: True, other: False}
    assert (tally(campaign).posts, tally(campaign).distinct) == (3, 2)
    assert_sound(campaign)


def test_careful_posts_go_out_in_batches(committed_cast: Cast) -> None:
    """Fewer than five wait, however long; five go together; the next batch waits for ten minutes."""
    campaign = committed_cast.campaign_with(preset="careful", handle="with-care")
    append_pending()

    def join(count: int) -> None:
        for turn in range(count):
            post = committed_cast.somebody(campaign).decided(f"selfie {turn} {count}".encode())
            decision_make(post=post, kind=DecisionKind.APPROVE, account=committed_cast.moderator)

    join(4)
    committed_cast.house.clock.advance(3600)
    assert append_pending() == 0
    join(1)
    assert append_pending() == 5
    join(6)
    assert append_pending() == 0
    committed_cast.house.clock.advance(599)
    assert append_pending() == 0
    committed_cast.house.clock.advance(2)
    assert append_pending() == 6
    head = LogHead.objects.get(campaign=campaign)
    assert head.release_at is not None
    assert head.release_at - timedelta(seconds=600) <= committed_cast.house.clock.now()
    assert_sound(campaign)


def test_dangerous_posts_hide_among_twenty(committed_cast: Cast) -> None:
    """Nineteen wait; with the twentieth all go, in an order that says nothing of who was first."""
    campaign = committed_cast.campaign_with(preset="dangerous", handle="in-danger")
    posts = []
    for turn in range(20):
        if turn == 19:
            append_pending()
            assert tally(campaign).posts == 0
        post = committed_cast.somebody(campaign).posted(f"selfie {turn}".encode(), cover="everybody")
        decide_pending()
        decision_make(post=post, kind=DecisionKind.APPROVE, account=committed_cast.moderator)
        posts.append(post.pk)
    assert append_pending() == 20
    order = list(Entry.objects.filter(campaign=campaign, kind="post").values_list("post_id", flat=True))
    assert sorted(order) == sorted(posts)
    assert order != posts
    assert_sound(campaign)


def test_the_opening_post_goes_first_and_at_once(committed_cast: Cast) -> None:
    """The campaign's first word does not wait for a batch."""
    campaign = committed_cast.campaign_with(preset="careful", handle="with-care")
    post = committed_cast.somebody(campaign).decided(is_opening=True)
    decision_make(post=post, kind=DecisionKind.APPROVE, account=committed_cast.organiser)
    append_pending()
    assert post_at(campaign, 1) == post


def test_a_campaign_pauses_resumes_and_closes_in_its_log(committed_cast: Cast) -> None:
    """Phases stand in order; closing waits for the posts that are still looked at, and is the last word."""
    campaign = committed_cast.campaign
    approved(committed_cast, 1)
    campaign_pause(campaign=campaign, notice={"en": "Until spring."})
    campaign_resume(campaign=campaign, notice={"en": "It is spring."})
    waiting = committed_cast.supporter.decided(b"refer to somebody")
    campaign_close(campaign=campaign, notice={"en": "Thank you."})
    append_pending()
    assert tally(campaign).phase is Phase.RESUMED
    decision_make(post=waiting, kind=DecisionKind.APPROVE, account=committed_cast.moderator)
    append_pending()
    assert tally(campaign).phase is Phase.CLOSED
    assert tally(campaign).posts == 2
    post_withdraw(post=Post.objects.get(pk=waiting.pk))
    append_pending()
    assert (tally(campaign).posts, tally(campaign).removed) == (1, 1)
    assert_sound(campaign)


def test_nothing_joins_a_closed_log(committed_cast: Cast) -> None:
    """A rejection undone after the end does not stop the log, and does not reopen it."""
    campaign = committed_cast.campaign
    post = committed_cast.supporter.decided()
    decision_make(post=post, kind=DecisionKind.REJECT, reason="off-call", account=committed_cast.moderator)
    campaign_close(campaign=campaign, notice={"en": "Thank you."})
    append_pending()
    assert tally(campaign).phase is Phase.CLOSED
    decision_undo(post=post, account=committed_cast.moderator)
    assert append_pending() == 0
    assert_sound(campaign)


def test_a_batch_larger_than_a_tile_recounts(committed_cast: Cast) -> None:
    """Across the border of a tile, in uneven steps, the public files stay those of one tree."""
    campaign = committed_cast.campaign
    chance = random.Random(7)
    template = approved(committed_cast, 1)[0]
    append_pending()
    older = list[BlobStore]()
    for _ in range(3):
        older.append(OlderCheckpoint(committed_cast.house.store, campaign))
        with transaction.atomic():
            clone_posts(template, count=chance.randint(90, 110))
        append_pending()
        append_campaign(campaign)
    assert tally(campaign).posts > 256
    assert_sound(campaign)
    kept = [key for key in committed_cast.house.store.list(f"log/{campaign.handle}") if "/000.p/" in key]
    assert [key for key in kept if "/tile/1/" not in key] == [], (
        "full files have taken the place of partial ones"
    )
    for path in older:
        assert recounted(campaign, store=path).holds


class OlderCheckpoint(FaultyBlobs):
    """The store as somebody sees it who holds an older checkpoint: its tiles may have been pruned meanwhile."""

    def __init__(self, inner: BlobStore, campaign: Campaign) -> None:
        super().__init__(inner)
        self._key = f"log/{campaign.handle}/checkpoint"
        self._note = inner.get(self._key)

    def get(self, key: str) -> bytes:
        return self._note if key == self._key else super().get(key)


def clone_posts(template: Post, *, count: int) -> None:
    """Write many approved posts straight into the rows, as an import would; sharing one set of pictures' rows."""
    for _ in range(count):
        copy = Post.objects.get(pk=template.pk)
        photo = copy.photos.get()
        renditions, development, decision = (
            list(photo.renditions.all()),
            photo.development,
            copy.decisions.get(),
        )
        copy.pk, copy.code_digest = opaque(clock.random_bytes(16)), None
        copy.save(force_insert=True)
        post_key_create(copy)
        photo.pk, photo.post = opaque(clock.random_bytes(16)), copy
        photo.save(force_insert=True)
        development.pk = photo.pk
        development.save(force_insert=True)
        for rendition in renditions:
            rendition.pk, rendition.photo = None, photo
            rendition.name, rendition.blob = opaque(clock.random_bytes(16)), opaque(clock.random_bytes(16))
            rendition.save(force_insert=True)
        decision.pk, decision.post = None, copy
        decision.save(force_insert=True)
        untold_leave(copy)


def test_consumers_read_every_published_entry_once(committed_cast: Cast) -> None:
    """A cursor moves forward only, and nothing unpublished is shown."""
    campaign = committed_cast.campaign
    approved(committed_cast, 3)
    assert entries_unread("feeds", campaign) == []
    append_pending()
    assert [entry.position for entry in entries_unread("feeds", campaign, limit=3)] == [0, 1, 2]
    cursor_advance("feeds", campaign, position=3)
    cursor_advance("feeds", campaign, position=1)
    assert [entry.position for entry in entries_unread("feeds", campaign)] == [3]
    LogHead.objects.filter(campaign=campaign).update(published_size=3)
    assert entries_unread("feeds", campaign) == []


def test_a_start_changes_nothing_on_a_good_day(committed_cast: Cast) -> None:
    """Resuming a log that is whole writes nothing, and the check finds nothing."""
    campaign = committed_cast.campaign
    approved(committed_cast, 2)
    append_pending()
    before = recounted(campaign).checkpoint
    resume_all()
    head_check(campaign)
    assert recounted(campaign).checkpoint == before
    assert_sound(campaign)
