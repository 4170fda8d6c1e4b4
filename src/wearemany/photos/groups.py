"""A group's sitting: its leader sends many photos, each its own post with its own code, and confirms what is covered.

The leader speaks for the others once, in a sentence whose version is kept with each consent. Counting and posting are
one transaction, so that no number of requests at once makes more posts than the invitation is for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from wearemany.adapters import clock, words
from wearemany.adapters.received import ReceivedFile
from wearemany.campaigns.groups import (
    MOST_MAX,
    invitation_checked,
    invitation_locked,
    invitation_spend,
)
from wearemany.campaigns.models import GroupInvitation, GroupKind
from wearemany.errors import N_, Refused
from wearemany.photos import keepcode
from wearemany.photos.models import Post
from wearemany.photos.orders import OF_GROUP, OF_MINORS, TICKS, PostOrder
from wearemany.photos.secrets import form_digest
from wearemany.photos.services import code_digest, post_by_code, post_submit, upload_receive
from wearemany.photos.slips import list_of, slip_code, slip_token

STATEMENTS = {
    GroupKind.ADULTS.value: (
        "group-adults-1",
        N_(
            "Each person in these photos has told me: it is me, I am of age, show this photo on the wall, where "
            "everyone can see it. I know that copies cannot be called back, and I have told them so."
        ),
    ),
    GroupKind.MINORS.value: (
        "group-minors-1",
        N_(
            "Each child in these photos wants to take part, and for each of them I hold the consent of a parent or "
            "guardian that the photo is shown on the wall, with every face covered, where everyone can see it. I know "
            "that copies cannot be called back, and I have told them so."
        ),
    ),
}
"""What a leader says once for all, by kind: the version kept with each consent, and the words."""


@dataclass(frozen=True)
class GroupPhoto:
    """One photo of a sitting as it was sent. `number` counts from 1; the same number again is the same post."""

    sitting: str = field(repr=False)
    number: int
    cover: str
    language: str
    has_stated: str


def sitting_new(language: str) -> str:
    """Return a fresh secret for a leader, in the page's language."""
    return keepcode.make(clock.random_bytes(keepcode.RANDOM_BYTES), words.load(language))


def sitting_code(sitting: str, number: int) -> str:
    """Return the secret code of one photo's slip."""
    return slip_code(sitting, number, _known(sitting))


def sitting_posts(sitting: str) -> dict[int, Post]:
    """Return the posts of a sitting that are still there, by number; none for a secret that made none."""
    known = _known(sitting)
    numbers = {code_digest(slip_code(sitting, number, known)): number for number in range(1, MOST_MAX + 1)}
    found = Post.objects.filter(code_digest__in=list(numbers), erased=False).select_related("campaign")
    posts = {numbers[bytes(post.code_digest or b"")]: post for post in found}
    return dict(sorted(posts.items()))


def group_post_submit(*, invitation: GroupInvitation, photo: GroupPhoto, received: ReceivedFile) -> Post:
    """Make one photo of a sitting its own post; the same number again returns the same post and counts once.

    Raises Refused when the leader has not stated what must be stated, when the invitation is over or full, and as
    `post_submit` does; then no post was made.
    """
    kind = GroupKind(invitation.kind)
    version, _ = STATEMENTS[kind]
    if photo.has_stated != version:
        raise Refused(
            "group-unstated", N_("Please read the sentence and tick the box if it is so; then send again.")
        )
    if not 1 <= photo.number <= MOST_MAX:
        raise Refused(
            "group-number-unknown", N_("This page is not complete. Please load it again and start afresh.")
        )
    code, token = sitting_code(photo.sitting, photo.number), slip_token(photo.sitting, photo.number)
    if (known := post_by_code(code)) is not None:
        # The answer was lost, or the button was pressed twice. The front deletes bytes that no row speaks of.
        return known
    invitation_checked(invitation)
    upload = upload_receive(received=received, form_digest=form_digest(token))
    order = PostOrder(
        campaign=invitation.campaign,
        code=code,
        form_token=token,
        upload_ids=(upload.pk,),
        cover="everybody" if kind == GroupKind.MINORS else photo.cover,
        language=photo.language,
        terms_version=version,
        ticks=TICKS,
        door=OF_MINORS if kind == GroupKind.MINORS else OF_GROUP,
        group=invitation,
    )
    with transaction.atomic():
        # Everybody who posts by this invitation stands in line here; who comes second sees what the first has made.
        now = invitation_locked(invitation.pk)
        if not Post.objects.filter(code_digest=code_digest(code)).exists():
            invitation_spend(now)
        return post_submit(order)


def _known(sitting: str) -> tuple[str, ...]:
    lists = {language: words.load(language) for language in words.LISTS}
    return words.load(list_of(sitting, lists, fallback="en"))
