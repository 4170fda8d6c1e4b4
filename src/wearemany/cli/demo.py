"""`wearemany demo`: a sample campaign comes alive in a folder of its own.

Starts the same programs that a real server runs (`init`, `serve`) and the samples' sender beside them, and
stays to show progress. It knows nothing of campaigns: what is sent lives in `wearemany.samples`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import segno

from wearemany.adapters.fetch import Limits, Way, fetch
from wearemany.cli.command import Command, argument
from wearemany.errors import N_, Broken, Refused, TryAgain

HANDLE = "not-indifferent"
ORGANISER = "Organiser"
MARK = "demo.json"
START_LIMIT_S = 60.0
STOP_LIMIT_S = 15.0
BAR_WIDTH = 32


def demo(chosen: argparse.Namespace) -> int:
    """Make the folder, serve, send the samples, and stay until interrupted."""
    # Being told to stop is the same as Ctrl-C: the children are stopped and waited for.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(chosen.data).resolve()
    _require_port(chosen.host, chosen.port)
    if chosen.fresh:
        _forget(folder)
    seen_at = _address_for_others(chosen.host)
    environment = _environment(chosen, folder=folder, seen_at=seen_at)
    _wearemany(environment, "init")
    (folder / MARK).touch()
    here = f"http://127.0.0.1:{chosen.port}"
    serve = [sys.executable, "-m", "wearemany", "serve", "--host", chosen.host, "--port", str(chosen.port)]
    with (
        _running(serve, environment, stdout=subprocess.DEVNULL) as server,
        _running(_sender(chosen), environment, stdout=subprocess.PIPE) as sender,
    ):
        _wait_for(server, here)
        assert sender.stdout is not None
        lines = iter(sender.stdout)
        first = _next_report(lines)
        if first:
            base = f"http://{seen_at}:{chosen.port}" if seen_at else here
            _welcome(chosen, base=base, token=str(first["token"]))
            _show_progress(first, lines)
        if sender.wait() not in (0, 130) or not first:
            raise Broken("demo-sender-failed", N_("The samples could not be sent; the lines above say why."))
        server.wait()
    return 0


def _welcome(chosen: argparse.Namespace, *, base: str, token: str) -> None:
    wall = f"{base}/en/{HANDLE}/"
    print(f"Wall: {wall}")
    print(f"Post: {base}/en/{HANDLE}/join")
    print(f"Desk: {base}/desk/in#{token}")
    print(f"Recount: ./run wearemany wall recount {wall}")
    if not _is_loopback(chosen.host):
        print("On a phone in the same network:")
        segno.make(wall).terminal(compact=True)
    print("Ready. Stop with Ctrl-C; starting again keeps everything, --fresh begins anew.", flush=True)


def _show_progress(first: dict[str, Any], lines: Iterator[bytes]) -> None:
    """Draw the bar in a terminal; elsewhere print a line every now and then."""
    report = first
    tenth = -1
    while report:
        sent, count = report["sent"], report["count"]
        if sys.stderr.isatty():
            filled = BAR_WIDTH * sent // max(1, count)
            bar = "█" * filled + "░" * (BAR_WIDTH - filled)
            print(
                f"\r{bar} {sent}/{count} posts sent",
                end="" if sent < count else "\n",
                file=sys.stderr,
                flush=True,
            )
        elif 10 * sent // max(1, count) > tenth:
            tenth = 10 * sent // max(1, count)
            print(f"{sent}/{count} posts sent", file=sys.stderr, flush=True)
        report = _next_report(lines)


def _next_report(lines: Iterator[bytes]) -> dict[str, Any]:
    line = next(lines, b"")
    if not line.strip():
        return {}
    report: dict[str, Any] = json.loads(line)
    return report


def _sender(chosen: argparse.Namespace) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "wearemany.samples",
        HANDLE,
        "--organiser",
        ORGANISER,
        "--count",
        str(chosen.count),
    ]
    return [*command, "--photos", str(Path(chosen.photos).resolve())] if chosen.photos else command


def _environment(chosen: argparse.Namespace, *, folder: Path, seen_at: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEAREMANY_")}
    models = os.environ.get("WEAREMANY_MODELS", "")
    return {
        **kept,
        "WEAREMANY_DATA": str(folder),
        "WEAREMANY_DOORS": f"http://{seen_at}:{chosen.port}" if seen_at else "",
        "WEAREMANY_HOST": chosen.host,
        "WEAREMANY_PORT": str(chosen.port),
        "WEAREMANY_DARKROOM_CHILDREN": "2",
        "WEAREMANY_MODELS": models,
        "PYTHONUNBUFFERED": "1",
    }


def _wearemany(environment: dict[str, str], *arguments: str) -> str:
    # `init` tells of a recovery key, which a demo has no use for.
    silenced = subprocess.DEVNULL if arguments == ("init",) else None
    command = [sys.executable, "-m", "wearemany", *arguments]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=silenced, text=True, check=False
    )
    if done.returncode:
        raise Broken("demo-step-failed", N_("`wearemany %(step)s` did not work."), step=" ".join(arguments))
    return done.stdout


@contextmanager
def _running(
    command: list[str], environment: dict[str, str], *, stdout: int | IO[Any]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a child for the length of the block; however the block ends, the child is told to stop and waited for."""
    child = subprocess.Popen(command, env=environment, stdout=stdout)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
        try:
            child.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise Broken(
                "demo-server-stopped", N_("The server stopped while starting; the lines above say why.")
            )
        try:
            fetch(f"{address}/static/", way=Way().leading_home(address), limits=Limits(total_s=2))
            return
        except TryAgain:
            time.sleep(0.05)
    raise Broken("demo-server-slow", N_("The server did not answer within a minute."))


def _require_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                "port-taken",
                N_("Port %(port)s is in use or not allowed. Choose another with --port."),
                cause=str(error),
                port=port,
            ) from error


def _forget(folder: Path) -> None:
    """Remove a demo folder; anything that is not one is left alone, whatever it is."""
    if not folder.exists():
        return
    if not (folder / MARK).is_file():
        raise Refused(
            "not-a-demo", N_("%(folder)s was not made by the demo, so it is left as it is."), folder=folder
        )
    shutil.rmtree(folder)


def _address_for_others(host: str) -> str:
    """Return this machine's address as phones in the same network see it; empty when only we can connect."""
    if _is_loopback(host):
        return ""
    if host not in ("0.0.0.0", "::"):  # noqa: S104  # compared, not listened on
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only asks which way the network lies.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


COMMANDS = (
    Command(
        "demo",
        "",
        "See a sample campaign come alive: drawn people post, are checked, and fill the wall while you watch.",
        "wearemany demo --count 60 --port 8001",
        demo,
        (
            argument("--fresh", action="store_true", help="forget an earlier demo in the same folder"),
            argument("--port", type=int, default=8000, help="port to listen on (default: 8000)"),
            argument(
                "--host",
                default="127.0.0.1",
                help="address to listen on; 0.0.0.0 lets phones in your network in",
            ),
            argument(
                "--data", default="data/demo", metavar="FOLDER", help="where it lives (default: data/demo)"
            ),
            argument("--count", type=int, default=150, help="how many posts (default: 150)"),
            argument("--photos", metavar="FOLDER", help="send these photos instead of drawn people"),
        ),
    ),
)
