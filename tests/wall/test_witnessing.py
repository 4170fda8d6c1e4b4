"""Witnesses of our walls: asked after publishing, believed in nothing but a true cosignature, in nobody's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings

from tests.cast import Cast
from tests.rigs.stores import Fault, FaultyBlobs, Killed
from tests.wall.walls import approved, assert_sound, verifier_of
from wearemany.adapters import server
from wearemany.errors import TryAgain
from wearemany.tlog.checkpoint import open_checkpoint
from wearemany.tlog.cosignature import cosign, cosigned
from wearemany.tlog.note import Signer, parse
from wearemany.tlog.witness import Refusal, Witness, WitnessMalformed, parse_request, parse_witnesses
from wearemany.wall.log import append_pending
from wearemany.wall.models import Cosigning
from wearemany.wall.witnesses.asking import cosign_pending, cosignatures_publish
from wearemany.wall.witnesses.stand import Stand, stand_create
from wearemany.wall.witnesses.standing import Witnessed, witnessed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

Behaviour = Callable[["Post", bytes], tuple[int, bytes] | None]


@dataclass
class Post:
    """A real witness behind a real socket on this machine. `behave` may answer in its place, or cut the line (None)."""

    stand: Stand
    address: str
    behave: Behaviour | None = None
    asked: list[int] = field(default_factory=list)

    @property
    def witness(self) -> Witness:
        return parse_witnesses((self.stand.vkey, self.address))[0]

    def true_answer(self, body: bytes) -> tuple[int, bytes]:
        try:
            return 200, self.stand.add_checkpoint(body, time_s=1_700_000_000)
        except Refusal as refusal:
            return refusal.status, refusal.body


@pytest.fixture
def posts(tmp_path: Path, committed_cast: Cast) -> Iterator[list[Post]]:
    """Two witnesses that know the campaign's log and are named in the options."""
    servers, made = [], []
    for number in (1, 2):
        folder = tmp_path / f"w{number}"
        stand = stand_create(folder, name=f"w{number}.example", seed=bytes([number]) * 32)
        stand.logs[committed_cast.campaign.origin] = (verifier_of(committed_cast.campaign),)
        served, post = serve(stand)
        servers.append(served)
        made.append(post)
    options = {
        **settings.WEAREMANY,
        "WITNESSES": tuple(post.witness for post in made),
        "OUTBOUND_HOME": frozenset(post.address.removeprefix("http://") for post in made),
    }
    with override_settings(WEAREMANY=options):
        yield made
    for served in servers:
        served.shutdown()
        served.server_close()


def serve(stand: Stand) -> tuple[ThreadingHTTPServer, Post]:
    post = Post(stand, "")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            post.asked.append(parse_request(body).old_size)
            behave = post.behave
            answer = post.true_answer(body) if behave is None else behave(post, body)
            if answer is None:
                self.connection.close()
                return
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        def log_message(self, *_: object) -> None:
            return

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=served.serve_forever, daemon=True).start()
    post.address = f"http://127.0.0.1:{served.server_address[1]}"
    return served, post


def public_names(cast: Cast, posts: list[Post]) -> list[str]:
    """Return whose true cosignatures stand in the public checkpoint."""
    data = server.store().get(f"log/{cast.campaign.handle}/checkpoint")
    open_checkpoint(data, verifier_of(cast.campaign))
    return [item.name for item in cosigned(parse(data), [post.witness.verifier for post in posts])]


def test_witnesses_cosign_what_is_public_and_it_is_published(committed_cast: Cast, posts: list[Post]) -> None:
    """Both names stand beside our signature; the next checkpoint starts from what they saw; idle when all is done."""
    approved(committed_cast, 2)
    append_pending()
    assert public_names(committed_cast, posts) == []
    assert cosign_pending() == 2
    assert public_names(committed_cast, posts) == ["w1.example", "w2.example"]
    assert witnessed(committed_cast.campaign) == Witnessed(("w1.example", "w2.example"), 3)
    assert cosign_pending() == 0
    approved(committed_cast, 1)
    append_pending()
    assert public_names(committed_cast, posts) == []
    cosign_pending()
    assert public_names(committed_cast, posts) == ["w1.example", "w2.example"]
    assert posts[0].asked == [0, 3]
    assert_sound(committed_cast.campaign)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ((404, b"unknown\n"), "witness-status-404"),
        ((403, b"no\n"), "witness-status-403"),
        ((422, b"no\n"), "witness-status-422"),
        ((500, b""), "witness-status-500"),
        ((409, b"many\n"), "witness-status-409"),
        ((409, b"99\n"), "witness-ahead"),
        ((409, b"0\n"), "witness-disagrees"),
        ((200, b""), "witness-false"),
        ((200, b"x" * 100_000), "outbound-answer"),
        (None, "outbound-unreachable"),
    ],
)
def test_a_bad_witness_harms_nothing(
    committed_cast: Cast, posts: list[Post], answer: tuple[int, bytes] | None, trouble: str
) -> None:
    """Whatever it says, the list is public as it was, the other witness is heard, and it is asked again later."""
    append_pending()
    posts[0].behave = lambda post, body: answer
    assert cosign_pending() == 2
    assert public_names(committed_cast, posts) == ["w2.example"]
    row = Cosigning.objects.get(witness=posts[0].witness.verifier.vkey)
    assert (row.trouble, row.size, row.lease_owner) == (trouble, 0, "")
    assert cosign_pending() == 0
    posts[0].behave = None
    committed_cast.house.clock.advance(10)
    assert cosign_pending() == 1
    assert public_names(committed_cast, posts) == ["w1.example", "w2.example"]
    assert_sound(committed_cast.campaign)


