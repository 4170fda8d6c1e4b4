"""What in a day's posts looks like one hand's work: near pictures, near words, one other colour, close together. Pure.

Nothing here knows of senders or times; posts come in the order in which they were sent, and that is all there is of
it. A cluster is a burst when several of its posts lie close together in that order; what came before its burst is
spared. Which pictures are near each other is found before (`likeness`); a person looks before anything is done.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["picture", "words", "colour"]

BURST, WITHIN = 5, 50
"""So many of one cluster within so many posts are a burst."""
COLOUR_BURST, COLOUR_WITHIN = 15, 30
"""A colour that was not asked for is shared by chance more often than a picture is."""

Groups = Iterable[tuple[str, Sequence[int]]]
"""What each group of posts shares, if that has a name, and their places in the order."""

_WORDS_LEAST = 3
_LETTERS_LEAST = 3
_LONGEST_WORDS = 5
_NOT_LETTERS = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class Sent:
    """One post: the groups of near pictures it belongs to, its words, and the other colour that was seen, if any."""

    post_id: str
    alike: tuple[str, ...] = ()
    caption: str = ""
    other_colour: str = ""


@dataclass(frozen=True)
class Cluster:
    """Posts alike, in their order: `touched` from the first of the burst on, `spared` came before it.

    `key` is what they share, where that has a name: a group of near pictures, a colour.
    """

    kind: Kind
    touched: tuple[str, ...]
    spared: tuple[str, ...]
    key: str = ""

    @property
    def name(self) -> str:
        """What the cluster is called while it grows, also by posts that were sent before and checked later."""
        return f"{self.kind}:{self.key or self.touched[0]}"


def clusters(sent: Sequence[Sent], *, own: frozenset[str] = frozenset()) -> list[Cluster]:
    """Return the bursts among posts in their order, the largest first; `own` are the campaign's words."""
    alike: list[tuple[Kind, Groups, int, int]] = [
        ("picture", _near_pictures(sent), BURST, WITHIN),
        ("words", _near_words(sent, own), BURST, WITHIN),
        ("colour", _other_colours(sent), COLOUR_BURST, COLOUR_WITHIN),
    ]
    found = [
        Cluster(
            kind,
            tuple(sent[at].post_id for at in places[begin:]),
            tuple(sent[at].post_id for at in places[:begin]),
            key,
        )
        for kind, groups, least, within in alike
        for key, places in groups
        if (begin := _burst(places, least=least, within=within)) is not None
    ]
    return sorted(found, key=lambda cluster: (-len(cluster.touched), cluster.name))


def words_of(caption: str) -> frozenset[str]:
    """Return the words of a caption, without signs, numbers and capitals."""
    text = _NOT_LETTERS.sub(" ", unicodedata.normalize("NFKC", caption).casefold())
    return frozenset(text.split())


def _burst(places: Sequence[int], *, least: int, within: int) -> int | None:
    """Return where in the group its burst begins; None when it never lies close together."""
    for at in range(len(places) - least + 1):
        if places[at + least - 1] - places[at] < within:
            return at
    return None


def _near_words(sent: Sequence[Sent], own: frozenset[str]) -> Groups:
    """Return groups of posts that share their longest words, of those that several posts have.

    A word that hardly anybody has is what raiders put in to look different; the campaign's own words everybody has.
    """
    words = [words_of(post.caption) - own for post in sent]
    posts_with = Counter(word for some in words for word in some)
    groups: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for at, some in enumerate(words):
        shared = sorted(
            (word for word in some if len(word) >= _LETTERS_LEAST and posts_with[word] >= BURST),
            key=lambda word: (-len(word), word),
        )
        if len(shared) >= _WORDS_LEAST:
            groups[frozenset(shared[:_LONGEST_WORDS])].append(at)
    return [("", places) for places in groups.values()]


def _other_colours(sent: Sequence[Sent]) -> Groups:
    seen = Counter(post.other_colour for post in sent if post.other_colour)
    return [(colour, [at for at, post in enumerate(sent) if post.other_colour == colour]) for colour in seen]


def _near_pictures(sent: Sequence[Sent]) -> Groups:
    """Return the groups of near pictures that several posts belong to, each post in one of them."""
    posts_with = Counter(group for post in sent for group in set(post.alike))
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for at, post in enumerate(sent):
        if post.alike:
            groups[max(post.alike, key=lambda group: (posts_with[group], group))].append(at)
    return groups.items()
