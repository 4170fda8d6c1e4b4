"""The line itself: a real LMTP session over loopback, its bounds, and what it says when things fail."""

from __future__ import annotations

import logging
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from tests.cast import Cast
from tests.mail.letters import FILE_NAME, HEIC, JPEG, MESSAGE_ID, PNG, SAYS, SENDER, SUBJECT, mail_of
from tests.mail.relays import DOMAIN, CatchingRelay
from tests.rigs.serving import free_port
from wearemany.errors import Refused
from wearemany.mail.door import DoorLimits, MailDoor
from wearemany.mail.letter import Letter
from wearemany.mail.services import letter_read
from wearemany.mail.setup import Listening, listening_of, mail_setup
from wearemany.photos.models import Post, Upload
from wearemany.photos.services import post_by_code

pytestmark = pytest.mark.database

TO = f"we-are-many@{DOMAIN}"
LIMITS = DoorLimits(mail_bytes=400_000, held_bytes=600_000, connections=4, timeout_s=20)
Open = Callable[..., MailDoor]


@pytest.fixture
def doors(committed_cast: Cast, relay: CatchingRelay) -> Iterator[Open]:
    """Open e-mail doors; they are closed afterwards."""
    opened: list[MailDoor] = []

    def open_door(listening: Listening | None = None, **changes: int) -> MailDoor:
        listening = listening or Listening(host="127.0.0.1", port=free_port())
        door = MailDoor(setup=relay.setup, listening=listening, limits=replace(LIMITS, **changes))
        opened.append(door)
        door.open()
        return door

    yield open_door
    for door in opened:
        door.close()


def line_to(door: MailDoor) -> smtplib.LMTP:
    """Return a connection of a mail server's."""
    line = smtplib.LMTP("127.0.0.1", door.listening.port)
    line.timeout = 20
    line.ehlo()
    return line


def deliver(line: smtplib.LMTP, mail: bytes, *to: str, sender: str = SENDER) -> list[tuple[int, str]]:
    """Hand a mail in for some recipients; returns what is answered for each."""
    assert line.docmd(f"MAIL FROM:<{sender}> SIZE={len(mail)} BODY=8BITMIME")[0] == 250
    for one in to or (TO,):
        assert line.docmd(f"RCPT TO:<{one}>")[0] == 250
    return answered(line, mail, len(to or (TO,)))


def answered(line: smtplib.LMTP, mail: bytes, recipients: int) -> list[tuple[int, str]]:
    """Send the mail's lines and return an answer for each recipient."""
    assert line.docmd("DATA")[0] == 354
    line.send(
        smtplib._quote_periods(smtplib._fix_eols(mail.decode("latin-1")).encode("latin-1")) + b"\r\n.\r\n"
    )
    return [(code, text.decode()) for code, text in (line.getreply() for _ in range(recipients))]


def test_a_mail_is_taken_when_its_answer_is_on_its_way(doors: Open, relay: CatchingRelay) -> None:
    """250 means: the post is durable, and the relay has the code."""
    line = line_to(doors())
    ((code, text),) = deliver(line, mail_of(HEIC, PNG, text=SAYS))
    assert (code, text) == (250, "2.0.0 Taken, and answered")
    post = post_by_code(relay.codes[0])
    assert post is not None and post.photos.count() == 2
    assert deliver(line, mail_of(JPEG))[0][0] == 250
    assert line.quit()[0] == 221


def test_each_recipient_has_an_answer_of_its_own(
    doors: Open, committed_cast: Cast, relay: CatchingRelay
) -> None:
    """One mail to two campaigns: one is taken, for the other the relay fails, so that one is delivered again."""
    committed_cast.campaign_with(preset="careful", handle="another")
    line = line_to(doors())
    relay.at_content += ["", "451 later"]
    answers = deliver(line, mail_of(HEIC), TO, f"another+en@{DOMAIN}")
    assert [code for code, _ in answers] == [250, 451]
    assert Post.objects.count() == 2 and len(relay.codes) == 1


