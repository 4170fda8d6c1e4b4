"""How careful a campaign is, at the desk: rule by rule, what becoming stricter destroys said first; and at opening."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.web.desk_rig import signed_in
from tests.web.walls import stand
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.presets import RULES
from wearemany.campaigns.rule_words import LABELS, LOSSES, PRESETS, VALUES
from wearemany.campaigns.services import preset_rules
from wearemany.moderation.tightening import posts_tighten_pending

pytestmark = pytest.mark.database

CAREFUL = "/desk/we-are-many/campaign/careful"
OPEN = "/desk/open"
ORDER = {
    "handle": "in-red", "phrase": "in red", "language": "en", "title": "In red", "call": "Wear red.", "colour": "red",
    "time_zone": "UTC",
}  # fmt: skip


def test_every_rule_has_words() -> None:
    """A rule without a label, a value without a word or a loss without a sentence would be a blank at the desk."""
    fields = set(RULES["everyday"].__dataclass_fields__)
    assert set(LABELS) == fields and set(LOSSES) == fields | {"comments-no"}
    for rules in RULES.values():
        for name, words in VALUES.items():
            assert getattr(rules, name) in words
    assert set(PRESETS) == set(RULES)


def test_the_rules_are_there_and_only_stricter_ones_to_choose(cast: Cast) -> None:
    """Every rule in words; what would be looser is not offered; a moderator has no such page."""
    desk = signed_in(cast.organiser).get(CAREFUL)
    page = desk.page
    for label in LABELS.values():
        assert label in page
    campaign = cast.campaign_with(preset="careful", handle="careful-one")
    page = signed_in(cast.organiser).get(f"/desk/{campaign.handle}/campaign/careful").page
    assert 'value="everyday"' not in page and 'value="shown"' not in page and 'value="1600"' not in page
    assert 'value="dangerous"' in page
    assert signed_in(cast.moderator).get(CAREFUL).status == 403


def test_what_is_destroyed_is_said_first(cast: Cast) -> None:
    """The first press changes nothing and names the losses; the second does it; how far it is stands there then."""
    stand(cast, "on the wall")
    desk = signed_in(cast.organiser).get(CAREFUL)
    desk.post(CAREFUL, preset="dangerous")
    assert (
        LOSSES["cover"] in desk.page
        and LOSSES["comments-no"] in desk.page
        and "cannot be undone" in desk.page
    )
    assert Campaign.objects.get(pk=cast.campaign.pk).preset == "everyday"
    desk.post(CAREFUL, preset="dangerous", main_px="320", sure="yes")
    rules = preset_rules(Campaign.objects.get(pk=cast.campaign.pk))
    assert (rules.cover, rules.main_px) == ("everybody", 320)
    assert "0 of 1 posts" in desk.get(CAREFUL).page
    posts_tighten_pending()
    assert "hidden meanwhile" in desk.get(CAREFUL).page


def test_looser_is_refused_even_when_it_is_sent(cast: Cast) -> None:
    """A form made by hand gains nothing."""
    campaign = cast.campaign_with(preset="careful", handle="careful-one")
    desk = signed_in(cast.organiser)
    at = f"/desk/{campaign.handle}/campaign/careful"
    for sent in ({"preset": "everyday"}, {"comments": "shown"}, {"main_px": "1600"}, {"held": "nobody"}):
        assert desk.post(at, sure="yes", **sent).status == 400
    assert preset_rules(Campaign.objects.get(pk=campaign.pk)) == RULES["careful"]


def test_opening_asks_how_careful_and_has_no_default(cast: Cast) -> None:
    """Whoever runs the server opens campaigns here: each preset with what it cannot prevent, none chosen before."""
    assert signed_in(cast.organiser).get(OPEN).status == 403
    cast.organiser.is_operator = True
    cast.organiser.save()
    desk = signed_in(cast.organiser).get(OPEN)
    assert desk.status == 200 and " checked" not in desk.page
    for words in PRESETS.values():
        assert words.when in desk.page and words.remains.split(".")[0] in desk.page
    russian = signed_in(cast.organiser, "ru").get(OPEN).page
    assert (
        "Чего это не предотвратит:" in russian and "Людей допрашивают, увольняют или задерживают" in russian
    )
    desk.post(OPEN, **ORDER)
    assert desk.status == 400 and "There is no default" in desk.page and 'value="in red"' in desk.page
    desk.post(OPEN, **ORDER, preset="careful")
    campaign = Campaign.objects.get(handle="in-red")
    assert campaign.preset == "careful" and campaign.memberships.get().account == cast.organiser
