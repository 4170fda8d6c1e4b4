"""The recount page: counts as the program does, under a policy that allows nothing but itself, in old browsers too."""

from __future__ import annotations

import base64
import hashlib
import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import esprima
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.wall.drawn import DAY, opening, post
from tests.wall.logs import SIGNER, STORY, Shelf, files_of, log_of, long_story
from tests.wall.recounting import counted_by_page, in_base64, log_question
from tests.web.html import Reading, foreign
from tests.web.test_old_browsers import too_new
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.tlog.checkpoint import open_checkpoint
from wearemany.tlog.note import Signer, verify
from wearemany.wall.audit import audit
from wearemany.wall.entry import (
    AmendEntry,
    Entry,
    Phase,
    PhaseEntry,
    PostEntry,
    RemovedEntry,
    UnknownEntry,
    encode,
)
from wearemany.wall.recounting.page import page_note, recount_page
from wearemany.wall.recounting.words import WORDS

ORDER = 2**252 + 27742317777372353535851937790883648493
OTHER = Signer(SIGNER.name, bytes(range(1, 33)))
KEY = SIGNER.verifier.vkey
PAGE = recount_page()
TEXT = PAGE.content.decode()


def agree(cases: list[tuple[dict[str, bytes], bytes]], folder: Path) -> list[list[str]]:
    """The page and the program find the same in every case; returns the codes."""
    answers = counted_by_page(
        [log_question(files, key=KEY, earlier=earlier) for files, earlier in cases], folder
    )
    codes = []
    for (files, earlier), answer in zip(cases, answers, strict=True):
        before = open_checkpoint(earlier, SIGNER.verifier) if earlier else None
        ours = audit(Shelf(files), verifier=SIGNER.verifier, earlier=before)
        assert answer["codes"] == [finding.code for finding in ours.findings]
        places = [item.index if item.index is not None else item.path for item in ours.findings]
        for theirs, place in zip(answer["where"], places, strict=True):
            assert theirs is None or theirs == place or place == "checkpoint"
        assert answer["tally"] == (dict(ours.tally.to_json()) if ours.tally and not _illegal(ours) else None)
        codes.append(answer["codes"])
    return codes


def _illegal(result: Any) -> bool:
    return any(finding.index is not None for finding in result.findings)


@pytest.mark.parametrize("posts", [0, 1, 254, 255, 256, 257, 600])
def test_an_honest_log_adds_up_in_the_page(posts: int, tmp_path: Path) -> None:
    """Whatever the size: no finding, and the program's own figures."""
    story = [*long_story(posts), *([RemovedEntry(DAY, of=1)] if posts else [])]
    assert agree([(log_of(story), b"")], tmp_path) == [[]]


def random_entry(chance: random.Random, size: int) -> Entry:
    """Return an entry that may be legal after `size` others, or not."""
    day = date(2026, 1, 1 + chance.randrange(28))
    of = chance.randrange(1, min(size, 4) + 2)
    kind = chance.randrange(12)
    if kind < 6:
        return PostEntry(
            day, bytes([chance.randrange(4)]) * 32 if kind == 0 else chance.randbytes(32), chance.randrange(1, 5),
            chance.randrange(1, 100), chance.random() < 0.5, chance.random() < 0.2,
        )  # fmt: skip
    if kind < 8:
        return AmendEntry(
            day, of, people=chance.randrange(1, 100), colour=chance.choice([None, True, False]),
            commitment=chance.choice([None, chance.randbytes(32)]), repeat=chance.choice([None, True]),
        )  # fmt: skip
    if kind < 10:
        return RemovedEntry(day, of)
    if kind == 10 and chance.random() < 0.3:
        phase = chance.choice([Phase.PAUSED, Phase.RESUMED, Phase.CLOSED])
        return PhaseEntry(day, phase, bytes(32))
    return UnknownEntry(day, "jubilee", f'{{"day":"{day}","kind":"jubilee","v":1}}'.encode())


@pytest.mark.parametrize(("histories", "seed"), [(80, 7), pytest.param(3000, 8, marks=pytest.mark.long)])
def test_any_history_counts_alike_in_page_and_program(histories: int, seed: int, tmp_path: Path) -> None:
    """Random histories, most of them illegal somewhere: the same finding at the same line, the same figures."""
    chance = random.Random(seed)
    cases = []
    for _ in range(histories):
        story: list[Entry] = [opening()]
        for _ in range(chance.randrange(25)):
            story.append(random_entry(chance, len(story)))
        cases.append((log_of(story), b""))
    codes = {code for found in agree(cases, tmp_path) for code in found}
    assert {"of-removed", "of-no-post", "commitment-twice"} <= codes