def test_addresses_are_refused_one_by_one(doors: Open, committed_cast: Cast) -> None:
    """Unknown ones, closed ones and careful ones with a sentence; the good one beside them is taken."""
    committed_cast.campaign_with(preset="dangerous", handle="in-danger")
    line = line_to(doors())
    assert line.docmd(f"MAIL FROM:<{SENDER}>")[0] == 250
    code, text = line.docmd(f"RCPT TO:<nobody@{DOMAIN}>")
    assert code == 550 and b"There is no campaign at this e-mail address" in text
    code, text = line.docmd(f"RCPT TO:<in-danger@{DOMAIN}>")
    assert code == 550 and b"takes no photos by e-mail" in text
    assert line.docmd(f"RCPT TO:<{TO}>")[0] == 250
    assert [code for code, _ in answered(line, mail_of(HEIC), 1)] == [250]


def test_machines_are_not_answered(doors: Open, relay: CatchingRelay) -> None:
    """Bounces and automatic mails are taken, dropped, and kept nowhere."""
    line = line_to(doors())
    answers = deliver(line, mail_of(HEIC), sender="")
    answers += deliver(line, mail_of(HEIC, Auto_Submitted="auto-replied"))
    assert [code for code, _ in answers] == [250, 250]
    assert not relay.caught and not Post.objects.exists() and not Upload.objects.exists()


@pytest.mark.parametrize("sender", ['"a b"@provider.example', "a@[127.0.0.1]", "nobody"])
def test_a_sender_that_nobody_could_answer_is_told_at_once(doors: Open, sender: str) -> None:
    """Before the photo is sent."""
    assert line_to(doors()).docmd(f"MAIL FROM:<{sender}>")[0] == 553


def test_a_mail_that_is_too_large_is_refused_for_everyone(doors: Open, committed_cast: Cast) -> None:
    """By its announced size, and when the announcement lied; the line goes on."""
    committed_cast.campaign_with(preset="careful", handle="another")
    line = line_to(doors())
    assert line.docmd(f"MAIL FROM:<{SENDER}> SIZE=400001")[0] == 552
    assert line.docmd(f"MAIL FROM:<{SENDER}>")[0] == 250
    for to in (TO, f"another@{DOMAIN}"):
        line.docmd(f"RCPT TO:<{to}>")
    answers = answered(line, mail_of(HEIC + b"x" * 400_000), 2)
    assert [code for code, _ in answers] == [552, 552] and "too large" in answers[0][1]
    assert deliver(line, mail_of(HEIC))[0][0] == 250


def test_memory_is_shared_and_what_does_not_fit_comes_again(doors: Open) -> None:
    """While one mail is held, another that would be too much is to be delivered later; then there is room."""
    door = doors()
    first, second = line_to(door), line_to(door)
    large = mail_of(HEIC + b"x" * 230_000)
    assert 300_000 < len(large) < LIMITS.mail_bytes
    first.docmd(f"MAIL FROM:<{SENDER}>")
    first.docmd(f"RCPT TO:<{TO}>")
    first.docmd("DATA")
    first.send(large)
    wait_until(lambda: door.held_bytes == len(large))
    ((code, _),) = deliver(second, large)
    assert code == 452
    first.close()
    wait_until(lambda: door.held_bytes == 0)
    assert deliver(second, large)[0][0] == 250
    assert door.held_bytes == 0


def test_connections_and_recipients_are_counted(doors: Open) -> None:
    """One line too many is sent away with 421, one recipient too many comes later."""
    door = doors(connections=2, recipients=1)
    lines = [line_to(door) for _ in range(2)]
    with pytest.raises((smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)):
        line_to(door)
    lines[0].docmd(f"MAIL FROM:<{SENDER}>")
    assert lines[0].docmd(f"RCPT TO:<{TO}>")[0] == 250
    assert lines[0].docmd(f"RCPT TO:<{TO}>")[0] == 452
    lines[1].close()
    wait_until(lambda: len(door.lines) == 1)
    assert line_to(door).noop()[0] == 250


