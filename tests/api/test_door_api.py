"""The door for programs: each operation's edges, and one journey from the campaign to a post that is taken back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.door_visits import work
from wearemany.adapters.received import ENVIRON_KEY
from wearemany.api import asking
from wearemany.api.operations import OPERATIONS
from wearemany.campaigns.services import campaign_close, campaign_pause
from wearemany.errors import Broken
from wearemany.moderation.claims import ClaimOrder, claim_make
from wearemany.photos.guesses import brake
from wearemany.photos.models import Photo, Post, Upload
from wearemany.photos.orders import BY_MAIL
from wearemany.photos.services import form_digest, upload_receive
from wearemany.rendering.troubles import STATUS

pytestmark = [pytest.mark.database, pytest.mark.django_db]

ROOT = "/api/v1"
NOTICE = {"en": "Until spring.", "ru": "До весны."}
TICKS = {"show": True, "agreed": True}


class Bot:
    """A program that posts for somebody, as the front hands its requests on."""

    def __init__(self, client: Client, cast: Cast, handle: str = "we-are-many") -> None:
        self.client, self.cast, self.handle = client, cast, handle
        self.campaign = self.get(f"/campaigns/{handle}").json()
        made = self.send(f"/campaigns/{handle}/forms", None)
        self.form = made.json() if made.status_code == 201 else {}

    def get(self, path: str, **headers: str):
        """Read something."""
        return self.client.get(ROOT + path, headers=headers)

    def send(self, path: str, body: object, **headers: str):
        """Send a JSON body."""
        content = b"" if body is None else json.dumps(body).encode()
        return self.client.post(ROOT + path, content, content_type="application/json", headers=headers)

    def upload(self, content: bytes = b"a selfie in a red scarf", **fields: str):
        """Send a photo in one request."""
        received = (self.cast.house.received(content),) if content else ()
        return self.client.post(
            f"{ROOT}/uploads", {"form": self.form["form"], **fields}, **{ENVIRON_KEY: received}
        )

    def order(self, **changes: Any) -> dict[str, Any]:
        """Return a complete post; its photo arrives first."""
        uploads = changes.pop("uploads", None) or [self.upload().json()["upload"]]
        return {
            **self.form,
            "uploads": uploads,
            "cover": "everybody",
            "ticks": TICKS,
            "terms_version": self.campaign["terms_version"],
            "language": "en",
            **changes,
        }

    def post(self, **changes: Any):
        """Post."""
        return self.send(f"/campaigns/{self.handle}/posts", self.order(**changes))

    def keep(self, act: str, **fields: Any):
        """Do something with the post's code."""
        return self.send(f"/posts/{act}", {"code": self.form["code"], **fields})


def told(answer) -> tuple[int, str]:
    """Return status and code of a refusal, which always has the house's form."""
    error = answer.json()["error"]
    assert error["sentence"] and set(error) <= {"code", "sentence", "where"}
    return answer.status_code, error["code"]


def test_from_the_campaign_to_a_post_that_is_taken_back(client: Client, cast: Cast) -> None:
    """Read what is asked, send a photo, post, look, confirm, be on the wall, change words, take it all back."""
    bot = Bot(client, cast)
    assert bot.campaign["takes_posts"] and bot.campaign["call"].startswith("Wear something red")
    assert [tick["name"] for tick in bot.campaign["ticks"]] == ["show", "agreed"]
    first = bot.post(caption="We are many", consents=["press"])
    assert (first.status_code, first.json()["state"]) == (200, "received")
    work()
    now = bot.keep("state").json()
    assert (now["state"], now["caption"], now["people"]) == ("confirm", "We are many", 1)
    assert [box["name"] for box in now["consents"] if box["given"]] == ["press"]
    (photo,) = now["photos"]
    assert photo["state"] == "developed" and photo["seen"] and photo["faces"] and photo["outline"]
    picture = bot.keep("picture", photo=photo["photo"])
    assert picture.headers["Content-Type"] == "image/jpeg" and picture.content.startswith(b"rendition main")
    assert bot.keep("confirm").status_code == 200
    work()
    now = bot.keep("state").json()
    assert now["state"] == "on_wall" and client.get(now["wall"]).status_code == 200
    campaign = bot.get("/campaigns/we-are-many").json()
    assert (campaign["number"]["posts"], campaign["number"]["people"]) == (1, 1)
    assert bot.keep("amend", name="Vera", alts=["Me"]).json()["name"] == "Vera"
    gone = bot.keep("take-back", sure=True)
    assert gone.json() == {"taken_back": True}
    assert told(bot.keep("state")) == told(bot.keep("take-back", sure=True)) == (404, "code-unknown")
    work()
    assert bot.get("/campaigns/we-are-many").json()["number"]["posts"] == 0


