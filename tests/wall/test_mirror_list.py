"""The signed list of mirrors: only those that follow removals; and what the server hands out for pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from tests.cast import Cast
from tests.doors.conftest import served, three_doors
from tests.front.house import Served
from tests.wall.conftest import Site
from tests.web.desk_rig import DESK, signed_in
from wearemany.accounts.services import account_create
from wearemany.adapters import clock
from wearemany.adapters.fetch import Way
from wearemany.campaigns.models import Campaign
from wearemany.cli.main import main
from wearemany.errors import Refused
from wearemany.moderation.services import erase_pending, post_withdraw
from wearemany.photos.models import Post
from wearemany.photos.orders import PostChange
from wearemany.photos.services import post_amend
from wearemany.tlog.note import Verifier
from wearemany.wall.doors import doors_note, server_name, server_verifier
from wearemany.wall.doors_note import open_doors
from wearemany.wall.log import append_pending, public_log
from wearemany.wall.mirrors import listing
from wearemany.wall.mirrors.copying import Mirrored, Wishes, mirror
from wearemany.wall.mirrors.listing import (
    is_listed,
    mirror_add,
    mirror_remove,
    mirrors_listed,
    mirrors_probe_pending,
)
from wearemany.wall.mirrors.offer import MadeKey, mirror_key_agree, mirror_key_make, mirror_key_revoke
from wearemany.wall.mirrors.pictures_note import open_head
from wearemany.wall.models import Mirror
from wearemany.worker.claims import LeaseLost, claim

__all__ = ["served", "three_doors"]

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


class Shelf:
    """Somebody who keeps a mirror of the cast's wall in a folder, and shows it at an address."""

    def __init__(self, cast: Cast, served: Served, site: Site, folder: Path, key: str = "") -> None:
        self.cast, self.served, self.site, self.folder, self.key = cast, served, site, folder, key
        self.url = f"{site.address}/red/"
        self.way = Way().leading_home(self.url)

    def run(self) -> Mirrored:
        """Bring it up to date and put it on the web."""
        done = mirror(
            f"{self.served.url}/en/we-are-many/",
            folder=self.folder,
            now=clock.now(),
            way=Way(),
            wishes=Wishes(pictures_key=self.key),
        )
        self.show()
        return done

    def show(self) -> None:
        self.site.files.clear()
        for path in self.folder.rglob("*"):
            if path.is_file():
                self.site.files[f"/red/{path.relative_to(self.folder)}"] = path.read_bytes()

    def looked_at(self) -> str:
        """Have the worker look at it now, and return what it found."""
        Mirror.objects.update(due_at=clock.now())
        assert mirrors_probe_pending(way=self.way) == 1
        row = Mirror.objects.get()
        assert is_listed(row) == (row.url in mirrors_listed())
        return row.finding


@pytest.fixture
def posts(committed_cast: Cast) -> list[Post]:
    """Three posts on the wall; the authors of the first two agreed to mirrors."""
    made = [
        committed_cast.somebody().decided(f"selfie {number}".encode(), consents=consents)
        for number, consents in enumerate((("mirrors",), ("mirrors", "press"), ("press",)))
    ]
    append_pending()
    return made


@pytest.fixture
def key(committed_cast: Cast) -> MadeKey:
    return mirror_key_make(campaign=committed_cast.campaign, name="Shelf in Riga")


@pytest.fixture
def shelf(
    committed_cast: Cast, served: Served, posts: list[Post], key: MadeKey, site: Site, tmp_path: Path
) -> Iterator[Shelf]:
    yield Shelf(committed_cast, served, site, tmp_path / "mirror", key.secret)


