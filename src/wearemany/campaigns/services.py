"""Open, pause, resume and close a campaign; what its preset and its call mean as numbers.

A phase change is one row; the wall turns it into the log's entry. What does not live here: the story (`story`),
counts (the wall's).
"""

from __future__ import annotations

import datetime
import hashlib
import json
import unicodedata
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.models import (
    CallSpecRow,
    Campaign,
    CampaignText,
    Membership,
    Phase,
    PhaseChange,
    Preset,
    Role,
    Shut,
)
from wearemany.campaigns.presets import RULES, PresetRules, tighten
from wearemany.campaigns.texts import BESIDE_MAX, beside_checked
from wearemany.darkroom.orders import COLOURS, GARMENTS, TOLERANCE, CallSpec, Garments, spec_asked
from wearemany.errors import N_, Refused
from wearemany.hashtags import extract, is_handle, joined_tag, match_keys
from wearemany.languages import is_tag
from wearemany.worker.hints import tell_on_commit


@dataclass(frozen=True)
class CallWords:
    """What people read in one language: the title, the call, who the honouree is, who runs the campaign and where.

    `legal_aid` are lines for whoever is questioned or detained. All but title and call may change later
    (`amending`).
    """

    title: str
    call: str
    about_honouree: str = ""
    run_by: str = ""
    run_from: str = ""
    legal_aid: str = ""


@dataclass(frozen=True)
class CampaignOrder:
    """What an organiser decides at opening. `words` maps language tags to texts, the main language first.

    `phrase` is the hashtag as words; `tag` is made by joining it unless given. `spellings` are other ways
    in which people write the tag. There is no default for `preset`. A `picked` colour (#rrggbb) within `tolerance`
    may be asked for instead of the whole term; `colour` is then the word that people read. Where no face is expected
    a picture without one is judged too.
    """

    handle: str
    phrase: str
    words: Mapping[str, CallWords]
    colour: str
    preset: str
    honouree: str = ""
    tag: str = ""
    spellings: tuple[str, ...] = ()
    garments: str = "anything"
    time_zone: str = "UTC"
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    stricter: Mapping[str, object] = field(default_factory=dict)
    picked: str = ""
    tolerance: float = TOLERANCE
    expects_face: bool = True


def campaign_open(order: CampaignOrder, *, organiser: Account | None = None) -> Campaign:
    """Open a campaign; its first log entry follows with the wall's next step.

    Raises Refused when the handle is taken or something in the order cannot be.
    """
    _check(order)
    spec = spec_asked(
        colour=order.colour,
        garments=cast(Garments, order.garments),
        picked=order.picked,
        tolerance=order.tolerance,
        expects_face=order.expects_face,
    )
    tag = (order.tag or joined_tag(order.phrase)).removeprefix("#")
    if extract(f"#{tag}") != [tag]:
        raise Refused(
            "tag-unusable", N_("People could not write this as one hashtag. Please choose another.")
        )
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                handle=order.handle,
                origin=f"{settings.WEAREMANY['NAME']}/log/{order.handle}",
                phrase=unicodedata.normalize("NFC", order.phrase.strip()),
                tag=tag,
                match_keys=sorted(match_keys(tag, order.spellings)),
                colour=order.colour,
                garments=order.garments,
                honouree=order.honouree.strip(),
                preset=order.preset,
                settings=dict(order.stricter),
                languages=list(order.words),
                time_zone=order.time_zone,
                starts_on=order.starts_on,
                ends_on=order.ends_on,
            )
            CampaignText.objects.bulk_create(
                CampaignText(
                    campaign=campaign,
                    language=language,
                    title=words.title.strip(),
                    call=words.call.strip(),
                    **beside_checked({name: getattr(words, name) for name in BESIDE_MAX}),
                )
                for language, words in order.words.items()
            )
            CallSpecRow.objects.create(campaign=campaign, version=1, spec=spec.to_json())
            _phase_add(campaign, "opened", {tag: words.call for tag, words in order.words.items()})
            if organiser is not None:
                Membership.objects.create(campaign=campaign, account=organiser, role=Role.ORGANISER)
    except IntegrityError as error:
        raise Refused("handle-taken", N_("There already is a campaign with this address.")) from error
    return campaign


def campaign_pause(*, campaign: Campaign, notice: Mapping[str, str]) -> PhaseChange:
    """Pause: nothing new is received until the campaign resumes; what is on the wall stays."""
    return _phase_move(campaign, "paused", notice)


