"""Who must look at a post: pure policy."""

from __future__ import annotations

import itertools

import pytest

from wearemany.darkroom.developed import ADVICE, REASONS
from wearemany.errors import Refused
from wearemany.moderation.policy import PhotoFacts, PostFacts, decide
from wearemany.moderation.reasons import REJECTIONS, REVIEWS, rejection_checked

GOOD = PhotoFacts(verdict="accept", reasons=("wears-the-colour",), advice=(), faces=1)


def facts(photo: PhotoFacts = GOOD, **changes: object) -> PostFacts:
    """Return a post of one photo."""
    return PostFacts(**{"photos": (photo,), "people": 1, **changes})  # type: ignore[arg-type]


def seen(**changes: object) -> PostFacts:
    """Return a post of one photo that is good but for the changes."""
    return facts(PhotoFacts(**{**vars(GOOD), **changes}))  # type: ignore[arg-type]


def test_a_clear_selfie_of_one_person_needs_nobody() -> None:
    """Accepted, one face, one person declared, no advice: approved where only doubtful ones are held."""
    assert decide(facts(), held="doubtful").kind == "approve"


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        (seen(verdict="refer"), "colour-doubtful"),
        (seen(verdict="refuse"), "colour-other"),
        (seen(verdict="something new"), "colour-doubtful"),
        (seen(faces=2), "several-people"),
        (facts(people=2), "several-people"),
        (seen(advice=("several-people",)), "several-people"),
        (seen(advice=("fewer-faces-than-heads",)), "faces-doubtful"),
        (seen(advice=("small-face",)), "faces-doubtful"),
        (seen(advice=("faint-face",)), "faces-doubtful"),
        (seen(advice=("no-face",), faces=0), "faces-doubtful"),
        (seen(faces=0), "faces-doubtful"),
        (facts(photos=()), "colour-doubtful"),
        (facts(door="mail"), "by-mail"),
    ],
)
def test_each_doubt_asks_a_person(post: PostFacts, reason: str) -> None:
    """Every doubt is a review with its reason."""
    outcome = decide(post, held="doubtful")
    assert (outcome.kind, outcome.reasons) == ("review", (reason,))


def test_one_doubtful_photo_of_four_is_enough() -> None:
    """A post is as doubtful as its most doubtful photo."""
    doubtful = PhotoFacts(verdict="refer", reasons=(), advice=("small-face",), faces=1)
    outcome = decide(PostFacts(photos=(GOOD, GOOD, GOOD, doubtful), people=1), held="doubtful")
    assert outcome.reasons == ("colour-doubtful", "faces-doubtful")


def test_where_all_are_held_all_wait() -> None:
    """In careful and dangerous campaigns the clearest selfie waits for a person too."""
    assert decide(facts(), held="all").reasons == ("all-held",)
    assert decide(facts(is_edit=True), held="all").reasons == ("edited",)
    assert decide(facts(), held="a rule that nobody knows").kind == "review"


def test_an_edit_waits_only_for_what_it_changes() -> None:
    """New words of a decided post count at once in an everyday campaign; more people than before do not."""
    doubtful = PhotoFacts(verdict="refer", reasons=(), advice=(), faces=3)
    assert decide(facts(doubtful, is_edit=True), held="doubtful").kind == "approve"
    outcome = decide(facts(people=3, is_edit=True, people_changed=True), held="doubtful")
    assert outcome.reasons == ("several-people",)
    assert decide(facts(people=1, is_edit=True, people_changed=True), held="doubtful").kind == "approve"


def test_no_machine_rejects() -> None:
    """Whatever the darkroom can say, the outcome is approve or review, and its reasons have sentences."""
    verdicts = ("accept", "refer", "refuse")
    advices = [(), *((code,) for code in ADVICE), ADVICE]
    reasons = [(), *((code,) for code in REASONS)]
    for verdict, advice, reason, faces, held in itertools.product(
        verdicts, advices, reasons, range(4), ("doubtful", "all")
    ):
        outcome = decide(seen(verdict=verdict, advice=advice, reasons=reason, faces=faces), held=held)
        assert outcome.kind in ("approve", "review")
        assert set(outcome.reasons) <= set(REVIEWS)
        assert (outcome.kind == "review") == bool(outcome.reasons)


def test_a_rejection_has_a_known_reason() -> None:
    """A reason that is none of ours, or none at all, is refused; each of ours has a kind sentence."""
    for code, sentence in REJECTIONS.items():
        assert rejection_checked(code) == code
        assert sentence.endswith(".")
        assert "refused" not in sentence.lower()
    for code in ("", "ugly"):
        with pytest.raises(Refused):
            rejection_checked(code)