@pytest.mark.threat("M")
def test_pictures_follow_consent_removal_and_key(shelf: Shelf, posts: list[Post], key: MadeKey) -> None:
    """From the real server: who agreed is copied, who takes consent or post back is gone at the next run."""
    done = shelf.run()
    assert (done.pictures, done.pictures_fetched, done.pictures_complaint) == (2, 2, "")
    assert shelf.run().pictures_fetched == 0
    post_amend(post=posts[0], change=PostChange(consents=()))
    done = shelf.run()
    assert (done.pictures, done.pictures_removed) == (1, 1)
    post_withdraw(post=posts[1])
    assert shelf.run().pictures == 0, "taken back is gone, before the log says so"
    erase_pending()
    post_amend(post=posts[2], change=PostChange(consents=("mirrors",)))
    assert shelf.run().pictures == 1
    mirror_key_revoke(campaign=shelf.cast.campaign, key_id=key.key.pk)
    done = shelf.run()
    assert done.pictures == 0 and "does not hold" in done.pictures_complaint


def test_the_list_is_for_holders_of_a_key(shelf: Shelf, posts: list[Post], key: MadeKey) -> None:
    """In a header, never in the address; everybody else gets a signed list of nothing, which nobody may keep."""
    client = Client()
    campaign = shelf.cast.campaign
    verifier = public_log(campaign).signer.verifier
    for told in ("", "Bearer ", "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaa", f"Basic {key.secret}"):
        answer = client.get("/log/we-are-many/pictures", headers={"authorization": told})
        assert answer.status_code == 403 and open_head(answer.content, verifier).blocks == {}
        assert client.get("/log/we-are-many/pictures/0", headers={"authorization": told}).status_code == 404
    assert client.get(f"/log/we-are-many/pictures?key={key.secret}").status_code == 403
    told = f"Bearer {key.secret}"
    answer = client.get("/log/we-are-many/pictures", headers={"authorization": told})
    assert answer.status_code == 200 and len(open_head(answer.content, verifier).blocks) == 1
    assert answer.headers["Cache-Control"] == "no-store"
    block = client.get("/log/we-are-many/pictures/0", headers={"authorization": told})
    assert block.status_code == 200 and block.content.count(b"\n") == 2
    assert client.get("/log/we-are-many/pictures/1", headers={"authorization": told}).status_code == 404
    assert not shelf.cast.house.trace_of(key.secret.encode())


@pytest.mark.threat("C")
def test_a_key_that_one_organiser_made_opens_nothing_alone(committed_cast: Cast, posts: list[Post]) -> None:
    """Not before a second agrees, or the delay is over; whoever made it cannot agree, and anybody can revoke it."""
    campaign = committed_cast.campaign
    verifier = public_log(campaign).signer.verifier

    def opened(key: MadeKey) -> bool:
        told = {"authorization": f"Bearer {key.secret}"}
        answer = Client().get("/log/we-are-many/pictures", headers=told)
        assert answer.status_code in (200, 403)
        return bool(open_head(answer.content, verifier).blocks)

    olga = committed_cast.organiser
    other = account_create(name="Pavel, organiser")
    agreed, late = (mirror_key_make(campaign=campaign, name=name, account=olga) for name in ("One", "Two"))
    assert (opened(agreed), opened(late)) == (False, False)
    with pytest.raises(Refused) as refusal:
        mirror_key_agree(campaign=campaign, key_id=agreed.key.pk, account=olga)
    assert refusal.value.code == "mirror-key-second" and not opened(agreed)
    for _ in range(2):
        mirror_key_agree(campaign=campaign, key_id=agreed.key.pk, account=other)
    assert (opened(agreed), opened(late)) == (True, False)
    committed_cast.house.clock.advance(24 * 3600)
    assert opened(late)
    mirror_key_revoke(campaign=campaign, key_id=late.key.pk)
    assert (opened(agreed), opened(late)) == (True, False)


def test_where_it_is_dangerous_no_picture_leaves(committed_cast: Cast) -> None:
    """No key is made there; and a key from before the rules became stricter gets nothing."""
    dangerous = committed_cast.campaign_with(preset="dangerous", handle="quiet")
    with pytest.raises(Refused) as refusal:
        mirror_key_make(campaign=dangerous, name="Shelf")
    assert refusal.value.code == "mirror-pictures-forbidden"
    made = mirror_key_make(campaign=committed_cast.campaign, name="Shelf")
    Campaign.objects.filter(pk=committed_cast.campaign.pk).update(settings={"pictures_out": False})
    answer = Client().get("/log/we-are-many/pictures", headers={"authorization": f"Bearer {made.secret}"})
    assert open_head(answer.content, public_log(committed_cast.campaign).signer.verifier).blocks == {}


