"""The command line: noun, then verb. Loads what the noun needs, calls one function, prints errors plainly."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import django

from wearemany import __version__
from wearemany.cli.command import Command
from wearemany.errors import WeAreManyError


@dataclass(frozen=True)
class Room:
    """A module of commands. Those that need no server start without Django, fast and without a data folder."""

    noun: str
    module: str
    help: str
    needs_server: bool = True


ROOMS = (
    Room("init", "wearemany.cli.init", "make the keys, the database and the folders", needs_server=False),
    Room("serve", "wearemany.cli.serve", "run the server: pages, live wall, darkroom, log"),
    Room("demo", "wearemany.cli.demo", "see a sample campaign come alive", needs_server=False),
    Room("doctor", "wearemany.cli.doctor", "check the set-up and say what to mend"),
    Room("campaign", "wearemany.cli.campaign", "open, show, pause, resume or close a campaign"),
    Room("campaign", "wearemany.cli.careful", "open, show, pause, resume or close a campaign"),
    Room("campaign", "wearemany.cli.panic", "open, show, pause, resume or close a campaign"),
    Room("story", "wearemany.cli.story", "tell what happened, with sources"),
    Room("photo", "wearemany.cli.photo", "check or develop photos on this machine", needs_server=False),
    Room("import", "wearemany.cli.importing", "post many pictures at once"),
    Room("post", "wearemany.cli.post", "answer under a post, or take one back"),
    Room("erase", "wearemany.cli.erase", "have a post or a whole campaign erased for good"),
    Room("burn", "wearemany.cli.burn", "end a campaign in one act: keys gone, then everything personal"),
    Room("group", "wearemany.cli.group", "invite a class, a union, a town to post together"),
    Room("review", "wearemany.cli.review", "list what waits for a person, and decide"),
    Room("wall", "wearemany.cli.recount", "recount a wall from its public files", needs_server=False),
    Room("wall", "wearemany.cli.mirror", "keep a copy of a wall's log", needs_server=False),
    Room("wall", "wearemany.cli.wall", "recover or export a wall"),
    Room("receipt", "wearemany.cli.receipt", "check a proof that a post was counted", needs_server=False),
    Room("mirror", "wearemany.cli.mirrors", "name the copies that others keep, and make keys for pictures"),
    Room("witness", "wearemany.cli.witness", "vouch for other people's walls", needs_server=False),
    Room("doors", "wearemany.cli.doors_check", "show or check the signed list of doors", needs_server=False),
    Room("doors", "wearemany.cli.doors", "show the signed list of doors"),
    Room("worker", "wearemany.cli.worker", "do the work that is due, without serving"),
    Room("mail", "wearemany.cli.mail", "take photos by e-mail"),
    Room("key", "wearemany.cli.key", "make or show the server's keys", needs_server=False),
    Room("key", "wearemany.cli.announcing", "announce with the recovery key", needs_server=False),
    Room("account", "wearemany.cli.account", "make accounts of the team, and sign-in links"),
)

EXIT_CODES = "Exit codes: 0 done, 2 refused, 3 try again, 1 broken."


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        chosen = _parser(arguments).parse_args(arguments)
        command: Command = chosen.command
        return command.run(chosen)
    except WeAreManyError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has closed it; Python would complain again at exit while flushing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def load(room: Room) -> tuple[Command, ...]:
    """Return a room's commands; those of the server need Django, which is set up here and nowhere else."""
    if room.needs_server:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearemany.config.settings")
        django.setup()
    commands: tuple[Command, ...] = importlib.import_module(room.module).COMMANDS
    return commands


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="wearemany", description="Run a wear-a-colour photo campaign.", epilog=EXIT_CODES
    )
    top.add_argument("--version", action="version", version=f"wearemany {__version__}")
    nouns = top.add_subparsers(metavar="COMMAND", required=True)
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    listed: set[str] = set()
    for room in ROOMS:
        if room.noun == wanted or room.noun in listed:
            continue
        listed.add(room.noun)
        nouns.add_parser(room.noun, help=room.help)
    rooms = [room for room in ROOMS if room.noun == wanted]
    if rooms:
        _fill_noun(nouns, rooms, arguments)
    return top


def _fill_noun(
    nouns: argparse._SubParsersAction[argparse.ArgumentParser], rooms: list[Room], arguments: Sequence[str]
) -> None:
    commands: list[Command] = []
    for room in sorted(rooms, key=lambda room: room.needs_server):
        commands += load(room)
        if any(command.verb and command.verb in arguments for command in commands):
            break
    if not commands[0].verb:
        _fill(nouns.add_parser(rooms[0].noun, help=rooms[0].help, **_texts(commands[0])), commands[0])
        return
    noun = nouns.add_parser(rooms[0].noun, help=rooms[0].help, epilog=EXIT_CODES)
    verbs = noun.add_subparsers(metavar="VERB", required=True)
    for command in commands:
        _fill(verbs.add_parser(command.verb, help=command.help, **_texts(command)), command)


def _texts(command: Command) -> dict[str, Any]:
    return {
        "description": command.help,
        "epilog": f"Example: {command.example}\n{EXIT_CODES}",
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }


def _fill(parser: argparse.ArgumentParser, command: Command) -> None:
    for argument in command.arguments:
        parser.add_argument(*argument.names, **argument.options)
    parser.set_defaults(command=command)
