"""A mail as the door reads it: its photos, whether it says the two sentences, its language, who must not be answered.

Pure. Subject, names and the words around the photos are never taken: signatures, telephone numbers and other people's
mails would come with them. The sender is not read here at all: answers go where the mail's return path leads.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from wearemany.darkroom.refusals import refusal
from wearemany.darkroom.sniff import sniff
from wearemany.errors import N_, Refused
from wearemany.languages import is_tag
from wearemany.mail.parts import Headers, Leaf, headers_of, leaves_of

LOGO_BYTES = 20_000
"""A picture of fewer bytes is taken for a logo or a smiley of somebody's signature and left out."""

TEXT_BYTES_MOST = 256 * 1024
_WORD_MOST = 200
_TAG = re.compile(r"<[^<>]*>")
_MERGED = str.maketrans({"ё": "е"})
_CHARSET = re.compile(
    r"utf-8|us-ascii|iso-8859-\d{1,2}|windows-125\d|cp125\d|cp866|koi8-[ru]|big5|gb2312|gbk|gb18030|"
    r"shift_jis|iso-2022-jp|euc-jp|euc-kr"
)
_TOLD = frozenset(
    f"upload-{kind}"
    for kind in ("video", "sound", "document", "drawing", "archive", "other-format", "raw", "too-large")
)
_BY_MACHINES = ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond", "x-auto-response-suppress")


@dataclass(frozen=True)
class LetterLimits:
    """How many photos a post may have, and how large one may be."""

    photos: int
    photo_bytes: int


@dataclass(frozen=True)
class Letter:
    """What was read of one mail. With a `refusal` there is nothing to post, only something to answer.

    `identity` is the same for the same mail delivered again, and for no other; `language` is the tag that the mail
    declares, or empty. A mail that `is_automatic` was written by a machine and must not be answered.
    """

    photos: tuple[bytes, ...] = field(repr=False)
    ticks: tuple[str, ...]
    language: str
    is_automatic: bool
    identity: bytes = field(repr=False)
    refusal: Refused | None = None


def read_letter(mail: bytes, *, limits: LetterLimits, tick_words: Mapping[str, Sequence[str]]) -> Letter:
    """Return what the mail says; raises nothing, whatever the bytes are.

    `tick_words` has for each tick the sentences, in any language, that stand for it.
    """
    headers, body = headers_of(mail)
    photos: tuple[bytes, ...] = ()
    ticks: tuple[str, ...] = ()
    refused: Refused | None = None
    try:
        leaves = list(leaves_of(mail))
        ticks = _ticks(leaves, tick_words)
        photos = _photos(leaves, limits)
    except Refused as error:
        refused = error
    return Letter(
        photos=photos,
        ticks=ticks,
        language=_language(headers),
        is_automatic=_is_automatic(headers),
        identity=_identity(headers, memoryview(mail)[body:]),
        refusal=refused,
    )


def _photos(leaves: Iterable[Leaf], limits: LetterLimits) -> tuple[bytes, ...]:
    """Return the pictures, each once, in order; Refused with the most helpful sentence when there are none.

    What a part is, its bytes say; its name and its declared kind are believed by nobody.
    """
    found: dict[bytes, bytes] = {}
    others: list[Refused] = []
    for leaf in leaves:
        try:
            sniff(leaf.head())
        except Refused as error:
            others += [error] if not leaf.is_text and error.code in _TOLD else []
            continue
        content = leaf.content()
        if len(content) < LOGO_BYTES:
            others.append(_tiny())
        elif len(content) > limits.photo_bytes:
            raise refusal("upload-too-large", megabytes=limits.photo_bytes // 1_000_000)
        else:
            found[hashlib.sha256(content).digest()] = content
        if len(found) > limits.photos:
            raise Refused(
                "photos-too-many",
                N_("A post can have up to %(limit)s photos. Please leave some out and send again."),
                limit=limits.photos,
            )
    if not found:
        raise others[0] if others else _none()
    return tuple(found.values())


def _ticks(leaves: Iterable[Leaf], tick_words: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the ticks whose sentence stands in the text, however it was quoted, wrapped, or put into HTML."""
    left, said = TEXT_BYTES_MOST, ""
    for leaf in leaves:
        if leaf.is_text and left > 0:
            content = leaf.head(left)
            left -= len(content)
            said += _letters(_text(content, leaf)) + "\n"
    return tuple(
        tick
        for tick, sentences in tick_words.items()
        if any(_letters(sentence) in said for sentence in sentences)
    )


def _text(content: bytes, leaf: Leaf) -> str:
    """Return the text of a part. UTF-8 is tried first: mails say `us-ascii` and mean it."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        charset = leaf.charset if _CHARSET.fullmatch(leaf.charset) else "latin-1"
        try:
            text = content.decode(charset, "replace")
        except LookupError:
            text = content.decode("latin-1")
    return html.unescape(_TAG.sub("", text)) if leaf.kind == "text/html" else text


def _letters(text: str) -> str:
    """Return letters and digits alone: what is left of a sentence when its line ends, marks and case are not.

    No word of ours is as long as those that are left out; composing a word costs time by the square of its length.
    """
    words = (word for word in text.split() if len(word) <= _WORD_MOST)
    folded = "".join(unicodedata.normalize("NFKC", word).casefold() for word in words).translate(_MERGED)
    return "".join(sign for sign in folded if sign.isalnum())


def _language(headers: Headers) -> str:
    tag = headers.get("content-language", "").partition(",")[0].strip()
    tag = tag[:2].lower() + tag[2:]
    return tag if is_tag(tag) else ""


def _is_automatic(headers: Headers) -> bool:
    """Tell whether a machine or a list sent this (RFC 3834): nobody is answered then, or two machines would talk."""
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    return (
        submitted != "no"
        or headers.get("precedence", "").strip().lower() in ("bulk", "junk", "list")
        or headers.get("content-type", "").lower().startswith("multipart/report")
        or any(name in headers for name in _BY_MACHINES)
    )


def _identity(headers: Headers, body: memoryview) -> bytes:
    """Return a digest of what stays the same when a mail server delivers a mail again."""
    pieces = (headers.get("message-id", "").encode(), headers.get("date", "").encode(), body)
    return hashlib.sha256(b"".join(hashlib.sha256(piece).digest() for piece in pieces)).digest()


def _tiny() -> Refused:
    return Refused(
        "mail-photo-tiny",
        N_(
            "The picture in your e-mail is so small that it looks like a logo. Please send the photo in its full size."
        ),
    )


def _none() -> Refused:
    return Refused(
        "mail-photo-missing",
        N_(
            "There is no photo in your e-mail, or none that we can read. Please attach one as a JPEG, PNG or HEIC file."
        ),
    )