def campaign_resume(*, campaign: Campaign, notice: Mapping[str, str]) -> PhaseChange:
    """Resume a paused campaign."""
    return _phase_move(campaign, "resumed", notice)


def campaign_close(*, campaign: Campaign, notice: Mapping[str, str]) -> PhaseChange:
    """Close for good: the wall stays as an archive, posts can still be taken back."""
    return _phase_move(campaign, "closed", notice)


def campaign_shut(*, campaign: Campaign, shut: Shut) -> bool:
    """Keep all posts of a campaign from sight and take none, or show them again; inside the caller's transaction.

    False when everything was erased before: that stays. Erased also means closed: the phase change is made here.
    """
    moved = Campaign.objects.filter(pk=campaign.pk).exclude(shut=Shut.ERASED).update(shut=shut)
    if not moved:
        return False
    if shut == Shut.ERASED:
        # A wall that stands still could not say that it is closed.
        Campaign.objects.filter(pk=campaign.pk).update(doors_frozen=False, wall_frozen=False)
        closing = Campaign.objects.filter(pk=campaign.pk).exclude(phase=Phase.CLOSED)
        if closing.update(phase=Phase.CLOSED):
            _phase_add(campaign, "closed", {})
    visible_version_bump(campaign.pk)
    campaign.refresh_from_db()
    return True


def phase_restore(*, campaign: Campaign, phase: str, text_digest: bytes, day: datetime.date) -> PhaseChange:
    """Write down a phase change that a restored database has forgotten, as the public log tells of it.

    The words of its notice are lost. Inside the recovery's transaction.
    """
    newest = PhaseChange.objects.filter(campaign=campaign).aggregate(newest=Max("position"))["newest"]
    if phase in _MOVES:
        Campaign.objects.filter(pk=campaign.pk).update(phase=_MOVES[phase][1])
    visible_version_bump(campaign.pk)
    return PhaseChange.objects.create(
        campaign=campaign,
        position=0 if newest is None else newest + 1,
        phase=phase,
        notice={},
        text_digest=text_digest,
        day=day,
    )


def campaign_by_handle(handle: str) -> Campaign:
    """Return the campaign; raises Refused with code `campaign-unknown`."""
    try:
        return Campaign.objects.get(handle=handle)
    except Campaign.DoesNotExist as error:
        raise Refused("campaign-unknown", N_("There is no campaign at this address.")) from error


def posting_refusal(campaign: Campaign) -> Refused | None:
    """Return why the campaign takes no posts at this moment, None when it does; asks the row, not what is held."""
    row = Campaign.objects.filter(pk=campaign.pk).values_list("phase", "doors_frozen", "shut").first()
    if row is None:
        return Refused("campaign-unknown", N_("There is no campaign at this address."))
    phase, is_frozen, shut = row
    if shut:
        return Refused(
            "campaign-shut",
            N_("The campaign takes no posts now and shows none. Its number stays, for everyone to check."),
        )
    if phase == Phase.PAUSED:
        return Refused(
            "campaign-paused",
            N_("The campaign is paused and takes no new posts now. Please come back when it resumes."),
        )
    if phase == Phase.CLOSED:
        return Refused(
            "campaign-closed",
            N_("The campaign has ended and takes no new posts. Its wall stays open for everyone to see."),
        )
    if is_frozen:
        return Refused(
            "campaign-frozen",
            N_(
                "The organisers take no new posts for the moment. Nothing that was sent is lost, and posts can be "
                "taken back as ever. Please come back later."
            ),
        )
    return None


def posting_checked(campaign: Campaign) -> None:
    """Refused unless the campaign takes posts at this moment."""
    if (refusal := posting_refusal(campaign)) is not None:
        raise refusal


def campaign_day(campaign: Campaign) -> datetime.date:
    """Return today's date in the campaign's own calendar: the only public time there is."""
    return clock.now().astimezone(zoneinfo.ZoneInfo(campaign.time_zone)).date()


def preset_rules(campaign: Campaign) -> PresetRules:
    """Return what the campaign's preset means here, its own stricter settings applied."""
    wishes = {name: value for name, value in campaign.settings.items() if name != "hero_from"}
    return tighten(RULES[campaign.preset], wishes)


def call_spec(campaign: Campaign) -> tuple[int, CallSpec]:
    """Return the newest call spec and its version; developments keep the version that they were judged by."""
    row = CallSpecRow.objects.filter(campaign=campaign).order_by("-version").first()
    if row is None:
        raise Refused("campaign-unknown", N_("There is no campaign at this address."))
    return row.version, CallSpec.from_json(row.spec)


