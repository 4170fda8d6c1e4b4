"""What stands around every page of a campaign's desk: where one can go, how much waits, what was just done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from wearemany.accounts.models import Account
from wearemany.campaigns.models import Campaign, Membership, Role
from wearemany.conversations.models import Comment, CommentState
from wearemany.errors import WeAreManyError
from wearemany.moderation.services import reviews_open
from wearemany.rendering.frames import CampaignView, campaign_view
from wearemany.wall.repeats.questions import questions_open
from wearemany.web import failures
from wearemany.web.desk.door import Seat, team
from wearemany.web.desk.words import DONE


@dataclass(frozen=True)
class Tab:
    """One place of the desk; `waiting` is None where nothing can wait. `here` is "page", "true" (within) or empty."""

    path: str
    words: str
    here: str
    waiting: int | None = None


@dataclass(frozen=True)
class Waiting:
    """A campaign in the desk's list, and how much waits in it."""

    campaign: CampaignView
    is_organiser: bool
    reviews: int
    comments: int
    path: str


def page_shown(
    request: HttpRequest,
    seat: Seat,
    template: str,
    values: Mapping[str, object],
    *,
    refusal: WeAreManyError | None = None,
) -> HttpResponse:
    """Return a page of a campaign's desk; with a refusal it says its sentence and has the status 400."""
    context = {
        "seat": seat,
        "campaign": campaign_view(seat.campaign, language=get_language() or "en"),
        "tabs": _tabs(seat, request.path),
        "done": gettext(DONE[code]) if (code := request.GET.get("done")) in DONE else "",
        "refusal": failures.sentence_of(refusal) if refusal else "",
        **values,
    }
    return render(request, template, context, status=400 if refusal else 200)


def sent_on(seat: Seat, rest: str, *, done: str = "") -> HttpResponseRedirect:
    """Send the browser on after an act, so that loading again repeats nothing."""
    joint = "&" if "?" in rest else "?"
    return HttpResponseRedirect(seat.path(f"{rest}{joint}done={done}" if done else rest), status=303)


@team
@require_safe
def campaigns(request: HttpRequest, account: Account) -> HttpResponse:
    """List the campaigns in which somebody has a role, those with most to do first."""
    rows = Membership.objects.filter(account=account).select_related("campaign")
    listed = [_waiting(row.campaign, row.role) for row in rows.prefetch_related("campaign__texts")]
    listed.sort(key=lambda row: (-(row.reviews + row.comments), row.campaign.handle))
    return render(request, "desk/campaigns.html", {"account": account, "listed": listed})


def comments_waiting(campaign: Campaign) -> int:
    """Return how many comments wait for a person."""
    return Comment.objects.filter(post__campaign=campaign, state=CommentState.HELD).count()


def _waiting(campaign: Campaign, role: str) -> Waiting:
    return Waiting(
        campaign=campaign_view(campaign, language=get_language() or "en"),
        is_organiser=role == Role.ORGANISER,
        reviews=reviews_open(campaign),
        comments=comments_waiting(campaign),
        path=f"/desk/{campaign.handle}/",
    )


def _tabs(seat: Seat, path: str) -> tuple[Tab, ...]:
    def tab(place: str, words: str, waiting: int | None = None) -> Tab:
        own = seat.path(place)
        here = "page" if path == own else "true" if path.startswith(f"{own}/") else ""
        return Tab(own, words, here, waiting)

    tabs = (
        tab("review", gettext("Review"), reviews_open(seat.campaign)),
        tab("same", gettext("Same picture?"), questions_open(seat.campaign)),
        tab("comments", gettext("Comments"), comments_waiting(seat.campaign)),
        tab("posts", gettext("A post by number")),
    )
    if not seat.is_organiser:
        return tabs
    return (
        *tabs,
        tab("story", gettext("Story")),
        tab("press", gettext("For the press")),
        tab("groups", gettext("Groups")),
        tab("mirrors", gettext("Copies")),
        tab("raids", gettext("Raids")),
        tab("campaign", gettext("Campaign")),
        tab("team", gettext("Team")),
    )
