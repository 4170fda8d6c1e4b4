"""One post's page: pictures, words, what the number makes of it, likes and comments. Gone is gone: 410."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_by_handle
from wearemany.conversations.models import CommentState
from wearemany.conversations.services import COMMENT_MAX, NAME_MAX, comment_add, post_like
from wearemany.errors import N_, Refused
from wearemany.photos.models import Post
from wearemany.rendering.colours import in_colour
from wearemany.rendering.frames import campaign_view
from wearemany.rendering.posts import cards, post_page
from wearemany.rendering.walls import page_of
from wearemany.tlog.tiles import ENTRIES_LEVEL, FULL_WIDTH, Tile
from wearemany.wall.models import Entry
from wearemany.wall.queries import claimable_at, number, public_entries
from wearemany.web.answers import kept, wants_few_bytes
from wearemany.web.failures import sentence_of

LIKE_COOKIE = "likes"
LIKE_COOKIE_BYTES = 16
LIKE_COOKIE_AGE_S = 365 * 24 * 3600


@require_GET
def post(request: HttpRequest, language: str, handle: str, position: int) -> HttpResponse:
    """Show one post."""
    campaign, entry, size = _entry(handle, position)
    return _page(request, campaign, entry, size=size, language=language)


@require_POST
def like(request: HttpRequest, language: str, handle: str, position: int) -> HttpResponse:
    """Like a post: once a browser. Only now a random cookie is set, for the posts of this campaign alone."""
    campaign, entry, _ = _entry(handle, position)
    at = campaign_view(campaign, language=language).at
    cookie = request.COOKIES.get(LIKE_COOKIE, "")
    if len(cookie) != 2 * LIKE_COOKIE_BYTES:
        cookie = clock.random_bytes(LIKE_COOKIE_BYTES).hex()
    post_like(post=_post_of(entry), cookie=cookie.encode())
    response = HttpResponseRedirect(f"{at.post(position)}#likes")
    response.status_code = 303
    response.set_cookie(
        LIKE_COOKIE,
        cookie,
        max_age=LIKE_COOKIE_AGE_S,
        path=f"{at.wall}post/",
        httponly=True,
        samesite="Strict",
    )
    return response


@require_POST
def comment(request: HttpRequest, language: str, handle: str, position: int) -> HttpResponse:
    """Add a comment; where it cannot be taken, show the page again with the words still in the form."""
    campaign, entry, size = _entry(handle, position)
    text, name = request.POST.get("text", ""), request.POST.get("name", "")
    try:
        added = comment_add(post=_post_of(entry), name=name, text=text, language=language)
    except Refused as refused:
        shown = _page(
            request,
            campaign,
            entry,
            size=size,
            language=language,
            refusal={"sentence": sentence_of(refused), "text": text, "name": name},
        )
        shown.status_code = 400
        shown.headers["Cache-Control"] = "no-store"
        return shown
    at = campaign_view(campaign, language=language).at
    said = "held" if added.state == CommentState.HELD else "shown"
    response = HttpResponseRedirect(f"{at.post(position)}?said={said}#comments")
    response.status_code = 303
    return response


def _entry(handle: str, position: int) -> tuple[Campaign, Entry, int]:
    """Return the campaign, the public entry, and how many entries are public; 404 or 410 otherwise."""
    campaign = campaign_by_handle(handle)
    size = number(campaign).size
    entry = public_entries(campaign, first=position, end=min(position + 1, size)).first()
    if entry is not None:
        return campaign, entry, size
    if claimable_at(campaign, position) is not None:
        raise Refused(
            "post-hidden",
            N_(
                "Somebody asked us to look at this post. It is hidden until a person has looked; meanwhile the number "
                "counts it."
            ),
        )
    if position < size and Entry.objects.filter(campaign=campaign, position=position, kind="post").exists():
        raise Refused(
            "post-taken-back",
            N_("This post was taken back. It is no longer on the wall, and the number does not count it."),
        )
    raise Http404


def _post_of(entry: Entry) -> Post:
    if entry.post is None:
        raise Http404
    return entry.post


def _page(
    request: HttpRequest,
    campaign: Campaign,
    entry: Entry,
    *,
    size: int,
    language: str,
    refusal: dict[str, str] | None = None,
) -> HttpResponse:
    view = campaign_view(campaign, language=language)
    found = cards([entry], at=view.at, colour=view.colour)
    if not found:
        # Its pictures are being covered anew: it comes back when its author has seen them.
        raise Refused(
            "post-unknown", N_("This post is being changed by its author. Please look again later.")
        )
    values = {
        "campaign": view,
        "post": post_page(
            found[0], entry, bundle=f"{view.at.log}{_bundle(entry.position, size)}", language=language
        ),
        "lite": wants_few_bytes(request),
        "back": view.at.page(page_of(entry.position)),
        "said": request.GET.get("said", ""),
        "refusal": refusal,
        "comment_max": COMMENT_MAX,
        "name_max": NAME_MAX,
        "in_colour": in_colour(view.colour),
        "takes_comments": view.comments != "no" and view.joins and not view.wall_frozen,
    }
    response = render(request, "post.html", values)
    return response if refusal or request.COOKIES else kept(response, handle=campaign.handle)


def _bundle(position: int, size: int) -> str:
    """Return the path of the log file that holds the entry, below the log's address."""
    index = position // FULL_WIDTH
    width = min(FULL_WIDTH, size - index * FULL_WIDTH)
    return Tile(ENTRIES_LEVEL, index, width).path
