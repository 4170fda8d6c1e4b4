"""Answers: their one shape, how they are sent, and the headers of everything the front says itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from wearemany.front.request import Receive, Request, Send

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
