"""Who may do what: one line for every address there is, and the roles that there are.

`test_roles` asks each line with each role, and fails for an address that has no line here. What a line `sends` makes
the act succeed for whom it is for; `Things` are the rows that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.threats.things import Things

Sent = Mapping[str, Any]
Sends = Callable[[Things, str], Sent]

NOBODY = "nobody"  # no session, no code
AUTHOR = "author"  # the secret code of the post
LEADER = "leader"  # the secret of a group's invitation
CLAIMER = "claimer"  # the number of a claim
REPORTER = "reporter"  # the number of a report
KEEPER = "keeper"  # the key of a mirror with pictures
CLOSED = "closed"  # a moderator whose account was closed, with the cookie of before
FORMER = "former"  # on the team once, now without a role
OPERATOR = "operator"  # runs the server, without a role
ELSEWHERE = "elsewhere"  # organiser of another campaign
MODERATOR = "moderator"
ORGANISER = "organiser"
ROLES = (
    NOBODY, AUTHOR, LEADER, CLAIMER, REPORTER, KEEPER, CLOSED, FORMER, OPERATOR, ELSEWHERE, MODERATOR, ORGANISER,
)  # fmt: skip

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
EVERYBODY = frozenset(ROLES)
SIGNED_IN = frozenset({FORMER, OPERATOR, ELSEWHERE, MODERATOR, ORGANISER})
MEMBERS = frozenset({MODERATOR, ORGANISER})
ORGANISERS = frozenset({ORGANISER})
OPERATORS = frozenset({OPERATOR})


@dataclass(frozen=True)
class Door:
    """One address: who may `read` it and who may `act` there; None where there is no such thing.

    `sends` is what the act needs, `at` the places of its address that are not the usual ones, `also` methods of its
    own. `changes` says that the act, for whom it is for, writes something.
    """

    read: frozenset[str] | None = None
    act: frozenset[str] | None = None
    sends: Sends = lambda things, role: {}
    at: Sends = lambda things, role: {}
    changes: bool = True
    also: tuple[str, ...] = ()


def _what(**fields: object) -> Sends:
    return lambda things, role: fields


def _held(**fields: object) -> Sends:
    return lambda things, role: {"post": things.held_by(role), **fields}


def _rejected(things: Things, role: str) -> Sent:
    return {"number": things.rejected}


def _told(things: Things, role: str) -> Sent:
    return {"day": "2026-03-08", "words-en": "What was said.", "original": "en"}


def _of_photo(**fields: object) -> Sends:
    return lambda things, role: {"photo": things.photo, **fields}


PUBLIC = Door(read=EVERYBODY)
ASKS = EVERYBODY
"""Reading these shows a form that asks for a secret, the same one to everybody."""
CODE = frozenset({AUTHOR})
PROGRAMS = ("api/", "upload")
"""The front hands any method of these to Django; of all other addresses GET, HEAD and POST alone."""
_BOX = {"left": "10", "top": "10", "width": "20", "height": "20"}
_API_BOX = {"left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2}

DESK: dict[str, Door] = {
    "desk": PUBLIC,
    "desk/": Door(read=SIGNED_IN),
    "desk/in": Door(read=EVERYBODY, act=EVERYBODY, sends=_what(token="no token"), changes=False),
    "desk/out": Door(act=EVERYBODY, changes=False),
    "desk/open": Door(
        read=OPERATORS,
        act=OPERATORS,
        sends=_what(
            handle="opened-now",
            phrase="in red",
            language="en",
            title="In red",
            call="Wear red.",
            colour="red",
            preset="careful",
        ),
    ),
    "desk/<slug:handle>/": Door(read=MEMBERS),
    "desk/<slug:handle>/review": Door(read=MEMBERS),
    "desk/<slug:handle>/review/approve": Door(act=MEMBERS, sends=_held()),
    "desk/<slug:handle>/review/reject": Door(act=MEMBERS, sends=_held(reason="hate")),
    "desk/<slug:handle>/review/take-down": Door(act=MEMBERS, sends=_held(reason="claim-unsure")),
    "desk/<slug:handle>/review/cover": Door(
        act=MEMBERS,
        sends=lambda things, role: {**_held()(things, role), **_BOX, "photo": things.photo_of(role)},
    ),
    "desk/<slug:handle>/review/skip": Door(act=MEMBERS, sends=_held()),
    "desk/<slug:handle>/review/undo": Door(
        act=MEMBERS, sends=lambda things, role: {"decided": things.decided_by(role)}
    ),
    "desk/<slug:handle>/picture/<str:file>": Door(read=MEMBERS),
    "desk/<slug:handle>/same": Door(read=MEMBERS),
    "desk/<slug:handle>/same/answer": Door(
        act=MEMBERS, sends=lambda things, role: {"question": things.question, "answer": "same"}
    ),
    "desk/<slug:handle>/same/undo": Door(
        act=MEMBERS, sends=lambda things, role: {"question": things.answered_by(role)}
    ),
    "desk/<slug:handle>/comments": Door(read=MEMBERS),
    "desk/<slug:handle>/comments/<slug:comment>/show": Door(act=MEMBERS),
    "desk/<slug:handle>/comments/<slug:comment>/remove": Door(act=MEMBERS),
    "desk/<slug:handle>/posts": Door(read=MEMBERS),
    "desk/<slug:handle>/posts/<int:number>/take-off": Door(act=MEMBERS, sends=_what(reason="hate")),
    "desk/<slug:handle>/posts/<int:number>/put-back": Door(act=MEMBERS, at=_rejected),
    "desk/<slug:handle>/posts/<int:number>/answer": Door(
        act=ORGANISERS,
        sends=lambda things, role: {"voice": things.voice, "words-ru": "Спасибо!", "original": "ru"},
    ),
    "desk/<slug:handle>/posts/<int:number>/erase": Door(act=ORGANISERS),
    "desk/<slug:handle>/posts/<int:number>/keep": Door(act=ORGANISERS, changes=False),
    "desk/<slug:handle>/campaign/erase": Door(
        read=ORGANISERS, act=ORGANISERS, sends=_what(act="ask", sure="yes")
    ),
    "desk/<slug:handle>/story": Door(read=ORGANISERS),
    "desk/<slug:handle>/story/new/<slug:kind>": Door(read=ORGANISERS, act=ORGANISERS, sends=_told),
    "desk/<slug:handle>/story/<int:item>/revise": Door(read=ORGANISERS, act=ORGANISERS, sends=_told),
    "desk/<slug:handle>/story/voices/new": Door(
        read=ORGANISERS, act=ORGANISERS, sends=_what(who="Anna", **{"words-en": "We met her."})
    ),
    "desk/<slug:handle>/campaign": Door(read=ORGANISERS),
    "desk/<slug:handle>/campaign/words": Door(
        read=ORGANISERS, act=ORGANISERS, sends=_what(**{"run_by-en": "A group of friends"})
    ),
    "desk/<slug:handle>/campaign/careful": Door(
        read=ORGANISERS, act=ORGANISERS, sends=_what(preset="careful", sure="yes")
    ),
    "desk/<slug:handle>/campaign/<slug:move>": Door(
        read=ORGANISERS, act=ORGANISERS, sends=_what(sure="yes", **{"words-en": "Until spring."})
    ),
    "desk/<slug:handle>/campaign/freeze": Door(act=ORGANISERS, sends=_what(part="doors")),
    "desk/<slug:handle>/campaign/thaw": Door(act=ORGANISERS, sends=_what(part="wall")),
    "desk/<slug:handle>/campaign/guard": Door(act=ORGANISERS),
    "desk/<slug:handle>/campaign/unguard": Door(act=ORGANISERS),
    "desk/<slug:handle>/campaign/word": Door(act=ORGANISERS),
    "desk/<slug:handle>/campaign/no-word": Door(act=ORGANISERS),
    "desk/<slug:handle>/raids": Door(read=ORGANISERS),
    "desk/<slug:handle>/raids/look": Door(act=ORGANISERS, sends=_what(burst="gone"), changes=False),
    "desk/<slug:handle>/raids/<slug:sweep>": Door(read=ORGANISERS),
    "desk/<slug:handle>/raids/<slug:sweep>/<slug:act>": Door(act=ORGANISERS),
    "desk/<slug:handle>/press": Door(read=ORGANISERS),
    "desk/<slug:handle>/press/<int:number>/<int:shot>": Door(read=ORGANISERS),
    "desk/<slug:handle>/groups": Door(
        read=ORGANISERS, act=ORGANISERS, sends=_what(name="Class 7b", kind="adults", most="3", days="3")
    ),
    "desk/<slug:handle>/groups/<slug:invitation>/revoke": Door(act=ORGANISERS),
    "desk/<slug:handle>/groups/<slug:invitation>/hold": Door(act=ORGANISERS),
    "desk/<slug:handle>/groups/<slug:invitation>/release": Door(act=ORGANISERS),
    "desk/<slug:handle>/mirrors": Door(
        read=ORGANISERS, act=ORGANISERS, sends=_what(url="https://copy.example/log/we-are-many/")
    ),
    "desk/<slug:handle>/mirrors/remove": Door(
        act=ORGANISERS, sends=lambda things, role: {"url": things.mirror}
    ),
    "desk/<slug:handle>/mirrors/keys": Door(act=ORGANISERS, sends=_what(name="A friend")),
    "desk/<slug:handle>/mirrors/keys/<slug:key>/agree": Door(act=ORGANISERS),
    "desk/<slug:handle>/mirrors/keys/<slug:key>/revoke": Door(act=ORGANISERS),
    "desk/<slug:handle>/team": Door(read=ORGANISERS),
    "desk/<slug:handle>/team/seeds": Door(act=ORGANISERS, sends=_what(every="50")),
    "desk/<slug:handle>/team/reversals/<slug:reversal>/undo": Door(act=ORGANISERS),
    "desk/<slug:handle>/team/<int:colleague>/reverse": Door(act=ORGANISERS, sends=_what(sure="yes")),
}
"""The team's. Everybody who is not signed in is shown the door; whoever has no such role is told so (403)."""

