"""The doctor's look at the machine: what a seized disk, a crash or a proxy beside us would give away.

Only what can be seen from here is said, and where nothing can be seen, that. Linux alone is known.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from wearemany.campaigns.models import Campaign, Shut
from wearemany.cli.findings import Finding
from wearemany.worker.scrub import out_of_reach

_UNSYNCHRONISED = 5
_TIMEX_BYTES = 512
_ENCRYPTED = "CRYPT-"


def look_at_machine() -> Iterator[Finding]:
    """Look at disk, swap, crash dumps, clock, a proxy's logs, and the database's own."""
    root = Path("/")
    data = Path(settings.WEAREMANY["DATA"])
    yield disk_finding(root, data.stat().st_dev)
    yield swap_finding(root)
    yield dumps_finding(root)
    yield clock_finding()
    yield from proxy_findings(root)
    if stays := out_of_reach():
        yield Finding("database-log", False, "; ".join(stays))
    for handle in Campaign.objects.filter(shut=Shut.RESTORED).values_list("handle", flat=True):
        yield Finding(f"restored {handle}", False, f"out of sight: run `wearemany wall recover {handle}`")


def disk_finding(root: Path, device: int) -> Finding:
    """Say whether the data folder's device is encrypted, as far as the kernel tells."""
    place = root / "sys/dev/block" / f"{os.major(device)}:{os.minor(device)}"
    if not place.exists():
        return Finding(
            "disk-encryption", True, "cannot be seen from here (a container, or a file system of its own)"
        )
    if _is_encrypted(place):
        return Finding("disk-encryption", True, "the disk under the data folder is encrypted")
    return Finding(
        "disk-encryption", False, "the disk under the data folder is not encrypted: LUKS, or lock the key"
    )


def swap_finding(root: Path) -> Finding:
    """Say whether memory may be written to a disk in the clear."""
    try:
        lines = (root / "proc/swaps").read_text().splitlines()[1:]
    except OSError:
        return Finding("swap", True, "cannot be seen from here")
    open_ones = []
    for line in lines:
        name = line.split()[0]
        block = root / "sys/class/block" / Path(name).resolve().name
        if not Path(name).name.startswith("zram") and not (block.exists() and _is_encrypted(block)):
            open_ones.append(name)
    if open_ones:
        return Finding(
            "swap", False, f"memory may be written to {', '.join(open_ones)}: encrypt it, or switch it off"
        )
    return Finding("swap", True, "none, or encrypted")


def dumps_finding(root: Path) -> Finding:
    """Say where the memory of a program that crashed would go; our own server forbids it for itself."""
    try:
        pattern = (root / "proc/sys/kernel/core_pattern").read_text().strip()
    except OSError:
        return Finding("core-dumps", True, "cannot be seen from here; `serve` forbids them for itself")
    if pattern.startswith("|"):
        return Finding("core-dumps", True, f"go to {pattern.split()[0][1:]}; `serve` forbids them for itself")
    return Finding("core-dumps", True, "`serve` forbids them for itself")


def clock_finding() -> Finding:
    """Say whether the kernel knows its clock to be right: terms, check-ins and release days hang on it."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return Finding("clock", True, "cannot be seen from here")
    if state == _UNSYNCHRONISED:
        return Finding("clock", False, "nobody keeps it right: run chrony, or systemd-timesyncd")
    return Finding("clock", state >= 0, "kept right" if state >= 0 else "cannot be seen from here")


def proxy_findings(root: Path) -> Iterator[Finding]:
    """Say whether a proxy that we know writes down who asked for what."""
    nginx = [*root.glob("etc/nginx/*.conf"), *root.glob("etc/nginx/*/*")]
    texts = [_text(path) for path in nginx if path.is_file()]
    if texts:
        logs = {
            found for text in texts for found in re.findall(r"^\s*access_log\s+([^;\s]+)", text, re.MULTILINE)
        }
        well = bool(logs) and logs <= {"off", "/dev/null"}
        yield Finding("nginx-log", well, "off" if well else "addresses are written down: access_log off;")
    if caddy := _text(root / "etc/caddy/Caddyfile"):
        logs_on = re.search(r"^\s*log\b", caddy, re.MULTILINE) is not None
        yield Finding(
            "caddy-log", not logs_on, "addresses are written down: remove `log`" if logs_on else "off"
        )


def _is_encrypted(block: Path) -> bool:
    """Tell whether a block device, or what it lies on, is a crypt mapping."""
    if _text(block / "dm/uuid").startswith(_ENCRYPTED):
        return True
    # A partition lies in its disk's folder; a mapping names what it lies on.
    below = list((block / "slaves").iterdir()) if (block / "slaves").is_dir() else []
    return bool(below) and all(_is_encrypted(one) for one in below)


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
