"""Merkle trees as RFC 6962 defines them: hashes, roots, and proofs made and verified.

Nothing here knows of tiles, notes or what a leaf means. Hashes are 32 raw bytes. Proofs are made from
anything that can say the hash of a range of leaves (a list in memory, or tiles), and verified from
values alone; a proof that does not hold raises `ProofInvalid`, so that no caller can forget to look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

RangeHash = Callable[[int, int], bytes]
"""Given a start and an end of leaves, the hash of the subtree above exactly these leaves."""


class ProofInvalid(ValueError):
    """The proof does not show what it claims."""


def leaf_hash(data: bytes) -> bytes:
    """Hash the bytes of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the node above them."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root above leaf hashes, or above equal subtrees of which the last may be smaller."""
    if not hashes:
        return EMPTY_ROOT
    sha256 = hashlib.sha256
    level = list(hashes)
    while len(level) > 1:
        hashes_in_order = iter(level)
        pairs = zip(hashes_in_order, hashes_in_order, strict=False)
        above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def range_hashes(leaf_hashes: Sequence[bytes]) -> RangeHash:
    """Make a `RangeHash` out of a list of leaf hashes."""

    def hash_of(start: int, end: int) -> bytes:
        return root_of(leaf_hashes[start:end])

    return hash_of


def _split(size: int) -> int:
    """Return the largest power of two below `size`, which must be at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(*, index: int, size: int, hash_of: RangeHash) -> list[bytes]:
    """Prove that leaf `index` is in the tree of `size` leaves; ValueError when it is not."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    start, end = 0, size
    proof: list[bytes] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(hash_of(middle, end))
            end = middle
        else:
            proof.append(hash_of(start, middle))
            start = middle
    proof.reverse()
    return proof


def consistency_proof(*, old_size: int, size: int, hash_of: RangeHash) -> list[bytes]:
    """Prove that the tree of `size` leaves begins with the tree of `old_size` leaves."""
    if not 0 <= old_size <= size:
        raise ValueError("the older tree is not smaller")
    if old_size in {0, size}:
        return []
    start, end = 0, size
    proof: list[bytes] = []
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(hash_of(middle, end))
            end = middle
        else:
            proof.append(hash_of(start, middle))
            start = middle
    if start:
        proof.append(hash_of(start, end))
    proof.reverse()
    return proof


def _require_hashes(proof: Sequence[bytes]) -> None:
    if any(len(item) != HASH_BYTES for item in proof):
        raise ProofInvalid("a proof is made of 32-byte hashes")


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise `ProofInvalid` unless the proof shows `leaf` at `index` under `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofInvalid("the leaf's index is outside the tree")
    _require_hashes([leaf, root, *proof])
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if place % 2 or place == last:
            found = node_hash(sibling, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is too short")
    if found != root:
        raise ProofInvalid("the proof leads to another root")


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `ProofInvalid` unless the newer tree is shown to begin with the older (RFC 9162, 2.1.4.2)."""
    _require_hashes([old_root, root, *proof])
    if not 0 <= old_size <= size:
        raise ProofInvalid("the older tree is not smaller")
    if old_size in {0, size}:
        if proof:
            raise ProofInvalid("the proof is too long")
        if old_root != (root if old_size else EMPTY_ROOT):
            raise ProofInvalid("trees of one size have different roots")
        return
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise ProofInvalid("the proof is too short")
    _climb(old_size - 1, size - 1, path, roots=(old_root, root))


def _climb(place: int, last: int, path: list[bytes], *, roots: tuple[bytes, bytes]) -> None:
    while place % 2:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if place % 2 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is too short")
    if (old, new) != roots:
        raise ProofInvalid("the proof leads to other roots")
