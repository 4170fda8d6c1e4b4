"""The PostgreSQL that database tests run on is a real one and goes away without a trace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.rigs.postgres import postgres_server

ROOT = Path(__file__).parents[2]
ASK = (
    "import os, psycopg\n"
    "with psycopg.connect(os.environ['WEAREMANY_DATABASE']) as connection:\n"
    "    print(connection.execute('show server_version').fetchone()[0])\n"
)


def test_it_answers_and_skips_locked_rows() -> None:
    """Two workers claim different rows of one table, which is what the queue is built on."""
    with postgres_server() as server:
        with psycopg.connect(server.url) as first, psycopg.connect(server.url) as second:
            first.execute("create table job (id int primary key)")
            first.execute("insert into job values (1), (2)")
            first.commit()
            claim = "select id from job order by id limit 1 for update skip locked"
            assert first.execute(claim).fetchone() == (1,)
            assert second.execute(claim).fetchone() == (2,)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url.replace("postgres:", "postgres:wrong"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url, connect_timeout=2)


def test_a_command_runs_beside_it_and_its_exit_code_comes_back() -> None:
    """`python -m tests.rigs.postgres -- COMMAND` is how the suite runs a second time."""
    rig = [sys.executable, "-m", "tests.rigs.postgres", "--", sys.executable, "-c"]
    answer = subprocess.run([*rig, ASK], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(answer.stdout.split(".")[0]) >= 16
    failed = subprocess.run([*rig, "raise SystemExit(3)"], cwd=ROOT, check=False)
    assert failed.returncode == 3
