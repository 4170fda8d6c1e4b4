"""The way back when the database knows less than the public log: a restored backup, a lost disk.

The public list is the truth that people hold us to, so the rows are made again from it, never the other way
round. Entries are given back to their posts by their commitments; a post that the backup does not know
stays an entry without a post. Whatever the log says was removed is taken back again at once, pictures and all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from wearemany.campaigns.models import Campaign, PhaseChange
from wearemany.campaigns.services import phase_restore
from wearemany.errors import N_, Broken
from wearemany.moderation.services import post_withdraw
from wearemany.photos.models import Post
from wearemany.photos.untold import untold_leave_for
from wearemany.tlog.tiles import ENTRIES_LEVEL, tiles_at, unpack_bundle
from wearemany.wall.audit import audit
from wearemany.wall.entry import AmendEntry, Entry, PhaseEntry, PostEntry, RemovedEntry, decode
from wearemany.wall.facts import facts_of_posts
from wearemany.wall.files import PublicLog, Tree, head_differs
from wearemany.wall.log import public_log, settle
from wearemany.wall.models import Entry as EntryRow
from wearemany.wall.models import LogHead
from wearemany.wall.restored import is_held, restored_settle
from wearemany.wall.rows import Draft, head_of, lines_of, plan_drafts, rows_differ, write_rows

_SALTS_TRIED = 4


@dataclass(frozen=True)
class Recovered:
    """What a recovery did: entries written again, how many of them have no post any more, posts taken back again.

    `doubtful` are those taken back because no line of the log says that they stand as they are.
    """

    entries: int
    without_post: int
    removed: int
    doubtful: int = 0


def recover(campaign: Campaign) -> Recovered:
    """Make the rows agree with the public log, then finish and publish what is left. Repeat it if it stops.

    Raises Broken `wall-public-damaged` when the public log does not recount, `wall-head-differs` when it is
    not a continuation of the rows; then nothing was changed.
    """
    log = public_log(campaign)
    lines = _public_lines(log)
    head = head_of(campaign)
    written = without_post = 0
    if len(lines) > head.size:
        drafts = _write(campaign, head, lines)
        written = len(drafts)
        without_post = sum(isinstance(draft.entry, PostEntry) and not draft.post_id for draft in drafts)
    removed = _take_back_again(campaign)
    doubtful = restored_settle(campaign) if written or is_held(campaign) else 0
    settle(campaign)
    return Recovered(written, without_post, removed, doubtful)


def _public_lines(log: PublicLog) -> list[bytes]:
    """Return every entry of the public log, verified; none when nothing is published."""
    published = log.published()
    if published is None:
        return []
    result = audit(log.read, verifier=log.signer.verifier)
    if not result.holds or result.checkpoint is None:
        raise Broken(
            "wall-public-damaged",
            N_("The public list of this wall is damaged itself. Bring back its files from a mirror first."),
            cause=", ".join(sorted({finding.code for finding in result.findings})),
        )
    lines: list[bytes] = []
    for tile in tiles_at(ENTRIES_LEVEL, result.checkpoint.size):
        lines += unpack_bundle(log.read(tile.path), width=tile.width)
    return lines


def _write(campaign: Campaign, head: LogHead, lines: Sequence[bytes]) -> list[Draft]:
    if list(lines[: head.size]) != lines_of(campaign, first=0, end=head.size):
        raise head_differs(Tree(len(lines), b""))
    with transaction.atomic():
        now = LogHead.objects.select_for_update().get(pk=head.pk)
        if (now.size, bytes(now.edge)) != (head.size, bytes(head.edge)):
            raise rows_differ("the head moved during the recovery")
        drafts = _drafts(campaign, lines, first=head.size)
        planned = plan_drafts(campaign, head, drafts)
        write_rows(campaign, first=head.size, planned=planned)
        # What the list says of repeats is believed until the matcher has read it again.
        EntryRow.objects.filter(campaign=campaign, live=True, standing__repeat=True).update(is_repeat=True)
        LogHead.objects.filter(pk=head.pk).update(
            size=planned.batch.edge.size,
            edge=planned.batch.edge.to_bytes(),
            root=planned.batch.root,
            tally=planned.tally.to_json(),
            published_size=planned.batch.edge.size,
            published_tally=planned.tally.to_json(),
            staged="",
        )
        # What the rows and the list say of each post may differ by now in any way: the next look is at all of them.
        untold_leave_for(Post.objects.filter(campaign=campaign).values_list("pk", "campaign_id"))
    return drafts


def _drafts(campaign: Campaign, lines: Sequence[bytes], *, first: int) -> list[Draft]:
    """Read the entries that the rows lack, and find the rows that they speak of."""
    known = EntryRow.objects.filter(campaign=campaign, kind="post", post__isnull=False)
    posts: dict[int, str] = {
        position: str(post_id) for position, post_id in known.values_list("position", "post_id")
    }
    by_commitment = _commitments(campaign)
    drafts: list[Draft] = []
    for position in range(first, len(lines)):
        entry = decode(lines[position])
        if isinstance(entry, PhaseEntry):
            drafts.append(Draft(entry, phase_change_id=_phase_change(campaign, entry)))
            continue
        post_id = _post_of(entry, posts, by_commitment)
        if isinstance(entry, PostEntry) and post_id is not None:
            posts[position] = post_id
        drafts.append(Draft(entry, post_id=post_id, edit_version=_edit_version(post_id)))
    return drafts


def _post_of(entry: Entry, posts: dict[int, str], by_commitment: dict[bytes, str]) -> str | None:
    if isinstance(entry, PostEntry):
        return by_commitment.get(entry.commitment)
    if isinstance(entry, AmendEntry | RemovedEntry):
        return posts.get(entry.of)
    return None


def _edit_version(post_id: str | None) -> int:
    if post_id is None:
        return 0
    return int(Post.objects.values_list("edit_version", flat=True).get(pk=post_id))


def _commitments(campaign: Campaign) -> dict[bytes, str]:
    """Return what the living posts without a living entry would commit to, with the first few of their salts."""
    found: dict[bytes, str] = {}
    entered = EntryRow.objects.filter(campaign=campaign, live=True, post__isnull=False).values("post")
    posts = Post.objects.filter(campaign=campaign, erased=False, ready=True).exclude(pk__in=entered)
    for post_id, facts in facts_of_posts(list(posts)).items():
        for times in range(_SALTS_TRIED):
            found[facts.commitment(times=times)] = post_id
    return found


def _phase_change(campaign: Campaign, entry: PhaseEntry) -> int:
    """Return the phase change that an entry tells of, made again when the backup does not know it."""
    change = PhaseChange.objects.filter(campaign=campaign, entries=None).order_by("position").first()
    if change is not None and (change.phase, bytes(change.text_digest)) == (entry.phase, entry.text):
        return int(change.pk)
    restored = phase_restore(campaign=campaign, phase=str(entry.phase), text_digest=entry.text, day=entry.day)
    return int(restored.pk)


def _take_back_again(campaign: Campaign) -> int:
    """Erase every post that the log calls removed and a backup brought back; outside of any transaction."""
    removed = EntryRow.objects.filter(
        campaign=campaign, kind="removed", post__isnull=False, post__erased=False
    )
    living = EntryRow.objects.filter(campaign=campaign, live=True, post__isnull=False).values("post")
    posts = list(Post.objects.filter(pk__in=removed.values("post")).exclude(pk__in=living))
    taken_back = 0
    for post in posts:
        if not _is_only_rejected(post):
            post_withdraw(post=post)
            taken_back += 1
    return taken_back


def _is_only_rejected(post: Post) -> bool:
    """Tell whether the rows themselves say why the post is removed: then its own term of erasure goes on."""
    newest = post.decisions.filter(undone=False).order_by("-position").first()
    return newest is None or newest.kind != "approve"
