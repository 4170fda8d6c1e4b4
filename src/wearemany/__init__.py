"""We Are Many: a server for wear-a-colour photo campaigns, with a count that anyone can check."""

import os

__version__ = "0.1.0"

# The model runtime reports to its maker by default, and keeps a name for the machine on disk. Nothing here tells
# anybody that it runs: said before any of our modules can import the runtime, by both names it has listened to.
os.environ["ORT_DISABLE_TELEMETRY"] = os.environ["ORT_TELEMETRY_DISABLED"] = "1"
