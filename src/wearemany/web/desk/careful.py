"""How careful a campaign is: every rule in words, made stricter here, and what that destroys said first."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from wearemany.campaigns.presets import PresetRules, is_stricter_or_same, stricter_values, wish_read, written
from wearemany.campaigns.rule_words import LABELS, PRESETS, VALUES, loss_of
from wearemany.campaigns.services import preset_rules
from wearemany.campaigns.tightening import Change, Stricter, campaign_tighten, change_of
from wearemany.errors import Refused
from wearemany.moderation.tightening import tightening_progress
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on


@dataclass(frozen=True)
class PresetChoice:
    """A preset to choose: its words in the reader's language."""

    value: str
    name: str
    when: str
    does: str
    remains: str
    is_chosen: bool


@dataclass(frozen=True)
class RuleField:
    """A rule, what it says now, and what it can be made: pairs of what is sent and what is read."""

    name: str
    label: str
    now: str
    choices: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True)
class Loss:
    """One rule that would change, and what that does to what is there."""

    label: str
    before: str
    after: str
    sentence: str


def preset_choices(*, chosen: str, least: str = "everyday") -> tuple[PresetChoice, ...]:
    """Return the presets from `least` on, in plain words."""
    return tuple(
        PresetChoice(
            value,
            gettext(words.name),
            gettext(words.when),
            gettext(words.does),
            gettext(words.remains),
            is_chosen=value == chosen,
        )
        for value, words in PRESETS.items()
        if is_stricter_or_same(value, least)
    )


@organiser
@require_http_methods(["GET", "HEAD", "POST"])
def careful(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the rules; a POST says what a change would do, and does it when it is said once more."""
    if request.method != "POST":
        return _page(request, seat)
    try:
        wish = _wish(request, preset_rules(seat.campaign))
        change = change_of(seat.campaign, wish)
        if request.POST.get("sure") != "yes" and (change.names or change.preset != seat.campaign.preset):
            return _page(request, seat, asked=change)
        campaign_tighten(campaign=seat.campaign, wish=wish)
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return sent_on(seat, "campaign/careful", done="tightened")


def _wish(request: HttpRequest, now: PresetRules) -> Stricter:
    """Return what was chosen beyond what is; a rule that was left as it was follows the preset."""
    wishes = {
        name: value
        for name, before in asdict(now).items()
        if (typed := request.POST.get(name)) is not None and (value := wish_read(name, typed)) != before
    }
    return Stricter(request.POST.get("preset", ""), wishes)


def _page(
    request: HttpRequest, seat: Seat, *, asked: Change | None = None, refusal: Refused | None = None
) -> HttpResponse:
    rules = preset_rules(seat.campaign)
    values = {
        "presets": preset_choices(
            chosen=asked.preset if asked else seat.campaign.preset, least=seat.campaign.preset
        ),
        "fields": tuple(_field(request, rules, name) for name in asdict(rules)),
        "progress": tightening_progress(seat.campaign),
        "asked": asked,
        "losses": tuple(_loss(asked, name) for name in asked.names) if asked else (),
    }
    return page_shown(request, seat, "desk/careful.html", values, refusal=refusal)


def _field(request: HttpRequest, rules: PresetRules, name: str) -> RuleField:
    now = getattr(rules, name)
    values = stricter_values(rules, name)
    return RuleField(
        name=name,
        label=gettext(LABELS[name]),
        now=value_words(name, now),
        choices=tuple((written(value), value_words(name, value)) for value in values),
        chosen=request.POST.get(name, written(now)),
    )


def _loss(change: Change, name: str) -> Loss:
    before, after = getattr(change.before, name), getattr(change.after, name)
    return Loss(
        gettext(LABELS[name]),
        value_words(name, before),
        value_words(name, after),
        gettext(loss_of(name, after)),
    )


def value_words(name: str, value: object) -> str:
    """Return a rule's value as people read it, in their language."""
    if name in VALUES:
        return gettext(VALUES[name][value])
    return str(value // 60 if name == "release_every_s" and isinstance(value, int) else value)
