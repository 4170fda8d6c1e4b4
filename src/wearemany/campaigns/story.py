"""What happened, told with sources: announcements, statements, sourced tallies, milestones, and their revisions.

Nothing told is overwritten: a revision stands in front of what it replaces, and both stay readable.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet

from wearemany.campaigns.models import Campaign, StoryItem, StoryKind, StoryText, Voice
from wearemany.campaigns.services import stream_version_bump
from wearemany.errors import N_, Refused
from wearemany.languages import is_tag


@dataclass(frozen=True)
class Telling:
    """The words of a story item: `words` maps language tags to text, `original` is one of the tags."""

    day: datetime.date
    original: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """Whom we have it from: a name and, where there is one, a web address."""

    name: str
    url: str = ""


@dataclass(frozen=True)
class Figure:
    """Somebody else's count: the number as they gave it, and where to turn for help."""

    number: str
    help_line: str = ""


@dataclass(frozen=True)
class Attribution:
    """Who said it, on which side they stand, and which item it answers or denies."""

    who: str
    side: str = ""
    answers: StoryItem | None = field(default=None)


def announcement_publish(*, campaign: Campaign, telling: Telling) -> StoryItem:
    """Publish a notice of the organisers to everybody."""
    return _item(campaign, StoryKind.ANNOUNCEMENT, telling)


def milestone_record(*, campaign: Campaign, telling: Telling, source: Source | None = None) -> StoryItem:
    """Record something that happened on a day."""
    return _item(campaign, StoryKind.MILESTONE, telling, source=source)


def statement_record(
    *, campaign: Campaign, telling: Telling, attribution: Attribution, source: Source
) -> StoryItem:
    """Record quoted words with who said them and where; a denial names what it denies in `attribution.answers`."""
    _require_source(source)
    return _item(campaign, StoryKind.STATEMENT, telling, source=source, attribution=attribution)


def tally_record(
    *, campaign: Campaign, telling: Telling, attribution: Attribution, source: Source, figure: Figure
) -> StoryItem:
    """Record somebody else's figure; it never mixes with the campaign's own number."""
    _require_source(source)
    if not figure.number.strip():
        raise Refused("story-number-missing", N_("A sourced figure needs its number."))
    return _item(campaign, StoryKind.TALLY, telling, source=source, attribution=attribution, figure=figure)


def story_revise(*, item: StoryItem, telling: Telling) -> StoryItem:
    """Put new words in front of an item; raises Refused when it was revised already (revise the newest)."""
    with transaction.atomic():
        if StoryItem.objects.filter(revises=item).exists():
            raise Refused(
                "story-revised-already", N_("This was revised already. Please revise the newest version.")
            )
        try:
            revised = StoryItem.objects.create(
                campaign_id=item.campaign_id,
                kind=item.kind,
                day=telling.day,
                who=item.who,
                side=item.side,
                source_name=item.source_name,
                source_url=item.source_url,
                number=item.number,
                help_line=item.help_line,
                answers=item.answers,
                revises=item,
            )
        except IntegrityError as error:
            raise Refused(
                "story-revised-already", N_("This was revised already. Please revise the newest version.")
            ) from error
        _tell(revised, telling)
        stream_version_bump(item.campaign_id)
    return revised


def voice_introduce(
    *, campaign: Campaign, name: str, how_known: Mapping[str, str], is_honouree: str = "no"
) -> Voice:
    """Introduce somebody whose words the campaign vouches for; `how_known` says how, by language."""
    if not name.strip() or not any(text.strip() for text in how_known.values()):
        raise Refused(
            "voice-unknown", N_("Please say who speaks and how the campaign knows that it is them.")
        )
    return Voice.objects.create(
        campaign=campaign, name=name.strip(), how_known=dict(how_known), is_honouree=is_honouree == "yes"
    )


def story_of(campaign: Campaign) -> QuerySet[StoryItem]:
    """Return the newest version of every item, latest day first, texts at hand."""
    texts = Prefetch("texts", queryset=StoryText.objects.order_by("-is_original", "language"))
    return (
        StoryItem.objects.filter(campaign=campaign, revised_by=None)
        .select_related("answers", "revises")
        .prefetch_related(texts)
        .order_by("-day", "-pk")
    )


def _require_source(source: Source) -> None:
    if not source.name.strip():
        raise Refused("story-source-missing", N_("Words and figures of others need a source."))


def _item(
    campaign: Campaign,
    kind: StoryKind,
    telling: Telling,
    *,
    source: Source | None = None,
    attribution: Attribution | None = None,
    figure: Figure | None = None,
) -> StoryItem:
    if source and source.url and urlsplit(source.url).scheme not in ("http", "https"):
        raise Refused("story-source-address", N_("The source's address must begin with http:// or https://."))
    with transaction.atomic():
        item = StoryItem.objects.create(
            campaign=campaign,
            kind=kind,
            day=telling.day,
            who=attribution.who if attribution else "",
            side=attribution.side if attribution else "",
            answers=attribution.answers if attribution else None,
            source_name=source.name if source else "",
            source_url=source.url if source else "",
            number=figure.number if figure else "",
            help_line=figure.help_line if figure else "",
        )
        _tell(item, telling)
        stream_version_bump(campaign.pk)
    return item


def _tell(item: StoryItem, telling: Telling) -> None:
    words = {tag: text.strip() for tag, text in telling.words.items() if text.strip()}
    if telling.original not in words:
        raise Refused("story-words-missing", N_("Please give the words in the language they were said in."))
    if unknown := [tag for tag in words if not is_tag(tag)]:
        raise Refused(
            "language-unknown", N_("This is not a language code: %(language)s."), language=unknown[0]
        )
    if any(len(text) > 4000 for text in words.values()):
        raise Refused("story-too-long", N_("A text may have up to 4,000 characters."))
    StoryText.objects.bulk_create(
        StoryText(item=item, language=tag, is_original=tag == telling.original, text=text)
        for tag, text in words.items()
    )
