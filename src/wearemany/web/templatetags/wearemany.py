"""What templates need beyond Django: figures and days as a language writes them, icons, assets, others' words.

No logic: anything worth deciding is decided in `rendering`.
"""

from __future__ import annotations

import datetime

from babel import Locale
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from wearemany.languages import direction
from wearemany.rendering.numerals import day_text, figure_text, locale_of
from wearemany.web import assets
from wearemany.web.icons import svg

register = template.Library()


def _here() -> str:
    return get_language() or "en"


@register.filter
def figure(value: int | float) -> str:
    """Write a number as the page's language does: 19,200 or 19 200."""
    return figure_text(value, _here())


@register.filter
def day(value: datetime.date) -> str:
    """Write a day in words: 19 April 2025. Nothing public is finer than a day."""
    return day_text(value, _here())


@register.filter
def text_direction(tag: str) -> str:
    """Return the `dir` of a text in the language `tag`."""
    return direction(tag)


@register.filter
def language_name(tag: str) -> str:
    """Return the language's name in the page's language; the tag itself when it has none."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name(locale_of(_here()))
    except (ValueError, LookupError):
        return tag
    return name or tag


@register.simple_tag
def icon(name: str) -> SafeString:
    """Show an icon inline."""
    return mark_safe(svg(name))  # noqa: S308 - our own constant drawings, nothing from outside


@register.simple_tag
def asset(name: str) -> str:
    """Return an asset's path."""
    return assets.url(name)


@register.simple_tag
def said(text: str, language: str = "") -> SafeString:
    """Show somebody's words in a bidirectional isolate of their own, with their language when it is known."""
    if language:
        return format_html('<bdi lang="{}" dir="{}">{}</bdi>', language, direction(language), text)
    return format_html("<bdi>{}</bdi>", text)
