"""What the recovery key announces, heard alike by the page, the program, and the verifier that shares no code."""

from __future__ import annotations

import base64
import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from tests.audit import verifier
from tests.wall.drawn import opening, post
from tests.wall.logs import ORIGIN, SIGNER, Shelf, log_of, long_story
from tests.wall.recounting import counted_by_page, log_question
from wearemany.tlog.checkpoint import Checkpoint, open_checkpoint
from wearemany.tlog.note import Signer, sign
from wearemany.wall.announced import announcement_read, heeded, vouched
from wearemany.wall.announcement import Announcement, recovery_name, sign_announcement
from wearemany.wall.audit import Shown, audit
from wearemany.wall.entry import PhaseEntry

DAY = datetime.date(2026, 3, 8)
SEED = b"\x05" * 32
RECOVERY = Signer(recovery_name(ORIGIN), SEED)
KEY = SIGNER.verifier.vkey
MOVED = ("https://new.example/en/red/", Signer("new.example/log/red", b"\x07" * 32).verifier.vkey)
STORY = [
    replace(opening(), recovery=RECOVERY.verifier.public_key),
    *(post(number) for number in range(1, 301)),
]


def cut(size: int, *, other: bool = False) -> Checkpoint:
    """Return the checkpoint of the first entries, or of another history of that length."""
    tale = [STORY[0], *(post(number + 5000) for number in range(1, size))] if other else STORY[:size]
    return open_checkpoint(log_of(tale)["checkpoint"], SIGNER.verifier)


def said(**values: object) -> bytes:
    """Return a note by the recovery key."""
    return sign_announcement(Announcement(ORIGIN, DAY, **values), seed=SEED).data  # type: ignore[arg-type]


def texted(*lines: str, signer: Signer = RECOVERY) -> bytes:
    """Return a note of any lines."""
    return sign("".join(f"{line}\n" for line in lines), signer).data


FORM = ("wearemany announcement v1", ORIGIN, DAY.isoformat())
ROOT = base64.b64encode(cut(200).root).decode()
LOOSE = ROOT[:-2] + chr(ord(ROOT[-2]) + 1) + "="
"""The same 32 bytes, spelt as a decoder that is not strict would take them."""

CASES: dict[str, tuple[bytes, bytes, str, list[str]]] = {
    # name: the note, an earlier checkpoint, the doubt, the findings
    "moved": (said(moved=MOVED), b"", "", []),
    "ended": (said(has_ended=True), b"", "", []),
    "all of it": (said(taken=cut(301), moved=MOVED, has_ended=True), b"", "", []),
    "taken": (said(taken=cut(200)), b"", "", ["key-taken"]),
    "taken at once": (said(taken=cut(0)), b"", "", ["key-taken"]),
    "taken at a full file": (said(taken=cut(256)), log_of(STORY[:256])["checkpoint"], "", ["key-taken"]),
    "written anew": (said(taken=cut(200, other=True)), b"", "", ["fork", "key-taken"]),
    "written anew whole": (said(taken=cut(301, other=True)), b"", "", ["fork"]),
    "cut short": (said(taken=Checkpoint(ORIGIN, 400, b"\x01" * 32)), b"", "", ["rollback"]),
    "two that are longer": (
        said(taken=Checkpoint(ORIGIN, 302, b"\x01" * 32)),
        log_of([*STORY, post(900)])["checkpoint"],
        "",
        ["rollback", "rollback", "fork"],
    ),
    "by the signing key": (texted(*FORM, "ended", signer=SIGNER), b"", "announcement-other", []),
    "by another key": (
        texted(*FORM, "ended", signer=Signer(RECOVERY.name, b"\x06" * 32)), b"", "announcement-other", []),
    "a word changed": (said(has_ended=True).replace(b"03-08", b"03-09"), b"", "announcement-other", []),
    "no note": (b"<!doctype html>\n", b"", "announcement-other", []),
    "of another log": (texted(FORM[0], "other.example/log/x", FORM[2], "ended"), b"", "announcement-unknown", []),
    "of a later form": (texted("wearemany announcement v2", *FORM[1:], "ended"), b"", "announcement-unknown", []),
    "no day": (texted(*FORM[:2], "2026-02-30", "ended"), b"", "announcement-unknown", []),
    "nothing said": (texted(*FORM), b"", "announcement-unknown", []),
    "said twice": (texted(*FORM, "ended", "ended"), b"", "announcement-unknown", []),
    "in another order": (texted(*FORM, "ended", f"taken 200 {ROOT}"), b"", "announcement-unknown", []),
    "another spelling": (texted(*FORM, f"taken 200 {LOOSE}"), b"", "announcement-unknown", []),
    "moved to no key": (texted(*FORM, "moved https://new.example/ nokey"), b"", "announcement-unknown", []),
}  # fmt: skip


