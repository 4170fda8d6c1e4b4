"""The fault table of the log: every external write, failed and failed-but-happened, and every place to be killed.

After each: the server starts, appends, recounts clean against the checkpoint seen before, and no checkpoint
that was ever signed belongs to another history.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import pytest
from django.db import connection

from tests.cast import Cast
from tests.rigs.stores import Fault, FaultyBlobs, Killed, PowerCut, PowerLost
from tests.wall.walls import approved, assert_sound, log_files, recounted, verifier_of
from wearemany.adapters.blobs import BlobStore, FolderBlobs
from wearemany.campaigns.models import Campaign
from wearemany.errors import Broken, TryAgain
from wearemany.moderation.services import post_withdraw
from wearemany.photos.models import Post
from wearemany.tlog.checkpoint import Checkpoint, open_checkpoint
from wearemany.wall.entry import RemovedEntry, decode
from wearemany.wall.log import append_campaign, append_pending, head_check, resume_all
from wearemany.wall.models import Entry, LogHead
from wearemany.wall.queries import tally

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


class Witness(FaultyBlobs):
    """A failing store that remembers every checkpoint it was ever given: what was signed cannot be unsigned."""

    def __init__(self, inner: BlobStore, campaign: Campaign, signed: list[Checkpoint]) -> None:
        super().__init__(inner)
        self._campaign = campaign
        self.signed = signed

    def replace(self, key: str, content: bytes) -> None:
        if key == f"log/{self._campaign.handle}/checkpoint":
            self.signed.append(open_checkpoint(content, verifier_of(self._campaign)))
        super().replace(key, content)


WitnessKind = TypeVar("WitnessKind", bound=Witness)


class Story:
    """A log with a past. Each round something is due; then something goes wrong; then all must be well."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.campaign = cast.campaign
        self.signed: list[Checkpoint] = []
        approved(cast, 2)
        append_pending()
        self.witness = self.renew(Witness)
        self.begin_round()

    def renew(self, kind: type[WitnessKind]) -> WitnessKind:
        """Put a store without faults in place, which goes on remembering what was signed."""
        witness = kind(self.cast.house.store, self.campaign, self.signed)
        self.cast.house.use(witness)
        self.witness = witness
        return witness

    def begin_round(self) -> None:
        """Let one post wait to join, and one that is on the wall be taken back."""
        self.seen = recounted(self.campaign, store=self.cast.house.store).checkpoint
        self.joining = approved(self.cast, 1)[0]
        living = Entry.objects.filter(campaign=self.campaign, live=True).order_by("position").first()
        assert living is not None
        assert living.post is not None
        self.leaving = living.post
        post_withdraw(post=self.leaving)

    def assert_whole(self) -> None:
        """Start anew, finish, and find everything sound, continuing every history that was ever signed."""
        self.cast.house.restarted()
        self.renew(Witness)
        resume_all()
        append_pending()
        assert_sound(self.campaign)
        assert Entry.objects.filter(post=self.joining, kind="post").count() == 1
        assert Entry.objects.filter(post=self.leaving, kind="removed").count() == 1
        assert self.signed, "something was signed in the end"
        for earlier in (self.seen, *self.signed[-6:]):
            assert recounted(self.campaign, earlier=earlier).holds
        assert list(self.cast.house.store.list("staged")) == []


@pytest.fixture
def story(committed_cast: Cast) -> Story:
    return Story(committed_cast)


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
def test_any_blob_operation_may_go_wrong(story: Story, fault: Fault) -> None:
    """Each operation on the blob store in turn fails, or had happened, or the process is killed around it.

    Then something goes wrong again while the server recovers, and only then all goes well.
    """
    for number in range(40):
        story.renew(Witness).fail(number, fault)
        with suppress(TryAgain, Killed):
            append_campaign(story.campaign)
        if len(story.witness.operations) <= number:
            break
        story.renew(Witness).fail(number * 7 % 9, fault)
        with suppress(TryAgain, Killed):
            append_campaign(story.campaign)
        story.assert_whole()
        story.begin_round()
    assert 10 <= number < 39, "every operation of an append had its turn"


class _Cut:
    """Kills the process before or after one SQL statement."""

    def __init__(self, number: int, *, after: bool) -> None:
        self.left = number
        self.after = after

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed("before a statement")
        result = execute(*args)
        if self.left == 0:
            raise Killed("after a statement")
        return result


def kill_at(story: Story, *, numbers: Iterable[int], after: bool) -> None:
    """Kill the process around one statement after the other, and start anew each time."""
    for number in numbers:
        cut = _Cut(number, after=after)
        try:
            with connection.execute_wrapper(cut):
                append_campaign(story.campaign)
        except Killed:
            connection.close()
        if cut.left > 0:
            break
        story.assert_whole()
        story.begin_round()
    assert 25 <= number < 85, "statements from the first to the last had their turn"


def test_the_process_may_be_killed_at_any_statement(story: Story) -> None:
    """Killed after every third statement to the database in turn, the log is whole after every start."""
    kill_at(story, numbers=range(2, 90, 3), after=True)


