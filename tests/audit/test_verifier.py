"""The page for those who write their own verifier is enough: one that was written from it finds what ours finds."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from tests.audit import verifier
from tests.cast import Cast
from tests.rig import KEYS
from tests.wall.drawn import DAY, opening
from tests.wall.logs import SIGNER, Shelf, files_of, log_of, long_story
from tests.wall.test_recount_page import ODD_LINES, random_entry, tampered
from tests.wall.walls import approved
from wearemany.adapters import server
from wearemany.moderation.services import post_withdraw
from wearemany.tlog.checkpoint import open_checkpoint
from wearemany.tlog.note import Verifier
from wearemany.wall.audit import audit
from wearemany.wall.entry import Entry, RemovedEntry, encode
from wearemany.wall.log import append_pending
from wearemany.wall.queries import tally

KEY = SIGNER.verifier.vkey
PAGE = (Path(__file__).parents[2] / "docs" / "audit" / "verifier.md").read_text("utf-8")


def agree(files: dict[str, bytes], earlier: bytes = b"") -> list[str]:
    """Both verifiers find the same, and count the same where all was counted; returns the findings."""
    findings, figures = verifier.recount(files.get, KEY, earlier or None)
    before = open_checkpoint(earlier, SIGNER.verifier) if earlier else None
    ours = audit(Shelf(files), verifier=SIGNER.verifier, earlier=before)
    assert sorted(findings) == sorted(finding.code for finding in ours.findings)
    if figures is not None:
        assert ours.tally is not None and figures == ours.tally.to_json()
    return findings


def test_it_shares_no_code_with_the_server() -> None:
    """The standard library and a signature, nothing of ours."""
    tree = ast.parse(Path(verifier.__file__ or "").read_text("utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} == {
        "base64", "cryptography", "datetime", "hashlib", "json", "re",
    }  # fmt: skip


def test_every_finding_that_it_knows_is_on_its_page() -> None:
    """No code in the verifier that the page does not name; and its examples of paths are right."""
    source = Path(verifier.__file__ or "").read_text("utf-8")
    for code in (
        "key-other",
        "fork",
        "tile-other",
        "entry-day",
        "of-removed",
        "phase-order",
        "commitment-twice",
    ):
        assert code in source and code in PAGE
    assert verifier.path(0, 1234067, 256) == "tile/0/x001/x234/067" in PAGE
    assert verifier.path("entries", 5, 44) == "tile/entries/005.p/44" in PAGE


@pytest.mark.parametrize("posts", [0, 1, 255, 256, 600])
def test_an_honest_log_adds_up(posts: int) -> None:
    """Whatever its size."""
    assert agree(log_of([*long_story(posts), *([RemovedEntry(DAY, of=1)] if posts else [])])) == []


def test_a_spoilt_log_is_found() -> None:
    """Forks, rollbacks, false signatures, changed entries, missing files."""
    for code, (files, earlier) in tampered().items():
        found = agree(files, earlier)
        assert found == [] if not code else code.split(" ")[0] in found


def test_random_histories_and_odd_lines_count_alike() -> None:
    """Three hundred histories, most of them illegal somewhere, and lines that are nearly entries."""
    chance = random.Random(11)
    found = set()
    for _ in range(300):
        story: list[Entry] = [opening()]
        story += [random_entry(chance, place + 1) for place in range(chance.randrange(30))]
        found |= set(agree(log_of(story)))
    assert {"of-removed", "commitment-twice", "of-no-post", "phase-order"} <= found
    for line in ODD_LINES:
        agree(files_of([encode(opening()), line]))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_it_verifies_what_the_server_really_publishes(committed_cast: Cast) -> None:
    """The public files of a running wall, and the same with one byte of an entry changed."""
    campaign = committed_cast.campaign
    first, *_ = approved(committed_cast, 5)
    append_pending()
    post_withdraw(post=first)
    append_pending()
    key = Verifier(campaign.origin, KEYS.signing_public()).vkey
    prefix = f"log/{campaign.handle}"
    files = {
        name.removeprefix(f"{prefix}/"): server.store().get(name) for name in server.store().list(prefix)
    }
    findings, figures = verifier.recount(files.get, key)
    assert findings == [] and figures == tally(campaign).to_json() and figures["posts"] == 4
    name = verifier.path("entries", 0, figures["entries"])
    spoilt = {**files, name: files[name].replace(b'"people":1', b'"people":2', 1)}
    assert "root-other" in verifier.recount(spoilt.get, key)[0]
