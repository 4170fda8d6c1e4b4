"""What tests of the running log need: recounting the store of a house, and the cast's posts in numbers."""

from tests.cast import Cast
from tests.rig import KEYS
from wearemany.adapters import server
from wearemany.adapters.blobs import BlobStore
from wearemany.campaigns.models import Campaign
from wearemany.moderation.standing import is_hidden, standing
from wearemany.photos.models import Post, Untold
from wearemany.tlog.checkpoint import Checkpoint
from wearemany.tlog.note import Verifier
from wearemany.wall.audit import Missing, Recount, audit
from wearemany.wall.facts import facts_of_posts
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
    """Have that many people post a selfie of their own that policy approves; a picture's third time would wait."""
    people = [cast.somebody(campaign) for _ in range(count)]
    return [who.decided(f"selfie of {who.code}".encode()) for who in people]


def assert_all_told(campaign: Campaign) -> None:
    """Whoever compares every post with the log finds nothing that it has yet to say, but what waits for a release."""
    living = {row.post_id: row for row in Entry.objects.filter(campaign=campaign, live=True)}
    posts = Post.objects.filter(campaign=campaign)
    facts = facts_of_posts(list(posts))
    for post in posts:
        decision, row = standing(post), living.get(post.pk)
        is_approved = decision is not None and decision.kind == "approve" and not post.erased
        if row is None:
            may_join = is_approved and post.ready and not is_hidden(post)
            held = Untold.objects.filter(post=post, waits=True).exists()
            assert not may_join or held, f"{post.pk} is approved and neither on the wall nor waiting for it"
            continue
        assert is_approved, f"{post.pk} is still on the wall"
        assert decision is not None
        colour = facts[post.pk].wears_colour if decision.colour is None else decision.colour
        said, known = row.standing, facts[post.pk]
        assert (said["colour"], said["repeat"]) == (colour, row.is_repeat)
        assert (said["photos"], said["people"]) == (known.photos, known.people)
        newest = (
            Entry.objects.filter(campaign=campaign, post=post, commitment__isnull=False)
            .order_by("-position")
            .first()
        )
        assert newest is not None
        assert bytes(newest.commitment) == known.commitment(times=known.times - 1)
