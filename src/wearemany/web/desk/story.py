"""The campaign's story: announcements, statements, sourced figures, milestones, told and revised by organisers.

Also the voices that the campaign vouches for. Nothing told is overwritten: a revision stands before what it replaces.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from wearemany.campaigns.models import StoryItem, StoryKind, Voice
from wearemany.campaigns.services import campaign_day
from wearemany.campaigns.story import (
    Attribution,
    Figure,
    Source,
    Telling,
    announcement_publish,
    milestone_record,
    statement_record,
    story_of,
    story_revise,
    tally_record,
    voice_introduce,
)
from wearemany.errors import N_, Refused
from wearemany.rendering.posts import shortened
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on
from wearemany.web.desk.languages import original_typed, words_fields, words_typed

KINDS = {
    StoryKind.ANNOUNCEMENT: (
        N_("Announcement"),
        N_("A notice of the organisers: a pause, what is next, a live broadcast."),
    ),
    StoryKind.STATEMENT: (
        N_("Statement"),
        N_("What somebody said, word for word, with who said it and where."),
    ),
    StoryKind.TALLY: (
        N_("Somebody's figure"),
        N_("What others counted. It never mixes with the campaign's own number."),
    ),
    StoryKind.MILESTONE: (N_("What happened"), N_("Something that happened on a day.")),
}
LIMITS = {"who": 160, "side": 60, "source": 160, "address": 500, "number": 40, "help": 200}
_EXCERPT = 160
_READ = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Told:
    """One line of the story in the desk's list."""

    id: int
    kind: str
    day: datetime.date
    excerpt: str
    language: str
    who: str
    number: str
    languages: tuple[str, ...]
    is_revised: bool


