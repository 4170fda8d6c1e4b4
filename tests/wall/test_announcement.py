"""What only the recovery key may say: signed away from the server, believed by the key in the log's first entry."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cast import Cast
from tests.rig import KEYS, NOON
from tests.wall.walls import approved
from wearemany.adapters import server
from wearemany.cli.main import main
from wearemany.errors import Refused
from wearemany.tlog.checkpoint import Checkpoint
from wearemany.tlog.note import NoteError, Signer, sign
from wearemany.wall.announcement import (
    Announcement,
    AnnouncementMalformed,
    open_announcement,
    parse_text,
    sign_announcement,
)
from wearemany.wall.export import announcement_publish, log_export
from wearemany.wall.log import append_campaign, public_log
from wearemany.wall.mirrors.copying import mirror
from wearemany.wall.recounting.reading import recount

SEED = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
ORIGIN = "many.example/log/red"
VKEY = Signer("new.example/log/red", b"\x07" * 32).verifier.vkey
WHOLE = Announcement(
    ORIGIN,
    datetime.date(2026, 3, 8),
    taken=Checkpoint(ORIGIN, 7, b"\x01" * 32),
    moved=("https://new.example/en/red/", VKEY),
    has_ended=True,
)
VECTOR = (Path(__file__).parent / "announcement.txt").read_bytes()
"""The note of WHOLE, as published in docs/audit/announcement.md: its bytes never change."""


def test_the_published_vector_is_what_is_signed() -> None:
    """The example of the documents is byte for byte what the key with these 32 bytes signs, and opens again."""
    assert sign_announcement(WHOLE, seed=SEED).data == VECTOR
    assert open_announcement(VECTOR, origin=ORIGIN, public_key=PUBLIC) == WHOLE
    page = Path(__file__).parents[2] / "docs/audit/announcement.md"
    assert VECTOR.decode() in page.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wearemany announcement v2\nmany.example/log/red\n2026-03-08\nended\n",
        "wearemany announcement v1\nmany.example/log/red\n2026-03-08\n",
        "wearemany announcement v1\nmany.example/log/red\n2026-13-08\nended\n",
        "wearemany announcement v1\nmany example\n2026-03-08\nended\n",
        "wearemany announcement v1\nmany.example/log/red\n2026-03-08\nended\nended\n",
        "wearemany announcement v1\nmany.example/log/red\n2026-03-08\nended\ntaken 7 " + "A" * 43 + "=\n",
        "wearemany announcement v1\nmany.example/log/red\n2026-03-08\ntaken 07 " + "A" * 43 + "=\n",
        "wearemany announcement v1\nmany.example/log/red\n2026-03-08\nmoved https://new.example nokey\n",
        "wearemany announcement v1\nmany.example/log/red\n2026-03-08\nperhaps\n",
    ],
)
def test_there_is_one_form(text: str) -> None:
    """Another version, nothing said, said twice, in another order, or what nobody knows is no announcement."""
    with pytest.raises(AnnouncementMalformed):
        parse_text(text)


def test_nobody_else_can_say_it() -> None:
    """Not the signing key, not a recovery key of another log, not with a word changed."""
    other = sign(WHOLE.text, Signer(f"{ORIGIN}/recovery", KEYS.signing_seed)).data
    for data in (other, VECTOR.replace(b"taken 7", b"taken 9"), VECTOR.replace(b"ended\n", b"", 1)):
        with pytest.raises((NoteError, AnnouncementMalformed)):
            open_announcement(data, origin=ORIGIN, public_key=PUBLIC)
    with pytest.raises((NoteError, AnnouncementMalformed)):
        open_announcement(VECTOR, origin="many.example/log/blue", public_key=PUBLIC)
    with pytest.raises(AnnouncementMalformed):
        sign_announcement(Announcement(ORIGIN, WHOLE.day), seed=SEED)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.threat("H")
def test_after_a_theft_nothing_newer_is_believed(
    committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Announced by command from a saved checkpoint; a recount and a mirror stop at it, whatever is signed later."""
    server.put(
        keys=replace(KEYS, recovery_public=PUBLIC),
        store=committed_cast.house.store,
        darkroom=committed_cast.house.darkroom,  # type: ignore[arg-type]
    )
    campaign = committed_cast.campaign
    approved(committed_cast, 2)
    append_campaign(campaign)
    kept, pins = tmp_path / "kept", tmp_path / "pins.json"
    log_export(campaign, folder=tmp_path / "out")
    assert mirror(str(tmp_path / "out"), folder=kept, now=NOON).result.holds
    assert recount(str(kept), pins_path=pins).result.holds
    (tmp_path / "recovery.key").write_text(SEED.hex())
    said = [
        "key", "announce", str(kept / "checkpoint"), "--recovery", str(tmp_path / "recovery.key"),
        "--taken", "--moved", "https://new.example/en/red/", VKEY, "--out", str(tmp_path / "announcement"),
    ]  # fmt: skip
    assert main(said) == 0
    note = (tmp_path / "announcement").read_bytes()
    with pytest.raises(Refused) as refusal:
        announcement_publish(public_log(campaign), note.replace(b"taken 3", b"taken 2"))
    assert refusal.value.code == "announcement-other"
    announcement_publish(public_log(campaign), note)
    log_export(campaign, folder=tmp_path / "out")
    told = mirror(str(tmp_path / "out"), folder=kept, now=NOON)
    assert told.result.holds, "nothing came after the last moment that is believed"
    assert (kept / "announcement").read_bytes() == note
    capsys.readouterr()
    assert main(["wall", "recount", str(kept), "--pins", str(pins), "--json"]) == 0
    says = json.loads(capsys.readouterr().out)["announcement"]["says"]
    assert says[0].startswith("The signing key was taken. Nothing after the first 3 entries")
    assert "https://new.example/en/red/" in says[1]

    approved(committed_cast, 1)
    append_campaign(campaign)
    log_export(campaign, folder=tmp_path / "out")
    (tmp_path / "out" / "announcement").unlink()
    stopped = mirror(str(tmp_path / "out"), folder=kept, now=NOON)
    assert [finding.code for finding in stopped.findings] == ["key-taken"], (
        "a thief would not show it; the copy has it"
    )
    (tmp_path / "out" / "announcement").write_bytes(note)
    report = recount(str(tmp_path / "out"), pins_path=pins)
    assert [finding.code for finding in report.result.findings] == ["key-taken"]
