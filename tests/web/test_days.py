"""Calendar files, news and thanks: whole days, nothing finer; and on the keep-page nothing that names the campaign."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import Cast
from tests.rig import NOON
from tests.web.door_visits import SELFIE, Visitor, visitor, work
from tests.web.html import Reading, foreign
from tests.web.walls import stand
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_pause, campaign_resume
from wearemany.campaigns.story import Telling, announcement_publish, story_revise, voice_introduce
from wearemany.conversations.services import answer_add
from wearemany.rendering.calendar import FOLD_OCTETS, DayEvent, calendar_bytes

FIRST, LAST = datetime.date(2026, 3, 8), datetime.date(2026, 3, 15)
TODAY = NOON.date()


def lines_of(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the (name, value) of every unfolded line: the few rules of RFC 5545 that a phone reads by."""
    assert content.endswith(b"\r\n") and b"\n" not in content.replace(b"\r\n", b"")
    pieces = content.split(b"\r\n")[:-1]
    assert all(0 < len(piece) <= FOLD_OCTETS for piece in pieces)
    for piece in pieces:
        piece.decode()  # no letter is torn apart
    for line in content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        yield name, re.sub(r"\\(.)", lambda found: "\n" if found.group(1) in "nN" else found.group(1), value)


def events_of(content: bytes) -> list[dict[str, str]]:
    """Return the events of a calendar file."""
    lines = list(lines_of(content))
    assert lines[0] == ("BEGIN", "VCALENDAR") and lines[-1] == ("END", "VCALENDAR")
    assert ("VERSION", "2.0") in lines and any(name == "PRODID" for name, _ in lines)
    events: list[dict[str, str]] = []
    for name, value in lines:
        if (name, value) == ("BEGIN", "VEVENT"):
            events.append({})
        elif events and name != "END":
            events[-1][name] = value
    return events


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=300), st.dates())
def test_any_words_come_back_as_they_were(words: str, day: datetime.date) -> None:
    """Commas, semicolons, backslashes, letters of four octets: escaped and folded, and read back the same."""
    if day == datetime.date.max:
        return
    content = calendar_bytes([DayEvent("a1", day, words, f"{words}\n{words}")], maker="x")
    (event,) = events_of(content)
    assert event["SUMMARY"] == words and event.get("DESCRIPTION") == f"{words}\n{words}"
    assert event["DTSTART;VALUE=DATE"] == f"{day:%Y%m%d}"


def test_a_days_end_is_the_following_day_and_nothing_is_finer_than_a_day() -> None:
    """All-day events end where the next day begins; the stamp tells no time of making."""
    (event,) = events_of(calendar_bytes([DayEvent("a1", datetime.date(2026, 12, 31), "x")], maker="x"))
    assert event["DTEND;VALUE=DATE"] == "20270101" and event["DTSTAMP"] == "20261231T000000Z"
    assert event["UID"] == "a1" and "DESCRIPTION" not in event


@pytest.fixture
def dated(cast: Cast) -> Campaign:
    """The campaign, from its first day to its last, with one announcement for a day to come."""
    Campaign.objects.filter(pk=cast.campaign.pk).update(starts_on=FIRST, ends_on=LAST)
    cast.campaign.refresh_from_db()
    tell(cast, TODAY + datetime.timedelta(days=3), "Live broadcast; bring red, and friends.")
    tell(cast, TODAY - datetime.timedelta(days=3), "It was long ago.")
    return cast.campaign


def tell(cast: Cast, day: datetime.date, text: str):
    """Publish an announcement."""
    words = {"en": text, "ru": f"По-русски: {text}"}
    return announcement_publish(campaign=cast.campaign, telling=Telling(day, "en", words))


@pytest.mark.database
def test_everybody_gets_the_campaigns_days(client: Client, dated: Campaign, cast: Cast) -> None:
    """First day, last day, what is announced for days to come; in the page's language, at one address."""
    answer = client.get("/en/we-are-many/days.ics")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="days.ics"'
    events = events_of(answer.content)
    assert [event["SUMMARY"] for event in events] == [
        "We are many: the first day",
        "We are many: the last day",
        "Live broadcast; bring red, and friends.",
    ]
    assert b"12:34" not in answer.content and b"T123456" not in answer.content
    russian = events_of(client.get("/ru/we-are-many/days.ics").content)
    assert [event["UID"] for event in russian] == [event["UID"] for event in events]
    assert russian[2]["SUMMARY"].startswith("По-русски")
    for path in ("", "join", "story"):
        assert 'href="/en/we-are-many/days.ics"' in client.get(f"/en/we-are-many/{path}").content.decode()


