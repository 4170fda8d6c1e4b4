"""Signed notes and checkpoints: what is signed verifies, and no changed byte does."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearemany.tlog import checkpoint, merkle, note

SIGNER = note.Signer("door.example/log/red", bytes(range(32)))
OTHER = note.Signer("other.example", bytes(range(1, 33)))


def test_what_is_signed_verifies_and_reads_back() -> None:
    """A note keeps its text and its signer."""
    signed = note.sign("three lines\nof\ntext\n", SIGNER)
    assert note.verify(signed.data, SIGNER.verifier) == signed
    assert note.parse_vkey(SIGNER.verifier.vkey) == SIGNER.verifier


def test_every_flipped_bit_of_a_checkpoint_is_refused() -> None:
    """No single bit of a signed checkpoint can change without a refusal."""
    log = checkpoint.Checkpoint(SIGNER.name, 7, merkle.leaf_hash(b"root"))
    data = checkpoint.sign_checkpoint(log, SIGNER).data
    assert checkpoint.open_checkpoint(data, SIGNER.verifier) == log
    for place in range(len(data) * 8):
        spoilt = bytearray(data)
        spoilt[place // 8] ^= 1 << place % 8
        with pytest.raises((note.NoteError, checkpoint.CheckpointMalformed)):
            checkpoint.open_checkpoint(bytes(spoilt), SIGNER.verifier)


def test_a_note_by_another_key_is_unverified() -> None:
    """A stranger's good signature proves nothing to us, under its own name or under ours."""
    with pytest.raises(note.NoteUnverified):
        note.verify(note.sign("text\n", OTHER).data, SIGNER.verifier)
    with pytest.raises(note.NoteUnverified):
        note.verify(note.sign("text\n", note.Signer(SIGNER.name, OTHER.seed)).data, SIGNER.verifier)


def test_a_false_signature_spoils_a_good_one_beside_it() -> None:
    """A note that names a known key falsely is invalid, whoever else signed it."""
    good = note.sign("text\n", SIGNER)
    forged = note.Signature(OTHER.name, OTHER.verifier.key_id, bytes(64))
    both = note.Note(good.text, (*good.signatures, forged))
    assert note.verify(both.data, SIGNER.verifier).signatures == good.signatures
    with pytest.raises(note.NoteInvalid):
        note.verify(both.data, SIGNER.verifier, OTHER.verifier)


def test_a_seed_does_not_show() -> None:
    """Printing a signer gives nothing away."""
    assert SIGNER.seed.hex() not in repr(SIGNER)
    assert repr(SIGNER.seed) not in repr(SIGNER)


def test_texts_that_are_not_lines_are_not_signed() -> None:
    """Neither a missing line break nor a control character gets a signature."""
    for text in ("no end", "bell\x07\n", ""):
        with pytest.raises(note.NoteMalformed):
            note.sign(text, SIGNER)
    with pytest.raises(note.KeyMalformed):
        note.sign("text\n", note.Signer("a name", SIGNER.seed))


def test_a_checkpoint_is_only_signed_by_its_own_key() -> None:
    """The key's name is the log's origin, when signing and when opening."""
    log = checkpoint.Checkpoint(OTHER.name, 1, bytes(32))
    with pytest.raises(ValueError, match="its own origin"):
        checkpoint.sign_checkpoint(log, SIGNER)
    with pytest.raises(checkpoint.CheckpointMalformed, match="another log"):
        checkpoint.open_checkpoint(note.sign(log.body, SIGNER).data, SIGNER.verifier)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_calmly(data: bytes) -> None:
    """Nonsense raises one of ours, nothing else."""
    with pytest.raises(note.NoteError):
        note.verify(data, SIGNER.verifier)


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused_as_key_and_body(text: str) -> None:
    """Whatever reads as a key or a body is spelt in the one right way."""
    with suppress(note.KeyMalformed):
        assert note.parse_vkey(text).vkey == text
    with suppress(checkpoint.CheckpointMalformed):
        assert checkpoint.parse_body(text).body == text
