"""The word of the day: asked for on the page, looked for by a person, kept nowhere."""

from __future__ import annotations

import datetime
import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.desk_rig import DESK, signed_in
from tests.web.door_visits import visitor, work
from wearemany.moderation.services import standing
from wearemany.photos.daily_word import word_of_day, words_taken
from wearemany.photos.models import Post

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.threat("G")]


def test_each_day_and_campaign_has_its_own_word(cast: Cast) -> None:
    """In both languages; a picture received after midnight may show yesterday's."""
    day = datetime.date(2026, 3, 8)
    days = [day + datetime.timedelta(days=number) for number in range(30)]
    one, other = "many.example/log/a", "many.example/log/b"
    assert len({word_of_day(one, each, language="en") for each in days}) > 25
    assert word_of_day(one, day, language="en") != word_of_day(other, day, language="en")
    shown = {word_of_day(one, each, language=tongue) for each in days[:2] for tongue in ("en", "ru")}
    assert shown == set(words_taken(one, days[1]))


def test_the_page_asks_and_a_person_looks(client: Client, cast: Cast) -> None:
    """The word stands on the form; the post waits; without the tick it is not approved, with it it is."""
    olga, mark = signed_in(cast.organiser), signed_in(cast.moderator)
    assert mark.post(f"{DESK}campaign/word").status == 403
    olga.post(f"{DESK}campaign/word")
    page = client.get("/ru/we-are-many/join").content.decode()
    asked = re.search(r"<strong>(\w+)</strong></p>", page)
    assert asked is not None and asked[1] == word_of_day(
        cast.campaign.origin, cast.house.clock.now().date(), language="ru"
    )
    visitor(client, cast).posts(b"selfie with a word")
    work()
    post = Post.objects.get()
    assert standing(post) is None and asked[1] in mark.get(f"{DESK}review").page
    assert mark.review("approve", colour="yes").status == 400 and standing(post) is None
    mark.review("approve", colour="yes", word="yes")
    assert standing(post).kind == "approve"
    olga.post(f"{DESK}campaign/no-word")
    assert "<strong>" + asked[1] not in client.get("/ru/we-are-many/join").content.decode()


def test_nothing_of_it_is_kept(client: Client, cast: Cast) -> None:
    """No row has the word: it follows from the day and the server's own secret."""
    signed_in(cast.organiser).post(f"{DESK}campaign/word")
    visitor(client, cast).posts(b"selfie with a word")
    work()
    for word in words_taken(cast.campaign.origin, Post.objects.get().received_day):
        assert not cast.house.trace_of(word.encode()) or len(word) < 5