def test_a_lying_witness_is_not_believed(committed_cast: Cast, posts: list[Post]) -> None:
    """A cosignature by another key, or over another tree, never reaches the public checkpoint."""
    append_pending()
    stranger = Signer("w1.example", b"\x09" * 32)
    posts[0].behave = lambda post, body: (
        200,
        cosign(parse_request(body).note.text, stranger, time_s=5).line.encode(),
    )
    posts[1].behave = lambda post, body: (
        200,
        cosign(
            parse_request(body).note.text.replace("\n1\n", "\n2\n"), post.stand.signer, time_s=5
        ).line.encode(),
    )
    cosign_pending()
    data = server.store().get(f"log/{committed_cast.campaign.handle}/checkpoint")
    assert len(parse(data).signatures) == 1
    assert witnessed(committed_cast.campaign) == Witnessed()


def test_an_answer_that_was_lost_is_asked_for_again(committed_cast: Cast, posts: list[Post]) -> None:
    """It failed and had happened: the witness moved on, says so, and cosigns the same state once more."""
    append_pending()
    cosign_pending()
    approved(committed_cast, 1)
    append_pending()

    def lose(post: Post, body: bytes) -> None:
        post.true_answer(body)

    posts[0].behave = lose
    cosign_pending()
    assert public_names(committed_cast, posts) == ["w2.example"]
    posts[0].behave = None
    committed_cast.house.clock.advance(10)
    assert cosign_pending() == 1
    assert public_names(committed_cast, posts) == ["w1.example", "w2.example"]
    assert posts[0].asked == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        pytest.param(fault, step, marks=[] if (fault, step) == (Fault.HAD_HAPPENED, 5) else pytest.mark.long)
        for fault in Fault
        for step in (1, 5)
    ],
)
def test_every_failing_act_of_the_store_is_made_good(
    committed_cast: Cast, posts: list[Post], fault: Fault, step: int
) -> None:
    """It failed, it failed and had happened, killed before or after: some time later both names stand there."""
    append_pending()
    number, acts = 0, 1
    while number < acts:
        Cosigning.objects.all().delete()
        approved(committed_cast, 1)
        append_pending()
        assert public_names(committed_cast, posts) == []
        faulty = FaultyBlobs(committed_cast.house.store)
        faulty.fail(number, fault)
        committed_cast.house.use(faulty)
        with suppress(Killed, TryAgain):
            cosign_pending()
        committed_cast.house.use(committed_cast.house.store)
        committed_cast.house.clock.advance(300)
        cosign_pending()
        assert public_names(committed_cast, posts) == ["w1.example", "w2.example"]
        assert_sound(committed_cast.campaign)
        number, acts = number + step, len(faulty.operations)


def test_a_cosignature_of_an_older_state_is_not_put_under_a_newer(
    committed_cast: Cast, posts: list[Post]
) -> None:
    """Published meanwhile: the newer checkpoint stays as it is, and is cosigned next."""
    append_pending()

    def publish_meanwhile(post: Post, body: bytes) -> tuple[int, bytes]:
        post.behave = None
        answer = post.true_answer(body)
        head = committed_cast.campaign.head
        head.refresh_from_db()
        data = server.store().get(f"log/{committed_cast.campaign.handle}/checkpoint")
        assert b"\n1\n" in data
        return answer

    posts[0].behave = publish_meanwhile
    cosign_pending()
    approved(committed_cast, 1)
    append_pending()
    cosignatures_publish(committed_cast.campaign)
    assert public_names(committed_cast, posts) == []
    assert witnessed(committed_cast.campaign).size == 1
    cosign_pending()
    assert witnessed(committed_cast.campaign).size == 2


@pytest.mark.threat("A")
def test_where_posts_are_shuffled_a_witness_is_asked_when_the_day_is_over(
    committed_cast: Cast, posts: list[Post]
) -> None:
    """Its cosignature holds a second: never one of the day on which something of what it covers came."""
    campaign = committed_cast.campaign
    campaign.settings = {"release_batch": 2}
    campaign.save()
    approved(committed_cast, 2)
    append_pending()
    assert cosign_pending() == 0 and public_names(committed_cast, posts) == []
    committed_cast.house.clock.advance(86_400)
    assert cosign_pending() == 2
    assert public_names(committed_cast, posts) == ["w1.example", "w2.example"]
    approved(committed_cast, 2)
    append_pending()
    assert cosign_pending() == 0 and public_names(committed_cast, posts) == []


def test_the_page_says_who_witnessed(committed_cast: Cast, posts: list[Post]) -> None:
    """Without one the page says so; with them it names them and how far they saw."""
    append_pending()
    path = f"/en/{committed_cast.campaign.handle}/check"
    client = Client(headers={"host": "localhost"})
    assert "Not witnessed" in client.get(path).content.decode()
    cosign_pending()
    told = client.get(path).content.decode()
    assert "Witnessed by 2 other servers, up to line 1" in told
    assert "w1.example, w2.example" in told
    assert "Not witnessed" not in told


def test_witnesses_are_named_in_one_option() -> None:
    """A key for cosignatures and an address after it, as often as there are witnesses; anything else is refused."""
    vkey = Stand(Path(), Signer("w1.example", bytes(32)), {}).vkey
    assert parse_witnesses(()) == ()
    assert parse_witnesses((vkey, "https://w1.example/log/"))[0].address == "https://w1.example/log"
    plain = Signer("w1.example", bytes(32)).verifier.vkey
    for words in ((vkey,), (vkey, "w1.example"), (plain, "https://w1.example"), ("x", "https://w1.example")):
        with pytest.raises(WitnessMalformed):
            parse_witnesses(words)
    with pytest.raises(WitnessMalformed):
        parse_witnesses((vkey, "https://a.example", vkey, "https://b.example"))
