"""Mails as people's programs write them, and as nobody should."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from wearemany.darkroom.sniff import sniff
from wearemany.mail.letter import LOGO_BYTES, Letter, LetterLimits, read_letter
from wearemany.mail.tick_words import sentences_in, tick_words

SENDER = "vera.secret@provider.example"
MESSAGE_ID = "<20260308123456.needle-of-an-id@provider.example>"
SUBJECT = "Needle of a subject"
FILE_NAME = "IMG_needle_4711.HEIC"
JPEG = b"\xff\xd8\xff\xe0" + b"a red coat, straight from the phone " * 1000
PNG = b"\x89PNG\r\n\x1a\n" + b"a red scarf " * 3000
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"a red hat, from a telephone " * 1000
WEBP = b"RIFF\x00\x00\x00\x00WEBP" + b"a red skirt " * 3000
LIMITS = LetterLimits(photos=4, photo_bytes=200_000)
TICK_WORDS = tick_words(["en", "ru"])
SAYS = "\n".join(sentences_in("en"))
SAYS_RU = "\n".join(sentences_in("ru"))

assert {sniff(photo) for photo in (JPEG, PNG, HEIC, WEBP)} == {"JPEG", "PNG", "HEIF", "WEBP"}
assert min(map(len, (JPEG, PNG, HEIC, WEBP))) > LOGO_BYTES


def mail_of(
    *photos: bytes,
    text: str = "Hello,\n\nVera, +49 123 needle\n",
    to: str = "we-are-many@mail.example",
    **headers: str,
) -> bytes:
    """Return a mail with photos attached as an iPhone does; `headers` are set over the usual ones, `_` for `-`."""
    message = EmailMessage(policy=SMTP)
    usual = {"From": f"Vera <{SENDER}>", "To": to, "Subject": SUBJECT, "Message-ID": MESSAGE_ID}
    usual["Date"] = "Sun, 08 Mar 2026 12:34:56 +0000"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    message.set_content(text)
    for photo in photos:
        message.add_attachment(
            photo, maintype="image", subtype="heic", filename=FILE_NAME, disposition="inline"
        )
    # Last: attaching takes what begins with `Content-` along into the first part.
    for name, value in {**usual, **given}.items():
        message[name] = value
    return message.as_bytes()


def read(mail: bytes, limits: LetterLimits = LIMITS) -> Letter:
    """Read a mail within the limits of these tests."""
    return read_letter(mail, limits=limits, tick_words=TICK_WORDS)


def raw_mail(kind: str, body: bytes, *, encoding: str = "", more: str = "") -> bytes:
    """Return a mail with this very body."""
    head = f"From: {SENDER}\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n{more}"
    head += f"Content-Transfer-Encoding: {encoding}\r\n" if encoding else ""
    return head.encode() + b"\r\n" + body
