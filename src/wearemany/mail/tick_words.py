"""The two sentences that a mail may hold in the place of ticks, in every language of the interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from django.utils.translation import gettext, override

from wearemany.photos.orders import TICK_WORDS


def tick_words(languages: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return for each tick its sentence in each of the languages."""
    return _read(tuple(languages))


def sentences_in(language: str) -> tuple[str, ...]:
    """Return the sentences of all ticks in one language, in order."""
    return tuple(words[0] for words in _read((language,)).values())


@lru_cache(maxsize=16)
def _read(languages: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for tick, sentence in TICK_WORDS.items():
        translated = []
        for language in languages:
            with override(language):
                translated.append(gettext(sentence))
        found[tick] = tuple(translated)
    return found
