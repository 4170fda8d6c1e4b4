"""The log as rows: the head, the entries, and what the tally asks of them. No blobs here, no decisions.

Rows and public files tell the same history; `log` keeps them in step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, Broken
from wearemany.tlog.sequence import Batch, Edge, EdgeMismatch, plan
from wearemany.wall.entry import (
    AmendEntry,
    Entry,
    IllegalEntry,
    PostEntry,
    RemovedEntry,
    encode,
    kind_of,
)
from wearemany.wall.files import Tree
from wearemany.wall.models import Entry as EntryRow
from wearemany.wall.models import LogHead
from wearemany.wall.tally import MemoryLedger, Standing, Step, Tally, apply


@dataclass(frozen=True)
class Draft:
    """An entry that is to be appended, and the rows that it speaks of."""

    entry: Entry
    post_id: str | None = None
    phase_change_id: int | None = None
    edit_version: int = 0


@dataclass(frozen=True)
class Planned:
    """A batch worked out to the last byte: nothing is written yet."""

    batch: Batch
    lines: tuple[bytes, ...]
    tally: Tally
    steps: tuple[Step, ...]
    drafts: tuple[Draft, ...]


def ledger_for(campaign: Campaign, entries: Sequence[Entry]) -> MemoryLedger:
    """Return what the tally will ask about while it counts these entries: two queries, however many they are.

    Unordered: for the sake of an order SQLite would read the whole campaign instead of looking up these few.
    """
    spoken_of = {entry.of for entry in entries if isinstance(entry, AmendEntry | RemovedEntry)}
    fresh = {entry.commitment for entry in entries if isinstance(entry, PostEntry | AmendEntry)}
    rows = EntryRow.objects.filter(campaign=campaign).order_by()
    posts = rows.filter(kind="post", position__in=spoken_of).values_list("position", "standing")
    used = rows.filter(commitment__in=[item for item in fresh if item is not None])
    return MemoryLedger(
        standings={position: Standing.from_json(standing) for position, standing in posts},
        used={bytes(item) for item in used.values_list("commitment", flat=True) if item is not None},
    )


def head_of(campaign: Campaign) -> LogHead:
    """Return the head as it is now, made on first use."""
    head = LogHead.objects.filter(campaign=campaign).first()
    if head is None:
        head, _ = LogHead.objects.get_or_create(campaign=campaign)
    return head


def tally_of(head: LogHead) -> Tally:
    """Return the figures at the head, published or not."""
    return Tally.from_json(head.tally) if head.tally else Tally()


def tree_of(head: LogHead) -> Tree:
    """Return the head's size and root."""
    return Tree(head.size, edge_of(head).root)


def edge_of(head: LogHead) -> Edge:
    """Return the tree's right edge; Broken `wall-rows-differ` when its row is damaged."""
    try:
        edge = Edge.from_bytes(bytes(head.edge))
    except EdgeMismatch as error:
        raise rows_differ(str(error)) from error
    if edge.size != head.size:
        raise rows_differ("the edge is of another size than the head")
    return edge


def lines_of(campaign: Campaign, *, first: int, end: int) -> list[bytes]:
    """Return the entries with positions in [first, end), in order; Broken `wall-rows-differ` when some are gone."""
    rows = EntryRow.objects.filter(campaign=campaign, position__gte=first, position__lt=end)
    lines = [bytes(line) for line in rows.order_by("position").values_list("line", flat=True)]
    if len(lines) != end - first:
        raise rows_differ(f"{len(lines)} of {end - first} entries are there")
    return lines


def tree_at(campaign: Campaign, size: int) -> Tree:
    """Return what the tree of the rows was at a size; reads all of them, so only after something went wrong."""
    return Tree(size, plan(Edge(), lines_of(campaign, first=0, end=size), tail=()).root)


def plan_drafts(campaign: Campaign, head: LogHead, drafts: Sequence[Draft]) -> Planned:
    """Work out a batch: bytes, tree and figures.

    Raises Broken `wall-entry-illegal` when an entry may not stand there, `wall-rows-differ` when the stored
    entries are not those of the tree.
    """
    edge = edge_of(head)
    tail = lines_of(campaign, first=head.size - edge.tail_width, end=head.size)
    tally, steps = tally_of(head), list[Step]()
    ledger = ledger_for(campaign, [draft.entry for draft in drafts])
    try:
        for draft in drafts:
            step = apply(tally, draft.entry, ledger)
            ledger.record(step)
            steps.append(step)
            tally = step.tally
        lines = tuple(encode(draft.entry) for draft in drafts)
        batch = plan(edge, lines, tail=tail)
    except IllegalEntry as error:
        raise Broken(
            "wall-entry-illegal",
            N_("An entry that may not follow was about to be written to the wall. Nothing was written."),
            cause=f"{error.code}: {error.reason}",
        ) from error
    except EdgeMismatch as error:
        raise rows_differ(str(error)) from error
    return Planned(batch, lines, tally, tuple(steps), tuple(drafts))


def write_rows(campaign: Campaign, *, first: int, planned: Planned) -> None:
    """Insert a batch's entries and bring the posts that it speaks of up to date; inside the swap's transaction."""
    # In order, since an entry may speak of one before it in the same batch.
    EntryRow.objects.bulk_create(
        _row(campaign, first + place, line, draft, step)
        for place, (line, draft, step) in enumerate(
            zip(planned.lines, planned.drafts, planned.steps, strict=True)
        )
    )
    for draft, step in zip(planned.drafts, planned.steps, strict=True):
        if not isinstance(draft.entry, AmendEntry | RemovedEntry) or step.standing is None:
            continue
        target = EntryRow.objects.filter(campaign=campaign, position=draft.entry.of)
        changes: dict[str, object] = {"live": step.standing.live, "standing": step.standing.to_json()}
        if draft.edit_version:
            changes["edit_version"] = draft.edit_version
        target.update(**changes)


def _row(campaign: Campaign, position: int, line: bytes, draft: Draft, step: Step) -> EntryRow:
    entry = draft.entry
    is_post = isinstance(entry, PostEntry)
    return EntryRow(
        campaign=campaign,
        position=position,
        kind=kind_of(entry),
        line=line,
        day=entry.day,
        of=entry.of if isinstance(entry, AmendEntry | RemovedEntry) else None,
        post_id=draft.post_id,
        phase_change_id=draft.phase_change_id,
        live=is_post,
        standing=step.standing.to_json() if is_post and step.standing else {},
        commitment=entry.commitment if isinstance(entry, PostEntry | AmendEntry) else None,
        edit_version=draft.edit_version,
        is_repeat=is_post and isinstance(entry, PostEntry) and entry.repeat,
    )


def rows_differ(cause: str) -> Broken:
    """Return the error for rows that do not belong together."""
    return Broken(
        "wall-rows-differ",
        N_(
            "The wall's entries in the database are not complete. Nothing was signed; run `wearemany doctor`."
        ),
        cause=cause,
    )
