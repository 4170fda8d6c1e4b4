"""How far others vouch for a wall, from rows alone: what every page says beside the number."""

from __future__ import annotations

from dataclasses import dataclass

from wearemany.adapters import server
from wearemany.campaigns.models import Campaign
from wearemany.wall.models import Cosigning


@dataclass(frozen=True)
class Witnessed:
    """How far others vouch for a campaign's list: who has seen its first `size` entries. Nobody: size 0."""

    names: tuple[str, ...] = ()
    size: int = 0


def witnessed(campaign: Campaign) -> Witnessed:
    """Return which of our witnesses cosigned the newest state of the list that any of them cosigned."""
    known = {witness.verifier.vkey: witness.verifier.name for witness in server.witnesses()}
    if not known:
        return Witnessed()
    rows = Cosigning.objects.filter(campaign=campaign, witness__in=known, size__gt=0)
    sizes = dict(rows.values_list("witness", "size"))
    newest = max(sizes.values(), default=0)
    return Witnessed(tuple(sorted(known[vkey] for vkey, size in sizes.items() if size == newest)), newest)