KEEP: dict[str, Door] = {
    "<language:language>/keep": Door(read=ASKS, act=CODE, changes=False),
    "<language:language>/keep/state": Door(act=CODE, changes=False),
    "<language:language>/keep/confirm": Door(read=ASKS, act=CODE),
    "<language:language>/keep/cover": Door(
        read=ASKS, act=CODE, sends=lambda things, role: {"of": things.photo, "cell": "1.1"}
    ),
    "<language:language>/keep/add": Door(read=ASKS, act=CODE, sends=_what(caption="Other words")),
    "<language:language>/keep/photo": Door(
        read=ASKS, act=CODE, sends=lambda things, role: {"of": things.photo, "do": "drop"}, changes=False
    ),
    "<language:language>/keep/picture": Door(
        read=ASKS, act=CODE, sends=lambda things, role: {"of": things.photo}, changes=False
    ),
    "<language:language>/keep/card": Door(
        read=ASKS, act=CODE, sends=lambda things, role: {"of": things.photo, "size": "no"}, changes=False
    ),
    "<language:language>/keep/elsewhere": Door(read=ASKS, act=CODE, sends=_what(elsewhere=""), changes=False),
    "<language:language>/keep/receipt": Door(read=ASKS, act=CODE, sends=_what(sure="yes"), changes=False),
    "<language:language>/keep/appeal": Door(read=ASKS, act=CODE, changes=False),
    "<language:language>/keep/forget": Door(read=ASKS, act=CODE, sends=_what(sure="yes")),
    "<language:language>/keep/days.ics": Door(read=ASKS, act=CODE, changes=False),
    "<language:language>/keep/take-back": Door(read=ASKS, act=CODE, sends=_what(sure="yes")),
    "<language:language>/keep/group": Door(read=ASKS, act=frozenset({LEADER}), changes=False),
    "<language:language>/keep/group/photo": Door(act=frozenset({LEADER}), changes=False),
    "<language:language>/claim": Door(read=ASKS, act=frozenset({CLAIMER, REPORTER}), changes=False),
    "<language:language>/claim/withdraw": Door(act=frozenset({REPORTER})),
    "api/v1/posts/state": Door(act=CODE, changes=False),
    "api/v1/posts/picture": Door(act=CODE, sends=_of_photo(), changes=False),
    "api/v1/posts/confirm": Door(act=CODE, sends=_what(ticks={"show": True, "agreed": True})),
    "api/v1/posts/cover": Door(act=CODE, sends=_of_photo(boxes=[_API_BOX])),
    "api/v1/posts/amend": Door(act=CODE, sends=_what(caption="Other words")),
    "api/v1/posts/replace-photo": Door(
        act=CODE, sends=_of_photo(form="a" * 26, upload="b" * 26), changes=False
    ),
    "api/v1/posts/drop-photo": Door(act=CODE, sends=_of_photo(), changes=False),
    "api/v1/posts/take-back": Door(act=CODE, sends=_what(sure=True)),
    "api/v1/reports/state": Door(act=frozenset({REPORTER}), changes=False),
    "api/v1/reports/withdraw": Door(act=frozenset({REPORTER})),
}
"""Whoever knows the secret acts, a session or none; everybody else is answered as if there were no such post."""

