"""Test pictures for moderators: like any post in the queue, measured, and never on the wall, whatever is done."""

from __future__ import annotations

import re
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.web.desk_rig import DESK, Browser, signed_in
from wearemany.accounts.services import account_create
from wearemany.adapters.easel import Drawn, Wish, drawn
from wearemany.campaigns.freezing import campaign_word_ask
from wearemany.campaigns.models import Campaign, Membership, Phase, Role
from wearemany.campaigns.services import campaign_close, campaign_pause, preset_rules
from wearemany.errors import Broken, TryAgain
from wearemany.moderation import raids
from wearemany.moderation.handing import review_next, reviews_open
from wearemany.moderation.looks import look_count
from wearemany.moderation.models import Decision, Erasure, Review, Seed, Seeding
from wearemany.moderation.refused import is_like_refused
from wearemany.moderation.reversing import reversal_preview
from wearemany.moderation.seeding import (
    LOOK_AGAIN_S,
    seed_send,
    seeding_of,
    seeding_set,
    seeds_mix_pending,
)
from wearemany.moderation.seeds import likely_share, seeds_measured
from wearemany.moderation.services import (
    decide_pending,
    decision_make,
    decisions_of,
    post_withdraw,
    standing,
)
from wearemany.photos.models import Photo, Post, PostKey, Untold
from wearemany.photos.orders import SEED
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.wall.burning import burn_pending, campaign_burn
from wearemany.wall.log import append_campaign
from wearemany.wall.models import Entry, LogHead
from wearemany.wall.queries import entry_of, post_state, tally
from wearemany.wall.restored import _posts_without_line
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database, pytest.mark.threat("C")]
DAY_S = 86_400


def work() -> None:
    """Let everything that works on posts work."""
    run_until_idle((develop_pending, decide_pending, blobs_doom_pending))


def sent(cast: Cast, content: bytes, *, shows: str = "colour", campaign: Campaign | None = None) -> Post:
    """Send a test picture; nothing is developed yet."""
    campaign = campaign or cast.campaign
    wish = Wish("colour", campaign.colour, seed=Seed.objects.count() * 3, language="en")
    return seed_send(campaign=campaign, wish=wish, made=Drawn(content, "With you."), shows=shows)


def seed(cast: Cast, content: bytes = b"refer", *, shows: str = "colour") -> Post:
    """Send a test picture and let everything that works on posts work on it."""
    post = sent(cast, content, shows=shows)
    work()
    post.refresh_from_db()
    return post


def signed(campaign: Campaign) -> tuple[int, object]:
    """Return the log's size and the number."""
    append_campaign(campaign)
    return LogHead.objects.get(campaign=campaign).published_size, tally(campaign)


@pytest.mark.parametrize("preset", ["everyday", pytest.param("careful", marks=pytest.mark.long), "dangerous"])
def test_no_test_picture_ever_reaches_the_wall(cast: Cast, preset: str) -> None:
    """Every one is approved, the release is due, the log is appended and read again: the number has not moved."""
    campaign = cast.campaign_with(preset=preset, handle="tested")
    append_campaign(campaign)
    before = signed(campaign)
    enough = preset_rules(campaign).release_batch + 2
    seeds = [sent(cast, f"refer {number}".encode(), campaign=campaign) for number in range(enough)]
    work()
    for post in seeds:
        decision_make(post=post, kind="approve", account=cast.moderator, colour=True)
    cast.house.clock.advance(DAY_S)
    assert signed(campaign) == before
    assert not Decision.objects.exists() and not Entry.objects.exclude(post=None).exists()
    assert not Untold.objects.filter(waits=True).exists()
    assert all(entry_of(post) is None for post in seeds)


def test_even_a_forged_decision_does_not_lift_one_onto_the_wall(cast: Cast) -> None:
    """The one place that adds decisions refuses; were a row written past it, the wall does not look at such posts."""
    post = seed(cast)
    before = signed(cast.campaign)
    with pytest.raises(Broken) as broken, transaction.atomic():
        post_withdraw(post=post)
    assert broken.value.code == "seed-decided"
    Decision.objects.create(
        post=post, position=0, kind="approve", by="person", day=cast.house.clock.now().date()
    )
    Untold.objects.create(post=post, campaign=cast.campaign)
    assert signed(cast.campaign) == before
    assert entry_of(post) is None


