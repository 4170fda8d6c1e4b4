"""A raid at the darkroom's door: who has waited longest for a turn comes first, and copies cost nobody a turn."""

from __future__ import annotations

import pytest

from tests.cast import Cast, Supporter
from tests.rig import House
from wearemany.adapters.received import Sender
from wearemany.adapters.sealed import open_sealed
from wearemany.darkroom.geometry import Box
from wearemany.moderation.services import post_withdraw
from wearemany.photos.models import Development, Photo, Post, Rendition, Upload
from wearemany.photos.secrets import post_key
from wearemany.photos.services import form_digest, photo_cover, upload_receive
from wearemany.photos.steps import develop_pending
from wearemany.photos.turns import line
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True), pytest.mark.threat("F")]


def sends(somebody: Supporter, network: str, address: str, content: bytes) -> Post:
    """Post a photo that came from an address in a network, as the front has it marked."""
    received = somebody.house.received(content)
    marked = type(received)(
        field=received.field, blob=received.blob, key=received.key, size_bytes=received.size_bytes,
        sender=Sender(network.encode(), f"{network} {address}".encode()),
    )  # fmt: skip
    upload = upload_receive(received=marked, form_digest=form_digest(somebody.form_token))
    return somebody.posts(upload_ids=(upload.pk,))


def developed_in_order(rounds: int) -> list[str]:
    """Run the darkroom so many rounds, three photos each; returns the posts in the order in which they were done."""
    done: list[str] = []
    for _ in range(rounds):
        develop_pending()
        now = set(Post.objects.filter(photos__development__isnull=False).values_list("pk", flat=True))
        done += sorted(now - set(done))
    return done


def test_somebody_in_a_raided_network_is_not_behind_the_raid(committed_cast: Cast) -> None:
    """Twenty of the raid wait already; the honest one from the same network is among the first to be developed."""
    raid = [
        sends(committed_cast.somebody(), "raid", str(place % 3), f"variant {place}".encode())
        for place in range(20)
    ]
    develop_pending()
    honest = sends(committed_cast.somebody(), "raid", "honest", b"selfie in red")
    elsewhere = sends(committed_cast.somebody(), "home", "honest", b"another selfie")
    done = developed_in_order(1)
    assert {honest.pk, elsewhere.pk} <= set(done) and len(raid) == 20


def test_the_same_bytes_are_opened_once(committed_cast: Cast) -> None:
    """Ten send one picture: the darkroom sees it once, each gets a post with pictures of its own, sealed for itself."""
    house: House = committed_cast.house
    posts = [
        sends(committed_cast.somebody(), f"n{place}", "1", b"the same selfie, refer two")
        for place in range(10)
    ]
    run_until_idle((develop_pending,))
    assert len(house.darkroom.orders) == 1
    rows = list(Development.objects.order_by("pk").values("verdict", "faces", "advice", "score", "crop"))
    assert len(rows) == 10 and all(row == rows[0] for row in rows)
    assert Rendition.objects.values("blob").distinct().count() == Rendition.objects.count() == 60
    for post in posts:
        post.refresh_from_db()
        copy = Rendition.objects.filter(photo__post=post, size="main", format="webp").get()
        key = post_key(post.pk)
        assert (
            post.ready and key and open_sealed(key, house.store.get(copy.blob)).startswith(b"rendition main")
        )
    assert not Upload.objects.filter(photo__post__in=posts).exists()


def test_bytes_that_are_no_photo_are_opened_once(committed_cast: Cast) -> None:
    """Each author reads what is wrong with it all the same."""
    for place in range(5):
        sends(committed_cast.somebody(), f"n{place}", "1", b"broken bytes")
    run_until_idle((develop_pending,))
    assert len(committed_cast.house.darkroom.orders) == 1
    assert set(Photo.objects.values_list("refused_code", flat=True)) == {"photo-damaged"}


def test_another_cover_is_another_order(committed_cast: Cast) -> None:
    """Who wants to be covered never gets the picture that somebody made without."""
    house = committed_cast.house
    for cover in ("nobody", "everybody", "everybody"):
        committed_cast.somebody().posts(b"the same selfie", cover=cover)
        run_until_idle((develop_pending,))
    assert [order.cover for order in house.darkroom.orders] == ["nobody", "everybody"]
    faces = Development.objects.filter(photo__post__cover="everybody").values_list("faces", flat=True)
    assert all(face["covered"] for found in faces for face in found)


@pytest.mark.threat("D", "G")
def test_what_was_taken_back_is_not_copied(committed_cast: Cast) -> None:
    """The first one's keys are gone, so the bytes are opened anew; neither is more cover ever handed on."""
    house = committed_cast.house
    first = committed_cast.somebody().posts(b"the same selfie")
    run_until_idle((develop_pending,))
    post_withdraw(post=first)
    second = committed_cast.somebody().posts(b"the same selfie")
    run_until_idle((develop_pending,))
    assert len(house.darkroom.orders) == 2
    photo_cover(photo=second.photos.get(), boxes=[Box(0.1, 0.1, 0.3, 0.3)])
    run_until_idle((develop_pending,))
    third = committed_cast.somebody().posts(b"the same selfie")
    run_until_idle((develop_pending,))
    assert len(house.darkroom.orders) == 4 and Development.objects.filter(photo__post=third).exists()


def test_after_a_restart_whoever_waits_is_developed_all_the_same(committed_cast: Cast) -> None:
    """The memory of who sent what is gone; the rows are not, and newcomers still have their turns beside them."""
    waiting = [
        sends(committed_cast.somebody(), "n", str(place), f"photo {place}".encode()) for place in range(9)
    ]
    committed_cast.house.restarted()
    committed_cast.house.clock.advance(5)
    new = sends(committed_cast.somebody(), "home", "1", b"came after the restart")
    assert line.waiting == 1
    assert new.pk in developed_in_order(1)
    run_until_idle((develop_pending,))
    assert Development.objects.count() == len(waiting) + 1


@pytest.mark.threat("D")
def test_no_row_says_who_sent_what(committed_cast: Cast) -> None:
    """Two of one sender and one of another: nothing in any row, sealed or not, is alike for the two."""
    house = committed_cast.house
    sender = b"network-digest-of-somebody"
    for place, network in enumerate((sender.decode(), sender.decode(), "elsewhere")):
        sends(committed_cast.somebody(), network, "address-digest", f"photo {place}".encode())
    assert line.waiting == 3
    assert not house.trace_of(sender) and not house.trace_of(b"address-digest")
