"""Repeats: the same picture again is counted once, whoever was first, whatever is taken back, killed or answered."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from django.forms.models import model_to_dict

from tests.cast import Cast
from tests.rig import killed_at_statement, sampled
from tests.rigs.stores import Killed
from tests.wall.walls import assert_sound
from wearemany.adapters.repeats import Look, Seen
from wearemany.campaigns.models import Campaign
from wearemany.errors import Refused
from wearemany.moderation.services import decision_make, decision_undo, erase_pending, post_withdraw, standing
from wearemany.photos.models import Development, Photo, Post, Rendition
from wearemany.photos.steps import blobs_doom_pending
from wearemany.wall.log import append_pending
from wearemany.wall.models import Entry, Matching, Resemblance, Sighting
from wearemany.wall.queries import number, tally
from wearemany.wall.repeats import looking, matching
from wearemany.wall.repeats.matching import checked_size, match_pending
from wearemany.wall.repeats.questions import (
    answer_undo,
    answers_reverse,
    question_answer,
    question_next,
    questions_open,
)
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture(autouse=True)
def eyes(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Seen]]:
    """What the second look sees of pictures that are near and not equal: a stand-in, as the darkroom is one."""
    seen = {"now": Seen(1.0, 1.0)}

    def look(one: Look, other: Look, *, turned: int) -> Seen:
        return seen["now"]

    monkeypatch.setattr(matching, "_second_look", look)
    monkeypatch.setattr(look, "close", lambda: None, raising=False)
    yield seen


def settled(campaign: Campaign) -> None:
    """Let log and matcher run until nothing is due, and check that the log recounts."""
    run_until_idle((append_pending, match_pending))
    assert checked_size(campaign) == number(campaign).size
    assert_sound(campaign)


def approved(cast: Cast, *contents: bytes) -> Post:
    """Let somebody post, and a person approve it where it waits because others sent the same."""
    post = cast.somebody().decided(*contents)
    return post if standing(post) else decision_make(post=post, kind="approve", account=cast.moderator).post


def nearly(post: Post, other: Post, bits: int, *, since: int = 0) -> None:
    """Give a post the fingerprint of another one, with so many bits turned, every fourth or those beside."""
    mark = int.from_bytes(bytes(Development.objects.get(photo__post=other).fingerprint), "big")
    turned = mark ^ sum(1 << place for place in range(since, since + bits * 4, 4))
    Development.objects.filter(photo__post=post).update(fingerprint=turned.to_bytes(32, "big"))


def repeating(campaign: Campaign) -> set[str]:
    rows = Entry.objects.filter(campaign=campaign, kind="post", live=True, standing__repeat=True)
    return set(rows.values_list("post_id", flat=True))


def test_the_second_look_and_the_quality_decide(committed_cast: Cast, eyes: dict[str, Seen]) -> None:
    """Within 31 bits it links by itself only if the pixels agree everywhere, and never where there is little to see."""
    campaign, cast = committed_cast.campaign, committed_cast
    first = cast.supporter.decided(b"one")
    settled(campaign)
    near, far, poor = (cast.somebody().decided(text) for text in (b"near", b"far", b"poor"))
    nearly(near, first, 31)
    nearly(far, first, 61, since=1)
    nearly(poor, first, 3)
    Development.objects.filter(photo__post=poor).update(fingerprint_quality=49)
    settled(campaign)
    assert repeating(campaign) == {near.pk}
    eyes["now"] = Seen(0.1, 0.5)
    other = cast.somebody().decided(b"a crafted collision")
    nearly(other, first, 2)
    settled(campaign)
    assert repeating(campaign) == {near.pk}
    assert questions_open(campaign) == 0


def test_a_doubtful_one_goes_to_a_person(committed_cast: Cast, eyes: dict[str, Seen]) -> None:
    """Up to 60 bits, or unlike in a place: counted on its own until somebody says so; the answer can be undone."""
    campaign, cast = committed_cast.campaign, committed_cast
    first = cast.supporter.decided(b"one")
    second = cast.somebody().decided(b"cropped")
    nearly(second, first, 55)
    settled(campaign)
    assert (tally(campaign).distinct, questions_open(campaign)) == (2, 1)
    asked = question_next(campaign)
    assert asked is not None and asked.earlier is not None
    assert (asked.earlier.post_id, asked.photo.post_id) == (first.pk, second.pk)
    answers = {"question": asked.pk, "campaign": campaign, "account": cast.moderator}
    question_answer(**answers, state="same")
    with pytest.raises(Refused):
        question_answer(**answers, state="different")
    settled(campaign)
    assert (tally(campaign).distinct, repeating(campaign)) == (1, {second.pk})
    with pytest.raises(Refused):
        answer_undo(question=asked.pk, campaign=campaign, account=cast.organiser)
    answer_undo(**answers)
    settled(campaign)
    assert (tally(campaign).distinct, questions_open(campaign)) == (2, 1)
    question_answer(**answers, state="same")
    assert answers_reverse(campaign=campaign, account=cast.moderator) == 1
    settled(campaign)
    assert tally(campaign).distinct == 2


def test_a_mirrored_one_goes_to_a_person(committed_cast: Cast) -> None:
    """Turned or mirrored is never linked without a person."""
    campaign, cast = committed_cast.campaign, committed_cast
    first = cast.supporter.decided(b"one")
    second = cast.somebody().decided(b"mirrored")
    mark = bytes(Development.objects.get(photo__post=first).fingerprint)
    mirrored = looking.turnings(mark)[4]
    Development.objects.filter(photo__post=second).update(fingerprint=mirrored)
    settled(campaign)
    assert (tally(campaign).distinct, questions_open(campaign)) == (2, 1)
    assert Resemblance.objects.get().turned == 4


def test_when_the_first_goes_the_next_is_the_first(committed_cast: Cast) -> None:
    """Taken back: the later one stands for the picture; erased with the post is what said that they were the same."""
    campaign, cast = committed_cast.campaign, committed_cast
    posts = [approved(cast, b"one picture") for _ in range(3)]
    settled(campaign)
    assert repeating(campaign) == {posts[1].pk, posts[2].pk}
    post_withdraw(post=posts[0])
    assert not Sighting.objects.filter(photo__post=posts[0]).exists()
    settled(campaign)
    assert (repeating(campaign), tally(campaign).distinct) == ({posts[2].pk}, 1)
    again = approved(cast, b"one picture")
    settled(campaign)
    assert repeating(campaign) == {posts[2].pk, again.pk}
    run_until_idle((erase_pending, blobs_doom_pending))
    settled(campaign)


def test_a_post_that_comes_back_stands_behind(committed_cast: Cast) -> None:
    """Rejected and approved again it has a new place, and is the repeat of who stayed."""
    campaign, cast = committed_cast.campaign, committed_cast
    first, second = (cast.somebody().decided(b"one picture") for _ in range(2))
    settled(campaign)
    decision_make(post=first, kind="reject", reason="off-call", account=cast.moderator)
    settled(campaign)
    assert repeating(campaign) == set()
    decision_undo(post=first, account=cast.moderator)
    settled(campaign)
    assert repeating(campaign) == {first.pk}
    assert second.pk not in repeating(campaign)


def test_one_person_through_two_doors_counts_once(committed_cast: Cast) -> None:
    """The same photo by the page and by e-mail is two posts and one picture."""
    campaign, cast = committed_cast.campaign, committed_cast
    cast.supporter.decided(b"my selfie")
    post = cast.somebody().decided(b"my selfie", door="mail")
    decision_make(post=post, kind="approve", account=cast.moderator)
    settled(campaign)
    assert (tally(campaign).posts, tally(campaign).distinct) == (2, 1)


def test_a_post_repeats_when_all_its_photos_do(committed_cast: Cast) -> None:
    """One new photo is enough to count."""
    campaign, cast = committed_cast.campaign, committed_cast
    cast.supporter.decided(b"one")
    cast.somebody().decided(b"another")
    half = cast.somebody().decided(b"one", b"three")
    whole = approved(cast, b"another", b"one")
    settled(campaign)
    assert half.pk not in repeating(campaign)
    assert repeating(campaign) == {whole.pk}


def test_a_restart_finds_everything_again(committed_cast: Cast) -> None:
    """The fingerprints are made anew from the rows; those of erased posts are not among them."""
    campaign, cast = committed_cast.campaign, committed_cast
    first, gone = cast.supporter.decided(b"one"), cast.somebody().decided(b"gone")
    settled(campaign)
    post_withdraw(post=gone)
    cast.house.restarted()
    cast.house.clock.advance(matching.LEASE_S + 1)
    cast.somebody().decided(b"gone")
    again = cast.somebody().decided(b"one")
    settled(campaign)
    assert repeating(campaign) == {again.pk}
    assert first.pk not in repeating(campaign)


def test_only_one_process_looks_for_repeats(committed_cast: Cast) -> None:
    """While another process holds the lease nothing is done here; when it is gone, this one goes on."""
    campaign, cast = committed_cast.campaign, committed_cast
    cast.supporter.decided(b"one")
    again = cast.somebody().decided(b"one")
    append_pending()
    match_pending()
    cast.somebody().decided(b"more")
    append_pending()
    checked = checked_size(campaign)
    assert checked
    cast.house.restarted()  # another process: its owner's name is another one
    assert match_pending() == 0
    assert checked_size(campaign) == checked
    cast.house.clock.advance(matching.LEASE_S + 1)
    settled(campaign)
    assert repeating(campaign) == {again.pk}


@pytest.mark.parametrize("statement", sampled(30))
def test_killed_anywhere_it_is_marked_and_amended_once(committed_cast: Cast, statement: int) -> None:
    """Whichever statement is the last before the process dies, the next one finds the repeat, and says so once."""
    campaign, cast = committed_cast.campaign, committed_cast
    cast.supporter.decided(b"one")
    again = cast.somebody().decided(b"one")
    append_pending()
    try:
        with killed_at_statement(statement):
            match_pending()
    except Killed:
        pass
    cast.house.restarted()
    cast.house.clock.advance(matching.LEASE_S + 1)
    settled(campaign)
    assert repeating(campaign) == {again.pk}
    amends = Entry.objects.filter(campaign=campaign, kind="amend").count()
    assert amends == 1
    assert Matching.objects.count() == 1


@pytest.mark.parametrize("seed", sampled(10))
def test_distinct_is_the_number_of_pictures(committed_cast: Cast, seed: int) -> None:
    """Whatever is posted, taken back, rejected and brought back: distinct posts are the pictures that stand there."""
    campaign, cast, chance = committed_cast.campaign, committed_cast, random.Random(seed)
    shows: dict[str, int] = {}
    hidden: list[Post] = []
    for _ in range(12):
        act = chance.choice(("post", "post", "post", "withdraw", "reject", "return"))
        living = [post for post in Post.objects.filter(pk__in=shows, erased=False) if post not in hidden]
        if act == "post":
            picture = chance.randrange(4)
            shows[cast.somebody().decided(f"picture {picture}".encode()).pk] = picture
        elif act == "withdraw" and living:
            post_withdraw(post=chance.choice(living))
        elif act == "reject" and living:
            hidden.append(chance.choice(living))
            decision_make(post=hidden[-1], kind="reject", reason="off-call", account=cast.moderator)
        elif act == "return" and hidden:
            decision_undo(post=hidden.pop(), account=cast.moderator)
        if chance.random() < 0.5:
            settled(campaign)
    settled(campaign)
    standing = Entry.objects.filter(campaign=campaign, kind="post", live=True).values_list(
        "post_id", flat=True
    )
    assert tally(campaign).posts == len(standing)
    assert tally(campaign).distinct == len({shows[str(post)] for post in standing})


def test_two_thousand_posts_are_worked_off(committed_cast: Cast) -> None:
    """A backlog goes in batches, with the fingerprints in a process of their own, and each repeat is found."""
    campaign, cast = committed_cast.campaign, committed_cast
    template = cast.supporter.decided(b"template")
    settled(campaign)
    chance = random.Random(5)
    marks = [chance.randbytes(32) for _ in range(1900)]
    marks += marks[:100]
    begin = number(campaign).size
    photos = many_posts(template, marks, begin=begin)
    entries = list(Entry.objects.filter(campaign=campaign, position__gte=begin).order_by("position"))
    shelf, found = looking.Shelf(campaign, end=begin), list[looking.Finding]()
    for first in range(0, len(entries), matching.BATCH):
        batch = entries[first : first + matching.BATCH]
        found += looking.findings(campaign, batch, shelf=shelf, look=matching._second_look)
    shelf.close()
    assert [(finding.photo_id, finding.earlier_id) for finding in found] == [
        (photos[1900 + place].pk, photos[place].pk) for place in range(100)
    ]
    assert all(finding.is_certain for finding in found)


def many_posts(template: Post, marks: list[bytes], *, begin: int) -> list[Photo]:
    """Put posts with these fingerprints on the wall, by rows alone."""
    campaign, day = template.campaign, template.received_day
    posts = [
        Post(pk=f"p{place:025}", campaign=campaign, cover="nobody", ready=True, received_day=day)
        for place in range(len(marks))
    ]
    photos = [Photo(pk=f"f{place:025}", post=post, position=0) for place, post in enumerate(posts)]
    like = model_to_dict(Development.objects.get(photo__post=template), exclude=("photo",))
    pairs = list(zip(photos, marks, strict=True))
    Post.objects.bulk_create(posts)
    Photo.objects.bulk_create(photos)
    Development.objects.bulk_create(
        Development(**like | {"fingerprint": mark, "placeholder": b""}, photo=photo) for photo, mark in pairs
    )
    copy = {"size": "160", "format": "webp", "width_px": 128, "height_px": 160, "size_bytes": 1}
    Rendition.objects.bulk_create(
        Rendition(**copy, photo=photo, name=photo.pk, blob=f"r/{photo.pk}", digest=mark)
        for photo, mark in pairs
    )
    line = {"kind": "post", "line": bytes(32), "day": day, "live": True, "standing": {"repeat": False}}
    Entry.objects.bulk_create(
        Entry(**line, campaign=campaign, position=begin + place, post=post)
        for place, post in enumerate(posts)
    )
    return photos
