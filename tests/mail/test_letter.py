"""What is read of a mail, however it was written; and that no bytes at all make reading fail or take long."""

from __future__ import annotations

import base64
import email
import io
import quopri
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail.letters import (
    HEIC,
    JPEG,
    LIMITS,
    MESSAGE_ID,
    PNG,
    SAYS,
    SAYS_RU,
    TICK_WORDS,
    WEBP,
    mail_of,
    raw_mail,
    read,
)
from wearemany.errors import Refused
from wearemany.mail.letter import Letter
from wearemany.mail.parts import DEPTH_MOST, PARTS_MOST, leaves_of

HTML = SAYS.replace("on the wall", "<b>on</b> the&nbsp;<i>w</i>all").replace("\n", "<br>")
HTML_RU = f"<div>{SAYS_RU}</div>".replace(" ", "&#32;")


@pytest.mark.parametrize("photo", [JPEG, PNG, HEIC, WEBP])
@pytest.mark.parametrize("kind", ["image/heic", "application/octet-stream", "text/plain", "video/mp4", "x"])
def test_a_photo_is_what_its_bytes_are(photo: bytes, kind: str) -> None:
    """Neither the declared kind nor the name matters."""
    body = base64.encodebytes(photo)
    inside = f"Content-Type: {kind}; name=a.txt\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    mail = raw_mail("multipart/mixed; boundary=b", b"--b\r\n" + inside + body + b"\r\n--b--\r\n")
    assert read(mail).photos == (photo,)


def test_up_to_four_photos_in_their_order_each_once() -> None:
    """The same picture inline and attached is one photo."""
    letter = read(mail_of(JPEG, PNG, HEIC, JPEG, WEBP))
    assert letter.photos == (JPEG, PNG, HEIC, WEBP) and letter.refusal is None


def test_five_photos_are_answered_not_cut() -> None:
    """Nobody chooses for the author which one to leave out."""
    assert code_of(read(mail_of(JPEG, PNG, HEIC, WEBP, JPEG + b"5"))) == "photos-too-many"


def test_a_signatures_logo_is_no_photo() -> None:
    """Pictures under 20,000 bytes are left out beside a photo, and alone they are answered."""
    logo = JPEG[:15_000]
    assert read(mail_of(logo, HEIC)).photos == (HEIC,)
    assert code_of(read(mail_of(logo))) == "mail-photo-tiny"


def test_a_photo_that_is_too_large_is_answered() -> None:
    """With the size that we take."""
    letter = read(mail_of(JPEG + b"x" * LIMITS.photo_bytes))
    assert code_of(letter) == "upload-too-large" and letter.photos == ()


def archive() -> bytes:
    """Return a zip with a photo."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("photo.jpg", JPEG)
    return content.getvalue()


@pytest.mark.parametrize(
    ("attached", "code"),
    [
        (archive(), "upload-archive"),
        (b"%PDF-1.7 ...", "upload-document"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp41", "upload-video"),
        (b"BM" + b"x" * 30_000, "upload-other-format"),
        (b"\x78\x9f\x3e\x22 winmail.dat", "mail-photo-missing"),
        (b"-----BEGIN PGP MESSAGE-----", "mail-photo-missing"),
        (b"", "mail-photo-missing"),
    ],
)
def test_what_is_no_photo_gets_the_sentence_that_helps(attached: bytes, code: str) -> None:
    """An archive, a document, a film, another format; winmail.dat and the rest by the general sentence."""
    assert code_of(read(mail_of(attached))) == code
    assert read(mail_of(attached, HEIC)).photos == (HEIC,)


def test_a_mail_without_anything_is_answered() -> None:
    """Words alone are no post."""
    assert code_of(read(mail_of())) == "mail-photo-missing"


def test_a_mail_within_a_mail_stays_shut() -> None:
    """Somebody else's forwarded mail is not searched for photos."""
    outer = email.message.EmailMessage()
    outer.set_content("see below")
    outer.add_attachment(email.message_from_bytes(mail_of(JPEG), policy=email.policy.SMTP))
    assert read(outer.as_bytes()).photos == ()


def test_a_photo_in_alternatives_in_related_in_mixed_is_found() -> None:
    """As phones nest them."""
    body = b"".join(
        (
            b'preamble\r\n--m\r\nContent-Type: multipart/related; boundary="r r"\r\n\r\n',
            b"--r r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nplain\r\n--a--\r\n",
            b"--r r\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: BASE64\r\n\r\n",
            base64.encodebytes(PNG),
            b"--r r--\r\nepilogue\r\n--m--\r\n",
        )
    )
    assert read(raw_mail("multipart/mixed; boundary=m", body)).photos == (PNG,)


