"""Proofs made of tiles alone are those made of all leaves, and take few tiles."""

import pytest

from wearemany.tlog.beside import hashes_beside
from wearemany.tlog.merkle import inclusion_proof, leaf_hash, range_hashes, root_of, verify_inclusion
from wearemany.tlog.sequence import Edge, plan
from wearemany.tlog.tiles import Tile

LEAVES = [str(number).encode() for number in range(66_000)]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1000, 65_536, 65_537, 66_000])
def test_a_proof_from_tiles_is_the_proof_from_leaves(size: int) -> None:
    """At the edges and in between; reading no more tiles than the tree has levels on both sides."""
    hashes = [leaf_hash(leaf) for leaf in LEAVES[:size]]
    files = {file.tile: file.data for file in plan(Edge(), LEAVES[:size], tail=()).files}
    root = root_of(hashes)
    for index in sorted({0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size))):
        read: list[Tile] = []

        def tile(asked: Tile, read: list[Tile] = read) -> bytes:
            read.append(asked)
            return files[asked]

        proof = inclusion_proof(index=index, size=size, hash_of=hashes_beside(tile, size=size))
        assert proof == inclusion_proof(index=index, size=size, hash_of=range_hashes(hashes))
        verify_inclusion(index=index, size=size, leaf=hashes[index], proof=proof, root=root)
        assert len(set(read)) <= 6