def masked(page: str, post: Post) -> str:
    """Return a page of the desk without what differs between any two posts: ids, file names, and what they wear."""
    for photo in Photo.objects.filter(post=post):
        page = page.replace(photo.pk, "PHOTO")
    page = page.replace(post.pk, "POST")
    return re.sub(r"picture/\w+\.", "picture/FILE.", page)


def seen_of(mark: Browser, post: Post) -> list[str]:
    """Return every page that a moderator meets with a post that alone waits: look, cover, err, decide, undo, leave."""
    box = {"left": "1", "top": "1", "width": "9", "height": "9"}
    pages = [mark.get(f"{DESK}review").page]
    pages.append(mark.review("cover", photo=Photo.objects.get(post=post).pk, **box).page)
    work()
    pages.append(mark.get(f"{DESK}review").page)
    pages.append(mark.review("reject", reason="because").page)
    pages.append(mark.review("reject", reason="hate").page)
    pages.append(mark.post(f"{DESK}review/undo", decided=mark.hidden("decided")).page)
    pages.append(mark.review("approve", colour="yes").page)
    pages.append(mark.post(f"{DESK}review/undo", decided=post.pk).page)
    pages.append(mark.review("skip").page)
    pages.append(mark.get(f"{DESK}review").page)
    pages.append(mark.review("reject", reason="off-call").page)
    return [masked(page, post) for page in pages]


def test_the_desk_shows_one_exactly_as_any_post(cast: Cast) -> None:
    """The same page to the byte but for random ids: with one in hand, with one just decided, with one just undone."""
    seeding_set(campaign=cast.campaign, every=20)
    other = account_create(name=cast.moderator.name[::-1])
    Membership.objects.create(campaign=cast.campaign, account=other, role=Role.MODERATOR)
    real = cast.somebody().decided(b"refer", caption="With you.", language="en")
    pages = [seen_of(signed_in(cast.moderator), real)]
    pages.append(seen_of(signed_in(other), seed(cast, b"refer again")))
    for seen, shown in zip(*pages, strict=True):
        assert seen.replace(cast.moderator.name, "NAME") == shown.replace(other.name, "NAME")
    assert "drawn test picture" in pages[0][0]


def test_deciding_one_takes_about_as_many_questions_to_the_database(cast: Cast) -> None:
    """Time tells no more than the wire's own noise: a handful of statements of some fifty that a page takes."""
    mark = signed_in(cast.moderator)
    counts = []
    for make in (partial(cast.somebody().decided, b"refer"), partial(seed, cast)):
        post = make()
        assert mark.get(f"{DESK}review").hidden("post") == post.pk
        with CaptureQueriesContext(connection) as asked:
            mark.review("approve")
        counts.append(len(asked))
    assert abs(counts[0] - counts[1]) <= counts[0] // 4


def test_they_are_handed_out_among_the_others_by_chance(cast: Cast) -> None:
    """Neither first nor last: in many queues of one and four posts it is the first in about a fifth."""
    seeded = seed(cast)
    for number in range(4):
        cast.somebody().decided(f"refer {number}".encode())
    first = 0
    for _ in range(50):
        handed = review_next(account=cast.moderator, campaign=cast.campaign)
        assert handed is not None
        first += handed.pk == seeded.pk
        Review.objects.filter(pk=handed.pk).update(handed_to=None, handed_until=None)
        for row in Review.objects.all():
            Review.objects.filter(pk=row.pk).update(place=cast.house.clock.random_bytes(8))
    assert 1 <= first <= 30
    assert reviews_open(cast.campaign) == 5


@pytest.mark.parametrize(
    ("shows", "answer", "as_expected"),
    [
        ("colour", {"kind": "approve", "colour": True}, True),
        ("colour", {"kind": "approve", "colour": False}, False),
        ("colour", {"kind": "reject", "reason": "off-call"}, False),
        ("other", {"kind": "approve", "colour": False}, True),
        ("other", {"kind": "approve", "colour": True}, False),
        ("other", {"kind": "reject", "reason": "off-call"}, False),
        ("reject", {"kind": "reject", "reason": "unsafe"}, True),
        ("reject", {"kind": "approve", "colour": True}, False),
    ],
)
def test_what_is_expected(cast: Cast, shows: str, answer: dict[str, object], as_expected: bool) -> None:
    """Out of the colour is no reason to reject; what must not be on a wall is, whichever reason is given."""
    decision_make(post=seed(cast, shows=shows), account=cast.moderator, **answer)  # type: ignore[arg-type]
    measured = seeds_measured(cast.campaign)[cast.moderator.pk]
    assert (measured.met, measured.as_expected) == (1, int(as_expected))


