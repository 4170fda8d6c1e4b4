"""Refusals: what the front itself says no to, and how: a page in the reader's language, or JSON for a script.

The page looks like the others where it can (it names the site's stylesheet) and needs no script. Sentences
and titles that Django's pages have too are the same words, so that they are translated once.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import dataclass

from wearemany.errors import N_, Broken, Refused, TryAgain, WeAreManyError
from wearemany.front.answers import NO_STORE, OWN_HEADERS, SAME_ORIGIN, Answer, Header
from wearemany.front.request import Request
from wearemany.languages import direction

_STATUS = {
    "address-unknown": 404,
    "body-too-large": 413,
    "body-too-many-files": 413,
    "body-too-many-parts": 413,
    "body-text-too-long": 413,
    "body-too-slow": 408,
    "body-type-unknown": 415,
    "checksum-differs": 460,
    "method-unknown": 405,
    "piece-type-unknown": 415,
    "upload-version-unknown": 412,
}
_TITLES = {404: N_("Nothing here"), 500: N_("Our mistake"), 503: N_("Please wait a moment")}
_TITLE = N_("That did not work")
_TO_START = N_("Go to the start")
_GIVE_CODE = N_("If you ask for help, please give this code:")
_RETRY_AFTER_S = 5
_STYLED: Header = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)


@dataclass(frozen=True)
class Speech:
    """How the front speaks: translation, and the path of the site's stylesheet (empty: none)."""

    say: Callable[[str, str], str]
    style: str = ""

    def refusal(self, error: WeAreManyError, *, request: Request) -> Answer:
        """Return the answer that tells a person what happened and what to do next."""
        status = _status(error)
        sentence = self.say(request.language, error.sentence)
        if error.values:
            sentence = sentence % error.values
        headers: list[Header] = [NO_STORE, *(OWN_HEADERS[1:] if self.style else OWN_HEADERS), SAME_ORIGIN]
        if self.style:
            headers.append(_STYLED)
        if status == 503:
            headers.append((b"retry-after", str(_RETRY_AFTER_S).encode()))
        if status == 405:
            headers.append((b"allow", b"GET, HEAD, POST"))
        if request.wants_json:
            told = {"error": {"code": error.code, "sentence": sentence}}
            body = json.dumps(told, ensure_ascii=False).encode()
            return Answer(status, ((b"content-type", b"application/json"), *headers), body)
        page = self._page(request.language, status=status, sentence=sentence, code=error.code)
        return Answer(status, ((b"content-type", b"text/html; charset=utf-8"), *headers), page.encode())

    def _page(self, language: str, *, status: int, sentence: str, code: str) -> str:
        title = html.escape(self.say(language, _TITLES.get(status, _TITLE)))
        link = f'<link rel="stylesheet" href="{html.escape(self.style)}">\n' if self.style else ""
        return (
            f'<!doctype html>\n<html lang="{language}" dir="{direction(language)}" data-colour="black">\n<head>\n'
            f'<meta charset="utf-8">\n<title>{title}</title>\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n<meta name="robots" content="noindex">\n'
            f'{link}</head>\n<body>\n<main class="page"><div class="stack">\n<h1>{title}</h1>\n'
            f'<p class="notice notice--error" role="alert">{html.escape(sentence)}</p>\n'
            f'<p class="row"><a class="button button--quiet" href="/{language}/">'
            f"{html.escape(self.say(language, _TO_START))}</a></p>\n"
            f'<p class="meta">{html.escape(self.say(language, _GIVE_CODE))} <code>{html.escape(code)}</code></p>\n'
            "</div></main>\n</body>\n</html>\n"
        )


def _status(error: WeAreManyError) -> int:
    if error.code in _STATUS:
        return _STATUS[error.code]
    if isinstance(error, TryAgain):
        return 503
    return 400 if isinstance(error, Refused) else 500


def address_unknown() -> Refused:
    """Return the refusal of an address where nothing is."""
    return Refused(
        "address-unknown",
        N_("There is nothing at this address. Perhaps it was taken back, or the link is cut off."),
    )


def method_unknown() -> Refused:
    """Return the refusal of a method that an address does not take."""
    return Refused(
        "method-unknown", N_("This address cannot be used in that way. Please go back and try again.")
    )


def doors_busy() -> TryAgain:
    """Return the refusal of a server with too much to do; nothing was kept of the request."""
    return TryAgain(
        "doors-busy",
        N_("Very many people are here right now. Nothing was lost; please try again in a few seconds."),
    )


def doors_closed() -> TryAgain:
    """Return the refusal of a node that cannot know what is public at present."""
    return TryAgain(
        "doors-closed",
        N_(
            "The server cannot read its database right now, so it shows nothing. Please try again in a moment."
        ),
    )


def unexpected() -> Broken:
    """Return what is told when something failed that nobody foresaw."""
    return Broken("unexpected", N_("Something went wrong on our side. Please try again in a while."))
