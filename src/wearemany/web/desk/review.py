"""One post at a time: look, approve, reject, cover, leave, undo. After each act the next one is handed out at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from wearemany.adapters import clock
from wearemany.darkroom.geometry import Box
from wearemany.errors import N_, Refused, TryAgain
from wearemany.moderation.claims import claims_open
from wearemany.moderation.handing import review_take
from wearemany.moderation.models import DecisionKind, Review, SweptPost
from wearemany.moderation.seeding import seeding_of
from wearemany.moderation.seeds import last_act
from wearemany.moderation.services import (
    decision_make,
    decision_undo,
    post_take_down,
    review_next,
    review_return,
    reviews_open,
)
from wearemany.photos.models import Photo, Post, Rendition
from wearemany.photos.services import photo_cover, rendition_open
from wearemany.web.desk.asked import appealed, reported
from wearemany.web.desk.door import Seat, View, member
from wearemany.web.desk.frame import page_shown, sent_on
from wearemany.web.desk.sight import claimed, reasons, sight, take_downs
from wearemany.web.desk.words import REJECT_LABELS

BLANK_BOXES = 3
_OTHERS_TRIED = 8

Act = Callable[[HttpRequest, Seat], HttpResponse]


@dataclass(frozen=True)
class Undoable:
    """The last decision that somebody made here and that still holds."""

    post_id: str
    words: str


@dataclass(frozen=True)
class TypedBox:
    """A cover in per cent, as it was typed."""

    left: str = ""
    top: str = ""
    width: str = ""
    height: str = ""


@member
@require_safe
def review(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the post that is handed out, or say that all is done."""
    return _page(request, seat)


def _acting(act: Act) -> View:
    """Make a view of an act: a refusal shows the page again, with its sentence and what was typed."""

    @member
    @require_POST
    @wraps(act)
    def view(request: HttpRequest, seat: Seat) -> HttpResponse:
        try:
            return act(request, seat)
        except Refused as refusal:
            return _page(request, seat, refusal=refusal)

    return view


