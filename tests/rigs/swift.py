"""A real S3 server for tests: OpenStack Swift with its s3api, four processes on 127.0.0.1, data in a folder.

Proxy, account, container and object server run without workers, so each is one process that is stopped by
its own id. One ring partition pair, one replica, one "device" folder. No memcached: the cache's address points
nowhere, which Swift bears. Object metadata lives in extended attributes: the folder must be on a file system
that has `user.*` ones (ext4, xfs, btrfs, and tmpfs of Linux 6.6 or newer).

`python -m tests.rigs.swift -- COMMAND...` runs a command with WEAREMANY_STORAGE and its keys set.
"""

from __future__ import annotations

import base64
import getpass
import hashlib
import hmac
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wearemany.adapters.blobs import BucketSpec

KEY_ID, SECRET, REGION = "test:tester", "testing", "us-east-1"
BUCKET = "wearemany-tests"
START_WITHIN_S = 60.0

_RINGS = """
import sys
from pathlib import Path
from swift.common.ring import RingBuilder
folder = Path(sys.argv[1])
for name, port in zip(("account", "container", "object"), map(int, sys.argv[2:])):
    builder = RingBuilder(1, 1, 1)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1",
                     "weight": 1.0, "replication_ip": "127.0.0.1", "replication_port": port})
    builder.rebalance(seed="1")
    builder.get_ring().save(str(folder / f"{name}.ring.gz"))
"""

_SWIFT_CONF = """
[swift-hash]
swift_hash_path_suffix = tests
swift_hash_path_prefix = tests
[storage-policy:0]
name = one
default = yes
"""

_DEFAULT = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
user = {user}
workers = 0
backlog = 64
fallocate_reserve = 0
disable_fallocate = true
log_udp_host = 127.0.0.1
log_udp_port = 9
log_level = WARNING
eventlet_debug = false
"""

_STORAGE = """
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""

_FILTERS = {
    "catch_errors": "",
    "gatekeeper": "",
    "healthcheck": "",
    "cache": "memcache_servers = 127.0.0.1:9",
    "listing_formats": "",
    "bulk": "",
    "s3api": f"location = {REGION}",
    "tempauth": f"user_{KEY_ID.replace(':', '_')} = {SECRET} .admin",
    "copy": "",
    "slo": "",
    "dlo": "",
    "versioned_writes": "allow_object_versioning = true",
    "symlink": "",
}
_FACTORIES = {"cache": "memcache"}
_PROXY = f"""
[pipeline:main]
pipeline = {" ".join(_FILTERS)} proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
conn_timeout = 5
""" + "".join(
    f"[filter:{name}]\nuse = egg:swift#{_FACTORIES.get(name, name)}\n{options}\n"
    for name, options in _FILTERS.items()
)


@dataclass(frozen=True)
class SwiftServer:
    """A running server with one bucket."""

    endpoint: str
    folder: Path
    processes: tuple[subprocess.Popen[bytes], ...]

    def bucket(self) -> BucketSpec:
        """Return where the bucket is and the keys to it."""
        return BucketSpec(bucket=BUCKET, endpoint=self.endpoint, region=REGION, key_id=KEY_ID, secret=SECRET)


def fresh_bucket(server: SwiftServer) -> BucketSpec:
    """Return an empty corner of the bucket that no other test uses."""
    return replace(server.bucket(), prefix=f"corner-{secrets.token_hex(6)}")


@contextmanager
def swift_server(folder: Path) -> Iterator[SwiftServer]:
    """Start Swift on free ports with its data in `folder`; stop it, by process id, when the block ends.

    Skips the test, saying why, where Swift cannot run at all; a server that starts and then fails is an error.
    """
    _skip_where_impossible(folder)
    ports = dict(zip(("account", "container", "object", "proxy"), _free_ports(4), strict=True))
    _configure(folder, ports)
    processes = []
    try:
        for name in ports:
            processes.append(_started(folder, name))
        server = SwiftServer(f"http://127.0.0.1:{ports['proxy']}", folder, tuple(processes))
        _wait_for_bucket(server, port=ports["proxy"])
        yield server
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=5)


