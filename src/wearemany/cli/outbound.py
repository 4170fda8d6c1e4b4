"""How the commands that need no server go out: by the same two options as the server, read alone."""

from __future__ import annotations

import os

from wearemany.adapters.fetch import Way
from wearemany.config.options import PREFIX, read_options

_NAMES = ("SOCKS", "OUTBOUND_HOME")


def way_out() -> Way:
    """Return the way that the environment names; Refused `option-invalid` where it cannot be read."""
    variables = {f"{PREFIX}{name}" for name in _NAMES} & set(os.environ)
    options = read_options({name: os.environ[name] for name in variables})
    socks, home = (options[name] for name in _NAMES)
    return Way(socks=socks, home=home)  # type: ignore[arg-type]  # each as its option reads it