def test_a_post_by_mail_is_agreed_to_by_its_app(client: Client, cast: Cast) -> None:
    """It says that the two ticks are missing, is not confirmed without them, and goes on with them."""
    bot = Bot(client, cast)
    bot.form = {"code": cast.supporter.code}
    cast.supporter.posts(door=BY_MAIL, cover="everybody", language="en", ticks=())
    work()
    assert bot.keep("state").json()["asks_ticks"] is True
    assert told(bot.keep("confirm")) == (409, "consent-missing")
    now = bot.keep("confirm", ticks=TICKS).json()
    assert now["asks_ticks"] is False and now["state"] == "checking"


def test_a_post_that_somebody_claimed_says_that_it_is_hidden(client: Client, cast: Cast) -> None:
    """With the sentences that the author reads on the page."""
    bot = Bot(client, cast)
    bot.form = {"code": cast.supporter.code}
    post = cast.supporter.posts(cover="nobody")
    work()
    assert bot.keep("state").json()["state"] == "on_wall"
    claim_make(ClaimOrder(post=post, kind="pictured", number="a" * 16, words="", wall_posts=1))
    now = bot.keep("state").json()
    assert now["state"] == "hidden" and now["sentences"]


def test_a_repeat_is_the_same_post(client: Client, cast: Cast) -> None:
    """The same code again, whatever comes with it, also after the campaign has ended and with other words agreed to."""
    bot = Bot(client, cast)
    order = bot.order(caption="first")
    path = "/campaigns/we-are-many/posts"
    assert bot.send(path, order).status_code == 200
    campaign_close(campaign=cast.campaign, notice=NOTICE)
    again = bot.send(path, {**order, "caption": "second", "terms_version": "0"})
    assert (again.status_code, again.json()["caption"]) == (200, "first")
    assert Post.objects.count() == 1


def test_nothing_of_a_post_is_kept_by_anybody(client: Client, cast: Cast) -> None:
    """No cache may hold an answer, whether it went well or not."""
    bot = Bot(client, cast)
    for answer in (
        bot.post(),
        bot.keep("state"),
        bot.keep("confirm"),
        bot.send("/posts/state", {"code": "x"}),
    ):
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"uploads": ["a" * 26]}, 404, "upload-unknown"),
        ({"uploads": ["x"]}, 400, "request-unreadable"),
        ({"uploads": []}, 200, ""),
        ({"ticks": {"show": True}}, 400, "request-unreadable"),
        ({"ticks": {"show": True, "agreed": False}}, 400, "request-unreadable"),
        ({"ticks": {"show": True, "agreed": "yes"}}, 400, "request-unreadable"),
        ({"cover": "me"}, 400, "request-unreadable"),
        ({"people": 0}, 400, "request-unreadable"),
        ({"people": "2"}, 400, "request-unreadable"),
        ({"people": 2.0}, 200, ""),
        ({"surprise": 1}, 400, "request-unreadable"),
        ({"terms_version": "0"}, 409, "terms-changed"),
        ({"code": "amber birch"}, 400, "request-unreadable"),
        ({"form": "z" * 26}, 404, "upload-unknown"),
        ({"caption": "x" * 1001}, 400, "request-unreadable"),
        ({"caption": "\u0958" * 1000}, 400, "caption-too-long"),
    ],
)
def test_what_cannot_be_posted(
    client: Client, cast: Cast, changes: dict[str, Any], status: int, code: str
) -> None:
    """Each with its status; nothing is made."""
    bot = Bot(client, cast)
    answer = bot.post(**changes)
    assert answer.status_code == status
    if code:
        assert told(answer) == (status, code)
        assert not Post.objects.exists()