@pytest.mark.parametrize(
    "text",
    [
        SAYS,
        SAYS_RU,
        SAYS.upper(),
        "> " + SAYS.replace("\n", "\n> "),
        SAYS.replace(" ", "\n"),
        SAYS.replace(", ", " \n"),
        "Hello!\n\n" + SAYS + "\nSent from my phone",
        SAYS_RU.replace("ё", "е"),
    ],
)
def test_the_two_sentences_are_the_two_ticks(text: str) -> None:
    """Quoted, wrapped, in capitals, with other words around: the author said them."""
    assert read(mail_of(JPEG, text=text)).ticks == ("show", "agreed")


def test_half_said_is_half_ticked() -> None:
    """One sentence is one tick; other words are none."""
    assert read(mail_of(JPEG, text=SAYS.partition("\n")[0])).ticks == ("show",)
    assert read(mail_of(JPEG, text="Show this photo on the wall")).ticks == ()


@pytest.mark.parametrize(
    ("kind", "encoding", "body"),
    [
        (
            "text/html; charset=utf-8",
            "quoted-printable",
            HTML,
        ),
        ("text/html", "8bit", HTML_RU),
        ("text/plain; charset=koi8-r", "base64", SAYS_RU),
        ("text/plain; charset=no-such-charset", "7bit", SAYS),
        ("text/plain; charset=us-ascii; format=flowed", "8bit", SAYS_RU),
    ],
)
def test_however_the_words_are_wrapped_up(kind: str, encoding: str, body: str) -> None:
    """HTML alone, another charset, a wrong charset, a flowed text."""
    content = body.encode("koi8-r" if "koi8" in kind else "utf-8")
    coded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)(
        content
    )
    assert "show" in read(raw_mail(kind, coded, encoding=encoding)).ticks


@pytest.mark.parametrize(
    ("header", "language"),
    [("ru", "ru"), ("RU-ru, en", "ru-ru"), ("", ""), ("<script>", ""), ("x" * 999, "")],
)
def test_the_language_is_the_declared_one(header: str, language: str) -> None:
    """The first tag, when it is one."""
    assert read(mail_of(JPEG, Content_Language=header)).language.lower() == language


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "bulk"},
        {"Precedence": "List"},
        {"List_Id": "<many.example>"},
        {"X_Auto_Response_Suppress": "All"},
    ],
)
def test_machines_are_recognised(headers: dict[str, str]) -> None:
    """Vacation notices, lists, newsletters, our own answers."""
    assert read(mail_of(JPEG, **headers)).is_automatic
    assert not read(mail_of(JPEG, Auto_Submitted="no")).is_automatic


def test_a_delivery_report_is_a_machines() -> None:
    """A bounce that comes with a sender is not answered either."""
    assert read(raw_mail("multipart/report; boundary=b", b"--b\r\n\r\nx\r\n--b--")).is_automatic


def test_the_same_mail_again_is_the_same_and_another_is_not() -> None:
    """What mail servers add on the way does not matter; the number, the day and the body do."""
    mail = mail_of(JPEG)
    first = read(mail).identity
    assert read(b"Received: from here\r\n\tby there\r\nReturn-Path: <x@y>\r\n" + mail).identity == first
    for before, after in ((MESSAGE_ID.encode(), b"<other@provider.example>"), (b"12:34:56", b"12:34:57")):
        assert read(mail.replace(before, after)).identity != first
    assert read(mail[:-1]).identity != first


def test_nothing_else_of_a_mail_is_in_what_was_read() -> None:
    """No name, no subject, no number, no word of the text."""
    assert "needle" not in repr(read(mail_of(HEIC))).lower()
    assert MESSAGE_ID not in repr(read(mail_of(HEIC)))


def code_of(letter: Letter) -> str:
    """Return the code of a letter's refusal, its sentence checked."""
    assert isinstance(letter.refusal, Refused) and str(letter.refusal).endswith(".")
    return letter.refusal.code


def nested(depth: int) -> bytes:
    """Return a body of multiparts within multiparts."""
    body = b"\r\nend"
    for level in range(depth):
        body = f"Content-Type: multipart/mixed; boundary=b{level}x\r\n\r\n--b{level}x\r\n".encode() + body
        body += f"\r\n--b{level}x--".encode()
    return body