OPEN: dict[str, Door] = {
    **dict.fromkeys(
        (
            "",
            "robots.txt",
            "doors",
            "log/<handle:handle>/doors",
            "log/<handle:handle>/recount.html",
            "log/<handle:handle>/recount.html.note",
            "<language:language>/doors",
            "<language:language>/",
            "<language:language>/<handle:handle>/",
            "<language:language>/<handle:handle>/page/<int:page>",
            "<language:language>/<handle:handle>/page/<int:page>.json",
            "<language:language>/<handle:handle>/newest.json",
            "<language:language>/<handle:handle>/post/<int:position>",
            "<language:language>/<handle:handle>/story",
            "<language:language>/<handle:handle>/check",
            "<language:language>/<handle:handle>/figures",
            "<language:language>/<handle:handle>/figures.csv",
            "<language:language>/<handle:handle>/figures.json",
            "<language:language>/<handle:handle>/figures/<str:day>.txt",
            "<language:language>/<handle:handle>/poster",
            "<language:language>/<handle:handle>/feed.rss",
            "<language:language>/<handle:handle>/group",
            "<language:language>/<handle:handle>/mail",
            "<language:language>/<handle:handle>/days.ics",
            "api/v1/openapi.json",
            "api/v1/campaigns/<str:handle>",
        ),
        PUBLIC,
    ),
    "<language:language>/<handle:handle>/post/<int:position>/like": Door(act=EVERYBODY),
    "<language:language>/<handle:handle>/post/<int:position>/comment": Door(
        act=EVERYBODY, sends=_what(text="With you", name="")
    ),
    "<language:language>/<handle:handle>/post/<int:position>/mine": Door(
        read=EVERYBODY, act=EVERYBODY, sends=_what(kind="pictured", number="abcd-efgh-ijkl-mnop")
    ),
    "<language:language>/<handle:handle>/post/<int:position>/report": Door(
        read=EVERYBODY, act=EVERYBODY, sends=_what(kind="hate", number="abcd-efgh-ijkl-mnop")
    ),
    "<language:language>/<handle:handle>/join": Door(read=EVERYBODY, act=EVERYBODY, changes=False),
    "<language:language>/<handle:handle>/join/photo": Door(act=EVERYBODY, changes=False),
    "log/<handle:handle>/pictures": Door(read=frozenset({KEEPER})),
    "log/<handle:handle>/pictures/<int:block>": Door(read=frozenset({KEEPER})),
    "api/v1/campaigns/<str:handle>/forms": Door(act=EVERYBODY, changes=False),
    "api/v1/campaigns/<str:handle>/posts": Door(act=EVERYBODY, changes=False),
    "api/v1/campaigns/<str:handle>/reports": Door(act=EVERYBODY, changes=False),
    "api/v1/reports/forms": Door(act=EVERYBODY, changes=False),
    "api/v1/uploads": Door(act=EVERYBODY, changes=False),
    "upload": Door(act=EVERYBODY, changes=False, also=("OPTIONS",)),
    "upload/<str:upload_id>": Door(changes=False, also=METHODS),
}
"""Everybody's, and the same for everybody: no session, no code, no role changes what is answered."""

DOORS = {**DESK, **KEEP, **OPEN}


@dataclass(frozen=True)
class RawDoor:
    """An address that the front answers without Django: nobody can have a role there, as no cookie is read."""

    path: str
    status: int
    methods: tuple[str, ...] = ("GET", "HEAD")


_LOG = ("GET", "HEAD", "OPTIONS")
RAW: tuple[RawDoor, ...] = (
    RawDoor("/log/{handle}/checkpoint", 200, _LOG),
    RawDoor("/log/{handle}/vkey", 200, _LOG),
    RawDoor("/log/{handle}/tile/entries/000.p/2", 200, _LOG),
    RawDoor("/r/{shown}.webp", 200),
    RawDoor("/r/{held}.webp", 404),
    RawDoor("/static/{style}", 200),
    RawDoor("/en/{handle}/live", 200),
)
"""A picture that waits is nobody's by its address, an organiser's neither: the team sees it through the desk."""
