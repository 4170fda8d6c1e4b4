"""How long a mirror of a log takes, over HTTP on one machine, beside reading the same files by the same way out.

    nice .venv/bin/python bench/mirror.py [ENTRIES] [PICTURES]

Serves a log of ENTRIES (20,000 when nothing is said) and a list of PICTURES (2,000) of 60 kB from files, then mirrors
it whole, again with nothing new, again with 200 more entries and 20 pictures taken back, and fetches all files once
with `fetch` alone, which is what no mirror can be quicker than. Prints seconds, CPU seconds (the server's, in the
same process, included) and bytes.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import http.server
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wearemany.adapters.fetch import Limits, Way, fetch
from wearemany.tlog.checkpoint import Checkpoint, sign_checkpoint
from wearemany.tlog.note import Signer
from wearemany.tlog.sequence import Edge, plan
from wearemany.wall.audit import CHECKPOINT_PATH
from wearemany.wall.entry import Phase, PhaseEntry, PostEntry, encode
from wearemany.wall.mirrors.copying import Mirrored, Wishes, mirror
from wearemany.wall.mirrors.pictures_note import ListedPicture, digest_of, make_blocks, make_head, sign_head
from wearemany.wall.recounting.reading import KEY_PATH

NOW = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.UTC)
DAY = datetime.date(2026, 11, 23)
SIGNER = Signer("bench.example/log/red", bytes(32))
KEY = "abcdefghijklmnopqrstuvwxyz"
PICTURE_BYTES = 60_000


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a word; an address without an ending is a file like any other."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def publish(root: Path, entries: int, places: range, at: datetime.datetime) -> None:
    """Write the log and the list of pictures where the server shows them."""
    log = root / "log" / "red"
    lines = [encode(PhaseEntry(DAY, Phase.OPENED, bytes(32), recovery=bytes(32)))]
    for index in range(1, entries):
        lines.append(
            encode(PostEntry(DAY, hashlib.sha256(index.to_bytes(8, "big")).digest(), 1, 1, True, False))
        )
    batch = plan(Edge(), lines, tail=())
    note = sign_checkpoint(Checkpoint(SIGNER.name, entries, batch.root), SIGNER)
    for path, data in (*((file.path, file.data) for file in batch.files), (CHECKPOINT_PATH, note.data)):
        (log / path).parent.mkdir(parents=True, exist_ok=True)
        (log / path).write_bytes(data)
    (log / KEY_PATH).write_text(SIGNER.verifier.vkey)
    pictures = []
    for place in places:
        content = hashlib.shake_256(str(place).encode()).digest(PICTURE_BYTES)
        name = "".join("abcdefghij"[int(digit)] for digit in f"{place:026d}") + ".jpg"
        (root / "r").mkdir(exist_ok=True)
        (root / "r" / name).write_bytes(content)
        pictures.append(ListedPicture(place, 1, digest_of(content), name))
    blocks = make_blocks(pictures)
    # A folder and a file cannot have one name: the head is served from beside the blocks.
    (log / "pictures").mkdir(exist_ok=True)
    (log / "pictures" / "index.html").write_bytes(
        sign_head(make_head(SIGNER.name, at, blocks), seed=SIGNER.seed).data
    )
    for number, content in blocks.items():
        (log / "pictures" / str(number)).write_bytes(content)


def timed(what: str, act: Callable[[], str]) -> None:
    """Print how long an act took, and how much of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    told = act()
    print(f"{what:32} {time.perf_counter() - wall:7.2f} s {time.process_time() - cpu:7.2f} CPU s   {told}")


def main() -> None:
    """Serve, mirror three times, and read all files once."""
    given = [int(word) for word in sys.argv[1:3]]
    entries, pictures = (*given, *(20_000, 2_000)[len(given) :])
    with tempfile.TemporaryDirectory() as place:
        root, folder = Path(place) / "server", Path(place) / "mirror"
        publish(root, entries, range(1, pictures + 1), NOW)
        handler = functools.partial(Quiet, directory=str(root))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/log/red/"

        def run(wishes: Wishes, at: datetime.datetime = NOW) -> str:
            done: Mirrored = mirror(address, folder=folder, now=at, way=Way(), wishes=wishes)
            if not done.result.holds or done.pictures_complaint:
                sys.exit(f"the mirror did not hold: {done.findings} {done.pictures_complaint}")
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            came = f"{done.fetched} files, {done.pictures_fetched} pictures"
            return f"{came}, {done.pictures_removed} gone; {size:,} bytes are there"

        def read_all() -> str:
            way = Way().leading_home(address)
            paths = [os.path.relpath(path, root) for path in root.rglob("*") if path.is_file()]
            base = address.removesuffix("log/red/")
            with ThreadPoolExecutor(8) as pool:
                sizes = pool.map(
                    lambda path: len(fetch(base + path, way=way, limits=Limits(9_000_000)).body), paths
                )
                return f"{len(paths)} files, {sum(sizes):,} bytes"

        timed(f"log of {entries:,} entries", lambda: run(Wishes()))
        timed("again, nothing new", lambda: run(Wishes()))
        timed(f"with {pictures:,} pictures", lambda: run(Wishes(pictures_key=KEY)))
        timed("again, nothing new", lambda: run(Wishes(pictures_key=KEY)))
        later = NOW + datetime.timedelta(hours=1)
        publish(root, entries + 200, range(21, pictures + 1), later)
        timed("200 entries more, 20 taken back", lambda: run(Wishes(pictures_key=KEY), later))
        timed("all files by `fetch` alone", read_all)
        server.shutdown()


if __name__ == "__main__":
    main()