def test_an_answer_is_undone_like_a_decision(cast: Cast) -> None:
    """Back in the same hands and measured anew; acts are undone in their order, posts and test pictures alike."""
    mark = signed_in(cast.moderator)
    order: list[str] = []

    def seed_of(content: bytes) -> partial[Post]:
        return partial(seed, cast, b"refer " + content)

    def post_of(content: bytes) -> partial[Post]:
        return partial(cast.somebody().decided, b"refer " + content)

    for make in (seed_of(b"a"), post_of(b"b"), seed_of(b"c"), seed_of(b"d"), post_of(b"e")):
        post = make()
        assert mark.get(f"{DESK}review").hidden("post") == post.pk
        mark.review("approve")
        order.append(post.pk)
    undone: list[str] = []
    for _ in order:
        undone.append(mark.hidden("decided"))
        mark.post(f"{DESK}review/undo", decided=undone[-1])
        assert mark.hidden("post") == undone[-1]
    assert undone == order[::-1] and mark.hidden("decided") == ""
    assert seeds_measured(cast.campaign) == {}
    assert not Seed.objects.exclude(account=None).exists()


def test_nothing_else_takes_one_for_a_post(cast: Cast) -> None:
    """Refused pictures, bursts, reversals, what was restored, an appeal's copies, the end of the log: none knows it."""
    post = seed(cast, b"refer the same", shows="reject")
    decision_make(post=post, kind="reject", reason="hate", account=cast.moderator)
    assert not is_like_refused(cast.somebody().decided(b"refer the same"))
    assert not Erasure.objects.exists() and standing(post) is None
    assert not decisions_of(cast.campaign, cast.moderator).exists()
    assert reversal_preview(campaign=cast.campaign, account=cast.moderator).wait == 0
    for number in range(8):
        seed(cast, f"refer {number}".encode())
    assert raids.bursts(cast.campaign) == []
    assert not _posts_without_line(cast.campaign) & set(Seed.objects.values_list("pk", flat=True))
    assert all(
        post_state(Post.objects.get(pk=pk)) != "on_wall" for pk in Seed.objects.values_list("pk", flat=True)
    )


def test_a_log_is_closed_though_test_pictures_wait(cast: Cast) -> None:
    """Nobody waits for them; and once nothing is taken any more they go."""
    seeding_set(campaign=cast.campaign, every=20)
    seed(cast)
    campaign_close(campaign=cast.campaign, notice={"en": "The end."})
    append_campaign(cast.campaign)
    newest = Entry.objects.filter(campaign=cast.campaign).order_by("-position").first()
    assert newest is not None and b"closed" in bytes(newest.line)
    assert seeds_mix_pending() == 1
    assert not Seed.objects.exists() and not Post.objects.filter(door=SEED).exists()


def look(cast: Cast, times: int) -> None:
    """Have somebody of the team be shown so many posts."""
    for _ in range(times):
        look_count(account=cast.organiser, campaign=cast.campaign)


def mixed(cast: Cast) -> int:
    """Let the step look again; returns how many test pictures there are."""
    cast.house.clock.advance(LOOK_AGAIN_S + 1)
    seeds_mix_pending()
    work()
    return Seed.objects.count()


