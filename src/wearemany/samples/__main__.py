"""`python -m wearemany.samples HANDLE`: send the samples to the server whose data folder the options name.

Prints one JSON line of progress a post, for the demo to draw a bar from.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

import django

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif"})


def main() -> int:
    """Parse, set Django up, send."""
    parser = argparse.ArgumentParser(prog="python -m wearemany.samples")
    parser.add_argument("handle")
    parser.add_argument("--organiser", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--photos", type=Path)
    chosen = parser.parse_args()
    photos = _photos(chosen.photos) if chosen.photos else ()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearemany.config.settings")
    django.setup()
    # Only now: the sender's tables exist once Django is set up.
    sending = importlib.import_module("wearemany.samples.sending")
    campaign = sending.campaign_prepare(handle=chosen.handle, organiser=chosen.organiser)
    try:
        sending.samples_send(
            campaign=campaign,
            count=chosen.count,
            photos=photos,
            report=lambda sent: print(
                sending.report_line(sent, chosen.count, organiser=chosen.organiser), flush=True
            ),
        )
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The demo that started us is gone.
        return 0
    return 0


def _photos(folder: Path) -> tuple[Path, ...]:
    found = tuple(sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES))
    if not found:
        print(f"There are no photos in {folder}.", file=sys.stderr)
        raise SystemExit(2)
    return found


if __name__ == "__main__":
    sys.exit(main())
