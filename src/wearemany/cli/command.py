"""What a command is: one row of a table that the parser, the help and the docs test are made from."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Argument:
    """One argument of a command: its names and what `ArgumentParser.add_argument` is told of it."""

    names: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)


def argument(*names: str, **options: Any) -> Argument:
    """Describe an argument in the words of `ArgumentParser.add_argument`."""
    return Argument(names, options)


@dataclass(frozen=True)
class Command:
    """A noun and a verb, what it does, one example, and the function that does it.

    `run` gets the parsed arguments and returns the exit code: 0 done, 2 refused, 3 try again, 1 broken.
    It may raise a `WeAreManyError`; the parser prints the sentence and exits with the error's code.
    """

    noun: str
    verb: str
    help: str
    example: str
    run: Callable[[argparse.Namespace], int]
    arguments: tuple[Argument, ...] = ()
