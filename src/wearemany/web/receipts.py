"""A proof that one was counted, for its author alone: made for this one answer, under a name that says nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from wearemany.errors import N_, Refused, TryAgain
from wearemany.wall.receipts import receipt_make
from wearemany.web import failures
from wearemany.web.answers import neutral
from wearemany.web.keep import KeepForm, keep_answer
from wearemany.web.keep_ask import Owned, owned

FILE_NAME = "note.txt"


@owned
def receipt(request: HttpRequest, language: str, mine: Owned) -> HttpResponse:
    """Answer with the file. Needs the tick: whoever finds it knows that its owner took part."""
    try:
        if request.POST.get("sure") != "yes":
            raise Refused("not-sure", N_("Please tick the box to say that you are sure."))
        content = receipt_make(mine.post)
    except (Refused, TryAgain) as error:
        step = "receipt" if error.code == "not-sure" else "now"
        form = KeepForm(step, failures.sentence_of(error))
        return keep_answer(request, post=mine.post, code=mine.code, language=language, form=form)
    response = HttpResponse(content, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return neutral(response)
