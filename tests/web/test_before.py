"""What people read before they take the photo: who runs this and where, what is kept, whom to call."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.desk_rig import DESK, signed_in
from tests.web.door_visits import visitor
from tests.web.html import Reading, foreign
from tests.web.walls import stand
from wearemany.campaigns.amending import TextChange, campaign_amend
from wearemany.campaigns.models import Campaign, CampaignText, PhaseChange
from wearemany.campaigns.services import notice_digest
from wearemany.cli.main import main
from wearemany.errors import Refused
from wearemany.rendering.contacts import contacts

LINES = "Legal aid, day and night: +00 000 000\nhttps://aid.example/now <script>alert(1)</script>"


def amend(campaign: Campaign, language: str = "en", **words: str) -> None:
    """Change words of the campaign in one language."""
    campaign_amend(campaign=campaign, changes={language: TextChange(**words)})


def links(text: str) -> list[tuple[str, str]]:
    """Return what becomes a link, with what is shown of it."""
    return [
        (piece.text, piece.link)
        for line in contacts(text, language="en").lines
        for piece in line
        if piece.link
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Call +7 (800) 555-35-35, always", [("+7 (800) 555-35-35", "tel:+78005553535")]),
        ("8 800 555 35 35", [("8 800 555 35 35", "tel:88005553535")]),
        ("See https://aid.example/now.", [("https://aid.example/now", "https://aid.example/now")]),
        ("http://aid.example javascript:alert(1) tel:123", []),
        ("Since 2026-03-08, room 12, 19:00-21:00", []),
        ("https:// +1 2", []),
        ('https://aid.example/"onclick=1', [("https://aid.example/", "https://aid.example/")]),
    ],
)
def test_numbers_and_secure_addresses_become_links_and_nothing_else(
    text: str, found: list[tuple[str, str]]
) -> None:
    """What can be called or opened safely is a link; dates, other schemes and ill-formed ones stay words."""
    assert links(text) == found
    shown = "".join(piece.text for line in contacts(text, language="en").lines for piece in line)
    assert shown == text


@pytest.mark.database
@pytest.mark.parametrize("preset", ["everyday", "careful", "dangerous"])
def test_before_the_photo_it_says_who_where_and_whom_to_call(cast: Cast, client: Client, preset: str) -> None:
    """Who runs this, from which country, and the legal aid, unopened where people are in danger."""
    campaign = cast.campaign_with(preset=preset, handle=f"is-{preset}")
    amend(campaign, run_by="Friends of Vera", run_from="Lisbon, Portugal", legal_aid=LINES)
    page = client.get(f"/en/{campaign.handle}/join").content.decode()
    reading = Reading(page)
    assert not reading.faults and not foreign(reading)
    at_once, _, behind = page.partition("<details>")
    assert "Friends of Vera" in at_once and "Lisbon, Portugal" in at_once
    assert '<a href="tel:+00000000">' in page and "<script>alert" not in page
    assert 'href="https://aid.example/now" rel="noopener noreferrer nofollow external"' in page
    is_open = preset != "everyday"
    assert ("If you are questioned or detained" in at_once) == is_open
    assert ("If you are questioned or detained" in behind.partition("</details>")[0]) != is_open
    assert ("What we cannot protect." in at_once) == (preset == "dangerous")
    assert "Whoever watches your line sees that you visited this site" in page


@pytest.mark.database
def test_without_words_of_its_own_the_page_is_whole_all_the_same(cast: Cast, client: Client) -> None:
    """Nothing empty is shown: the hashtag stands for who runs it, and a missing country is said."""
    page = client.get(f"/en/{cast.campaign.handle}/join").content.decode()
    assert "Run by the organisers of" in page and "They have not said in which country." in page
    assert "If you are questioned or detained" not in page


@pytest.mark.database
def test_legal_aid_in_another_language_is_better_than_none(cast: Cast, client: Client) -> None:
    """A reader whose language has no lines gets those of another, marked with their language."""
    amend(cast.campaign, "ru", legal_aid="Помощь: +00 000 001")
    page = client.get(f"/en/{cast.campaign.handle}/join").content.decode()
    assert '<ul class="list-plain contacts" lang="ru" dir="ltr"><li>Помощь: ' in page


@pytest.mark.database
def test_whoever_posted_finds_the_lines_again(cast: Cast, client: Client) -> None:
    """They stand on the page of one's post, in words that give nothing away, and beside the story."""
    amend(cast.campaign, legal_aid=LINES)
    me = visitor(client, cast)
    me.posts(b"a selfie in a red scarf")
    page = me.keeps().content.decode()
    assert "Whom to call if you need help" in page and 'href="tel:+00000000"' in page
    assert "detained" not in page
    stand(cast, "We care")
    story = client.get(f"/en/{cast.campaign.handle}/story").content.decode()
    assert "If you are questioned or detained" in story and 'href="tel:+00000000"' in story


