"""Bodies: what is taken, what is refused and how, and what is left on disk."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.front.house import (
    HANDLE,
    House,
    client,
    eventually,
    form,
    post_head,
    read_all,
    read_until,
    serving,
)
from wearemany.adapters.sealed import open_sealed
from wearemany.front import Limits

JOIN = f"/ru/{HANDLE}/join"
MARK = b"PLAINTEXT-OF-A-FACE-" * 4000


def drafts(house: House) -> list[str]:
    return [path.name for path in house.on_disk()]


def test_a_photo_is_stored_sealed_and_handed_on(served):
    """Django gets the texts as an ordinary form, and of the file where it is, its key and its size."""
    answer = client.post(
        served.url + JOIN,
        data={"caption": "Мы рядом & вместе", "tick": "on"},
        files={"photo": ("selfie of mine.jpg", MARK, "image/jpeg")},
    )
    assert answer.text == "received"
    assert served.house.forms == [[("caption", "Мы рядом & вместе"), ("tick", "on")]]
    (received,) = served.house.uploads[0]
    assert received.field == "photo"
    assert received.size_bytes == len(MARK)
    assert received.blob.startswith("u/")
    assert open_sealed(received.key, served.house.store.get(received.blob)) == MARK
    environ = served.house.environs[-1]
    assert environ["CONTENT_TYPE"] == "application/x-www-form-urlencoded"
    assert "selfie" not in repr(environ) + repr(received)
    assert received.key.hex() not in repr(received)


def test_nothing_on_disk_is_readable(served):
    """No file below the server's folder holds a piece of what was sent, nor the name it had."""
    files = [("photo", (f"IMG_{n}_anna.jpg", MARK, "image/jpeg")) for n in range(3)]
    assert client.post(served.url + JOIN, files=files).text == "received"
    assert len(served.house.uploads[0]) == 3
    assert len({received.key for received in served.house.uploads[0]}) == 3
    for path in served.house.on_disk():
        content = path.read_bytes()
        assert MARK[:20] not in content
        assert b"anna" not in content + str(path).encode()


def test_a_file_that_no_row_speaks_of_is_deleted_after_the_answer(house):
    """A view that takes no files leaves none behind."""
    house.keeps_uploads = False
    with serving(house) as served:
        assert client.post(served.url + JOIN, files={"photo": ("a.jpg", MARK)}).text == "received"
    assert house.uploads[0]
    assert drafts(house) == []


def test_a_failing_view_leaves_no_file(house):
    """When Django fails the upload is removed."""
    house.keeps_uploads = False
    with serving(house) as served:
        assert client.post(served.url + "/broken", files={"photo": ("a.jpg", MARK)}).status_code == 500
    assert drafts(house) == []


@pytest.mark.parametrize("cut_at", [0, 150, 400, 70_000, 79_900])
def test_a_cut_line_leaves_nothing(served, cut_at):
    """Wherever the line is cut, Django never hears of it and the disk is as before."""
    body = form([("caption", None, b"hello"), ("photo", "a.jpg", MARK)])
    line = served.line()
    line.sendall(post_head(JOIN, length=len(body)) + body[:cut_at])
    eventually(lambda: len(served.front.intake.arrivals) == 1)
    line.close()
    eventually(lambda: len(served.front.intake.arrivals) == 0)
    eventually(lambda: drafts(served.house) == [])
    assert served.house.forms == []


def test_a_line_that_ends_after_the_body_still_counts(served):
    """A lost line just before the answer: the whole request was received, so it is done."""
    body = form([("photo", "a.jpg", MARK)])
    line = served.line()
    line.sendall(post_head("/slow", length=len(body)) + body)
    time.sleep(0.1)
    line.close()
    eventually(lambda: len(served.house.uploads) == 1)
    assert len(drafts(served.house)) == 1


