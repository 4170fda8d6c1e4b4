"""A tus client that somebody else wrote, against the real server: small pieces, a cut, and the photo becomes a post."""

from __future__ import annotations

import http.client
import io
import random
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from tusclient.client import TusClient

from tests.rigs.serving import Serving, campaign_arguments, server_in

_HIDDEN = re.compile(r'<input type="hidden" name="(code|form)" value="([^"]*)">')


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with an open campaign; it develops nothing, so uploads stay as they are."""
    folder = tmp_path_factory.mktemp("tus")
    with server_in(folder, DARKROOM_CHILDREN="0", DATABASE="", STORAGE="") as serving:
        serving.command(*campaign_arguments())
        serving.start()
        yield serving


def asked(server: Serving, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    """Ask the server once; return status and text."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request(method, path, body.encode(), headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def form_of(server: Serving) -> dict[str, str]:
    """Open the posting form; return its code and token."""
    return dict(_HIDDEN.findall(asked(server, "GET", "/en/red/join")[1]))


def posted(server: Serving, form: dict[str, str], upload_id: str) -> int:
    """Post with an upload that arrived; returns the status."""
    fields = {**form, "upload": upload_id, "cover": "nobody", "tick": ["show", "agreed"]}
    kind = "application/x-www-form-urlencoded"
    return asked(server, "POST", "/en/red/join", urlencode(fields, doseq=True), **{"Content-Type": kind})[0]


def rows(server: Serving, query: str) -> list[tuple[object, ...]]:
    """Ask the server's database."""
    with sqlite3.connect(server.folder / "data" / "wearemany.sqlite3") as database:
        return database.execute(query).fetchall()


def photo(size_bytes: int) -> bytes:
    """Return bytes like a photo's: they do not repeat."""
    return random.Random(size_bytes).randbytes(size_bytes)


def test_a_stock_client_uploads_in_small_pieces_and_goes_on_after_a_cut(server: Serving) -> None:
    """tuspy in pieces of 30 kB; the line is cut in one; another client goes on where it was; then it is posted."""
    form = form_of(server)
    content = photo(200_000)
    client = TusClient(f"{server.base}/upload")
    metadata = {"form": form["form"], "filename": "IMG_0042 Anna.jpg", "filetype": "image/jpeg"}
    uploader = client.uploader(
        file_stream=io.BytesIO(content), chunk_size=30_000, metadata=metadata, upload_checksum=True
    )
    uploader.upload(stop_at=60_000)
    url = uploader.url or ""
    assert url.startswith(server.base)

    cut_in_the_middle(server, urlsplit(url).path, content[60_000:90_000], at=60_000, after=20_000)
    later = client.uploader(file_stream=io.BytesIO(content), chunk_size=30_000, url=url)
    assert 60_000 < later.offset <= 80_000
    later.upload()
    assert later.get_offset() == len(content)

    upload_id = url.rpartition("/")[2]
    assert rows(server, f"SELECT size_bytes FROM upload WHERE id = '{upload_id}'") == [(len(content),)]
    assert posted(server, form, upload_id) == 200
    assert rows(server, f"SELECT count(*) FROM photo WHERE upload_id = '{upload_id}'") == [(1,)]
    assert later.get_offset() == len(content)
    assert not traces(server, b"Anna", content[:50])
    assert "Anna" not in server.log()


def test_a_killed_server_goes_on_where_it_was(server: Serving) -> None:
    """Power is cut between two pieces: what was acknowledged is there."""
    form = form_of(server)
    content = photo(90_000)
    uploader = TusClient(f"{server.base}/upload").uploader(
        file_stream=io.BytesIO(content), chunk_size=40_000, metadata={"form": form["form"]}
    )
    uploader.upload_chunk()
    server.kill()
    server.start()
    assert uploader.get_offset() == 40_000
    uploader.upload()
    assert posted(server, form, (uploader.url or "").rpartition("/")[2]) == 200


def test_too_large_a_photo_is_refused_before_it_is_sent(server: Serving) -> None:
    """25 MB and one byte: 413 at creation, by the body's head alone."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("POST", "/upload")
    for name, value in {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "26214401",
        "Content-Length": "26214401",
        "Content-Type": "application/offset+octet-stream",
        "Expect": "100-continue",
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Tus-Resumable"]) == (413, "1.0.0")


def cut_in_the_middle(server: Serving, path: str, piece: bytes, *, at: int, after: int) -> None:
    """Send part of a piece and drop the line; wait until the server has noticed."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("PATCH", path)
    for name, value in {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(at),
        "Content-Length": str(len(piece)),
        "Content-Type": "application/offset+octet-stream",
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    for start in range(0, after, 2_000):
        connection.send(piece[start : min(start + 2_000, after)])
        time.sleep(0.01)
    connection.close()
    upload_id = path.rpartition("/")[2]
    until = time.monotonic() + 10
    while rows(server, f"SELECT offset_bytes FROM resumable_upload WHERE id = '{upload_id}'") == [(at,)]:
        assert time.monotonic() < until, "what arrived before the cut was not kept"
        time.sleep(0.05)


def traces(server: Serving, *needles: bytes) -> list[Path]:
    """Return the server's files that hold one of the needles as it is."""
    files = [path for path in (server.folder / "data").rglob("*") if path.is_file()]
    return [path for path in files if any(needle in path.read_bytes() for needle in needles)]