ODD_LINES = (
    b"", b"{}", b"x" * 513, b'{"day":"2026-02-29","kind":"removed","of":1,"v":1}', b"\xff" * 9,
    b'{"day":"0000-01-01","kind":"removed","of":1,"v":1}', b'{"day":"2026-11-23","kind":"removed","of":1,"v":2}',
    b'{"day":"2026-11-23","kind":"removed","of":0,"v":1}', b'{"day":"2026-11-23","kind":"jubilee","v":true}',
    b'{"day":"2026-11-23","kind":"jubilee","v":1,"v":1}', b'{"day":"20261123","kind":"jubilee","v":1}',
    b'{"kind":"jubilee","day":"2026-11-23","v":1}', b'{"day":"2026-11-23","kind":"constructor","v":1}',
    b'{"a":"{,:","day":"2026-11-23","kind":"jubilee","v":1}', b'{"day":"2026-11-23","kind":"removed","of":1,"v":1}\n',
    b'{"day":"2026-11-23","kind":7,"v":1}', b'{"day":"2026-11-23","kind":"x","v":01}',
    b'{"day":"2024-02-29","kind":"x","v":1}',
)  # fmt: skip


def test_odd_lines_are_odd_in_page_and_program_alike(tmp_path: Path) -> None:
    """Wrong forms, versions and days, kinds of later versions, names that a script language knows by itself."""
    start = [encode(opening()), encode(post(1))]
    codes = agree([(files_of([*start, line]), b"") for line in ODD_LINES], tmp_path)
    assert {found[0] for found in codes if found} == {
        "entry-too-long", "entry-form", "entry-version", "entry-day",
    }  # fmt: skip
    assert codes[12] == codes[13] == codes[17] == []


def tampered() -> dict[str, tuple[dict[str, bytes], bytes]]:
    """Return a log of 300 posts spoilt in every way, by what has to be found first."""
    honest = log_of(long_story(300))
    shorter, longer = log_of(long_story(200)), log_of(long_story(310))
    other = log_of([opening(), *(post(number + 1000) for number in range(1, 301))])

    def without(path: str) -> dict[str, bytes]:
        return {name: content for name, content in honest.items() if name != path}

    body, _, _ = longer["checkpoint"].rpartition(b"\n\n")
    entry = honest["tile/entries/000"]
    return {
        "": (honest, shorter["checkpoint"]),
        "checkpoint-missing": (without("checkpoint"), b""),
        "checkpoint-malformed": ({**honest, "checkpoint": b"nothing"}, b""),
        "signature-false": (
            {**honest, "checkpoint": body + b"\n\n" + honest["checkpoint"].rpartition(b"\n\n")[2]},
            b"",
        ),
        "key-other": (files_of([encode(one) for one in long_story(300)], OTHER), b""),
        "bundle-missing": (without("tile/entries/001.p/45"), b""),
        "bundle-malformed": ({**honest, "tile/entries/000": entry[:-1]}, b""),
        "tile-missing": (without("tile/0/000"), b""),
        "tile-other": ({**honest, "tile/entries/000": entry.replace(b'"people":1', b'"people":9', 1)}, b""),
        "root-other": (
            {**honest, "checkpoint": log_of([*long_story(299), post(999)])["checkpoint"]},
            b"",
        ),
        "rollback": (honest, longer["checkpoint"]),
        "fork": (honest, log_of([opening(), *(post(n + 1000) for n in range(1, 201))])["checkpoint"]),
        "fork at one size": (honest, other["checkpoint"]),
    }  # fmt: skip


def test_every_kind_of_tampering_has_its_own_code(tmp_path: Path) -> None:
    """Forks, rollbacks, bad signatures, a changed entry, a missing file: told apart, as the program does."""
    cases = tampered()
    cases.pop("fork at one size")
    found = agree(list(cases.values()), tmp_path)
    assert [codes[0] if codes else "" for codes in found] == list(cases)
    for code in cases:
        assert not code or code in WORDS


@pytest.mark.parametrize("every", [17, pytest.param(1, marks=pytest.mark.long)])
def test_every_single_flipped_byte_of_a_small_log_is_found_by_the_page(every: int, tmp_path: Path) -> None:
    """No byte of any file of the log can be another one."""
    files = log_of(STORY)
    del files["vkey"]
    questions = []
    for path, content in files.items():
        for place in range(0, len(content), every):
            spoilt = bytearray(content)
            spoilt[place] ^= (1, 0x20, 0xFF)[place % 3 - 1]
            questions.append(log_question({**files, path: bytes(spoilt)}, key=KEY))
    assert all(answer["codes"] for answer in counted_by_page(questions, tmp_path))


