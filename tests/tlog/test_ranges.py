"""Proofs out of tiles are those out of the whole tree, and read few files."""

import pytest

from wearemany.tlog import merkle, ranges, sequence, tiles

SIZES = (1, 2, 255, 256, 257, 700, 65_536, 65_537, 66_000)


@pytest.mark.parametrize("size", SIZES)
def test_proofs_from_tiles_are_those_of_the_tree(size: int) -> None:
    """Inclusion and consistency, at every kind of place, through at most a few tiles."""
    leaves = [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(size)]
    batch = sequence.grow(sequence.Edge(), leaves)
    files = {file.tile: file.data for file in batch.files}
    asked: list[tiles.Tile] = []

    def read(tile: tiles.Tile) -> bytes:
        asked.append(tile)
        return files[tile]

    for place in {0, 1, size // 3, size // 2, 255, 256, size - 1} & set(range(size)):
        asked.clear()
        hash_of = ranges.ranges_in_tiles(read, size=size)
        proof = merkle.inclusion_proof(index=place, size=size, hash_of=hash_of)
        merkle.verify_inclusion(index=place, size=size, leaf=leaves[place], proof=proof, root=batch.root)
        proof = merkle.consistency_proof(old_size=place, size=size, hash_of=hash_of)
        old_root = sequence.grow(sequence.Edge(), leaves[:place]).root
        merkle.verify_consistency(old_size=place, old_root=old_root, size=size, root=batch.root, proof=proof)
        assert len(asked) == len(set(asked)) <= 3 * tiles.levels(size)
