"""A receipt shows, without any server, that a post is in the signed log; changed by a letter it shows nothing."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.wall.drawn import DAY, opening, post
from tests.wall.logs import SIGNER, log_of, write_files
from tests.wall.recounting import counted_by_page
from tests.wall.test_recount_page import OTHER
from wearemany.cli.main import main
from wearemany.tlog.cosignature import cosign, cosigner, with_cosignatures
from wearemany.tlog.merkle import inclusion_proof, leaf_hash, range_hashes
from wearemany.tlog.note import Signer, parse
from wearemany.tlog.proof import Proof, parse_proof
from wearemany.wall.entry import AmendEntry, Entry, PostEntry, RemovedEntry, commitment, encode
from wearemany.wall.receipt import Bound, ReceiptInvalid, caption_digest, check

SALT, CAPTION = bytes(range(32)), "Мы не равнодушны"
PHOTOS = (b"\x11" * 32, b"\x22" * 32)
MINE = commitment(SALT, PHOTOS, CAPTION)
KEY = SIGNER.verifier.vkey
STORY: list[Entry] = [
    opening(),
    post(1),
    PostEntry(DAY, MINE, photos=2, people=1, colour=True, repeat=False),
    *(post(number) for number in range(3, 300)),
]


def receipt(story: list[Entry] | None = None, *, index: int = 2) -> bytes:
    """Return the receipt of the entry at `index`."""
    lines = [encode(entry) for entry in story or STORY]
    hashes = [leaf_hash(line) for line in lines]
    proof = inclusion_proof(index=index, size=len(lines), hash_of=range_hashes(hashes))
    bound = Bound(lines[index], PHOTOS, caption_digest(CAPTION), SALT)
    return Proof(index, tuple(proof), log_of(story or STORY)["checkpoint"], bound.extra).data


def code_of(data: bytes, *, signer: Signer = SIGNER) -> str:
    """Return the code that a receipt is refused with."""
    with pytest.raises(ReceiptInvalid) as refused:
        check(data, signer.verifier)
    return refused.value.code


def test_a_receipt_shows_its_post() -> None:
    """Index, size, day, and that pictures, words and salt are those of the commitment; an amendment names its post."""
    found = check(receipt(), SIGNER.verifier)
    assert (found.index, found.post, found.checkpoint.size) == (2, 2, len(STORY))
    story = [*STORY, AmendEntry(DAY, of=1, commitment=MINE)]
    story[2] = post(2)
    amended = check(receipt(story, index=len(story) - 1), SIGNER.verifier)
    assert (amended.index, amended.post) == (len(story) - 1, 1)


def spoilt() -> dict[str, bytes]:
    """Return receipts that show nothing, by the code that says why."""
    honest = parse_proof(receipt())
    values = json.loads(honest.extra or b"")
    other_line = encode(post(1)).decode()

    def with_extra(**changes: object) -> bytes:
        return replace(honest, extra=json.dumps({**values, **changes}).encode()).data

    other_log = receipt([opening(), post(5), STORY[2]])
    return {
        "receipt-malformed": b"nothing",
        "signature-false": receipt().replace(b"\n301\n", b"\n302\n").replace(b"\n300\n", b"\n301\n"),
        "receipt-not-in-list": with_extra(entry=other_line),
        "receipt-not-yours": with_extra(salt="00" * 32),
        "receipt-not-yours 2": with_extra(photos=values["photos"][::-1]),
        "receipt-not-yours 3": with_extra(caption="ab" * 32),
        "receipt-malformed 2": with_extra(v=2),
        "receipt-malformed 3": with_extra(photos=[]),
        "receipt-malformed 4": replace(honest, extra=None).data,
        "receipt-not-in-list 2": replace(honest, index=3).data,
        "receipt-not-in-list 3": replace(honest, hashes=honest.hashes[:-1]).data,
        "receipt-not-in-list 4": replace(honest, checkpoint=parse_proof(other_log).checkpoint).data,
    }


def test_a_spoilt_receipt_shows_nothing_and_says_why(tmp_path: Path) -> None:
    """Program and page find the same."""
    cases = spoilt()
    for name, data in cases.items():
        assert code_of(data) == name.split(" ")[0], name
    assert code_of(receipt(), signer=OTHER) == "key-other"
    answers = counted_by_page([{"receipt": data.decode(), "key": KEY} for data in cases.values()], tmp_path)
    assert [answer["codes"][0] for answer in answers] == [name.split(" ")[0] for name in cases]
    good, other = counted_by_page(
        [{"receipt": receipt().decode(), "key": key} for key in (KEY, OTHER.verifier.vkey)], tmp_path
    )
    assert good == {"index": 2, "post": 2, "size": len(STORY)}
    assert other == {"codes": ["key-other"]}


def test_no_letter_of_a_receipt_can_be_another(tmp_path: Path) -> None:
    """Whatever single byte is changed: it shows nothing."""
    honest, chance = receipt(), random.Random(3)
    for place in range(len(honest)):
        data = bytearray(honest)
        data[place] ^= chance.choice((1, 2, 4, 32, 128))
        with pytest.raises(ReceiptInvalid):
            check(bytes(data), SIGNER.verifier)


def test_it_is_tied_to_what_a_reader_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To a signed count of its own size at once, to others through the log; two histories are told."""
    witness = Signer("witness.example/w", b"\x09" * 32)
    note = parse(log_of(STORY)["checkpoint"])
    seen = with_cosignatures(note, [cosign(note.text, witness, time_s=1_790_000_000)]).data
    file, kept = tmp_path / "note.txt", tmp_path / "kept"
    file.write_bytes(replace(parse_proof(receipt()), checkpoint=seen).data)
    vkeys = [cosigner(Signer(witness.name, seed)).vkey for seed in (witness.seed, b"\x0a" * 32)]
    asked = ["receipt", "check", str(file), "--vkey", KEY, "--checkpoint", str(kept)]
    kept.write_bytes(log_of(STORY)["checkpoint"])
    assert main([*asked, "--witness", vkeys[0], "--witness", vkeys[1], "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["compared"] == [len(STORY)] and said["witnesses"] == {vkeys[0]: True, vkeys[1]: False}
    other = [opening(), *(post(number + 900) for number in range(1, len(STORY)))]
    longer = [*STORY, post(400), post(401)]
    log = ["--log", str(write_files(tmp_path / "log", log_of(longer)))]
    for story, more, code in (
        (other, [], "receipt-history-other"),
        (STORY[:50], [], "receipt-needs-log"),
        (STORY[:50], log, ""),
        (longer[:-1], log, ""),
        (other[:50], log, "receipt-log-broken"),
        ([*other, post(5000)], log, "receipt-log-broken"),
    ):
        kept.write_bytes(log_of(story)["checkpoint"])
        capsys.readouterr()
        assert main([*asked, *more]) == (2 if code else 0), code
        out = capsys.readouterr()
        assert code in out.err and (code or f"{len(story):,} entries." in out.out)


def test_the_command_needs_no_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It checks with a key, compares pictures and words, and says so when a newer log has the post taken back."""
    file = tmp_path / "note.txt"
    file.write_bytes(receipt())
    pins = ["--pins", str(tmp_path / "pins.json")]
    assert main(["receipt", "check", str(file), *pins]) == 2
    assert "receipt-key-needed" in capsys.readouterr().err
    asked = ["receipt", "check", str(file), "--vkey", KEY]
    assert main([*asked, "--caption", CAPTION]) == 0
    assert "entry 2 of door.example/log/red" in capsys.readouterr().out
    assert main([*asked, "--caption", "other words"]) == 2
    for name, later in {
        "stands": [],
        "changed": [AmendEntry(DAY, of=2, commitment=b"\x09" * 32)],
        "removed": [AmendEntry(DAY, of=2, people=3), RemovedEntry(DAY, of=2)],
    }.items():
        folder = write_files(tmp_path / name, log_of([*STORY, *later]))
        capsys.readouterr()
        assert main([*asked, "--log", str(folder), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["now"] == name
    write_files(tmp_path / "stands", {"tile/0/000": b"x"})
    assert main([*asked, "--log", str(tmp_path / "stands")]) == 2
    assert "receipt-log-broken" in capsys.readouterr().err
    file.write_bytes(b"nothing")
    assert main(asked) == 2
    assert main(["receipt", "check", str(tmp_path / "absent"), "--vkey", KEY]) == 2