def test_a_mirror_is_listed_while_it_follows(shelf: Shelf, posts: list[Post]) -> None:
    """Looked at before it is listed; off the list as soon as it shows what was taken back or falls a day behind."""
    shelf.run()
    mirror_add(campaign=shelf.cast.campaign, url=shelf.url)
    assert mirrors_listed() == ()
    assert shelf.looked_at() == ""
    for name in (server_name(), shelf.cast.campaign.origin):
        listed = open_doors(
            doors_note(name), server_verifier() if name == server_name() else verifier_of(shelf)
        )
        assert [door.url for door in listed.doors if door.kind == "mirror"] == [shelf.url]
    assert shelf.url in Client().get("/en/doors").content.decode()
    post_withdraw(post=posts[0])
    append_pending()
    assert shelf.looked_at() == "", "its list is young enough to have had it"
    shelf.cast.house.clock.advance(25 * 3600)
    assert shelf.looked_at() == "old-copy" and mirrors_listed() == ()
    shelf.run()
    assert shelf.looked_at() == "" and mirrors_listed() == (shelf.url,)
    shelf.site.files["/red/pictures/0/1-1.jpg"] = b"kept in secret"
    assert shelf.looked_at() == "removed-shown" and mirrors_listed() == ()
    assert shelf.url not in Client().get("/en/doors").content.decode()


def verifier_of(shelf: Shelf) -> Verifier:
    return public_log(shelf.cast.campaign).signer.verifier


@pytest.mark.threat("M")
def test_a_mirror_that_is_another_or_behind_is_found_out(shelf: Shelf, posts: list[Post]) -> None:
    """Another key, nothing there, an old log, an old list of pictures under a young date of the mirror's own."""
    campaign = shelf.cast.campaign
    shelf.run()
    mirror_add(campaign=campaign, url=shelf.url)
    good = dict(shelf.site.files)
    shelf.site.files["/red/checkpoint"] = b"nothing\n"
    assert shelf.looked_at() == "other-log"
    shelf.site.files.clear()
    assert shelf.looked_at() == "no-mirror"
    shelf.cast.house.clock.advance(3 * 86400)
    shelf.run()
    shelf.site.files["/red/pictures/list"] = good["/red/pictures/list"]
    assert shelf.looked_at() == "old-pictures"
    shelf.cast.somebody().decided(b"selfie later", consents=())
    append_pending()
    shelf.cast.house.clock.advance(3 * 86400)
    assert shelf.looked_at() == "old-log"
    shelf.run()
    assert shelf.looked_at() == ""


def test_silence_costs_a_place_when_the_last_proof_is_a_day_old(shelf: Shelf) -> None:
    """One look that fails changes nothing; it is repeated soon, and after a day the mirror is off the list."""
    shelf.run()
    mirror_add(campaign=shelf.cast.campaign, url=shelf.url)
    assert shelf.looked_at() == ""
    shelf.site.statuses.update(dict.fromkeys(shelf.site.files, 503))
    assert shelf.looked_at() == "unreachable" and mirrors_listed() == (shelf.url,)
    shelf.cast.house.clock.advance(1700)
    assert mirrors_probe_pending(way=shelf.way) == 0
    shelf.cast.house.clock.advance(200)
    assert mirrors_probe_pending(way=shelf.way) == 1
    shelf.cast.house.clock.advance(26 * 3600)
    assert mirrors_listed() == ()