@pytest.mark.database
def test_changing_these_words_touches_no_line_of_the_log(cast: Cast, client: Client) -> None:
    """The first entry's digest is the call's alone; kept pages are asked for anew."""
    change = PhaseChange.objects.get(campaign=cast.campaign)
    before = bytes(change.text_digest)
    version = cast.campaign.stream_version
    amend(cast.campaign, run_by="Others", run_from="Elsewhere", about_honouree="Vera.", legal_aid=LINES)
    cast.campaign.refresh_from_db()
    change.refresh_from_db()
    assert bytes(change.text_digest) == before == notice_digest(change.notice)
    assert PhaseChange.objects.filter(campaign=cast.campaign).count() == 1
    assert cast.campaign.stream_version > version


@pytest.mark.database
def test_what_cannot_be_is_refused_as_a_whole(cast: Cast) -> None:
    """A language without title and call, or too many words: nothing is changed, not even what would fit."""
    changes = {"en": TextChange(run_by="Others"), "fr": TextChange(run_by="Autres")}
    with pytest.raises(Refused) as unknown:
        campaign_amend(campaign=cast.campaign, changes=changes)
    with pytest.raises(Refused) as long:
        amend(cast.campaign, run_by="Others", legal_aid="x" * 1001)
    assert (unknown.value.code, long.value.code) == ("text-unknown", "text-too-long")
    assert not CampaignText.objects.filter(run_by="Others").exists()


@pytest.mark.database
def test_an_organiser_changes_them_at_the_desk(cast: Cast) -> None:
    """Filled with what holds, sent back, published; what is too long comes back as it was typed."""
    amend(cast.campaign, run_from="Lisbon")
    olga = signed_in(cast.organiser).get(f"{DESK}campaign/words")
    assert "Lisbon" in olga.page
    olga.post(f"{DESK}campaign/words", **{"run_from-en": "Porto", "legal_aid-en": "Aid\r\n+00 000 000"})
    assert "Changed. Everybody reads it from now on." in olga.page
    text = CampaignText.objects.get(campaign=cast.campaign, language="en")
    assert (text.run_from, text.legal_aid) == ("Porto", "Aid\n+00 000 000")
    assert text.about_honouree == "A journalist."
    olga.post(f"{DESK}campaign/words", **{"run_from-en": "y" * 201})
    assert olga.status == 400 and "y" * 201 in olga.page
    assert signed_in(cast.moderator).get(f"{DESK}campaign/words").status == 403


@pytest.mark.database
def test_the_command_line_says_them_too(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    """At opening and afterwards; a language given twice has two lines, what is not named stays."""
    handle, words = "by-command", ["--title", "en=Many", "--call", "en=Wear red."]
    opened = [
        "campaign",
        "open",
        handle,
        "--phrase",
        "many",
        *words,
        "--colour",
        "red",
        "--preset",
        "careful",
    ]
    assert (
        main([*opened, "--run-from", "en=Lisbon", "--legal-aid", "en=Aid", "--legal-aid", "en=+00 000 000"])
        == 0
    )
    text = CampaignText.objects.get(campaign__handle=handle)
    assert (text.run_from, text.legal_aid) == ("Lisbon", "Aid\n+00 000 000")
    capsys.readouterr()
    assert main(["campaign", "amend", handle, "--legal-aid", "en=", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["handle"] == handle
    text.refresh_from_db()
    assert (text.run_from, text.legal_aid) == ("Lisbon", "")
    assert main(["campaign", "amend", handle, "--run-by", "fr=Amis"]) == 2
