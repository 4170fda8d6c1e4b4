"""A real server for tests: `wearemany init` and `wearemany serve` in a folder of their own, on loopback.

On SQLite what `init` makes is made once and copied, keys and all: most of its time are the migrations.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 60.0
STOP_LIMIT_S = 20.0


@dataclass
class Serving:
    """A server that runs, or will once `start` is called."""

    folder: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def base(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        log = (self.folder / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wearemany", "serve"],
            env=self.environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        until = time.monotonic() + START_LIMIT_S
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log()
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/en/")
                connection.getresponse().read()
                return
            time.sleep(0.05)
        raise AssertionError(f"the server did not answer:\n{self.log()}")

    def kill(self) -> None:
        """End it as a power cut would: at once, in the middle of whatever it does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """Ask it to stop and wait."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def command(self, *arguments: str) -> str:
        """Run `wearemany ARGUMENTS` beside the server and return what it printed; it must succeed."""
        done = self.command_result(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def command_result(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `wearemany ARGUMENTS` beside the server, whatever comes of it."""
        return subprocess.run(
            [sys.executable, "-m", "wearemany", *arguments],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def log(self) -> str:
        """Return what the server has said so far."""
        path = self.folder / "serve.log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextlib.contextmanager
def server_in(folder: Path, **options: str) -> Iterator[Serving]:
    """Make a server in a folder and stop it at the end; `options` are the server's, without their prefix.

    It runs on whatever database the test run names, in a schema of its own being the caller's business.
    """
    port = free_port()
    data = folder / "data"
    chosen = {"DATA": str(data), "PORT": str(port), "LOG_LEVEL": "info", **options}
    serving = Serving(folder, port, _environment(**chosen))
    if options.get("DATABASE"):
        serving.command("init", "--recovery", str(folder / "recovery.key"))
    else:
        shutil.copytree(_initialised().name, folder, dirs_exist_ok=True)
    try:
        yield serving
    finally:
        serving.stop()


@cache
def _initialised() -> tempfile.TemporaryDirectory[str]:
    """Return a folder with a data folder and a recovery key, as `init` makes them; it goes when the process ends."""
    made = tempfile.TemporaryDirectory(prefix="wearemany-initialised-")
    folder = Path(made.name)
    serving = Serving(folder, 0, _environment(DATA=str(folder / "data")))
    serving.command("init", "--recovery", str(folder / "recovery.key"))
    return made


def _environment(**options: str) -> dict[str, str]:
    """Return this process's environment with these options of the server, and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEAREMANY_")}
    return {**kept, **{f"WEAREMANY_{name}": value for name, value in options.items()}}


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def campaign_arguments(handle: str = "red", preset: str = "everyday") -> tuple[str, ...]:
    """Return the arguments that open the campaign of the journeys."""
    return (
        "campaign", "open", handle, "--phrase", "мы не равнодушны", "--colour", "red", "--preset", preset,
        "--title", "en=We are not indifferent", "--title", "ru=Мы не равнодушны",
        "--call", "en=Wear red, take a selfie, post it here.", "--call", "ru=Наденьте красное и пришлите селфи.",
        "--honouree", "Vera", "--time-zone", "Europe/Madrid",
    )  # fmt: skip