def test_an_announced_flood_is_refused_before_it_is_read(served):
    """Too large a Content-Length is answered at once; an `Expect` is then never told to continue."""
    line = served.line()
    line.sendall(post_head(JOIN, length=10**12, more="Expect: 100-continue\r\n"))
    answer = read_all(line)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"body-too-large" in answer
    assert b"[ru]" in answer
    assert b"100 Continue" not in answer


def test_a_small_upload_is_told_to_continue(served):
    """`Expect: 100-continue` is honoured for what we take."""
    body = form([("photo", "a.jpg", MARK)])
    line = served.line()
    line.sendall(post_head(JOIN, length=len(body), more="Expect: 100-continue\r\nConnection: close\r\n"))
    assert read_until(line, b"\r\n\r\n").startswith(b"HTTP/1.1 100 Continue")
    line.sendall(body)
    assert read_all(line).endswith(b"received")


def test_a_refusal_reaches_a_sender_who_is_still_sending(house):
    """The sentence arrives although the body goes on: a browser would show its own error otherwise."""
    with serving(house, Limits(part_bytes=100_000)) as served:
        too_large = b"x" * 3_000_000
        answer = client.post(served.url + JOIN, files={"photo": ("a.jpg", too_large)}, timeout=20)
        assert answer.status_code == 413
        assert "body-too-large" in answer.text
        script = client.post(
            served.url + JOIN,
            files={"photo": ("a.jpg", too_large)},
            headers={"accept": "application/json"},
        )
        assert script.json()["error"]["code"] == "body-too-large"
    assert drafts(house) == []
    assert house.forms == []


CAPS = Limits(part_bytes=50_000, files=2, text_bytes=4_000, fields=8, field_bytes=3_000)


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ([("photo", "a.jpg", b"x" * 60_000)], 413, "body-too-large"),
        ([(f"p{n}", "a.jpg", b"x") for n in range(3)], 413, "body-too-many-files"),
        ([(f"f{n}", None, b"x") for n in range(9)], 413, "body-too-many-parts"),
        ([("caption", None, b"x" * 5_000)], 413, "body-text-too-long"),
        ([("caption", None, b"\xff\xfe")], 400, "body-unreadable"),
        ([("n" * 300, None, b"x")], 400, "body-unreadable"),
    ],
)
@pytest.mark.threat("F")
def test_each_cap_has_its_sentence(house, parts, status, code):
    """Bytes of a part, files, fields, text, encoding and names are all bounded; nothing is left of a refused form."""
    with serving(house, CAPS) as served:
        body = form([("first", "first.jpg", b"kept until refused"), *parts])
        answer = client.post(
            served.url + JOIN,
            content=body,
            headers={"content-type": "multipart/form-data; boundary=----edge7"},
        )
        assert (answer.status_code, code in answer.text) == (status, True)
    assert drafts(house) == []
    assert house.forms == []