def _skip_where_impossible(folder: Path) -> None:
    if not (Path(sys.executable).parent / "swift-proxy-server").exists():
        pytest.skip("OpenStack Swift is not installed in this environment (pip install swift pyeclib)")
    probe = folder / "probe"
    probe.write_bytes(b"")
    try:
        os.setxattr(probe, "user.swift.metadata", b"x" * 1000)
    except OSError as cause:
        pytest.skip(f"Swift needs extended attributes, which {folder} does not have ({cause}); set TMPDIR")
    finally:
        probe.unlink()


def _free_ports(count: int) -> list[int]:
    holders = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports


def _configure(folder: Path, ports: dict[str, int]) -> None:
    (folder / "devices" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text(_SWIFT_CONF)
    for name, port in ports.items():
        kind = _PROXY if name == "proxy" else _STORAGE.format(name=name)
        default = _DEFAULT.format(port=port, folder=folder, user=getpass.getuser())
        (folder / f"{name}.conf").write_text(default + kind)
    storage_ports = [str(ports[name]) for name in ("account", "container", "object")]
    subprocess.run([sys.executable, "-c", _RINGS, str(folder), *storage_ports], check=True, cwd=folder)


def _started(folder: Path, name: str) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).parent / f"swift-{name}-server"
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", program, folder / f"{name}.conf", "-v"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
        )


def _wait_for_bucket(server: SwiftServer, *, port: int) -> None:
    """Ask for the bucket until every server answers; the last answer explains a failure."""
    answer = "no answer"
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        ended = [process for process in server.processes if process.poll() is not None]
        if ended:
            break
        try:
            answer = _make_bucket(port)
        except OSError as cause:
            answer = str(cause)
        if answer.startswith(("200", "409")):
            return
        time.sleep(0.1)
    logs = "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in server.folder.glob("*.log"))
    raise RuntimeError(f"Swift did not start: {answer}\n{logs}")


def bucket_versioned(server: SwiftServer, *, status: str) -> None:
    """Let the bucket keep old versions (`Enabled`) or not any more (`Suspended`)."""
    body = (
        '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Status>{status}</Status></VersioningConfiguration>"
    ).encode()
    port = int(server.endpoint.rpartition(":")[2])
    answer = _signed_put(port, f"/{BUCKET}", query="versioning=", body=body)
    assert answer.startswith("200"), answer


def _make_bucket(port: int) -> str:
    """Create the bucket; return status and reason."""
    return _signed_put(port, f"/{BUCKET}")


def _signed_put(port: int, path: str, *, query: str = "", body: bytes = b"") -> str:
    """Send one signed request (AWS signature version 4); return status and reason."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{REGION}/s3/aws4_request"
    sum_of_body = hashlib.sha256(body).hexdigest()
    headers = {"host": f"127.0.0.1:{port}", "x-amz-content-sha256": sum_of_body, "x-amz-date": moment}
    if body:
        headers = {"content-md5": base64.b64encode(hashlib.md5(body).digest()).decode(), **headers}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"PUT\n{path}\n{query}\n{lines}\n{names}\n{sum_of_body}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}".encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("PUT", f"{path}?{query}" if query else path, body=body or None, headers=headers)
        response = connection.getresponse()
        return f"{response.status} {response.read(300).decode(errors='replace')}"
    finally:
        connection.close()


def main(arguments: list[str]) -> int:
    """Run a command beside a fresh Swift, told where it is through the server's own options."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    # Being told to end must still stop the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with (
        tempfile.TemporaryDirectory(prefix="wearemany-swift-") as folder,
        swift_server(Path(folder)) as server,
    ):
        environment = {
            **os.environ,
            "WEAREMANY_STORAGE": f"s3://{BUCKET}",
            "WEAREMANY_S3_ENDPOINT": server.endpoint,
            "WEAREMANY_S3_REGION": REGION,
            "WEAREMANY_S3_KEY_ID": KEY_ID,
            "WEAREMANY_S3_SECRET": SECRET,
        }
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
