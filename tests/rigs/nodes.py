"""Several serving nodes on one PostgreSQL and one store, and what may happen to each: killed, paused, cut off.

All nodes share one folder of keys, as an operator copies them. A node's connections carry its name, so that its
hints alone can be cut: whoever listens for it is ended again and again, until the cut is over.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.rigs.serving import ROOT, Serving, free_port, server_in


@dataclass
class Nodes:
    """The nodes, and the database that they share."""

    nodes: list[Serving]
    database: str
    folder: Path
    _frozen: list[int] = field(default_factory=list)

    def rig(self, *arguments: str) -> str:
        """Run an act of the crowd's rig beside the nodes; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.rigs.crowd", *arguments],
            env=self.nodes[0].environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rig_started(self, *arguments: str) -> subprocess.Popen[str]:
        """Start an act of the crowd's rig beside the nodes."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.rigs.crowd", *arguments],
            env=self.nodes[0].environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, question: str, *values: object) -> list[tuple[object, ...]]:
        """Ask the database."""
        with psycopg.connect(self.database, autocommit=True) as line:
            return line.execute(question, values or None).fetchall()

    @contextlib.contextmanager
    def paused(self, number: int) -> Iterator[None]:
        """Stop a node in the middle of whatever it does, as a machine that hangs; let it go on at the end."""
        process = self.nodes[number].process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process.pid, signal.SIGCONT)

    def freeze_database(self, pid: int) -> None:
        """Stop the database and all its sessions, as a machine that hangs: lines stay open, nothing answers."""
        self._frozen = [pid, *_children(pid)]
        for each in self._frozen:
            os.kill(each, signal.SIGSTOP)

    def thaw_database(self, pid: int) -> None:
        """Let the database go on."""
        for each in self._frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)

    @contextlib.contextmanager
    def cut_off(self, number: int) -> Iterator[None]:
        """Let no hint reach a node; everything else works."""
        over = threading.Event()
        name = f"wearemany hints node{number}"

        def cut() -> None:
            with psycopg.connect(self.database, autocommit=True) as line:
                while not over.is_set():
                    line.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s",
                        (name,),
                    )
                    time.sleep(0.02)

        thread = threading.Thread(target=cut, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(5)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextlib.contextmanager
def nodes_in(folder: Path, count: int, *, database: str, **options: str) -> Iterator[Nodes]:
    """Make nodes that share a database (and whatever `options` say); none is started. All are stopped at the end."""
    with server_in(folder, DATABASE=f"{database}?application_name=node0", **options) as first:
        nodes = [first]
        for number in range(1, count):
            beside = folder / f"node{number}"
            beside.mkdir()
            port = free_port()
            environment = {
                **first.environment,
                "WEAREMANY_PORT": str(port),
                "WEAREMANY_DATABASE": f"{database}?application_name=node{number}",
            }
            nodes.append(Serving(beside, port, environment))
        try:
            yield Nodes(nodes, database, folder)
        finally:
            for node in nodes[1:]:
                node.stop()
