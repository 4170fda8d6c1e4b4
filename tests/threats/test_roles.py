"""Every address, every method, every role: really asked, and answered as `roles` says. Nothing is outside the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import connection, transaction
from django.db.models import Model
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.cast import Cast
from tests.threats import roles as table
from tests.threats.roles import DESK, DOORS, EVERYBODY, KEEP, METHODS, ROLES
from tests.threats.things import Things, things_of
from tests.web.desk_rig import ORIGIN, signed_in
from wearemany.accounts.models import Account
from wearemany.accounts.services import account_create
from wearemany.api.operations import OPERATIONS
from wearemany.campaigns.models import Campaign, Membership, Role
from wearemany.photos.guesses import brake
from wearemany.wall.models import Entry

pytestmark = [pytest.mark.database, pytest.mark.threat("C")]

UNCOUNTED = ("django_session", "sign_in_link")
_WRITES = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


@dataclass
class World:
    """A campaign of ours, one of others, and a browser for each role."""

    ours: Things
    theirs: Things
    browsers: dict[str, Client] = field(default_factory=dict)

    def ask(
        self, method: str, route: str, role: str, *, about: Things | None = None, code: str = ""
    ) -> Answer:
        """Ask as a role, about things of our campaign or of another; whatever is written is rolled back.

        What is there of what it is about is looked at before that. `code` is another secret code than the role's.
        """
        things = about or self.ours
        places = {**things.places, **DOORS[route].at(things, role), "handle": self.ours.places["handle"]}
        path = path_of(route, places)
        sends = dict(DOORS[route].sends(things, role)) if method == "POST" else {}
        secrets = {"code": code} if code else self.secret_of(role, route)
        headers = {
            "origin": ORIGIN,
            **({"authorization": f"Bearer {self.ours.key_secret}"} if role == table.KEEPER else {}),
        }
        how: dict[str, Any] = {"headers": headers}
        if method == "POST":
            how["data"] = {**sends, **secrets}
            if route.startswith("api/"):
                how["content_type"] = "application/json"
        browser = self.browsers[role]
        kept = browser.cookies.copy()
        with watched() as wrote:
            answered = getattr(browser, method.lower())(path, **how)
            left = rows_of(about) if about else {}
        browser.cookies = kept
        return Answer(answered, tuple(wrote), left)

    def secret_of(self, role: str, route: str) -> dict[str, str]:
        """Return what a role knows, as the forms carry it."""
        code = self.ours.unconfirmed if route.endswith("/confirm") else self.ours.code
        known = {
            table.AUTHOR: {"code": code},
            table.LEADER: {"token": self.ours.invitation_token},
            table.CLAIMER: {"number": self.ours.claim_number},
            table.REPORTER: {"number": self.ours.report_number},
        }
        if route.startswith("api/v1/posts/") and role != table.AUTHOR:
            return {"code": "apple beach cloud dream eagle flame grape"}
        if route.startswith("api/v1/reports/") and role != table.REPORTER:
            return {"number": "aaaa-aaaa-aaaa-aaaa"}
        return known.get(role, {})


@dataclass(frozen=True)
class Answer:
    """What came back, and the tables that were written to on the way."""

    response: HttpResponseBase
    wrote: tuple[str, ...]
    left: dict[str, list[Any]]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return self.response.content.decode(errors="replace")  # type: ignore[attr-defined]

    @property
    def leads(self) -> str:
        return self.response.headers.get("Location", "")


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect the tables that are written to, and undo it all."""
    wrote: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        found = _WRITES.match(sql)
        if found and found[1] not in UNCOUNTED:
            wrote.append(found[1])
        return execute(sql, *rest)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            yield wrote
        transaction.set_rollback(True)


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two campaigns in the middle of their lives, and everybody who may come along."""
    monkeypatch.setattr(brake, "delay_s", lambda: 0.0)
    eva = account_create(name="Eva, elsewhere")
    others = cast.campaign_with(preset="everyday", handle="another-one")
    Membership.objects.filter(campaign=others).update(account=eva)
    world = World(
        ours=things_of(
            cast,
            cast.campaign,
            {table.MODERATOR: cast.moderator, table.ORGANISER: cast.organiser},
            name="ours",
        ),
        theirs=things_of(cast, others, {table.ELSEWHERE: eva}, name="theirs"),
    )
    closed, former, operator = (
        account_create(name=name) for name in ("Clara, closed", "Fjodor, former", "Otto, operator")
    )
    Account.objects.filter(pk=operator.pk).update(is_operator=True)
    Membership.objects.create(campaign=cast.campaign, account=closed, role=Role.ORGANISER)
    at_desk = {
        table.CLOSED: closed, table.FORMER: former, table.OPERATOR: operator, table.ELSEWHERE: eva,
        table.MODERATOR: cast.moderator, table.ORGANISER: cast.organiser,
    }  # fmt: skip
    for role in ROLES:
        world.browsers[role] = signed_in(at_desk[role]).client if role in at_desk else Client()
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    return world


def routes() -> list[str]:
    """Return every route of the URL table, as it is written there."""

    def below(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from (f"{pattern.pattern}{route}" for route in below(pattern.url_patterns))
            else:
                yield str(pattern.pattern)

    return list(below(get_resolver().url_patterns))


def path_of(route: str, places: Any) -> str:
    """Return an address of the route."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda place: str(places[place[1]]), route)


