"""`python -m wearemany`: the command."""

from __future__ import annotations

import sys

from wearemany.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
