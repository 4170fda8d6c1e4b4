"""Everything personal is known, and goes."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import Model

from tests.cast import Cast
from wearemany.accounts.models import Account
from wearemany.adapters import clock
from wearemany.campaigns.groups import InvitationOrder, invitation_make, invitations_forget_pending
from wearemany.conversations.services import comment_add, post_like
from wearemany.moderation.claims import KEPT_DAYS, ClaimOrder, claim_make, claims_forget_pending
from wearemany.moderation.looks import looks_forget_pending
from wearemany.moderation.models import Appeal, Decision, Seed, Sweep, SweptPost
from wearemany.moderation.raids import sweeps_forget_pending
from wearemany.moderation.reports import ReportOrder, report_make, reports_forget_pending
from wearemany.moderation.reversing import reversals_forget_pending
from wearemany.moderation.services import (
    authors_pseudonymise_pending,
    decision_make,
    decisions_reverse,
    erase_pending,
    post_withdraw,
    review_next,
)
from wearemany.photos.models import Post
from wearemany.photos.orders import PostChange
from wearemany.photos.personal import FILES, NOT_PERSONAL, PERSONAL, TEAM, columns_left_out
from wearemany.photos.services import post_amend
from wearemany.photos.steps import blobs_doom_pending
from wearemany.wall.models import Resemblance, Sighting
from wearemany.worker.loop import run_until_idle

BLANK = (None, "", {}, [], False)
UNTOLD = {"people": 1, "cover": "everybody"}


def tables() -> dict[str, set[str]]:
    """Return every table's columns."""
    return {
        model._meta.label: {field.attname for field in model._meta.concrete_fields}
        for model in apps.get_models(include_auto_created=True)
    }


def test_every_column_is_decided_about() -> None:
    """A column that nobody has called personal or not personal does not get into the house."""
    assert columns_left_out(tables()) == []


def test_the_tables_speak_of_columns_that_exist() -> None:
    """What is called personal exists, and so do the tables that are called harmless."""
    known = {f"{model}.{column}" for model, columns in tables().items() for column in columns}
    assert set(PERSONAL) <= known
    assert set(NOT_PERSONAL) <= set(tables())


def test_every_eraser_exists() -> None:
    """Each eraser can be called."""
    for eraser in {*PERSONAL.values(), *FILES.values()}:
        if eraser.function != TEAM:
            module, name = eraser.function.rsplit(".", 1)
            assert callable(getattr(import_module(module), name))


def rows_of(model: type[Model], post: Post) -> list[Model]:
    """Return a table's rows that belong to a post, however far away."""
    for path in ("post", "photo__post"):
        try:
            return list(model._default_manager.filter(**{path: post}))
        except Exception:
            continue
    return (
        list(model._default_manager.filter(pk=post.pk))
        if model is Post
        else list(model._default_manager.all())
    )


@pytest.mark.database
@pytest.mark.threat("D")
def test_nothing_personal_outlives_taking_back(committed_cast: Cast) -> None:
    """A post with all there can be is taken back: every personal row of it is gone, every personal column blank."""
    cast = committed_cast
    post = cast.supporter.decided(
        b"selfie two",
        b"selfie small",
        keeps_code=False,
        people=2,
        name="Вера",
        alts=("Я в красном",),
        door="mail",
    )
    comment_add(post=post, name="Anna", text="With you", language="en")
    post_like(post=post, cookie=b"a random cookie")
    assert review_next(account=cast.moderator, campaign=cast.campaign) is not None
    decision_make(post=post, kind="approve", account=cast.moderator)
    assert decisions_reverse(campaign=cast.campaign, account=cast.moderator) == 1
    decision_make(post=post, kind="approve", account=cast.moderator)
    post_amend(post=post, change=PostChange(caption="Мы вместе", consents=("fediverse", "press")))
    invitation_make(campaign=cast.campaign, order=InvitationOrder("Class 7b", "adults", most=1, days=1))
    photo = post.photos.first()
    Sighting.objects.create(photo=photo, campaign=cast.campaign, picture="a picture")
    Resemblance.objects.create(photo=photo, campaign=cast.campaign, picture="another", place=b"somewhere")
    claim_make(ClaimOrder(post=post, kind="pictured", number="abcdefgh", words="I am the one on the left"))
    sweep = Sweep.objects.create(id="a sweep", campaign=cast.campaign, kind="words", day=clock.now().date())
    SweptPost.objects.create(sweep=sweep, post=post)
    Seed.objects.create(post=post, shows="colour", account=cast.moderator, day=clock.now().date())
    report_make(ReportOrder(post, "hate", "ijklmnop", words="It shows a street"))
    Appeal.objects.create(
        post=post, against=post.decisions.first(), words="It is mine", day=clock.now().date()
    )
    touched = {name.rsplit(".", 1)[0] for name in PERSONAL if PERSONAL[name].function != TEAM}
    filled = {label for label in touched if rows_of(apps.get_model(label), post)}
    passing = {"photos.Upload", "photos.ResumableUpload", "photos.ResumablePart", "photos.DoomedBlob"}
    passing.add("moderation.CampaignErasure")
    assert filled >= touched - passing - {"moderation.Erasure"}

    post_withdraw(post=post)
    run_until_idle((erase_pending, blobs_doom_pending))
    cast.house.clock.advance((KEPT_DAYS + 1) * 86400)
    claims_forget_pending()
    cast.house.clock.advance(86400)
    invitations_forget_pending()
    sweeps_forget_pending()
    looks_forget_pending()
    reports_forget_pending()
    reversals_forget_pending()

    for name, eraser in PERSONAL.items():
        label, column = name.rsplit(".", 1)
        if eraser.function == TEAM or label == "moderation.Decision":
            continue
        rows = rows_of(apps.get_model(label), post)
        if eraser.leaves == "row":
            assert rows == [], f"{label} still has rows"
        else:
            blank = (*BLANK, UNTOLD[column]) if column in UNTOLD else BLANK
            kept = [getattr(row, column) for row in rows]
            assert all(value in blank for value in kept), f"{name}: {kept}"
    assert list(cast.house.store.list("r")) == []
    assert list(cast.house.store.list("u")) == []


@pytest.mark.database
def test_who_decided_is_forgotten_after_a_month(cast: Cast) -> None:
    """After 30 days a pseudonym stands where the moderator's account stood: one per person and month."""
    posts = [cast.somebody().decided(b"selfie refer") for _ in range(2)]
    for post in posts:
        decision_make(post=post, kind="approve", account=cast.moderator)
    cast.house.clock.advance(30 * 86400)
    authors_pseudonymise_pending()
    assert Decision.objects.filter(account=cast.moderator).count() == 2
    cast.house.clock.advance(86400)
    authors_pseudonymise_pending()
    rows = list(Decision.objects.all())
    assert [row.account_id for row in rows] == [None, None]
    assert len({row.pseudonym for row in rows}) == 1
    assert Account.objects.get(pk=cast.moderator.pk).name not in rows[0].pseudonym
