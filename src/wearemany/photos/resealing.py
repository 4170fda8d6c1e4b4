"""The other photos of a post, sealed anew: when one picture was covered or cut, the key to the old one must go.

Blobs are written first, under a key that counts for nothing yet; a crash leaves noise that the sweep finds. Then, in
the caller's transaction, rows name the new blobs and the key takes its place, or nothing happens at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from wearemany.adapters import server
from wearemany.adapters.blobs import Absent, fresh_key
from wearemany.adapters.sealed import open_sealed, seal
from wearemany.errors import Broken
from wearemany.photos.doomed import blobs_doom
from wearemany.photos.models import Photo, Rendition
from wearemany.photos.secrets import PostSeal, post_seal


class KeyMoved(Exception):
    """The post's key or its other pictures are not those that were sealed; nothing was written."""


@dataclass(frozen=True)
class Resealed:
    """The other renditions of a post: for each row its blob before, and the one under the new key."""

    photo: Photo
    moves: dict[int, tuple[str, str]]

    @property
    def blobs(self) -> list[str]:
        """The blobs that were written."""
        return [after for before, after in self.moves.values() if after != before]

    def put_in_place(self) -> None:
        """Let the rows name the new blobs and doom the old ones; raises KeyMoved when the rows are others by now."""
        if _others(self.photo) != {pk: before for pk, (before, _) in self.moves.items()}:
            raise KeyMoved
        for pk, (_, after) in self.moves.items():
            Rendition.objects.filter(pk=pk).update(blob=after)
        blobs_doom([before for before, after in self.moves.values() if after != before])


def resealed(photo: Photo, *, before: PostSeal, after: PostSeal) -> Resealed:
    """Seal what a post keeps beside this photo under another key, and return where it lies; touches no row.

    Raises TryAgain or Broken when the store does not answer, KeyMoved when the key is another one by now; what was
    written until then is noise that the sweep finds.
    """
    moves = {}
    for pk, blob in _others(photo).items():
        try:
            content = open_sealed(before.key, server.store().get(blob))
        except Absent:
            moves[pk] = (blob, blob)
            continue
        except Broken:
            if post_seal(photo.post_id) != before:
                raise KeyMoved from None
            raise
        moves[pk] = (blob, fresh_key("r"))
        server.store().put(moves[pk][1], seal(after.key, content))
    return Resealed(photo, moves)


def _others(photo: Photo) -> dict[int, str]:
    rows = Rendition.objects.filter(photo__post=photo.post_id).exclude(photo=photo)
    return dict(rows.values_list("pk", "blob"))
