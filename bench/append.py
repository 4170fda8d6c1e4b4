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

import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearemany.config.settings")
FOLDER = tempfile.TemporaryDirectory(prefix="append-")
os.environ["WEAREMANY_DATA"] = FOLDER.name

import django  # noqa: E402

from wearemany.adapters import keys as server_keys  # noqa: E402

server_keys.create(Path(FOLDER.name) / "keys")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from tests.cast import gather  # noqa: E402
from tests.rig import House, StandInDarkroom  # noqa: E402
from tests.rigs.costs import Template  # noqa: E402

from wearemany.adapters import clock  # noqa: E402
from wearemany.adapters.blobs import FolderBlobs  # noqa: E402
from wearemany.wall.log import append_campaign  # noqa: E402
from wearemany.wall.queries import number  # noqa: E402


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
