"""A mail taken apart into its leaves, by places in the bytes that arrived: nothing is copied before it is wanted. Pure.

Written for mails that lie: however they are nested, cut off or labelled, this ends after a bounded number of looks and
raises nothing but Refused `mail-tangled`. A mail inside a mail is a leaf and stays shut.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wearemany.errors import N_, Refused

PARTS_MOST = 100
DEPTH_MOST = 6
HEADER_BYTES_MOST = 64 * 1024
HEADER_LINES_MOST = 500
VALUE_MOST = 2000
LOOKS_MOST = 10_000
HEAD_BYTES = 8 * 1024

_KIND = re.compile(r"[a-z0-9][a-z0-9.+_-]*/[a-z0-9][a-z0-9.+_-]*")
_BOUNDARY = re.compile(r'\bboundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET = re.compile(r'\bcharset\s*=\s*"?([a-z0-9_-]{1,40})', re.IGNORECASE)
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)

Headers = Mapping[str, str]
"""Lower-case names to the first value of each, unfolded and cut to `VALUE_MOST` characters."""


@dataclass(frozen=True)
class Leaf:
    """One part that holds no other: what it says it is, and where it lies in the whole mail."""

    kind: str
    charset: str
    encoding: str
    whole: bytes = field(repr=False)
    start: int
    end: int

    def head(self, most_bytes: int = HEAD_BYTES) -> bytes:
        """Return the beginning, decoded from at most so many bytes: enough to tell what it is."""
        return _decoded(self.whole[self.start : min(self.end, self.start + most_bytes)], self.encoding)

    def content(self) -> bytes:
        """Return everything, decoded; of what is damaged, as much as can be read."""
        return _decoded(self.whole[self.start : self.end], self.encoding)

    @property
    def is_text(self) -> bool:
        """Whether it says that it is for reading."""
        return self.kind in ("text/plain", "text/html")


def headers_of(mail: bytes) -> tuple[Headers, int]:
    """Return the headers of a mail and where its body begins."""
    return _headers(mail, 0, len(mail))


def leaves_of(mail: bytes) -> Iterator[Leaf]:
    """Yield the leaves in order; raises Refused `mail-tangled` for one of too many parts or too deep a nest."""
    seen = 0
    waiting = [(0, len(mail), 0)]
    while waiting:
        start, end, depth = waiting.pop()
        seen += 1
        if seen > PARTS_MOST or depth > DEPTH_MOST:
            raise _tangled()
        headers, body = _headers(mail, start, end)
        kind = _kind(headers)
        boundary = _boundary(headers) if kind.startswith("multipart/") else b""
        if boundary:
            inside = list(_spans(mail, body, end, boundary=boundary))
            waiting += [(first, last, depth + 1) for first, last in reversed(inside)]
            continue
        charset = _CHARSET.search(headers.get("content-type", ""))
        yield Leaf(
            kind=kind,
            charset=charset[1].lower() if charset else "",
            encoding=headers.get("content-transfer-encoding", "").strip().lower(),
            whole=mail,
            start=body,
            end=end,
        )


def _tangled() -> Refused:
    return Refused(
        "mail-tangled",
        N_("Your e-mail has too many parts for us. Please write a new one with the photo alone."),
    )


def _headers(mail: bytes, start: int, end: int) -> tuple[Headers, int]:
    """Read the header lines from `start`; a line without a colon ends them as an empty one does."""
    found: dict[str, str] = {}
    name, at = "", start
    limit = min(end, start + HEADER_BYTES_MOST)
    for _ in range(HEADER_LINES_MOST):
        stop = mail.find(b"\n", at, limit)
        line = mail[at : stop if stop >= 0 else limit]
        after = stop + 1 if stop >= 0 else limit
        text = line.rstrip(b"\r").decode("latin-1")
        if not text:
            return found, after
        if text[0] in " \t":
            if name:
                found[name] = f"{found[name]} {text.strip()}"[:VALUE_MOST]
        else:
            key, colon, value = text.partition(":")
            if not colon:
                return found, at
            name = key.strip().lower()[:80]
            if name in found:
                name = ""
            else:
                found[name] = value.strip()[:VALUE_MOST]
        at = after
        if at >= limit:
            break
    return found, at


def _kind(headers: Headers) -> str:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind if _KIND.fullmatch(kind) else "text/plain"


def _boundary(headers: Headers) -> bytes:
    found = _BOUNDARY.search(headers.get("content-type", ""))
    return (found[1] or found[2]).rstrip().encode("latin-1") if found else b""


def _spans(mail: bytes, start: int, end: int, *, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the parts between the boundary lines lie, at most one more than are allowed."""
    opened: int | None = None
    count = 0
    for line, after, is_last in _boundary_lines(mail, start, end, marker=b"--" + boundary):
        if opened is not None:
            yield opened, max(opened, _before_line_end(mail, line))
            count += 1
        if is_last or count > PARTS_MOST:
            return
        opened = after
    if opened is not None:
        # Cut off: what has arrived of the last part is better than nothing.
        yield opened, end


def _boundary_lines(mail: bytes, start: int, end: int, *, marker: bytes) -> Iterator[tuple[int, int, bool]]:
    at = mail.find(marker, start, end)
    looks = 0
    while at >= 0:
        stop = mail.find(b"\n", at, end)
        after = stop + 1 if stop >= 0 else end
        if at == start or mail[at - 1 : at] == b"\n":
            # Only the first bytes matter: a line may be as long as the mail.
            rest = mail[at + len(marker) : min(after, at + len(marker) + 80)].strip()
            if rest in (b"", b"--"):
                yield at, after, rest == b"--"
        looks += 1
        if looks > LOOKS_MOST:
            raise _tangled()
        at = mail.find(marker, at + len(marker), end)


def _before_line_end(mail: bytes, at: int) -> int:
    """Return where the line end before `at` begins: it belongs to the boundary."""
    if mail[at - 2 : at] == b"\r\n":
        return at - 2
    return at - 1 if mail[at - 1 : at] == b"\n" else at


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        letters = body.translate(None, _NOT_BASE64)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    return body