def files_with(note: bytes) -> dict[str, bytes]:
    return {**log_of(STORY), "announcement": note}


def heard_by_program(files: dict[str, bytes], earlier: bytes) -> tuple[object, str, list[str]]:
    """Do what `wall recount` does, in memory."""
    shelf = Shelf(files)
    found = announcement_read(shelf, origin=ORIGIN)
    before = open_checkpoint(earlier, SIGNER.verifier) if earlier else None
    shown: tuple[Shown, ...] = vouched(found.says)
    result = heeded(audit(shelf, verifier=SIGNER.verifier, earlier=before, shown=shown), found.says)
    return found.says, found.doubt, [finding.code for finding in result.findings]


def test_page_program_and_an_independent_verifier_hear_the_same(tmp_path: Path) -> None:
    """Theft, successor, end; what was rewritten after a theft; what is not the recovery key's, or not of its form."""
    answers = counted_by_page(
        [log_question(files_with(note), key=KEY, earlier=before) for note, before, _, _ in CASES.values()],
        tmp_path,
    )
    for (name, (note, before, doubt, codes)), answer in zip(CASES.items(), answers, strict=True):
        files = files_with(note)
        says, ours, ours_codes = heard_by_program(files, before)
        theirs, theirs_doubt = verifier.announced(files.get, KEY)
        assert (ours, ours_codes) == (doubt, codes), name
        assert (answer["doubt"], answer["codes"]) == (doubt, codes), name
        assert (theirs_doubt, sorted(verifier.recount(files.get, KEY, before or None)[0])) == (
            doubt,
            sorted(codes),
        ), name
        if doubt:
            assert says is None and theirs is None and answer["announced"] is None, name
            continue
        assert isinstance(says, Announcement)
        taken = says.taken and [says.taken.size, says.taken.root.hex()]
        told = {
            "day": "2026-03-08",
            "taken": taken,
            "moved": says.moved and list(says.moved),
            "ended": says.has_ended,
        }
        assert {key: answer["announced"][key] for key in told} == told, name
        assert theirs.get("moved") == says.moved and bool(theirs.get("ended")) == says.has_ended, name


def test_the_page_says_what_the_lines_before_a_theft_give(tmp_path: Path) -> None:
    """The number up to the last moment that is vouched for, whether it falls inside a file or at the end of one."""
    asked = [log_question(files_with(said(taken=cut(size))), key=KEY) for size in (1, 200, 256, 300)]
    assert [answer["announced"]["posts"] for answer in counted_by_page(asked, tmp_path)] == [0, 199, 255, 299]


@pytest.mark.parametrize("first", [[], long_story(0)])
def test_without_the_key_in_the_first_line_nobody_is_believed(
    first: list[PhaseEntry], tmp_path: Path
) -> None:
    """An empty list, and one that named another recovery key."""
    files = {**log_of(first), "announcement": said(has_ended=True)}
    (answer,) = counted_by_page([log_question(files, key=KEY)], tmp_path)
    assert answer["doubt"] == heard_by_program(files, b"")[1] == verifier.announced(files.get, KEY)[1]
    assert answer["doubt"] == "announcement-other"
