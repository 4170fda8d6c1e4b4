"""A raid and honest people, posting for real: bytes over HTTP to a server on loopback, behind a trusted proxy.

Half of the raid's pictures are the same few files, half are drawn people varied anew for each post (cut, lighter or
darker, saved again), from addresses in many networks. The honest show themselves, each before another wall: many from
behind one address, some from the raid's own networks. How long they waited is read in the server's database, from the
moment their post was answered; `Watch.floor` is what the same darkroom would have needed with them alone.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import random
import re
import sqlite3
import statistics
import string
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from tests.rigs.serving import Serving
from wearemany.photos.keepcode import digest
from wearemany.samples import gallery
from wearemany.samples.cues import FIRST, kind_and_seed

SIZE_PX = (180, 240)
NETWORKS = 40
_BASES_MOST = 6
BEHIND_ONE = "203.0.113.7"
LOOK_EVERY_S = 0.2
_TOKEN = "abcdefghijklmnopqrstuvwxyz234567"
_HIDDEN = re.compile(r'<input type="hidden" name="(code|form)" value="([^"]*)">')
_BOUNDARY = "flood-boundary"


@dataclass(frozen=True)
class Size:
    """How many post, from how many addresses, within how many seconds, over how many connections of each kind.

    The raid has so many `files` that it sends as they are, and so many `bases` that it varies.
    """

    raid: int
    crowd: int
    neighbours: int
    addresses: int
    raid_s: float
    honest_s: float
    lines: int = 6
    files: int = 10
    bases: int = _BASES_MOST

    @property
    def pictures(self) -> int:
        """How many pictures the raid has."""
        return self.files + self.bases


def part_of(size: Size, share: float) -> Size:
    """Return a part of a raid: fewer posts from fewer addresses in less time."""
    counts = {name: max(2, round(getattr(size, name) * share)) for name in ("raid", "crowd", "neighbours")}
    return replace(
        size,
        **counts,
        addresses=max(20, round(size.addresses * share)),
        raid_s=size.raid_s * share,
        honest_s=size.honest_s * share,
    )


@dataclass(frozen=True)
class Sender:
    """One post to come: when, whose, from where, and the number that its picture is made from."""

    at_s: float
    who: str
    address: str
    number: int


@dataclass
class Sent:
    """What became of all that was sent: status codes by who, seconds until the answer, when each was taken."""

    statuses: dict[str, dict[int, int]] = field(default_factory=dict)
    answers_s: dict[str, list[float]] = field(default_factory=dict)
    taken: dict[bytes, tuple[str, float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, who: str, status: int, *, code_digest: bytes, took_s: float) -> None:
        """Remember one answer."""
        with self.lock:
            counts = self.statuses.setdefault(who, {})
            counts[status] = counts.get(status, 0) + 1
            self.answers_s.setdefault(who, []).append(took_s)
            if status == 200:
                self.taken[code_digest] = (who, time.monotonic())


def senders(size: Size, chance: random.Random) -> tuple[list[Sender], list[Sender]]:
    """Return the raid's and the honest ones' posts, each in the order of their times."""
    raid = [
        Sender(chance.uniform(0, size.raid_s), "raid", _raid_address(number % size.addresses), number)
        for number in range(size.raid)
    ]
    honest = [
        Sender(chance.uniform(0, size.honest_s), "crowd", BEHIND_ONE, number) for number in range(size.crowd)
    ]
    for number in range(size.neighbours):
        place = number % NETWORKS
        address = f"{_network(place)}.{201 + number // NETWORKS}"
        at_s = chance.uniform(0, size.raid_s)
        honest.append(Sender(at_s, "neighbours", address, size.crowd + number))
    return sorted(raid, key=lambda one: one.at_s), sorted(honest, key=lambda one: one.at_s)


def _raid_address(place: int) -> str:
    return f"{_network(place % NETWORKS)}.{1 + place // NETWORKS % 200}"


def _network(place: int) -> str:
    return f"198.{18 + place // 20}.{place % 20}"


class Pictures:
    """Draws what is posted; cheap enough to do so anew for each post."""

    def __init__(self, size: Size) -> None:
        kinds = [kind_and_seed(number, FIRST) for number in range(2, FIRST)]
        ordinary = [gallery.picture(*kind) for kind in kinds if kind[0] == "ordinary"]
        people = [Image.open(io.BytesIO(one)).convert("RGB") for one in ordinary]
        self._bases = [one.resize(SIZE_PX, Image.Resampling.BICUBIC) for one in people[: size.bases]]
        self._people = [one.resize((112, 149), Image.Resampling.BICUBIC) for one in people[_BASES_MOST:]]
        self._files = [self.honest(1_000_000 + number) for number in range(size.files)]

    def of(self, sender: Sender) -> bytes:
        """Return the bytes that somebody sends."""
        return self.raid(sender.number) if sender.who == "raid" else self.honest(sender.number)

    def honest(self, number: int) -> bytes:
        """Return somebody before a wall of their own."""
        chance = np.random.default_rng(number)
        wall = chance.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        picture = Image.fromarray(wall).resize(SIZE_PX, Image.Resampling.BICUBIC)
        person = self._people[number % len(self._people)]
        if number // len(self._people) % 2:
            person = person.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        left, top = (int(chance.integers(0, SIZE_PX[at] - person.size[at] + 1)) for at in (0, 1))
        picture.paste(person, (left, top))
        return _saved(picture, 82)

    def raid(self, number: int) -> bytes:
        """Return one of the ten files, or a person varied as nobody else's."""
        chance = random.Random(number)
        if number % 2:
            return chance.choice(self._files)
        width, height = SIZE_PX
        cut = [chance.randrange(0, 6) for _ in range(4)]
        picture = chance.choice(self._bases).crop((cut[0], cut[1], width - cut[2], height - cut[3]))
        picture = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.8, 1.2))
        return _saved(picture, chance.randrange(60, 95))


