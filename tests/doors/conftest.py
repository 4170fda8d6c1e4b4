"""A server with three doors on one real port, and the visitors who come through them."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test.utils import override_settings

from tests.cast import Cast
from tests.front.house import Served
from tests.wall.conftest import site
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.config.asgi import application
from wearemany.doors import parse_doors
from wearemany.front.serve import FrontServer, listen
from wearemany.wall.models import Mirror

__all__ = ["site"]

MANY, HELP, ONION = "https://many.example", "https://many.help:8443", "http://" + "a2" * 28 + ".onion"
DOORS = (MANY, HELP, ONION)
MIRROR = "https://shelf.example/red/"


@pytest.fixture
def three_doors(house: object) -> Iterator[None]:
    """Declare two web doors, one with a port, and an onion door; a fourth name is allowed and no door."""
    doors = parse_doors(DOORS)
    options = {**settings.WEAREMANY, "DOORS": doors}
    hosts = [*(door.host for door in doors), "127.0.0.1", "testserver"]
    with override_settings(WEAREMANY=options, ALLOWED_HOSTS=hosts):
        yield


def list_mirror(campaign: Campaign) -> None:
    """Have a mirror of the campaign in the list, as one that has just proved to follow."""
    Mirror.objects.create(campaign=campaign, url=MIRROR, proved_at=clock.now())


@pytest.fixture
def served(committed_cast: Cast, three_doors: None) -> Iterator[Served]:
    """The whole server on a real port, with the cast's campaign."""
    started = threading.Event()
    server = FrontServer(application(), listening=listen("127.0.0.1", 0), on_started=started.set)
    thread = threading.Thread(target=server.serve_until_stopped, daemon=True)
    thread.start()
    assert started.wait(10)
    yield Served(committed_cast.house, server, server.port)  # type: ignore[arg-type]
    server.should_exit = True
    thread.join(15)
    assert not thread.is_alive()
    gc.collect()