def visible_version_bump(campaign_id: int) -> None:
    """Make every node forget what it cached of a campaign; call inside the transaction that removes something."""
    Campaign.objects.filter(pk=campaign_id).update(
        visible_version=F("visible_version") + 1, stream_version=F("stream_version") + 1
    )
    tell_on_commit()


def stream_version_bump(campaign_id: int) -> None:
    """Say that something public was added beside the log: a comment, an answer, a line of the story."""
    Campaign.objects.filter(pk=campaign_id).update(stream_version=F("stream_version") + 1)


def _check(order: CampaignOrder) -> None:
    if not is_handle(order.handle) or order.handle in _RESERVED:
        raise Refused(
            "handle-unusable",
            N_("The address may have 3 to 40 small Latin letters, digits and hyphens, and no reserved word."),
        )
    if not order.phrase.strip() or len(order.phrase) > 120:
        raise Refused("phrase-unusable", N_("The phrase may have 1 to 120 characters."))
    if not order.words or not all(
        words.title.strip() and words.call.strip() for words in order.words.values()
    ):
        raise Refused("call-missing", N_("Please give a title and a call in at least one language."))
    if unknown := [tag for tag in order.words if not is_tag(tag)]:
        raise Refused(
            "language-unknown", N_("This is not a language code: %(language)s."), language=unknown[0]
        )
    if any(len(words.title) > 120 or len(words.call) > 2000 for words in order.words.values()):
        raise Refused("call-too-long", N_("A title may have 120 characters, a call 2,000."))
    if order.colour not in COLOURS:
        raise Refused("colour-unknown", N_("The colour is one of: %(colours)s."), colours=", ".join(COLOURS))
    if order.garments not in GARMENTS:
        raise Refused(
            "garments-unknown", N_("The garments are one of: %(garments)s."), garments=", ".join(GARMENTS)
        )
    if order.preset not in Preset.values:
        raise Refused(
            "preset-missing",
            N_("Please decide how careful to be: everyday, careful or dangerous. There is no default."),
        )
    if order.time_zone not in _time_zones():
        raise Refused("time-zone-unknown", N_("This is not a time zone: %(zone)s."), zone=order.time_zone)
    if order.starts_on and order.ends_on and order.ends_on < order.starts_on:
        raise Refused("dates-reversed", N_("The last day is before the first."))
    tighten(RULES[order.preset], order.stricter)


@cache
def _time_zones() -> frozenset[str]:
    """Return all names there are; finding them reads every file of the machine's time zones."""
    return frozenset(zoneinfo.available_timezones())


_RESERVED = frozenset(
    {"desk", "doors", "everything", "keep", "log", "static", "live", "api", "about", "new", "upload"}
)

_MOVES = {
    "paused": (frozenset({Phase.OPENED}), Phase.PAUSED),
    "resumed": (frozenset({Phase.PAUSED}), Phase.OPENED),
    "closed": (frozenset({Phase.OPENED, Phase.PAUSED}), Phase.CLOSED),
}


def _phase_move(campaign: Campaign, phase: str, notice: Mapping[str, str]) -> PhaseChange:
    allowed, after = _MOVES[phase]
    with transaction.atomic():
        moved = Campaign.objects.filter(pk=campaign.pk, phase__in=allowed).update(phase=after)
        if not moved:
            raise Refused("phase-impossible", N_("This step does not fit where the campaign stands now."))
        change = _phase_add(campaign, phase, notice)
        stream_version_bump(campaign.pk)
    campaign.refresh_from_db()
    return change


def _phase_add(campaign: Campaign, phase: str, notice: Mapping[str, str]) -> PhaseChange:
    words = {tag: unicodedata.normalize("NFC", text.strip()) for tag, text in notice.items() if text.strip()}
    newest = PhaseChange.objects.filter(campaign=campaign).aggregate(newest=Max("position"))["newest"]
    return PhaseChange.objects.create(
        campaign=campaign,
        position=0 if newest is None else newest + 1,
        phase=phase,
        notice=words,
        text_digest=notice_digest(words),
        day=campaign_day(campaign),
    )


def notice_digest(words: Mapping[str, str]) -> bytes:
    """Return SHA-256 of the notice as canonical JSON: tags in order, no spaces, UTF-8."""
    text = json.dumps(dict(words), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()
