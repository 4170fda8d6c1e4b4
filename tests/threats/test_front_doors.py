"""The addresses that the front answers itself: no cookie, no key and no code changes what anybody gets there."""

from __future__ import annotations

import gc
import re
import threading
from collections.abc import Iterator

import pytest

from tests.cast import Cast
from tests.front.house import Served, client
from tests.threats.roles import METHODS, RAW
from tests.web.desk_rig import signed_in
from tests.web.walls import stand
from wearemany.config.asgi import application
from wearemany.front import app
from wearemany.front.serve import FrontServer, listen
from wearemany.photos.models import Post, Rendition
from wearemany.web import assets

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.threat("C"),
]


@pytest.fixture
def served(committed_cast: Cast) -> Iterator[Served]:
    """The whole server, with a post that is public and one that waits."""
    stand(committed_cast, "is public")
    committed_cast.supporter.decided(b"refer: waits")
    started = threading.Event()
    server = FrontServer(application(), listening=listen("127.0.0.1", 0), on_started=started.set)
    thread = threading.Thread(target=server.serve_until_stopped, daemon=True)
    thread.start()
    assert started.wait(10)
    yield Served(committed_cast.house, server, server.port)
    server.should_exit = True
    thread.join(15)
    gc.collect()


def picture(caption: str) -> str:
    """Return the name of a post's picture."""
    post = Post.objects.get(caption=caption)
    return str(Rendition.objects.get(photo__post=post, size="640", format="webp").name)


def test_every_door_of_the_front_has_its_line() -> None:
    """The front's own table of addresses has no line that is not asked here; the rest is Django's."""
    own = {
        line.split()[0].partition("<")[0].removesuffix("...")
        for line in (app.__doc__ or "").splitlines()
        if line.startswith("/") and "Django, after" not in line
    }
    assert own == {"/static/", "/log/", "/r/", "/"}
    for place in own - {"/"}:
        assert any(door.path.startswith(place) for door in RAW), place
    assert any(door.path.endswith("/live") for door in RAW)


def test_nobody_has_a_role_at_the_front(served: Served, committed_cast: Cast) -> None:
    """Each door, each method: the same status and the same bytes to a stranger and to an organiser's browser."""
    cookie = signed_in(committed_cast.organiser).client.cookies["desk"].value
    keys = {"cookie": f"desk={cookie}", "authorization": f"Bearer {committed_cast.supporter.code}"}
    places = {
        "handle": "we-are-many",
        "style": assets.url("css/base.css").removeprefix("/static/"),
        "shown": picture("is public"),
        "held": picture("Мы не равнодушны"),
    }
    for door in RAW:
        url = served.url + door.path.format(**places)
        for method in METHODS:
            stranger, insider = (_asked(method, url, headers) for headers in ({}, keys))
            assert stranger == insider, (method, door.path)
            answers = {204 if method == "OPTIONS" else door.status} if method in door.methods else {404, 405}
            assert stranger[0] in answers, (method, door.path, stranger)
    for path in ("/en/we-are-many/", "/desk/", "/en/keep"):
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            assert client.request(method, served.url + path, headers=keys).status_code == 405, (method, path)


def _asked(method: str, url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    with client.stream(method, url, headers=headers) as answer:
        assert "set-cookie" not in answer.headers
        if url.endswith("/live") and answer.status_code == 200:
            return answer.status_code, b"a stream"
        return answer.status_code, re.sub(rb"\d{2}:\d{2}:\d{2}", b"", answer.read())
