"""Two covered pictures side by side: is it the same one? One act answers, one undoes. No time, sender or search."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from wearemany.errors import Refused, TryAgain
from wearemany.moderation.looks import look_count
from wearemany.photos.models import Photo
from wearemany.photos.services import post_photos
from wearemany.wall.models import Resemblance, ResemblanceState
from wearemany.wall.repeats.questions import (
    answer_last,
    answer_undo,
    question_answer,
    question_next,
    questions_open,
)
from wearemany.web.desk.door import Seat, member
from wearemany.web.desk.frame import page_shown, sent_on

_SIZES = ("640", "main", "160")


@dataclass(frozen=True)
class Side:
    """One of the two pictures."""

    path: str
    width_px: int
    height_px: int
    alt: str


@dataclass(frozen=True)
class Undoable:
    """The last answer that somebody gave here."""

    question: str
    words: str


@member
@require_safe
def same(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show a question that waits, or say that none does."""
    return _page(request, seat)


@member
@require_POST
def answer(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Take an answer."""
    state = request.POST.get("answer", "")
    try:
        question_answer(
            question=request.POST.get("question", ""),
            campaign=seat.campaign,
            account=seat.account,
            state=state,
        )
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return sent_on(seat, "same", done=state)


@member
@require_POST
def undo(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Take one's last answer back. The form names it, so twice is once."""
    try:
        answer_undo(question=request.POST.get("question", ""), campaign=seat.campaign, account=seat.account)
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return sent_on(seat, "same", done="asked-again")


def _page(request: HttpRequest, seat: Seat, *, refusal: Refused | TryAgain | None = None) -> HttpResponse:
    question = question_next(seat.campaign)
    if question is not None:
        try:
            look_count(account=seat.account, campaign=seat.campaign)
        except TryAgain as enough:
            question, refusal = None, enough
    values = {
        "question": question,
        "sides": _sides(question, seat) if question else (),
        "is_turned": bool(question and question.turned),
        "waiting": questions_open(seat.campaign),
        "undoable": _undoable(seat),
    }
    return page_shown(request, seat, "desk/same.html", values, refusal=refusal)


def _sides(question: Resemblance, seat: Seat) -> tuple[Side, ...]:
    pair = (question.earlier, question.photo)
    return tuple(side for photo in pair if photo is not None and (side := _side(photo, seat)) is not None)


def _side(photo: Photo, seat: Seat) -> Side | None:
    view = next((view for view in post_photos(photo.post) if view.id == photo.pk), None)
    copy = next((found for size in _SIZES if view and (found := view.rendition(size))), None)
    if view is None or copy is None:
        return None
    return Side(seat.path(f"picture/{copy.file}"), copy.width_px, copy.height_px, view.alt)


def _undoable(seat: Seat) -> Undoable | None:
    last = answer_last(campaign=seat.campaign, account=seat.account)
    if last is None:
        return None
    is_same = last.state == ResemblanceState.SAME
    return Undoable(last.pk, gettext("the same picture") if is_same else gettext("different pictures"))
