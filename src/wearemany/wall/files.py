"""A log's public files in the blob store: read what is published, write tiles, publish a checkpoint.

The only place that signs. Nothing is signed that does not continue what is public: `publish` is told what the
new tree grew from, and refuses when the public checkpoint is something else. Tables are not known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wearemany.adapters.blobs import BlobStore
from wearemany.errors import N_, Broken
from wearemany.tlog.checkpoint import Checkpoint, CheckpointMalformed, open_checkpoint, sign_checkpoint
from wearemany.tlog.cosignature import with_cosignatures
from wearemany.tlog.note import NoteError, Signature, Signer, parse
from wearemany.tlog.sequence import LogFile
from wearemany.tlog.tiles import FULL_WIDTH, LEVEL_BITS, Tile
from wearemany.wall.audit import CHECKPOINT_PATH, Missing
from wearemany.wall.recounting.reading import KEY_PATH


@dataclass(frozen=True)
class Tree:
    """A size and the root at that size: one moment of one history."""

    size: int
    root: bytes


@dataclass(frozen=True)
class PublicLog:
    """The files of one campaign's log, below `log/HANDLE/`. Safe in several processes at once."""

    store: BlobStore
    handle: str
    signer: Signer

    @property
    def prefix(self) -> str:
        """Return the folder of the log in the blob store."""
        return f"log/{self.handle}"

    def published(self) -> Tree | None:
        """Return what the public checkpoint covers; None when there is none.

        Raises Broken `wall-checkpoint-foreign` when it is not by this server's key: then nothing may be signed.
        """
        data = self.store.get_or_none(f"{self.prefix}/{CHECKPOINT_PATH}")
        if data is None:
            return None
        try:
            seen = open_checkpoint(data, self.signer.verifier)
        except (NoteError, CheckpointMalformed) as error:
            raise Broken(
                "wall-checkpoint-foreign",
                N_("The public checkpoint of this wall is not by this server's key. Nothing was changed."),
                cause=str(error),
            ) from error
        return Tree(seen.size, seen.root)

    def apply(self, files: Iterable[LogFile]) -> None:
        """Write tiles and bundles; durable when this returns, and harmless to repeat.

        A file that is there with other bytes is replaced only when no checkpoint ever covered it: the
        left-overs of a batch that was never signed. Otherwise Broken `immutable-changed`, nothing replaced.
        """
        for file in files:
            key = f"{self.prefix}/{file.path}"
            if self.store.put_new(key, file.data) or self.store.get(key) == file.data:
                continue
            published = self.published()
            if published is not None and published.size >= _leaves_covered(file.tile):
                raise Broken(
                    "immutable-changed",
                    N_(
                        "A published file would have changed, so nothing was written. Run `wearemany doctor`."
                    ),
                    cause=f"other bytes under {key}",
                )
            self.store.put(key, file.data)

    def publish(self, tree: Tree, *, grown_from: Tree) -> bool:
        """Sign and publish the tree, whose files must be applied; True when it is public now, by whomever.

        `grown_from` is the moment that `tree` is known to continue. False when something newer is public:
        nothing is written then, and the caller must find out whether that is its own future or another history.
        Raises Broken `wall-head-differs` when what is public is no moment of this history.
        """
        public = self.published()
        if public is not None:
            if public.size > tree.size:
                return False
            if public == tree:
                return True
            if public != grown_from:
                raise head_differs(public)
        data = sign_checkpoint(Checkpoint(self.signer.name, tree.size, tree.root), self.signer).data
        if not self.store.exists(f"{self.prefix}/{KEY_PATH}"):
            self.store.put(f"{self.prefix}/{KEY_PATH}", self.signer.verifier.vkey.encode() + b"\n")
        self.store.replace(f"{self.prefix}/{CHECKPOINT_PATH}", data)
        return True

    def cosign(self, kept: Iterable[tuple[Tree, Signature]]) -> Tree | None:
        """Put cosignatures of the public checkpoint beside its signature; those of another one are left out.

        Returns what is public, or None when nothing had to be written. They must be verified.
        """
        data = self.store.get_or_none(f"{self.prefix}/{CHECKPOINT_PATH}")
        public = self.published() if data is not None else None
        if data is None or public is None:
            return None
        note = parse(data)
        wanted = with_cosignatures(note, [line for tree, line in kept if tree == public])
        if set(wanted.signatures) == set(note.signatures):
            return None
        self.store.replace(f"{self.prefix}/{CHECKPOINT_PATH}", wanted.data)
        return public

    def prune(self, files: Iterable[LogFile]) -> None:
        """Delete the partial files that a full one among `files` has taken the place of; readers fall back to it.

        Only after the full one is published. A crash in between leaves some: they cost room and harm nobody.
        """
        for file in files:
            if file.tile.is_full:
                for key in list(self.store.list(f"{self.prefix}/{file.path}.p")):
                    self.store.delete(key)

    def read(self, path: str) -> bytes:
        """Return a file's bytes for an audit; raises `Missing`."""
        content = self.store.get_or_none(f"{self.prefix}/{path}")
        if content is None:
            raise Missing(path)
        return content


def head_differs(public: Tree) -> Broken:
    """Return the error for a public checkpoint that is no moment of the database's history."""
    return Broken(
        "wall-head-differs",
        N_(
            "The public list of this wall is not the one in the database. Nothing was signed; run `wall recover`."
        ),
        cause=f"public checkpoint at size {public.size} has another root",
    )


def head_behind(public: Tree, *, size: int) -> Broken:
    """Return the error for a database that knows less than the public has been told."""
    return Broken(
        "wall-head-behind",
        N_(
            "The public list is ahead of the database, perhaps a restored backup. Run `wearemany wall recover`."
        ),
        cause=f"public size {public.size}, database size {size}",
    )


def _leaves_covered(tile: Tile) -> int:
    """Return the smallest tree that a tile of this width belongs to."""
    return (tile.index * FULL_WIDTH + tile.width) << (LEVEL_BITS * max(tile.level, 0))
