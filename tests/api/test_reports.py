"""Reporting a post through the API: the form, the report, the outcome, taking it back; the same number everywhere."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.api.test_door_api import Bot, told
from tests.cast import Cast
from tests.web.walls import position_of, stand
from wearemany.moderation import reports
from wearemany.moderation.models import Report
from wearemany.moderation.services import decision_make, post_withdraw
from wearemany.photos.guesses import brake
from wearemany.photos.models import Post
from wearemany.rendering.reports import KINDS, PLACES

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def shown(cast: Cast) -> Post:
    """A post on the wall."""
    return stand(cast, "is shown")[0]


@pytest.fixture
def bot(client: Client, cast: Cast) -> Bot:
    """A program that speaks for a reader."""
    return Bot(client, cast)


def fresh(bot: Bot) -> str:
    """Return the number of a fresh form."""
    return str(bot.send("/reports/forms", None).json()["number"])


def reported(bot: Bot, post: Post | int, number: str, **changes: object):
    """Report a post."""
    position = post if isinstance(post, int) else position_of(post)
    body = {"number": number, "post": position, "kind": "unsafe", "words": "A street sign", **changes}
    return bot.send(f"/campaigns/{bot.handle}/reports", body)


def test_from_the_form_to_the_outcome(bot: Bot, cast: Cast, shown: Post) -> None:
    """What can be said is told; the report waits, is decided by a person, and its number says how and by which rule."""
    form = bot.send("/reports/forms", None)
    assert form.status_code == 201
    assert [kind["name"] for kind in form.json()["kinds"]] == [kind.value for kind in KINDS]
    assert [place["name"] for place in form.json()["places"]] == [place.value for place in PLACES]
    number = form.json()["number"]
    made = reported(bot, shown, number, place="picture").json()
    assert (made["is_open"], made["outcome"], made["place"]) == (True, "", "in the picture")
    assert made["sentences"] == ["The post stays until a person of the team has decided."]
    decision_make(post=shown, kind="reject", reason="unsafe", account=cast.moderator)
    now = bot.send("/reports/state", {"number": number.upper().replace("-", " ")}).json()
    assert (now["is_open"], now["outcome"], now["kept_days"]) == (False, "taken-down", 30)
    assert len(now["sentences"]) == 2
    assert Report.objects.get().words == "A street sign"


def test_the_same_number_is_the_same_report(bot: Bot, client: Client, shown: Post) -> None:
    """Sent again with whatever else, also once the post is gone; and the page knows the number too."""
    number = fresh(bot)
    first = reported(bot, shown, number)
    assert reported(bot, shown, number, kind="hate", words="Other words").json() == first.json()
    page = client.post("/en/claim", {"number": number}).content.decode()
    assert "It puts somebody in danger" in page
    post_withdraw(post=shown)
    again = reported(bot, shown, number)
    assert (again.status_code, again.json()["outcome"]) == (200, "gone")
    assert Report.objects.count() == 1


def test_taking_it_back(bot: Bot, shown: Post) -> None:
    """Twice is once, and its words are gone with it."""
    number = fresh(bot)
    reported(bot, shown, number)
    for _ in range(2):
        assert bot.send("/reports/withdraw", {"number": number}).json()["outcome"] == "withdrawn"
    assert Report.objects.get().words == ""


def test_what_it_refuses(bot: Bot, cast: Cast, shown: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such post, none any more, looked at lately, reported by many, a flood: each with its own code."""
    assert told(reported(bot, 999, fresh(bot))) == (404, "post-unknown")
    reported(bot, shown, fresh(bot), kind="hate")
    decision_make(post=shown, kind="approve", account=cast.moderator)
    assert told(reported(bot, shown, fresh(bot), kind="hate")) == (409, "report-looked")
    monkeypatch.setattr(reports, "OPEN_A_POST_MAX", 1)
    assert reported(bot, shown, fresh(bot)).status_code == 200
    assert told(reported(bot, shown, fresh(bot))) == (409, "report-known")
    monkeypatch.setattr(reports, "AN_HOUR_LEAST", 0)
    other = stand(cast, "is shown too")[0]
    flood = reported(bot, other, fresh(bot))
    assert told(flood) == (503, "reports-many") and int(flood.headers["Retry-After"]) > 0
    bot.handle = "none-such"
    assert told(reported(bot, other, fresh(bot))) == (404, "campaign-unknown")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "because"},
        {"place": "behind"},
        {"number": "made-up-by-me-x"},
        {"words": "a" * 301},
        {"post": -1},
        {"reporter": "Anna"},
    ],
)
def test_what_does_not_fit_is_named(bot: Bot, shown: Post, changes: dict[str, object]) -> None:
    """An error that names the field, and no report."""
    body = {"number": fresh(bot), "post": position_of(shown), "kind": "unsafe", **changes}
    answer = bot.send(f"/campaigns/{bot.handle}/reports", body)
    assert told(answer) == (400, "request-unreadable")
    assert answer.json()["error"]["where"] in changes
    assert not Report.objects.exists()


def test_wrong_numbers_are_slowed(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """They count with the guesses of codes; nobody learns whether a number ever was one."""
    wrong: list[int] = []
    monkeypatch.setattr(brake, "wrong", lambda: wrong.append(1))
    for act in ("state", "withdraw"):
        assert told(bot.send(f"/reports/{act}", {"number": "aaaa-aaaa-aaaa-aaaa"})) == (404, "report-unknown")
    assert len(wrong) == 2
