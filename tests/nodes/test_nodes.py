"""Several nodes on one PostgreSQL and one store: what befalls one of them costs nobody a post.

Real are the nodes (`wearemany serve`: policy, log, publishing, caches, pages, streams), the database and the store. The
posts are a crowd that has been through the darkroom already (`tests.rigs.crowd`), so that thousands fit into minutes.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.rigs.nodes import Nodes, nodes_in
from tests.rigs.postgres import postgres_server
from tests.rigs.serving import Serving, campaign_arguments
from tests.rigs.swift import BUCKET, KEY_ID, REGION, SECRET, swift_server

HANDLE = "red"
GONE_WITHIN_S = 2.0
CROWD = 556


# One client for all: making one reads every root certificate of the machine.
client = httpx.Client(verify=False)


@contextlib.contextmanager
def stored_in(folder: Path) -> Iterator[dict[str, str]]:
    """Start a real S3 store; yields the options that lead a server to it."""
    folder.mkdir()
    with swift_server(folder) as swift:
        yield {
            "STORAGE": f"s3://{BUCKET}", "S3_ENDPOINT": swift.endpoint, "S3_REGION": REGION,
            "S3_KEY_ID": KEY_ID, "S3_SECRET": SECRET,
        }  # fmt: skip


@contextlib.contextmanager
def campaign_on(folder: Path, count: int, **options: str) -> Iterator[Nodes]:
    """Open the campaign on so many running nodes, with a real PostgreSQL."""
    with postgres_server() as postgres, nodes_in(folder, count, database=postgres.url, **options) as nodes:
        nodes.nodes[0].command(*campaign_arguments(HANDLE))
        for node in nodes.nodes:
            node.start()
        yield nodes


@dataclass
class Listener:
    """A reader of one node's live stream who comes back by herself, and keeps what she was sent."""

    node: Serving
    posts: list[int] = field(default_factory=list)
    refreshes: int = 0
    shown: set[int] = field(default_factory=set)
    last: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Go away."""
        self.over.set()
        self.thread.join(10)

    def _listen(self) -> None:
        while not self.over.is_set():
            with contextlib.suppress(OSError):
                self._follow()
            time.sleep(0.2)

    def _follow(self) -> None:
        with socket.create_connection(("127.0.0.1", self.node.port), timeout=5) as line:
            back = f"Last-Event-ID: {self.last}\r\n" if self.last else ""
            line.sendall(f"GET /en/{HANDLE}/live?after=-1 HTTP/1.1\r\nHost: 127.0.0.1\r\n{back}\r\n".encode())
            line.settimeout(0.5)
            received = b""
            while not self.over.is_set():
                try:
                    chunk = line.recv(1 << 16)
                except TimeoutError:
                    continue
                if not chunk:
                    return
                received += chunk
                # Chunk sizes stand between events, on lines of their own; no event has such a line.
                *events, received = received.split(b"\n\n")
                for event in events:
                    self._take(event.decode())

    def _take(self, event: str) -> None:
        found = re.search(r"^id: (-?\d+)\r?\nevent: (\w+)\r?\ndata: (.*)$", event, re.MULTILINE)
        if found is None:
            return
        self.last, kind, values = found[1], found[2], json.loads(found[3])
        if kind == "post":
            self.posts.append(int(found[1]))
            self.shown.add(int(found[1]))
        elif kind == "refresh":
            self.refreshes += 1
            self.shown = {int(card["position"]) for card in values["cards"]}


def until(holds, *, limit_s: float) -> float:
    """Wait until something holds; returns how long that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < limit_s, "it did not come to hold"
        time.sleep(0.05)
    return time.monotonic() - began


def published(nodes: Nodes) -> int:
    """Return how many entries the database calls public."""
    return int(str(nodes.ask("select coalesce(max(published_size), 0) from log_head")[0][0]))


