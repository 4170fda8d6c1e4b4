"""How fast approved posts become public entries, and whether a long log makes that slower or larger.

    nice .venv/bin/python bench/append.py [POSTS] [A_BATCH]
    .venv/bin/python -m tests.rigs.postgres -- nice .venv/bin/python bench/append.py [POSTS] [A_BATCH]

Writes POSTS (200,000) approved posts into the rows, A_BATCH (1,000) at a time, as the stations before would leave them,
and after each batch appends what is due: facts, plan, staged bundle, swap, tiles, checkpoint. SQLite has
`synchronous=FULL`, files are synced; the rig's PostgreSQL does not sync.

Limits: 2,000 entries a second, each batch public within a second of its commit, memory flat. Django has to be set up
in the bench's own folder before anything that has tables is imported: hence the order below.
"""

from __future__ import annotations

import hashlib
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearemany.config.settings")
FOLDER = tempfile.TemporaryDirectory(prefix="append-")
os.environ["WEAREMANY_DATA"] = FOLDER.name

import django  # noqa: E402
from tests.rig import KEYS  # noqa: E402

from wearemany.adapters import keys as server_keys  # noqa: E402

server_keys.create(Path(FOLDER.name) / "keys")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import AutoField, Model  # noqa: E402
from tests.cast import gather  # noqa: E402
from tests.rig import House, StandInDarkroom  # noqa: E402

from wearemany.adapters import clock  # noqa: E402
from wearemany.adapters.blobs import FolderBlobs  # noqa: E402
from wearemany.ids import ID_BYTES, opaque  # noqa: E402
from wearemany.moderation.models import Decision  # noqa: E402
from wearemany.photos.models import Development, Photo, Post, PostKey, Rendition, Untold  # noqa: E402
from wearemany.wall.log import append_campaign  # noqa: E402
from wearemany.wall.queries import number  # noqa: E402


def fresh_ids(count: int) -> list[str]:
    """Return identifiers as rows have them."""
    return [opaque(clock.random_bytes(ID_BYTES)) for _ in range(count)]


def copied(kind: type[Model], original: object, **changes: list[Any]) -> None:
    """Copy a row as often as the lists are long, inside the database, with these columns changed."""
    table, key = kind._meta.db_table, kind._meta.pk
    assert key is not None
    columns = [field.column for field in kind._meta.concrete_fields if not isinstance(field, AutoField)]
    taken = ["%s" if column in changes else f'"{column}"' for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    statement = (
        f'insert into "{table}" ({names}) select {", ".join(taken)} from "{table}" where "{key.column}" = %s'
    )
    values = zip(*(changes[column] for column in columns if column in changes), strict=True)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*row, original) for row in values])


class Template:
    """One approved post, and as many twins of its rows as are asked for."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._photo = post.photos.get()
        self._rendition = self._photo.renditions.get(size="main", format="webp")
        self._decision = post.decisions.get()

    def write(self, count: int) -> None:
        """Write that many approved posts in one transaction, cheaply: the stations before are no part of this."""
        posts, photos = fresh_ids(count), fresh_ids(count)
        key, salt = KEYS.new_key(), clock.random_bytes(32)
        with transaction.atomic():
            copied(Post, self._post.pk, id=posts, code_digest=[None] * count)
            PostKey.objects.bulk_create(
                PostKey(
                    post_id=post,
                    wrapped_key=KEYS.wrap(key, owner=f"post:{post}"),
                    wrapped_salt=KEYS.wrap(salt, owner=f"salt:{post}"),
                )
                for post in posts
            )
            copied(Photo, self._photo.pk, id=photos, post_id=posts)
            copied(Development, self._photo.pk, photo_id=photos)
            digests = [hashlib.sha256(photo.encode()).digest() for photo in photos]
            names = {"name": fresh_ids(count), "blob": fresh_ids(count), "digest": digests}
            copied(Rendition, self._rendition.pk, photo_id=photos, **names)
            copied(Decision, self._decision.pk, post_id=posts)
            Untold.objects.bulk_create(
                Untold(post_id=post, campaign_id=self._post.campaign_id) for post in posts
            )


def memory_mb() -> float:
    """Return what this process holds now."""
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


def main() -> None:
    """Append, batch after batch, and print what it took."""
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    batch = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    call_command("migrate", verbosity=0)
    folder = Path(FOLDER.name)
    house = House(folder, FolderBlobs(folder / "blobs"), StandInDarkroom(), clock.clock)
    house.use(house.store)
    cast = gather(house)
    template = Template(cast.supporter.decided())
    append_campaign(cast.campaign)
    template.write(batch)
    append_campaign(cast.campaign)
    took: list[float] = []
    cpu: list[float] = []
    began_mb = memory_mb()
    filling_s, rounds = 0.0, max(1, posts // batch)
    for number_of_round in range(rounds):
        started = time.perf_counter()
        template.write(batch)
        filling_s += time.perf_counter() - started
        cast.campaign.refresh_from_db()
        started, started_cpu = time.perf_counter(), time.process_time()
        appended = append_campaign(cast.campaign)
        took.append(time.perf_counter() - started)
        cpu.append(time.process_time() - started_cpu)
        if appended != batch:
            raise SystemExit(f"{appended} entries were appended instead of {batch}")
        if number_of_round % max(1, rounds // 10) == 0:
            print(
                f"... {(number_of_round + 1) * batch:,} of {posts:,}: {took[-1]:.2f} s a batch, {memory_mb():.0f} MB; "
                f"{filling_s:.0f} s of filling so far",
                flush=True,
            )
    if number(cast.campaign).size != posts + batch + 2:
        raise SystemExit("not everything is public")
    tenth = max(1, len(took) // 10)
    print(f"{connection.vendor}: {posts:,} posts in batches of {batch:,}")
    a_second, a_core = batch / statistics.median(took), batch / statistics.median(cpu)
    early, late = statistics.median(cpu[:tenth]), statistics.median(cpu[-tenth:])
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"entries      {a_second:8,.0f} a second (limit 2,000); {a_core:,.0f} for each second of one core")
    print(
        f"a long log   {late / early:8.2f} times the processor time of a short one (last tenth, first tenth)"
    )
    print(f"public in    {statistics.median(took):8.2f} s of the commit, slowest {max(took):.2f} s (limit 1)")
    print(
        f"memory       {began_mb:8.0f} MB at the start, {memory_mb():.0f} MB at the end, at most {most_mb:.0f} MB"
    )


if __name__ == "__main__":
    with FOLDER:
        main()
