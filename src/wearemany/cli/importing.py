"""`wearemany import`: a folder, a zip or a list of pictures becomes posts; it may be stopped and started again."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from wearemany.adapters import server
from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument
from wearemany.cli.progress import Progress
from wearemany.darkroom.orders import COVER_CHOICES
from wearemany.errors import N_, Refused
from wearemany.imports.places import opened
from wearemany.imports.sending import ImportSpec, pictures_import
from wearemany.imports.slips import Report, Slips
from wearemany.worker import alive

DONE, REFUSED = 0, 2


def run(chosen: argparse.Namespace) -> int:
    """Import, then say how many were taken and which were refused."""
    if not chosen.agreed:
        raise Refused(
            "import-not-agreed",
            N_(
                "Nobody's picture may be posted for them unasked. Add --agreed when every author is of age and wants "
                "it on the wall, and everyone in the pictures agrees."
            ),
        )
    spec = ImportSpec(
        campaign=campaign_by_handle(chosen.handle), language=chosen.language, cover=chosen.cover
    )
    place, slips = opened(Path(chosen.source)), Path(chosen.slips)
    report = Report(Path(chosen.report) if chosen.report else slips.with_name(f"{slips.name}.report.jsonl"))
    progress: list[Progress] = []

    def step(done: int, total: int) -> None:
        if not progress:
            progress.append(Progress(total, done=done - 1))
        progress[0].step(done)

    alive.begin()
    try:
        pictures_import(place, spec=spec, slips=Slips(slips), report=report, step=step)
    finally:
        server.darkroom().close()
    return _say(report, as_json=chosen.json)


def _say(report: Report, *, as_json: bool) -> int:
    states = Counter(outcome.state for outcome in report.outcomes.values())
    refused = report.refused()
    if as_json:
        for outcome in report.outcomes.values():
            print(json.dumps(asdict(outcome), ensure_ascii=False))
    else:
        for outcome in refused:
            print(f"{outcome.file}: {outcome.sentence} ({outcome.code})")
        taken = states.total() - len(refused)
        print(f"{taken:,} taken, {states['developed']:,} of them checked; {len(refused):,} refused")
    return REFUSED if refused and len(refused) == states.total() else DONE


COMMANDS = (
    Command(
        "import",
        "",
        "Post many pictures at once: a folder, a zip, or a list (CSV) with captions and consents. "
        "Stopped in the middle, the same command goes on.",
        "wearemany import we-are-many pictures.zip --slips slips.csv --agreed",
        run,
        (
            argument("handle", help="the campaign's address"),
            argument("source", help="a folder, a zip, or a list as CSV beside its pictures"),
            argument(
                "--slips",
                required=True,
                metavar="FILE",
                help="where the secret codes go, one for each picture",
            ),
            argument(
                "--report",
                metavar="FILE",
                help="where it says what became of each; beside the slips if not given",
            ),
            argument(
                "--language", default="en", metavar="TAG", help="the language of the words and of the codes"
            ),
            argument("--cover", choices=COVER_CHOICES, default="everybody", help="whose faces are covered"),
            argument(
                "--agreed",
                action="store_true",
                help="every author is of age and wants this, and everyone in the pictures agrees",
            ),
            argument("--json", action="store_true", help="print the report as JSON, one line a picture"),
        ),
    ),
)