def settled(nodes: Nodes, size: int) -> None:
    """Wait until so many entries are public, for as long as something moves at all."""
    before, quiet_from = published(nodes), time.monotonic()
    while before != size:
        time.sleep(0.5)
        now = published(nodes)
        if now != before:
            before, quiet_from = now, time.monotonic()
        waiting = nodes.ask("select count(*) from post where awaits_decision")[0][0]
        kinds = nodes.ask("select kind, count(*) from wall_entry group by kind")
        logs = "\n".join(node.log()[-1500:] for node in nodes.nodes)
        assert time.monotonic() - quiet_from < 60, (
            f"{now} of {size} are public, {waiting} wait; {kinds}\n{logs}"
        )


def recounted(node: Serving, folder: Path) -> dict[str, int]:
    """Recount over a node's own pages and log files, against the memory of earlier recounts."""
    done = node.command_result(
        "wall", "recount", f"{node.base}/en/{HANDLE}/", "--json", "--pins", str(folder / "pins.json")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tally: dict[str, int] = json.loads(done.stdout)["tally"]
    return tally


def all_is_well(nodes: Nodes, folder: Path, *, posts: int, removed: int) -> None:
    """Nothing is lost, doubled, misnumbered or rolled back: in rows, in public files, on every node."""
    size = posts + removed + 1
    began = time.monotonic()
    settled(nodes, size)
    print(f"all {size} entries public {time.monotonic() - began:.0f} s after the last post came")
    for kind, count in (("post", posts), ("removed", removed)):
        assert nodes.ask("select count(*) from wall_entry where kind = %s", kind) == [(count,)]
    positions = nodes.ask("select count(*), min(position), max(position) from wall_entry")
    assert positions == [(size, 0, size - 1)]
    assert nodes.ask("select count(distinct post_id) from wall_entry where kind = 'post'")[0][0] == posts
    for node in nodes.nodes:
        tally = recounted(node, folder)
        assert (tally["posts"], tally["removed"]) == (posts - removed, removed), tally
        until(
            lambda node=node: (
                client.get(f"{node.base}/en/{HANDLE}/newest.json").json()["number"]["posts"]
                == posts - removed
            ),
            limit_s=5,
        )


def taken_back_everywhere(nodes: Nodes, position: int, *, asked: int, on: list[Serving]) -> None:
    """Take a post back by a command; within two seconds it is gone from these nodes' pages, feeds and pictures."""
    page = client.get(f"{on[0].base}/en/{HANDLE}/post/{position}")
    assert page.status_code == 200
    picture = re.search(r'src="(/r/[a-z0-9]+\.jpg)"', page.text)[1]
    until(lambda: all(client.get(node.base + picture).status_code == 200 for node in on), limit_s=10)
    words = re.search(r"Мы не равнодушны, и нас много\. \d+-\w{8}", page.text)[0]
    nodes.nodes[asked].command("post", "take-back", HANDLE, str(position))
    decided_s = time.monotonic()
    addresses = ("", "?screen", "?lite", f"page/{position // 24}", f"page/{position // 24}.json", "newest.json",
                 "feed.rss", f"post/{position}")  # fmt: skip

    def shows(node: Serving) -> bool:
        texts = [client.get(f"{node.base}/en/{HANDLE}/{address}").text for address in addresses]
        return any(words in text for text in texts) or client.get(node.base + picture).status_code != 404

    time.sleep(max(0.0, decided_s + GONE_WITHIN_S - time.monotonic()))
    assert not [node.port for node in on if shows(node)]


def test_two_nodes_tell_one_story_while_one_is_killed(tmp_path: Path) -> None:
    """A hundred posts come while a node dies and comes back; then one is taken back and is gone from both at once."""
    with campaign_on(tmp_path, 2) as nodes:
        listeners = [Listener(node) for node in nodes.nodes]
        coming = nodes.rig_started("put", HANDLE, "100", "--pictures-each", "25")
        until(lambda: published(nodes) > 1, limit_s=30)
        nodes.nodes[1].kill()
        nodes.nodes[1].start()
        assert coming.wait(60) == 0
        all_is_well(nodes, tmp_path, posts=100, removed=0)
        pictured = client.get(f"{nodes.nodes[0].base}/en/{HANDLE}/newest.json").json()["posts"]
        position = next(
            post["position"]
            for post in pictured
            if client.get(nodes.nodes[0].base + post["pictures"][0]["small"]).status_code == 200
        )
        taken_back_everywhere(nodes, position, asked=0, on=nodes.nodes)
        until(lambda: all(position not in listener.shown for listener in listeners), limit_s=GONE_WITHIN_S)
        all_is_well(nodes, tmp_path, posts=100, removed=1)
        for listener in listeners:
            listener.close()
            assert len(listener.posts) == len(set(listener.posts)), "nobody was sent a post twice"
            assert listener.refreshes


@pytest.mark.long
def test_three_nodes_survive_whatever_befalls_one_of_them(tmp_path: Path) -> None:
    """Five thousand posts while each node in turn is killed, paused for eleven seconds, and cut off from hints."""
    with stored_in(tmp_path / "swift") as stored, campaign_on(tmp_path, 3, **stored) as nodes:
        listeners = [Listener(node) for node in nodes.nodes]
        removed = 0
        for number, fate in zip(itertools.cycle(range(3)), ("killed", "paused", "cut off") * 3, strict=False):
            coming = nodes.rig_started("put", HANDLE, str(CROWD), "--pictures-each", "25")
            others = [node for place, node in enumerate(nodes.nodes) if place != number]
            until(lambda: published(nodes) > 60, limit_s=60)
            position = _pictured(others[0])
            if fate == "killed":
                nodes.nodes[number].kill()
                taken_back_everywhere(nodes, position, asked=number, on=others)
                nodes.nodes[number].start()
            elif fate == "paused":
                with nodes.paused(number):
                    time.sleep(11)
                    taken_back_everywhere(nodes, position, asked=number, on=others)
                # The first answer of a node that was asleep is as new as anybody's.
                answer = client.get(f"{nodes.nodes[number].base}/en/{HANDLE}/post/{position}")
                assert answer.status_code in (410, 503)
            else:
                with nodes.cut_off(number):
                    taken_back_everywhere(nodes, position, asked=number, on=nodes.nodes)
            removed += 1
            assert coming.wait(300) == 0
        all_is_well(nodes, tmp_path, posts=9 * CROWD, removed=removed)
        for listener in listeners:
            listener.close()
            assert len(listener.posts) == len(set(listener.posts)), "nobody was sent a post twice"


def _pictured(node: Serving) -> int:
    """Return the place of a post whose pictures are in the store."""
    for page in range(40):
        answer = client.get(f"{node.base}/en/{HANDLE}/page/{page}.json")
        for post in answer.json()["posts"] if answer.status_code == 200 else ():
            if client.get(node.base + post["pictures"][0]["small"]).status_code == 200:
                return int(post["position"])
    raise AssertionError("no picture is left")


@pytest.mark.long
def test_a_node_that_cannot_read_the_database_closes_its_doors(tmp_path: Path) -> None:
    """Three seconds after the database stopped answering no page and no picture is given; then they are again."""
    with postgres_server() as postgres, nodes_in(tmp_path, 1, database=postgres.url) as nodes:
        node = nodes.nodes[0]
        node.command(*campaign_arguments(HANDLE))
        node.start()
        nodes.rig("put", HANDLE, "2")
        until(lambda: published(nodes) == 3, limit_s=30)
        post = client.get(f"{node.base}/en/{HANDLE}/newest.json").json()["posts"][0]
        picture = node.base + post["pictures"][0]["path"]
        assert client.get(picture).status_code == 200
        nodes.freeze_database(postgres.pid)
        try:
            until(lambda: client.get(picture).status_code == 503, limit_s=8)
            assert client.get(f"{node.base}/en/{HANDLE}/").status_code == 503
            assert client.get(f"{node.base}/log/{HANDLE}/checkpoint").status_code == 200
        finally:
            nodes.thaw_database(postgres.pid)
        until(lambda: client.get(picture).status_code == 200, limit_s=10)
