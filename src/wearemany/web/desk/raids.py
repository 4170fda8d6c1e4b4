"""Raids at the desk: bursts of posts that look alike, what an act would touch, the act, and its undoing.

No senders, no times, and no picture but a few of a burst that is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from wearemany.errors import N_, Refused
from wearemany.moderation.models import Sweep
from wearemany.moderation.raids import HOLD, REFUSE, bursts, sweep_begin, sweep_plan, sweep_undo
from wearemany.photos.hushed import captions_of
from wearemany.photos.models import Photo, Post
from wearemany.photos.services import post_photos
from wearemany.web.desk.door import Seat, organiser
from wearemany.web.desk.frame import page_shown, sent_on
from wearemany.web.desk.words import REJECT_LABELS

SAMPLES = 6
_SIZES = ("160", "640", "main")

KINDS = {
    "picture": N_("Pictures that look alike"),
    "words": N_("The same words"),
    "colour": N_("The same other colour"),
}
STATES = {
    "planned": N_("Nothing is done yet."),
    "doing": N_("It is being done."),
    "done": N_("Done."),
    "undoing": N_("It is being undone."),
    "undone": N_("Undone."),
}


@dataclass(frozen=True)
class Row:
    """One burst in the list."""

    name: str
    kind: str
    posts: int
    approved: int
    waiting: int
    spared: int
    captions: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """One covered picture of a burst."""

    path: str
    width_px: int
    height_px: int
    alt: str


@organiser
@require_safe
def raids(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List the bursts, and what was done about earlier ones."""
    rows = [
        Row(
            name=burst.cluster.name,
            kind=gettext(KINDS[burst.cluster.kind]),
            posts=len(burst.cluster.touched),
            approved=burst.approved,
            waiting=burst.waiting,
            spared=len(burst.cluster.spared),
            captions=burst.captions,
        )
        for burst in bursts(seat.campaign)
    ]
    values = {
        "bursts": rows,
        "sweeps": [
            (one, gettext(KINDS[one.kind]), gettext(STATES[one.state]), one.posts.count())
            for one in Sweep.objects.filter(campaign=seat.campaign)
            .exclude(state="planned")
            .order_by("-day")[:20]
        ],
        "checking": Photo.objects.filter(post__campaign=seat.campaign, due_at__isnull=False).count(),
    }
    return page_shown(request, seat, "desk/raids.html", values)


@organiser
@require_POST
def look(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Write down what an act on a burst would touch, and show it. Nothing is done yet."""
    try:
        sweep = sweep_plan(campaign=seat.campaign, name=request.POST.get("burst", ""), account=seat.account)
    except Refused:
        return sent_on(seat, "raids", done="burst-gone")
    return sent_on(seat, f"raids/{sweep.pk}")


@organiser
@require_safe
def sweep(request: HttpRequest, seat: Seat, sweep: str) -> HttpResponse:
    """Show one sweep: what it touches, where it stands."""
    return _one(request, seat, _sweep(seat, sweep))


@organiser
@require_POST
def act(request: HttpRequest, seat: Seat, sweep: str, act: str) -> HttpResponse:
    """Hold or refuse all that was shown, or take that back."""
    found = _sweep(seat, sweep)
    try:
        if act == "undo":
            sweep_undo(sweep=found)
        else:
            sweep_begin(sweep=found, act=act, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _one(request, seat, found, refusal=refusal)
    return sent_on(seat, f"raids/{found.pk}", done="sweeping")


def _one(request: HttpRequest, seat: Seat, found: Sweep, *, refusal: Refused | None = None) -> HttpResponse:
    posts = found.posts.all()
    some = Post.objects.filter(pk__in=posts.values("post")).only("pk", "caption", "hushed")[:60]
    captions = captions_of(some).values()
    values = {
        "sweep": found,
        "kind": gettext(KINDS[found.kind]),
        "state": gettext(STATES[found.state]),
        "is_moving": found.due_at is not None,
        "touched": posts.count(),
        "handled": posts.exclude(state="").count(),
        "held": posts.filter(state="held").count(),
        "refused": posts.filter(state="refused").count(),
        "samples": _samples(seat, found),
        "captions": [caption for caption in dict.fromkeys(captions) if caption][:5],
        "reasons": [(code, gettext(words)) for code, words in REJECT_LABELS.items()],
        "acts": (HOLD, REFUSE),
    }
    return page_shown(request, seat, "desk/raid.html", values, refusal=refusal)


def _samples(seat: Seat, found: Sweep) -> list[Sample]:
    """Return a few pictures from all over the burst."""
    ids = list(found.posts.order_by("pk").values_list("post_id", flat=True))
    chosen = ids[:: max(1, len(ids) // SAMPLES)][:SAMPLES]
    samples = []
    for post in Post.objects.filter(pk__in=chosen, erased=False):
        for view in post_photos(post)[:1]:
            copy = next((one for size in _SIZES if (one := view.rendition(size))), None)
            if copy is not None and view.state == "developed":
                samples.append(
                    Sample(seat.path(f"picture/{copy.file}"), copy.width_px, copy.height_px, view.alt)
                )
    return samples


def _sweep(seat: Seat, sweep: str) -> Sweep:
    found = Sweep.objects.filter(campaign=seat.campaign, pk=sweep).first()
    if found is None:
        raise Http404
    return found
