"""How the log grows. One road for the ordinary second and for the day after a crash.

    plan      what is due, as bytes, a tree and figures           crash: nothing happened
    stage     all new files in one bundle, synced                 crash: a bundle nobody names, swept at start
    swap      head and entries in one transaction, if the head
              is still the one planned on and nothing is staged   crash: it happened, or it did not
    apply     tiles and entry bundles, each immutable             crash: applied again
    publish   sign and replace the checkpoint, never by an older  crash: found published, or published now
    settle    the row says so, the bundle goes                    crash: both are repeated and change nothing

From the swap on the entries are in the log; `settle` finishes what any process began and is the first thing every
`append` and every start does. While a bundle is staged nobody swaps, so there is at most one tree that is sequenced
and not public. Before any signature the public checkpoint must be a moment of this database's history;
otherwise signing stops with a code, and `recovery` is the way out. What is due is `pending`'s business. While the wall
is frozen nothing is swapped or published; what was staged just then is published first when it thaws.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from wearemany.adapters import clock, server
from wearemany.adapters.blobs import fresh_key
from wearemany.campaigns.freezing import wall_moves, wall_moves_still
from wearemany.campaigns.models import Campaign, PhaseChange, Shut
from wearemany.campaigns.services import campaign_day, stream_version_bump
from wearemany.errors import Broken, WeAreManyError
from wearemany.photos.untold import untold_forget, untold_fresh, untold_put_off
from wearemany.tlog.note import Signer
from wearemany.tlog.sequence import Edge, LogFile, plan
from wearemany.wall.files import PublicLog, Tree, head_behind, head_differs
from wearemany.wall.models import LogHead
from wearemany.wall.pending import Due, Moment, drafts_due, still_holds
from wearemany.wall.release import is_time
from wearemany.wall.restored import campaign_hold, copies_hold, held_back, is_held
from wearemany.wall.rows import Planned, head_of, lines_of, plan_drafts, tree_at, tree_of, write_rows
from wearemany.wall.staged import Staged, StagedMalformed, pack, unpack
from wearemany.worker.loop import describe, wake_on_commit
from wearemany.worker.seldom import Seldom

STAGED_FOLDER = "staged"
_ROUNDS_MAX = 50
_LOOK_ANYWAY_S = 30.0
_RETRY_FIRST_S = 2.0
_RETRY_LONGEST_S = 60.0
_log = logging.getLogger("wearemany.wall")


class _Overtaken(Exception):
    """The head moved, a post changed, or the wall was frozen, while this was prepared. Nothing was written."""


@dataclass(frozen=True)
class _Applied:
    """Files that are written, and the public moment that their tree is known to continue."""

    files: tuple[LogFile, ...]
    grown_from: Tree


@dataclass
class _Trouble:
    """A campaign whose log could not be appended to; left alone until `until_s`."""

    failures: int
    until_s: float


_watch = Seldom(every_s=_LOOK_ANYWAY_S)
# What was seen of a campaign when nothing was due: while it stays the same nobody needs to look again.
# Per process and only a shortcut; every now and then, and after a restart, everything is looked at anyway.
_idle: dict[int, tuple[object, ...]] = {}
_troubles: dict[int, _Trouble] = {}


def append_pending() -> int:
    """Append what is due, campaign by campaign; one whose log is in trouble does not stop the others."""
    if _watch.is_time():
        _idle.clear()
    appended = 0
    for campaign in Campaign.objects.order_by("pk"):
        trouble = _troubles.get(campaign.pk)
        if trouble is not None and clock.monotonic_s() < trouble.until_s:
            continue
        try:
            appended += _append_if_changed(campaign)
        except WeAreManyError as error:
            failures = 1 if trouble is None else trouble.failures + 1
            wait_s = min(_RETRY_LONGEST_S, _RETRY_FIRST_S * 2.0 ** min(failures - 1, 10))
            _held_where_other(campaign, error)
            _troubles[campaign.pk] = _Trouble(failures, clock.monotonic_s() + wait_s)
            _log.error("the log of campaign %s stands still: %s", campaign.handle, describe(error))
        else:
            _troubles.pop(campaign.pk, None)
    return appended


def append_campaign(campaign: Campaign) -> int:
    """Append everything that is due now, publish it, and return how many entries that were.

    Safe in any number of processes at once. TryAgain and Broken leave the log either as it was or sequenced
    and not yet public, which the next call finishes.
    """
    copies_hold(Path(settings.WEAREMANY["DATA"]))
    if is_held(campaign):
        head_check(campaign)
        raise held_back()
    appended = 0
    for _ in range(_ROUNDS_MAX):
        settle(campaign)
        if not wall_moves(campaign):
            break
        head = head_of(campaign)
        due = drafts_due(campaign, head, _moment(campaign))
        untold_forget(due.idle)
        untold_put_off(due.waiting)
        if due.drafts:
            try:
                _append(campaign, head, due)
            except _Overtaken:
                continue
            appended += len(due.drafts)
        elif due.is_all:
            break
    return appended


def settle(campaign: Campaign) -> None:
    """Bring what is sequenced into the open: apply, publish, drop the bundle. Idempotent; the road after a crash.

    Does nothing while the wall is frozen.
    Raises Broken `wall-head-behind` or `wall-head-differs` when the public list is no moment of this history.
    """
    log = public_log(campaign)
    for _ in range(_ROUNDS_MAX):
        if not wall_moves(campaign):
            return
        head = head_of(campaign)
        if _settle_once(campaign, log, head):
            return


def resume_all() -> None:
    """Finish what was begun before this process started, for every campaign; trouble is logged, not raised."""
    copies_hold(Path(settings.WEAREMANY["DATA"]))
    for campaign in Campaign.objects.exclude(shut=Shut.RESTORED).order_by("pk"):
        try:
            settle(campaign)
        except WeAreManyError as error:
            _held_where_other(campaign, error)
            _log.error("the log of campaign %s cannot be resumed: %s", campaign.handle, describe(error))
    try:
        _sweep_staged()
    except WeAreManyError as error:
        _log.error("staged bundles were not swept: %s", describe(error))


def head_check(campaign: Campaign) -> None:
    """Compare database and public checkpoint without changing anything.

    Raises Broken `wall-head-behind`, `wall-head-differs` or `wall-checkpoint-foreign`.
    """
    head = head_of(campaign)
    public = public_log(campaign).published()
    if public is None:
        return
    if public.size > head.size:
        raise head_behind(public, size=head.size)
    if public != (tree_of(head) if public.size == head.size else tree_at(campaign, public.size)):
        raise head_differs(public)


def public_log(campaign: Campaign) -> PublicLog:
    """Return the campaign's public files, with the key that signs for it."""
    signer = Signer(campaign.origin, server.keys().signing_seed)
    return PublicLog(server.store(), campaign.handle, signer)


