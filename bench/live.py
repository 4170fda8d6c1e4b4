"""Ten thousand readers of the live wall on one process: how soon all have a new post, and what that costs.

    python bench/live.py [--readers 10000] [--posts 10]

A real `wearemany serve` with a real wall, whose published size is moved on by one post at a time, as the log would.
The readers are sockets of another process, from several loopback addresses, with a browser's headers. Beside
it in the same run: a bare hub (uvloop protocol, one write a reader, nothing else) with the same bytes, and nginx with
nchan where Debian's `libnginx-mod-nchan` is installed.

Limits: a post with every reader within 1 s of its commit; RSS over readers at most 20 kB; CPU per delivery at
most twice the hub's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.rigs.crowd import set_up, shown
from tests.rigs.serving import campaign_arguments, free_port, server_in

HANDLE = "red"
WALL_POSTS = 60
TICKS_A_S = os.sysconf("SC_CLK_TCK")
BROWSER = (
    "Accept: text/event-stream\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n"
    "Cache-Control: no-cache\r\nConnection: keep-alive\r\nReferer: http://127.0.0.1/en/red/\r\n"
    "Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n"
    'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: "Linux"\r\n'
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36\r\n"
)


@dataclass
class Measured:
    """What one server did for its readers."""

    readers: int
    posts: int
    all_have_it_s: list[float]
    cpu_us_a_delivery: float
    idle_cpu: float
    rss_kb_before: int
    rss_kb_with: int

    def report(self, name: str) -> str:
        """Return a line of figures."""
        worst, median = max(self.all_have_it_s), statistics.median(self.all_have_it_s)
        each = (self.rss_kb_with - self.rss_kb_before) / self.readers
        return (
            f"{name}: {self.readers} readers, {self.posts} posts; all have it after {median:.2f} s, "
            f"worst {worst:.2f} s; "
            f"CPU {self.cpu_us_a_delivery:.1f} us a delivery; RSS {self.rss_kb_with / self.readers:.1f} kB a reader "
            f"in all, {each:.1f} kB more each (before: {self.rss_kb_before // 1024} MB); idle CPU {self.idle_cpu:.1%}"
        )


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_S


def rss_kb(pid: int) -> int:
    """Return what a process holds in memory, in kB."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0])


class Crowd:
    """The readers: plain sockets behind one epoll, in this process."""

    def __init__(self, port: int, path: str, count: int) -> None:
        self._poll = select.epoll()
        self._lines: dict[int, socket.socket] = {}
        ask = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{BROWSER}\r\n".encode()
        for number in range(count):
            line = socket.socket()
            # A loopback address has some 28,000 ports; each of ours gets a share.
            line.bind((f"127.0.0.{2 + number % 8}", 0))
            line.connect(("127.0.0.1", port))
            line.sendall(ask)
            line.setblocking(False)
            self._lines[line.fileno()] = line
            self._poll.register(line.fileno(), select.EPOLLIN)
            if number % 200 == 199:
                self.drain(0.01)

    def drain(self, quiet_s: float) -> None:
        """Read away what has come until nothing comes for a while."""
        while ready := self._poll.poll(quiet_s):
            for number, _ in ready:
                assert self._lines[number].recv(1 << 18), "a reader was sent away"

    def until_all(self, mark: bytes, *, limit_s: float = 30.0) -> float:
        """Read until every reader has got the mark; return when that was."""
        missing = set(self._lines)
        until = time.monotonic() + limit_s
        while missing:
            assert time.monotonic() < until, f"{len(missing)} readers did not get it"
            for number, _ in self._poll.poll(0.5, 4096):
                if mark in self._lines[number].recv(1 << 18):
                    missing.discard(number)
        return time.monotonic()

    def close(self) -> None:
        """Go away."""
        for line in self._lines.values():
            line.close()
        self._poll.close()


