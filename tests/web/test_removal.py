"""What is taken back is gone from every public address there is, whatever the address is for."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.routes import public_paths
from tests.web.walls import position_of, stand
from wearemany.moderation.services import decision_make, post_withdraw
from wearemany.photos.models import Post, Rendition
from wearemany.photos.showing import rendition_open

pytestmark = pytest.mark.database


def marks_of(post: Post) -> list[str]:
    """Return what would show that a post is still there: its words, and the addresses of its pictures."""
    names = Rendition.objects.filter(photo__post=post).values_list("name", flat=True)
    return [post.caption, post.name, *names]


def paths_for(cast: Cast, post: Post) -> list[str]:
    """Return every public address, with the post's own place wherever an address has one."""
    samples = {
        "language": "en", "handle": cast.campaign.handle, "position": position_of(post), "page": 0, "upload_id": "x",
        "block": 0, "day": post.received_day.isoformat(),
    }  # fmt: skip
    return public_paths(samples)


@pytest.mark.parametrize("way", ["withdraw", "reject"])
def test_a_removed_post_is_gone_from_every_public_address(cast: Cast, client: Client, way: str) -> None:
    """All routes of the URL table are asked before and after: some showed it, none does any more."""
    (post,) = stand(cast, "words of the one who leaves", name="Lina Leaves")
    stand(cast, "words of the one who stays", name="Stas Stays")
    paths = paths_for(cast, post)
    marks = marks_of(post)

    def showing() -> set[str]:
        answers = {path: client.get(path).content.decode(errors="replace") for path in paths}
        return {path for path, text in answers.items() if any(mark in text for mark in marks)}

    before = showing()
    at = f"/en/{cast.campaign.handle}/"
    listed = ("", "?lite", "?screen", "page/0", "page/0.json", "newest.json", "feed.rss")
    assert before >= {at + path for path in (*listed, f"post/{position_of(post)}")}
    if way == "withdraw":
        post_withdraw(post=post)
    else:
        decision_make(post=post, kind="reject", reason="off-call", account=cast.moderator)
    assert showing() == set()


def test_a_store_older_than_the_database_breaks_no_page(cast: Cast, client: Client) -> None:
    """With every blob of pictures and log gone, as after a restored backup, pages answer; pictures are not there."""
    (post,) = stand(cast, "whose picture is lost")
    store = cast.house.store
    for folder in ("r", "log"):
        for key in list(store.list(folder)):
            store.delete(key)
    answers = {path: client.get(path).status_code for path in paths_for(cast, post)}
    assert [path for path, status in answers.items() if status >= 500] == []
    assert answers[f"/en/{cast.campaign.handle}/"] == 200
    assert all(rendition_open(name) is None for name in marks_of(post)[2:])