def everyone(route: str, may: frozenset[str]) -> Sequence[str]:
    """Return every role."""
    return ROLES


def nearest(route: str, may: frozenset[str]) -> Sequence[str]:
    """Return who may, and of those who may not the ones who come nearest."""
    if may == EVERYBODY:
        return (table.NOBODY, table.ORGANISER)
    if route not in DESK:
        return (*may, table.NOBODY, table.ORGANISER)
    return (*may, *{table.NOBODY, table.CLOSED, table.ELSEWHERE, table.MODERATOR} - may)


def test_every_address_has_its_line() -> None:
    """An address without a line in the table fails here, and so does a line without an address."""
    assert sorted(set(routes())) == sorted(DOORS)
    asked = {f"{operation.method} {operation.path}" for operation in OPERATIONS}
    told = {
        f"{method} {route.removeprefix('api/v1').replace('<str:', '{').replace('>', '}')}"
        for route, door in DOORS.items()
        if route.startswith("api/v1/") and "openapi" not in route
        for method, who in (("GET", door.read), ("POST", door.act))
        if who is not None
    }
    assert asked == told


def wrong_at_desk(role: str, may: frozenset[str], answer: Answer) -> str:
    """Return what is wrong with an answer of the desk; empty when nothing is."""
    if role in may:
        return "" if answer.status < 400 and answer.leads != "/desk/in" else "was kept out"
    if role not in table.SIGNED_IN:
        return "" if (answer.status, answer.leads) == (303, "/desk/in") else "was not shown the door"
    return "" if answer.status == 403 else "was let in"


def wrong_with_secret(role: str, may: frozenset[str], answer: Answer) -> str:
    """Return what is wrong with an answer to a secret, or to one that is missing."""
    if role in may:
        unknown = answer.status in (403, 404) and "upload-unknown" not in answer.text
        return "was kept out" if unknown else ""
    return "" if answer.status in (403, 404) else "was let in"


@pytest.mark.parametrize(
    "who", [pytest.param(nearest, id="nearest"), pytest.param(everyone, id="all", marks=pytest.mark.long)]
)
def test_every_act_with_every_role(world: World, who: Callable[[str, frozenset[str]], Sequence[str]]) -> None:
    """Who may is let in, and the act is done; who may not is told so, changes no row and reads nothing of it."""
    wrong = []
    for route, door in DOORS.items():
        for method, may in (("GET", door.read), ("POST", door.act)):
            if may is None:
                continue
            answers = {role: world.ask(method, route, role) for role in who(route, may)}
            for role, answer in answers.items():
                if complaint := _complaint(world, route, role, may, method, answer):
                    wrong.append(f"{method} {route} as {role}: {complaint} ({answer.status}, {answer.wrote})")
            if may == EVERYBODY and len({(one.status, one.leads) for one in answers.values()}) > 1:
                wrong.append(f"{method} {route}: not the same for everybody")
    assert wrong == [], "\n" + "\n".join(wrong)


def _complaint(world: World, route: str, role: str, may: frozenset[str], method: str, answer: Answer) -> str:
    if answer.status >= 500:
        return "broke"
    if may == EVERYBODY:
        return ""
    judge = wrong_at_desk if route in DESK else wrong_with_secret
    if complaint := judge(role, may, answer):
        return complaint
    if role in may:
        changes = method == "POST" and DOORS[route].changes
        return "changed nothing" if changes and not answer.wrote else ""
    if answer.wrote:
        return "changed something"
    return "read what is not theirs" if any(mark in answer.text for mark in world.ours.marks) else ""


