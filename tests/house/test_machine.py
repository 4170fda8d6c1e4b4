"""The doctor's look at the machine, on drawn machines: what it says of disks, swap, crash dumps and proxies."""

from __future__ import annotations

import os
from pathlib import Path

from wearemany.cli.doctor_machine import (
    clock_finding,
    disk_finding,
    dumps_finding,
    proxy_findings,
    swap_finding,
)

DEVICE = os.makedev(254, 1)


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_an_encrypted_disk_is_seen_through_what_lies_on_it(tmp_path: Path) -> None:
    """A volume on a crypt mapping is encrypted, one on a bare disk is not; in a container nothing can be seen."""
    place = tmp_path / "sys/dev/block/254:1"
    assert disk_finding(tmp_path, DEVICE).well
    written(place / "dm/uuid", "LVM-abc\n")
    assert not disk_finding(tmp_path, DEVICE).well
    written(place / "slaves/dm-0/dm/uuid", "CRYPT-LUKS2-abc\n")
    assert disk_finding(tmp_path, DEVICE).well
    (place / "slaves/sdb").mkdir()
    assert not disk_finding(tmp_path, DEVICE).well, "half of it is bare"


def test_swap_in_the_clear_is_told(tmp_path: Path) -> None:
    """None and compressed memory are well; a partition that is not encrypted is not."""
    head = "Filename Type Size Used Priority\n"
    written(tmp_path / "proc/swaps", head)
    assert swap_finding(tmp_path).well
    written(tmp_path / "proc/swaps", f"{head}/dev/zram0 partition 1 0 100\n")
    assert swap_finding(tmp_path).well
    written(tmp_path / "proc/swaps", f"{head}/dev/nosuchdisk2 partition 1 0 -2\n")
    assert not swap_finding(tmp_path).well
    written(tmp_path / "sys/class/block/nosuchdisk2/dm/uuid", "CRYPT-PLAIN-swap\n")
    assert swap_finding(tmp_path).well


def test_a_proxy_that_writes_addresses_down_is_told(tmp_path: Path) -> None:
    """nginx logs unless told not to, everywhere; Caddy only when told to; without either nothing is said."""
    assert list(proxy_findings(tmp_path)) == []
    written(tmp_path / "etc/nginx/nginx.conf", "http {\n  server { listen 443; }\n}\n")
    assert [finding.well for finding in proxy_findings(tmp_path)] == [False]
    written(tmp_path / "etc/nginx/nginx.conf", "http {\n  access_log off;\n}\n")
    assert [finding.well for finding in proxy_findings(tmp_path)] == [True]
    written(tmp_path / "etc/nginx/conf.d/red.conf", "server {\n  access_log /var/log/red.log;\n}\n")
    assert [finding.well for finding in proxy_findings(tmp_path)] == [False]
    written(tmp_path / "etc/caddy/Caddyfile", "red.example {\n  reverse_proxy :8000\n}\n")
    assert [finding.well for finding in proxy_findings(tmp_path)] == [False, True]
    written(tmp_path / "etc/caddy/Caddyfile", "red.example {\n  log\n}\n")
    assert [finding.well for finding in proxy_findings(tmp_path)] == [False, False]


def test_clock_and_dumps_are_spoken_of(tmp_path: Path) -> None:
    """On any machine there is a sentence."""
    assert clock_finding().says
    assert dumps_finding(tmp_path).says
    written(tmp_path / "proc/sys/kernel/core_pattern", "|/usr/lib/systemd/systemd-coredump %P\n")
    assert "systemd-coredump" in dumps_finding(tmp_path).says