def test_a_mistake_is_pointed_at_without_repeating_it(client: Client, cast: Cast) -> None:
    """The field is named; what stood in it is nowhere, neither in the answer nor, when it is a name, in `where`."""
    bot = Bot(client, cast)
    answer = bot.post(alts=["fine", 7])
    assert answer.json()["error"]["where"] == "alts.1"
    answer = bot.keep("state", **{"amber birch cedar delta ember frost grove": 1})
    assert answer.json()["error"]["where"] == "?"
    assert "amber" not in answer.content.decode()


def test_an_upload_is_posted_once(client: Client, cast: Cast) -> None:
    """A second post with the same photo is refused, as is the thirteenth photo of a form."""
    bot = Bot(client, cast)
    order = bot.order()
    path = "/campaigns/we-are-many/posts"
    assert bot.send(path, order).status_code == 200
    other = bot.send("/campaigns/we-are-many/forms", None).json()["code"]
    assert told(bot.send(path, {**order, "code": other})) == (409, "upload-taken")
    answers = [bot.upload() for _ in range(12)]
    assert told(answers[-1]) == (429, "uploads-too-many")


@pytest.mark.parametrize(
    ("content", "fields", "code"),
    [
        (b"", {}, "request-unreadable"),
        (b"", {"photo": "no file"}, "upload-empty"),
        (b"x", {"form": "nonsense"}, "request-unreadable"),
        (b"x", {"more": "1"}, "request-unreadable"),
    ],
)
def test_what_is_no_photo(
    client: Client, cast: Cast, content: bytes, fields: dict[str, str], code: str
) -> None:
    """A form without a file, or with anything else in it."""
    assert told(Bot(client, cast).upload(content, **fields)) == (400, code)
    assert not Upload.objects.exists()


def test_a_dangerous_campaign_offers_only_what_it_takes(client: Client, cast: Cast) -> None:
    """Everybody is covered, and there is nothing to agree to beside the wall."""
    cast.campaign_with(preset="dangerous", handle="danger")
    bot = Bot(client, cast, "danger")
    assert [choice["name"] for choice in bot.campaign["covers"]] == ["everybody"]
    assert bot.campaign["consents"] == []
    assert told(bot.post(cover="nobody")) == (409, "cover-required")
    assert told(bot.post(consents=["press"])) == (409, "consent-not-here")
    assert bot.post().status_code == 200


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [(campaign_pause, "campaign-paused", "Until"), (campaign_close, "campaign-closed", "Until")],
)
def test_a_campaign_that_takes_no_posts_says_so(
    client: Client, cast: Cast, change, code: str, words: str
) -> None:
    """It can be read, with its notice; a form or a post is refused."""
    bot = Bot(client, cast)
    order = bot.order()
    change(campaign=cast.campaign, notice=NOTICE)
    campaign = bot.get("/campaigns/we-are-many").json()
    assert campaign["takes_posts"] is False and campaign["notice"].startswith("Until")
    assert told(bot.send("/campaigns/we-are-many/forms", None)) == (409, code)
    assert told(bot.send("/campaigns/we-are-many/posts", order)) == (409, code)


@pytest.mark.parametrize("handle", ["nobody-here", "x", "UPPER", "a%00b", "%D1%84", "a" * 300])
def test_a_campaign_that_there_is_not(client: Client, cast: Cast, handle: str) -> None:
    """Whatever stands in its place."""
    for answer in (
        client.get(f"{ROOT}/campaigns/{handle}"),
        client.post(f"{ROOT}/campaigns/{handle}/forms"),
    ):
        assert told(answer) == (404, "campaign-unknown")


