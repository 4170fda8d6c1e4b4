"""What happened, as values: items in the reader's language, originals beside them, denials under what they deny."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wearemany.campaigns.models import Campaign, StoryItem
from wearemany.campaigns.story import story_of
from wearemany.campaigns.texts import best_language
from wearemany.rendering.posts import Words, shortened

_NEWS_EXCERPT = 280


@dataclass(frozen=True)
class StoryLine:
    """One item. `original` is None where the reader's own language is the original.

    `earlier` are the words that a revision replaced, newest first; `answers` are what others said to it.
    """

    kind: str
    day: datetime.date
    here: Words
    original: Words | None
    who: str
    side: str
    source_name: str
    source_url: str
    number: str
    help_line: str
    earlier: tuple[Words, ...]
    answers: tuple[StoryLine, ...]

    @property
    def excerpt(self) -> str:
        """The words, shortened for the wall."""
        return shortened(self.here.text, limit=_NEWS_EXCERPT)


def story_view(campaign: Campaign, *, language: str) -> tuple[StoryLine, ...]:
    """Return the story, latest day first; what answers another item stands under it and not by itself."""
    items = list(story_of(campaign))
    heads = {first_version(item): item for item in items}
    under: dict[int, list[StoryItem]] = defaultdict(list)
    top = []
    for item in items:
        answered = heads.get(first_version(item.answers)) if item.answers else None
        if answered is None:
            top.append(item)
        else:
            under[answered.pk].append(item)
    return tuple(_line(item, under, language) for item in top)


def newest_news(campaign: Campaign, *, language: str) -> StoryLine | None:
    """Return the latest announcement, for the wall."""
    item = story_of(campaign).filter(kind="announcement").first()
    return _line(item, {}, language) if item else None


def words_here(item: StoryItem, *, language: str) -> Words:
    """Return an item's words for a reader of `language`, or in the language that serves her best."""
    return _words(item, language)[0]


def first_version(item: StoryItem) -> int:
    """Return the key of an item's first version: an answer stays with what it answers through revisions."""
    while item.revises is not None:
        item = item.revises
    return item.pk


def _line(item: StoryItem, under: dict[int, list[StoryItem]], language: str) -> StoryLine:
    here, original = _words(item, language)
    answers: Sequence[StoryItem] = under.get(item.pk, ())
    return StoryLine(
        kind=item.kind,
        day=item.day,
        here=here,
        original=original,
        who=item.who,
        side=item.side,
        source_name=item.source_name,
        source_url=item.source_url,
        number=item.number,
        help_line=item.help_line,
        earlier=_earlier(item, language),
        answers=tuple(_line(answer, under, language) for answer in reversed(answers)),
    )


def _words(item: StoryItem, language: str) -> tuple[Words, Words | None]:
    texts = {text.language: text.text for text in item.texts.all()}
    original = next((text.language for text in item.texts.all() if text.is_original), language)
    tag = best_language(language, [original, *texts])
    here = Words(texts.get(tag, ""), tag)
    return here, None if tag == original else Words(texts[original], original)


def _earlier(item: StoryItem, language: str) -> tuple[Words, ...]:
    found = []
    while item.revises is not None:
        item = item.revises
        found.append(_words(item, language)[0])
    return tuple(found)
