"""The tus protocol as Django speaks it: headers, statuses, and what is not listened to."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from tests.cast import Cast
from wearemany.adapters.received import ENVIRON_KEY
from wearemany.photos.models import ResumableUpload, Upload

pytestmark = [pytest.mark.database, pytest.mark.django_db]

PHOTO = b"a selfie in a red scarf"
FORM = "a" * 26


def metadata(**pairs: str) -> str:
    """Return the header that carries metadata."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs.items())


def began(client: Client, *, length: object = len(PHOTO), **headers: str):
    """Ask for room for a photo."""
    told = {"Upload-Length": str(length), "Upload-Metadata": metadata(form=FORM), **headers}
    return client.post("/upload", headers={name: value for name, value in told.items() if value})


def sent(client: Client, cast: Cast, path: str, piece: bytes, at: object):
    """Send a piece, as it comes from the front."""
    return client.patch(
        path,
        b"",
        content_type="",
        headers={"Upload-Offset": str(at)},
        **{ENVIRON_KEY: (cast.house.received(piece, field_name="piece"),) if piece else ()},
    )


def test_what_can_be_done_is_said(client: Client, cast: Cast) -> None:
    """Version, extensions and the largest size, to anybody who asks."""
    for path in ("/upload", "/upload/some-id"):
        answer = client.options(path)
        assert (answer.status_code, answer.headers["Tus-Version"]) == (204, "1.0.0")
        assert answer.headers["Tus-Max-Size"] == "26214400"
        assert set(answer.headers["Tus-Extension"].split(",")) == {
            "creation",
            "creation-with-upload",
            "expiration",
            "checksum",
            "termination",
        }


def test_an_upload_in_two_pieces(client: Client, cast: Cast) -> None:
    """Created, added to, asked about, ended by its last byte; its id is the upload that a form names."""
    answer = began(client)
    assert answer.status_code == 201
    path = answer.headers["Location"]
    assert path.startswith("/upload/") and "//" not in path
    assert answer.headers["Upload-Expires"] == "Mon, 09 Mar 2026 12:34:56 GMT"
    assert sent(client, cast, path, PHOTO[:5], 0).headers["Upload-Offset"] == "5"
    look = client.head(path)
    assert (look.status_code, look.headers["Upload-Offset"], look.headers["Upload-Length"]) == (
        200,
        "5",
        str(len(PHOTO)),
    )
    last = sent(client, cast, path, PHOTO[5:], 5)
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(PHOTO)))
    assert "Upload-Expires" not in last.headers
    assert Upload.objects.get().pk == path.removeprefix("/upload/")
    for one in (answer, look, last):
        assert one.headers["Tus-Resumable"] == "1.0.0" and one.headers["Cache-Control"] == "no-store"


def test_creation_may_bring_the_first_bytes(client: Client, cast: Cast) -> None:
    """All of them even; bytes that do not fit leave no upload behind."""
    extra = {ENVIRON_KEY: (cast.house.received(PHOTO, field_name="piece"),)}
    headers = {"Upload-Length": str(len(PHOTO)), "Upload-Metadata": metadata(form=FORM)}
    answer = client.post("/upload", headers=headers, **extra)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(PHOTO)))
    assert Upload.objects.count() == 1
    longer = {ENVIRON_KEY: (cast.house.received(PHOTO + b"x", field_name="piece"),)}
    answer = client.post("/upload", headers=headers, **longer)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "upload-longer-than-said")
    assert ResumableUpload.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"Upload-Metadata": ""}, 400, "form-unknown"),
        ({"Upload-Metadata": "form"}, 400, "form-unknown"),
        ({"Upload-Metadata": "form !!!"}, 400, "form-unknown"),
        ({"Upload-Metadata": metadata(form="x")}, 400, "form-unknown"),
        ({"Upload-Metadata": metadata(filename="anna.jpg")}, 400, "form-unknown"),
        ({"length": ""}, 400, "header-unreadable"),
        ({"length": "-1"}, 400, "header-unreadable"),
        ({"length": "٣"}, 400, "header-unreadable"),
        ({"length": "9" * 40}, 400, "header-unreadable"),
        ({"length": "0"}, 400, "upload-empty"),
        ({"length": "26214401"}, 413, "upload-too-large"),
        ({"length": "", "Upload-Defer-Length": "1"}, 400, "length-unknown"),
    ],
)
def test_what_cannot_be_begun(client: Client, cast: Cast, changes, status: int, code: str) -> None:
    """Each with its sentence, as JSON, whatever is accepted; nothing is made."""
    answer = began(client, **changes)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["sentence"].endswith(".")
    assert not ResumableUpload.objects.exists()


