"""A line that breaks again and again, against the real server: the bytes that arrive are the bytes that were sent."""

from __future__ import annotations

import base64
import http.client
import random
import socket
import sqlite3
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rigs.serving import Serving, server_in
from wearemany.adapters import keys
from wearemany.adapters.blobs import FolderBlobs
from wearemany.adapters.sealed import open_sealed
from wearemany.photos.secrets import upload_owner

FORM = base64.b64encode(b"b" * 26).decode()
PIECE_BYTES = 64_000
SEGMENT_BYTES = 1_400


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server that develops nothing; no campaign is needed to send a photo."""
    with server_in(
        tmp_path_factory.mktemp("line"), DARKROOM_CHILDREN="0", DATABASE="", STORAGE=""
    ) as serving:
        serving.start()
        yield serving
    while SILENT:
        SILENT.pop().close()


@dataclass
class Sender:
    """Somebody on a bad line. `sent_bytes` counts what left, `cuts` how often the line broke."""

    server: Serving
    chance: random.Random
    sent_bytes: int = 0
    cuts: int = 0

    def asked(self, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
        """Ask for something without a body."""
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        line.request(method, path, headers={"Tus-Resumable": "1.0.0", **headers})
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer

    def send(self, path: str, content: bytes, at: int) -> None:
        """Send the next piece; the line may break anywhere: politely, rudely, or without a word."""
        piece = content[at : at + self.chance.randint(2_000, PIECE_BYTES)]
        breaks_at = self.chance.choice([None, self.chance.randint(0, len(piece))])
        line = socket.create_connection(("127.0.0.1", self.server.port), timeout=20)
        line.sendall(
            f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {at}\r\n"
            f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(piece)}\r\n\r\n".encode()
        )
        for start in range(0, len(piece), SEGMENT_BYTES):
            if breaks_at is not None and start >= breaks_at:
                break
            line.sendall(piece[start : start + SEGMENT_BYTES])
            self.sent_bytes += len(piece[start : start + SEGMENT_BYTES])
            time.sleep(0.001)
        if breaks_at is None and self.chance.random() < 0.7:
            assert line.recv(65536).startswith(b"HTTP/1.1 204 ")
        else:
            self.cuts += 1
            self._break(line)

    def _break(self, line: socket.socket) -> None:
        how = self.chance.choice(["polite", "rude", "silent"])
        if how == "rude":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if how == "silent":
            SILENT.append(line)
        else:
            line.close()


SILENT: list[socket.socket] = []
"""Lines that are dead and do not say so."""


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 30))])
def test_a_photo_gets_through_any_line(server: Serving, seed: int) -> None:
    """Half of the pieces break off; asking and going on is all that a sender does, and little is sent twice."""
    chance = random.Random(seed)
    content = chance.randbytes(chance.randint(100_000, 700_000))
    sender = Sender(server, chance)
    began = sender.asked(
        "POST", "/upload", **{"Upload-Length": str(len(content)), "Upload-Metadata": f"form {FORM}"}
    )
    assert began.status == 201
    path = began.headers["Location"]
    for _ in range(400):
        at = int(sender.asked("HEAD", path).headers["Upload-Offset"])
        if at == len(content):
            break
        sender.send(path, content, at)
    assert arrived(server, path.rpartition("/")[2]) == content
    assert sender.cuts
    # A kilobyte may be dropped at each cut, and what was on its way when the line broke.
    assert sender.sent_bytes <= len(content) * 1.25
    assert sender.asked("DELETE", path).status == 204


def arrived(server: Serving, upload_id: str) -> bytes:
    """Return what lies in the server's store, opened with the server's keys."""
    data: Path = server.folder / "data"
    with sqlite3.connect(data / "wearemany.sqlite3") as database:
        ((blob, wrapped),) = database.execute(
            "SELECT blob, wrapped_key FROM upload WHERE id = ?", (upload_id,)
        ).fetchall()
    key = keys.load(data / "keys").unwrap(wrapped, owner=upload_owner(upload_id))
    return open_sealed(key, FolderBlobs(data / "blobs").get(blob))
