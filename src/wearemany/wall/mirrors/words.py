"""What a mirror says in a campaign's own words: phrase, hashtag, call. As its pages show them; nobody has signed them.

Read from the wall's pages where the source is a server, from `words.json` where it is a mirror itself. Everything
is somebody else's text: bounded here, escaped where it is shown.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from html.parser import HTMLParser

from wearemany.errors import TryAgain
from wearemany.languages import INTERFACE_LANGUAGES, is_tag
from wearemany.wall.audit import Missing
from wearemany.wall.recounting.reading import Source, UrlSource, fetch

WORDS_PATH = "words.json"
_MOST_PAGE_BYTES = 2_000_000
_LONGEST = 2000


@dataclass(frozen=True)
class PageWords:
    """A campaign's words in one language of the interface; any of them may be empty."""

    phrase: str = ""
    phrase_language: str = ""
    hashtag: str = ""
    call: str = ""


CampaignWords = dict[str, PageWords]
"""By language of the interface."""


def words_from_source(source: Source, *, handle: str) -> CampaignWords:
    """Return what the source says, empty where it says nothing now: a mirror does not fail for want of words."""
    with suppress(Missing, TryAgain):
        found = words_read(source.read(WORDS_PATH))
        if found:
            return found
    tail = f"/log/{handle}/"
    if not isinstance(source, UrlSource) or not source.name.endswith(tail):
        return {}
    server = source.name.removesuffix(tail)
    words: CampaignWords = {}
    for language in INTERFACE_LANGUAGES:
        with suppress(Missing, TryAgain):
            page = fetch(f"{server}/{language.code}/{handle}/", way=source.way, most_bytes=_MOST_PAGE_BYTES)
            words[language.code] = words_on_page(page.decode("utf-8", "replace"))
    return words


def words_on_page(page: str) -> PageWords:
    """Return the words that stand on a page of the wall."""
    reader = _WallReader()
    reader.feed(page)
    reader.close()
    return _bounded(PageWords("".join(reader.phrase), reader.phrase_language, reader.hashtag, reader.call))


def words_read(content: bytes) -> CampaignWords:
    """Read `words.json`; empty for anything that is not one."""
    codes = {language.code for language in INTERFACE_LANGUAGES}
    try:
        values = json.loads(content)
        return {code: _bounded(PageWords(**one)) for code, one in values.items() if code in codes}
    except (ValueError, TypeError, AttributeError):
        return {}


def words_written(words: CampaignWords) -> bytes:
    """Return `words.json`."""
    values = {code: asdict(one) for code, one in words.items()}
    return json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _bounded(words: PageWords) -> PageWords:
    return PageWords(
        phrase=" ".join(words.phrase.split())[:_LONGEST],
        phrase_language=words.phrase_language if is_tag(words.phrase_language) else "",
        hashtag=" ".join(words.hashtag.split())[:_LONGEST],
        call=" ".join(words.call.split())[:_LONGEST],
    )


class _WallReader(HTMLParser):
    """Finds the phrase (`<h1 id="phrase">`) and what the page tells other sites of itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.phrase: list[str] = []
        self.phrase_language = ""
        self.hashtag = ""
        self.call = ""
        self._in_phrase = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        values = {name: value or "" for name, value in attrs}
        if tag == "h1" and values.get("id") == "phrase":
            self._in_phrase = True
            self.phrase_language = values.get("lang", "")
        if tag == "meta" and values.get("property") == "og:site_name":
            self.hashtag = values.get("content", "")
        if tag == "meta" and values.get("property") == "og:description":
            self.call = values.get("content", "")

    def handle_endtag(self, tag: str) -> None:
        """Leave the phrase."""
        self._in_phrase = self._in_phrase and tag != "h1"

    def handle_data(self, data: str) -> None:
        """Keep the phrase's letters."""
        if self._in_phrase:
            self.phrase.append(data)
