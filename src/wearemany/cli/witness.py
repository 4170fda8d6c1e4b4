"""`wearemany witness`: vouch for other people's walls. Needs no database and no Django."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from wearemany.adapters import clock
from wearemany.cli.command import Command, argument
from wearemany.tlog.note import KEY_BYTES
from wearemany.wall.witnesses.door import WitnessApp
from wearemany.wall.witnesses.stand import LOGS_FILE, stand_create, stand_open

_KEEP_ALIVE_S = 20
_CONNECTIONS_MAX = 200


def run_init(args: argparse.Namespace) -> int:
    """Make a witness's key and print its public half."""
    stand = stand_create(Path(args.folder), name=args.name, seed=clock.random_bytes(KEY_BYTES))
    print(stand.vkey)
    return 0


def run_serve(args: argparse.Namespace) -> int:
    """Witness the logs in the folder's list until told to stop."""
    stand = stand_open(Path(args.folder))
    print(stand.vkey)
    print(f"Witnessing {len(stand.logs)} log(s) on http://{args.host}:{args.port}/add-checkpoint", flush=True)
    uvicorn.run(
        WitnessApp(stand),
        host=args.host,
        port=args.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        limit_concurrency=_CONNECTIONS_MAX,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )
    return 0


_FOLDER = argument("folder", help="the witness's folder")

COMMANDS: tuple[Command, ...] = (
    Command(
        noun="witness",
        verb="init",
        help="Make a witness: its key, and an empty list of the logs it knows.",
        example="wearemany witness init witness/ witness.example/w1",
        run=run_init,
        arguments=(_FOLDER, argument("name", help="the witness's name, an address without https://")),
    ),
    Command(
        noun="witness",
        verb="serve",
        help=f"Witness other walls: the logs whose verifier keys stand in the folder's file `{LOGS_FILE}`.",
        example="wearemany witness serve witness/ --port 8600",
        run=run_serve,
        arguments=(
            _FOLDER,
            argument(
                "--host", default="127.0.0.1", help="address to listen on (default: this machine alone)"
            ),
            argument("--port", type=int, default=8600, help="port to listen on (default: 8600)"),
        ),
    ),
)