def test_a_flood_is_slowed(doors: Open) -> None:
    """The eleventh mail of one sender within the while is to come later; it is not lost."""
    line = line_to(doors())
    answers = [deliver(line, mail_of(text=str(number)))[0][0] for number in range(11)]
    assert answers == [250] * 10 + [451]
    assert deliver(line, mail_of(), sender="another@provider.example")[0][0] == 250


@pytest.mark.parametrize(
    "sent",
    [
        b".\r\n",
        b"a\r\n.\r\n",
        b"\r\n.\r\n",
        b"..\r\n...\r\n..x\r\n.\r\n",
        b"a\n.\r\nb\r.\r\nc\r\n.\nd\r\n.\r\n",
        b"x" * 200_000 + b"\r\n.\r\n",
    ],
)
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 250_000])
def test_the_end_is_found_wherever_the_line_is_cut(
    doors: Open, monkeypatch: pytest.MonkeyPatch, sent: bytes, step: int
) -> None:
    """One dot alone ends a mail, after a whole line end only; dots before dots go; the next command is not lost."""
    arrived: list[bytes] = []

    def read_and_keep(mail: bytes) -> Letter:
        arrived.append(mail)
        return letter_read(mail)

    monkeypatch.setattr("wearemany.mail.door.letter_read", read_and_keep)
    door = doors()
    line = line_to(door)
    line.docmd("MAIL FROM:<>")
    line.docmd(f"RCPT TO:<{TO}>")
    assert line.docmd("DATA")[0] == 354
    assert line.sock is not None
    line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # The end of a long mail is cut into steps, its beginning is sent at once; each piece is taken in before the next.
    small, there = max(0, len(sent) - 40), 0
    for piece in (sent[:small], *(sent[at : at + step] for at in range(small, len(sent), step))):
        line.send(piece)
        there += len(piece)
        if there < len(sent):
            wait_until(lambda total=there: door.held_bytes == total)  # type: ignore[misc]
    line.send(b"NOOP\r\n")
    assert [line.getreply()[0] for _ in range(2)] == [250, 250]
    body = sent.removesuffix(b".\r\n")
    assert arrived == [b"\r\n".join(part.removeprefix(b".") for part in body.split(b"\r\n"))]
    assert door.held_bytes == 0


def test_a_stalled_line_is_cut(doors: Open) -> None:
    """Who opens a mail and says nothing more is sent away, and what was held is forgotten."""
    door = doors(timeout_s=1)
    line = line_to(door)
    line.docmd(f"MAIL FROM:<{SENDER}>")
    line.docmd(f"RCPT TO:<{TO}>")
    line.docmd("DATA")
    line.send(b"Subject: x\r\n\r\nand then")
    line.send(b" nothing\r\n")
    wait_until(lambda: not door.lines, limit_s=10)
    assert door.held_bytes == 0


@pytest.mark.parametrize(
    "said",
    [
        b"EHLO x", b"HELO x", b"DATA", b"RCPT TO:<a@b>", b"MAIL FROM:", b"MAIL FROM:<a@b> SIZE=x",
        b"AUTH PLAIN AHgAeQ==",
        b"\xff\xfe", b"x" * 100_000, b"MAIL FROM:<" + b"(" * 400 + b">", b"RCPT TO:" + b"<" * 400, b"VRFY vera",
    ],
)  # fmt: skip
def test_odd_commands_are_answered_and_the_line_goes_on(doors: Open, said: bytes) -> None:
    """Nothing that is said out of order, or is no command at all, ends or harms the door."""
    line = line_to(doors())
    line.send(said + b"\r\n")
    code, _ = line.getreply()
    assert code >= 400 or said.startswith(b"VRFY")
    assert deliver(line, mail_of(HEIC))[0][0] == 250


