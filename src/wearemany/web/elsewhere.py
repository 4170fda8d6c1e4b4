"""One's own post, elsewhere: a card to share, drawn for this one answer; and the link to where it was posted already.

The code comes in the form, as everywhere around it; the answers are as neutral as the keep-page.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from wearemany.errors import N_, Refused, TryAgain
from wearemany.photos.elsewhere import post_card, size_checked
from wearemany.photos.models import Post
from wearemany.photos.orders import PostChange
from wearemany.photos.services import post_amend
from wearemany.rendering.addresses import Addresses
from wearemany.wall.queries import post_state
from wearemany.web import failures
from wearemany.web.answers import neutral
from wearemany.web.context import door_of
from wearemany.web.elsewhere_part import may_be_shared
from wearemany.web.keep import KeepForm, keep_answer
from wearemany.web.keep_ask import Owned, code_unknown, owned

FILE_NAME = "picture.jpg"


@owned
def card(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Answer with a card of one photo; the file's name says nothing, and nobody keeps it but who asked."""
    try:
        content = _card(request, mine.post, language)
    except (Refused, TryAgain) as error:
        form = KeepForm("now", failures.sentence_of(error))
        return keep_answer(request, post=mine.post, code=mine.code, language=language, form=form)
    response = HttpResponse(content, content_type="image/jpeg")
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return neutral(response)


@owned
def link(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Take the link to where the author posted it already, or take it away."""
    typed = request.POST.get("elsewhere", "")[:2000].strip()
    try:
        if typed and request.POST.get("show") != "yes":
            raise Refused(
                "link-not-shown",
                N_(
                    "Please tick the box too: we keep no link that is not to be shown. To show none, leave it empty."
                ),
            )
        post_amend(post=mine.post, change=PostChange(elsewhere=typed))
    except (Refused, TryAgain) as error:
        if error.code == "post-gone":
            return code_unknown(request)
        form = KeepForm("elsewhere", failures.sentence_of(error), {"elsewhere": typed})
        return keep_answer(request, post=mine.post, code=mine.code, language=language, form=form)
    mine.post.refresh_from_db()
    return keep_answer(request, post=mine.post, code=mine.code, language=language, told="added")


def _card(request: HttpRequest, post: Post, language: str) -> bytes:
    if not may_be_shared(post, post_state(post)):
        raise Refused(
            "card-not-here", N_("In this campaign pictures stay on this wall, to keep people safe.")
        )
    # As people write it on paper, and behind the door that the author knows.
    here = door_of(request).origin.partition("://")[2]
    address = f"{here}{Addresses(language, post.campaign.handle).wall}"
    size = size_checked(request.POST.get("size", ""))
    return post_card(post=post, photo_id=request.POST.get("of", "")[:26], size=size, link=address)
