"""Somebody holds the photo, the caption and the code, takes everything the server has, and looks for any trace of them.

Real are the server, the darkroom, the database, the store and the files. Each post goes the whole road; before it goes,
the same search finds what a database must hold, so that finding nothing afterwards means something.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from django.db import connection

from tests.cast import SELFIE, Cast
from tests.journeys.photos import exif, selfie
from tests.rigs.postgres import postgres_server
from tests.rigs.serving import Serving, campaign_arguments, server_in
from tests.rigs.swift import BUCKET, KEY_ID, REGION, SECRET, swift_server
from tests.rigs.traces import Evidence, traces
from tests.web.desk_rig import signed_in
from wearemany.moderation.appeals import appeal_make
from wearemany.moderation.hushing import words_hush_pending
from wearemany.moderation.purging import post_purge
from wearemany.moderation.services import decision_make, erase_pending, post_withdraw
from wearemany.photos.models import Development, PostKey
from wearemany.photos.orders import PostChange
from wearemany.photos.services import post_amend, words_of
from wearemany.photos.steps import blobs_doom_pending
from wearemany.wall.burning import burn_pending, campaign_burn
from wearemany.wall.log import append_campaign
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.threat("D")]
HANDLE = "red"
GONE_WITHIN_S = 60.0
ROOT = "/api/v1"


@dataclass
class Seized:
    """A running server, and every folder that whoever takes the machines would have."""

    serving: Serving
    folders: tuple[Path, ...]
    database: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(verify=False, timeout=30))

    def asked(self, path: str, body: object = None, **extra: object) -> dict[str, object]:
        """Ask the door for programs; returns its JSON."""
        answer = self.client.post(f"{self.serving.base}{ROOT}{path}", json=body, **extra)
        assert answer.status_code < 300, answer.text
        found: dict[str, object] = answer.json()
        return found

    def rows(self, question: str, *values: object, changes: bool = False) -> list[tuple[Any, ...]]:
        """Ask the database itself; `?` stands for a value."""
        if self.database:
            with psycopg.connect(self.database, autocommit=True) as line:
                done = line.execute(question.replace("?", "%s"), values or None)
                return [] if changes else done.fetchall()
        with contextlib.closing(sqlite3.connect(self.serving.folder / "data" / "wearemany.sqlite3")) as line:
            found = line.execute(question, values).fetchall()
            line.commit()
            return found

    def traces(self, evidence: Evidence) -> set[str]:
        """Look everywhere."""
        if self.database:
            # What the server only has in memory is written down by a clean stop, and by this.
            self.rows("CHECKPOINT", changes=True)
        return traces(evidence, self.folders)


@dataclass
class Contribution:
    """A post on its way, with all that its author knows of it."""

    seized: Seized
    number: int
    evidence: Evidence = field(default_factory=Evidence)
    form: dict[str, object] = field(default_factory=dict)

    @property
    def caption(self) -> str:
        """Return words that stand nowhere else."""
        return f"Не равнодушна и никогда не буду, номер {self.number}{self.number}{self.number}"

    def sent(self, *, cover: str = "nobody") -> None:
        """Send a photo as a phone makes it, with words."""
        written = io.BytesIO()
        selfie(self.number, grain=2.0).save(written, "JPEG", quality=88, exif=exif())
        self.evidence.add_picture("original", written.getvalue())
        self.evidence.add_words("caption", self.caption)
        self.evidence.add_words("name", f"Вера Сергеевна {self.number}{self.number}")
        self.evidence.add_words("alt", f"Я в красном пальто {self.number}{self.number}")
        self.form = self.seized.asked(f"/campaigns/{HANDLE}/forms")
        self.evidence.add_words("code", str(self.form["code"]))
        sent = self.seized.client.post(
            f"{self.seized.serving.base}{ROOT}/uploads",
            data={"form": self.form["form"]},
            files={"photo": ("IMG_0001.jpg", written.getvalue(), "image/jpeg")},
        )
        assert sent.status_code < 300, sent.text
        self.seized.asked(
            f"/campaigns/{HANDLE}/posts",
            {
                **self.form,
                "uploads": [sent.json()["upload"]],
                "cover": cover,
                "ticks": {"show": True, "agreed": True},
                "terms_version": self.seized.client.get(
                    f"{self.seized.serving.base}{ROOT}/campaigns/{HANDLE}"
                ).json()["terms_version"],
                "language": "ru",
                "caption": self.caption,
                "name": f"Вера Сергеевна {self.number}{self.number}",
                "alts": [f"Я в красном пальто {self.number}{self.number}"],
            },
        )

    def kept(self, act: str, **fields: object) -> dict[str, object]:
        """Do something with the code."""
        return self.seized.asked(f"/posts/{act}", {"code": self.form["code"], **fields})

    def on_the_wall(self) -> None:
        """Wait until it is developed; let a person approve it where one must; look at the copies that are shown."""
        until(lambda: self.kept("state")["state"] in ("review", "on_wall"))
        if self.kept("state")["state"] == "review":
            self.seized.serving.command("review", "decide", self.id, "approve", "--account", "Olga")
        until(lambda: self.kept("state")["state"] == "on_wall")
        wall = str(self.kept("state")["wall"])
        page = self.seized.client.get(f"{self.seized.serving.base}{wall}").text
        for name in sorted(set(re.findall(r"/r/[a-z2-7]{26}\.(?:webp|jpg)", page))):
            shown = self.seized.client.get(f"{self.seized.serving.base}{name}").content
            self.evidence.add_picture(f"copy {name}", shown)
            self.evidence.add_words(f"address {name}", name.removeprefix("/r/").partition(".")[0])
        digest, key = self.seized.rows(
            "select code_digest, wrapped_key from post join post_key on post_key.post_id = post.id where post.id = ?",
            self.id,
        )[0]
        self.evidence.add_bytes("code's hash", bytes(digest))
        self.evidence.add_bytes("key", bytes(key))
        prints = self.seized.rows(
            "select fingerprint from development join photo on photo.id = photo_id where post_id = ?", self.id
        )
        self.evidence.add_bytes("fingerprint", bytes(prints[0][0]))

    @property
    def id(self) -> str:
        """Return the row's own name of it."""
        return str(self.seized.rows("select id from post where caption = ?", self.caption)[0][0])

    @property
    def position(self) -> str:
        """Return its number on the wall."""
        return str(self.kept("state")["wall"]).rstrip("/").rpartition("/")[2]