def test_they_come_at_the_pace_at_which_the_team_looks(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for about twenty that are shown, not one while nobody looks, one at a time, and none when it is ended."""
    monkeypatch.setattr(
        "wearemany.moderation.seeding.drawn", lambda wish: Drawn(f"refer {wish.seed}".encode(), "")
    )
    seeding_set(campaign=cast.campaign, every=20)
    look(cast, 9)
    assert mixed(cast) == 0
    look(cast, 21)
    assert mixed(cast) == 1
    look(cast, 31)
    assert mixed(cast) == 1, "one that nobody met is enough"
    seeding_set(campaign=cast.campaign, every=0)
    assert mixed(cast) == 0 and seeding_of(cast.campaign) == 0


def test_none_come_while_nothing_is_taken_or_a_word_is_asked_for(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drawn hand holds no paper; and a paused campaign has a queue that only empties."""
    monkeypatch.setattr("wearemany.moderation.seeding.drawn", lambda wish: Drawn(b"refer", ""))
    for stop in (
        lambda: campaign_word_ask(campaign=cast.campaign),
        lambda: campaign_pause(campaign=cast.campaign, notice={"en": "A pause."}),
    ):
        seeding_set(campaign=cast.campaign, every=20)
        seed(cast)
        look(cast, 40)
        stop()
        assert mixed(cast) == 0
        Campaign.objects.filter(pk=cast.campaign.pk).update(asks_word=False, phase=Phase.OPENED)


def test_one_that_nobody_would_be_asked_about_goes(cast: Cast) -> None:
    """In an everyday campaign a plain post does not wait: a plain test picture that did would be known at once."""
    seeding_set(campaign=cast.campaign, every=20)
    post = seed(cast, b"a plain selfie")
    assert not Review.objects.filter(post=post).exists() and standing(post) is None
    assert mixed(cast) == 0


def test_a_drawing_that_fails_leaves_nothing_and_is_tried_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is gone: the row waits longer each time, nothing half-made is anywhere."""

    def broken(wish: Wish) -> Drawn:
        raise TryAgain("drawing-failed", "No.")

    monkeypatch.setattr("wearemany.moderation.seeding.drawn", broken)
    seeding_set(campaign=cast.campaign, every=20)
    look(cast, 40)
    seeds_mix_pending()
    row = Seeding.objects.get()
    assert (row.trouble, row.attempts) == ("drawing-failed", 1)
    assert not Post.objects.filter(door=SEED).exists() and list(cast.house.store.list("u")) == []


def test_everything_of_them_goes_after_a_month_and_with_the_campaign(cast: Cast) -> None:
    """Who answered what is forgotten with the row and its picture; burning takes keys and rows with it at once."""
    old = seed(cast)
    decision_make(post=old, kind="approve", account=cast.moderator)
    cast.house.clock.advance(31 * DAY_S)
    kept = seed(cast, b"refer kept")
    seeds_mix_pending()
    assert list(Seed.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not Post.objects.filter(pk=old.pk).exists()
    seeding_set(campaign=cast.campaign, every=50)
    campaign_burn(cast.campaign)
    assert not PostKey.objects.filter(post=kept).exists()
    run_until_idle((burn_pending, blobs_doom_pending))
    assert not Seed.objects.exists() and not Seeding.objects.exists()
    assert list(cast.house.store.list("r")) == []


def test_organisers_set_it_and_read_it_without_blame(cast: Cast) -> None:
    """Counts and a range of shares, for each of the team; a moderator can neither see nor set it."""
    olga = signed_in(cast.organiser)
    assert olga.post(f"{DESK}team/seeds", every="20").status == 200
    assert seeding_of(cast.campaign) == 20 and "now and then" in olga.page
    assert olga.post(f"{DESK}team/seeds", every="3").status == 400
    for number, colour in enumerate((True, True, False)):
        post = seed(cast, f"refer {number}".encode())
        decision_make(post=post, kind="approve", account=cast.moderator, colour=colour)
    page = " ".join(olga.get(f"{DESK}team").page.split())
    assert "2 of 3 as expected (20 to 94 %)" in page and "none met" in page
    assert not re.search(r"(?i)\b(wrong|fail|mistake|bad|score|error)", page[page.index("<table") :])
    mark = signed_in(cast.moderator)
    assert mark.get(f"{DESK}team").status == 403
    assert mark.post(f"{DESK}team/seeds", every="0").status == 403


@pytest.mark.parametrize(
    ("hits", "of", "share"),
    [(0, 0, (0, 100)), (0, 10, (0, 28)), (10, 10, (72, 100)), (5, 10, (23, 77)), (81, 263, (25, 37))],
)
def test_the_range_of_shares(hits: int, of: int, share: tuple[int, int]) -> None:
    """Against values of the literature: Newcombe (1998), table I, and by hand."""
    assert likely_share(hits, of=of) == share


def test_a_real_child_draws_what_is_wished_for(cast: Cast) -> None:
    """A picture and its words come out, with no mark and nothing in it but pixels."""
    made = drawn(Wish("words", "blue", seed=5, people=2, language="ru"))
    assert made.content.startswith(b"\xff\xd8\xff") and b"Exif" not in made.content
    assert re.search("[а-я]", made.caption)
