"""Poison: other people's pictures, copies made to drag an honest post down, crafted fingerprints, flooded queues."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.wall.test_repeats import nearly, settled
from tests.web.walls import stand, walk
from wearemany.adapters.repeats import Look, Seen
from wearemany.moderation.models import Review
from wearemany.moderation.reasons import APPEAL_DAYS
from wearemany.moderation.services import decide_pending, decision_make, erase_pending, standing
from wearemany.photos.models import Development, Post
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.wall.models import Entry, Resemblance
from wearemany.wall.queries import number, tally
from wearemany.wall.repeats import matching
from wearemany.wall.repeats.looking import CROWD
from wearemany.wall.repeats.questions import (
    DIFFERENT_ENOUGH,
    question_answer,
    questions_open,
)
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True), pytest.mark.threat("G", "G2")]


@pytest.fixture(autouse=True)
def sees(monkeypatch: pytest.MonkeyPatch) -> dict[str, Seen]:
    """What the second look sees of pictures that are near: a stand-in, as the darkroom is one."""
    seen = {"now": Seen(1.0, 1.0)}

    def look(one: Look, other: Look, *, turned: int) -> Seen:
        return seen["now"]

    monkeypatch.setattr(matching, "_second_look", look)
    monkeypatch.setattr(look, "close", lambda: None, raising=False)
    return seen


def developed(cast: Cast, content: bytes, *, like: Post, bits: int = 20) -> Post:
    """Let somebody send a picture whose fingerprint lies so many bits from another post's; then policy looks."""
    post = cast.somebody().posts(content)
    run_until_idle((develop_pending,))
    nearly(post, like, bits)
    run_until_idle((decide_pending,))
    post.refresh_from_db()
    return post


def let_pass(cast: Cast, post: Post) -> None:
    """Let a person approve what waits because others sent nearly the same."""
    if standing(post) is None:
        decision_make(post=post, kind="approve", account=cast.moderator)


def test_a_refused_picture_does_not_come_back_past_a_machine(committed_cast: Cast) -> None:
    """Somebody else's, or a dead person's, refused once: varied and sent again it waits for a person."""
    first = committed_cast.somebody().decided(b"somebody else's picture")
    decision_make(post=first, kind="reject", reason="not-own", account=committed_cast.moderator)
    again = developed(committed_cast, b"the same, cut", like=first)
    other = committed_cast.somebody().decided(b"an honest picture")
    assert standing(again) is None and Review.objects.get(post=again, open=True).reasons == ["like-refused"]
    assert standing(other).kind == "approve"


def test_for_that_nothing_is_kept_beyond_the_appeal_term(committed_cast: Cast) -> None:
    """With the refused post its fingerprint is gone; nothing remembers it."""
    first = committed_cast.somebody().decided(b"somebody else's picture")
    mark = bytes(Development.objects.get(photo__post=first).fingerprint)
    decision_make(post=first, kind="reject", reason="not-own", account=committed_cast.moderator)
    committed_cast.house.clock.advance((APPEAL_DAYS + 2) * 86400)
    run_until_idle((erase_pending, blobs_doom_pending))
    assert not Development.objects.filter(fingerprint=mark).exists()


def test_a_refused_copy_drags_nobody_down(committed_cast: Cast) -> None:
    """Who copies an honest picture to have it refused changes nothing of the honest post."""
    (honest,) = stand(committed_cast, "honest")
    copy = developed(committed_cast, b"a copy, varied", like=honest)
    decision_make(post=copy, kind="reject", reason="hate", account=committed_cast.moderator)
    walk()
    settled(committed_cast.campaign)
    entry = Entry.objects.get(post=honest, kind="post")
    assert entry.live and not entry.is_repeat and standing(honest).kind == "approve"
    assert number(committed_cast.campaign).size == 2


def test_a_crafted_fingerprint_is_no_picture(committed_cast: Cast, sees: dict[str, Seen]) -> None:
    """A picture made to have another's fingerprint does not count as that one: its pixels are looked at."""
    sees["now"] = Seen(0.1, 0.1)
    (honest,) = stand(committed_cast, "honest")
    crafted = developed(committed_cast, b"noise with the same fingerprint", like=honest, bits=0)
    walk()
    settled(committed_cast.campaign)
    assert not Entry.objects.filter(post__in=(honest, crafted), is_repeat=True).exists()
    assert tally(committed_cast.campaign).posts == 2


def test_the_queue_of_pictures_alike_cannot_be_flooded(committed_cast: Cast, sees: dict[str, Seen]) -> None:
    """Many before one wall: a few are asked about, the others count as pictures of their own."""
    sees["now"] = Seen(0.1, 0.87)
    (first,) = stand(committed_cast, "first")
    crowd = 2 * CROWD
    for place in range(crowd):
        content = f"before the wall {place}".encode()
        let_pass(committed_cast, developed(committed_cast, content, like=first, bits=5 + 2 * place))
        walk()
    settled(committed_cast.campaign)
    assert 0 < questions_open(committed_cast.campaign) <= CROWD
    assert tally(committed_cast.campaign).distinct == crowd + 1


def test_people_are_not_asked_again_what_they_have_answered(
    committed_cast: Cast, sees: dict[str, Seen]
) -> None:
    """Others near one picture were different ones three times: the next is not asked about."""
    sees["now"] = Seen(0.1, 0.87)
    (first,) = stand(committed_cast, "first")
    ways = dict(enumerate((0, 64, 128, 192)))
    for place, since in ways.items():
        post = committed_cast.somebody().posts(f"near the first {place}".encode())
        run_until_idle((develop_pending,))
        nearly(post, first, 15, since=since)
        run_until_idle((decide_pending,))
        let_pass(committed_cast, post)
        walk()
        settled(committed_cast.campaign)
        asked = Resemblance.objects.filter(photo__post=post, earlier__post=first).first()
        assert (asked is not None) == (place < DIFFERENT_ENOUGH), place
        if asked is not None:
            question_answer(
                question=asked.pk,
                campaign=committed_cast.campaign,
                account=committed_cast.moderator,
                state="different",
            )


def test_where_a_sign_can_cost_somebody_dear_nothing_is_shown_unseen(committed_cast: Cast) -> None:
    """No machine here knows banned signs: an everyday campaign can hold everything from now on."""
    committed_cast.campaign.settings = {"held": "all"}
    committed_cast.campaign.save()
    post = committed_cast.somebody().decided(b"a sign on a red coat")
    walk()
    assert not Entry.objects.filter(post=post).exists()
    assert Review.objects.filter(post=post, open=True).exists()
