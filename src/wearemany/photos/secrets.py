"""The key and the salt of a post, and the digests that stand for what only its author holds.

Every blob of a post is sealed under its key, its commitment on the wall is salted; both live wrapped in one
row. Once that row is gone the blobs are noise and the commitment says nothing, whatever else is still around.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from wearemany.adapters import clock, server
from wearemany.errors import N_, Refused
from wearemany.photos.models import Post, PostKey

SALT_BYTES = 32
FORM_TOKEN = re.compile(r"[a-z2-7]{26}")
"""What the token of a posting form looks like: random, made with the form, in no row as it is."""


def post_key_create(post: Post) -> PostKey:
    """Make the key and the salt of a new post; inside the transaction that creates it."""
    keys = server.keys()
    return PostKey.objects.create(
        post=post,
        wrapped_key=keys.wrap(keys.new_key(), owner=f"post:{post.pk}"),
        wrapped_salt=keys.wrap(clock.random_bytes(SALT_BYTES), owner=f"salt:{post.pk}"),
    )


def post_key(post_id: str) -> bytes | None:
    """Return the key that opens the post's blobs; None once the post is erased."""
    row = PostKey.objects.filter(post_id=post_id).first()
    return key_opened(row) if row else None


def key_opened(row: PostKey) -> bytes:
    """Return the key that a row holds."""
    return server.keys().unwrap(bytes(row.wrapped_key), owner=f"post:{row.post_id}")


@dataclass(frozen=True)
class PostSeal:
    """A post's key in the clear, and as it stands in its row: whoever stores under it looks whether it still does."""

    key: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


def post_seal(post_id: str) -> PostSeal | None:
    """Return the key that the post's blobs are sealed under now; None once the post is erased."""
    row = PostKey.objects.filter(post_id=post_id).first()
    if row is None:
        return None
    return PostSeal(key_opened(row), bytes(row.wrapped_key))


def post_seal_new(post_id: str) -> PostSeal:
    """Make another key for a post; it counts when `post_seal_change` has put it in the old one's place."""
    key = server.keys().new_key()
    return PostSeal(key, server.keys().wrap(key, owner=f"post:{post_id}"))


def post_seal_change(post_id: str, *, before: PostSeal, after: PostSeal) -> bool:
    """Let the new key count, unless the old one is not the one any more; inside the caller's transaction.

    What was sealed under the old key alone is noise from then on, whatever copies of it are still around.
    """
    held = PostKey.objects.select_for_update().filter(post_id=post_id).first()
    if held is None or bytes(held.wrapped_key) != before.wrapped:
        return False
    if after != before:
        PostKey.objects.filter(pk=held.pk).update(wrapped_key=after.wrapped)
    return True


def post_salt(post_id: str) -> bytes | None:
    """Return the 32 bytes that salt the post's commitment; None once the post is erased."""
    row = PostKey.objects.filter(post_id=post_id).first()
    return server.keys().unwrap(bytes(row.wrapped_salt), owner=f"salt:{post_id}") if row else None


def post_salts(post_ids: Iterable[str]) -> dict[str, bytes]:
    """Return the salts of many posts, by post id, in one query; those that are erased are missing."""
    keys = server.keys()
    rows = PostKey.objects.filter(post__in=list(post_ids)).values_list("post_id", "wrapped_salt")
    return {post_id: keys.unwrap(bytes(salt), owner=f"salt:{post_id}") for post_id, salt in rows}


def form_token_checked(form_token: str) -> str:
    """Return the token when it is one of a form of ours; Refused `form-unknown` when it is not."""
    if not FORM_TOKEN.fullmatch(form_token):
        raise Refused("form-unknown", N_("This page is not complete. Please load it again and start afresh."))
    return form_token


def form_digest(form_token: str) -> bytes:
    """Return what ties uploads to the form with this token."""
    return server.keys().peppered(form_token.encode(), purpose="form")


def upload_owner(upload_id: str) -> str:
    """Return the owner that an upload's key is wrapped for."""
    return f"upload:{upload_id}"


def part_owner(upload_id: str, *, offset_bytes: int) -> str:
    """Return the owner that the key of one piece of an upload is wrapped for."""
    return f"part:{upload_id}:{offset_bytes}"
