"""Who must look at a post: what the machine saw and the campaign's preset, made into approve or review. Pure.

No post is ever rejected here. A verdict is advice; the worst it does is to ask a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["approve", "review"]

_FACE_ADVICE = frozenset({"small-face", "faint-face", "fewer-faces-than-heads", "no-face"})
_SEVERAL = "several-people"


@dataclass(frozen=True)
class PhotoFacts:
    """What the darkroom said of one photo."""

    verdict: str
    reasons: tuple[str, ...]
    advice: tuple[str, ...]
    faces: int


@dataclass(frozen=True)
class PostFacts:
    """What policy may know of a post: its photos, the people declared, whether it is an edit of a decided one.

    `door` is the way it came in: empty for the page, `mail` for a letter. `link_added`: it leads to a place
    elsewhere that nobody has looked at yet. `is_held`: everything that this group sends waits. `is_like_refused`:
    a person refused a picture like it lately. `is_alike`: as many with nearly the same picture came before as pass by
    themselves. `asks_word`: only a person can see whether the word of the day is there.
    """

    photos: tuple[PhotoFacts, ...]
    people: int
    is_edit: bool = False
    people_changed: bool = False
    door: str = ""
    link_added: bool = False
    is_held: bool = False
    is_like_refused: bool = False
    is_alike: bool = False
    asks_word: bool = False


@dataclass(frozen=True)
class PolicyOutcome:
    """Approve, or review with the codes of why; the codes are those of `reasons.REVIEWS`."""

    kind: Outcome
    reasons: tuple[str, ...] = ()


def decide(facts: PostFacts, *, held: str) -> PolicyOutcome:
    """Return what becomes of a post under the preset's rule `held` ("doubtful" or "all").

    An edit is judged by its words alone, since its pictures were decided before: it waits where everything
    waits, where it changes how many people are counted, and where it leads elsewhere.
    """
    doubts = _edit_doubts(facts) if facts.is_edit else _doubts(facts)
    if held != "doubtful":
        doubts = ("edited" if facts.is_edit else "all-held", *doubts)
    if not doubts:
        return PolicyOutcome("approve")
    return PolicyOutcome("review", tuple(dict.fromkeys(doubts)))


def may_miss_a_face(facts: PostFacts) -> bool:
    """Tell whether a person has to look if every face is to be covered: one may not have been found."""
    found = sum(photo.faces for photo in facts.photos)
    return facts.people > found or any(
        photo.faces == 0 or _FACE_ADVICE & set(photo.advice) for photo in facts.photos
    )


def _doubts(facts: PostFacts) -> tuple[str, ...]:
    # Nobody read the page before this photo was sent, and anybody can write any sender's name on a letter.
    doubts = ["by-mail"] if facts.door == "mail" else []
    # Somebody else spoke for who is in the picture; for minors that is never enough without a second look.
    doubts += ["group-minors"] if facts.door == "minors" else []
    doubts += ["group-held"] if facts.is_held else []
    doubts += ["like-refused"] if facts.is_like_refused else []
    doubts += ["alike"] if facts.is_alike else []
    doubts += ["word"] if facts.asks_word else []
    doubts += ["unproven"] if facts.door == "unproven" else []
    verdicts = {photo.verdict for photo in facts.photos}
    if "refuse" in verdicts:
        doubts.append("colour-other")
    if verdicts - {"accept", "refuse"}:
        doubts.append("colour-doubtful")
    if facts.people > 1 or any(_is_several(photo) for photo in facts.photos):
        doubts.append("several-people")
    if any(photo.faces == 0 or _FACE_ADVICE & set(photo.advice) for photo in facts.photos):
        doubts.append("faces-doubtful")
    if not facts.photos:
        doubts.append("colour-doubtful")
    if facts.link_added:
        doubts.append("link")
    return tuple(doubts)


def _edit_doubts(facts: PostFacts) -> tuple[str, ...]:
    several = ("several-people",) if facts.people_changed and facts.people > 1 else ()
    return (*several, "link") if facts.link_added else several


def _is_several(photo: PhotoFacts) -> bool:
    return photo.faces > 1 or _SEVERAL in _both(photo.advice, photo.reasons)


def _both(advice: Sequence[str], reasons: Sequence[str]) -> set[str]:
    return {*advice, *reasons}