@pytest.mark.long
@pytest.mark.parametrize("after", [False, True])
def test_the_process_may_be_killed_at_every_statement(story: Story, after: bool) -> None:
    """The same around every single statement, before it and after it."""
    kill_at(story, numbers=range(1, 90), after=after)


@contextmanager
def dark(disk: PowerCut, number: int) -> Iterator[None]:
    disk.lose_power_at(number)
    with suppress(PowerLost):
        yield


def cut_at(cast: Cast, *, numbers: Iterable[int], chance: random.Random | None) -> None:
    """Lose the power during an append, at one act of the disk after the other, and start anew each time."""
    disk = PowerCut(cast.house.folder / "cut")
    campaign = cast.campaign
    seen = None
    for number in numbers:
        cast.house.store = disk.open()
        cast.house.use(cast.house.store)
        post = approved(cast, 1)[0]
        with dark(disk, number):
            append_campaign(campaign)
        disk.cut(chance)
        cast.house.store = disk.open()
        cast.house.use(cast.house.store)
        cast.house.restarted()
        resume_all()
        append_pending()
        assert Entry.objects.filter(post=post, live=True).count() == 1
        result = recounted(campaign, earlier=seen)
        assert result.holds, (number, result.findings)
        seen = result.checkpoint
    assert_sound(campaign)


@pytest.mark.parametrize("seed", [None, 1], ids=["nothing-unsynced-survives", "some-survives"])
def test_the_power_may_be_cut_at_any_moment(committed_cast: Cast, seed: int | None) -> None:
    """Unsynced writes are dropped, all or some; what the database committed stays, since it syncs by itself."""
    start = seed or 0
    cut_at(committed_cast, numbers=range(start, 45, 4), chance=None if seed is None else random.Random(seed))


@pytest.mark.long
@pytest.mark.parametrize("seed", [None, *range(6)])
def test_the_power_may_be_cut_at_every_moment(committed_cast: Cast, seed: int | None) -> None:
    """The same at every single act of the disk, and with other chances of what survives."""
    cut_at(committed_cast, numbers=range(45), chance=None if seed is None else random.Random(seed))


Backup = tuple[dict[str, Any], list[Entry]]


def keep_rows(campaign: Campaign) -> Backup:
    """Remember the log's rows, as a backup of the database would."""
    head = LogHead.objects.filter(campaign=campaign).values().get()
    return head, list(Entry.objects.filter(campaign=campaign))


def restore_rows(campaign: Campaign, backup: Backup) -> None:
    """Put the log's rows back to what they were when the backup was made."""
    head, entries = backup
    Entry.objects.filter(campaign=campaign).delete()
    Entry.objects.bulk_create(entries)
    LogHead.objects.filter(campaign=campaign).update(
        **{name: value for name, value in head.items() if name != "campaign_id"}
    )


def test_a_database_older_than_the_blobs_signs_nothing(story: Story) -> None:
    """A restored backup: appending stops with a code, whatever is due, until somebody recovers."""
    backup = keep_rows(story.campaign)
    append_campaign(story.campaign)
    public = recounted(story.campaign).checkpoint
    restore_rows(story.campaign, backup)
    story.cast.house.restarted()
    signed = len(story.signed)
    approved(story.cast, 3)
    resume_all()
    append_pending()
    for stopped in (append_campaign, head_check):
        with pytest.raises(Broken) as refusal:
            stopped(story.campaign)
        assert refusal.value.code == "wall-head-behind"
    assert len(story.signed) == signed
    assert recounted(story.campaign).checkpoint == public


def test_blobs_older_than_the_database_are_made_again(story: Story) -> None:
    """A restored blob store: what is missing is made again from the rows, and it is the same history."""
    files = {key: story.witness.get(key) for key in story.witness.list("log")}
    append_campaign(story.campaign)
    public = recounted(story.campaign).checkpoint
    for key in list(story.witness.list("log")):
        if key not in files:
            story.witness.delete(key)
    for key, content in files.items():
        story.witness.put(key, content)
    assert recounted(story.campaign).checkpoint == story.seen
    story.cast.house.restarted()
    resume_all()
    assert recounted(story.campaign, earlier=public).checkpoint == public
    assert_sound(story.campaign)


def test_a_lost_blob_store_is_made_again(story: Story) -> None:
    """With every public file gone, the same checkpoint comes back out of the rows."""
    append_campaign(story.campaign)
    public = recounted(story.campaign).checkpoint
    for key in list(story.witness.list("log")):
        story.witness.delete(key)
    resume_all()
    assert recounted(story.campaign).checkpoint == public
    assert_sound(story.campaign)


def test_left_overs_of_an_unsigned_batch_do_not_block_the_log(story: Story) -> None:
    """Tiles that were applied and never signed, of a batch that a restored database has forgotten, are replaced."""
    backup = keep_rows(story.campaign)
    checkpoint = story.witness.get(f"log/{story.campaign.handle}/checkpoint")
    append_campaign(story.campaign)
    restore_rows(story.campaign, backup)
    story.witness.put(f"log/{story.campaign.handle}/checkpoint", checkpoint)
    story.signed.clear()
    story.cast.house.restarted()
    approved(story.cast, 1)
    append_pending()
    assert_sound(story.campaign)