def files_anew(campaign: Campaign, size: int) -> tuple[LogFile, ...]:
    """Return every file of the log at a size, made again from the rows; for a blob store that lost some."""
    return plan(Edge(), lines_of(campaign, first=0, end=size), tail=()).files


def _held_where_other(campaign: Campaign, error: WeAreManyError) -> None:
    """Show nothing of a campaign whose public log is not the database's own: what was taken back is not known here."""
    if error.code in ("wall-head-behind", "wall-head-differs"):
        campaign_hold(campaign)


def _append_if_changed(campaign: Campaign) -> int:
    seen = _signs_of_change(campaign)
    if _idle.get(campaign.pk) == seen:
        return 0
    appended = append_campaign(campaign)
    if not appended:
        _idle[campaign.pk] = seen
    return appended


def _signs_of_change(campaign: Campaign) -> tuple[object, ...]:
    """Return what changes with everything that could make an entry due, in three small queries.

    Decisions, edits and repeats leave a row (`photos.untold`), a phase change adds one; what is frozen or thaws bumps a
    version. The oldest row is enough: none is left once all were looked at.
    """
    head = LogHead.objects.filter(campaign=campaign).first()
    phases = PhaseChange.objects.filter(campaign=campaign).count()
    versions = (campaign.visible_version, campaign.stream_version, phases)
    changes = (*versions, *untold_fresh(campaign, limit=1))
    if head is None:
        return changes
    opens = is_time(now=clock.now(), release_at=head.release_at)
    return (*changes, head.size, head.published_size, head.staged, opens)


def _moment(campaign: Campaign) -> Moment:
    return Moment(
        now=clock.now(),
        day=campaign_day(campaign),
        recovery=server.keys().recovery_public,
        random_bytes=clock.random_bytes,
    )


