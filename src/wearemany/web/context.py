"""What every page knows: its language, the same page in the others, and this server's public address."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language

from wearemany.languages import INTERFACE_LANGUAGES, direction
from wearemany.rendering.addresses import public_address

CODES = tuple(language.code for language in INTERFACE_LANGUAGES)


@dataclass(frozen=True)
class Door:
    """The same page in one language."""

    code: str
    name: str
    path: str
    is_here: bool


@dataclass(frozen=True)
class Page:
    """The page that is being made. `doors` is empty where the path has no language."""

    language: str
    direction: str
    doors: tuple[Door, ...]
    path: str
    address: str


def page(request: HttpRequest) -> dict[str, Page]:
    """Return the context processor's one variable, `page`."""
    language = get_language() or CODES[0]
    return {
        "page": Page(
            language=language,
            direction=direction(language),
            doors=_doors(request.path, language),
            path=request.path,
            address=public_address(),
        )
    }


def _doors(path: str, here: str) -> tuple[Door, ...]:
    head, _, rest = path.lstrip("/").partition("/")
    if head not in CODES:
        return ()
    return tuple(
        Door(language.code, language.name, f"/{language.code}/{rest}", language.code == here)
        for language in INTERFACE_LANGUAGES
    )
