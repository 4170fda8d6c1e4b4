"""Other people's vectors: every one of the transparency log trial, and a log that another program wrote."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from wearemany.tlog import checkpoint, cosignature, merkle, note, sequence, tiles

TRIAL = Path(__file__).parents[3] / "shared" / "trials" / "tlog"
needs_trial = pytest.mark.skipif(
    not TRIAL.is_dir(), reason="the trial's vectors are not beside this checkout"
)


def cases(name: str) -> list[Any]:
    """Return the lines of one trial file, each a parameter with a readable id."""
    path = TRIAL / f"{name}.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    found = [json.loads(line) for line in lines if line]
    return [pytest.param(case, id=f"{name}-{number}") for number, case in enumerate(found)]


def unbase64(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def refused(check: Any) -> bool:
    try:
        check()
    except merkle.ProofInvalid:
        return True
    return False


@needs_trial
@pytest.mark.parametrize("case", cases("inclusion"))
def test_inclusion_proofs_are_judged_as_others_judge_them(case: dict[str, Any]) -> None:
    """A verifier accepts and refuses the same inclusion proofs as the reference library."""
    if case["treeSize"] == 0:
        pytest.skip("where a size is 0 the verdict is each library's choice")
    verdict = refused(
        lambda: merkle.verify_inclusion(
            index=case["leafIdx"],
            size=case["treeSize"],
            leaf=unbase64(case["leafHash"]),
            proof=[unbase64(item) for item in case["proof"] or ()],
            root=unbase64(case["root"]),
        )
    )
    assert verdict == case["wantErr"]


@needs_trial
@pytest.mark.parametrize("case", cases("consistency"))
def test_consistency_proofs_are_judged_as_others_judge_them(case: dict[str, Any]) -> None:
    """A verifier accepts and refuses the same consistency proofs as the reference library."""
    if 0 in (case["size1"], case["size2"]):
        pytest.skip("where a size is 0 the verdict is each library's choice")
    verdict = refused(
        lambda: merkle.verify_consistency(
            old_size=case["size1"],
            old_root=unbase64(case["root1"]),
            size=case["size2"],
            root=unbase64(case["root2"]),
            proof=[unbase64(item) for item in case["proof"] or ()],
        )
    )
    assert verdict == case["wantErr"]


@needs_trial
@pytest.mark.parametrize("case", cases("rfc6962-tree"))
def test_the_reference_tree_has_the_reference_roots_and_proofs(case: dict[str, Any]) -> None:
    """Roots and proofs of the eight-leaf tree of RFC 6962 are made byte for byte."""
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in case.get("leaves_hex", REFERENCE_LEAVES)]
    if case["kind"] == "root":
        assert merkle.root_of(leaves).hex() == case["root_hex"]
    elif case["kind"] == "inclusion":
        assert [item.hex() for item in inclusion(case, leaves)] == case["proof_hex"]
    else:
        assert [item.hex() for item in consistency(case, leaves)] == case["proof_hex"]


REFERENCE_LEAVES = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip


def inclusion(case: dict[str, Any], leaves: list[bytes]) -> list[bytes]:
    return merkle.inclusion_proof(
        index=case["index"], size=case["size"], hash_of=merkle.range_hashes(leaves[: case["size"]])
    )


def consistency(case: dict[str, Any], leaves: list[bytes]) -> list[bytes]:
    return merkle.consistency_proof(
        old_size=case["size1"], size=case["size2"], hash_of=merkle.range_hashes(leaves[: case["size2"]])
    )


@needs_trial
@pytest.mark.parametrize("case", cases("built-trees"))
def test_built_trees_have_the_expected_root_and_tiles(case: dict[str, Any]) -> None:
    """A tree planned in one go has the root and the tiles that the definitions give."""
    entries = [f"entry {number}".encode() for number in range(case["size"])]
    batch = sequence.plan(sequence.Edge(), entries, tail=[])
    files = {file.path: hashlib.sha256(file.data).hexdigest() for file in batch.files}
    assert batch.root == unbase64(case["root_base64"])
    assert {path: files[path] for path in case["sha256_of_tiles"]} == case["sha256_of_tiles"]


@needs_trial
@pytest.mark.parametrize("case", cases("tile-sets"))
def test_a_tree_of_a_size_is_made_of_the_right_tiles(case: dict[str, Any]) -> None:
    """How many full tiles a size has at each level, and which partial one, is as the standard says."""
    size = case["size"]
    assert tiles.levels(size) == len(case["levels"])
    for row in case["levels"]:
        full, partial = tiles.widths(row["level"], size)
        last = tiles.Tile(row["level"], full - 1).path if full else None
        rest = tiles.Tile(row["level"], full, partial).path if partial else None
        assert (full, partial, last, rest) == (
            row["full_tiles"], row["partial_width"], row["last_full_path"], row["partial_path"],
        )  # fmt: skip
    full, partial = tiles.widths(tiles.ENTRIES_LEVEL, size)
    rest = tiles.Tile(tiles.ENTRIES_LEVEL, full, partial).path if partial else None
    assert (full, rest) == (case["entries"]["full"], case["entries"]["partial_path"])


@needs_trial
@pytest.mark.parametrize("case", cases("tile-paths"))
def test_tile_paths_have_one_spelling(case: dict[str, Any]) -> None:
    """Indexes are spelt as the standard spells them, and every other spelling is refused."""
    if case.get("valid", True):
        assert tiles.index_path(case["n"]) == case["path"]
        assert tiles.parse_path(f"tile/0/{case['path']}") == tiles.Tile(0, case["n"])
    else:
        with pytest.raises(tiles.PathMalformed):
            tiles.parse_path(case["path"])


def judged(data: bytes, keys: list[str]) -> str:
    try:
        note.verify(data, *(note.parse_vkey(key) for key in keys))
    except note.NoteMalformed:
        return "malformed"
    except note.NoteInvalid:
        return "invalid"
    except note.NoteUnverified:
        return "unverified"
    return "valid"


@needs_trial
@pytest.mark.parametrize("case", cases("notes"))
def test_notes_are_judged_as_others_judge_them(case: dict[str, Any]) -> None:
    """Malformed, invalid, unverified and valid notes are told apart."""
    assert judged(unbase64(case["note_base64"]), case["verifier_keys"]) == case["expect"]


@needs_trial
@pytest.mark.parametrize("case", cases("vkeys"))
def test_verifier_keys_are_judged_as_others_judge_them(case: dict[str, Any]) -> None:
    """A good key reads back as itself; one whose parts do not belong together is refused."""
    if case["valid"]:
        assert note.parse_vkey(case["vkey"]).vkey == case["vkey"]
    else:
        with pytest.raises(note.KeyMalformed):
            note.parse_vkey(case["vkey"])


@needs_trial
@pytest.mark.parametrize("case", cases("checkpoint-bodies"))
def test_checkpoint_bodies_have_one_spelling(case: dict[str, Any]) -> None:
    """A good body reads back as itself; its spoilt twins are refused."""
    if case["valid"]:
        assert checkpoint.parse_body(case["body"]).body == case["body"]
    else:
        with pytest.raises(checkpoint.CheckpointMalformed):
            checkpoint.parse_body(case["body"])


@needs_trial
@pytest.mark.parametrize("case", cases("cosignatures"))
def test_witness_cosignatures_are_verified(case: dict[str, Any]) -> None:
    """A timestamped cosignature holds, and one with another time does not."""
    data = (case["checkpoint_body"] + "\n" + case["line"]).encode()
    assert judged(data, [case["vkey"]]) == case["expect"]
    if case["expect"] == "valid":
        signature = note.parse(data).signatures[0]
        assert note.cosignature_time_s(signature) == case["timestamp"]
        message = note.cosigned_message(case["checkpoint_body"], time_s=case["timestamp"])
        assert message == unbase64(case["message_base64"])
        signer = note.Signer(signature.name, bytes.fromhex(case["seed_hex"]))
        made = cosignature.cosign(case["checkpoint_body"], signer, time_s=case["timestamp"])
        assert (made.line, cosignature.cosigner(signer).vkey) == (case["line"], case["vkey"])


@needs_trial
def test_a_log_written_by_another_program_verifies_at_every_size() -> None:
    """Tessera's checkpoints open with its key, and its bundles give its tiles and its roots."""
    log = TRIAL / "tessera-log"
    verifier = note.parse_vkey((log / "vkey.txt").read_text().strip())
    sizes = sorted(int(path.suffix[1:]) for path in log.glob("checkpoint.*"))
    edge, entries = sequence.Edge(), list[bytes]()
    for size in sizes:
        seen = checkpoint.open_checkpoint((log / f"checkpoint.{size}").read_bytes(), verifier)
        bundle = b"" if size == 0 else (log / tiles.Tile(tiles.ENTRIES_LEVEL, 0, size).path).read_bytes()
        now = tiles.unpack_bundle(bundle, width=size)
        batch = sequence.plan(edge, now[edge.size :], tail=entries)
        assert (seen.size, seen.root) == (batch.edge.size, batch.root)
        for file in batch.files:
            assert (log / file.path).read_bytes() == file.data
        edge, entries = batch.edge, now
    assert edge.size == sizes[-1] > 0