def _append(campaign: Campaign, head: LogHead, due: Due) -> None:
    try:
        planned = plan_drafts(campaign, head, due.drafts)
    except Broken:
        # What is due was read after the head. Did another process append in between, the two do not fit together.
        if head_of(campaign).size != head.size:
            raise _Overtaken from None
        raise
    base = tree_of(head)
    staged = fresh_key(STAGED_FOLDER)
    server.store().put(staged, pack(Staged(base.size, base.root, planned.batch.files)))
    try:
        _swap(campaign, head, planned, staged=staged, due=due)
    except _Overtaken:
        server.store().delete(staged)
        raise
    settle(campaign)


def _swap(campaign: Campaign, head: LogHead, planned: Planned, *, staged: str, due: Due) -> None:
    """Make the batch part of the log: from here on it is sequenced. Raises _Overtaken: then nothing was written."""
    with transaction.atomic():
        now = LogHead.objects.select_for_update().get(pk=head.pk)
        is_same = (now.size, bytes(now.edge), now.staged) == (head.size, bytes(head.edge), "")
        if not is_same or not still_holds(planned.drafts):
            raise _Overtaken
        write_rows(campaign, first=head.size, planned=planned)
        LogHead.objects.filter(pk=head.pk).update(
            size=planned.batch.edge.size,
            edge=planned.batch.edge.to_bytes(),
            root=planned.batch.root,
            tally=planned.tally.to_json(),
            staged=staged,
            release_at=due.release_at,
        )
        untold_forget(due.told)
        if not wall_moves_still(campaign):
            raise _Overtaken


def _settle_once(campaign: Campaign, log: PublicLog, head: LogHead) -> bool:
    """Publish the head as it was read; False when it moved meanwhile, so that the caller looks again."""
    public = log.published()
    tree = tree_of(head)
    if public is not None and public.size > tree.size:
        return _is_overtaken(campaign, head, public)
    if not head.staged and (public == tree or (public is None and tree.size == 0)):
        return _record_published(campaign, head)
    applied = _apply(campaign, log, head, public)
    if not wall_moves(campaign):
        return False
    if tree.size and not log.publish(tree, grown_from=applied.grown_from):
        return False
    if not _record_published(campaign, head):
        return False
    if head.staged:
        server.store().delete(head.staged)
    log.prune(applied.files)
    # Whoever was asleep between looking and publishing may just have put an older checkpoint over a newer one.
    return head_of(campaign).size == head.size


def _apply(campaign: Campaign, log: PublicLog, head: LogHead, public: Tree | None) -> _Applied:
    """Write the files of the head's tree."""
    bundle = server.store().get_or_none(head.staged) if head.staged else None
    try:
        staged = unpack(bundle) if bundle is not None else None
    except StagedMalformed:
        staged = None
    if staged is not None and public in (None, Tree(staged.base_size, staged.base_root), tree_of(head)):
        base = Tree(staged.base_size, staged.base_root)
        if public is not None or base.size == 0:
            log.apply(staged.files)
            return _Applied(staged.files, base)
    # The bundle is gone, or the store knows less than was published once: everything again, from the rows.
    grown_from = Tree(0, b"") if public is None else tree_at(campaign, public.size)
    if public is not None and public != grown_from:
        raise head_differs(public)
    files = files_anew(campaign, head.size)
    log.apply(files)
    return _Applied(files, grown_from)


def _is_overtaken(campaign: Campaign, head: LogHead, public: Tree) -> bool:
    """Return False when another process moved the head meanwhile; Broken when the database is really behind."""
    if head_of(campaign).size >= public.size:
        return False
    raise head_behind(public, size=head.size)


def _record_published(campaign: Campaign, head: LogHead) -> bool:
    """Write down that the head is public, unless it moved; readers of the wall learn of it by this.

    False when the wall was frozen meanwhile: then it is written down when it thaws.
    """
    if not head.staged and head.published_size == head.size:
        return True
    with transaction.atomic():
        moved = LogHead.objects.filter(pk=head.pk, size=head.size, staged=head.staged).update(
            staged="", published_size=head.size, published_tally=head.tally
        )
        if not wall_moves_still(campaign):
            transaction.set_rollback(True)
            return False
        if moved:
            stream_version_bump(campaign.pk)
            wake_on_commit()
    return True


def _sweep_staged() -> None:
    """Delete bundles that no head names: a process was killed between staging and swapping."""
    named = set(LogHead.objects.exclude(staged="").values_list("staged", flat=True))
    for key in list(server.store().list(STAGED_FOLDER)):
        if key not in named:
            server.store().delete(key)