def until(
    holds: Callable[[], bool], *, limit_s: float = GONE_WITHIN_S, says: Callable[[], object] = str
) -> None:
    """Wait until something holds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < limit_s, says()
        time.sleep(0.1)


def kept_a_minute_at_most(seized: Seized) -> None:
    """No page, feed or picture may be kept longer than a minute by anybody: caches are empty of it by then."""
    wall = f"/ru/{HANDLE}/"
    page = seized.client.get(f"{seized.serving.base}{wall}").text
    links = set(re.findall(rf'(?:href|src)="((?:/ru/{HANDLE}/|/r/)[^"#]*)"', page))
    assert len(links) > 3
    for link in sorted({wall, *links}):
        policy = seized.client.get(f"{seized.serving.base}{link}").headers.get("cache-control", "")
        ages = [int(age) for age in re.findall(r"max-age=(\d+)", policy)]
        assert all(age <= 60 for age in ages), (link, policy)
        assert ages or policy in ("no-cache", "no-store"), (link, policy)


def nothing_is_left(post: Contribution) -> None:
    """Within a minute the search finds nothing of it."""
    until(
        lambda: not post.seized.traces(post.evidence),
        says=lambda: sorted(post.seized.traces(post.evidence)),
    )


def the_search(seized: Seized, fates: tuple[str, ...]) -> None:
    """Posts that end in one way each: nothing is found of any. The last one is burned, with the whole campaign."""
    serving = seized.serving
    serving.command("account", "create", "Olga")
    serving.command("account", "create", "Oskar")
    serving.command(*campaign_arguments(HANDLE), "--organiser", "Olga")
    serving.start()
    posts = {fate: Contribution(seized, number) for number, fate in enumerate(fates, start=11)}
    for post in posts.values():
        post.sent()
    for post in posts.values():
        post.on_the_wall()
        found = {name.partition(" in ")[0] for name in seized.traces(post.evidence)}
        assert {"caption", "name", "alt", "code's hash", "fingerprint", "key"} <= found, found
        # Never in the clear, not even while it is on the wall.
        assert not {name for name in found if name.startswith(("original", "copy"))} | (found & {"code"}), (
            found
        )
    kept_a_minute_at_most(seized)
    for fate, post in posts.items():
        FATES[fate](post)
        nothing_is_left(post)
    assert seized.rows("select count(*) from post_key") == [(0,)]
    recounted = serving.command_result(
        "wall",
        "recount",
        f"{serving.base}/en/{HANDLE}/",
        "--json",
        "--pins",
        str(serving.folder / "pins.json"),
    )
    tally = json.loads(recounted.stdout)["tally"]
    assert (tally["posts"], tally["removed"]) == (1, len(fates) - 1), "what was burned stays counted"
    serving.stop()
    for post in posts.values():
        assert seized.traces(post.evidence) == set()


def withdrawn(post: Contribution) -> None:
    """Taken back by its author."""
    post.kept("take-back", sure=True)


def rejected(post: Contribution) -> None:
    """Taken off the wall; hidden, and kept, until the time for a second look is over."""
    seized = post.seized
    seized.serving.command("review", "decide", post.id, "reject", "--reason", "off-call", "--account", "Olga")
    assert seized.traces(post.evidence)
    seized.rows("update erasure set due_at = '2026-01-01 00:00:00+00:00'", changes=True)


def erased(post: Contribution) -> None:
    """Erased by two of the team; after the first of them it is still there."""
    place = post.position
    post.seized.serving.command("erase", "post", HANDLE, place, "--account", "Olga")
    assert post.seized.traces(post.evidence)
    post.seized.serving.command("erase", "post", HANDLE, place, "--account", "Oskar")


def burned(post: Contribution) -> None:
    """Burned with the whole campaign."""
    post.seized.serving.command("burn", "now", HANDLE, "--sure", HANDLE, "--leave")


FATES = {"withdrawn": withdrawn, "rejected": rejected, "erased": erased, "burned": burned}


@contextlib.contextmanager
def server_with_temp(folder: Path, **options: str) -> Iterator[Serving]:
    """A server whose temporary files lie where the search looks."""
    temporary = folder / "tmp"
    temporary.mkdir()
    with server_in(folder, **options) as serving:
        serving.environment["TMPDIR"] = str(temporary)
        yield serving


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fate", list(FATES))
def test_nothing_is_found_in_short(committed_cast: Cast, fate: str) -> None:
    """The same search in one process, for every run: without a server, on the test's own SQLite and folder."""
    if connection.vendor != "sqlite":
        pytest.skip("the whole search looks into PostgreSQL's files")
    cast, evidence = committed_cast, Evidence()
    post = cast.supporter.decided(SELFIE, caption="Не равнодушна и никогда не буду", name="Вера Сергеевна")
    append_campaign(cast.campaign)
    evidence.add_words("caption", post.caption)
    evidence.add_words("name", post.name)
    evidence.add_bytes("code's hash", bytes(post.code_digest or b""))
    evidence.add_bytes("key", bytes(PostKey.objects.get(post=post).wrapped_key))
    evidence.add_bytes("fingerprint", bytes(Development.objects.get(photo__post=post).fingerprint))
    folders = (cast.house.folder, Path(str(connection.settings_dict["NAME"])).parent)
    found = {name.partition(" in ")[0] for name in traces(evidence, folders)}
    assert found == set(evidence.needles)
    if fate == "withdrawn":
        post_withdraw(post=post)
    elif fate == "rejected":
        decision_make(post=post, kind="reject", reason="off-call", account=cast.moderator)
        cast.house.clock.advance(16 * 86400)
    elif fate == "erased":
        post_purge(post=post, account=cast.organiser)
        post_purge(post=post, account=cast.moderator)
    else:
        campaign_burn(cast.campaign)
    run_until_idle((erase_pending, burn_pending, blobs_doom_pending))
    assert traces(evidence, folders) == set()


