"""Comments: the held ones in no order, to show or remove, and the shown ones, to remove."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from wearemany.conversations.models import Comment, CommentState
from wearemany.conversations.services import comment_remove, comment_show
from wearemany.errors import N_, Refused
from wearemany.rendering.posts import shortened
from wearemany.wall.models import Entry
from wearemany.web.desk.door import Seat, member
from wearemany.web.desk.frame import page_shown, sent_on

AT_ONCE = 40
_EXCERPT = 120


@dataclass(frozen=True)
class Line:
    """A comment and what it was said under; `number` is the post's on the wall, None before it has one."""

    id: str
    text: str
    name: str
    language: str
    excerpt: str
    post_language: str
    number: int | None


@member
@require_safe
def comments(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what waits, and what everybody sees."""
    return _page(request, seat)


@member
@require_POST
def show(request: HttpRequest, seat: Seat, comment: str) -> HttpResponse:
    """Show a held comment to everybody."""
    try:
        comment_show(comment=_comment(seat, comment, CommentState.HELD))
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    return sent_on(seat, "comments", done="shown")


@member
@require_POST
def remove(request: HttpRequest, seat: Seat, comment: str) -> HttpResponse:
    """Take a comment away; its words are erased, so this cannot be undone."""
    try:
        found = _comment(seat, comment, CommentState.HELD, CommentState.SHOWN)
        if found.pinned and not seat.is_organiser:
            raise Refused("answer-organisers", N_("Only organisers take an answer away."))
        comment_remove(comment=found)
    except Refused as refusal:
        return _page(request, seat, refusal=refusal)
    number = request.POST.get("number", "")
    return sent_on(seat, f"posts?number={number}" if number.isdecimal() else "comments", done="removed")


def lines(rows: QuerySet[Comment]) -> list[Line]:
    """Return comments as lines; in no order of arrival, since their ids are random."""
    found = list(rows.select_related("post").order_by("pk")[:AT_ONCE])
    numbered = Entry.objects.filter(kind="post", live=True, post__in={row.post_id for row in found})
    numbers = dict(numbered.values_list("post_id", "position"))
    return [
        Line(
            id=row.pk,
            text=row.text,
            name=row.name,
            language=row.language,
            excerpt=shortened(row.post.caption, limit=_EXCERPT),
            post_language=row.post.language,
            number=numbers.get(row.post_id),
        )
        for row in found
    ]


def _page(request: HttpRequest, seat: Seat, *, refusal: Refused | None = None) -> HttpResponse:
    here = Comment.objects.filter(post__campaign=seat.campaign, post__erased=False)
    held = here.filter(state=CommentState.HELD)
    shown = here.filter(state=CommentState.SHOWN, pinned=False)
    values = {
        "held": lines(held),
        "held_count": held.count(),
        "shown": lines(shown),
        "shown_count": shown.count(),
    }
    return page_shown(request, seat, "desk/comments.html", values, refusal=refusal)


def _comment(seat: Seat, comment_id: str, *states: CommentState) -> Comment:
    rows = Comment.objects.filter(pk=comment_id, post__campaign=seat.campaign, state__in=states)
    found = rows.select_related("post").first()
    if found is None:
        raise Refused(
            "comment-decided",
            N_("Somebody decided this comment already, or its post is gone. Nothing was changed."),
        )
    return found