def measured(
    pid: int, port: int, path: str, publish: Callable[[], tuple[float, bytes]], *, readers: int, posts: int
) -> Measured:
    """Bring the readers, publish some posts, and return what that cost the process."""
    before_kb = rss_kb(pid)
    crowd = Crowd(port, path, readers)
    try:
        crowd.drain(1.0)
        publish_warm = publish()
        crowd.until_all(publish_warm[1])
        idle_cpu, idle_from = cpu_s(pid), time.monotonic()
        time.sleep(3)
        idle = (cpu_s(pid) - idle_cpu) / (time.monotonic() - idle_from)
        began, took = cpu_s(pid), []
        for _ in range(posts):
            committed_s, mark = publish()
            took.append(crowd.until_all(mark) - committed_s)
            time.sleep(0.2)
        spent = cpu_s(pid) - began
        return Measured(readers, posts, took, spent / (readers * posts) * 1e6, idle, before_kb, rss_kb(pid))
    finally:
        crowd.close()


@contextmanager
def ours(
    folder: Path, posts: int
) -> Iterator[tuple[int, int, str, Callable[[], tuple[float, bytes]], bytes]]:
    """Serve a wall whose size a child moves on; yields pid, port, path, how to publish, and an event's bytes."""
    with server_in(folder, DARKROOM_CHILDREN="0") as server:
        server.command(*campaign_arguments())
        rig = [sys.executable, "-m", "tests.rigs.crowd"]
        quiet = {"env": server.environment, "cwd": Path(__file__).resolve().parents[1], "check": True}
        subprocess.run([*rig, "put", HANDLE, str(WALL_POSTS + posts)], stdout=subprocess.DEVNULL, **quiet)
        subprocess.run([*rig, "append", HANDLE], **quiet)
        server.start()
        assert server.process is not None
        subprocess.run([*rig, "show", HANDLE, str(WALL_POSTS)], **quiet)
        steps = subprocess.Popen(
            [sys.executable, __file__, "--stepping"], env=server.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert steps.stdin is not None and steps.stdout is not None
        size = WALL_POSTS

        def publish() -> tuple[float, bytes]:
            nonlocal size
            size += 1
            steps.stdin.write(f"{size}\n")
            steps.stdin.flush()
            committed_s = float(steps.stdout.readline())
            # The number comes last, so who has it has the post too.
            return committed_s, f"id: {size - 1}\nevent: number".encode()

        try:
            base = f"http://127.0.0.1:{server.port}/en/{HANDLE}/"
            page = urllib.request.urlopen(base).read().decode()
            path = page.partition('data-live="')[2].partition('"')[0].replace("&amp;", "&")
            yield server.process.pid, server.port, path, publish, _sample(server.port, publish)
        finally:
            steps.stdin.close()
            steps.wait(20)


def _sample(port: int, publish: Callable[[], tuple[float, bytes]]) -> bytes:
    """Return one post's events as our server sends them, for the peers to send the same."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"GET /en/{HANDLE}/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        begun = b""
        while b"retry:" not in begun:
            begun += line.recv(65536)
        _, mark = publish()
        got = b""
        while mark not in got:
            got += line.recv(65536)
    return got[got.index(b"id:") :]


def stepping() -> None:
    """Move the wall's size on for every line that comes; say when it was committed. Runs beside the server."""
    set_up()
    for line in sys.stdin:
        shown(HANDLE, int(line))
        print(time.monotonic(), flush=True)


def hub() -> None:
    """Send what comes in on standard input to everybody who is connected; nothing else. Runs in a child."""
    lines: set[asyncio.Transport] = set()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    class Reader(asyncio.Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvloop's
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            if self.transport not in lines:
                self.transport.write(head)
                lines.add(self.transport)

        def connection_lost(self, exc: Exception | None) -> None:
            lines.discard(self.transport)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Reader, "127.0.0.1", 0, backlog=1024)
        done = asyncio.Event()

        def send(wire: bytes) -> None:
            for line in list(lines):
                line.write(wire)

        def listen() -> None:
            while length := sys.stdin.buffer.readline():
                wire = sys.stdin.buffer.read(int(length))
                loop.call_soon_threadsafe(send, b"%x\r\n%b\r\n" % (len(wire), wire))
            loop.call_soon_threadsafe(done.set)

        threading.Thread(target=listen, daemon=True).start()
        print(server.sockets[0].getsockname()[1], flush=True)
        await done.wait()

    uvloop.run(serve())


def peer_hub(event: bytes, *, readers: int, posts: int) -> Measured:
    """Measure the bare hub with the same bytes."""
    child = subprocess.Popen(
        [sys.executable, __file__, "--hub"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None and child.stdout is not None
    number = 0

    def publish() -> tuple[float, bytes]:
        nonlocal number
        number += 1
        mark = b"mark %d." % number
        wire = event + b": " + mark + b"\n\n"
        child.stdin.write(b"%d\n" % len(wire) + wire)
        now_s = time.monotonic()
        child.stdin.flush()
        return now_s, mark

    try:
        port = int(child.stdout.readline())
        return measured(child.pid, port, "/", publish, readers=readers, posts=posts)
    finally:
        child.stdin.close()
        child.wait(20)


NGINX = """
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log error; worker_rlimit_nofile {files};
events {{ worker_connections {files}; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; nchan_shared_memory_size 512M;
  server {{ listen 127.0.0.1:{port} backlog=1024;
    location = /sub {{ nchan_subscriber eventsource; nchan_channel_id wall; nchan_subscriber_first_message newest; }}
    location = /pub {{ nchan_publisher; nchan_channel_id wall; }} }} }}
"""


def peer_nchan(event: bytes, *, readers: int, posts: int) -> Measured | None:
    """Measure nginx with nchan, where it is installed."""
    nginx = shutil.which("nginx")
    if nginx is None or not Path("/usr/lib/nginx/modules/ngx_nchan_module.so").exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        written = Path(folder, "nginx.conf")
        written.write_text(NGINX.format(folder=folder, port=port, files=readers * 2 + 500))
        child = subprocess.Popen([nginx, "-p", folder, "-c", written])
        try:
            time.sleep(1.5)
            workers = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
            number = 0
            data = b"\n".join(part[6:] for part in event.splitlines() if part.startswith(b"data: "))

            def publish() -> tuple[float, bytes]:
                nonlocal number
                number += 1
                mark = b"mark %d." % number
                ask = urllib.request.Request(f"http://127.0.0.1:{port}/pub", data=data + mark, method="POST")
                now_s = time.monotonic()
                urllib.request.urlopen(ask).read()
                return now_s, mark

            return measured(int(workers[0]), port, "/sub", publish, readers=readers, posts=posts)
        finally:
            child.terminate()
            child.wait(20)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hub", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--stepping", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--posts", type=int, default=10)
    chosen = parser.parse_args()
    if chosen.hub or chosen.stepping:
        hub() if chosen.hub else stepping()
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(hard, chosen.readers * 2)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    force = {"readers": chosen.readers, "posts": chosen.posts}
    with (
        tempfile.TemporaryDirectory() as folder,
        ours(Path(folder), chosen.posts + 8) as (pid, port, path, publish, event),
    ):
        hub_first = peer_hub(event, **force)
        mine = measured(pid, port, path, publish, **force)
        hub_then = peer_hub(event, **force)
        nchan = peer_nchan(event, **force)
    print(f"an event has {len(event)} bytes")
    print(mine.report("ours"), flush=True)
    print(hub_first.report("bare hub, before"))
    print(hub_then.report("bare hub, after"))
    if nchan is not None:
        print(nchan.report("nginx with nchan"))
    else:
        print("nginx with nchan: absent (Debian package libnginx-mod-nchan)")
    bare = statistics.mean((hub_first.cpu_us_a_delivery, hub_then.cpu_us_a_delivery))
    print(f"ours / bare hub: {mine.cpu_us_a_delivery / bare:.2f} CPU a delivery (limit 2)")
    figures = {"cpu_ratio": mine.cpu_us_a_delivery / bare, "worst_s": max(mine.all_have_it_s)}
    print(json.dumps({**figures, "kb_a_reader": mine.rss_kb_with / mine.readers}))


if __name__ == "__main__":
    main()
