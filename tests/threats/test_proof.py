"""The proof of work of a guarded campaign: good for one post, on every node, and never the only door."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from tests.cast import CODE, STRANGERS_CODE, Cast
from tests.web.desk_rig import DESK, signed_in
from tests.web.door_visits import visitor, work
from wearemany.campaigns.freezing import campaign_guard, campaign_unguard
from wearemany.moderation.models import Review
from wearemany.moderation.services import standing
from wearemany.photos.models import Post
from wearemany.photos.proofs import KEPT_S, NUMBER_MAX, challenge_make, proof_holds
from wearemany.web import assets

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.threat("F")]

HARNESS = Path(__file__).parents[1] / "web" / "proof.mjs"


def worked(asked: dict[str, object]) -> str:
    """Do the work as a browser would, here in Python."""
    for number in range(NUMBER_MAX + 1):
        if hashlib.sha256(f"{asked['salt']}{number}".encode()).hexdigest() == asked["challenge"]:
            return answer(asked, number=number)
    raise AssertionError("there is no answer")


def answer(asked: dict[str, object], **changes: object) -> str:
    """Return an answer as altcha's clients write it."""
    told = {name: asked[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps({**told, **changes}).encode()).decode()


def asked_on(page: str) -> dict[str, object]:
    """Return the challenge that stands in a form."""
    found = re.search(r'data-challenge="([^"]*)"', page)
    assert found is not None
    return json.loads(unescape(found[1]))


def test_a_proof_is_good_for_one_code_until_it_expires(cast: Cast) -> None:
    """Another post's form, a day later, or another server's key: it does not hold."""
    asked = challenge_make(CODE)
    proof = worked(asked)
    assert proof_holds(proof, code=CODE) and proof_holds(proof, code=CODE.upper())
    assert not proof_holds(proof, code=STRANGERS_CODE)
    cast.house.clock.advance(KEPT_S + 1)
    assert not proof_holds(proof, code=CODE)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": -1}, {"number": NUMBER_MAX + 1}, {"number": "x"}, {"number": 1e400},
        {"algorithm": "SHA-1"}, {"signature": "0" * 64}, {"signature": None},
        {"salt": "0" * 24 + "?expires=9999999999"},
        {"salt": ""}, {"challenge": "0" * 64}, {"challenge": {}},
    ],
)  # fmt: skip
def test_what_was_made_up_does_not_hold(cast: Cast, changes: dict[str, object]) -> None:
    """Whatever part is changed, it is no proof, and never an error."""
    asked = challenge_make(CODE)
    number = json.loads(base64.b64decode(worked(asked)))["number"]
    assert proof_holds(answer(asked, number=number), code=CODE)
    assert not proof_holds(answer(asked, **{"number": number, **changes}), code=CODE)


@pytest.mark.parametrize(
    "junk", ["", "x", "e30=", "bnVsbA==", "W10=", base64.b64encode(b"[" * 1500).decode()]
)
def test_junk_is_no_proof(cast: Cast, junk: str) -> None:
    """Nor an error."""
    assert not proof_holds(junk, code=CODE)


def test_only_a_guarded_campaign_asks(client: Client, cast: Cast) -> None:
    """And only until the organiser ends it; a moderator cannot switch it."""
    olga, mark = signed_in(cast.organiser), signed_in(cast.moderator)
    assert "data-challenge" not in client.get("/en/we-are-many/join").content.decode()
    assert mark.post(f"{DESK}campaign/guard").status == 403
    olga.post(f"{DESK}campaign/guard")
    page = client.get("/ru/we-are-many/join").content.decode()
    assert "data-challenge" in page and "js/proof" in page and "атакуют" in page
    olga.post(f"{DESK}campaign/unguard")
    assert "data-challenge" not in client.get("/en/we-are-many/join").content.decode()


def test_without_scripts_one_posts_all_the_same(client: Client, cast: Cast) -> None:
    """Nobody is refused: the post waits for a person, who is told why, and so is its author."""
    campaign_guard(campaign=cast.campaign)
    somebody = visitor(client, cast)
    assert somebody.posts(b"selfie in red").status_code == 200
    work()
    post = Post.objects.get()
    assert standing(post) is None and Review.objects.get(post=post, open=True).reasons == ["unproven"]
    assert "under attack" in somebody.keeps().content.decode()
    campaign_unguard(campaign=cast.campaign)
    other = visitor(client, cast)
    other.posts(b"another selfie in red")
    work()
    assert standing(Post.objects.exclude(pk=post.pk).get()) is not None


def test_the_browsers_own_script_does_the_work(client: Client, cast: Cast) -> None:
    """What the script puts into the form is taken, and the post goes its ordinary way; used again it helps nobody."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    campaign_guard(campaign=cast.campaign)
    somebody = visitor(client, cast)
    page = client.post(somebody.path, {**somebody.fields}, headers={"origin": "http://testserver"})
    asked = asked_on(page.content.decode())
    command = [node, str(HARNESS), str(assets.FOLDER / "js" / "proof.js"), json.dumps(asked)]
    proof = subprocess.run(command, capture_output=True, text=True, check=True, timeout=90).stdout.strip()
    somebody.posts(b"selfie in red", proof=proof)
    visitor(client, cast).posts(b"another selfie", proof=proof)
    work()
    stands = {post.door: standing(post) for post in Post.objects.all()}
    assert stands[""] is not None and stands["unproven"] is None
