"""The promise as a whole: a photo by e-mail through a real server, and then no trace of who sent it anywhere."""

from __future__ import annotations

import base64
import os
import re
import smtplib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from tests.mail.letters import FILE_NAME, MESSAGE_ID, SAYS, SENDER, SUBJECT, mail_of
from tests.mail.relays import CatchingRelay, relay_running, text_of
from tests.rigs.serving import ROOT, Serving, campaign_arguments, free_port, server_in
from wearemany.adapters.sandbox import default_models_folder
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

TRIALS = Path(__file__).parents[2] / "../shared/trials/metadata/files"
PATIENCE_S = 90.0

pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(
        not any(default_models_folder().glob("*.onnx")), reason="the face finder is not converted here"
    ),
]


@contextmanager
def database_of_its_own() -> Iterator[dict[str, str]]:
    """Yield the option for a fresh database where the tests run on PostgreSQL; nothing on SQLite."""
    given = os.environ.get("WEAREMANY_DATABASE", "")
    if not given:
        yield {}
        return
    with psycopg.connect(given, autocommit=True) as connection:
        # Another worker of the tests may be at it too.
        name = f"real_mail_{os.getpid()}"
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    yield {"DATABASE": urlsplit(given)._replace(path=f"/{name}").geturl()}


@pytest.fixture(scope="module")
def answering() -> Iterator[CatchingRelay]:
    """The relay that the server of all these tests answers through."""
    with relay_running() as running:
        yield running


@pytest.fixture
def relay(answering: CatchingRelay) -> CatchingRelay:
    """The same, with nothing caught yet."""
    answering.caught.clear()
    return answering


@pytest.fixture(scope="module")
def serving(
    tmp_path_factory: pytest.TempPathFactory, answering: CatchingRelay
) -> Iterator[tuple[Serving, int]]:
    """A server with an open e-mail door and a campaign `red`, the same for all tests; and the door's port."""
    port = free_port()
    with (
        database_of_its_own() as database,
        server_in(
            tmp_path_factory.mktemp("mail"),
            MAIL_LISTEN=f"127.0.0.1:{port}",
            MAIL_DOMAINS="mail.example",
            MAIL_RELAY=f"smtp://127.0.0.1:{answering.port}",
            LOG_LEVEL="debug",
            **database,
        ) as server,
    ):
        server.command(*campaign_arguments())
        server.start()
        yield server, port


def heic() -> bytes:
    """Return a telephone's HEIC photo from the trials, else a drawn JPEG."""
    found = sorted(TRIALS.glob("*xiaomi.heic"))
    return found[0].read_bytes() if found else paint(scene(11, "ordinary"))


