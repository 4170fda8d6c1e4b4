"""Asking for the secret code: the form, what was wrong with the words, and which of ours were perhaps meant.

Wrong codes are counted by the brake, one a request however many slips were mended. Whether a post exists is told
by nothing but the post itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from wearemany.photos.guesses import brake
from wearemany.photos.keepcode import LONGEST_TYPED, WORDS, normalise
from wearemany.photos.models import Post
from wearemany.photos.ownership import TypedCode, post_by_typed
from wearemany.photos.services import post_by_code
from wearemany.photos.typos import typed_words
from wearemany.web.answers import neutral


@dataclass(frozen=True)
class Owned:
    """A post, and the code of it that a form of ours carried."""

    post: Post
    code: str = field(repr=False)


def owned(view: Callable[[HttpRequest, str, Owned], HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view act for whoever sends a post's code; everybody else is asked for it."""

    @wraps(view)
    def answered(request: HttpRequest, language: str) -> HttpResponse:
        if request.method != "POST":
            return code_asked(request)
        code, post = code_found(request)
        return code_unknown(request) if post is None else view(request, language, Owned(post, code))

    return answered


def code_asked(request: HttpRequest) -> HttpResponse:
    """Show the form that asks for the code."""
    return neutral(render(request, "door/keep_ask.html", {"code": "", "sentence": "", "odd": ()}))


def code_found(request: HttpRequest) -> tuple[str, Post | None]:
    """Return the code that a form of ours carries, and its post; such a code is never mistyped."""
    code = normalise(request.POST.get("code", ""))
    post = post_by_code(code)
    if post is None:
        brake.wrong()
    return code, post


def code_typed(request: HttpRequest) -> TypedCode:
    """Return what became of a code that a person typed, with the words put in that were chosen for odd ones."""
    found = post_by_typed(_with_choices(request))
    if found.post is None:
        brake.wrong()
    return found


def code_unknown(request: HttpRequest, typed: TypedCode | None = None) -> HttpResponse:
    """Answer a code that owns nothing: the form again, with what was typed, so that a wrong word can be mended."""
    text = _with_choices(request)[:LONGEST_TYPED]
    sentence = (
        gettext(
            "No post has this code. Perhaps a word is misspelt, or the post was taken back or erased, or its code was "
            "forgotten as its author wished."
        )
        if len(typed_words(text)) == WORDS
        else gettext("A secret code has %(words)s words. Please check that you have all of them.")
        % {"words": WORDS}
    )
    # Only what a person typed is shown again: the code in a form of ours may belong to somebody who wanted to see none.
    values = {"code": text if typed else "", "sentence": sentence, "odd": typed.odd if typed else ()}
    return neutral(render(request, "door/keep_ask.html", values, status=404))


def _with_choices(request: HttpRequest) -> str:
    text = request.POST.get("code", "")
    typed = typed_words(text)
    if len(typed) != WORDS:
        return text
    chosen = [request.POST.get(f"instead-{number}", "")[:40] for number in range(1, WORDS + 1)]
    if not any(chosen):
        return text
    return " ".join(choice or word for choice, word in zip(chosen, typed, strict=True))
