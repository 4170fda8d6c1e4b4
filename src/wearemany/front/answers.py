"""Answers: their one shape, how they are sent, the headers of everything the front says itself, and refusals.

A refusal is a plain page in the reader's language, or JSON for a script. It carries no style and no script,
so that it needs nothing else to load.
"""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from wearemany.errors import N_, Refused, TryAgain, WeAreManyError
from wearemany.front.request import Receive, Request, Send
from wearemany.languages import direction

Header = tuple[bytes, bytes]

OWN_HEADERS: tuple[Header, ...] = (
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"browsing-topics=(), camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
)
SAME_ORIGIN: Header = (b"cross-origin-resource-policy", b"same-origin")
NO_STORE: Header = (b"cache-control", b"no-store")

_STATUS = {
    "body-too-large": 413,
    "body-too-many-files": 413,
    "body-too-many-parts": 413,
    "body-text-too-long": 413,
    "body-too-slow": 408,
    "body-type-unknown": 415,
    "method-unknown": 405,
    "not-found": 404,
}


@dataclass(frozen=True)
class Answer:
    """A whole answer. `headers` has lower-case names and no content-length: sending adds it."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""

    def with_headers(self, *more: Header) -> Answer:
        """Return the same answer with headers added."""
        return replace(self, headers=self.headers + more)

    def header(self, name: bytes) -> bytes | None:
        """Return the first header of this name, or None."""
        return next((value for known, value in self.headers if known == name), None)


async def send_answer(send: Send, answer: Answer, *, request: Request) -> None:
    """Send an answer whole; a HEAD request gets its headers only."""
    await send(_start(answer))
    body = b"" if request.method == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def send_lingering(
    send: Send, answer: Answer, *, receive: Receive, linger_s: float, linger_bytes: int
) -> None:
    """Send an answer while the sender is still talking, and listen on for a while before closing.

    Closing at once would reset the connection and take the answer with it: browsers then show their own
    error instead of our sentence. What arrives meanwhile is dropped.
    """
    await send(_start(answer.with_headers((b"connection", b"close"))))
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    left_bytes = linger_bytes
    try:
        async with asyncio.timeout(linger_s):
            while left_bytes > 0:
                message = await receive()
                left_bytes -= len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    break
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _start(answer: Answer) -> dict[str, object]:
    headers = list(answer.headers)
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


def plain(status: int, text: str, *more: Header) -> Answer:
    """Return a line of plain text; for files that programs ask for."""
    headers = ((b"content-type", b"text/plain; charset=utf-8"), *more, *OWN_HEADERS)
    return Answer(status=status, headers=headers, body=text.encode())


def not_modified(answer: Answer) -> Answer:
    """Return the 304 that stands for an answer the reader holds already."""
    dropped = (b"content-type", b"content-encoding")
    kept = tuple(header for header in answer.headers if header[0] not in dropped)
    return Answer(status=304, headers=kept)


def refusal(error: WeAreManyError, *, request: Request, say: Callable[[str, str], str]) -> Answer:
    """Return the page, or JSON, that tells a person what happened and what to do next."""
    language = request.language
    sentence = say(language, error.sentence)
    if error.values:
        sentence = sentence % error.values
    status = _status(error)
    headers: list[Header] = [NO_STORE, *OWN_HEADERS, SAME_ORIGIN]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    if status == 405:
        headers.append((b"allow", b"GET, HEAD, POST"))
    if request.wants_json:
        told = json.dumps({"error": {"code": error.code, "sentence": sentence}}, ensure_ascii=False).encode()
        return Answer(status, ((b"content-type", b"application/json"), *headers), told)
    page = (
        f'<!doctype html>\n<html lang="{language}" dir="{direction(language)}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(sentence)}</title>\n<p>{html.escape(sentence)}</p>\n"
        f"<p><small>{html.escape(error.code)}</small></p>\n</html>\n"
    )
    return Answer(status, ((b"content-type", b"text/html; charset=utf-8"), *headers), page.encode())


def _status(error: WeAreManyError) -> int:
    if error.code in _STATUS:
        return _STATUS[error.code]
    if isinstance(error, TryAgain):
        return 503
    return 400 if isinstance(error, Refused) else 500


def not_found() -> Refused:
    """Return the refusal of an address where nothing is."""
    return Refused("not-found", N_("There is nothing at this address. Please check the link."))


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