@pytest.mark.database
def test_marks_stay_when_words_change(client: Client, dated: Campaign, cast: Cast) -> None:
    """A calendar that takes the file again changes its entries and doubles none."""
    item = tell(cast, LAST, "First words")
    before = {event["UID"] for event in events_of(client.get("/en/we-are-many/days.ics").content)}
    story_revise(item=item, telling=Telling(LAST, "en", {"en": "Other words"}))
    after = events_of(client.get("/en/we-are-many/days.ics").content)
    assert {event["UID"] for event in after} == before and len(before) == 4
    assert "Other words" in [event["SUMMARY"] for event in after]


@pytest.mark.database
def test_a_campaign_without_days_has_an_empty_file_and_no_link(client: Client, cast: Cast) -> None:
    """Nothing is offered that is not there."""
    assert events_of(client.get("/en/we-are-many/days.ics").content) == []
    assert "days.ics" not in client.get("/en/we-are-many/").content.decode()
    assert client.get("/en/nowhere/days.ics").status_code == 404


@pytest.fixture
def her(client: Client, cast: Cast) -> Visitor:
    """Somebody whose post is on the wall."""
    visit = visitor(client, cast)
    visit.posts(SELFIE)
    work()
    return visit


@pytest.mark.database
def test_the_keep_pages_file_names_nothing(client: Client, dated: Campaign, her: Visitor) -> None:
    """The same days under the author's own word; no title, no tag, no host, and marks that match no public file."""
    answer = her.keeps("days.ics", summary="Dentist, 2nd")
    assert (
        answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    )
    assert answer.headers["Content-Disposition"] == 'attachment; filename="days.ics"'
    events = events_of(answer.content)
    assert {event["SUMMARY"] for event in events} == {"Dentist, 2nd"} and len(events) == 3
    public = events_of(client.get("/en/we-are-many/days.ics").content)
    assert [event["DTSTART;VALUE=DATE"] for event in events] == [
        event["DTSTART;VALUE=DATE"] for event in public
    ]
    assert not {event["UID"] for event in events} & {event["UID"] for event in public}
    for word in ("many", "red", "broadcast", "example", "Нас"):
        assert word.lower() not in answer.content.decode().lower()
    assert {event["SUMMARY"] for event in events_of(her.keeps("days.ics", summary=" \r\n ").content)} == {
        "Notes"
    }
    assert {
        event["SUMMARY"] for event in events_of(her.keeps("days.ics", summary="x\r\nEND:VEVENT").content)
    } == {"x END:VEVENT"}


@pytest.mark.database
def test_without_the_code_there_is_no_file(client: Client, dated: Campaign, her: Visitor) -> None:
    """A wrong code gets the form, and the address alone tells nothing."""
    her.fields["code"] = "abandon ability able about above absent absorb"
    assert her.keeps("days.ics").status_code == 404
    assert client.get("/en/keep/days.ics").status_code == 200


@pytest.mark.database
def test_the_keep_page_tells_the_news(client: Client, dated: Campaign, her: Visitor, cast: Cast) -> None:
    """The newest announcements and changes of phase, in the reader's language; the title stays neutral."""
    campaign_pause(campaign=cast.campaign, notice={"ru": "До весны."})
    campaign_resume(campaign=cast.campaign, notice={})
    page = her.keeps().content.decode()
    reading = Reading(page)
    assert reading.faults == [] and foreign(reading, allowed=("about:blank",)) == []
    assert "Live broadcast; bring red, and friends." in page and "<title>Notes</title>" in page
    assert '<span lang="ru" dir="ltr">До весны.</span>' in page and "The campaign goes on." in page
    assert page.count("It was long ago.") == 0
    her.language = "ru"
    assert "По-русски: Live broadcast" in her.keeps().content.decode()


@pytest.mark.database
def test_the_honourees_answer_thanks_everybody(client: Client, her: Visitor, cast: Cast) -> None:
    """With how it is known to be her, and the translation; nothing of the kind before there is one."""
    assert "An answer to all of you" not in her.keeps().content.decode()
    (opening,) = stand(cast, "the first", is_opening=True)
    friend = voice_introduce(campaign=cast.campaign, name="Friend", how_known={"en": "We met."})
    answer_add(post=opening, voice=friend, text="Hello", language="en", translations={})
    assert "An answer to all of you" not in her.keeps().content.decode()
    vera = voice_introduce(
        campaign=cast.campaign, name="Вера", how_known={"en": "A letter."}, is_honouree="yes"
    )
    answer_add(post=opening, voice=vera, text="Спасибо!", language="ru", translations={"en": "Thank you!"})
    page = her.keeps().content.decode()
    assert Reading(page).faults == []
    for piece in ("An answer to all of you", "Спасибо!", "Thank you!", "A letter.", "Вера"):
        assert piece in page
