"""The front: one raw ASGI callable between the network and Django.

It receives bodies, keeps anonymous pages, sends renditions, log files and assets, and holds the live streams
open; complete requests for everything else go to Django in threads. It imports no station: what it needs of
them is handed in as `FrontParts`.
"""

from wearemany.front.app import Front, build
from wearemany.front.parts import FrontParts, Limits, LiveEvent
from wearemany.front.serve import run

__all__ = ["Front", "FrontParts", "Limits", "LiveEvent", "build", "run"]