HOSTILE = {
    "ten thousand parts": raw_mail("multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n" * 10_000),
    "a hundred nests": nested(100),
    "boundaries in boundaries": raw_mail("multipart/mixed; boundary=-", b"-" * 3_000_000),
    "false boundaries": raw_mail("multipart/mixed; boundary=b", b"--bx\r\n" * 500_000),
    "a boundary without end": raw_mail("multipart/mixed; boundary=b", b"--b" + b" " * 3_000_000),
    "headers without end": b"X: " + b"y" * 3_000_000,
    "header lines without end": b"X: y\r\n" * 500_000,
    "folds without end": b"Content-Type: a\r\n" + b" b;\r\n" * 500_000,
    "a charset that is a program": raw_mail("text/plain; charset=zlib", b"x"),
    "a charset with a zero": raw_mail("text/plain; charset=\0", b"\xff"),
    "tags without end": raw_mail("text/html", b"<" * 3_000_000),
    "entities without end": raw_mail("text/html", b"&#" * 1_000_000),
    "marks without end": raw_mail("text/plain", "\u0315\u0300".encode() * 500_000),
    "base64 of nothing": raw_mail("image/jpeg", b"=" * 100_000, encoding="base64"),
    "quoted nonsense": raw_mail("text/plain", b"=\r=\n=ZZ=" * 100_000, encoding="quoted-printable"),
    "no header at all": b"\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("mail", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_is_answered_soon(mail: bytes) -> None:
    """A clear answer within a few seconds of work."""
    began_s = time.process_time()
    letter = read(mail)
    assert time.process_time() - began_s < 5
    assert letter.photos == () and code_of(letter) in ("mail-tangled", "mail-photo-missing")


def test_a_tangled_mail_says_so() -> None:
    """Too many parts, too deep a nest: the sentence asks for a simpler mail."""
    for name in ("ten thousand parts", "a hundred nests", "false boundaries"):
        assert code_of(read(HOSTILE[name])) == "mail-tangled"
    assert read(nested(DEPTH_MOST)).refusal.code == "mail-photo-missing"  # type: ignore[union-attr]


@pytest.mark.parametrize("left", [1, 2, 3, 57, 1000])
def test_damaged_base64_gives_what_can_be_read(left: int) -> None:
    """A cut or dirty photo goes on: the darkroom says what is wrong with it, where the author can mend it."""
    body = base64.encodebytes(JPEG)
    cut = raw_mail("image/jpeg", body[:-left], encoding="base64")
    dirty = raw_mail("image/jpeg", body.replace(b"\n", b" *!\n\xff"), encoding="base64")
    (photo,) = read(cut).photos
    assert photo[: len(photo) - 2] == JPEG[: len(photo) - 2] and len(photo) > len(JPEG) - left - 3
    assert read(dirty).photos == (JPEG,)


PIECES = st.sampled_from(
    [
        b"--b\r\n", b"--b--", b"\r\n", b"\n", b"\r", b" ", b"\t", b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: text/html; charset=utf-7\r\n", b"Content-Transfer-Encoding: base64\r\n", b'boundary="',
        b"Content-Transfer-Encoding: quoted-printable\r\n", b"=", b"=?utf-8?q?x?=", b"\x00", b"\xff\xd8\xff", b":",
        b"Content-Type: message/rfc822\r\n", b"GIF89a", b"ftypheic", JPEG[:64], b"<!--", b"&#x;", b";",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=20), max_size=60).map(b"".join))
def test_no_bytes_make_reading_fail(mail: bytes) -> None:
    """Whatever arrives, a letter comes of it: photos within the limits, or a refusal of ours; the same twice."""
    letter = read(mail)
    assert (letter.refusal is None) == bool(letter.photos)
    assert len(letter.photos) <= LIMITS.photos
    assert set(letter.ticks) <= set(TICK_WORDS)
    again = read(mail)
    assert (again.identity, again.photos, again.ticks) == (letter.identity, letter.photos, letter.ticks)


@given(st.lists(PIECES | st.binary(max_size=20), max_size=60).map(b"".join))
def test_leaves_lie_within_the_mail_and_side_by_side(mail: bytes) -> None:
    """However a mail lies, its leaves are in order, do not overlap, and are few."""
    try:
        leaves = list(leaves_of(mail))
    except Refused as error:
        assert error.code == "mail-tangled"
        return
    assert len(leaves) <= PARTS_MOST
    at = 0
    for leaf in leaves:
        assert at <= leaf.start <= leaf.end <= len(mail)
        at = leaf.end