def test_text_bodies_are_bounded_also_without_a_length(house):
    """A chunked text that grows too long is refused while it comes."""
    with serving(house, CAPS) as served:
        answer = client.post(
            served.url + JOIN,
            content=iter([b"a=" + b"x" * 1000] * 6),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 413
        fine = client.post(
            served.url + JOIN,
            content=iter([b"a=", b"1"]),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert fine.text == "received"
    assert house.forms == [[("a", "1")]]


def test_unknown_kinds_of_body_are_refused(served):
    """A body that is neither form nor JSON nor text is not read."""
    answer = client.post(served.url + JOIN, content=b"<x/>", headers={"content-type": "application/xml"})
    assert answer.status_code == 415
    assert "body-type-unknown" in answer.text


def test_a_body_that_takes_too_long_is_ended(house):
    """The whole body has a deadline, and each while of it must bring some progress."""
    with serving(house, Limits(deadline_s=0.5)) as served:
        line = served.line()
        line.sendall(post_head(JOIN, length=5000) + b"------edge7\r\n")
        for _ in range(10):
            time.sleep(0.1)
            try:
                line.sendall(b"C")
            except OSError:
                break
        line.shutdown(1)
        assert b"HTTP/1.1 408 " in read_all(line)
    with serving(house, Limits(window_s=0.3, window_bytes=100)) as served:
        line = served.line()
        line.sendall(post_head(JOIN, length=5000))
        began = time.monotonic()
        assert read_until(line, b"body-too-slow").startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < 2
        line.close()
    assert drafts(house) == []


def test_a_crawling_body_makes_room_for_another(house, monkeypatch):
    """When too many bodies arrive at once, the slowest that had its time is ended, and the new one is taken."""
    monkeypatch.setattr("wearemany.front.arrivals._SPARED_S", 0.2)
    with serving(house, Limits(open_bodies=2)) as served:
        crawling = [served.line() for _ in range(2)]
        for line in crawling:
            line.sendall(post_head(JOIN, length=5000) + b"-")
        eventually(lambda: len(served.front.intake.arrivals) == 2)
        assert client.post(served.url + JOIN, data={"a": "1"}).status_code == 503
        time.sleep(0.3)
        assert client.post(served.url + JOIN, data={"a": "1"}).text == "received"
        eventually(lambda: len(served.front.intake.arrivals) == 1)
        for line in crawling:
            line.close()


def test_empty_file_fields_are_dropped(served):
    """A field where no file was chosen is as if it were not there."""
    body = form([("photo", "", b""), ("photo2", "empty.jpg", b""), ("caption", None, b"")])
    answer = client.post(
        served.url + JOIN,
        content=body,
        headers={"content-type": "multipart/form-data; boundary=----edge7"},
    )
    assert answer.text == "received"
    assert served.house.uploads == [()]
    assert served.house.forms == [[("caption", "")]]


EDGES = {
    "no boundary": ("multipart/form-data", b"x"),
    "endless boundary": ("multipart/form-data; boundary=" + "b" * 71, b"x"),
    "empty": ("multipart/form-data; boundary=b", b"--b--\r\n"),
    "never begins": ("multipart/form-data; boundary=b", b"hello"),
    "never ends": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
    ),
    "no disposition": ("multipart/form-data; boundary=b", b"--b\r\n\r\nx\r\n--b--\r\n"),
    "no name": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
    ),
    "attachment": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--\r\n",
    ),
    "two dispositions": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=\r\n\r\nx\r\n--b--\r\n",
    ),
    "endless header": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data; name=a" + b" " * 6000 + b"\r\n\r\nx\r\n--b--\r\n",
    ),
    "many headers": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data; name=a\r\n" + b"X-A: b\r\n" * 9 + b"\r\nx\r\n--b--\r\n",
    ),
}


@pytest.mark.parametrize("edge", EDGES)
def test_odd_forms_are_answered_plainly(served, edge):
    """Whatever a form looks like, the answer is a sentence, never a failure of ours."""
    content_type, body = EDGES[edge]
    answer = client.post(served.url + JOIN, content=body, headers={"content-type": content_type})
    expected = 200 if edge == "empty" else 400
    assert answer.status_code == expected, answer.text
    if expected == 400:
        assert "body-unreadable" in answer.text


def test_a_form_is_the_same_however_it_is_cut(served):
    """Sent byte by byte or in any pieces, the texts and files come out equal; a near-boundary is content."""
    tricky = b"\r\n----edge\r\n------edge7x\r\n------edge" + bytes(range(256)) * 300 + b"\r\n-"
    body = form([("caption", None, b"one\r\ntwo"), ("photo", "a.jpg", tricky), ("late", None, b"yes")])
    chance = random.Random(5)
    for step in (1, 7, 97, 1500, 0):
        pieces = []
        at = 0
        while at < len(body):
            size = step or chance.randint(1, 3000)
            pieces.append(body[at : at + size])
            at += size
        if step == 1:
            pieces = [
                *pieces[:400],
                body[400:-200],
                *[body[n : n + 1] for n in range(len(body) - 200, len(body))],
            ]
        answer = client.post(
            served.url + JOIN,
            content=iter(pieces),
            headers={"content-type": "multipart/form-data; boundary=----edge7"},
        )
        assert answer.text == "received"
        (received,) = served.house.uploads[-1]
        assert open_sealed(received.key, served.house.store.get(received.blob)) == tricky
        assert served.house.forms[-1] == [("caption", "one\r\ntwo"), ("late", "yes")]


