"""The e-mail door: an LMTP server that a mail server hands mails to, one answer for each recipient.

A mail is held in memory and nowhere else, by at most so many bytes for all of them together; what is too much is to
be delivered later. The sender is known until the answer is handed on, then forgotten. Nothing that a mail says, no
address and no number of a mail is logged; the library's own log is switched off in the settings.

The event loop runs in a thread of its own; reading a mail, the database, the store and the relay are in a few
threads beside it. What becomes of a mail is `services`; here is only the line.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from aiosmtpd.lmtp import LMTP
from django.db import connections

from wearemany.errors import N_, Refused, TryAgain, WeAreManyError
from wearemany.mail.addressing import NULL_SENDER, is_answerable
from wearemany.mail.flood import FloodBrake
from wearemany.mail.letter import Letter
from wearemany.mail.services import letter_read, letter_receive, recipient_check
from wearemany.mail.setup import Listening, MailSetup
from wearemany.worker.loop import describe

_T = TypeVar("_T")
_END = b"\r\n.\r\n"
_READ_BYTES = 1 << 24
_SOCKET_MODE = 0o660
_log = logging.getLogger("wearemany.mail")


@dataclass(frozen=True)
class DoorLimits:
    """How much the door holds at once. `held_bytes` is for all mails that are arriving or being read, together."""

    mail_bytes: int
    held_bytes: int
    recipients: int = 4
    connections: int = 16
    threads: int = 4
    timeout_s: float = 300.0

    @classmethod
    def for_photos(cls, *, photos: int, photo_bytes: int) -> DoorLimits:
        """Return limits that a mail with so many photos of that size passes, written as mails write them."""
        mail_bytes = photos * photo_bytes * 14 // 10 + 1_000_000
        return cls(mail_bytes=mail_bytes, held_bytes=mail_bytes * 3 // 2)


class MailDoor:
    """A running door: `open` it, `close` it. Opening raises Refused when the address cannot be listened on."""

    def __init__(self, *, setup: MailSetup, listening: Listening, limits: DoorLimits) -> None:
        self.setup = setup
        self.listening = listening
        self.limits = limits
        self.brake = FloodBrake()
        self.lines: set[LetterLine] = set()
        self.held_bytes = 0
        self._threads = ThreadPoolExecutor(limits.threads, thread_name_prefix="mail")
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="mail-door", daemon=True
        )
        self._started: Future[int] = Future()
        self._stop: Callable[[], None] = lambda: None

    def open(self) -> int:
        """Listen; returns when mails are taken: the port, or 0 for a socket file."""
        self._thread.start()
        try:
            return self._started.result()
        except OSError as error:
            raise Refused(
                "mail-address-taken",
                N_(
                    "The e-mail door cannot listen where WEAREMANY_MAIL_LISTEN says. Is another program there?"
                ),
                cause=str(error),
            ) from error

    def close(self) -> None:
        """Stop listening, cut what is open (it will be delivered again), and wait for what is being written."""
        self._stop()
        self._thread.join(timeout=10)
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def apart(self, act: Callable[[], _T]) -> _T:
        """Run something that blocks in one of the few threads; it gets a database connection of its own."""

        def run() -> _T:
            try:
                return act()
            finally:
                connections.close_all()

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    async def _serve(self) -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(_note_stray)
        try:
            server = await self._listen(loop)
        except Exception as error:
            self._started.set_exception(error)
            return

        def stop() -> None:
            loop.call_soon_threadsafe(stopping.set)

        self._stop = stop
        name = server.sockets[0].getsockname()
        self._started.set_result(int(name[1]) if isinstance(name, tuple) else 0)
        await stopping.wait()
        server.close()
        for line in list(self.lines):
            line.cut()

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
        def line() -> LetterLine:
            return LetterLine(self)

        if self.listening.path is None:
            return await loop.create_server(line, self.listening.host, self.listening.port)
        server = await loop.create_unix_server(line, str(self.listening.path))
        self.listening.path.chmod(_SOCKET_MODE)
        return server


class LetterLine(LMTP):
    """One connection. A mail of several recipients is read once and answered for each of them."""

    line_length_limit = 64 * 1024

    def __init__(self, door: MailDoor) -> None:
        self._door = door
        super().__init__(
            _Handler(door),
            data_size_limit=door.limits.mail_bytes,
            enable_SMTPUTF8=True,
            hostname=door.setup.domains[0],
            ident="ready",
            timeout=door.limits.timeout_s,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, or send it away when there are too many."""
        super().connection_made(transport)
        self._door.lines.add(self)
        if len(self._door.lines) > self._door.limits.connections and isinstance(transport, asyncio.Transport):
            transport.write(b"421 4.3.2 Too many connections; please come back later\r\n")
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        self._door.lines.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """End the connection at once."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: N802  # the library's name for it
        """Say nothing of who may be here."""
        await self.push("252 2.0.0 Try and see")

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802  # as above
        """Receive a mail and answer for each recipient, in order."""
        if await self.check_helo_needed("LHLO"):
            return
        assert self.envelope is not None
        sender, recipients = self.envelope.mail_from or NULL_SENDER, list(self.envelope.rcpt_tos)
        if arg or not recipients:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 Send RCPT first")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        mail = _Holding(self._door)
        try:
            trouble = await self._receive(mail)
            said = [trouble] * len(recipients) if trouble else await self._answers(mail, sender, recipients)
        finally:
            mail.let_go()
            self.envelope = self._create_envelope()
        await self.push("\r\n".join(said))

    async def _receive(self, mail: _Holding) -> str:
        """Take in the mail up to its end; returns what is wrong with it, or nothing."""
        trouble, tail = "", _END[:2]
        while True:
            # All that has arrived: the library's buffer is empty now, so what follows the mail can be put back.
            piece = await self._reader.read(_READ_BYTES)
            if not piece:
                raise ConnectionResetError
            seen = tail + piece
            end = seen.find(_END)
            if end < 0:
                trouble, tail = trouble or mail.take(piece), seen[1 - len(_END) :]
                continue
            kept = end + 2 - len(tail)
            self._reader.feed_data(piece[end + len(_END) - len(tail) :])
            if not trouble and kept < 0:
                mail.drop(-kept)
            return trouble or mail.take(piece[: max(0, kept)])

    async def _answers(self, mail: _Holding, sender: str, recipients: list[str]) -> list[str]:
        door, content = self._door, mail.whole()
        letter = await door.apart(partial(letter_read, content))
        del content
        if sender == NULL_SENDER or letter.is_automatic:
            # RFC 3834: nobody would read an answer, and without one nobody could own the post.
            return ["250 2.6.0 A machine wrote this; nothing was kept"] * len(recipients)
        return [
            await door.apart(partial(_received, door, letter, sender, recipient)) for recipient in recipients
        ]


class _Holding:
    """The bytes of one mail in memory, counted with those of all the others; belongs to the event loop."""

    def __init__(self, door: MailDoor) -> None:
        self._door = door
        self._content = bytearray()
        self._counted_bytes = 0

    def take(self, piece: bytes) -> str:
        """Keep a piece; when that is too much, drop everything and return what to say."""
        if self._counted_bytes + len(piece) > self._door.limits.mail_bytes:
            self.let_go()
            return "552 5.3.4 This e-mail is too large for us; please send fewer or smaller photos"
        if self._door.held_bytes + len(piece) > self._door.limits.held_bytes:
            self.let_go()
            return "452 4.3.1 Many e-mails arrive here now; please deliver this one again later"
        self._counted_bytes += len(piece)
        self._door.held_bytes += len(piece)
        self._content += piece
        return ""

    def drop(self, count: int) -> None:
        """Forget the last few bytes: the end of the mail had begun in them."""
        self._door.held_bytes -= count
        self._counted_bytes -= count
        del self._content[-count:]

    def whole(self) -> bytes:
        """Give the mail away, the dots that were put before dots taken off.

        Its bytes stay counted until it is let go, for the photos that are read out of it.
        """
        content, self._content = self._content, bytearray()
        if content.startswith(b"."):
            del content[0]
        if b"\r\n." in content:
            content = content.replace(b"\r\n.", b"\r\n")
        return bytes(content)

    def let_go(self) -> None:
        """Forget the mail."""
        self._door.held_bytes -= self._counted_bytes
        self._counted_bytes, self._content = 0, bytearray()


class _Handler:
    """The library's hooks: who may write, to whom; errors without their text."""

    def __init__(self, door: MailDoor) -> None:
        self._door = door

    async def handle_MAIL(  # noqa: N802  # the library's name for it
        self, line: LetterLine, session: object, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take a sender that can be answered, or a bounce's empty one."""
        if address != NULL_SENDER and not is_answerable(address):
            return "553 5.1.7 We could not answer this address; please write from a plain one"
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802  # the library's name for it
        self, line: LetterLine, session: object, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take one of the door's addresses."""
        if len(envelope.rcpt_tos) >= self._door.limits.recipients:
            return "452 4.5.3 Too many recipients at once"
        try:
            await self._door.apart(lambda: recipient_check(address, setup=self._door.setup))
        except Exception as error:
            return _said(error)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Answer for what nobody foresaw."""
        return _said(error)


def _received(door: MailDoor, letter: Letter, sender: str, to: str) -> str:
    try:
        door.brake.pass_by(sender)
        recipient = recipient_check(to, setup=door.setup)
        letter_receive(letter=letter, sender=sender, recipient=recipient, setup=door.setup)
    except Exception as error:
        return _said(error)
    return "250 2.0.0 Taken, and answered"


def _said(error: Exception) -> str:
    """Return an error as a line of LMTP: 550 for what will never be, 451 for everything that may be later."""
    if not isinstance(error, Refused | TryAgain):
        _log.error("a mail was not taken: %s", describe(error))
    sentence = str(error) if isinstance(error, WeAreManyError) else "Something went wrong on our side."
    plain = sentence.encode("ascii", "replace").decode()
    if not isinstance(error, Refused):
        return f"451 4.3.0 {plain}"
    return f"550 {'5.1.1' if error.code == 'mail-address-unknown' else '5.7.1'} {plain}"


def _note_stray(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what the event loop could not hand to anybody, without its text: that may hold what a mail says."""
    error = context.get("exception")
    _log.error(
        "the e-mail door: %s", describe(error) if isinstance(error, BaseException) else "a stray event"
    )
