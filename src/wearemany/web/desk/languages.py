"""Fields for words in several languages: the campaign's own, and one more that may be any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from wearemany.errors import N_, Refused
from wearemany.languages import is_tag
from wearemany.web.desk.door import Seat

OTHER_TAG = "other-language"
OTHER_WORDS = "words-other"


@dataclass(frozen=True)
class WordsField:
    """A text field for one language; the last one has no `tag`, and takes it from a field beside it."""

    name: str
    tag: str
    text: str
    typed_tag: str = ""


def words_fields(
    seat: Seat, *, typed: Mapping[str, str], words: Mapping[str, str] | None = None
) -> tuple[WordsField, ...]:
    """Return the fields, filled with what was typed, else with `words`."""
    known = dict(words or {})
    own = list(seat.campaign.languages)
    fields = [WordsField(_name(tag), tag, typed.get(_name(tag), known.pop(tag, ""))) for tag in own]
    further = [WordsField(_name(tag), tag, typed.get(_name(tag), text)) for tag, text in known.items()]
    other = WordsField(OTHER_WORDS, "", typed.get(OTHER_WORDS, ""), typed.get(OTHER_TAG, ""))
    return (*fields, *further, other)


def words_typed(request: HttpRequest, seat: Seat) -> dict[str, str]:
    """Return what was typed, by language; fields left empty are left out."""
    found = {
        name.removeprefix("words-"): str(text).strip()
        for name, text in request.POST.items()
        if name.startswith("words-") and name != OTHER_WORDS and str(text).strip()
    }
    if unknown := [tag for tag in found if not is_tag(tag)]:
        raise _tag_unknown(unknown[0])
    other = request.POST.get(OTHER_WORDS, "").strip()
    if other:
        tag = request.POST.get(OTHER_TAG, "").strip()
        if not is_tag(tag):
            raise _tag_unknown(tag)
        found[tag] = other
    order = [*seat.campaign.languages, *found]
    return {tag: found[tag] for tag in dict.fromkeys(order) if tag in found}


def original_typed(request: HttpRequest, words: Mapping[str, str]) -> str:
    """Return the tag of the language that the words were said in: the chosen one, else the only one there is."""
    chosen = request.POST.get("original", "").strip()
    if chosen == "other":
        chosen = request.POST.get(OTHER_TAG, "").strip()
    if chosen in words:
        return chosen
    if len(words) == 1:
        return next(iter(words))
    raise Refused("story-words-missing", N_("Please give the words in the language they were said in."))


def _name(tag: str) -> str:
    return f"words-{tag}"


def _tag_unknown(tag: str) -> Refused:
    return Refused("language-unknown", N_("This is not a language code: %(language)s."), language=tag[:40])
