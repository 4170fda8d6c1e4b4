"""Two doors without a code: somebody says that a post is theirs or shows them, and later asks what became of that.

No account, no script, no address. The number of a claim is made with the form, so that sending it twice is once; it
stands in no path, query or log. What is hidden and who decides is not known here: that is `moderation.claims`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from wearemany.campaigns.services import campaign_by_handle
from wearemany.errors import N_, Refused, TryAgain
from wearemany.moderation.claims import KEPT_DAYS, WORDS_MAX, ClaimOrder, claim_by_number, claim_make
from wearemany.moderation.models import Claim, ClaimKind, ClaimOutcome
from wearemany.moderation.numbers import number_kept, number_new, number_read
from wearemany.moderation.reports import report_by_number
from wearemany.photos.guesses import brake
from wearemany.rendering.addresses import Addresses
from wearemany.wall.queries import claimable_at, number
from wearemany.web import failures
from wearemany.web.answers import neutral
from wearemany.web.report import report_told

KINDS = (
    (
        ClaimKind.PICTURED,
        N_("I am in this picture, and I did not post it or do not agree any more."),
        "",
    ),
    (
        ClaimKind.LOST_CODE,
        N_("I posted this and have no code for it."),
        N_("A lost code cannot be given back. If a person agrees, the post is taken down."),
    ),
)
_OUTCOMES = {
    ClaimOutcome.TAKEN_DOWN: N_("A person has looked, and the post is not on the wall any more."),
    ClaimOutcome.SHOWN: N_(
        "A person has looked, and the post stays on the wall. If that is wrong, tell us once more under the post, "
        "with a few words why: a person looks again. It is not hidden meanwhile."
    ),
    ClaimOutcome.GONE: N_("The post was taken back or erased. Nothing of it is left here."),
}


@dataclass(frozen=True)
class ClaimForm:
    """The form as it is shown or came back."""

    number: str = field(repr=False)
    kind: str = ""
    words: str = ""
    sentence: str = ""


def mine(request: HttpRequest, language: str, handle: str, position: int) -> HttpResponse:
    """Ask which of the two it is; take the claim, and show its number once."""
    campaign = campaign_by_handle(handle)
    posted = request.POST if request.method == "POST" else None
    if posted is not None and (known := claim_by_number(number_read(posted.get("number", "")))) is not None:
        return _told(request, known, shown_number=posted["number"])
    post = claimable_at(campaign, position)
    if post is None:
        raise Refused(
            "post-taken-back",
            N_("This post was taken back. It is no longer on the wall, and the number does not count it."),
        )
    path = Addresses(language, handle).mine(position)
    if posted is None:
        return _asked(request, path, ClaimForm(number_new()))
    form = ClaimForm(
        number=number_kept(posted.get("number", "")),
        kind=posted.get("kind", ""),
        words=posted.get("words", ""),
    )
    order = ClaimOrder(
        post=post,
        kind=form.kind,
        number=number_read(form.number),
        words=form.words,
        wall_posts=number(campaign).tally.posts,
    )
    try:
        made = claim_make(order)
    except (Refused, TryAgain) as error:
        again = ClaimForm(form.number, form.kind, form.words, failures.sentence_of(error))
        return _asked(request, path, again, status=failures.status_of(error))
    return _told(request, made, shown_number=form.number)


def claim(request: HttpRequest, language: str) -> HttpResponse:
    """Ask for the number of a claim or a report, or say what became of it."""
    typed = request.POST.get("number", "")[:60] if request.method == "POST" else ""
    known = claim_by_number(number_read(typed)) if typed else None
    if known is not None:
        return _told(request, known, shown_number=typed)
    if typed and (report := report_by_number(number_read(typed))) is not None:
        return report_told(request, report, shown_number=typed)
    sentence = ""
    if request.method == "POST":
        brake.wrong()
        sentence = gettext(
            "We know of nothing with this number. Perhaps it is mistyped, or it was answered more than %(days)s "
            "days ago."
        ) % {"days": KEPT_DAYS}
    values: dict[str, object] = {"number": typed, "sentence": sentence}
    return _answer(request, "number", values, status=404 if sentence else 200)


def _asked(request: HttpRequest, path: str, form: ClaimForm, *, status: int = 200) -> HttpResponse:
    kinds = [(kind.value, gettext(words), gettext(hint) if hint else "") for kind, words, hint in KINDS]
    values = {"path": path, "form": form, "kinds": kinds, "words_max": WORDS_MAX}
    return _answer(request, "mine", values, status=status)


def _answer(request: HttpRequest, name: str, values: dict[str, object], *, status: int = 200) -> HttpResponse:
    """Answer neutrally. No code of ours is in these forms, so it is the page itself that they must come from."""
    return neutral(render(request, f"claim/{name}.html", values, status=status), referrer="same-origin")


def _told(request: HttpRequest, known: Claim, *, shown_number: str) -> HttpResponse:
    values = {
        "number": shown_number,
        "is_open": known.open,
        "sentences": _sentences(known),
        "days": KEPT_DAYS,
    }
    return _answer(request, "told", values)


def _sentences(known: Claim) -> tuple[str, ...]:
    if not known.open:
        return (gettext(_OUTCOMES[ClaimOutcome(known.outcome)]),)
    if known.hides:
        return (
            gettext("The post is hidden from everybody, from this moment on."),
            gettext(
                "A person of the team looks at it, before all others, and takes it down for good or shows it again."
            ),
        )
    return (
        gettext("A person of the team looks at the post first. Until then it stays where it is."),
        gettext(
            "That is so where many posts were claimed at once, where a person looked at this one before, and for the "
            "post with which the campaign began: otherwise anybody could empty the wall."
        ),
    )
