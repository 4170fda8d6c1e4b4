"""The questions that the matcher leaves to people: is it the same picture? Answered by one act, and undone by one.

An answer says what two names of pictures mean; who repeats follows (`pictures`), and the log amends. The queue is in
no order of arrival. What an answer says is undone for good when its photo goes; whose it was is forgotten in a month.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Max, QuerySet

from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.models import Campaign
from wearemany.errors import N_, Refused
from wearemany.wall.models import Matching, Resemblance, ResemblanceState
from wearemany.wall.repeats.groups import posts_showing, standing_settle
from wearemany.worker.seldom import Seldom

WAITING_MOST = 200
"""So many questions may wait in a campaign; beyond them a picture counts as one of its own, as when unsure."""

WAITING_OF_ONE_MOST = 5
DIFFERENT_ENOUGH = 3
"""So often people have said of a picture that others are different ones: then nobody is asked about it again."""

AUTHORS_KEPT = timedelta(days=30)
_PLACE_BYTES = 8
_forget_watch = Seldom(every_s=3600.0)


def may_ask(campaign: Campaign, picture: str) -> bool:
    """Tell whether people may be asked once more whether something is this picture; inside the matcher's transaction.

    Many who stand small before one wall look alike to the machine, and so may what somebody makes to flood the queue.
    """
    asked = Resemblance.objects.filter(campaign=campaign)
    of_one = list(asked.filter(picture=picture).values_list("state", flat=True))
    if of_one.count(ResemblanceState.WAITING) >= WAITING_OF_ONE_MOST:
        return False
    if of_one.count(ResemblanceState.DIFFERENT) >= DIFFERENT_ENOUGH and ResemblanceState.SAME not in of_one:
        return False
    return asked.filter(state=ResemblanceState.WAITING).count() < WAITING_MOST


def question_next(campaign: Campaign) -> Resemblance | None:
    """Return a question that waits, from a random place in the queue."""
    here = clock.random_bytes(_PLACE_BYTES)
    waiting = _waiting(campaign).order_by("place")
    return waiting.filter(place__gte=here).first() or waiting.first()


def questions_open(campaign: Campaign) -> int:
    """Return how many questions wait for a person."""
    return _waiting(campaign).count()


def question_answer(*, question: str, campaign: Campaign, account: Account, state: str) -> Resemblance:
    """Answer "same" or "different". Refused `question-answered` when somebody did, or one of the posts is gone."""
    if state not in (ResemblanceState.SAME, ResemblanceState.DIFFERENT):
        raise Refused("answer-unknown", N_("The answer is: the same picture, or different pictures."))
    with transaction.atomic():
        _in_turn(campaign)
        found = _waiting(campaign).filter(pk=question).first()
        if found is None:
            raise Refused(
                "question-answered",
                N_("Somebody answered this already, or one of the posts is gone. Nothing was changed."),
            )
        turn = Resemblance.objects.filter(campaign=campaign).aggregate(newest=Max("turn"))["newest"] or 0
        Resemblance.objects.filter(pk=found.pk).update(
            state=state, account=account, turn=turn + 1, day=clock.now().date()
        )
        _settle(campaign, found)
    found.refresh_from_db()
    return found


def answer_last(*, campaign: Campaign, account: Account) -> Resemblance | None:
    """Return the newest answer of this account that can be undone."""
    return _answered(campaign, account).order_by("-turn").first()


def answer_undo(*, question: str, campaign: Campaign, account: Account) -> None:
    """Take an own answer back: the question waits again. Refused `nothing-to-undo` when there is none."""
    with transaction.atomic():
        _in_turn(campaign)
        found = _answered(campaign, account).filter(pk=question).first()
        if found is None:
            raise Refused("nothing-to-undo", N_("There is no decision here that could be undone."))
        _take_back(campaign, found)


def answers_reverse(*, campaign: Campaign, account: Account) -> int:
    """Take back every answer of one account, for the day a moderator turns out not to be one of us."""
    with transaction.atomic():
        _in_turn(campaign)
        answers = list(_answered(campaign, account))
        for found in answers:
            _take_back(campaign, found)
    return len(answers)


def answerers_forget_pending() -> int:
    """Once an hour, forget whose word answers of a month ago were; the answers stay."""
    if not _forget_watch.is_time():
        return 0
    until = clock.now().date() - AUTHORS_KEPT
    return Resemblance.objects.filter(day__lt=until).update(account=None, turn=None, day=None)


def _waiting(campaign: Campaign) -> QuerySet[Resemblance]:
    return Resemblance.objects.filter(
        campaign=campaign,
        state=ResemblanceState.WAITING,
        photo__due_at=None,
        photo__post__erased=False,
        photo__post__entries__live=True,
        earlier__due_at=None,
        earlier__post__erased=False,
        earlier__post__entries__live=True,
    )


def _answered(campaign: Campaign, account: Account) -> QuerySet[Resemblance]:
    given = Resemblance.objects.filter(campaign=campaign, account=account)
    return given.exclude(state=ResemblanceState.WAITING)


def _in_turn(campaign: Campaign) -> None:
    """Let the matcher and other answers wait: who repeats is worked out from one state of things."""
    Matching.objects.get_or_create(campaign=campaign)
    Matching.objects.select_for_update().get(campaign=campaign)


def _take_back(campaign: Campaign, found: Resemblance) -> None:
    # What it joined has to be looked at whole, so the posts are gathered before it comes apart.
    posts = posts_showing(campaign, [found.picture])
    Resemblance.objects.filter(pk=found.pk).update(
        state=ResemblanceState.WAITING,
        account=None,
        turn=None,
        day=None,
        place=clock.random_bytes(_PLACE_BYTES),
    )
    standing_settle(campaign, posts)
    _settle(campaign, found)


def _settle(campaign: Campaign, found: Resemblance) -> None:
    standing_settle(campaign, posts_showing(campaign, [found.picture, found.photo.sighting.picture]))
