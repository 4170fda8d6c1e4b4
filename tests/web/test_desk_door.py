"""Who comes in at the desk and who does not; what the cookie is; that public pages never see a session."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.cast import Cast
from tests.web.desk_rig import DESK, ORIGIN, Browser, signed_in
from wearemany.accounts.services import account_create, sign_in_link_create

pytestmark = [pytest.mark.database]

MEMBERS = ("", "review", "comments", "posts")
ORGANISERS = (
    "story",
    "story/new/statement",
    "story/new/tally",
    "story/voices/new",
    "campaign",
    "campaign/pause",
    "raids",
    "team",
)
ACTS = (
    "review/approve", "review/reject", "review/cover", "review/skip", "review/undo", "comments/x/show",
    "comments/x/remove", "posts/1/take-off", "posts/1/put-back", "posts/1/answer", "story/new/announcement",
    "story/voices/new", "campaign/close", "campaign/freeze", "campaign/thaw",
    "raids/look", "raids/x/hold", "raids/x/undo", "team/1/reverse",
)  # fmt: skip


def test_a_link_signs_in_once(cast: Cast) -> None:
    """The token is spent by its first use; the second browser reads why and stays outside."""
    token = sign_in_link_create(account=cast.moderator)
    first, second = Browser(), Browser()
    assert first.post("/desk/in", token=token).path == "/desk/"
    assert "Mark, moderator" in first.page
    assert second.post("/desk/in", token=token).status == 400
    assert "used already" in second.page
    assert second.get(f"{DESK}review").path == "/desk/in"


def test_a_link_does_not_outlive_ten_minutes(cast: Cast) -> None:
    """A link found later opens nothing."""
    token = sign_in_link_create(account=cast.moderator)
    cast.house.clock.advance(601)
    assert Browser().post("/desk/in", token=token).status == 400


def test_the_cookie_belongs_to_the_desk_alone(cast: Cast) -> None:
    """HttpOnly, Strict, path /desk; it names a session that says nothing by itself."""
    client = Client()
    token = sign_in_link_create(account=cast.moderator)
    answer = client.post("/desk/in", {"token": token}, headers={"origin": ORIGIN})
    cookie = answer.cookies["desk"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/desk", True, "Strict")
    assert answer.status_code == 303 and token not in str(answer.headers)


def test_signing_out_ends_the_session(cast: Cast) -> None:
    """The row is gone, so a copied cookie opens nothing."""
    mark = signed_in(cast.moderator)
    assert Session.objects.count() == 1
    mark.post("/desk/out")
    assert Session.objects.count() == 0
    assert mark.get(f"{DESK}review").path == "/desk/in"


def test_a_closed_account_is_outside_at_once(cast: Cast) -> None:
    """Closing an account ends what it has open."""
    mark = signed_in(cast.moderator)
    cast.moderator.is_active = False
    cast.moderator.save()
    assert mark.get(f"{DESK}review").path == "/desk/in"


@pytest.mark.parametrize("path", MEMBERS + ORGANISERS)
def test_who_may_see_what(cast: Cast, path: str) -> None:
    """Organisers see everything, moderators what they decide by, others of the team a kind page, strangers the door."""
    organiser, moderator = signed_in(cast.organiser), signed_in(cast.moderator)
    elsewhere = signed_in(account_create(name="Eva, elsewhere"))
    assert organiser.get(DESK + path).status == 200
    assert moderator.get(DESK + path).status == (200 if path in MEMBERS else 403)
    assert elsewhere.get(DESK + path).status == 403 and "ask an organiser" in elsewhere.page
    assert Browser().get(DESK + path).path == "/desk/in"


@pytest.mark.parametrize("path", ACTS)
def test_nobody_acts_from_outside(cast: Cast, path: str) -> None:
    """Without a session, without a role, from another origin, or from nowhere: nothing is done."""
    elsewhere = signed_in(account_create(name="Eva, elsewhere"))
    olga = signed_in(cast.organiser)
    assert Browser().post(DESK + path).path == "/desk/in"
    assert elsewhere.post(DESK + path).status == 403
    assert olga.client.post(DESK + path).status_code == 403
    foreign = olga.client.post(DESK + path, headers={"origin": "https://elsewhere.example"})
    assert foreign.status_code == 403 and b"other-origin" in foreign.content


@pytest.mark.parametrize("path", [path for path in ACTS if path.startswith("review/")])
def test_acts_are_not_links(cast: Cast, path: str) -> None:
    """Opening an act's address does nothing."""
    assert signed_in(cast.organiser).get(DESK + path).status == 405


def test_an_operator_without_a_role_is_told_kindly(cast: Cast) -> None:
    """Running the server gives no right to decide in somebody's campaign."""
    operator = account_create(name="Otto, operator")
    operator.is_operator = True
    operator.save()
    otto = signed_in(operator)
    assert otto.get("/desk/").status == 200 and "no campaign has given you a role" in otto.page
    assert otto.get(f"{DESK}review").status == 403


def test_the_list_says_what_waits(cast: Cast) -> None:
    """Each campaign of somebody's stands there with how much waits in it, and nobody else's."""
    cast.campaign_with(preset="careful", handle="another-one")
    cast.supporter.decided(b"refer: burgundy")
    mark = signed_in(cast.moderator).get("/desk/")
    assert "#Нас" in mark.page and "another-one" not in mark.page
    assert "<b>1</b> post waits" in mark.page and "<b>0</b> comments wait" in mark.page


@pytest.mark.parametrize("path", ["/", "/en/", "/en/we-are-many/", "/en/nothing"])
def test_public_pages_never_see_a_session(cast: Cast, path: str) -> None:
    """A signed-in browser's cookie is not read there, and nobody gets one."""
    mark = signed_in(cast.moderator)
    answer = mark.client.get(path)
    assert "Set-Cookie" not in answer.headers and "desk" not in answer.cookies
    assert not hasattr(answer.wsgi_request, "session")


def test_the_desk_speaks_the_browsers_language_and_is_kept_by_nobody(cast: Cast) -> None:
    """No path has a language here; no answer may be kept, and search engines are told to stay away."""
    mark = signed_in(cast.moderator, "ru")
    answer = mark.client.get(f"{DESK}review")
    assert answer.headers["Content-Language"] == "ru"
    assert answer.headers["Cache-Control"] == "no-store"
    assert b'lang="ru"' in answer.content and b"noindex" in answer.content
