"""Opening, pausing, resuming, closing; what an order must hold; what a preset means."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from tests.cast import Cast, campaign_order
from wearemany.campaigns.models import Membership, PhaseChange, Role
from wearemany.campaigns.services import (
    CallWords,
    call_spec,
    campaign_by_handle,
    campaign_close,
    campaign_day,
    campaign_open,
    campaign_pause,
    campaign_resume,
    notice_digest,
    preset_rules,
    visible_version_bump,
)
from wearemany.campaigns.texts import text_for
from wearemany.errors import Refused

pytestmark = pytest.mark.database


def test_a_campaign_opens_with_its_tag_its_texts_and_its_first_phase(cast: Cast) -> None:
    """Opening makes the joined tag, every text, the frozen call and the row for the first entry."""
    campaign = cast.campaign

    assert campaign.tag == "НасМногоИМыНеРавнодушны"
    assert campaign.origin == "many.example/log/we-are-many"
    assert campaign.languages == ["ru", "en"]
    assert call_spec(campaign)[1].colour == "red"
    change = PhaseChange.objects.get(campaign=campaign)
    assert (change.position, change.phase) == (0, "opened")
    assert bytes(change.text_digest) == notice_digest(change.notice)
    assert Membership.objects.get(account=cast.organiser).role == Role.ORGANISER


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"handle": "We Are"}, "handle-unusable"),
        ({"handle": "desk"}, "handle-unusable"),
        ({"handle": "upload"}, "handle-unusable"),
        ({"phrase": "  "}, "phrase-unusable"),
        ({"phrase": "!!!"}, "tag-unusable"),
        ({"tag": "two words"}, "tag-unusable"),
        ({"words": {}}, "call-missing"),
        ({"words": {"en": CallWords("", "x")}}, "call-missing"),
        ({"words": {"no language": CallWords("x", "x")}}, "language-unknown"),
        ({"words": {"en": CallWords("x", "y" * 2001)}}, "call-too-long"),
        ({"colour": "crimson"}, "colour-unknown"),
        ({"garments": "socks"}, "garments-unknown"),
        ({"preset": ""}, "preset-missing"),
        ({"time_zone": "Mars/Base"}, "time-zone-unknown"),
        ({"starts_on": datetime.date(2026, 3, 2), "ends_on": datetime.date(2026, 3, 1)}, "dates-reversed"),
        ({"preset": "careful", "stricter": {"held": "doubtful"}}, "preset-looser"),
        ({"stricter": {"held": "nobody"}}, "preset-unknown"),
        ({"stricter": {"colour": "red"}}, "preset-unknown"),
        ({"handle": "we-are-many"}, "handle-taken"),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_makes_nothing(
    cast: Cast, change: dict[str, object], code: str
) -> None:
    """Each impossible order has its own code, and no row is left of it."""
    before = PhaseChange.objects.count()

    with pytest.raises(Refused) as refused:
        campaign_open(replace(campaign_order(handle="another"), **change))  # type: ignore[arg-type]

    assert refused.value.code == code
    assert PhaseChange.objects.count() == before


def test_phases_follow_each_other_as_they_must(cast: Cast) -> None:
    """Pause, resume, close; nothing after closing, and no step twice."""
    campaign = cast.campaign
    campaign_pause(campaign=campaign, notice={"en": "Back in spring."})
    with pytest.raises(Refused, match="does not fit"):
        campaign_pause(campaign=campaign, notice={})
    campaign_resume(campaign=campaign, notice={})
    campaign_close(campaign=campaign, notice={"en": "Thank you."})
    with pytest.raises(Refused, match="does not fit"):
        campaign_resume(campaign=campaign, notice={})

    phases = PhaseChange.objects.filter(campaign=campaign).values_list("position", "phase")
    assert list(phases) == [(0, "opened"), (1, "paused"), (2, "resumed"), (3, "closed")]


def test_stricter_wishes_hold_and_looser_ones_do_not(cast: Cast) -> None:
    """A campaign's own settings tighten its preset."""
    order = replace(
        campaign_order(handle="stricter"), stricter={"comments": "held", "main_px": 800, "release_batch": 3}
    )

    rules = preset_rules(campaign_open(order))

    assert (rules.comments, rules.main_px, rules.release_batch, rules.held) == ("held", 800, 3, "doubtful")


def test_a_picked_shade_is_frozen_with_the_call(cast: Cast) -> None:
    """A campaign may ask for its own red, within a tolerance, and do without faces; people still read the word."""
    order = replace(campaign_order(handle="picked"), picked="#C8102E", tolerance=0.05, expects_face=False)

    version, spec = call_spec(campaign_open(order))

    assert (version, spec.colour, spec.asked, spec.picked) == (1, "red", "picked", "#c8102e")
    assert (spec.tolerance, spec.expects_face) == (0.05, False)
    with pytest.raises(Refused) as refused:
        campaign_open(replace(order, handle="unpicked", picked="crimson"))
    assert refused.value.code == "picked-unusable"


def test_the_day_is_the_campaigns_own(cast: Cast) -> None:
    """Late in the evening in UTC it is tomorrow already in Moscow."""
    cast.house.clock.advance(10 * 3600)

    assert campaign_day(cast.campaign) == datetime.date(2026, 3, 9)


def test_a_reader_gets_the_text_that_serves_her_best(cast: Cast) -> None:
    """Her language, else a relative of it, else the campaign's first."""
    assert text_for(cast.campaign, "en-GB").title == "We are many"
    assert text_for(cast.campaign, "ru").title == "Нас много"
    assert text_for(cast.campaign, "fr").title == "Нас много"


def test_an_unknown_campaign_is_refused_plainly(cast: Cast) -> None:
    """A wrong address is no mystery."""
    with pytest.raises(Refused) as refused:
        campaign_by_handle("nobody-here")

    assert refused.value.code == "campaign-unknown"


def test_hiding_bumps_both_versions(cast: Cast) -> None:
    """What makes every node forget its pages also makes streams look again."""
    visible_version_bump(cast.campaign.pk)

    cast.campaign.refresh_from_db()
    assert (cast.campaign.visible_version, cast.campaign.stream_version) == (2, 2)
