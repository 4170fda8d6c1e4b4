"""A server that came back from a backup: until its log was compared with what the public has seen, it shows nothing.

Two ways to notice. The database alone is old: the public checkpoint is ahead of it. Everything is old, the log's files
too: then only the place tells (`adapters.place`), and somebody has to say where a newer log is, or that there is none.
Held campaigns show no post, take none and sign nothing; `recovery` lets go of them.
"""

from __future__ import annotations

import logging
from pathlib import Path

from django.db import transaction

from wearemany.adapters import place
from wearemany.adapters.fetch import Way
from wearemany.campaigns.models import Campaign, Shut
from wearemany.campaigns.services import visible_version_bump
from wearemany.conversations.models import Comment, CommentState
from wearemany.errors import N_, Broken, Refused
from wearemany.moderation.models import DecisionKind
from wearemany.moderation.services import post_withdraw
from wearemany.moderation.standing import standings
from wearemany.photos.models import Post
from wearemany.photos.orders import SEED
from wearemany.tlog.checkpoint import open_checkpoint
from wearemany.wall.audit import CHECKPOINT_PATH, audit, reading_order
from wearemany.wall.facts import facts_of_posts
from wearemany.wall.files import PublicLog
from wearemany.wall.models import Entry as EntryRow
from wearemany.wall.models import LogHead
from wearemany.wall.recounting.reading import locate

_COMMITMENTS_TRIED = 8
_looked_at: set[Path] = set()
_log = logging.getLogger("wearemany.wall")


def campaign_hold(campaign: Campaign) -> None:
    """Keep a campaign from sight until it is recovered; one that is shut already stays as it is."""
    with transaction.atomic():
        if Campaign.objects.filter(pk=campaign.pk, shut=Shut.NO).update(shut=Shut.RESTORED):
            visible_version_bump(campaign.pk)
            _log.error("campaign %s is out of sight until `wearemany wall recover`", campaign.handle)


def copies_hold(folder: Path) -> None:
    """Hold every campaign that was ever public when the data folder is a copy; looks once a process.

    The folder counts as the one it is from then on, once the holding is committed.
    """
    if folder in _looked_at:
        return
    if place.is_copy(folder):
        for campaign in Campaign.objects.filter(head__published_size__gt=0):
            campaign_hold(campaign)
    place.mark(folder)
    _looked_at.add(folder)


def is_held(campaign: Campaign) -> bool:
    """Tell whether a campaign waits to be recovered."""
    return Campaign.objects.filter(pk=campaign.pk, shut=Shut.RESTORED).exists()


def newer_taken(log: PublicLog, address: str, *, way: Way | None) -> int:
    """Bring the log's public files up to what a mirror has, if that continues them; returns how many entries it has.

    Raises Refused `mirror-log-other` when the copy does not recount or is another history: nothing was changed.
    """
    source = locate(address, way=way)
    own = log.store.get_or_none(f"{log.prefix}/{CHECKPOINT_PATH}")
    earlier = open_checkpoint(own, log.signer.verifier) if own is not None else None
    result = audit(source.read, verifier=log.signer.verifier)
    newest = result.checkpoint
    if earlier is not None and newest is not None and newest.size >= earlier.size:
        result = audit(source.read, verifier=log.signer.verifier, earlier=earlier)
    if not result.holds or newest is None:
        raise Refused(
            "mirror-log-other",
            N_("The copy at this address is damaged or of another log. Nothing was changed."),
            cause=", ".join(sorted({finding.code for finding in result.findings})),
        )
    if earlier is None or newest.size > earlier.size:
        for tile in reading_order(newest.size):
            log.store.put(f"{log.prefix}/{tile.path}", source.read(tile.path))
        log.store.replace(f"{log.prefix}/{CHECKPOINT_PATH}", source.read(CHECKPOINT_PATH))
    return newest.size


def restored_settle(campaign: Campaign) -> int:
    """Take back whatever the log does not vouch for, now that its rows are complete; returns how many posts.

    Nobody knows any more what its author did with a post since the backup, unless the log says it: a post that is on
    no line may have been taken back, and a picture that was covered later is uncovered again. Comments wait for a
    person once more. Then the campaign is in sight again.
    """
    doubtful = _posts_without_line(campaign) | _posts_unlike_their_line(campaign)
    for post in Post.objects.filter(pk__in=doubtful):
        post_withdraw(post=post)
    with transaction.atomic():
        shown = Comment.objects.filter(post__campaign=campaign, state=CommentState.SHOWN, pinned=False)
        shown.update(state=CommentState.HELD)
        Campaign.objects.filter(pk=campaign.pk, shut=Shut.RESTORED).update(shut=Shut.NO)
        visible_version_bump(campaign.pk)
    return len(doubtful)


def is_evident(campaign: Campaign, log: PublicLog) -> bool:
    """Tell whether the log's own files know more than the database: then nobody need say where a newer log is."""
    public = log.published()
    size = LogHead.objects.filter(campaign=campaign).values_list("size", flat=True).first() or 0
    return public is not None and public.size > size


def source_needed() -> Refused:
    """Return the refusal to trust a copy that nothing can be compared with."""
    return Refused(
        "recover-from-where",
        N_(
            "Everything here came back from a backup. Say where a newer log may be: --from with a mirror's address; or "
            "--nothing-newer, when you are sure that nobody has seen a newer one."
        ),
    )


def held_back() -> Broken:
    """Return the error of a log that signs nothing until it was compared."""
    return Broken(
        "wall-restored",
        N_("This server came back from a backup, so nothing is signed. Run `wearemany wall recover`."),
    )


def _posts_without_line(campaign: Campaign) -> set[str]:
    on_line = EntryRow.objects.filter(campaign=campaign, live=True, post__isnull=False).values("post")
    posts = Post.objects.filter(campaign=campaign, erased=False).exclude(pk__in=on_line).exclude(door=SEED)
    ids = set(posts.values_list("pk", flat=True))
    decided = standings(ids)
    # A rejected one stays hidden, and has its own term.
    return {pk for pk in ids if pk not in decided or decided[pk].kind != DecisionKind.REJECT}


def _posts_unlike_their_line(campaign: Campaign) -> set[str]:
    rows = EntryRow.objects.filter(campaign=campaign, live=True, post__isnull=False, post__erased=False)
    said = {str(row.post_id): bytes.fromhex(row.standing["commitment"]) for row in rows if row.standing}
    facts = facts_of_posts(list(Post.objects.filter(pk__in=said)))
    return {
        post_id
        for post_id, commitment in said.items()
        if post_id not in facts
        or commitment not in {facts[post_id].commitment(times=times) for times in range(_COMMITMENTS_TRIED)}
    }