def test_no_other_method_does_anything(world: World) -> None:
    """What an address is not for is refused, by name (405) or at the door, whoever asks; and it changes nothing."""
    wrong = []
    for route, door in DOORS.items():
        taken = {*(("GET", "HEAD") if door.read else ()), *(("POST",) if door.act else ()), *door.also}
        for method in METHODS if route.startswith(table.PROGRAMS) else METHODS[:3]:
            if method in taken:
                continue
            for role in (table.NOBODY, table.ORGANISER):
                answer = world.ask(method, route, role)
                is_refused = answer.status == 405 or (route in DESK and answer.leads == "/desk/in")
                if answer.wrote or not is_refused:
                    wrong.append(f"{method} {route} as {role}: {answer.status}, {answer.wrote}")
    assert wrong == [], "\n" + "\n".join(wrong)


@cache
def ways() -> dict[type[Model], str]:
    """Return how each table's rows belong to a campaign."""
    found = {}
    for model in apps.get_models():
        for way in ("campaign", "post__campaign", "photo__post__campaign", "item__campaign"):
            with suppress(FieldError):
                model._default_manager.filter(**{way: None})
                found[model] = way
                break
    return {**found, Campaign: "pk"}


def rows_of(things: Things) -> dict[str, list[Any]]:
    """Return every row of a campaign, by table."""
    return {
        model._meta.label: list(
            model._default_manager.filter(**{way: things.campaign.pk}).order_by("pk").values_list()
        )
        for model, way in ways().items()
    }


def test_a_seat_reaches_no_rows_of_another_campaign(world: World) -> None:
    """Every act of the desk, in our campaign's address, about another campaign's rows: nothing of them changes."""
    wrong = []
    before = rows_of(world.theirs)
    assert {"photos.Photo", "moderation.Review", "campaigns.StoryText", "wall.Mirror"} <= set(before)
    for route, door in DESK.items():
        for method, may in (("GET", door.read), ("POST", door.act)):
            if may not in (table.MEMBERS, table.ORGANISERS):
                continue
            answer = world.ask(method, route, table.ORGANISER, about=world.theirs)
            if answer.left != before:
                wrong.append(f"{method} {route}: changed what is another campaign's")
            if any(mark in answer.text for mark in world.theirs.marks) or answer.status >= 500:
                wrong.append(f"{method} {route}: {answer.status}, told of what is another campaign's")
    assert wrong == [], "\n" + "\n".join(wrong)


def test_a_code_reaches_no_other_post(world: World) -> None:
    """Every act with a secret code, about another author's post: nothing of that post changes or is told."""
    wrong = []
    before = rows_of(world.theirs)
    for route, door in KEEP.items():
        if door.act != table.CODE:
            continue
        answer = world.ask("POST", route, table.NOBODY, about=world.theirs, code=world.ours.code)
        if answer.left != before:
            wrong.append(f"{route}: changed another's post")
        if any(mark in answer.text for mark in world.theirs.marks) or answer.status >= 500:
            wrong.append(f"{route}: {answer.status}, told of another's post")
    assert wrong == [], "\n" + "\n".join(wrong)


def test_what_one_holds_the_other_does_not(world: World) -> None:
    """The post in a colleague's hands is out of reach at one's own desk: no act on it, and no picture of it."""
    ours = world.ours
    held = replace(ours, in_hand={table.ORGANISER: ours.in_hand[table.MODERATOR]})
    before = rows_of(ours)
    for act in ("approve", "reject", "take-down", "cover", "skip"):
        answer = world.ask("POST", f"desk/<slug:handle>/review/{act}", table.ORGANISER, about=held)
        # Its own time in hand is lengthened by looking at the page again.
        assert answer.status == 400 and answer.left["moderation.Decision"] == before["moderation.Decision"]
    Entry.objects.filter(post=ours.in_hand[table.MODERATOR]).update(post=None)
    for role, status in ((table.MODERATOR, 200), (table.ORGANISER, 404)):
        assert world.ask("GET", "desk/<slug:handle>/picture/<str:file>", role).status == status
