"""What every page knows: its language, the same page in the others, and the same page behind every door."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.translation import get_language

from wearemany.adapters import server
from wearemany.doors import Door, door_at
from wearemany.languages import INTERFACE_LANGUAGES, direction

CODES = tuple(language.code for language in INTERFACE_LANGUAGES)


@dataclass(frozen=True)
class LanguageLink:
    """The same page in one language."""

    code: str
    name: str
    path: str
    is_here: bool


@dataclass(frozen=True)
class OtherDoor:
    """The same page behind another door."""

    door: Door
    url: str


@dataclass(frozen=True)
class Page:
    """The page that is being made. `languages` is empty where the path has none, `others` where there is one door.

    `address` is what whole addresses on the page begin with: the door through which it was asked for.
    """

    language: str
    direction: str
    languages: tuple[LanguageLink, ...]
    path: str
    address: str
    others: tuple[OtherDoor, ...]


def page(request: HttpRequest) -> dict[str, Page]:
    """Return the context processor's one variable, `page`."""
    language = get_language() or CODES[0]
    return {
        "page": Page(
            language=language,
            direction=direction(language),
            languages=_languages(request.path, language),
            path=request.path,
            address=door_of(request).origin,
            others=tuple(OtherDoor(door, door.url(request.path)) for door in other_doors(request)),
        )
    }


def door_of(request: HttpRequest) -> Door:
    """Return the door through which a request came; the main one where its host is allowed but no door.

    Nothing on a page is ever built from the `Host` header itself.
    """
    doors = server.doors()
    return door_at(host_of(request), doors) or doors[0]


def other_doors(request: HttpRequest) -> tuple[Door, ...]:
    """Return every door but the one that the reader stands in; all of them to who came by none of ours."""
    here = door_of(request) if host_of(request) else None
    return tuple(door for door in server.doors() if door != here)


def host_of(request: HttpRequest) -> str:
    """Return the request's host in small letters; empty where it is none of ours."""
    try:
        return request.get_host().lower()
    except DisallowedHost:
        return ""


def _languages(path: str, here: str) -> tuple[LanguageLink, ...]:
    head, _, rest = path.lstrip("/").partition("/")
    if head not in CODES:
        return ()
    return tuple(
        LanguageLink(language.code, language.name, f"/{language.code}/{rest}", language.code == here)
        for language in INTERFACE_LANGUAGES
    )
