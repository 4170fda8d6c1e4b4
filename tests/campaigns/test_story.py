"""The story: sources, originals, denials beside what they deny, revisions in front of what they revise."""

from __future__ import annotations

import datetime

import pytest

from tests.cast import Cast
from wearemany.campaigns.story import (
    Attribution,
    Figure,
    Source,
    Telling,
    announcement_publish,
    statement_record,
    story_of,
    story_revise,
    tally_record,
    voice_introduce,
)
from wearemany.errors import Refused

pytestmark = pytest.mark.database

DAY = datetime.date(2026, 3, 1)
PAPER = Source("A newspaper", "https://paper.example/1")


def telling(text: str = "It was so.") -> Telling:
    """Return words in English with a translation."""
    return Telling(DAY, "en", {"en": text, "ru": "Так и было."})


def test_a_statement_keeps_its_source_and_what_it_denies(cast: Cast) -> None:
    """A denial stands with what it denies, each with who, where and the original."""
    said = statement_record(
        campaign=cast.campaign, telling=telling(), attribution=Attribution("A lawyer"), source=PAPER
    )
    denial = statement_record(
        campaign=cast.campaign,
        telling=telling("It was not."),
        attribution=Attribution("A ministry", "authorities", said),
        source=PAPER,
    )

    assert denial.answers == said
    assert [text.language for text in denial.texts.filter(is_original=True)] == ["en"]
    assert denial.source_url == PAPER.url


def test_words_and_figures_of_others_need_a_source(cast: Cast) -> None:
    """Nothing is quoted and nothing counted out of nowhere."""
    with pytest.raises(Refused) as refused:
        statement_record(
            campaign=cast.campaign, telling=telling(), attribution=Attribution("A lawyer"), source=Source(" ")
        )
    assert refused.value.code == "story-source-missing"

    with pytest.raises(Refused) as refused:
        tally_record(
            campaign=cast.campaign,
            telling=telling(),
            attribution=Attribution("A group"),
            source=PAPER,
            figure=Figure(" "),
        )
    assert refused.value.code == "story-number-missing"


def test_a_source_that_would_run_script_is_refused(cast: Cast) -> None:
    """Only web addresses can be sources."""
    with pytest.raises(Refused) as refused:
        statement_record(
            campaign=cast.campaign,
            telling=telling(),
            attribution=Attribution("A lawyer"),
            source=Source("A newspaper", "javascript:alert(1)"),
        )

    assert refused.value.code == "story-source-address"


def test_a_revision_stands_in_front_and_the_old_words_stay(cast: Cast) -> None:
    """The newest version is told, the one before is kept, and an old one cannot be revised twice."""
    first = announcement_publish(campaign=cast.campaign, telling=telling("On Monday."))
    second = story_revise(item=first, telling=telling("On Tuesday."))

    assert list(story_of(cast.campaign)) == [second]
    assert second.revises == first
    with pytest.raises(Refused) as refused:
        story_revise(item=first, telling=telling("On Wednesday."))
    assert refused.value.code == "story-revised-already"


def test_words_in_the_original_are_needed(cast: Cast) -> None:
    """A translation without its original is refused, and so is a language that is none."""
    with pytest.raises(Refused) as refused:
        announcement_publish(campaign=cast.campaign, telling=Telling(DAY, "ru", {"en": "Only translated."}))
    assert refused.value.code == "story-words-missing"

    with pytest.raises(Refused) as refused:
        announcement_publish(campaign=cast.campaign, telling=Telling(DAY, "en", {"en": "x", "<b>": "y"}))
    assert refused.value.code == "language-unknown"


def test_telling_something_makes_pages_fresh(cast: Cast) -> None:
    """A line of the story moves the campaign's stream version."""
    announcement_publish(campaign=cast.campaign, telling=telling())

    cast.campaign.refresh_from_db()
    assert cast.campaign.stream_version == 2


def test_a_voice_says_how_it_is_known(cast: Cast) -> None:
    """Nobody speaks for the honouree without the campaign saying how it knows."""
    with pytest.raises(Refused) as refused:
        voice_introduce(campaign=cast.campaign, name="Vera", how_known={"en": " "})

    assert refused.value.code == "voice-unknown"