def test_random_damage_is_never_a_failure_of_ours(served):
    """Forms with bytes flipped, dropped and doubled are received or refused, and leave only whole files."""
    chance = random.Random(11)
    whole = form([("caption", None, b"hello"), ("photo", "a.jpg", b"y" * 900), ("", None, b"z")])
    for _ in range(120):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body))
            act = chance.choice(("flip", "drop", "double"))
            if act == "flip":
                body[at] = chance.randrange(256)
            elif act == "drop":
                del body[at : at + chance.randint(1, 9)]
            else:
                body[at:at] = body[at : at + chance.randint(1, 40)]
        answer = client.post(
            served.url + JOIN,
            content=bytes(body),
            headers={"content-type": "multipart/form-data; boundary=----edge7"},
        )
        assert answer.status_code in (200, 400, 413)
    stored = sum(len(files) for files in served.house.uploads)
    assert len(drafts(served.house)) == stored


def test_a_full_disk_is_told_and_leaves_nothing(house):
    """When the store cannot take more, the sender is asked to come back; the server lives on."""
    with serving(house) as served:
        full = served.house.store._disk
        real = full.write

        def write(handle: int, content: bytes) -> None:
            raise OSError(28, "No space left on device")

        full.write = write
        answer = client.post(served.url + JOIN, files={"photo": ("a.jpg", b"z" * 2_000_000)})
        assert answer.status_code == 503
        assert "storage-full" in answer.text
        full.write = real
        assert client.post(served.url + JOIN, files={"photo": ("a.jpg", MARK)}).text == "received"
    assert len(drafts(house)) == 1


def test_a_body_with_a_question_is_refused(served):
    """A GET that carries a body is no browser's."""
    answer = client.request("GET", served.url + JOIN, content=b"x")
    assert answer.status_code == 400


@pytest.mark.threat("F")
def test_an_upload_that_arrived_is_not_turned_away_by_a_crowd(house):
    """When the line for pages is full, a request that brought photos still gets its turn."""
    with serving(house, threads=1, waiting=1) as served, ThreadPoolExecutor(2) as others:
        slow = [f"{served.url}/slow?{number}" for number in range(2)]
        busy = [others.submit(lambda url=url: client.get(url).status_code) for url in slow]
        eventually(lambda: served.front.bridge._busy == 2)
        assert client.get(f"{served.url}/other").status_code == 503
        assert client.post(served.url + JOIN, files={"photo": ("a.jpg", MARK)}).text == "received"
        assert sorted(one.result() for one in busy) == [200, 200]


@pytest.mark.threat("F")
def test_a_flood_of_photos_holds_up_no_page(house):
    """While more photos wait than are taken at a time a page is answered at once; then each photo has had its turn."""
    with serving(house) as served, ThreadPoolExecutor(12) as others:
        photo = {"photo": ("a.jpg", MARK)}
        flood = [others.submit(client.post, f"{served.url}/slow", files=photo) for _ in range(12)]
        eventually(lambda: served.front._receiving._busy == 12)
        assert client.get(f"{served.url}/other").status_code == 200
        assert served.front._receiving._busy >= 10
        assert {one.result().text for one in flood} == {"received"}


def test_what_fails_is_logged_without_anybodys_words(served, caplog):
    """The log names type and place of a failure, not what its message says."""
    with caplog.at_level("WARNING"):
        assert client.get(f"{served.url}/broken").status_code == 500
    assert "RuntimeError at house.py" in caplog.text
    assert "a view failed" not in caplog.text
