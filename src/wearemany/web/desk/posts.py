"""A post of the wall by its public number: take it off, put it back, answer under it, remove what was said there."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from wearemany.campaigns.models import Voice
from wearemany.conversations.models import Comment, CommentState
from wearemany.conversations.services import answer_add
from wearemany.errors import N_, Refused, TryAgain
from wearemany.moderation.looks import look_count
from wearemany.moderation.models import Decision, DecisionKind
from wearemany.moderation.purging import Purge, post_purge_of
from wearemany.moderation.services import decision_make, decision_undo, standing
from wearemany.moderation.standing import is_hidden
from wearemany.photos.models import Post
from wearemany.rendering.addresses import Addresses
from wearemany.wall.models import Entry
from wearemany.web.desk.comments import Line, lines
from wearemany.web.desk.door import Seat, member, organiser
from wearemany.web.desk.frame import page_shown, sent_on
from wearemany.web.desk.languages import original_typed, words_fields, words_typed
from wearemany.web.desk.sight import Sight, reasons, sight

_NUMBER_DIGITS = 12


@dataclass(frozen=True)
class Numbered:
    """A post that has a number: how it stands and what was said under it."""

    number: int
    path: str
    is_shown: bool
    is_claimed: bool
    purge: Purge | None
    sight: Sight
    answers: list[Line]
    comments: list[Line]


@member
@require_safe
def posts(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask for a number; show the post that has it."""
    typed = request.GET.get("number", "").strip().lstrip("#№ ")
    if not typed:
        return _page(request, seat, typed="")
    try:
        entry = _entry(seat, typed)
        look_count(account=seat.account, campaign=seat.campaign)
        return _page(request, seat, typed=typed, entry=entry)
    except (Refused, TryAgain) as refusal:
        return _page(request, seat, typed=typed, refusal=refusal)


@member
@require_POST
def take_off(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Reject a post that is on the wall, with a reason; hidden with this very transaction."""
    entry, post = _entry_and_post(seat, number)
    try:
        reason = request.POST.get("reason", "")
        decision_make(post=post, kind=DecisionKind.REJECT, reason=reason, account=seat.account)
    except Refused as refusal:
        return _page(request, seat, typed=str(number), entry=entry, refusal=refusal)
    return sent_on(seat, f"posts?number={number}", done="rejected")


@member
@require_POST
def put_back(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Undo the decision that hides a post; what held before holds again."""
    entry, post = _entry_and_post(seat, number)
    try:
        newest = standing(post)
        if newest is None or newest.kind != DecisionKind.REJECT:
            raise Refused("nothing-to-undo", N_("There is no decision here that could be undone."))
        decision_undo(post=post, account=seat.account)
    except Refused as refusal:
        return _page(request, seat, typed=str(number), entry=entry, refusal=refusal)
    return sent_on(seat, f"posts?number={number}", done="undone-elsewhere")


@organiser
@require_POST
def answer(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Pin words of a voice under a post; organisers alone speak for others."""
    entry, post = _entry_and_post(seat, number)
    try:
        voice = Voice.objects.filter(campaign=seat.campaign, pk=_whole(request.POST.get("voice", ""))).first()
        if voice is None:
            raise Refused(
                "voice-unknown", N_("Please choose who speaks. A voice is introduced on the story's page.")
            )
        words = words_typed(request, seat)
        original = original_typed(request, words)
        translations = {tag: text for tag, text in words.items() if tag != original}
        answer_add(post=post, voice=voice, text=words[original], language=original, translations=translations)
    except Refused as refusal:
        return _page(request, seat, typed=str(number), entry=entry, refusal=refusal)
    return sent_on(seat, f"posts?number={number}", done="answered")


def _page(
    request: HttpRequest,
    seat: Seat,
    *,
    typed: str,
    entry: Entry | None = None,
    refusal: Refused | TryAgain | None = None,
) -> HttpResponse:
    values = {
        "typed": typed[:_NUMBER_DIGITS],
        "numbered": _numbered(seat, entry) if entry else None,
        "reasons": reasons(),
        "wants_reason": refusal is not None and refusal.code == "reason-missing",
        "voices": list(Voice.objects.filter(campaign=seat.campaign).order_by("pk"))
        if seat.is_organiser
        else [],
        "fields": words_fields(seat, typed=request.POST.dict()) if seat.is_organiser else (),
        "original": request.POST.get("original") or (seat.campaign.languages or [""])[0],
        "chosen_voice": request.POST.get("voice", ""),
    }
    return page_shown(request, seat, "desk/posts.html", values, refusal=refusal)


def _numbered(seat: Seat, entry: Entry) -> Numbered | None:
    post = entry.post
    if post is None:
        return None
    newest: Decision | None = standing(post)
    said = Comment.objects.filter(post=post, state=CommentState.SHOWN)
    return Numbered(
        number=entry.position,
        path=Addresses("en", seat.campaign.handle).post(entry.position),
        is_shown=newest is not None and newest.kind == DecisionKind.APPROVE,
        is_claimed=is_hidden(post),
        purge=post_purge_of(post),
        sight=sight(post, seat=seat),
        answers=lines(said.filter(pinned=True)),
        comments=lines(said.filter(pinned=False)),
    )


def _entry(seat: Seat, typed: str) -> Entry:
    number = _whole(typed)
    rows = Entry.objects.filter(campaign=seat.campaign, kind="post", position=number).select_related("post")
    entry = rows.first()
    if entry is None:
        raise Refused(
            "post-unknown",
            N_("There is no post with this number. It stands at the end of the post's address."),
        )
    if entry.post is None or entry.post.erased:
        raise Refused("post-gone", N_("This post was taken back or erased. Nothing of it is left here."))
    return entry


def post_numbered(seat: Seat, number: int) -> Post:
    """Return the post with this number, hidden or not; Refused when there is none, or nothing of it is left."""
    return _entry_and_post(seat, number)[1]


def _entry_and_post(seat: Seat, number: int) -> tuple[Entry, Post]:
    entry = _entry(seat, str(number))
    if entry.post is None:
        raise Refused("post-gone", N_("This post was taken back or erased. Nothing of it is left here."))
    return entry, entry.post


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _NUMBER_DIGITS else -1
