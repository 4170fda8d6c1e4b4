"""Proof files and cosignatures: what is written reads back and verifies, and nothing spoilt does."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearemany.tlog import checkpoint, cosignature, merkle, note, proof

LOG = note.Signer("door.example/log/red", bytes(range(32)))
WITNESS = note.Signer("witness.example/w1", bytes(range(1, 33)))
ENTRIES = [f"entry {number}".encode() for number in range(11)]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
SIGNED = checkpoint.sign_checkpoint(checkpoint.Checkpoint(LOG.name, 11, merkle.root_of(LEAVES)), LOG)


def proof_of(index: int, **changes: bytes) -> proof.Proof:
    hashes = merkle.inclusion_proof(index=index, size=11, hash_of=merkle.range_hashes(LEAVES))
    return proof.Proof(index, tuple(hashes), changes.get("checkpoint", SIGNED.data), changes.get("extra"))


@pytest.mark.parametrize("extra", [None, b"", b"a salt"])
def test_a_proof_file_reads_back_and_shows_its_entry(extra: bytes | None) -> None:
    """Every entry of a log is shown by its file alone, with whatever an application adds."""
    for index, entry in enumerate(ENTRIES):
        made = proof.Proof(index, proof_of(index).hashes, SIGNED.data, extra)
        read = proof.parse_proof(made.data)
        assert read == made
        assert proof.verify_proof(read, entry=entry, verifier=LOG.verifier).size == 11
        with pytest.raises(merkle.ProofInvalid):
            proof.verify_proof(read, entry=entry + b"!", verifier=LOG.verifier)


def test_a_proof_file_is_spelt_as_the_standard_spells_it() -> None:
    """The lines of the format, in their order, down to the last byte."""
    made = proof.Proof(0, (bytes(32),), SIGNED.data, b"\x01")
    lines = made.data.decode().split("\n")
    assert lines[:5] == ["c2sp.org/tlog-proof@v1", "extra AQ==", "index 0", "A" * 43 + "=", ""]
    assert made.data.endswith(SIGNED.data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"index 3", b"index 03"),
        (b"index 3", b"index -3"),
        (b"index 3", b"index 9223372036854775808"),
        (b"index 3\n", b""),
        (b"index 3\n", b"index 3\nextra AQ==\n"),
        (b"index 3\n", b"index 3\nAQ==\n"),
        (b"index 3\n", b"index 3\n" + (b"A" * 43 + b"=\n") * 64),
        (b"index 3\n", b"extra AQ\nindex 3\n"),
        (b"index 3\n", "extra é\nindex 3\n".encode()),
        (b"\n\n", b"\n"),
        ("\n\n—".encode(), "\n—".encode()),
    ],
)
def test_what_is_not_a_proof_file_is_refused(old: bytes, new: bytes) -> None:
    """Another spelling, another order, a missing or a strange line."""
    data = proof_of(3).data
    assert old in data
    with pytest.raises(proof.ProofMalformed):
        proof.parse_proof(data.replace(old, new, 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nonsense raises one of ours, and what reads is spelt in the one right way."""
    with suppress(proof.ProofMalformed):
        assert proof.parse_proof(data).data == data


def test_a_proof_carries_its_witnesses() -> None:
    """Cosignatures ride in the checkpoint, and are found there by whoever knows the witness."""
    line = cosignature.cosign(SIGNED.text, WITNESS, time_s=1_700_000_000)
    both = cosignature.with_cosignatures(SIGNED, [line])
    read = proof.parse_proof(proof_of(3, checkpoint=both.data).data)
    assert proof.verify_proof(read, entry=ENTRIES[3], verifier=LOG.verifier).size == 11
    seen = cosignature.cosigned(note.parse(read.checkpoint), [cosignature.cosigner(WITNESS)])
    assert [(item.name, item.time_s) for item in seen] == [(WITNESS.name, 1_700_000_000)]


def test_only_true_cosignatures_of_known_witnesses_count() -> None:
    """One by a stranger, one over another tree, one with its time changed, a log's plain signature: none of them."""
    witness = cosignature.cosigner(WITNESS)
    good = cosignature.cosign(SIGNED.text, WITNESS, time_s=5)
    later = note.Signature(good.name, good.key_id, (6).to_bytes(8, "big") + good.data[8:])
    elsewhere = cosignature.cosign(SIGNED.text.replace("11", "12"), WITNESS, time_s=5)
    stranger = cosignature.cosign(SIGNED.text, note.Signer(WITNESS.name, bytes(32)), time_s=5)
    plain = note.sign(SIGNED.text, WITNESS).signatures[0]
    for false in (later, elsewhere, stranger, plain):
        assert cosignature.cosigned(note.Note(SIGNED.text, (*SIGNED.signatures, false)), [witness]) == ()
    assert cosignature.cosigned(note.Note(SIGNED.text, (later, good)), [witness])[0].time_s == 5
    assert cosignature.cosigned(SIGNED, [LOG.verifier]) == ()
    with pytest.raises(ValueError, match="POSIX"):
        cosignature.cosign(SIGNED.text, WITNESS, time_s=2**63)


def test_a_newer_cosignature_takes_the_place_of_the_older() -> None:
    """A note never holds two by one key, and loses nothing else."""
    first = cosignature.with_cosignatures(SIGNED, [cosignature.cosign(SIGNED.text, WITNESS, time_s=1)])
    second = cosignature.with_cosignatures(first, [cosignature.cosign(SIGNED.text, WITNESS, time_s=2)])
    assert len(second.signatures) == 2
    assert second.signatures[0] == SIGNED.signatures[0]
    assert cosignature.cosigned(second, [cosignature.cosigner(WITNESS)])[0].time_s == 2
    assert note.verify(second.data, LOG.verifier, cosignature.cosigner(WITNESS)) == second
