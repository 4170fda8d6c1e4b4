"""What tests of the running log need: recounting the store of a house, and the cast's posts in numbers."""

from tests.cast import Cast, Supporter
from tests.rig import KEYS
from wearemany.adapters import server
from wearemany.adapters.blobs import BlobStore
from wearemany.campaigns.models import Campaign
from wearemany.photos.models import Post
from wearemany.tlog.checkpoint import Checkpoint
from wearemany.tlog.note import Verifier
from wearemany.wall.audit import Missing, Recount, audit
from wearemany.wall.files import PublicLog
from wearemany.wall.log import public_log
from wearemany.wall.models import Entry, LogHead
from wearemany.wall.queries import tally


def verifier_of(campaign: Campaign) -> Verifier:
    return Verifier(campaign.origin, KEYS.signing_public())


def recounted(
    campaign: Campaign, *, store: BlobStore | None = None, earlier: Checkpoint | None = None
) -> Recount:
    """Recount a campaign's log as a stranger would, from the public files alone."""
    shelf = store or server.store()

    def read(path: str) -> bytes:
        content = shelf.get_or_none(f"log/{campaign.handle}/{path}")
        if content is None:
            raise Missing(path)
        return content

    return audit(read, verifier=verifier_of(campaign), earlier=earlier)


def assert_sound(campaign: Campaign, *, store: BlobStore | None = None) -> Recount:
    """The public log recounts clean, and says what the wall and the database say."""
    result = recounted(campaign, store=store)
    assert result.holds, result.findings
    head = LogHead.objects.get(campaign=campaign)
    assert result.checkpoint is not None
    assert (head.size, head.published_size, head.staged) == (
        result.checkpoint.size,
        result.checkpoint.size,
        "",
    )
    assert result.tally == tally(campaign)
    assert list(Entry.objects.filter(campaign=campaign).values_list("position", flat=True)) == list(
        range(head.size)
    )
    return result


def log_files(campaign: Campaign) -> PublicLog:
    return public_log(campaign)


def approved(cast: Cast, count: int, *, campaign: Campaign | None = None) -> list[Post]:
    """Have that many people post a selfie that policy approves."""
    return [
        Supporter.decided(cast.somebody(campaign), f"selfie of somebody {number}".encode())
        for number in range(count)
    ]
