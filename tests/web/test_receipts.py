"""The proof that one was counted: for its author, when asked, and nowhere else."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from tests.cast import Cast
from tests.rig import KEYS
from tests.web.door_visits import SELFIE, Visitor, visitor, work
from tests.web.html import Reading
from wearemany.moderation.services import decide_pending, decision_make
from wearemany.photos.models import Post
from wearemany.photos.orders import PostChange
from wearemany.photos.services import post_amend
from wearemany.tlog.note import Verifier
from wearemany.wall.log import append_pending
from wearemany.wall.models import Entry
from wearemany.wall.receipt import Receipt, caption_digest, check

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def posted(client: Client, cast: Cast) -> tuple[Visitor, Post]:
    """Post, let the workers work, and add words."""
    her = visitor(client, cast)
    her.posts(SELFIE)
    work()
    return her, Post.objects.get()


def shown(cast: Cast, data: bytes) -> Receipt:
    """Return what a receipt shows."""
    return check(data, Verifier(cast.campaign.origin, KEYS.signing_public()))


def test_an_author_gets_a_proof_that_nobody_keeps(
    client: Client, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """A file under a name that says nothing; warned of first; in no store, row or log afterwards, nor in a cache."""
    her, post = posted(client, cast)
    page = her.keeps().content.decode()
    assert "can prove that you took part" in page and not Reading(page).faults
    before = sorted(path for path in cast.house.folder.rglob("*") if path.is_file())
    assert her.keeps("receipt").status_code == 400
    with caplog.at_level(logging.DEBUG):
        answer = her.keeps("receipt", sure="yes")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="note.txt"'
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    found = shown(cast, answer.content)
    assert found.index == found.post == post.entries.get().position
    assert sorted(path for path in cast.house.folder.rglob("*") if path.is_file()) == before
    salt = found.bound.salt
    assert cast.house.trace_of(salt) == [] and cast.house.trace_of(salt.hex().encode()) == []
    assert salt.hex() not in caplog.text and post.pk not in caplog.text


def test_nobody_else_gets_it(client: Client, cast: Cast) -> None:
    """Another code, or none, gives the form that asks for one."""
    her, _ = posted(client, cast)
    for code in ("abandon ability able about above absent absorb", ""):
        answer = client.post("/en/keep/receipt", {"code": code, "sure": "yes"})
        assert answer.status_code == 404 and b"tlog-proof" not in answer.content
    assert client.get("/en/keep/receipt").status_code == 200
    assert b"tlog-proof" not in client.get("/en/keep/receipt").content
    assert her.keeps("receipt", sure="yes").status_code == 200


def test_after_a_change_the_proof_is_of_what_the_post_is_now(client: Client, cast: Cast) -> None:
    """While the change is on its way there is none; then the amendment is shown, which names the post."""
    her, post = posted(client, cast)
    post_amend(post=post, change=PostChange(caption="Other words"))
    decide_pending()
    answer = her.keeps("receipt", sure="yes")
    assert b"tlog-proof" not in answer.content and "on its way" in answer.content.decode()
    append_pending()
    found = shown(cast, her.keeps("receipt", sure="yes").content)
    assert found.post == Entry.objects.get(kind="post").position
    assert found.index == Entry.objects.get(kind="amend").position
    assert found.bound.caption == caption_digest("Other words")


def test_a_post_that_does_not_count_has_none(client: Client, cast: Cast) -> None:
    """Before the release, and once a person took it down, the page does not offer it and the address refuses."""
    her = visitor(client, cast)
    her.posts(b"refer")
    work()
    assert "/keep/receipt" not in her.keeps().content.decode()
    assert b"tlog-proof" not in her.keeps("receipt", sure="yes").content
    post = Post.objects.get()
    decision_make(post=post, kind="approve", account=cast.moderator)
    append_pending()
    assert b"tlog-proof" in her.keeps("receipt", sure="yes").content
    decision_make(post=post, kind="reject", reason="off-call", account=cast.moderator)
    append_pending()
    assert b"tlog-proof" not in her.keeps("receipt", sure="yes").content
