"""The witness protocol: what a witness answers to whom, and what a log reads in the answer."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tlog.test_trials import cases, needs_trial
from wearemany.tlog import checkpoint, cosignature, merkle, note, witness

LOG = note.Signer("door.example/log/red", bytes(range(32)))
OTHER = note.Signer(LOG.name, bytes(range(2, 34)))
WITNESS = note.Signer("witness.example/w1", bytes(range(1, 33)))
LEAVES = [merkle.leaf_hash(f"entry {number}".encode()) for number in range(20)]


def signed(size: int, *, signer: note.Signer = LOG, root: bytes | None = None) -> note.Note:
    found = merkle.root_of(LEAVES[:size]) if root is None else root
    return note.sign(checkpoint.Checkpoint(signer.name, size, found).body, signer)


def asked(old: int, size: int, **changes: object) -> witness.AddCheckpoint:
    hashes = merkle.consistency_proof(old_size=old, size=size, hash_of=merkle.range_hashes(LEAVES))
    values: dict[str, object] = {"old_size": old, "hashes": tuple(hashes), "note": signed(size), **changes}
    return witness.AddCheckpoint(**values)  # type: ignore[arg-type]


def seen(size: int) -> witness.Cosigned:
    return witness.Cosigned(size, merkle.root_of(LEAVES[:size]))


def answered(data: bytes, *, latest: int = 0, known: bool = True) -> tuple[int, bytes]:
    try:
        found = witness.judge(
            witness.parse_request(data), verifiers=[LOG.verifier] if known else [], latest=seen(latest)
        )
    except witness.Refusal as refusal:
        return refusal.status, refusal.body
    assert found.root == merkle.root_of(LEAVES[: found.size])
    return 200, b""


REQUESTS = {
    "unknown origin": lambda: answered(asked(0, 9).data, known=False),
    "known key, wrong signature": lambda: answered(asked(0, 9, note=signed(9, signer=OTHER)).data),
    "old size is not the last cosigned one": lambda: answered(asked(5, 9).data, latest=7),
    "old size 0 with a proof": lambda: answered(asked(0, 9, hashes=(bytes(32),)).data),
    "size 0 with a root that is not the empty one": lambda: answered(
        asked(0, 0, note=signed(0, root=bytes(32))).data
    ),
    "64 proof lines": lambda: answered(asked(0, 9, hashes=(bytes(32),) * 64).data),
}


@needs_trial
@pytest.mark.parametrize("case", cases("witness-answers"))
def test_a_witness_answers_as_the_standard_says(case: dict[str, object]) -> None:
    """Each kind of request has its status; a wrong old size is told the right one."""
    status, body = REQUESTS[str(case["request"])]()
    assert str(status) == str(case["status"])[:3]
    if status == 409:
        assert body == b"7\n"


def test_a_log_that_grows_is_cosigned_at_every_step() -> None:
    """From any size to any later one, the same size included."""
    for old in range(20):
        for size in range(old, 20):
            assert answered(asked(old, size).data, latest=old)[0] == 200


@pytest.mark.parametrize(
    ("request_", "latest", "status"),
    [
        (asked(9, 9, note=signed(9, root=bytes(32))), 9, 409),
        (asked(5, 9, note=signed(9, root=bytes(32))), 5, 422),
        (asked(5, 9, hashes=()), 5, 422),
        (asked(9, 9, old_size=12), 9, 400),
        (asked(9, 9, old_size=12), 12, 400),
        (asked(9, 9, note=note.sign("door.example/log/red\nnine\nAA==\n", LOG)), 9, 400),
    ],
)
def test_a_second_history_is_never_cosigned(
    request_: witness.AddCheckpoint, latest: int, status: int
) -> None:
    """Another root, a proof that does not hold, a size that shrinks: each has its refusal."""
    assert answered(request_.data, latest=latest)[0] == status


def test_requests_read_back_and_anything_else_is_a_bad_request() -> None:
    """One spelling of a request; a spoilt one is 400."""
    request = asked(5, 9)
    assert witness.parse_request(request.data) == request
    for old, new in ((b"old 5", b"old 05"), (b"old 5", b"size 5"), (b"old 5\n", b""), (b"\n\n", b"\n")):
        with pytest.raises(witness.Refusal) as refusal:
            witness.parse_request(request.data.replace(old, new, 1))
        assert refusal.value.status == 400


@given(st.binary(max_size=200))
def test_any_bytes_are_a_bad_request(data: bytes) -> None:
    """Nonsense is refused calmly, by witness and log alike."""
    with suppress(witness.Refusal):
        witness.parse_request(b"old 0\n\n" + data)
    witness.parse_size(data)
    assert witness.cosignature_in(data, note=signed(9), witness=cosignature.cosigner(WITNESS)) is None


def test_a_log_takes_only_a_true_cosignature_from_an_answer() -> None:
    """The witness's line over this very checkpoint; lines by others beside it do no harm."""
    key = cosignature.cosigner(WITNESS)
    good = cosignature.cosign(signed(9).text, WITNESS, time_s=77)
    strange = cosignature.cosign(signed(9).text, note.Signer("w2.example", bytes(32)), time_s=78)
    found = witness.cosignature_in((strange.line + good.line).encode(), note=signed(9), witness=key)
    assert found is not None
    assert (found.time_s, found.signature) == (77, good)
    for body in (
        b"",
        strange.line.encode(),
        cosignature.cosign(signed(8).text, WITNESS, time_s=77).line.encode(),
        b"forged text\n\n" + good.line.encode(),
    ):
        assert witness.cosignature_in(body, note=signed(9), witness=key) is None
    assert witness.parse_size(b"12\n") == 12
    assert witness.parse_size(b"12") is None
