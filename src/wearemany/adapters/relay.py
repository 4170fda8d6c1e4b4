"""The way out for e-mail: one SMTP server nearby that takes our answers and carries them on.

Durable when?  When `send` returns, the relay has taken the mail; it carries it on from there.
Who retries?   The caller. TryAgain `mail-relay-silent` means: not taken, or taken and we did not hear it, so a repeat
               may reach the reader twice. Refused `mail-unanswerable` means: it will never take this one.
Concurrent?    Yes; every mail has a connection of its own. Blocks for at most a few times `timeout_s`.

The way there is not encrypted: the relay runs on this machine or in the same private network. No address is logged;
what smtplib says of an error holds addresses, so nothing of it is passed on but its number.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from wearemany.errors import N_, Refused, TryAgain

TIMEOUT_S = 20.0
_PORT = 25


@dataclass(frozen=True)
class Relay:
    """An SMTP server that carries mails on for us; `name` is what we call ourselves there."""

    host: str
    port: int
    name: str = "localhost"
    timeout_s: float = TIMEOUT_S

    def send(self, content: bytes, *, to: str) -> None:
        """Hand one mail over, with an empty return path: what cannot be delivered comes back to nobody."""
        options = [] if to.isascii() else ["SMTPUTF8"]
        with self._connected() as client:
            client.sendmail("", [to], content, mail_options=options)

    def greet(self) -> None:
        """Ask for a greeting and leave; raises TryAgain when nobody answers."""
        with self._connected() as client:
            client.ehlo_or_helo_if_needed()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            client = smtplib.SMTP(self.host, self.port, local_hostname=self.name, timeout=self.timeout_s)
            try:
                yield client
                # What was taken is taken, whether or not the goodbye is heard.
                with suppress(OSError, smtplib.SMTPException):
                    client.quit()
            finally:
                client.close()
        except (OSError, smtplib.SMTPException) as error:
            raise _failed(error) from None


def relay_of(address: str, *, name: str) -> Relay:
    """Return the relay at `smtp://HOST:PORT`; raises Refused `mail-relay-address` for anything else."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host, port = None, 0
    if host is None or parts.scheme != "smtp" or parts.username or parts.path.strip("/"):
        raise Refused(
            "mail-relay-address",
            N_("The option WEAREMANY_MAIL_RELAY is not understood. Write smtp://HOST:PORT."),
        )
    return Relay(host=host, port=port, name=name.partition(":")[0])


def _failed(error: OSError | smtplib.SMTPException) -> Refused | TryAgain:
    number = _number(error)
    if number >= 500 or isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused(
            "mail-unanswerable",
            N_(
                "We could not send an answer to the address this e-mail came from, so nothing was kept of it."
            ),
            cause=f"{type(error).__name__} {number}",
        )
    return TryAgain(
        "mail-relay-silent",
        N_("The answer could not be sent just now. The same e-mail may be delivered again later."),
        cause=f"{type(error).__name__} {number}",
    )


def _number(error: OSError | smtplib.SMTPException) -> int:
    """Return the SMTP answer's number, 0 when there was none. Only the reader's own refusal is final."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPDataError) else 0
