"""Being a witness: what is answered is on the disk first, and nobody moves a log back, whatever dies or races."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from wearemany.errors import Refused
from wearemany.tlog import checkpoint, merkle
from wearemany.tlog.cosignature import cosigned, cosigner
from wearemany.tlog.note import Note, Signer, parse
from wearemany.tlog.witness import MOST_REQUEST_BYTES, SIZE_TYPE, AddCheckpoint, Refusal
from wearemany.wall.witnesses.stand import LOGS_FILE, Stand, stand_create, stand_open

LOG = Signer("door.example/log/red", bytes(range(32)))
LEAVES = [merkle.leaf_hash(f"entry {number}".encode()) for number in range(400)]


def asked(old: int, size: int) -> AddCheckpoint:
    hashes = merkle.consistency_proof(old_size=old, size=size, hash_of=merkle.range_hashes(LEAVES[:size]))
    seen = checkpoint.Checkpoint(LOG.name, size, merkle.root_of(LEAVES[:size]))
    return AddCheckpoint(old, tuple(hashes), checkpoint.sign_checkpoint(seen, LOG))


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    """A witness that knows one log."""
    folder = tmp_path / "witness"
    stand_create(folder, name="w1.example", seed=b"\x07" * 32)
    with (folder / LOGS_FILE).open("a") as logs:
        logs.write(f"\n{LOG.verifier.vkey}\n")
    return stand_open(folder)


def test_a_witness_remembers_what_it_cosigned(stand: Stand) -> None:
    """The cosignature holds, a second opening knows the size, and an older state is not cosigned again."""
    body = stand.add_checkpoint(asked(0, 9).data, time_s=77)
    note = parse(asked(0, 9).note.data + body)
    assert [item.time_s for item in cosigned(note, [cosigner(stand.signer)])] == [77]
    again = stand_open(stand.folder)
    assert again.latest(LOG.name).size == 9
    for old, size in ((0, 9), (0, 5), (5, 12)):
        with pytest.raises(Refusal) as refusal:
            again.add_checkpoint(asked(old, size).data, time_s=78)
        assert (refusal.value.status, refusal.value.body) == (409, b"9\n")
    again.add_checkpoint(asked(9, 9).data, time_s=79)
    again.add_checkpoint(asked(9, 12).data, time_s=79)
    assert stand.latest(LOG.name).size == 12


def test_two_requests_at_once_cannot_both_move_a_log(stand: Stand) -> None:
    """Of many that start from the same size one moves it, the others are told where it is now."""
    stand.add_checkpoint(asked(0, 9).data, time_s=1)
    statuses: list[int] = []
    ready = threading.Barrier(8)

    def ask(size: int) -> None:
        request = asked(9, size).data
        ready.wait()
        try:
            stand_open(stand.folder).add_checkpoint(request, time_s=2)
            statuses.append(200)
        except Refusal as refusal:
            statuses.append(refusal.status)

    threads = [threading.Thread(target=ask, args=(size,)) for size in range(20, 28)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 7
    assert 20 <= stand.latest(LOG.name).size < 28


def test_a_witness_is_made_once(tmp_path: Path, stand: Stand) -> None:
    """Its key is never written over; what is no witness, or a spoilt list, is refused with a sentence."""
    for call, code in (
        (lambda: stand_create(stand.folder, name="w2.example", seed=bytes(32)), "witness-exists"),
        (lambda: stand_create(tmp_path / "new", name="w 2", seed=bytes(32)), "witness-name"),
        (lambda: stand_open(tmp_path / "nowhere"), "witness-missing"),
    ):
        with pytest.raises(Refused) as refusal:
            call()
        assert refusal.value.code == code
    assert (stand.folder / "witness.key").stat().st_mode & 0o077 == 0
    (stand.folder / LOGS_FILE).write_text("nonsense\n")
    with pytest.raises(Refused) as refusal:
        stand_open(stand.folder)
    assert refusal.value.code == "witness-logs"


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve the folder as the command does, on a free port."""
    port = _free_port()
    command = [sys.executable, "-m", "wearemany", "witness", "serve", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert re.match(r"w1\.example\+", process.stdout.readline())
        process.stdout.readline()
        _wait_for(port)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the witness does not answer")


def post(address: str, body: bytes, path: str = "/add-checkpoint") -> tuple[int, bytes, str]:
    request = urllib.request.Request(address + path, data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers["Content-Type"]


def test_a_witness_that_is_killed_forgets_nothing(stand: Stand) -> None:
    """Over HTTP, with SIGKILL right behind every answer: the next process goes on from there. Loopback by default."""
    sizes = (0, 9, 300)
    for old, size in pairwise(sizes):
        with serving(stand.folder) as (address, process):
            status, body, _ = post(address, asked(old, size).data)
            process.send_signal(signal.SIGKILL)
        assert status == 200
        note: Note = parse(asked(old, size).note.data + body)
        assert len(cosigned(note, [cosigner(stand.signer)])) == 1
        assert stand.latest(LOG.name).size == size
    with serving(stand.folder) as (address, _):
        assert post(address, asked(0, 9).data) == (409, b"300\n", SIZE_TYPE)
        assert post(address, b"x" * (MOST_REQUEST_BYTES + 1))[0] == 413
        assert post(address, b"nonsense")[0] == 400
        assert post(address, b"", path="/elsewhere")[0] == 404
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(address + "/add-checkpoint")
        assert refusal.value.code == 405
