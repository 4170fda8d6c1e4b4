"""The pages of a mirror: static HTML without scripts, in every language of the interface, and their one style sheet.

Values in, bytes out; only the catalogues of the interface are read from disk. Pages load nothing from anywhere and
may send nothing: their policy stands in them, since nobody knows what server will show them.
"""

from __future__ import annotations

import datetime
import gettext
from dataclasses import dataclass
from html import escape
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from wearemany.doors import ONION
from wearemany.errors import N_
from wearemany.languages import INTERFACE_LANGUAGES, direction
from wearemany.wall.audit import CHECKPOINT_PATH
from wearemany.wall.doors_note import PATH as DOORS_PATH
from wearemany.wall.doors_note import DoorsList, ListedDoor
from wearemany.wall.mirrors.days import day_path
from wearemany.wall.mirrors.gallery import gallery_pages, last_page, page_name
from wearemany.wall.mirrors.pictures_note import ListedPicture
from wearemany.wall.mirrors.words import CampaignWords, PageWords
from wearemany.wall.recounting.page import PAGE_PATH as RECOUNT_PAGE_PATH

STYLE = "mirror.css"
POLICY = "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
_LOCALE = Path(__file__).resolve().parents[2] / "locale"
_STYLE_FILE = Path(__file__).with_name(STYLE)


@dataclass(frozen=True)
class Counted:
    """The number as it was counted from the copy: posts on the wall, the day of the newest line, and all lines."""

    posts: int
    day: datetime.date | None
    lines: int


@dataclass(frozen=True)
class Shown:
    """What the pages show; all but the campaign's words was verified. `days`, newest first, have a signed count."""

    handle: str
    vkey: str
    counted: Counted
    copied: datetime.date
    doors: DoorsList | None
    pictures: tuple[ListedPicture, ...] = ()
    days: tuple[datetime.date, ...] = ()
    is_stale: bool = False


def pages(shown: Shown, words: CampaignWords, *, language: str) -> dict[str, bytes]:
    """Return the files: a page per language, `index.html` in `language`, and the style sheet."""
    made = {
        f"index.{each.code}.html": Page(shown, _words(words, each.code), each.code).html().encode()
        for each in INTERFACE_LANGUAGES
    }
    for each in INTERFACE_LANGUAGES:
        made |= gallery_pages(Page(shown, _words(words, each.code), each.code))
    return {**made, "index.html": made[f"index.{language}.html"], STYLE: _STYLE_FILE.read_bytes()}


def _words(words: CampaignWords, language: str) -> PageWords:
    return words.get(language) or next(iter(words.values()), PageWords())