def test_a_look_that_dies_is_done_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while looking, or after it and before the row was written; and a twin that was asleep writes nothing."""
    shelf.run()
    mirror_add(campaign=shelf.cast.campaign, url=shelf.url)
    assert len(claim(Mirror, limit=1, lease_s=900)) == 1
    assert mirrors_probe_pending(way=shelf.way) == 0
    shelf.cast.house.clock.advance(901)
    assert mirrors_probe_pending(way=shelf.way) == 1 and mirrors_listed() == (shelf.url,)
    Mirror.objects.update(due_at=clock.now(), proved_at=None)
    look = listing.mirror_look

    def overtaken(*given: object, **named: object) -> str:
        Mirror.objects.update(lease_owner="another")
        return look(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(listing, "mirror_look", overtaken)
    with pytest.raises(LeaseLost):
        mirrors_probe_pending(way=shelf.way)
    assert mirrors_listed() == ()


def test_an_address_in_our_own_network_is_never_asked(committed_cast: Cast, site: Site) -> None:
    """Whoever names a copy cannot make the server knock at its own doors."""
    for url in ("ftp://shelf.example/", "https://me@shelf.example/", "https://shelf.example/?x=1", "shelf"):
        with pytest.raises(Refused) as refusal:
            mirror_add(campaign=committed_cast.campaign, url=url)
        assert refusal.value.code == "mirror-address-unusable"
    mirror_add(campaign=committed_cast.campaign, url=f"{site.address}/red")
    assert mirrors_probe_pending(way=Way()) == 1
    assert Mirror.objects.get().finding == "unreachable" and site.asked == []
    mirror_remove(campaign=committed_cast.campaign, url=f"{site.address}/red/")
    assert not Mirror.objects.exists()


def test_organisers_name_copies_and_make_keys_at_the_desk(committed_cast: Cast) -> None:
    """What is wrong is said there; a key is shown once; moderators have no part in it."""
    browser = signed_in(committed_cast.organiser)
    browser.post(f"{DESK}mirrors", url="https://shelf.example/red")
    assert "https://shelf.example/red/" in browser.page and "not looked at yet" in browser.page
    Mirror.objects.update(finding="removed-shown", looked_at=clock.now())
    assert "It still shows a picture" in browser.get(f"{DESK}mirrors").page and "not listed" in browser.page
    browser.post(f"{DESK}mirrors", url="javascript:alert(1)")
    assert browser.status == 400 and "whole address" in browser.page
    browser.post(f"{DESK}mirrors/keys", name="Shelf <b>")
    secret = browser.page.partition('<code class="code">')[2][:26]
    assert secret.isalnum() and secret not in browser.get(f"{DESK}mirrors").page
    assert "Shelf <b>" in browser.page and b"Shelf &lt;b&gt;" in browser.raw
    key = browser.page.partition(f"{DESK}mirrors/keys/")[2].partition("/")[0]
    browser.post(f"{DESK}mirrors/keys/{key}/revoke")
    assert "There is no key yet" in browser.page
    browser.post(f"{DESK}mirrors/remove", url="https://shelf.example/red/")
    assert "No copy was named yet" in browser.page
    assert signed_in(committed_cast.moderator).get(f"{DESK}mirrors").status == 403


def test_the_commands_do_the_same(committed_cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    """Name, list, look, take off; make, list and revoke a key."""
    assert main(["mirror", "add", "we-are-many", "https://shelf.example/red/"]) == 0
    assert main(["mirror", "list", "we-are-many"]) == 0
    assert "not listed  https://shelf.example/red/  Not looked at yet." in capsys.readouterr().out
    assert main(["mirror", "look", "we-are-many", "https://elsewhere.example/"]) == 2
    assert main(["mirror", "remove", "we-are-many", "https://shelf.example/red/"]) == 0
    capsys.readouterr()
    assert main(["mirror", "key-make", "we-are-many", "--name", "Shelf"]) == 0
    assert len(capsys.readouterr().out.strip()) == 26
    assert main(["mirror", "key-list", "we-are-many"]) == 0
    listed = capsys.readouterr().out
    assert listed.strip().endswith("Shelf")
    assert main(["mirror", "key-revoke", "we-are-many", listed.split()[0]]) == 0
    capsys.readouterr()
    assert main(["mirror", "key-list", "we-are-many"]) == 0 and capsys.readouterr().out == ""