def ask(server: Serving, path: str, **fields: object) -> tuple[int, str]:
    """Send a form as a browser does, and return status and page."""
    body = urlencode(fields, doseq=True).encode()
    try:
        with urllib.request.urlopen(f"{server.base}{path}", body, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def keep_page_with(server: Serving, code: str, words: str) -> str:
    """Look at the keep-page until it has these words."""
    until = time.monotonic() + PATIENCE_S
    while True:
        status, page = ask(server, "/en/keep", code=code)
        if status == 200 and words in page:
            return page
        assert time.monotonic() < until, f"{status}: {re.sub('<[^>]+>', ' ', page)[-1500:]}\n{server.log()}"
        time.sleep(0.3)


def traces(server: Serving, needle: bytes) -> list[str]:
    """Return the files below the server's folder, and the tables, that hold the needle as it is."""
    below = [path for path in server.folder.rglob("*") if path.is_file()]
    found = [str(path.relative_to(server.folder)) for path in below if needle in path.read_bytes()]
    database = server.environment.get("WEAREMANY_DATABASE", "")
    return found + (_rows_with(database, needle) if database else [])


def _rows_with(database: str, needle: bytes) -> list[str]:
    """Return the tables of a PostgreSQL database in which a row has the needle, as text or as bytes."""
    forms = (needle.decode("latin-1"), needle.hex())
    with psycopg.connect(database) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return [
            name
            for (name,) in names
            if any(
                form in row
                for (row,) in connection.execute(f'SELECT t::text FROM "{name}" AS t')  # type: ignore[arg-type]
                for form in forms
            )
        ]


def needles_of(photo: bytes) -> list[bytes]:
    """Return pieces of a photo, as they are and as mail writes them."""
    plain = [photo[at : at + 48] for at in range(600, len(photo) - 48, len(photo) // 8)]
    lines = base64.encodebytes(photo).splitlines()
    return plain + [lines[at] for at in range(10, len(lines), len(lines) // 4)]


def test_a_process_of_its_own_takes_mails_too(serving: tuple[Serving, int], relay: CatchingRelay) -> None:
    """`mail serve` beside the server, on another port; it stops when it is told to. On the same port it is refused."""
    server, _ = serving
    refused = server.command_result("mail", "serve")
    assert refused.returncode == 2 and "mail-address-taken" in refused.stderr
    port = free_port()
    own = subprocess.Popen(
        [sys.executable, "-m", "wearemany", "mail", "serve"],
        env={**server.environment, "WEAREMANY_MAIL_LISTEN": f"127.0.0.1:{port}"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert own.stdout is not None and own.stdout.readline().startswith("Taking photos by e-mail")
        with smtplib.LMTP("127.0.0.1", port) as line:
            line.sendmail(SENDER, ["red@mail.example"], mail_of(paint(scene(7, "ordinary"))))
        assert ask(server, "/en/keep", code=relay.codes[0])[0] == 200
        own.terminate()
        assert own.wait(20) == 0
    finally:
        own.kill()
        own.wait()


def test_the_doctor_knows_the_door(serving: tuple[Serving, int], relay: CatchingRelay) -> None:
    """It says that the relay answers, or does not; that the door is half set up; nothing where there is none."""
    server = replace(serving[0], environment=dict(serving[0].environment))
    assert "well  mail: for mail.example; the relay answers" in server.command_result("doctor").stdout
    server.environment["WEAREMANY_MAIL_RELAY"] = f"smtp://127.0.0.1:{free_port()}"
    assert "MEND  mail: mail-relay-silent" in server.command_result("doctor").stdout
    server.environment |= {"WEAREMANY_MAIL_RELAY": "", "WEAREMANY_MAIL_DOMAINS": ""}
    assert "MEND  mail: MAIL_LISTEN is set" in server.command_result("doctor").stdout
    server.environment["WEAREMANY_MAIL_LISTEN"] = ""
    assert "mail:" not in server.command_result("doctor").stdout
    assert "mail-not-set-up" in server.command_result("mail", "serve").stderr


def test_a_photo_by_mail_is_held_and_leaves_no_trace_of_its_sender(
    serving: tuple[Serving, int], relay: CatchingRelay
) -> None:
    """A HEIC from a telephone: held, confirmed with the code from the answer, before a person; then all is searched."""
    server, port = serving
    photo, drawn = heic(), paint(scene(5, "ordinary"))
    mail = mail_of(photo, drawn, text=f"Hello! Needle of a text.\n{SAYS}", to="red+en@mail.example")
    with smtplib.LMTP("127.0.0.1", port) as line:
        assert line.sendmail(SENDER, ["red+en@mail.example"], mail) == {}
        assert line.sendmail(SENDER, ["red+en@mail.example"], mail) == {}
    assert [reader for reader, _ in relay.caught] == [SENDER, SENDER] and len(set(relay.codes)) == 1
    code = relay.codes[0]

    page = keep_page_with(server, code, "keep/confirm")
    assert page.count("data:image/jpeg") == 2 and 'name="tick"' not in page
    assert server.command("review", "list", "red").strip() == ""
    assert ask(server, "/en/keep/confirm", code=code)[0] == 200
    page = keep_page_with(server, code, "It came by e-mail, so a person looks at it first.")
    waiting = server.command("review", "list", "red")
    assert waiting.count("by-mail") == 1

    data = Path(server.environment["WEAREMANY_DATA"])
    until = time.monotonic() + 30
    while list((data / "blobs").glob("u/*")) and time.monotonic() < until:
        time.sleep(0.2)
    assert not list((data / "blobs").glob("u/*"))
    assert traces(server, b"by-mail") != [], "the search itself finds what is there"
    answer: EmailMessage = relay.caught[0][1]
    told = [SENDER, SENDER.partition("@")[0], "provider.example", MESSAGE_ID, SUBJECT, FILE_NAME, "eedle"]
    told += [answer["Message-ID"], code, *re.findall(r"[a-z]+ [a-z]+ [a-z]+", code)]
    assert code in text_of(answer)
    for needle in [*(word.encode() for word in told), *needles_of(photo), *needles_of(drawn)]:
        assert traces(server, needle) == [], needle
    # The last test of the server, so it may end.
    server.stop()
    for needle in [*(word.encode() for word in told), *needles_of(photo), *needles_of(drawn)]:
        assert traces(server, needle) == [], needle
