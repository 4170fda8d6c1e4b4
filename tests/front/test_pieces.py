"""Pieces of resumable uploads: what arrived before a cut is kept, and what the head rules out is not read."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest

from tests.front.house import client, eventually, read_all, read_until, serving
from wearemany.adapters.sealed import open_sealed
from wearemany.front import Limits

ID = "abcdefghijklmnopqrstuvwxyz"
MARK = b"PLAINTEXT-OF-A-FACE-" * 4000
TUS = {"tus-resumable": "1.0.0"}
PIECE = {**TUS, "content-type": "application/offset+octet-stream", "upload-offset": "0"}


def head(
    method: str = "PATCH", path: str = f"/upload/{ID}", *, length: int = len(MARK), **more: str
) -> bytes:
    """Return the head of a request that brings a piece."""
    headers = {**PIECE, **{name.replace("_", "-"): value for name, value in more.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{lines}\r\n".encode()


def received(house) -> list[bytes]:
    """Return the pieces that Django was handed, opened."""
    return [
        open_sealed(one.key, house.store.get(one.blob))
        for environ in house.environs
        for one in environ["wearemany.uploads"]
    ]


def methods(house) -> list[str]:
    """Return under which methods Django was asked for uploads."""
    return [
        environ["REQUEST_METHOD"] for environ in house.environs if environ["PATH_INFO"].startswith("/upload")
    ]


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PATCH", "DELETE", "HEAD"])
def test_every_method_of_the_protocol_reaches_django(served, method):
    """Pages take GET, HEAD and POST; here the others mean something. A HEAD is asked as GET, and never from memory."""
    for _ in range(2):
        assert client.request(method, f"{served.url}/upload/{ID}", headers=TUS).status_code == 200
    assert methods(served.house) == ["GET" if method == "HEAD" else method] * 2


def test_a_piece_is_stored_sealed_and_handed_on(served):
    """As photos of forms are; no file below the folder holds what was sent."""
    client.patch(f"{served.url}/upload/{ID}", content=MARK, headers=PIECE)
    assert received(served.house) == [MARK]
    assert all(MARK[:20] not in path.read_bytes() for path in served.house.on_disk())


def test_an_old_client_may_name_the_method_in_a_header(served):
    """Some proxies let POST through only."""
    client.post(
        f"{served.url}/upload/{ID}", content=MARK, headers={**PIECE, "x-http-method-override": "PATCH"}
    )
    assert methods(served.house) == ["PATCH"]
    assert received(served.house) == [MARK]
    client.post(f"{served.url}/en/x/join", data={"a": "1"}, headers={"x-http-method-override": "DELETE"})
    assert served.house.environs[-1]["REQUEST_METHOD"] == "POST"


@pytest.mark.parametrize("cut_at", [1024, 5000, 70_000, len(MARK) - 1])
def test_what_arrived_before_a_cut_is_kept(served, cut_at):
    """The line goes in the middle of a piece: what had arrived is a piece of its own, whole and openable."""
    line = served.line()
    line.sendall(head() + MARK[:cut_at])
    eventually(lambda: [one.bytes for one in served.front.intake.arrivals._open] == [cut_at])
    line.close()
    eventually(lambda: received(served.house) == [MARK[:cut_at]])
    eventually(lambda: len(served.front.intake.arrivals) == 0)


@pytest.mark.parametrize("method", ["HEAD", "PATCH"])
def test_a_line_that_died_without_a_word_is_cut_when_its_sender_comes_back(served, method):
    """Phones change networks: nobody says goodbye. What the dead line brought counts before the new request does."""
    dead = served.line()
    dead.sendall(head() + MARK[:5000])
    eventually(lambda: [one.bytes for one in served.front.intake.arrivals._open] == [5000])
    answer = client.request(
        method, f"{served.url}/upload/{ID}", content=MARK[5000:] if method == "PATCH" else b"", headers=PIECE
    )
    assert answer.status_code == 200
    assert methods(served.house) == ["PATCH", "GET" if method == "HEAD" else method]
    assert received(served.house) == [MARK[:5000], MARK[5000:]][: 2 if method == "PATCH" else 1]
    other = client.head(f"{served.url}/upload/{'z' * 26}", headers=TUS)
    assert other.status_code == 200 and served.front.pieces._newest == {}
    dead.close()


def test_the_newest_of_many_requests_wins(served):
    """Impatient clients open one line after another: each ends the one before, and none waits for long."""
    lines = [served.line() for _ in range(5)]
    began = time.monotonic()
    for number, line in enumerate(lines, start=1):
        line.sendall(head() + MARK[: 2000 * number])
        eventually(
            lambda number=number: (
                served.front.intake.arrivals._open
                and {one.bytes for one in served.front.intake.arrivals._open} == {2000 * number}
            )
        )
    client.head(f"{served.url}/upload/{ID}", headers=TUS)
    assert received(served.house) == [MARK[: 2000 * number] for number in range(1, 6)]
    assert time.monotonic() - began < 5
    for line in lines:
        line.close()


@pytest.mark.parametrize("cut_at", [0, 1, 1023])
def test_a_crumb_is_dropped(served, cut_at):
    """Less than a kilobyte is not worth a blob: Django never hears of it and the disk is as before."""
    line = served.line()
    line.sendall(head() + MARK[:cut_at])
    eventually(lambda: [one.bytes for one in served.front.intake.arrivals._open] == [cut_at])
    line.close()
    eventually(lambda: len(served.front.intake.arrivals) == 0)
    eventually(lambda: served.house.on_disk() == [])
    assert methods(served.house) == []


def test_what_a_slow_line_brought_is_kept_and_answered(house):
    """A piece that takes too long ends early: its sender hears how far it got instead of an error."""
    with serving(house, Limits(window_s=0.3, window_bytes=100_000)) as served:
        line = served.line()
        line.sendall(head() + MARK[:5000])
        assert read_until(line, b"page /upload").startswith(b"HTTP/1.1 200 ")
        line.close()
        assert received(house) == [MARK[:5000]]


def test_the_beginning_of_an_upload_needs_its_answer(served):
    """A cut creation leaves nothing: nobody would ever learn where it is."""
    line = served.line()
    line.sendall(head("POST", "/upload") + MARK[:5000])
    eventually(lambda: [one.bytes for one in served.front.intake.arrivals._open] == [5000])
    line.close()
    eventually(lambda: len(served.front.intake.arrivals) == 0)
    eventually(lambda: served.house.on_disk() == [])
    assert methods(served.house) == []


def test_a_piece_that_no_row_speaks_of_is_deleted(house):
    """A piece for the wrong place leaves nothing behind."""
    house.keeps_uploads = False
    with serving(house) as served:
        client.patch(f"{served.url}/upload/{ID}", content=MARK, headers=PIECE)
        assert len(methods(house)) == 1
    assert house.on_disk() == []


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(served):
    """One byte over 25 MB, said by the length of the upload or of the piece: 413, and no `100 Continue`."""
    for more in ({"upload_length": "26214401"}, {"length": 26_214_401}):
        line = served.line()
        line.sendall(head("POST", "/upload", expect="100-continue", **more))
        answer = read_all(line)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b'"code": "body-too-large"' in answer and b"tus-resumable: 1.0.0" in answer
        assert b"100 Continue" not in answer
    assert methods(served.house) == []


def test_a_piece_that_grows_too_large_leaves_nothing(house):
    """Without a length the cap is found while it comes."""
    with serving(house, Limits(part_bytes=100_000)) as served:
        answer = client.patch(f"{served.url}/upload/{ID}", content=iter([b"x" * 30_000] * 4), headers=PIECE)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body-too-large")
    assert house.on_disk() == []


@pytest.mark.parametrize(
    ("method", "headers", "status", "code"),
    [
        ("PATCH", {"tus-resumable": "0.2.2"}, 412, "upload-version-unknown"),
        ("POST", {"tus-resumable": ""}, 412, "upload-version-unknown"),
        ("HEAD", {"tus-resumable": "2"}, 412, ""),
        ("PATCH", {"content-type": "image/jpeg"}, 415, "piece-type-unknown"),
        ("POST", {"content-type": "multipart/form-data; boundary=x"}, 415, "piece-type-unknown"),
        ("PATCH", {"upload-checksum": "md5 AAAA"}, 400, "checksum-unknown"),
        ("PATCH", {"upload-checksum": "sha1 ???"}, 400, "checksum-unknown"),
        ("PATCH", {"upload-checksum": "sha1 AAAA"}, 460, "checksum-differs"),
    ],
)
def test_the_protocols_own_refusals(served, method, headers, status, code):
    """Each with its status, as JSON, with the version that is spoken here; nothing is stored."""
    content = b"" if method == "HEAD" else MARK
    answer = client.request(
        method, f"{served.url}/upload/{ID}", content=content, headers={**PIECE, **headers}
    )
    assert answer.status_code == status
    assert answer.headers["tus-resumable"] == answer.headers["tus-version"] == "1.0.0"
    if code:
        assert answer.json()["error"]["code"] == code
    assert methods(served.house) == [] and served.house.on_disk() == []


def test_a_checksum_guards_a_piece(served):
    """The right one passes; a cut piece with one cannot be checked, so nothing of it is kept."""
    for name in ("sha1", "sha256"):
        told = base64.b64encode(hashlib.new(name, MARK).digest()).decode()
        headers = {**PIECE, "upload-checksum": f"{name} {told}"}
        assert client.patch(f"{served.url}/upload/{ID}", content=MARK, headers=headers).status_code == 200
    line = served.line()
    line.sendall(head(upload_checksum=f"sha256 {told}") + MARK[:5000])
    eventually(lambda: [one.bytes for one in served.front.intake.arrivals._open] == [5000])
    line.close()
    eventually(lambda: len(served.front.intake.arrivals) == 0)
    assert received(served.house) == [MARK, MARK]


def test_a_full_disk_is_told_and_leaves_nothing(house):
    """The sender is asked to come back; 503 makes clients try again."""
    with serving(house) as served:
        full = served.house.store._disk

        def write(handle: int, content: bytes) -> None:
            raise OSError(28, "No space left on device")

        full.write = write
        answer = client.patch(f"{served.url}/upload/{ID}", content=MARK * 20, headers=PIECE)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage-full")
        assert answer.headers["retry-after"]
    assert methods(house) == []
