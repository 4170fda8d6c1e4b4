"""Somebody who sends files to a running server as a program does, whole or in pieces, and collects all it gives back.

The server is a real `wearemany serve` on loopback; everything goes through its door and nothing past it, but the
approval of what waits for a person, which the command `wearemany` does beside it.
"""

from __future__ import annotations

import base64
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.rigs.serving import ROOT, Serving, campaign_arguments, server_in
from tests.rigs.watching import Watch, command_of
from wearemany.photos.orders import TERMS_VERSION

API = "/api/v1"
HANDLE = "red"
FILE_NAME = "Anna Petrova at home.jpg"
TUS = {"Tus-Resumable": "1.0.0"}
PATIENCE_S = 120.0
ORPHANS_END_S = 15.0
LONGEST_PAUSE_S = 0.5
COPIES = 6
_PICTURE = re.compile(r"/r/[a-z2-7]{26}\.(?:webp|jpg)")
_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}

APPROVE = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "wearemany.config.settings"
django.setup()
from wearemany.moderation.models import Review
from wearemany.moderation.services import decision_make
reviews = Review.objects.filter(open=True).select_related("post")
for review in reviews:
    decision_make(post=review.post, kind="approve")
print(len(reviews))
"""


@dataclass
class Sent:
    """What became of one file. `answer` is `taken` or the code of its refusal; `wrong` is what should not have been."""

    file: str
    answer: str = ""
    code: str = field(default="", repr=False)
    photo: str = field(default="", repr=False)
    seconds: float = 0.0
    picture: bytes = field(default=b"", repr=False)
    public: dict[str, bytes] = field(default_factory=dict, repr=False)
    pages: list[bytes] = field(default_factory=list, repr=False)
    wrong: list[str] = field(default_factory=list)

    @property
    def taken(self) -> bool:
        """Whether it became a photo."""
        return self.answer == "taken"

    def outputs(self) -> dict[str, bytes]:
        """Return everything that came back of it, by name."""
        pages = {f"page {number}": page for number, page in enumerate(self.pages)}
        return {**self.public, **pages, **({"picture": self.picture} if self.picture else {})}


@dataclass
class Doorway:
    """A running server, who looks at its processes, and a program that posts.

    With `patience_s` the program repeats unchanged what got no answer, or was asked to come again.
    """

    server: Serving
    watch: Watch
    client: httpx.Client
    temporary: Path
    patience_s: float = 0.0
    settle_s: float = PATIENCE_S

    def send(self, name: str, content: bytes, *, way: str) -> Sent:
        """Post one file, with every face shown, and wait until it is a photo or refused."""
        sent = Sent(name)
        form = self._asked(sent, "POST", f"{API}/campaigns/{HANDLE}/forms").json()
        upload = self._whole(sent, content, form) if way == "multipart" else self._pieces(sent, content, form)
        if not upload:
            return sent
        sent.code = form["code"]
        order = {
            **form, "uploads": [upload], "cover": "nobody", "ticks": {"show": True, "agreed": True},
            "terms_version": TERMS_VERSION, "language": "en",
        }  # fmt: skip
        began = time.monotonic()
        answer = self._asked(sent, "POST", f"{API}/campaigns/{HANDLE}/posts", json=order)
        if answer.status_code != 200:
            sent.answer = answer.json()["error"]["code"]
            return sent
        self.settle(sent)
        sent.seconds = time.monotonic() - began
        return sent

    def look(self, sent: Sent) -> None:
        """Collect what a stranger can get of a photo on the wall: its page, and all its copies, named there or not."""
        until = time.monotonic() + PATIENCE_S
        while not (wall := self._state(sent).get("wall")):
            if time.monotonic() > until:
                sent.wrong.append("never came to the wall")
                return
            time.sleep(0.1)
        page = self._asked(sent, "GET", wall)
        sent.pages.append(page.content)
        named = set(_PICTURE.findall(page.text))
        stored = self.rows(f"SELECT name, format FROM rendition WHERE photo_id = '{sent.photo}'")
        copies = {f"/r/{name}.{'jpg' if kind == 'jpeg' else kind}" for name, kind in stored}
        if len(copies) != COPIES or not named or named - copies:
            sent.wrong.append(f"{len(copies)} copies, {len(named - copies)} of others named")
        for address in sorted(copies):
            self._copy(sent, address)

    def approve(self) -> int:
        """Let a moderator approve all that waits; returns how many."""
        environment = self.server.environment
        run = [sys.executable, "-c", APPROVE]
        done = subprocess.run(run, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        return int(done.stdout)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask the server's database."""
        path = self.server.folder / "data" / "wearemany.sqlite3"
        with closing(sqlite3.connect(path, timeout=20)) as database:
            return database.execute(query).fetchall()

    def killed_and_started(self) -> None:
        """Kill the server in the middle of whatever it does, see its children end by themselves, start it again."""
        old = self.watch.children()
        self.server.kill()
        until = time.monotonic() + ORPHANS_END_S
        while left := [pid for pid in old if command_of(pid)]:
            assert time.monotonic() < until, f"children outlive their server: {left}"
            time.sleep(0.05)
        self.server.start()
        assert self.server.process is not None
        self.watch.pid = self.server.process.pid

    def left_over(self) -> list[str]:
        """Return files that should not be there once all is done: drafts, uploads, anything in the temporary folder."""
        blobs = self.server.folder / "data" / "blobs"
        folders = (blobs / ".drafts", blobs / "u", self.temporary)
        return [str(path) for folder in folders for path in folder.rglob("*") if path.is_file()]

    def settled(self) -> bool:
        """Wait until uploads are deleted; False when they are not in time."""
        until = time.monotonic() + PATIENCE_S
        while self.left_over() and time.monotonic() < until:
            time.sleep(0.2)
        return not self.left_over()

    def _copy(self, sent: Sent, address: str) -> None:
        answer = self._asked(sent, "GET", address)
        sent.public[address] = answer.content
        headers = answer.headers
        if headers["content-type"] != _TYPES[address.rpartition(".")[2]]:
            sent.wrong.append(f"{address} is {headers['content-type']}")
        if headers["x-content-type-options"] != "nosniff":
            sent.wrong.append(f"{address} may be sniffed")

    def settle(self, sent: Sent) -> None:
        """Wait until a posted file is a photo or refused, and look at what its author sees."""
        until, pause_s = time.monotonic() + self.settle_s, 0.05
        while (photo := self._state(sent)["photos"][0])["state"] == "waiting":
            if time.monotonic() > until:
                sent.answer = "nothing"
                sent.wrong.append("never answered")
                return
            # Eight who ask twenty times a second would keep the server from its photos.
            time.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, 1.5 * pause_s)
        if photo["state"] == "refused":
            # The API gives the sentence, the page of codes gives its code; a sentence is what people get.
            sent.answer = photo["refused"]
            if "%(" in sent.answer or not sent.answer.endswith("."):
                sent.wrong.append(f"half a sentence: {sent.answer}")
            return
        sent.answer, sent.photo = "taken", photo["photo"]
        asked = {"code": sent.code, "photo": photo["photo"]}
        sent.picture = self._asked(sent, "POST", f"{API}/posts/picture", json=asked).content
        own = {"origin": self.server.base}
        keep = self._asked(sent, "POST", "/en/keep", data={"code": sent.code}, headers=own)
        sent.pages.append(keep.content)

    def _state(self, sent: Sent) -> dict:
        return self._asked(sent, "POST", f"{API}/posts/state", json={"code": sent.code}).json()

    def _whole(self, sent: Sent, content: bytes, form: dict[str, str]) -> str:
        answer = self._asked(
            sent, "POST", f"{API}/uploads", data={"form": form["form"]}, files={"photo": (FILE_NAME, content)}
        )
        if answer.status_code == 201:
            return str(answer.json()["upload"])
        sent.answer = answer.json()["error"]["code"]
        return ""

    def _pieces(self, sent: Sent, content: bytes, form: dict[str, str]) -> str:
        told = {"form": form["form"], "filename": FILE_NAME}
        metadata = ",".join(
            f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in told.items()
        )
        headers = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
        answer = self._asked(sent, "POST", "/upload", headers=headers)
        if answer.status_code != 201:
            sent.answer = answer.json()["error"]["code"]
            return ""
        address = answer.headers["location"]
        middle = len(content) // 2 or len(content)
        for start, end in ((0, middle), (middle, len(content))):
            piece = {**TUS, "Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"}
            if start < end:
                self._asked(sent, "PATCH", address, content=content[start:end], headers=piece)
        return str(address.rpartition("/")[2])

    def _asked(self, sent: Sent, method: str, path: str, **more: object) -> httpx.Response:
        until = time.monotonic() + self.patience_s
        while True:
            try:
                answer = self.client.request(method, path, **more)
                if answer.status_code != 503 or time.monotonic() > until:
                    break
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.2)
        if answer.status_code >= 500:
            sent.wrong.append(
                f"{answer.status_code} to {method} {path.partition('?')[0]}: {answer.text[:200]}"
            )
        return answer


@contextmanager
def doorway(folder: Path, *, children: int = 2, **options: str) -> Iterator[Doorway]:
    """Run a server with an open campaign in a folder; at the end it is stopped, while it is still watched."""
    temporary = folder / "tmp"
    temporary.mkdir()
    chosen = {"DATABASE": "", "STORAGE": "", "DARKROOM_CHILDREN": str(children), **options}
    with server_in(folder, **chosen) as server:
        server.environment["TMPDIR"] = str(temporary)
        server.command(*campaign_arguments(HANDLE))
        server.start()
        assert server.process is not None
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=16)
        client = httpx.Client(base_url=server.base, timeout=60, limits=limits, verify=False)
        with client, Watch(server.process.pid) as watch:
            yield Doorway(server, watch, client, temporary)
            server.stop()