@organiser
@require_safe
def story(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List what was told, the latest day first."""
    values = {
        "told": [_told(item) for item in story_of(seat.campaign)],
        "kinds": [(kind.value, gettext(name), gettext(hint)) for kind, (name, hint) in KINDS.items()],
        "voices": Voice.objects.filter(campaign=seat.campaign).order_by("pk"),
    }
    return page_shown(request, seat, "desk/story.html", values)


@organiser
@_READ
def tell(request: HttpRequest, seat: Seat, kind: str) -> HttpResponse:
    """Show the form of one kind; a POST publishes."""
    if kind not in StoryKind.values:
        raise Http404
    if request.method != "POST":
        return _form(request, seat, StoryKind(kind))
    try:
        _publish(request, seat, StoryKind(kind))
    except Refused as refusal:
        return _form(request, seat, StoryKind(kind), refusal=refusal)
    return sent_on(seat, "story", done="published")


@organiser
@_READ
def revise(request: HttpRequest, seat: Seat, item: int) -> HttpResponse:
    """Show the newest words of an item; a POST puts new ones in front of them."""
    found = StoryItem.objects.filter(campaign=seat.campaign, pk=item).first()
    if found is None:
        raise Http404
    if request.method != "POST":
        return _form(request, seat, StoryKind(found.kind), item=found)
    try:
        story_revise(item=found, telling=_telling(request, seat))
    except Refused as refusal:
        return _form(request, seat, StoryKind(found.kind), item=found, refusal=refusal)
    return sent_on(seat, "story", done="revised")


@organiser
@_READ
def voice(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Introduce somebody whose words the campaign vouches for, and say how it knows that it is them."""
    if request.method == "POST":
        try:
            voice_introduce(
                campaign=seat.campaign,
                name=_line(request, "who", 120),
                how_known=words_typed(request, seat),
                is_honouree="yes" if "honouree" in request.POST else "no",
            )
        except Refused as refusal:
            return _voice_form(request, seat, refusal=refusal)
        return sent_on(seat, "story", done="introduced")
    return _voice_form(request, seat)


def _publish(request: HttpRequest, seat: Seat, kind: StoryKind) -> StoryItem:
    campaign, telling = seat.campaign, _telling(request, seat)
    if kind == StoryKind.ANNOUNCEMENT:
        return announcement_publish(campaign=campaign, telling=telling)
    source = Source(_line(request, "source", LIMITS["source"]), _line(request, "address", LIMITS["address"]))
    if kind == StoryKind.MILESTONE:
        return milestone_record(campaign=campaign, telling=telling, source=source)
    said = Attribution(
        who=_line(request, "who", LIMITS["who"]),
        side=_line(request, "side", LIMITS["side"]),
        answers=_answered(request, seat),
    )
    if not said.who:
        raise Refused("story-who-missing", N_("Please say who said or counted this."))
    if kind == StoryKind.STATEMENT:
        return statement_record(campaign=campaign, telling=telling, attribution=said, source=source)
    figure = Figure(_line(request, "number", LIMITS["number"]), _line(request, "help", LIMITS["help"]))
    return tally_record(campaign=campaign, telling=telling, attribution=said, source=source, figure=figure)


def _telling(request: HttpRequest, seat: Seat) -> Telling:
    words = words_typed(request, seat)
    try:
        day = datetime.date.fromisoformat(request.POST.get("day", "").strip())
    except ValueError:
        raise Refused(
            "day-unreadable", N_("Please give the day as year-month-day, such as 2026-03-08.")
        ) from None
    return Telling(day=day, original=original_typed(request, words), words=words)


def _answered(request: HttpRequest, seat: Seat) -> StoryItem | None:
    chosen = request.POST.get("answers", "")
    if not chosen.isascii() or not chosen.isdecimal():
        return None
    return StoryItem.objects.filter(campaign=seat.campaign, pk=int(chosen[:12])).first()


def _line(request: HttpRequest, name: str, limit: int) -> str:
    text = " ".join(request.POST.get(name, "").split())
    if len(text) > limit:
        raise Refused(
            "line-too-long",
            N_("A line has more than %(limit)s characters: %(line)s"),
            limit=limit,
            line=f"{text[:40]}…",
        )
    return text


def _form(
    request: HttpRequest,
    seat: Seat,
    kind: StoryKind,
    *,
    item: StoryItem | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    words = {text.language: text.text for text in item.texts.all()} if item else {}
    typed = request.POST.dict()
    originals = [text.language for text in item.texts.all() if text.is_original] if item else []
    name, hint = KINDS[kind]
    values = {
        "kind": kind.value,
        "kind_name": gettext(name),
        "kind_hint": gettext(hint),
        "item": item,
        "typed": typed,
        "day": typed.get("day", campaign_day(seat.campaign).isoformat()),
        "fields": words_fields(seat, typed=typed, words=words),
        "original": typed.get("original", (originals or seat.campaign.languages or [""])[0]),
        "answerable": [_told(row) for row in story_of(seat.campaign) if row.kind != StoryKind.ANNOUNCEMENT],
        "limits": LIMITS,
        "has_source": item is None and kind != StoryKind.ANNOUNCEMENT,
        "has_who": item is None and kind in (StoryKind.STATEMENT, StoryKind.TALLY),
        "has_number": item is None and kind == StoryKind.TALLY,
    }
    return page_shown(request, seat, "desk/tell.html", values, refusal=refusal)


def _voice_form(request: HttpRequest, seat: Seat, *, refusal: Refused | None = None) -> HttpResponse:
    typed: Mapping[str, str] = request.POST.dict()
    values = {"typed": typed, "fields": words_fields(seat, typed=typed), "honouree": seat.campaign.honouree}
    return page_shown(request, seat, "desk/voice.html", values, refusal=refusal)


def _told(item: StoryItem) -> Told:
    texts = list(item.texts.all())
    original = next((text for text in texts if text.is_original), None)
    return Told(
        id=item.pk,
        kind=gettext(KINDS[StoryKind(item.kind)][0]),
        day=item.day,
        excerpt=shortened(original.text, limit=_EXCERPT) if original else "",
        language=original.language if original else "",
        who=item.who,
        number=item.number,
        languages=tuple(text.language for text in texts),
        is_revised=item.revises_id is not None,
    )
