"""Trees of any size: every proof holds, and no spoilt proof does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearemany.tlog import merkle


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(f"leaf {number}".encode()) for number in range(count)]


def by_definition(hashes: list[bytes]) -> bytes:
    """The root as RFC 6962 writes it down, recursively."""
    if not hashes:
        return merkle.EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return merkle.node_hash(by_definition(hashes[:split]), by_definition(hashes[split:]))


@given(st.integers(0, 600))
@settings(max_examples=60, deadline=None)
def test_roots_are_those_of_the_definition(size: int) -> None:
    """The fast way to a root and the written definition agree."""
    assert merkle.root_of(leaves(size)) == by_definition(leaves(size))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_every_inclusion_proof_holds_and_none_spoilt_does(data: st.DataObject) -> None:
    """A made proof verifies; with one bit, the index, the size or the length changed it does not."""
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    root, leaf = merkle.root_of(hashes), hashes[index]
    proof = merkle.inclusion_proof(index=index, size=size, hash_of=merkle.range_hashes(hashes))
    merkle.verify_inclusion(index=index, size=size, leaf=leaf, proof=proof, root=root)
    spoilt = [
        {"index": (index + 1) % size} if size > 1 else {"index": 1},
        {"proof": [*proof, root]},
        {"leaf": bytes(32)},
        {"root": bytes(32)},
        {"leaf": leaf[:31]},
    ]
    if proof:
        place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        flipped = bytearray(proof[place])
        flipped[bit // 8] ^= 1 << bit % 8
        spoilt += [{"proof": [*proof[:place], bytes(flipped), *proof[place + 1 :]]}, {"proof": proof[:-1]}]
    for change in spoilt:
        with pytest.raises(merkle.ProofInvalid):
            merkle.verify_inclusion(
                **{"index": index, "size": size, "leaf": leaf, "proof": proof, "root": root, **change}
            )


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_every_consistency_proof_holds_and_none_spoilt_does(data: st.DataObject) -> None:
    """A made proof verifies; with one bit, a root, the size or the length changed it does not."""
    size = data.draw(st.integers(1, 300))
    old_size = data.draw(st.integers(1, size))
    hashes = leaves(size)
    root, old_root = merkle.root_of(hashes), merkle.root_of(hashes[:old_size])
    proof = merkle.consistency_proof(old_size=old_size, size=size, hash_of=merkle.range_hashes(hashes))
    said = {"old_size": old_size, "old_root": old_root, "size": size, "root": root, "proof": proof}
    merkle.verify_consistency(**said)
    spoilt = [{"proof": [*proof, root]}, {"old_root": bytes(32)}, {"root": bytes(32)}, {"old_size": size + 1}]
    if proof:
        place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        flipped = bytearray(proof[place])
        flipped[bit // 8] ^= 1 << bit % 8
        spoilt += [{"proof": [*proof[:place], bytes(flipped), *proof[place + 1 :]]}, {"proof": proof[:-1]}]
    for change in spoilt:
        with pytest.raises(merkle.ProofInvalid):
            merkle.verify_consistency(**{**said, **change})


def test_every_tree_begins_with_the_empty_one() -> None:
    """The empty tree has one root, and consistency with it needs no proof."""
    root = merkle.root_of(leaves(5))
    merkle.verify_consistency(old_size=0, old_root=merkle.EMPTY_ROOT, size=5, root=root, proof=[])
    with pytest.raises(merkle.ProofInvalid):
        merkle.verify_consistency(old_size=0, old_root=root, size=5, root=root, proof=[])


def test_proofs_of_what_is_not_there_cannot_be_made() -> None:
    """Asking for a leaf or an older tree outside the tree is an error of the caller."""
    hash_of = merkle.range_hashes(leaves(3))
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion_proof(index=3, size=3, hash_of=hash_of)
    with pytest.raises(ValueError, match="not smaller"):
        merkle.consistency_proof(old_size=4, size=3, hash_of=hash_of)
