"""The word of the day, to be held up on paper: it shows that a picture was taken now and for this, not found somewhere.

Nothing of it is kept: it follows from the server's pepper, the campaign and the day that a post was received on. Around
midnight the page may have shown the word of the day before, so both count.
"""

from __future__ import annotations

import datetime

from wearemany.adapters import server, words
from wearemany.languages import INTERFACE_LANGUAGES


def word_of_day(origin: str, day: datetime.date, *, language: str) -> str:
    """Return a campaign's word of a day in a language; the same on every node, and nobody can know tomorrow's."""
    mark = server.keys().peppered(f"{origin} {day.isoformat()}".encode(), purpose="word of the day")
    return words.load(language)[int.from_bytes(mark[:8]) % words.LIST_LENGTH]


def words_taken(origin: str, day: datetime.date) -> tuple[str, ...]:
    """Return every form of the word that a picture received on a day may show: in each language, yesterday's too."""
    days = (day, day - datetime.timedelta(days=1))
    return tuple(
        word_of_day(origin, one, language=language.code) for one in days for language in INTERFACE_LANGUAGES
    )