class Page:
    """One page in the making."""

    def __init__(self, shown: Shown, words: PageWords, language: str) -> None:
        self.shown = shown
        self.words = words
        self.language = language
        # English days are written day first, as on the server's own pages.
        self.locale = Locale.parse("en_GB" if language == "en" else language)
        catalogue = gettext.translation("django", _LOCALE, languages=[language], fallback=True)
        self.say = catalogue.gettext
        self.say_many = catalogue.ngettext

    def html(self) -> str:
        """Return the page that comes first."""
        main = f"{self._warning()}{self.number()}{self._pictures()}{self._doors()}{self._check()}"
        return self.document(main, name="index")

    def document(self, main: str, *, name: str) -> str:
        """Return a whole page around its main part; `name` is that of its file, without language and ending."""
        phrase = escape(self.words.phrase or self.words.hashtag or self.shown.handle)
        kind = self.text(N_("A copy of the wall"))
        spoken = f' lang="{self.words.phrase_language}"' if self.words.phrase_language else ""
        return (
            f'<!doctype html>\n<html lang="{self.language}" dir="{direction(self.language)}">\n<head>\n'
            f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            f"<title>{phrase}</title>\n"
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
            '<meta name="robots" content="noindex">\n'
            f'<link rel="stylesheet" href="{STYLE}">\n<link rel="c2sp-tlog" href="./">\n</head>\n<body>\n<main>\n'
            f'<p class="kind">{kind}</p>\n'
            f'<h1{spoken} dir="auto">{phrase}</h1>\n'
            f"{main}</main>\n{self._foot(name)}</body>\n</html>\n"
        )

    def text(self, text: str, **values: object) -> str:
        """Return a text in the page's language, escaped; values are text, or HTML that is escaped already."""
        return escape(self.say(text), quote=False) % values if values else escape(self.say(text), quote=False)

    def number(self) -> str:
        """Return the number, what was counted, and under which signed count."""
        counted = self.shown.counted
        unit = self.say_many("post on the wall", "posts on the wall", counted.posts)
        figure = format_decimal(counted.posts, locale=self.locale)
        signed = self.text(N_("Signed count of %(day)s"), day=self.day(counted.day)) if counted.day else ""
        hashtag = (
            f'<p class="tag" dir="auto">{escape(self.words.hashtag)}</p>\n' if self.words.hashtag else ""
        )
        call = f'<p dir="auto">{escape(self.words.call)}</p>\n' if self.words.call else ""
        copied = self.text(
            N_("Counted from this copy, which was made on %(day)s"), day=self.day(self.shown.copied)
        )
        words = self.text(N_("The words above were copied from the wall's pages; only the count is signed."))
        return (
            f'<p class="number"><strong>{figure}</strong> {escape(unit)}</p>\n{hashtag}{call}'
            f'<p class="soft">{copied}<br>{signed}<br>{words}</p>\n'
        )

    def _warning(self) -> str:
        if not self.shown.is_stale:
            return ""
        says = self.text(
            N_(
                "This copy has not reached the wall for more than a day. The number may have grown, and pictures that "
                "were taken back since may still be here."
            )
        )
        return f'<p class="warning"><strong>{says}</strong></p>\n'

    def _pictures(self) -> str:
        if not self.shown.pictures:
            return ""
        title = self.text(N_("See the pictures"))
        says = self.text(N_("Here are those whose authors agreed that copies may show them."))
        href = f"{page_name(last_page(self.shown.pictures))}.{self.language}.html"
        return f'<section>\n<h2><a href="{href}">{title}</a></h2>\n<p>{says}</p>\n</section>\n'

    def _doors(self) -> str:
        title = self.text(N_("To see the pictures and to post, go to a working address"))
        doors = self.shown.doors
        if doors is None or not doors.for_posting:
            none = self.text(N_("This copy has no signed list of addresses. Ask the organisers for one."))
            return f"<section>\n<h2>{title}</h2>\n<p>{none}</p>\n</section>\n"
        next_one = self.text(N_("If the first does not open, take the next: all lead to the same wall."))
        signed = self.text(N_("List signed by the server on %(day)s"), day=self.day(doors.day))
        title_of_copies = self.text(N_("Copies that others keep"))
        own = "".join(self._door(door) for door in doors.for_posting)
        others = "".join(
            f'<li><a href="{escape(door.url)}" rel="noreferrer">{escape(door.url)}</a></li>\n'
            for door in doors.doors
            if not door.takes_posts
        )
        copies = (
            f"<details>\n<summary>{title_of_copies}</summary>\n<ul>\n{others}</ul>\n</details>\n"
            if others
            else ""
        )
        return (
            f"<section>\n<h2>{title}</h2>\n"
            f"<p>{next_one}</p>\n"
            f'<ul class="doors">\n{own}</ul>\n{copies}'
            f'<p class="soft">{signed}'
            f"</p>\n</section>\n"
        )

    def _door(self, door: ListedDoor) -> str:
        words = N_("For Tor Browser") if door.kind == ONION else N_("For any browser")
        url = escape(f"{door.url}/{self.language}/{self.shown.handle}/")
        return (
            f'<li><a href="{url}" rel="noreferrer">{escape(door.netloc)}</a> '
            f'<span class="soft">{self.text(words)}</span></li>\n'
        )

    def _check(self) -> str:
        proves = self.text(
            N_(
                "The whole list was counted again when this copy was made, and its signature fits. This copy has no "
                "names and no words of those who posted."
            )
            if self.shown.pictures
            else N_(
                "The whole list was counted again when this copy was made, and its signature fits. This copy has no "
                "pictures, no names and no words of those who posted."
            )
        )
        how = self.text(
            N_(
                "With the program installed, on any computer, you can count this copy again yourself; put the address "
                "of this page in place of ADDRESS:"
            )
        )
        key = self.text(
            N_(
                "The key should reach you by another way than this page too: in print, from a friend, from a newspaper."
            )
        )
        in_browser = self.text(N_("Count it again in this browser"))
        title, files_are = self.text(N_("Check the number yourself")), self.text(N_("The files"))
        command = escape(f"wearemany wall recount ADDRESS --key '{self.shown.vkey}'", quote=False)
        files = " · ".join(
            f'<a href="{name}">{name}</a>' for name in (CHECKPOINT_PATH, "vkey", *self._note_file())
        )
        return (
            f"<section>\n<h2>{title}</h2>\n<p>{proves}</p>\n"
            f'<p><a href="{RECOUNT_PAGE_PATH}#lang={self.language}">{in_browser}</a></p>\n<p>{how}</p>\n'
            f'<code>{command}</code>\n<p class="soft">{key}</p>\n{self._days()}'
            f'<p class="soft">{files_are}: {files}</p>\n</section>\n'
        )

    def _days(self) -> str:
        if not self.shown.days:
            return ""
        title = self.text(N_("The signed count of each day"))
        says = self.text(
            N_(
                "Compare one with what a friend, a feed or another copy kept of the same day. Where two of the same "
                "length differ, not everybody was shown the same list, and the two together prove it."
            )
        )
        days = "".join(f'<li><a href="{day_path(day)}">{self.day(day)}</a></li>\n' for day in self.shown.days)
        return f"<details>\n<summary>{title}</summary>\n<p>{says}</p>\n<ul>\n{days}</ul>\n</details>\n"

    def _note_file(self) -> tuple[str, ...]:
        return (DOORS_PATH,) if self.shown.doors else ()

    def _foot(self, name: str) -> str:
        links = "".join(
            f'<a href="{name}.{each.code}.html" hreflang="{each.code}" lang="{each.code}">{each.name}</a>\n'
            for each in INTERFACE_LANGUAGES
            if each.code != self.language
        )
        return f"<footer>\n{links}</footer>\n"

    def day(self, day: datetime.date) -> str:
        """Return a day in words."""
        return format_date(day, format="long", locale=self.locale)
