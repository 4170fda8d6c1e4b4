"""The page that tells how to join by e-mail: there when that is possible, with a letter begun for the reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.conf import settings
from django.test import Client, override_settings

from tests.cast import Cast
from tests.mail.letters import JPEG, mail_of, read
from tests.web.html import Reading, foreign
from tests.web.test_words import CODE_WORDS
from wearemany.campaigns.services import campaign_pause
from wearemany.mail.addressing import recipient_of

pytestmark = pytest.mark.database

DOMAINS = ("mail.example",)


@pytest.fixture
def by_mail(cast: Cast) -> Iterator[Cast]:
    """A server that takes photos by e-mail."""
    options = {**settings.WEAREMANY, "MAIL_DOMAINS": DOMAINS, "MAIL_RELAY": "smtp://127.0.0.1:25"}
    with override_settings(WEAREMANY=options):
        yield cast


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_is_a_strict_page_in_plain_words(by_mail: Cast, client: Client, language: str) -> None:
    """Well-formed, nothing inline or from elsewhere; it says what the provider sees and links to the safer way."""
    answer = client.get(f"/{language}/we-are-many/mail")
    page = answer.content.decode()
    reading = Reading(page)
    assert answer.status_code == 200 and answer.headers["X-Cache-Epoch"] == "we-are-many"
    assert reading.faults == [] and foreign(reading) == []
    assert reading.headings[0] == 1 and reading.headings.count(1) == 1
    assert f'href="/{language}/we-are-many/join"' in page
    if language == "en":
        text = " ".join(reading.words).lower()
        assert "your e-mail provider sees that you wrote to us, and your picture" in text
        wrong = [
            word for word in CODE_WORDS if CODE_WORDS[word] and re.search(rf"\b{re.escape(word)}s?\b", text)
        ]
        assert wrong == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_begun_letter_is_one_that_the_door_reads(by_mail: Cast, client: Client, language: str) -> None:
    """Its address is one of ours in the reader's language, and its body, sent back, is the two ticks."""
    page = client.get(f"/{language}/we-are-many/mail").content.decode()
    (link,) = re.findall(r'href="(mailto:[^"]+)"', page)
    parts = urlsplit(unescape(link))
    recipient = recipient_of(unquote(parts.path), domains=DOMAINS)
    assert (recipient.handle, recipient.language) == ("we-are-many", language)
    assert recipient.address in page
    asked = parse_qs(parts.query, strict_parsing=True)
    assert set(asked) == {"subject", "body"} and "many" not in asked["subject"][0].lower()
    assert read(mail_of(JPEG, text=asked["body"][0])).ticks == ("show", "agreed")


def test_the_posting_page_leads_there_where_it_is_possible(by_mail: Cast, client: Client) -> None:
    """From its foot; not without the options, not in a dangerous campaign, not while the campaign is paused."""
    by_mail.campaign_with(preset="dangerous", handle="in-danger")
    link = 'href="/en/we-are-many/mail"'
    assert link in client.get("/en/we-are-many/join").content.decode()
    assert "/mail" not in client.get("/en/in-danger/join").content.decode()
    assert client.get("/en/in-danger/mail").status_code == 404
    for options in ({"MAIL_DOMAINS": ()}, {"MAIL_RELAY": ""}, {"MAIL_DOMAINS": (), "MAIL_RELAY": ""}):
        with override_settings(WEAREMANY={**settings.WEAREMANY, **options}):
            assert link not in client.get("/en/we-are-many/join").content.decode()
            assert client.get("/en/we-are-many/mail").status_code == 404
    campaign_pause(campaign=by_mail.campaign, notice={"en": "Until spring."})
    answer = client.get("/en/we-are-many/mail")
    assert answer.status_code == 409 and "The campaign is paused" in answer.content.decode()


def test_a_careful_campaign_may_be_stricter(by_mail: Cast, client: Client) -> None:
    """The organisers of any campaign can switch it off alone, and nobody can switch it on where it is off."""
    by_mail.campaign.settings = {"by_mail": False}
    by_mail.campaign.save(update_fields=["settings"])
    assert client.get("/en/we-are-many/mail").status_code == 404
