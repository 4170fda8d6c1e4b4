"""The whole road: posts sent over HTTP until they are public, for each second of one core.

    nice .venv/bin/python bench/road.py PHOTOS [COUNT] [AT_ONCE]

A real server (`wearemany serve`, SQLite, two darkroom children) gets COUNT (200) posts through its door for programs,
AT_ONCE (4) at a time: form, photo, post; each with a photo of its own out of the folder PHOTOS. It checks, decides,
appends and publishes; what it holds for a person is approved by a child as it comes, whose processor time counts too.
Counted is all processor time of server and children from the first request until every post is public.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.serving import children_of
from bench.wall_at_scale import HANDLE, cpu_s
from tests.rigs.crowd import set_up
from tests.rigs.serving import Serving, campaign_arguments, server_in

LIMIT_S = 900.0
ROOT = Path(__file__).resolve().parents[1]


def send(server: Serving, photo: Path) -> None:
    """Send one post, as a program does."""
    with httpx.Client(base_url=f"{server.base}/api/v1", timeout=120) as door:
        form = door.post(f"/campaigns/{HANDLE}/forms").raise_for_status().json()
        files = {"photo": (photo.name, photo.read_bytes())}
        upload = door.post("/uploads", data={"form": form["form"]}, files=files).raise_for_status().json()
        terms = door.get(f"/campaigns/{HANDLE}").raise_for_status().json()["terms_version"]
        body = {
            **form,
            "uploads": [upload["upload"]],
            "cover": "nobody",
            "ticks": {"show": True, "agreed": True},
            "terms_version": terms,
            "language": "en",
            "caption": f"We are many. {photo.stem}",
        }
        door.post(f"/campaigns/{HANDLE}/posts", json=body).raise_for_status()


def approve() -> None:
    """Approve whatever waits for a person, until told to stop; runs in a child."""
    set_up()
    services = importlib.import_module("wearemany.moderation.services")
    models = importlib.import_module("wearemany.moderation.models")
    while True:
        for review in models.Review.objects.filter(open=True).select_related("post"):
            services.decision_make(post=review.post, kind="approve")
        time.sleep(0.2)


def figures(server: Serving) -> dict[str, int]:
    """Return the wall's number as the server tells it."""
    counted: dict[str, int] = httpx.get(f"{server.base}/en/{HANDLE}/figures.json").json()["counted"]
    return counted


def main() -> None:
    """Send, wait, and print."""
    if sys.argv[1] == "--approve":
        approve()
        return
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200
    at_once = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    photos = sorted(folder.glob("*.jpg"))[:count]
    with tempfile.TemporaryDirectory() as data, server_in(Path(data), DARKROOM_CHILDREN="2") as server:
        server.command(*campaign_arguments(HANDLE))
        server.start()
        assert server.process is not None
        person = subprocess.Popen([sys.executable, __file__, "--approve"], env=server.environment, cwd=ROOT)
        try:
            send(server, photos[0])
            _until(server, 1)
            pids = [server.process.pid, person.pid, *children_of(server.process.pid)]
            before, began = sum(map(cpu_s, pids)), time.monotonic()
            with ThreadPoolExecutor(at_once) as senders:
                list(senders.map(lambda photo: send(server, photo), photos[1:]))
            sent_s = time.monotonic() - began
            public = _until(server, len(photos))
            refused = _refused(server)
            took_s, spent_s = time.monotonic() - began, sum(map(cpu_s, pids)) - before
        finally:
            person.terminate()
            person.wait(20)
    print(f"{refused} photos could not be used")
    print(
        f"{public - 1} posts sent in {sent_s:.1f} s, public after {took_s:.1f} s; {spent_s:.1f} s of processor"
    )
    print(f"{(public - 1) / spent_s:.2f} posts for each second of one core, on {os.cpu_count()} cores")


def _until(server: Serving, posts: int) -> int:
    """Wait until so many posts are public, but for those whose photo could not be used."""
    until = time.monotonic() + LIMIT_S
    while (public := figures(server)["posts"]) + _refused(server) < posts:
        if time.monotonic() > until:
            raise SystemExit(f"{public} of {posts} posts became public")
        time.sleep(0.25)
    return public


def _refused(server: Serving) -> int:
    """Count the posts whose photo could not be used: nobody will see them."""
    with closing(sqlite3.connect(server.folder / "data" / "wearemany.sqlite3", timeout=20)) as line:
        return int(line.execute("select count(*) from photo where refused_code != ''").fetchone()[0])


if __name__ == "__main__":
    main()