def test_signatures_are_judged_as_a_kept_library_judges_them(tmp_path: Path) -> None:
    """True ones of many keys and lengths; and wrong bits, a scalar that is not reduced, points that are none."""
    chance = random.Random(9)
    questions, expected = [], []
    for length in (0, 1, 63, 64, 111, 112, 127, 128, 300):
        seed, message = chance.randbytes(32), chance.randbytes(length)
        key = Ed25519PrivateKey.from_private_bytes(seed)
        public, signature = key.public_key().public_bytes_raw(), key.sign(message)
        spoilt = bytearray(signature)
        spoilt[length % 64] ^= 1 << length % 8
        unreduced = signature[:32] + (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
        for tried, holder, said, good in (
            (signature, public, message, True), (bytes(spoilt), public, message, False),
            (unreduced, public, message, False), (signature, public, message + b"x", False),
            (signature, chance.randbytes(32), message, False), (signature, b"\xff" * 32, message, False),
            (signature[:63], public, message, False),
        ):  # fmt: skip
            questions.append(
                {"signature": in_base64(tried), "key": in_base64(holder), "message": in_base64(said)}
            )
            expected.append(good)
    assert counted_by_page(questions, tmp_path) == expected


def test_hashes_are_those_of_the_standard(tmp_path: Path) -> None:
    """SHA-256 and SHA-512 of every length around their blocks."""
    texts = [bytes(range(256))[:length] or b"-" for length in range(1, 257)]
    answers = counted_by_page([{"hash": in_base64(text)} for text in texts], tmp_path)
    assert answers == [[hashlib.sha256(text).hexdigest(), hashlib.sha512(text).hexdigest()] for text in texts]


def script_of(page: str) -> str:
    found = re.search(r"<script>(.*)</script>", page, re.DOTALL)
    assert found
    return found[1]


def style_of(page: str) -> str:
    found = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert found
    return found[1]


def test_the_page_allows_nothing_but_itself() -> None:
    """Its own policy names its script and style by their digests; nothing is loaded; nothing is left to fill in."""
    for text in (script_of(TEXT), style_of(TEXT)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in PAGE.policy and f"'sha256-{digest}'" in TEXT
    assert PAGE.policy.startswith("default-src 'none'") and "unsafe" not in PAGE.policy
    reading = Reading(TEXT)
    assert [fault for fault in reading.faults if "inline" not in fault] == []
    assert foreign(reading, allowed=("recount.html",)) == []
    assert not re.search(r"@[A-Z]+@", TEXT)
    assert not re.search(r"\beval\(|innerHTML|document\.write|document\.cookie|sessionStorage|XMLHttp", TEXT)


def test_the_page_is_for_browsers_of_2018() -> None:
    """ES2017, style sheets for Chrome 64, no big integers, no modules."""
    esprima.parseScript(script_of(TEXT))
    assert too_new(style_of(TEXT)) == []
    newer = (
        r"\bBigInt\b|\d+n\b|\.flat\(|\.at\(|\?\.|\?\?|\bAbortController\b|replaceAll|matchAll|\bglobalThis\b"
    )
    assert not re.search(newer, script_of(TEXT))


def test_the_page_speaks_every_language_of_the_interface() -> None:
    """All its words are in it, and none of them is of the code alone."""
    for language in INTERFACE_LANGUAGES:
        assert f'"": "{language.name}"' in TEXT
    assert "Посчитать" in TEXT and "Всё сходится." in TEXT
    for key in re.findall(r'(?:say\(|data-t=)"(\w+)"', TEXT):
        assert key in WORDS
    words = " ".join(WORDS.values()).lower()
    assert not re.search(r"\b(tile|bundle|checkpoint|receipt|tally|verdict|entry)s?\b", words)


def test_the_page_is_the_same_everywhere_and_its_digest_is_signed() -> None:
    """Nothing of a server is in it; a note under the server's key says digest and length."""
    assert len(PAGE.content) < 100_000
    note = verify(page_note(SIGNER), SIGNER.verifier)
    assert note.text == (
        f"wearemany recount page v1\n{SIGNER.name}\nsha256 {hashlib.sha256(PAGE.content).hexdigest()}\n"
        f"bytes {len(PAGE.content)}\n"
    )
