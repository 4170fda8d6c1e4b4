"""Other people's answers: the open half of the hashtag trial, case by case."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from wearemany.hashtags import extract, extract_html, lookalikes, match_key

TRIALS = (Path(__file__).parents[2] / "../shared/trials").resolve()
PASS_CLASSES = ("must", "should", "script", "dialect", "html")


def cases(name: str) -> list[dict[str, object]]:
    """Read one file of the trials; empty where they do not lie beside the project."""
    path = TRIALS / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def compared(tags: object) -> list[str]:
    assert isinstance(tags, list)
    return [unicodedata.normalize("NFC", tag).casefold() for tag in tags]


pytestmark = pytest.mark.skipif(not TRIALS.exists(), reason="the trials do not lie beside the project")


@pytest.mark.parametrize("kind", PASS_CLASSES)
def test_every_case_of_the_class_gives_an_accepted_answer(kind: str) -> None:
    """Each text of the trial gives one of the lists of tags that count as a pass."""
    chosen = [case for case in cases("hashtags/extract.jsonl") if case["class"] == kind]
    assert chosen
    wrong = []
    for case in chosen:
        found = (extract_html if case["html"] else extract)(str(case["input"]))
        accepted = case["accept"]
        assert isinstance(accepted, list)
        if compared(found) not in [compared(answer) for answer in accepted]:
            wrong.append((case["input"], found, accepted))
    assert wrong == []


def test_no_class_of_the_trial_is_left_out() -> None:
    """A class of cases that we do not know would otherwise never be looked at."""
    assert {case["class"] for case in cases("hashtags/extract.jsonl")} <= set(PASS_CLASSES)


def test_spellings_that_must_be_one_tag_are_one_tag() -> None:
    """The pairs that all parsers or Unicode itself call one have one key."""
    for case in cases("hashtags/sameness.jsonl"):
        if case["class"] in ("must", "must-same", "should"):
            assert match_key(str(case["input"])) == match_key(str(case["expected_key"])), case


def test_keys_are_as_the_trial_writes_them() -> None:
    """Where all parsers agree on the very key, ours is that key."""
    for case in cases("hashtags/sameness.jsonl"):
        if case["class"] in ("must", "should"):
            assert match_key(str(case["input"])) == case["expected_key"]


def test_pairs_made_to_be_confused_are_noticed() -> None:
    """Every pair of the look-alike trial is either one tag or reported as alike, in both directions."""
    for case in cases("names/lookalikes.jsonl"):
        one, two = str(case["a"]), str(case["b"])
        assert [found.other for found in lookalikes(one, [two])] == [two], case
        assert [found.other for found in lookalikes(two, [one])] == [one], case
