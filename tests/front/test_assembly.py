"""The whole server on a real port: the front, Django, the stations and a real database, as `config.asgi` puts them."""

from __future__ import annotations

import gc
import re
import threading
import time
from collections.abc import Iterator

import pytest

from tests.cast import Cast
from tests.front.house import Served, client, eventually, form, read_until
from tests.rig import House, house_in
from wearemany.config.asgi import application
from wearemany.front.serve import FrontServer, listen
from wearemany.moderation.services import post_withdraw
from wearemany.photos.models import Post, Rendition, Upload
from wearemany.photos.services import form_digest
from wearemany.wall.log import append_pending

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

WALL = "/en/we-are-many/"


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    """The rig's house, not this room's own."""
    with house_in(tmp_path) as built:
        yield built


@pytest.fixture
def served(committed_cast: Cast) -> Iterator[Served]:
    """The whole server, serving the cast's campaign."""
    started = threading.Event()
    server = FrontServer(application(), listening=listen("127.0.0.1", 0), on_started=started.set)
    thread = threading.Thread(target=server.serve_until_stopped, daemon=True)
    thread.start()
    assert started.wait(10)
    yield Served(committed_cast.house, server, server.port)
    server.should_exit = True
    thread.join(15)
    assert not thread.is_alive()
    # The front's threads have ended; their connections end with them, once nothing refers to them any more.
    gc.collect()


def picture_of(post: Post) -> str:
    row = Rendition.objects.get(photo__post=post, size="640", format="webp")
    return f"/r/{row.name}.webp"


def test_what_is_taken_back_is_gone_everywhere_within_a_second(served: Served, committed_cast: Cast) -> None:
    """Page, picture and live stream obey a withdrawal within a second of the decision, made in another thread."""
    post = committed_cast.supporter.decided()
    picture = served.url + picture_of(post)
    assert client.get(picture).status_code == 404, "approved, but not on the wall yet"
    append_pending()
    eventually(lambda: client.get(picture).status_code == 200)
    wall = client.get(served.url + WALL)
    assert wall.status_code == 200
    assert picture_of(post)[3:29] in wall.text
    held = client.get(served.url + WALL, headers={"if-none-match": wall.headers["etag"]})
    assert held.status_code == 304
    stream = served.line()
    place = re.search(r'data-live="([^"]+)"', wall.text)[1].replace("&amp;", "&")
    stream.sendall(f"GET {place} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n\r\n".encode())
    read_until(stream, b"retry")

    post_withdraw(post=post)
    decided_at = time.monotonic()
    read_until(stream, b"event: refresh", limit_s=1)
    eventually(lambda: client.get(picture).status_code == 404, limit_s=1)
    eventually(lambda: picture_of_gone(client.get(served.url + WALL).text, picture), limit_s=1)
    assert time.monotonic() - decided_at < 1.5
    stream.close()


def picture_of_gone(page: str, picture: str) -> bool:
    return picture.rpartition("/")[2][:26] not in page


def test_a_new_post_arrives_on_the_stream_in_its_language(served: Served, committed_cast: Cast) -> None:
    """A released post reaches an open wall by itself, with the log position as its id."""
    append_pending()
    page = client.get(f"{served.url}/ru/we-are-many/").text
    place = re.search(r'data-live="([^"]+)"', page)[1].replace("&amp;", "&")
    stream = served.line()
    stream.sendall(f"GET {place} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    read_until(stream, b"retry")
    committed_cast.supporter.decided()
    append_pending()
    arrived = read_until(stream, b"event: number", limit_s=3)
    assert b"id: 1\nevent: post\n" in arrived
    stream.close()


def test_a_photo_sent_by_a_script_becomes_an_upload_row(served: Served, committed_cast: Cast) -> None:
    """What the front sealed is taken over by a row; what no view takes over is deleted again."""
    token = re.search(r'name="form" value="([^"]+)"', client.get(f"{served.url}{WALL}join").text)[1]
    headers = {
        "content-type": "multipart/form-data; boundary=----edge7",
        "accept": "application/json",
        "origin": served.url,
    }
    body = form([("form", None, token.encode()), ("photo", "me.jpg", b"a selfie in red " * 9000)])
    answer = client.post(f"{served.url}{WALL}join/photo", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    row = Upload.objects.get(pk=answer.json()["upload"])
    assert bytes(row.form_digest) == form_digest(token)
    assert served.house.store.exists(row.blob)
    unwanted = client.post(f"{served.url}/en/", content=body, headers=headers)
    assert unwanted.status_code == 405, "this page takes no files"
    assert list(served.house.store.list("u")) == [row.blob]
    assert served.house.trace_of(b"a selfie in red") == []


def test_refusals_of_the_front_speak_the_paths_language(served: Served) -> None:
    """A body that is too large is refused in the site's look, with the stylesheet that is really there."""
    line = served.line()
    line.sendall(
        f"POST {WALL}join HTTP/1.1\r\nHost: x\r\nContent-Length: {10**12}\r\nExpect: 100-continue\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
    )
    answer = read_until(line, b"</html>").decode()
    assert answer.startswith("HTTP/1.1 413 ")
    style = re.search(r'rel="stylesheet" href="([^"]+)"', answer)[1]
    assert client.get(served.url + style).headers["content-type"].startswith("text/css")