def test_the_language_is_asked_for(client: Client, cast: Cast) -> None:
    """By the query before the header; the nearest one that there is; what is no language is refused."""
    bot = Bot(client, cast)
    path = "/campaigns/we-are-many"
    assert bot.get(path, **{"Accept-Language": "ru"}).json()["title"] == "Нас много"
    assert bot.get(f"{path}?language=ru-RU", **{"Accept-Language": "en"}).json()["text_language"] == "ru"
    assert bot.get(f"{path}?language=de").json()["before"] == "/en/we-are-many/join"
    for query in ("language=", "language=<b>", "language=en&language=ru"):
        assert told(bot.get(f"{path}?{query}")) == (400, "request-unreadable")
    code = bot.send(f"{path}/forms?language=ru", None).json()["code"]
    assert code.split()[0][0] in "абвгдежзийклмнопрстуфхцчшщэюя"
    answer = bot.send("/posts/state?language=ru", {"code": code})
    assert answer.json()["error"]["sentence"].startswith("Поста с таким кодом нет.")


def test_a_code_may_be_typed_with_slips(client: Client, cast: Cast) -> None:
    """As at the keep-page; and wrong ones count with the guesses there."""
    bot = Bot(client, cast)
    bot.post()
    assert bot.send("/posts/state", {"code": bot.form["code"].upper().replace(" ", "-")}).status_code == 200
    before = len(brake._wrong)
    assert bot.send("/posts/state", {"code": "no such code"}).status_code == 404
    assert len(brake._wrong) == before + 1


def test_a_photo_that_could_not_be_used(client: Client, cast: Cast) -> None:
    """Another is sent in its place, of a fresh form; or it is left out while another one stays."""
    bot = Bot(client, cast)
    uploads = [bot.upload(content).json()["upload"] for content in (b"fine", b"broken", b"broken too")]
    bot.post(uploads=uploads)
    work()
    now = bot.keep("state").json()
    assert now["state"] == "refused"
    fine, broken, third = now["photos"]
    assert broken["state"] == "refused" and broken["refused"].endswith(".")
    fresh = bot.send("/campaigns/we-are-many/forms", None).json()["form"]
    arrived = upload_receive(received=cast.house.received(b"better"), form_digest=form_digest(fresh)).pk
    wrong = {"photo": broken["photo"], "form": fresh, "upload": "b" * 26}
    assert told(bot.keep("replace-photo", **wrong)) == (404, "upload-unknown")
    right = {**wrong, "upload": arrived}
    assert told(bot.keep("replace-photo", **{**right, "photo": fine["photo"]})) == (409, "photo-stays")
    assert told(bot.keep("drop-photo", photo=fine["photo"])) == (409, "photo-stays")
    assert bot.keep("replace-photo", **right).status_code == 200
    assert len(bot.keep("drop-photo", photo=third["photo"]).json()["photos"]) == 2
    assert told(bot.keep("picture", photo=broken["photo"])) == (409, "still-checking")
    work()
    assert bot.keep("state").json()["state"] == "confirm"


def test_more_is_covered(client: Client, cast: Cast) -> None:
    """Boxes in fractions; while they are laid on nothing is confirmed; another post's photo is none of its."""
    bot, stranger = Bot(client, cast), Bot(client, cast)
    photo = bot.post().json()["photos"][0]["photo"]
    foreign = stranger.post().json()["photos"][0]["photo"]
    work()
    box = {"left": 0.5, "top": 0.5, "width": 1, "height": 0.2}
    assert bot.keep("cover", photo=photo, boxes=[box]).json()["is_moving"] is True
    assert told(bot.keep("confirm")) == (409, "still-checking")
    assert Photo.objects.get(pk=photo).drawn == [[0.5, 0.5, 1.0, 0.7]]
    assert told(bot.keep("cover", photo=foreign, boxes=[box])) == (404, "photo-unknown")
    assert told(bot.keep("cover", photo=photo, boxes=[box] * 40)) == (409, "boxes-unusable")
    assert told(bot.keep("cover", photo=photo, boxes=[{**box, "left": 1.5}])) == (400, "request-unreadable")


