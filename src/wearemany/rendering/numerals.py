"""Numbers and days as a language writes them. English days are written day first, as most readers of English do.

What was written lately is kept: the same days and numbers stand in one page after another.
"""

from __future__ import annotations

import datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal


@lru_cache(maxsize=16)
def locale_of(language: str) -> Locale:
    """Return the locale that a language of the interface is written in."""
    return Locale.parse("en-GB" if language == "en" else language, sep="-")


@lru_cache(maxsize=4096)
def figure_text(value: float, language: str) -> str:
    """Write a number: 19,200 or 19 200."""
    return format_decimal(value, locale=locale_of(language))


@lru_cache(maxsize=4096)
def day_text(value: datetime.date, language: str) -> str:
    """Write a day in words: 19 April 2025. Nothing public is finer than a day."""
    return format_date(value, format="long", locale=locale_of(language))
