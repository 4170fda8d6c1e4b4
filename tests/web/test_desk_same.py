"""The desk's question: two covered pictures side by side, one act to answer and one to undo, nothing of the sender."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.rig import NOON
from tests.web.desk_rig import DESK, signed_in
from wearemany.photos.models import Photo
from wearemany.wall.log import append_pending
from wearemany.wall.models import Resemblance, Sighting
from wearemany.wall.queries import tally
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def asked(committed_cast: Cast) -> Cast:
    """A question waits: the stranger's photo may be the supporter's."""
    cast = committed_cast
    earlier = cast.supporter.decided(b"one selfie", alts=("A woman in red",))
    later = cast.stranger.decided(b"another selfie")
    run_until_idle((append_pending,))
    first, second = (Photo.objects.get(post=post) for post in (earlier, later))
    for photo, picture in ((first, "one"), (second, "other")):
        Sighting.objects.create(photo=photo, campaign=cast.campaign, picture=picture)
    Resemblance.objects.create(
        photo=second, earlier=first, campaign=cast.campaign, picture="one", turned=4, place=bytes(8)
    )
    return cast


def test_a_question_is_answered_and_undone_by_one_act(asked: Cast) -> None:
    """The same picture counts once; undone, it counts twice and the question waits again."""
    mark = signed_in(asked.moderator).get(f"{DESK}same")
    assert mark.page.count("<img") == 2 and "A woman in red" in mark.page and "mirrored" in mark.page
    for key in ("e", "d"):
        assert f'data-key="{key}"' in mark.page
    question = mark.hidden("question")
    mark.post(f"{DESK}same/answer", question=question, answer="same")
    assert "Counted as one picture." in mark.page and "No question waits." in mark.page
    append_pending()
    assert tally(asked.campaign).distinct == 1
    mark.post(f"{DESK}same/undo", question=mark.hidden("question"))
    append_pending()
    assert tally(asked.campaign).distinct == 2
    mark.post(f"{DESK}same/answer", question=question, answer="different")
    assert "Counted as two pictures." in mark.page
    assert mark.post(f"{DESK}same/answer", question=question, answer="same").status == 400
    append_pending()
    assert tally(asked.campaign).distinct == 2


def test_a_question_tells_no_time_and_no_sender(asked: Cast) -> None:
    """Neither when, nor by whom, nor a post's number or words."""
    page = signed_in(asked.moderator).get(f"{DESK}same").page
    for trace in (str(NOON.year) + "-", "12:34", "<time", asked.supporter.code, "Мы не равнодушны"):
        assert trace not in page


def test_pictures_of_a_question_are_shown_to_the_team_alone(asked: Cast) -> None:
    """Whoever has no seat sees neither the page nor the pictures."""
    assert signed_in(asked.organiser).get(f"{DESK}same").status == 200
    stranger = signed_in(asked.organiser.__class__.objects.create(name="Nobody of ours"))
    assert stranger.get(f"{DESK}same").status == 403