def test_what_is_left_out_stays(client: Client, cast: Cast) -> None:
    """An amendment changes what it names and nothing else; null is as if left out."""
    bot = Bot(client, cast)
    bot.post(caption="We are many", consents=["press"])
    now = bot.keep("amend", people=3, caption=None).json()
    assert (now["caption"], now["people"]) == ("We are many", 3)
    assert [box["name"] for box in now["consents"] if box["given"]] == ["press"]
    now = bot.keep("amend", consents=[]).json()
    assert not any(box["given"] for box in now["consents"])


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "request-unreadable"),
        (b"", "application/json", 400, "request-unreadable"),
        (b"[]", "application/json", 400, "request-unreadable"),
        (b'{"code": "\xff"}', "application/json", 400, "request-unreadable"),
        (b'{"code": "\\ud800"}', "application/json", 400, "request-unreadable"),
        (b'{"code": "a\\u0000b"}', "application/json", 404, "code-unknown"),
        (b"[" * 100_000, "application/json", 400, "request-unreadable"),
        (b"code=x", "application/x-www-form-urlencoded", 415, "body-type-unknown"),
        (b'{"code": "x"}', "text/plain", 415, "body-type-unknown"),
    ],
)
def test_odd_bodies(client: Client, cast: Cast, content: bytes, kind: str, status: int, code: str) -> None:
    """Whatever is sent, the answer is the house's form and never a failure of ours."""
    assert told(client.post(f"{ROOT}/posts/state", content, content_type=kind)) == (status, code)


def test_other_origins_and_methods(client: Client, cast: Cast) -> None:
    """Pages of others are refused, programs are not; an address says which methods it takes."""
    foreign = {"Origin": "https://elsewhere.example"}
    answer = client.post(f"{ROOT}/campaigns/we-are-many/forms", headers=foreign)
    assert told(answer) == (403, "other-origin")
    ours = {"Origin": "http://testserver"}
    assert client.post(f"{ROOT}/campaigns/we-are-many/forms", headers=ours).status_code == 201
    for method, path, allow in (
        ("get", "/posts/state", "POST"),
        ("put", "/campaigns/we-are-many", "GET, HEAD"),
        ("delete", "/openapi.json", "GET, HEAD"),
    ):
        answer = getattr(client, method)(ROOT + path)
        assert told(answer) == (405, "method-unknown") and answer.headers["Allow"] == allow
    assert told(client.get(f"{ROOT}/nothing")) == (404, "address-unknown")


def test_a_failure_of_ours_is_told_as_one(client: Client, cast: Cast, monkeypatch, caplog) -> None:
    """500 with the house's form, the place in the log, and nobody's words in either."""

    def fail(**_: object) -> None:
        raise Broken("unexpected", "Something went wrong on our side.", cause="a private cause")

    bot = Bot(client, cast)
    bot.post()
    monkeypatch.setattr("wearemany.api.keeping.post_confirm", fail)
    assert told(bot.keep("confirm")) == (500, "unexpected")
    assert "a private cause" in caplog.text and bot.form["code"] not in caplog.text


def test_no_code_has_two_statuses() -> None:
    """What has a status at every edge has the same one here."""
    assert not set(asking.STATUS) & set(STATUS)


def test_every_refusal_is_described_under_the_status_it_comes_with() -> None:
    """Each code that an operation's description names stands beside the status that this code is answered with."""
    named = [
        (operation.name, status, code)
        for operation in OPERATIONS
        for status, words in operation.refuses.items()
        for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", words)
    ]
    statuses = {**STATUS, **asking.STATUS}
    assert len(named) > 20
    assert [one for one in named if one[1] != statuses.get(one[2], 400)] == []