def test_a_published_file_is_never_replaced(story: Story) -> None:
    """Other bytes under a published name stop the log with a code; they are not written over."""
    append_campaign(story.campaign)
    log = log_files(story.campaign)
    path = "tile/0/000.p/5"
    story.witness.put(f"log/{story.campaign.handle}/{path}", bytes(5 * 32))
    LogHead.objects.filter(campaign=story.campaign).update(staged="staged/gone")
    with pytest.raises(Broken) as refusal:
        append_campaign(story.campaign)
    assert refusal.value.code == "immutable-changed"
    assert log.read(path) == bytes(5 * 32)


def test_another_history_in_public_stops_the_log(story: Story) -> None:
    """A checkpoint by our own key over other entries of the same length: nothing is signed beside it."""
    append_campaign(story.campaign)
    head = LogHead.objects.get(campaign=story.campaign)
    line = bytes(Entry.objects.get(campaign=story.campaign, position=1).line)
    Entry.objects.filter(campaign=story.campaign, position=1).update(
        line=line.replace(b'"people":1', b'"people":2')
    )
    approved(story.cast, 1)
    signed = len(story.signed)
    with pytest.raises(Broken) as refusal:
        append_campaign(story.campaign)
    assert refusal.value.code == "wall-rows-differ"
    LogHead.objects.filter(campaign=story.campaign).update(edge=bytes(head.edge)[:-32] + bytes(32))
    with pytest.raises(Broken) as refusal:
        append_campaign(story.campaign)
    assert refusal.value.code == "wall-head-differs"
    assert len(story.signed) == signed


def test_a_foreign_checkpoint_stops_the_log(story: Story) -> None:
    """A checkpoint that is not by our key is never written over."""
    story.witness.put(f"log/{story.campaign.handle}/checkpoint", b"nonsense")
    for stopped in (append_campaign, head_check):
        with pytest.raises(Broken) as refusal:
            stopped(story.campaign)
        assert refusal.value.code == "wall-checkpoint-foreign"
    assert story.witness.get(f"log/{story.campaign.handle}/checkpoint") == b"nonsense"


class Meddling(Witness):
    """A store during one of whose operations somebody else appends, start to end."""

    at: int = -1

    @contextmanager
    def _operation(self, name: str, key: str) -> Iterator[None]:
        if len(self.operations) == self.at:
            self.at = -1
            append_campaign(self._campaign)
        with super()._operation(name, key):
            yield


def test_two_writers_may_race_at_any_operation(story: Story) -> None:
    """While one writer is at any step, another one runs through: every entry is there once, in one history."""
    for number in range(40):
        meddling = story.renew(Meddling)
        meddling.at = number
        append_campaign(story.campaign)
        if meddling.at >= 0:
            break
        story.assert_whole()
        story.begin_round()
    assert 10 <= number < 39, "every operation of an append had its turn"


def test_one_log_in_trouble_does_not_stop_another(story: Story) -> None:
    """The step logs the trouble, leaves that campaign alone for a while, and appends to the others."""
    other = story.cast.campaign_with(preset="everyday", handle="other-one")
    story.witness.put(f"log/{story.campaign.handle}/checkpoint", b"nonsense")
    story.cast.house.restarted()
    assert append_pending() == 1
    assert tally(other).entries == 1
    story.witness.put(
        f"log/{story.campaign.handle}/checkpoint", log_files(other).store.get("log/other-one/checkpoint")
    )
    assert append_pending() == 0


def test_a_post_withdrawn_while_its_batch_is_prepared_does_not_join(committed_cast: Cast) -> None:
    """Between looking and swapping the author takes the post back: it never stands in the log."""
    story = Story(committed_cast)
    waiting = story.joining

    class Withdrawing(FaultyBlobs):
        def put(self, key: str, content: bytes) -> None:
            if key.startswith("staged/") and not Post.objects.get(pk=waiting.pk).erased:
                post_withdraw(post=waiting)
            super().put(key, content)

    committed_cast.house.use(Withdrawing(committed_cast.house.store))
    append_campaign(story.campaign)
    assert not Entry.objects.filter(post=waiting).exists()
    said = [decode(bytes(entry.line)) for entry in Entry.objects.filter(campaign=story.campaign)]
    assert sum(isinstance(entry, RemovedEntry) for entry in said) == 1
    assert_sound(story.campaign)
    assert isinstance(committed_cast.house.store, FolderBlobs)


def test_writers_in_several_threads_make_one_history(committed_cast: Cast) -> None:
    """Three threads append at the same moment, again and again: nothing is lost, doubled or signed twice."""
    story = Story(committed_cast)
    for _ in range(3):
        troubles = list[BaseException]()
        gate = threading.Barrier(3)
        threads = [threading.Thread(target=_append_alone, args=(story, gate, troubles)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert troubles == []
        story.assert_whole()
        story.begin_round()


def _append_alone(story: Story, gate: threading.Barrier, troubles: list[BaseException]) -> None:
    try:
        gate.wait()
        append_campaign(story.campaign)
    except Exception as error:
        troubles.append(error)
    finally:
        connection.close()