def test_names_of_files_are_dropped(client: Client, cast: Cast, caplog) -> None:
    """Metadata beside the form is neither stored nor logged."""
    with caplog.at_level("DEBUG"):
        answer = began(
            client,
            **{"Upload-Metadata": metadata(filename="anna-petrova.jpg", form=FORM, filetype="image/x")},
        )
    assert answer.status_code == 201
    named = (b"anna-petrova", base64.b64encode(b"anna-petrova.jpg"))
    assert not any(cast.house.trace_of(needle) for needle in named)
    assert "anna" not in caplog.text


@pytest.mark.parametrize(
    ("at", "status", "code"),
    [(1, 409, "offset-differs"), ("", 400, "header-unreadable"), ("x", 400, "header-unreadable")],
)
def test_a_piece_out_of_place(client: Client, cast: Cast, at, status: int, code: str) -> None:
    """Refused, and the upload is where it was."""
    path = began(client).headers["Location"]
    answer = sent(client, cast, path, PHOTO[:5], at)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert client.head(path).headers["Upload-Offset"] == "0"


def test_the_last_piece_twice(client: Client, cast: Cast) -> None:
    """409, and a look says that everything is here."""
    path = began(client).headers["Location"]
    assert sent(client, cast, path, PHOTO, 0).status_code == 204
    assert sent(client, cast, path, PHOTO, 0).status_code == 409
    assert client.head(path).headers["Upload-Offset"] == str(len(PHOTO))
    assert sent(client, cast, path, b"", len(PHOTO)).status_code == 204


def test_an_ended_upload_is_gone(client: Client, cast: Cast) -> None:
    """DELETE answers 204, then nothing is there; after a day an upload is 410, then 404."""
    first, second = (began(client).headers["Location"] for _ in range(2))
    assert client.delete(first).status_code == 204
    for answer in (client.head(first), client.delete(first), sent(client, cast, first, PHOTO, 0)):
        assert answer.status_code == 404
    cast.house.clock.advance(24 * 3600)
    assert client.head(second).status_code == 410
    assert client.head("/upload/" + "x" * 300).status_code == 404


def test_other_origins_are_kept_out(client: Client, cast: Cast) -> None:
    """A page of somebody else's may not act here; programs and our own pages may."""
    path = began(client).headers["Location"]
    foreign = {"Origin": "https://elsewhere.example", "Upload-Offset": "0"}
    for method in ("patch", "delete"):
        answer = getattr(client, method)(path, headers=foreign)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other-origin")
    assert began(client, Origin="https://elsewhere.example").status_code == 403
    assert began(client, Origin="http://testserver").status_code == 201


@pytest.mark.parametrize("method", ["put", "get", "trace"])
def test_other_methods_are_not_taken(client: Client, cast: Cast, method: str) -> None:
    """405 with what is taken."""
    answer = getattr(client, method)("/upload")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
    assert answer.json()["error"]["code"] == "method-unknown"


def test_sentences_come_in_the_readers_language(client: Client, cast: Cast) -> None:
    """By what the client accepts; the code stays."""
    answer = began(client, length="0", **{"Accept-Language": "ru"})
    assert answer.json()["error"]["sentence"] == "Ничего не дошло. Выберите, пожалуйста, фото ещё раз."
