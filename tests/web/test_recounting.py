"""The recount page from a server: beside every log, under its own policy, with a note that the log's key verifies."""

from __future__ import annotations

import hashlib

import pytest
from django.test import Client

from tests.cast import Cast
from tests.rig import KEYS
from tests.web.walls import stand
from wearemany.tlog.note import Verifier, verify
from wearemany.wall.recounting.page import recount_page

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_the_page_stands_beside_every_log(cast: Cast, client: Client) -> None:
    """Under a policy that names its script and style; packed for whoever takes that; asked for again each time."""
    address = f"/log/{cast.campaign.handle}/recount.html"
    answer = client.get(address)
    assert answer.content == recount_page().content
    policy = answer.headers["Content-Security-Policy"]
    assert policy == recount_page().policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(address, headers={"if-none-match": answer.headers["ETag"]}).status_code == 304
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.content) < 30_000
    assert client.get("/log/no-such-wall/recount.html").status_code == 404


def test_the_pages_digest_is_published_and_signed(cast: Cast, client: Client) -> None:
    """On the number's page, and in a note under the log's name."""
    stand(cast, "one")
    digest = hashlib.sha256(recount_page().content).hexdigest()
    note = client.get(f"/log/{cast.campaign.handle}/recount.html.note").content
    verified = verify(note, Verifier(cast.campaign.origin, KEYS.signing_public()))
    assert f"sha256 {digest}\n" in verified.text and verified.text.split("\n")[1] == cast.campaign.origin
    page = client.get(f"/ru/{cast.campaign.handle}/check").content.decode()
    assert digest in page and f'href="/log/{cast.campaign.handle}/recount.html#lang=ru"' in page