@pytest.mark.threat("I")
def test_nothing_of_a_mail_is_logged(
    doors: Open, relay: CatchingRelay, caplog: pytest.LogCaptureFixture
) -> None:
    """At the chattiest level, for mails that succeed and mails that fail."""
    with caplog.at_level(logging.DEBUG):
        line = line_to(doors())
        deliver(line, mail_of(HEIC))
        relay.at_content.append("hang up")
        deliver(line, mail_of(JPEG))
        line.docmd("MAIL FROM:<needle@provider.example> ODD")
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert settings.LOGGING["loggers"]["mail"] == {"level": "CRITICAL", "propagate": False, "handlers": []}
    for needle in ("needle", SENDER, MESSAGE_ID, SUBJECT, FILE_NAME, relay.codes[0]):
        assert needle not in said


def test_a_broken_house_is_no_refusal(doors: Open, committed_cast: Cast) -> None:
    """When something fails that nobody foresaw, the mail is delivered again, and the log has only the place."""

    class Broken:
        def put(self, key: str, content: bytes) -> None:
            raise RuntimeError("needle of a failure")

    committed_cast.house.use(Broken())  # type: ignore[arg-type]
    ((code, text),) = deliver(line_to(doors()), mail_of(HEIC))
    assert code == 451 and "needle" not in text


def test_two_deliveries_of_one_mail_at_once_are_one_post(doors: Open, relay: CatchingRelay) -> None:
    """A mail server that lost patience and one that did not: one post, one code."""
    door, mail = doors(), mail_of(HEIC)
    together = threading.Barrier(2)

    def hand_in() -> None:
        line = line_to(door)
        together.wait()
        deliver(line, mail)

    threads = [threading.Thread(target=hand_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Post.objects.count() == 1 and len(set(relay.codes)) == 1


def test_a_socket_file_is_for_its_owner_and_group(doors: Open, tmp_path: Path) -> None:
    """`unix:/PATH` takes mails too, and the whole world may not write to it."""
    path = tmp_path / "mail.sock"
    doors(listening_of(f"unix:{path}"))
    assert path.stat().st_mode & 0o777 == 0o660
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        assert line.recv(100).startswith(b"220 ")


def test_an_address_that_is_taken_is_said(doors: Open) -> None:
    """A wrong set-up stops the program with a code."""
    door = doors()
    with pytest.raises(Refused) as refused:
        doors(door.listening)
    assert refused.value.code == "mail-address-taken"


@pytest.mark.parametrize(
    "text", ["", "8024", "127.0.0.1:", "127.0.0.1:http", "unix:relative", "127.0.0.1:99999"]
)
def test_where_to_listen_is_read_strictly(text: str) -> None:
    """Host and port, or an absolute path."""
    with pytest.raises(Refused) as refused:
        listening_of(text)
    assert refused.value.code == "mail-listen-address"
    assert listening_of("[::1]:24") == Listening(host="::1", port=24)


@pytest.mark.parametrize(
    "options",
    [
        {"MAIL_DOMAINS": ("a.example",)},
        {"MAIL_RELAY": "smtp://relay"},
        {"MAIL_DOMAINS": ("a.example",), "MAIL_RELAY": "smtp://relay", "MAIL_FROM": "nobody"},
    ],
)
def test_a_door_that_is_half_set_up_is_said(options: dict[str, object]) -> None:
    """Domains and relay belong together."""
    with override_settings(WEAREMANY={**settings.WEAREMANY, **options}), pytest.raises(Refused) as refused:
        mail_setup()
    assert refused.value.code == "mail-half-set-up"


def wait_until(is_so: Callable[[], bool], *, limit_s: float = 10) -> None:
    """Look again and again until it is so."""
    waiting = threading.Event()
    for _ in range(int(limit_s / 0.002)):
        if is_so():
            return
        waiting.wait(0.002)
    raise AssertionError("it never came to be so")
