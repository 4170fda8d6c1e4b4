"""Children die at any moment, and no photo is lost: real children, real photos, somebody with a knife."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.test.utils import override_settings

from tests.cast import Cast
from tests.darkroom.conftest import encoded
from tests.rig import KEYS
from wearemany.adapters import clock, server
from wearemany.adapters.sandbox import Darkroom
from wearemany.photos.models import Photo, Upload
from wearemany.photos.services import form_digest, post_submit, upload_receive
from wearemany.photos.steps import develop_pending

pytestmark = pytest.mark.database
LIMIT_S = 600.0


@contextmanager
def knife(darkroom: Darkroom, *, every_s: float, come_through: Callable[[], int]) -> Iterator[list[int]]:
    """Kill the first child that is there, then one after another, at no set time; yields the ids of the dead.

    Something must have come through since the last death: children start slowly on a busy machine, and one who
    kills every one of them while it starts only proves that a server needs children.
    """
    over, dead, chance = threading.Event(), list[int](), random.Random(11)

    def go_round() -> None:
        before = -1
        while not over.wait(chance.uniform(0.2, 1.8) * every_s if dead else 0.02):
            if (now := come_through()) == before:
                continue
            before = now
            if pids := darkroom.pids():
                dead.append(chance.choice(pids))
                with suppress(ProcessLookupError):
                    os.kill(dead[-1], signal.SIGKILL)

    thread = threading.Thread(target=go_round)
    thread.start()
    try:
        yield dead
    finally:
        over.set()
        thread.join()


def post_photos(cast: Cast, count: int) -> None:
    """Post so many photos, each another, four to a post."""
    order = cast.supporter.order()
    for first in range(0, count, 4):
        contents = [
            encoded(np.full((240, 180, 3), (at * 37 % 256, at % 256, 90), np.uint8))
            for at in range(first, first + 4)
        ]
        token = f"form {first}"
        uploads = [
            upload_receive(received=cast.house.received(content), form_digest=form_digest(token))
            for content in contents
        ]
        word = "abcdefghij"[first // 4 % 10] * (2 + first // 40)
        sent = replace(
            order,
            code=f"amber birch cedar delta ember frost {word}",
            form_token=token,
            upload_ids=tuple(upload.pk for upload in uploads),
        )
        post_submit(sent)
    Upload.objects.filter(photo=None).delete()


def developed_under_the_knife(cast: Cast, models: Path, *, count: int, every_s: float) -> int:
    """Post, develop while children die, and return how many died; every photo must come through."""
    post_photos(cast, count)
    options = {**settings.WEAREMANY, "DARKROOM_CHILDREN": 2}
    until = time.monotonic() + LIMIT_S
    with Darkroom(models=models, children=2) as darkroom, override_settings(WEAREMANY=options):
        server.put(keys=KEYS, store=cast.house.store, darkroom=darkroom)
        store = cast.house.store
        with knife(darkroom, every_s=every_s, come_through=lambda: len(list(store.list("r")))) as dead:
            while Photo.objects.filter(due_at__isnull=False).exists():
                assert time.monotonic() < until, "photos are still waiting"
                if not develop_pending():
                    clock.clock.advance(30)
    refused = Photo.objects.exclude(refused_code="").values_list("refused_code", flat=True)
    assert list(refused) == []
    assert Photo.objects.filter(development__isnull=False).count() == count == Photo.objects.count()
    return len(dead)


def test_a_few_photos_survive_the_death_of_children(cast: Cast, models: Path) -> None:
    """A dozen photos, a child killed every second or two."""
    assert developed_under_the_knife(cast, models, count=12, every_s=1.5) > 0


@pytest.mark.long
def test_five_hundred_photos_survive_the_death_of_children(cast: Cast, models: Path) -> None:
    """Five hundred, while children are killed at every moment of their work."""
    assert developed_under_the_knife(cast, models, count=500, every_s=1.2) > 20
