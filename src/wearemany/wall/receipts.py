"""Making a receipt for a post's author, from rows and public tiles, when asked. Nothing of it is written anywhere."""

from __future__ import annotations

from wearemany.errors import N_, Refused, TryAgain
from wearemany.photos.models import Post
from wearemany.tlog.checkpoint import open_checkpoint
from wearemany.tlog.merkle import inclusion_proof
from wearemany.tlog.proof import Proof
from wearemany.tlog.ranges import ranges_in_tiles
from wearemany.tlog.tiles import Tile
from wearemany.wall.audit import CHECKPOINT_PATH, Missing
from wearemany.wall.entry import entry_salt
from wearemany.wall.facts import Facts, facts_of_posts
from wearemany.wall.files import PublicLog
from wearemany.wall.log import public_log
from wearemany.wall.models import Entry
from wearemany.wall.receipt import Bound, caption_digest


def has_receipt(post: Post) -> bool:
    """Tell whether a receipt can be made: the post counts now."""
    return Entry.objects.filter(post=post, kind="post", live=True).exists()


def receipt_make(post: Post) -> bytes:
    """Return a post's receipt under the newest public checkpoint.

    Of an amended post it is the entry with the newest commitment that is shown: what the post is now. Refused
    `receipt-none` when the post does not count; TryAgain `receipt-later` while a change is on its way to the log.
    """
    log = public_log(post.campaign)
    published = log.published()
    if published is None or not has_receipt(post):
        raise Refused("receipt-none", N_("Your post is not counted now, so there is nothing to show for it."))
    facts = facts_of_posts([post]).get(post.pk)
    rows = Entry.objects.filter(post=post, commitment__isnull=False).order_by("-position")
    row = rows.first()
    bound = _bound(facts, row) if facts is not None and row is not None else None
    if row is None or bound is None or row.position >= published.size:
        raise TryAgain(
            "receipt-later",
            N_("Your newest change is on its way to the signed count. Please ask again in a moment."),
        )
    note = log.read(CHECKPOINT_PATH)
    size = open_checkpoint(note, log.signer.verifier).size
    hashes = inclusion_proof(
        index=row.position, size=size, hash_of=ranges_in_tiles(lambda tile: _tile(log, tile), size=size)
    )
    return Proof(row.position, tuple(hashes), note, bound.extra).data


def _bound(facts: Facts, row: Entry) -> Bound | None:
    """Return what the newest commitment is made of; None when the post is something else by now."""
    bound = Bound(
        line=bytes(row.line),
        photos=facts.digests,
        caption=caption_digest(facts.caption),
        salt=entry_salt(facts.salt, times=facts.times - 1),
    )
    return bound if bound.commitment == bytes(row.commitment or b"") else None


def _tile(log: PublicLog, tile: Tile) -> bytes:
    try:
        return log.read(tile.path)
    except Missing:
        # The full one has taken the place of a partial one meanwhile; its beginning is the same.
        return log.read(Tile(tile.level, tile.index).path)