def _saved(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


class Line:
    """One connection, as a proxy of the server's own keeps it."""

    def __init__(self, server: Serving) -> None:
        self._server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self._pepper = (server.folder / "data" / "keys" / "pepper.key").read_bytes()

    def posts(self, sender: Sender, content: bytes, sent: Sent) -> None:
        """Post one photo; the raid does without the page that people see first."""
        began_s = time.monotonic()
        code, token = _made_up() if sender.who == "raid" else self._form(sender.address)
        fields = [("code", code), ("form", token), ("cover", "nobody"), ("tick", "show"), ("tick", "agreed")]
        status, _ = self._asked("POST", sender.address, _multipart(fields, content))
        took_s = time.monotonic() - began_s
        sent.note(sender.who, status, code_digest=digest(code, self._pepper), took_s=took_s)

    def _form(self, address: str) -> tuple[str, str]:
        status, page = self._asked("GET", address, b"")
        found = {name: unescape(value) for name, value in _HIDDEN.findall(page)}
        assert status == 200, page[:300]
        return found["code"], found["form"]

    def _asked(self, method: str, address: str, body: bytes) -> tuple[int, str]:
        headers = {"X-Forwarded-For": address, "Origin": self._server.base}
        if body:
            headers["Content-Type"] = f"multipart/form-data; boundary={_BOUNDARY}"
        self._connection.request(method, "/en/red/join", body=body or None, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")


def _made_up() -> tuple[str, str]:
    chance = random.SystemRandom()
    words = ["".join(chance.choices(string.ascii_lowercase, k=8)) for _ in range(7)]
    return " ".join(words), "".join(chance.choices(_TOKEN, k=26))


def _multipart(fields: Iterable[tuple[str, str]], content: bytes) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    photo = (
        'Content-Disposition: form-data; name="photo"; filename="me.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    parts.append(f"--{_BOUNDARY}\r\n{photo}".encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode())
    return b"".join(parts)


class Flood:
    """Sends everything in its time, as far as the server takes it."""

    def __init__(self, server: Serving, size: Size, pictures: Pictures, sent: Sent) -> None:
        self._server, self._pictures, self._sent = server, pictures, sent
        self.stop = threading.Event()
        self._threads: list[threading.Thread] = []
        for ones in senders(size, random.Random(7)):
            queue, lock = iter(ones), threading.Lock()
            for _ in range(size.lines):
                self._threads.append(threading.Thread(target=self._send, args=(queue, lock), daemon=True))
        self._began_s = time.monotonic()
        for thread in self._threads:
            thread.start()

    @property
    def is_over(self) -> bool:
        """Whether all was sent."""
        return not any(thread.is_alive() for thread in self._threads)

    def join(self) -> None:
        """Wait until all was sent."""
        for thread in self._threads:
            thread.join()

    def _send(self, queue: Iterator[Sender], lock: threading.Lock) -> None:
        line = Line(self._server)
        while not self.stop.is_set():
            with lock:
                sender = next(queue, None)
            if sender is None:
                return
            content = self._pictures.of(sender)
            self.stop.wait(max(0.0, self._began_s + sender.at_s - time.monotonic()))
            line.posts(sender, content, self._sent)


class Watch:
    """Looks into the server's database, several times a second, at what was developed; and at its processes."""

    def __init__(self, server: Serving) -> None:
        assert server.process is not None
        self._database, self._pid = server.folder / "data" / "wearemany.sqlite3", server.process.pid
        self._seen_to = 0
        self.developed: dict[bytes, float] = {}
        self.most_mb: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def asked(self, question: str) -> list[tuple[object, ...]]:
        """Ask the database, beside the server."""
        with contextlib.closing(sqlite3.connect(self._database, timeout=60)) as line:
            return line.execute(question).fetchall()

    def waits(self, sent: Sent, *who: str) -> list[float]:
        """Return how long those who are developed waited, in order."""
        return sorted(
            max(0.0, self.developed[code] - taken_s)
            for code, (whose, taken_s) in sent.taken.items()
            if whose in who and code in self.developed
        )

    def missing(self, sent: Sent) -> int:
        """Return how many honest posts were taken and are not developed yet."""
        with sent.lock:
            return sum(who != "raid" and code not in self.developed for code, (who, _) in sent.taken.items())

    def floor(self, sent: Sent, *who: str) -> list[float]:
        """Return how long they would have waited, had each photo that was ready been the longest waiting honest one."""
        coming = sorted((taken_s, whose) for whose, taken_s in sent.taken.values() if whose != "raid")
        found, place = [], 0
        for ready_s in sorted(self.developed.values()):
            if place < len(coming) and coming[place][0] <= ready_s:
                taken_s, whose = coming[place]
                place += 1
                found += [ready_s - taken_s] if whose in who else []
        return sorted(found)

    def _look(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            found = self.asked(
                "select development.rowid, post.code_digest from development "
                "join photo on photo.id = development.photo_id join post on post.id = photo.post_id "
                f"where development.rowid > {self._seen_to} order by development.rowid"
            )
            now_s = time.monotonic()
            for place, code in found:
                self._seen_to = int(str(place))
                self.developed.setdefault(code if isinstance(code, bytes) else b"", now_s)
            self._measure()

    def _measure(self) -> None:
        for name, pids in (("server", [self._pid]), ("child", children_of(self._pid))):
            for pid in pids:
                self.most_mb[name] = max(self.most_mb.get(name, 0), peak_mb(pid))


def children_of(pid: int) -> list[int]:
    """Return the process ids of a process's children."""
    with contextlib.suppress(OSError):
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        return [int(word) for text in lists for word in text.split()]
    return []


def peak_mb(pid: int) -> int:
    """Return how much memory a process had at most; 0 when it is gone."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) // 1024 if found else 0
    return 0


def middle(values: list[float]) -> float:
    """Return the median; 0 of none."""
    return statistics.median(values) if values else 0.0
