"""All addresses of the site. They are public and permanent; `rendering.addresses` builds the same ones."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import SlugConverter, StringConverter

from wearemany.web import start, wall
from wearemany.web.context import CODES


class LanguageConverter(StringConverter):
    """An interface language at the beginning of a path."""

    regex = "|".join(CODES)


class HandleConverter(SlugConverter):
    """A campaign's handle."""

    regex = "[a-z0-9][a-z0-9-]{0,39}"


register_converter(LanguageConverter, "language")
register_converter(HandleConverter, "handle")

START = [
    path("", start.start, name="start"),
    path("<language:language>/", start.campaigns, name="campaigns"),
]

CAMPAIGN = [
    path("<language:language>/<handle:handle>/", wall.wall, name="wall"),
    path("<language:language>/<handle:handle>/page/<int:page>", wall.wall_page, name="wall-page"),
]

urlpatterns = [*START, *CAMPAIGN]
