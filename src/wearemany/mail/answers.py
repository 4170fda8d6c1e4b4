"""The answers: short plain letters in the reader's language, with a subject that says nothing.

Nothing of the mail that is answered is repeated: not its words, not its subject, not its number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from django.utils.translation import gettext, override

from wearemany.adapters import clock
from wearemany.errors import WeAreManyError
from wearemany.ids import ID_BYTES, opaque
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.photos.erasing import ABANDONED_DAYS


@dataclass(frozen=True)
class Envelope:
    """Who is answered, from which address, in which language of the interface."""

    to: str = field(repr=False)
    sender: str
    language: str


def interface_language(tag: str) -> str:
    """Return the interface language for a tag: its own where we speak it, else the first."""
    codes = [language.code for language in INTERFACE_LANGUAGES]
    root = tag.partition("-")[0]
    return root if root in codes else codes[0]


def answer_received(envelope: Envelope, *, code: str, pages: list[str], has_ticks: bool) -> bytes:
    """Return the answer that carries the secret code, and says what happens next."""
    with override(envelope.language):
        confirm = (
            gettext("Look at the picture as we covered it and say that it is right.")
            if has_ticks
            else gettext(
                "Look at the picture as we covered it, tick the two boxes beside it, and say that it is right."
            )
        )
        paragraphs = [
            gettext("Thank you. Your photo has arrived. This is your secret code:"),
            f"    {code}",
            gettext("Give it in here, best in a private window:"),
            *_lines(pages),
            gettext("What happens next:"),
            "1. " + confirm,
            "2. " + gettext("Nothing is public before that. Then a person of the team looks at it."),
            "3. "
            + gettext("When all is well it goes on the wall. With the code you can see where it stands."),
            gettext("There you can also add a few words, cover more, or take the post back."),
            gettext(
                "The code is the only way to your post, and we cannot give it to you again. Without your word the "
                "photo is erased after %(days)d days."
            )
            % {"days": ABANDONED_DAYS},
            gettext(
                "Your e-mail provider can see that you wrote to us, your photo, and this code. So write the code down "
                "somewhere else, then delete both e-mails, also from “Sent” and from the bin. We keep neither your "
                "address nor your e-mail."
            ),
        ]
        return _mail(envelope, paragraphs)


def answer_refused(envelope: Envelope, *, error: WeAreManyError, pages: list[str]) -> bytes:
    """Return the answer to a mail that no post could be made of: why, and what to do."""
    with override(envelope.language):
        sentence = gettext(error.sentence)
        paragraphs = [
            sentence % error.values if error.values else sentence,
            gettext(
                "Nothing of your e-mail was kept. How to send a photo, by e-mail or on a page, is told here:"
            ),
            *_lines(pages),
        ]
        return _mail(envelope, paragraphs)


def _lines(addresses: list[str]) -> list[str]:
    return [f"    {address}" for address in addresses]


def _mail(envelope: Envelope, paragraphs: list[str]) -> bytes:
    policy = SMTP if envelope.to.isascii() else SMTPUTF8
    message = EmailMessage(policy=policy.clone(cte_type="7bit"))
    message["From"] = envelope.sender
    message["To"] = envelope.to
    message["Subject"] = gettext("Notes")
    message["Date"] = format_datetime(clock.now())
    domain = envelope.sender.rpartition("@")[2]
    message["Message-ID"] = f"<{opaque(clock.random_bytes(ID_BYTES))}@{domain}>"
    message["Auto-Submitted"] = "auto-replied"
    message["Precedence"] = "bulk"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content("\n\n".join(paragraphs) + "\n")
    message["Content-Language"] = envelope.language
    return message.as_bytes()
