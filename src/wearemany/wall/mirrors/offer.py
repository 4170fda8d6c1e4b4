"""What the server offers to mirrors with pictures: keys made by the organisers, and the signed list of pictures.

A key is told once, kept as a peppered digest, and gone when it is revoked. What one organiser makes at the desk opens
nothing until a second agrees, or a set delay is over: so much can leave by it. In the list is what stands on the wall
now and whose author agreed to mirrors, and nothing where the preset keeps pictures in. Asked anew each time: there is
nothing to keep, so what is taken back is off the list at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q, QuerySet

from wearemany.accounts.models import Account
from wearemany.adapters import clock, server
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import preset_rules
from wearemany.errors import N_, Refused
from wearemany.ids import ID_BYTES, opaque
from wearemany.moderation.purging import delay
from wearemany.photos.models import Consent, ConsentKind, Photo, Rendition
from wearemany.photos.orders import OF_MINORS
from wearemany.photos.showing import SUFFIXES
from wearemany.wall.mirrors.pictures_note import (
    PLACES_IN_BLOCK,
    ListedPicture,
    make_blocks,
    make_head,
    sign_head,
)
from wearemany.wall.models import Entry, MirrorKey
from wearemany.wall.queries import public_entries

NAME_MAX = 80
KEYS_MAX = 50
_AT_ONCE = 500


@dataclass(frozen=True)
class MadeKey:
    """A new key and its secret, which nobody can be told again."""

    key: MirrorKey
    secret: str = field(repr=False)


def mirror_key_make(*, campaign: Campaign, name: str, account: Account | None = None) -> MadeKey:
    """Make a key for somebody who keeps a mirror with pictures; Refused where pictures stay on this server.

    An account's key waits for a second person; the operator's, who has none, holds at once.
    """
    name = " ".join(name.split())
    if not preset_rules(campaign).pictures_out:
        raise Refused(
            "mirror-pictures-forbidden",
            N_(
                "In this campaign pictures stay on this server, to keep people safe. A copy without them needs no key."
            ),
        )
    if not name or len(name) > NAME_MAX:
        raise Refused(
            "mirror-name-unusable",
            N_("Say whom the key is for, in 1 to %(limit)s characters."),
            limit=NAME_MAX,
        )
    if MirrorKey.objects.filter(campaign=campaign).count() >= KEYS_MAX:
        raise Refused(
            "mirror-keys-many", N_("There are %(limit)s keys already. Revoke one first."), limit=KEYS_MAX
        )
    secret = opaque(clock.random_bytes(ID_BYTES))
    key = MirrorKey.objects.create(
        id=opaque(clock.random_bytes(ID_BYTES)),
        campaign=campaign,
        name=name,
        secret_digest=_digest(secret),
        day=clock.now().date(),
        asked_by=account,
        holds_from=clock.now() + delay() if account is not None and delay() else None,
    )
    return MadeKey(key, secret)


def mirror_key_agree(*, campaign: Campaign, key_id: str, account: Account) -> None:
    """Let a colleague's key hold from now on; Refused to whoever made it. Twice is once."""
    with transaction.atomic():
        key = MirrorKey.objects.select_for_update().filter(campaign=campaign, pk=key_id).first()
        if key is None or key.holds_from is None:
            return
        if key.asked_by_id == account.pk:
            raise Refused(
                "mirror-key-second", N_("You made this key yourself: another organiser has to agree to it.")
            )
        key.asked_by, key.holds_from = None, None
        key.save(update_fields=["asked_by", "holds_from"])


def mirror_key_revoke(*, campaign: Campaign, key_id: str) -> None:
    """Forget a key: whoever has it gets an empty list from now on. Twice is once."""
    MirrorKey.objects.filter(campaign=campaign, pk=key_id).delete()


def mirror_keys_of(campaign: Campaign) -> list[MirrorKey]:
    """Return the campaign's keys by name."""
    return list(MirrorKey.objects.filter(campaign=campaign).order_by("name", "pk"))


def is_mirror_key(campaign: Campaign, secret: str) -> bool:
    """Tell whether this is the secret of a key that holds."""
    holds = Q(holds_from=None) | Q(holds_from__lte=clock.now())
    return MirrorKey.objects.filter(holds, campaign=campaign, secret_digest=_digest(secret)).exists()


def pictures_offered(campaign: Campaign) -> bytes:
    """Return the head of the list as of now, signed: of what may be in mirrors, and nothing else."""
    return _signed(campaign, make_blocks(pictures_of_entries(campaign, public_entries(campaign))))


def nothing_offered(campaign: Campaign) -> bytes:
    """Return the list for whoever has no key that holds: signed, so that a mirror believes it and lets go of all."""
    return _signed(campaign, {})


def block_offered(campaign: Campaign, block: int) -> bytes:
    """Return one block as of now; empty when nothing of it is offered."""
    first = block * PLACES_IN_BLOCK
    entries = public_entries(campaign, first=first, end=first + PLACES_IN_BLOCK)
    return make_blocks(pictures_of_entries(campaign, entries)).get(block, b"")


def pictures_of_entries(campaign: Campaign, entries: QuerySet[Entry]) -> list[ListedPicture]:
    """Return the pictures of public entries whose authors agreed to mirrors; none where they stay on this server."""
    if not preset_rules(campaign).pictures_out:
        return []
    agreed = Consent.objects.filter(post__campaign=campaign, kind=ConsentKind.MIRRORS).values("post_id")
    rows = entries.filter(post_id__in=agreed).exclude(post__door=OF_MINORS)
    places = dict(rows.values_list("post_id", "position"))
    found: list[ListedPicture] = []
    ids = sorted(places)
    for start in range(0, len(ids), _AT_ONCE):
        photos = Photo.objects.filter(post_id__in=ids[start : start + _AT_ONCE], due_at=None, refused_code="")
        renditions = Rendition.objects.filter(photo__in=photos, size="640", format="jpeg")
        found += [_listed(each, places[each.photo.post_id]) for each in renditions.select_related("photo")]
    return found


def _listed(rendition: Rendition, position: int) -> ListedPicture:
    file = f"{rendition.name}.{SUFFIXES[rendition.format]}"
    return ListedPicture(position, rendition.photo.position + 1, bytes(rendition.digest).hex(), file)


def _signed(campaign: Campaign, blocks: dict[int, bytes]) -> bytes:
    return sign_head(make_head(campaign.origin, clock.now(), blocks), seed=server.keys().signing_seed).data


def _digest(secret: str) -> bytes:
    return server.keys().peppered(secret.encode(), purpose="mirror key")
