"""Names and types that a file may be given, through a real front: the file counts, its name is not even kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.darkroom.conftest import encoded
from tests.front.house import HANDLE, House, client, serving
from wearemany.adapters.sandbox import Darkroom
from wearemany.adapters.sealed import open_sealed
from wearemany.darkroom.orders import DevelopOrder

JPEG = encoded(np.full((40, 30, 3), 120, np.uint8), "JPEG")
BOUNDARY = "----names"


def body(filename: str, content_type: str) -> bytes:
    """Return a form with one file, its name and type written as they are."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="{filename}"\r\n'
    told = f"Content-Type: {content_type}\r\n" if content_type else ""
    return (head + told + "\r\n").encode() + JPEG + f"\r\n--{BOUNDARY}--\r\n".encode()


def test_no_name_and_no_type_matters(
    darkroom: Darkroom, trial: Callable[[str], Path], tmp_path: Path
) -> None:
    """Every name of the trial: taken or clearly refused, never a path, never said again, never a fault of ours."""
    lines = (trial("hostile-images") / "upload-names.jsonl").read_text().splitlines()
    house, headers = House(tmp_path), {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    developed = 0
    with serving(house) as served:
        for row in map(json.loads, lines):
            sent = body(row["filename"], row["content_type"])
            answer = client.post(f"{served.url}/ru/{HANDLE}/join", content=sent, headers=headers)
            assert answer.status_code == 200 or 400 <= answer.status_code < 500, row
            assert "x-injected" not in answer.headers
            assert len(row["filename"]) < 6 or row["filename"] not in answer.text
            for received in house.uploads.pop() if house.uploads else ():
                content = open_sealed(received.key, house.store.get(received.blob))
                assert content == JPEG
                developed += bool(darkroom.develop(content, DevelopOrder(main_px=64, sizes_px=())))
        assert all("passwd" not in path.name and path.is_relative_to(tmp_path) for path in house.on_disk())
    assert developed > len(lines) / 2
