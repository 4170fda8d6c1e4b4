"""The keep-page: whoever has a post's secret code sees where it stands, adds to it, or takes it back.

The code comes in a form and nowhere else, so every act here is a POST that answers with the page itself. Pages are
kept by nobody, send no referrer, and do not say in title, icon or colour what they belong to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext

from wearemany.adapters.received import ENVIRON_KEY
from wearemany.campaigns.services import preset_rules
from wearemany.errors import N_, Refused, TryAgain
from wearemany.moderation.appeals import appeal_make
from wearemany.moderation.services import post_withdraw
from wearemany.photos.keepcode import normalise
from wearemany.photos.models import Photo, Post
from wearemany.photos.orders import ALT_MAX, CAPTION_MAX, NAME_MAX, OF_MINORS, PEOPLE_MAX, PostChange
from wearemany.photos.ownership import code_forget
from wearemany.photos.services import (
    form_digest,
    photo_cover,
    photo_drop,
    photo_replace,
    post_amend,
    post_confirm,
    upload_receive,
)
from wearemany.rendering.keep_page import KeepPage, keep_page, large_picture, state_mark
from wearemany.rendering.news import news_of, thanks_of
from wearemany.web import covers, failures
from wearemany.web.answers import neutral
from wearemany.web.door_form import PHOTO_FIELD
from wearemany.web.elsewhere_part import elsewhere_part
from wearemany.web.keep_ask import Owned, code_asked, code_found, code_typed, code_unknown, owned

Act = Callable[[HttpRequest, Post], None]

TOLD = {
    "posted": N_("Thank you. Your post is here."),
    "confirmed": N_("Thank you. We show it as you saw it."),
    "covered": N_("We are covering that now. Please look at the picture again in a moment."),
    "added": N_("Saved."),
    "sent": N_("Thank you. The new photo has arrived."),
    "mended": N_(
        "A word was not quite right, and we understood it all the same. Your code, as it was given, stands below."
    ),
    "appealed": N_("Another person will look at it. Come back with your secret code."),
    "dropped": N_("Left out. The rest of your post goes on."),
}
_STEPS = {
    "caption-too-long": "caption",
    "name-too-long": "name",
    "alt-too-long": "alt",
    "people-impossible": "people",
    "language-unknown": "language",
    "boxes-unusable": "cover",
    "upload-empty": "photo",
}
LIMITS = {"caption": CAPTION_MAX, "name": NAME_MAX, "alt": ALT_MAX, "people": PEOPLE_MAX}


@dataclass(frozen=True)
class KeepForm:
    """What was typed and could not be saved, and why; empty when all is well."""

    step: str = ""
    sentence: str = ""
    typed: dict[str, object] = field(default_factory=dict)


def keep(request: HttpRequest, language: str) -> HttpResponse:
    """Ask for the code, or show the post that it owns."""
    if request.method != "POST":
        return code_asked(request)
    typed = code_typed(request)
    if typed.post is None:
        return code_unknown(request, typed)
    told = "mended" if typed.is_mended else ""
    return keep_answer(request, post=typed.post, code=typed.code, language=language, told=told)


def keep_answer(
    request: HttpRequest,
    *,
    post: Post,
    code: str,
    language: str,
    told: str = "",
    form: KeepForm | None = None,
) -> HttpResponse:
    """Return the keep-page of a post as an answer; `told` names what just happened."""
    form = form or KeepForm()
    page = keep_page(post, language=language)
    values = {
        **_now(page, code=code),
        "told": gettext(TOLD[told]) if told else "",
        "is_new": told == "posted",
        "form": form,
        "words": {**page.words, **form.typed},
        "limits": LIMITS,
        "elsewhere": elsewhere_part(post, page),
        "news": news_of(post.campaign, language=language),
        "thanks": thanks_of(post.campaign, language=language),
        "is_bare": post.door == OF_MINORS,
    }
    return neutral(render(request, "door/keep.html", values, status=400 if form.sentence else 200))


def state(request: HttpRequest, language: str) -> HttpResponse:
    """Tell a script whether anything changed since `mark`, and if so, how that part of the page looks now."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    code, post = code_found(request)
    if post is None:
        return neutral(JsonResponse({"mark": "", "html": ""}, status=404))
    mark = state_mark(post)
    if mark == request.POST.get("mark"):
        return neutral(JsonResponse({"mark": mark, "html": ""}))
    values = _now(keep_page(post, language=language), code=code)
    html = render_to_string("door/_now.html", values, request)
    return neutral(JsonResponse({"mark": mark, "html": html}))