@pytest.mark.django_db(transaction=True)
def test_a_rejected_posts_words_are_in_no_file_while_its_term_runs(committed_cast: Cast) -> None:
    """At rest nothing says what it said; its author and whoever answers an appeal read it; it comes back whole."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's own files: see the long search")
    cast, evidence = committed_cast, Evidence()
    words = {
        "caption": "Не равнодушна и никогда не буду",
        "name": "Вера Сергеевна",
        "alts": ("Я у синей двери",),
    }
    post = cast.supporter.decided(SELFIE, **words)
    post_amend(post=post, change=PostChange(elsewhere="https://photos.example/p/vera"))
    append_campaign(cast.campaign)
    for name in ("caption", "name"):
        evidence.add_words(name, str(words[name]))
    evidence.add_words("alt", words["alts"][0])
    evidence.add_words("link", "photos.example/p/vera")
    folders = (cast.house.folder, Path(str(connection.settings_dict["NAME"])).parent)
    assert {name.partition(" in ")[0] for name in traces(evidence, folders)} == set(evidence.needles)
    decision_make(post=post, kind="reject", reason="off-call", account=cast.moderator)
    words_hush_pending()
    assert traces(evidence, folders) == set()
    post.refresh_from_db()
    assert words_of(post)["caption"] == words["caption"] and words_of(post)["alts"] == list(words["alts"])
    appeal_make(post=post)
    olga = signed_in(cast.organiser).get("/desk/we-are-many/review")
    assert words["caption"] in olga.page and words["name"] in olga.page and words["alts"][0] in olga.page
    assert traces(evidence, folders) == set(), "looking writes nothing down"
    olga.review("approve")
    post.refresh_from_db()
    assert (post.hushed, post.caption, post.name) == (None, words["caption"], words["name"])
    assert post.photos.get().alt == words["alts"][0]


@pytest.mark.long
def test_nothing_is_found_in_sqlite_and_a_folder(tmp_path: Path) -> None:
    """Database file, its journal and free pages, blobs, drafts, temporary files and the log of the program."""
    with server_with_temp(tmp_path, DATABASE="", STORAGE="") as serving:
        the_search(Seized(serving, (tmp_path,), ""), tuple(FATES))


@pytest.mark.long
def test_nothing_is_found_in_postgresql_and_a_bucket(tmp_path: Path) -> None:
    """The whole data folder of the database, its log and dead rows included, and all that the S3 server keeps."""
    store = tmp_path / "swift"
    store.mkdir()
    own = tmp_path / "server"
    own.mkdir()
    with swift_server(store) as swift, postgres_server() as postgres:
        options = {
            "DATABASE": postgres.url, "STORAGE": f"s3://{BUCKET}", "S3_ENDPOINT": swift.endpoint,
            "S3_REGION": REGION, "S3_KEY_ID": KEY_ID, "S3_SECRET": SECRET,
        }  # fmt: skip
        with server_with_temp(own, **options) as serving:
            the_search(Seized(serving, (own, store, postgres.folder), postgres.url), tuple(FATES))
