"""The error tree. Every error has two faces: a safe sentence for people, a private cause for logs.

    WeAreManyError
    ├── Refused     the request cannot be granted as it is; asking again unchanged gives the same answer
    ├── TryAgain    nothing is wrong with the request; the same call may succeed later
    └── Broken      something that must hold does not; a person has to look, nothing was half-done

A loop needs one bit only: `TryAgain` or not. Edges translate `sentence` and fill in `values`;
`cause` never leaves the server. Codes are stable and listed in docs/develop/errors.md.
"""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802  # the name by which extractors of translatable text know it
    """Mark English source text for translation; it is translated at the edge that shows it."""
    return text


class WeAreManyError(Exception):
    """Base of all our errors. `code` is stable, `sentence` is safe to show, `cause` is for logs."""

    exit_code = 1

    def __init__(self, code: str, sentence: str, *, cause: str = "", **values: object) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence
        self.cause = cause
        self.values = values

    def __str__(self) -> str:
        """Return the safe sentence in English, values filled in."""
        return self.sentence % self.values if self.values else self.sentence


class Refused(WeAreManyError):
    """The request cannot be granted as it is."""

    exit_code = 2


class TryAgain(WeAreManyError):
    """Nothing is wrong with the request; the same call may succeed later."""

    exit_code = 3


class Broken(WeAreManyError):
    """Something that must hold does not hold; a person has to look."""

    exit_code = 1
