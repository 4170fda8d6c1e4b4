"""The parts of a path that mean something: an interface language, a campaign's handle. Importing registers them."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import SlugConverter, StringConverter

from wearemany.web.context import CODES


class LanguageConverter(StringConverter):
    """An interface language at the beginning of a path."""

    regex = "|".join(CODES)


class HandleConverter(SlugConverter):
    """A campaign's handle."""

    regex = "[a-z0-9][a-z0-9_-]{0,39}"


register_converter(LanguageConverter, "language")
register_converter(HandleConverter, "handle")
