"""A mirror's wall: pages of pictures without scripts, with the number and its signed count on each.

Values in, bytes out. Pages are numbered from the oldest pictures, so that a page that is full stays as it is until
something of it is taken back; a reader begins with the newest. Of a post there is its picture and its place, no word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from wearemany.errors import N_
from wearemany.wall.mirrors.pictures_note import ListedPicture

ON_A_PAGE = 60
_NAME = "wall"


class _Shown(Protocol):
    @property
    def pictures(self) -> tuple[ListedPicture, ...]: ...


class _Page(Protocol):
    """What a gallery needs of the page that it fills: `mirror_page.Page` has it."""

    language: str

    @property
    def shown(self) -> _Shown: ...
    def text(self, text: str, **values: object) -> str: ...
    def number(self) -> str: ...
    def document(self, main: str, *, name: str) -> str: ...


def page_name(page: int) -> str:
    """Return a page's file name without language and ending."""
    return f"{_NAME}.{page}"


def is_gallery_page(file: str) -> bool:
    """Tell whether a file's name is that of a page of pictures."""
    return file.startswith(f"{_NAME}.") and file.endswith(".html")


def last_page(pictures: Sequence[ListedPicture]) -> int:
    """Return the number of the page with the newest pictures; the first is 1."""
    return max(1, -(-len(pictures) // ON_A_PAGE))


def gallery_pages(page: _Page) -> dict[str, bytes]:
    """Return the pages of pictures in the page's language; none where there are no pictures."""
    pictures = page.shown.pictures
    if not pictures:
        return {}
    last = last_page(pictures)
    return {
        f"{page_name(number)}.{page.language}.html": _made(page, number, last).encode()
        for number in range(1, last + 1)
    }


def _made(page: _Page, number: int, last: int) -> str:
    here = page.shown.pictures[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    tiles = "".join(_tile(page, picture) for picture in reversed(here))
    back = page.text(N_("To the number and the addresses"))
    ways = _ways(page, number, last)
    main = (
        f'{page.number()}<p><a href="index.{page.language}.html">{back}</a></p>\n{ways}'
        f'<ul class="wall">\n{tiles}</ul>\n{ways}'
    )
    return page.document(main, name=page_name(number))


def _tile(page: _Page, picture: ListedPicture) -> str:
    says = page.text(N_("Post %(number)s"), number=picture.position)
    image = f'<img src="{picture.path}" alt="{says}" loading="lazy">'
    return f"<li><figure>{image}<figcaption>{says}</figcaption></figure></li>\n"


def _ways(page: _Page, number: int, last: int) -> str:
    links = []
    if number < last:
        links.append((number + 1, page.text(N_("Newer pictures"))))
    if number > 1:
        links.append((number - 1, page.text(N_("Older pictures"))))
    made = "".join(f'<a href="{page_name(to)}.{page.language}.html">{words}</a>\n' for to, words in links)
    return f'<nav class="ways">\n{made}</nav>\n' if links else ""