@owned
def confirm(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Take the author's word that the covered pictures are right."""
    return _act(request, language, mine, _confirm, told="confirmed")


@owned
def cover(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Cover more of one photo."""
    return _act(request, language, mine, _cover, told="covered")


@owned
def add(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Add or change words and consents."""
    return _act(request, language, mine, _add, told="added")


@owned
def photo(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Send another photo in the place of one that could not be used, or leave that one out."""
    if request.POST.get("do") == "drop":
        return _act(
            request, language, mine, lambda got, post: photo_drop(photo=_photo(got, post)), told="dropped"
        )
    return _act(request, language, mine, _replace, told="sent")


@owned
def picture(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Show one photo as large as it becomes public, covered as it is: small faces are not seen in a small copy."""
    opened = large_picture(mine.post, request.POST.get("of", ""))
    if opened is None:
        return keep_answer(request, post=mine.post, code=mine.code, language=language)
    return neutral(HttpResponse(opened.content, content_type=opened.media_type))


@owned
def take_back(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Take the post back: gone everywhere with this request. Needs the tick, so that no slip of a thumb does it."""
    if request.POST.get("sure") != "yes":
        sentence = gettext("Please tick the box to say that you are sure.")
        form = KeepForm("take-back", sentence)
        return keep_answer(request, post=mine.post, code=mine.code, language=language, form=form)
    post_withdraw(post=mine.post)
    return neutral(render(request, "door/keep_gone.html"))


@owned
def appeal(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Ask that another person than the first looks at a rejected post."""
    return _act(request, language, mine, _appeal, told="appealed")


@owned
def forget(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Forget whose the post is; it stays. Needs the tick, as nobody can undo it."""
    try:
        if request.POST.get("sure") != "yes":
            raise Refused("not-sure", N_("Please tick the box to say that you are sure."))
        code_forget(post=mine.post)
    except Refused as error:
        form = KeepForm("forget" if error.code == "not-sure" else "now", failures.sentence_of(error))
        return keep_answer(request, post=mine.post, code=mine.code, language=language, form=form)
    return neutral(render(request, "door/keep_forgotten.html"))


def _act(request: HttpRequest, language: str, mine: Owned, act: Act, *, told: str) -> HttpResponse:
    form = None
    try:
        act(request, mine.post)
    except (Refused, TryAgain) as error:
        if error.code == "post-gone":
            return code_unknown(request)
        form = KeepForm(_STEPS.get(error.code, "now"), failures.sentence_of(error), _typed(request))
        told = ""
    mine.post.refresh_from_db()
    return keep_answer(request, post=mine.post, code=mine.code, language=language, told=told, form=form)


def _now(page: KeepPage, *, code: str) -> dict[str, object]:
    """Return what the part of the page needs that changes by itself."""
    return {
        "keep": page,
        "code": code,
        "rows": range(covers.ROWS),
        "columns": range(covers.COLUMNS),
    }


def _confirm(request: HttpRequest, post: Post) -> None:
    post_confirm(post=post, ticks=request.POST.getlist("tick")[:9])


def _cover(request: HttpRequest, post: Post) -> None:
    boxes = covers.boxes_read(request.POST.getlist("box"))
    boxes += covers.boxes_of_cells(covers.cells_read(request.POST.getlist("cell")))
    photo_cover(photo=_photo(request, post), boxes=boxes)


def _appeal(request: HttpRequest, post: Post) -> None:
    appeal_make(post=post, words=request.POST.get("words", ""))


def _add(request: HttpRequest, post: Post) -> None:
    posted = request.POST
    people = posted.get("people", "").strip()
    post_amend(
        post=post,
        change=PostChange(
            caption=posted.get("caption"),
            name=posted.get("name"),
            people=(int(people) if people.isdecimal() and len(people) < 6 else 0) if people else None,
            alts=tuple(posted.getlist("alt")) if "alt" in posted else None,
            language=posted.get("language"),
            consents=_consents(request, post),
        ),
    )


def _consents(request: HttpRequest, post: Post) -> tuple[str, ...] | None:
    """Return the ticked consents; None, which changes none, when the page had no boxes to tick.

    Boxes that are not ticked are not sent, so a field of its own says that they were there. Where pictures are
    to stay on this server nothing may be agreed to, whatever is sent.
    """
    if "consents" not in request.POST or not preset_rules(post.campaign).pictures_out:
        return None
    return tuple(request.POST.getlist("consent"))


def _replace(request: HttpRequest, post: Post) -> None:
    target = _photo(request, post)
    received = [one for one in request.META.get(ENVIRON_KEY, ()) if one.field == PHOTO_FIELD]
    if not received:
        raise Refused("upload-empty", N_("Nothing arrived. Please choose the photo again."))
    digest = form_digest(f"keep {normalise(request.POST.get('code', ''))}")
    photo_replace(photo=target, upload=upload_receive(received=received[0], form_digest=digest))


def _photo(request: HttpRequest, post: Post) -> Photo:
    """Return the photo that a form speaks of; only ever one of this post's."""
    found = post.photos.filter(pk=request.POST.get("of", "")[:26]).first()
    if found is None:
        raise Refused("photo-unknown", N_("This photo is not part of the post any more. Please look again."))
    return found


def _typed(request: HttpRequest) -> dict[str, object]:
    """Return what was typed, so that nothing is lost when it cannot be saved as it is."""
    typed: dict[str, object] = {
        name: request.POST[name] for name in ("caption", "name", "people") if name in request.POST
    }
    if "alt" in request.POST:
        typed["alts"] = request.POST.getlist("alt")
    return typed
