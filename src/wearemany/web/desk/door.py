"""The desk's door: sign-in by a one-time link, sign-out, and who may come in where.

Sessions exist here only: the views of the desk are wrapped one by one, so no public page can touch a session or
set a cookie. An act needs the cookie (SameSite=Strict, path /desk) and a page of ours (`SameOriginMiddleware`,
which lets nothing act at the desk that does not say where it comes from); together they are the defence against
forged requests, so no token stands in the forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import cast

from django.contrib.auth import get_user, login, logout
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from wearemany.accounts.models import Account
from wearemany.accounts.services import sign_in_link_use
from wearemany.campaigns.models import Campaign, Membership, Role
from wearemany.errors import Refused
from wearemany.web import failures

SIGN_IN = "/desk/in"
HOME = "/desk/"

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Seat:
    """Somebody's place at a campaign's desk."""

    account: Account
    campaign: Campaign
    role: str

    @property
    def is_organiser(self) -> bool:
        """Organisers speak for the campaign; moderators decide posts and comments."""
        return self.role == Role.ORGANISER

    def path(self, rest: str) -> str:
        """Return an address of this campaign's desk."""
        return f"/desk/{self.campaign.handle}/{rest}"


def at_desk(view: View) -> View:
    """Give a view its session."""

    @wraps(view)
    def answer(request: HttpRequest, **path: object) -> HttpResponseBase:
        return cast(HttpResponseBase, SessionMiddleware(partial(view, **path))(request))

    return answer


def team(view: View) -> View:
    """Let in whoever is signed in, as the view's second argument; everybody else is shown the door."""

    @wraps(view)
    def answer(request: HttpRequest, **path: object) -> HttpResponseBase:
        account = get_user(request)
        if not isinstance(account, Account):
            return HttpResponseRedirect(SIGN_IN, status=303)
        return view(request, account, **path)

    return at_desk(answer)


def member(view: View) -> View:
    """Let in members of the campaign in the path; the view gets their seat instead of its handle."""

    @wraps(view)
    def answer(request: HttpRequest, account: Account, *, handle: str, **path: object) -> HttpResponseBase:
        rows = Membership.objects.filter(campaign__handle=handle, account=account).select_related("campaign")
        membership = rows.first()
        if membership is None:
            return no_seat(request, account)
        return view(request, Seat(account, membership.campaign, membership.role), **path)

    return team(answer)


def organiser(view: View) -> View:
    """Let in the campaign's organisers alone: who speaks for it, pauses it, ends it, undoes another's acts."""

    @wraps(view)
    def answer(request: HttpRequest, seat: Seat, **path: object) -> HttpResponseBase:
        return view(request, seat, **path) if seat.is_organiser else no_seat(request, seat.account)

    return member(answer)


def no_seat(request: HttpRequest, account: Account) -> HttpResponse:
    """Say kindly that this is not theirs; the same for campaigns that there are not."""
    return render(request, "desk/no_seat.html", {"account": account}, status=403)


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Show the door; a POST spends the token. It stands in the address's fragment, so no log ever holds it."""
    if request.method != "POST":
        if isinstance(get_user(request), Account) and "again" not in request.GET:
            # The page still takes a token by script, so that a link for another account is not lost.
            return render(request, "desk/in.html", {"is_signed_in": True})
        return render(request, "desk/in.html")
    try:
        account = sign_in_link_use(token=request.POST.get("token", "")[:200])
    except Refused as refusal:
        return render(request, "desk/in.html", {"refusal": failures.sentence_of(refusal)}, status=400)
    request.session.clear_expired()
    login(request, account)
    return HttpResponseRedirect(HOME, status=303)


@at_desk
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Forget the session, here and in the browser."""
    logout(request)
    return HttpResponseRedirect(f"{SIGN_IN}?again", status=303)
