"""A real SMTP server that takes our answers, or is told not to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Any, cast

from aiosmtpd.controller import Controller

from tests.rigs.serving import free_port
from wearemany.adapters.relay import Relay
from wearemany.mail.setup import MailSetup

CODE_LINE = re.compile(r"^    (\w+(?: \w+){6})$", re.MULTILINE)
DOMAIN = "mail.example"


@dataclass
class CatchingRelay:
    """Keeps every answer, by reader. `plan` says what goes wrong next: a reply line, or `hang up` after taking it."""

    port: int
    caught: list[tuple[str, EmailMessage]] = field(default_factory=list)
    at_reader: list[str] = field(default_factory=list)
    at_content: list[str] = field(default_factory=list)
    return_paths: list[str] = field(default_factory=list)

    @property
    def relay(self) -> Relay:
        """The way to this server, as the house knows it."""
        return Relay("127.0.0.1", self.port, name="many.example", timeout_s=5)

    @property
    def setup(self) -> MailSetup:
        """An e-mail door that answers through it."""
        return MailSetup(domains=(DOMAIN, "other.example"), relay=self.relay, sender="")

    @property
    def codes(self) -> list[str]:
        """The secret codes in the answers so far."""
        return [code for _, answer in self.caught for code in CODE_LINE.findall(text_of(answer))]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.at_reader:
            return self.at_reader.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        planned = self.at_content.pop(0) if self.at_content else ""
        if planned and planned != "hang up":
            return planned
        answer = cast(EmailMessage, message_from_bytes(envelope.content, policy=SMTPUTF8))
        self.caught += [(address, answer) for address in envelope.rcpt_tos]
        self.return_paths.append(envelope.mail_from)
        if planned:
            server.transport.abort()
        return "250 OK"


@contextmanager
def relay_running() -> Iterator[CatchingRelay]:
    """Run the server on loopback for the length of the block."""
    relay = CatchingRelay(free_port())
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port, enable_SMTPUTF8=True)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()


def text_of(answer: EmailMessage) -> str:
    """Return the words of an answer."""
    return cast(str, answer.get_content()).replace("\r\n", "\n")