@_acting
def approve(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Approve the post in hand; the tick says whether it counts as in the colour."""
    post = _in_hand(request, seat).post
    answers_claim = claimed(post) is not None
    if seat.campaign.asks_word and not answers_claim and "word" not in request.POST:
        raise Refused(
            "word-unseen",
            N_(
                "Please tick that the word of the day is in the picture. If it is not, reject the post or leave it."
            ),
        )
    decision_make(post=post, kind=DecisionKind.APPROVE, account=seat.account, colour="colour" in request.POST)
    return sent_on(seat, "review", done="shown-again" if answers_claim else "approved")


@_acting
def take_down(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Take the claimed post in hand down for good, with a reason; it is gone from sight with this very transaction."""
    post = _in_hand(request, seat).post
    post_take_down(post=post, reason=request.POST.get("reason", ""), account=seat.account)
    return sent_on(seat, "review", done="taken-down")


@_acting
def reject(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Reject the post in hand with a reason; it is hidden with this very transaction."""
    post = _in_hand(request, seat).post
    reason = request.POST.get("reason", "")
    decision_make(post=post, kind=DecisionKind.REJECT, reason=reason, account=seat.account)
    return sent_on(seat, "review", done="rejected")


@_acting
def cover(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Cover more of a picture in hand. It stays with its moderator and comes back once it is made anew."""
    held = _in_hand(request, seat)
    photo = Photo.objects.filter(pk=request.POST.get("photo", ""), post=held.post).first()
    if photo is None:
        raise _not_in_hand()
    photo_cover(photo=photo, boxes=[_box(typed) for typed in _typed(request)])
    return sent_on(seat, "review", done="covered")


@_acting
def skip(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Leave the post in hand to anybody, and take another one where there is one."""
    left = _in_hand(request, seat)
    review_return(review=left, account=seat.account)
    for _ in range(_OTHERS_TRIED):
        try:
            handed = review_next(account=seat.account, campaign=seat.campaign)
        except TryAgain:
            # The page that follows says so.
            break
        if handed is None or handed.pk != left.pk:
            break
        review_return(review=handed, account=seat.account)
    return sent_on(seat, "review", done="skipped")


@_acting
def undo(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Undo one's last decision and take that post in hand again. The form names its post, so twice is once."""
    asked = request.POST.get("decided", "")
    act = last_act(account=seat.account, campaign=seat.campaign)
    if act is None or act.post.pk != asked:
        raise Refused("nothing-to-undo", N_("There is no decision here that could be undone."))
    decision_undo(post=act.post, account=seat.account)
    held = Review.objects.filter(
        post__campaign=seat.campaign, handed_to=seat.account, handed_until__gt=clock.now(), open=True
    ).exclude(post=act.post)
    if not review_take(post=act.post, account=seat.account):
        return sent_on(seat, "review", done="undone-elsewhere")
    for other in held:
        review_return(review=other, account=seat.account)
    return sent_on(seat, "review", done="undone")


@member
@require_safe
def picture(request: HttpRequest, seat: Seat, file: str) -> HttpResponse:
    """Serve a covered picture to whoever holds its review, or of a post that has a number on the wall."""
    name = file.partition(".")[0]
    row = Rendition.objects.filter(name=name, photo__post__campaign=seat.campaign).select_related(
        "photo__post"
    )
    found = row.first()
    if found is None or not _may_see(seat, found.photo.post):
        raise Http404
    opened = rendition_open(name)
    if opened is None:
        raise Http404
    answer = HttpResponse(opened.content, content_type=opened.media_type)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def last_undoable(seat: Seat) -> Undoable | None:
    """Return what `u` would undo."""
    act = last_act(account=seat.account, campaign=seat.campaign)
    if act is None:
        return None
    if act.kind == DecisionKind.APPROVE:
        return Undoable(act.post.pk, gettext("approved"))
    if act.kind == DecisionKind.WITHDRAW:
        return Undoable(act.post.pk, gettext("taken down for good"))
    label = gettext(REJECT_LABELS[act.reason]) if act.reason in REJECT_LABELS else ""
    return Undoable(act.post.pk, gettext("rejected: %(reason)s") % {"reason": label})


def _page(request: HttpRequest, seat: Seat, *, refusal: Refused | TryAgain | None = None) -> HttpResponse:
    try:
        held = review_next(account=seat.account, campaign=seat.campaign)
    except TryAgain as enough:
        held, refusal = None, enough
    seen = sight(held.post, seat=seat, waits=held.reasons) if held else None
    typed = _typed(request) if refusal else []
    values = {
        "sight": seen,
        "claim": claimed(held.post) if held else None,
        "reported": reported(held.post) if held else None,
        "appeal": appealed(held.post) if held else None,
        "take_downs": take_downs(),
        "claims_waiting": claims_open(seat.campaign),
        "waiting": reviews_open(seat.campaign),
        "reasons": reasons(),
        "undoable": last_undoable(seat),
        "rests": isinstance(refusal, TryAgain),
        "has_seeds": seeding_of(seat.campaign) > 0,
        "typed_photo": request.POST.get("photo", ""),
        "typed_boxes": typed or [TypedBox()] * BLANK_BOXES,
        "blank_boxes": [TypedBox()] * BLANK_BOXES,
        "wants_reason": refusal is not None and refusal.code == "reason-missing",
    }
    return page_shown(request, seat, "desk/review.html", values, refusal=refusal)


def _in_hand(request: HttpRequest, seat: Seat) -> Review:
    """Return the review that the form speaks of; Refused when its time is over or somebody else decided."""
    held = Review.objects.filter(
        pk=request.POST.get("post", ""),
        post__campaign=seat.campaign,
        handed_to=seat.account,
        handed_until__gt=clock.now(),
        open=True,
    )
    row = held.select_related("post").first()
    if row is None:
        raise _not_in_hand()
    return row


def _not_in_hand() -> Refused:
    return Refused(
        "review-not-in-hand",
        N_(
            "You do not hold that post any more: it was decided, taken back, or waited too long. Nothing was changed."
        ),
    )


def _may_see(seat: Seat, post: Post) -> bool:
    in_hand = Review.objects.filter(
        post=post, handed_to=seat.account, handed_until__gt=clock.now(), open=True
    )
    if post.erased:
        return False
    # Organisers are shown a few of a burst before they act on it.
    is_swept = seat.is_organiser and SweptPost.objects.filter(post=post, sweep__account=seat.account).exists()
    return is_swept or in_hand.exists() or post.entries.exists()


def _typed(request: HttpRequest) -> list[TypedBox]:
    names = ("left", "top", "width", "height")
    rows = zip(*(request.POST.getlist(name) for name in names), strict=False)
    boxes = [TypedBox(*(value.strip()[:12] for value in row)) for row in rows]
    return [box for box in boxes if box != TypedBox()]


def _box(typed: TypedBox) -> Box:
    values: Sequence[str] = (typed.left, typed.top, typed.width, typed.height)
    try:
        left, top, width, height = (float(value.replace(",", ".")) / 100 for value in values)
    except ValueError:
        raise _boxes_unreadable() from None
    if not all(-1.0 <= value <= 2.0 for value in (left, top, width, height)) or min(width, height) <= 0:
        raise _boxes_unreadable()
    return Box(left, top, left + width, top + height).clipped()


def _boxes_unreadable() -> Refused:
    return Refused(
        "box-unreadable",
        N_("Please give left, top, width and height of each cover in per cent of the picture."),
    )
