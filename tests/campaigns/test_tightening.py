"""A campaign grows more careful: the rules hold at once, and what is public already is brought in line."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.cast import Cast
from tests.rig import killed_at_statement, sampled
from tests.rigs.stores import Fault, FaultyBlobs, Killed
from tests.wall.walls import assert_sound
from tests.web.walls import stand
from wearemany.adapters import server
from wearemany.adapters.blobs import BlobStore
from wearemany.adapters.sealed import open_sealed
from wearemany.campaigns.models import Campaign, Tightening
from wearemany.campaigns.presets import RULES, stricter_values, strictest, wish_read
from wearemany.campaigns.services import preset_rules
from wearemany.campaigns.tightening import Stricter, campaign_tighten, change_of
from wearemany.conversations.models import CommentState
from wearemany.conversations.services import comment_add, comments_shown
from wearemany.errors import Broken, Refused, TryAgain
from wearemany.moderation.services import reviews_open
from wearemany.moderation.tightening import posts_tighten_pending, tightening_progress
from wearemany.photos.developing import develop, prepare, record
from wearemany.photos.models import DoomedBlob, Photo, Post, Rendition
from wearemany.photos.secrets import post_key
from wearemany.photos.showing import post_photos, rendition_open
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.wall.log import append_pending
from wearemany.wall.queries import PostState, post_state, tally
from wearemany.worker.claims import claim
from wearemany.worker.loop import run_until_idle

STEPS = (develop_pending, posts_tighten_pending, append_pending, blobs_doom_pending)
DANGER = Stricter("dangerous")


def work(cast: Cast) -> None:
    """Let the job run to its end; what was put back for a moment is due again."""
    for _ in range(6):
        run_until_idle(STEPS)
        cast.house.clock.advance(30)


def refused_code(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def names(post: Post) -> list[str]:
    rows = Rendition.objects.filter(photo__post=post).order_by("pk")
    return list(rows.values_list("name", flat=True))


def shown(post: Post) -> list[bool]:
    return [rendition_open(name) is not None for name in names(post)]


def longest(post: Post) -> int:
    rows = Rendition.objects.filter(photo__post=post).values_list("width_px", "height_px")
    return max(max(sides) for sides in rows)


def test_the_stricter_of_two_rules_holds() -> None:
    """Presets are rungs of one ladder, and a campaign's own wishes are never lost by climbing it."""
    assert strictest(RULES["everyday"], RULES["dangerous"]) == RULES["dangerous"]
    assert strictest(RULES["careful"], RULES["everyday"]) == RULES["careful"]
    # The only rule that careful alone has: batches at least ten minutes apart. It stays.
    assert strictest(RULES["dangerous"], RULES["careful"]) == replace(RULES["dangerous"], release_every_s=600)
    assert stricter_values(RULES["careful"], "comments") == ("held", "no")
    assert stricter_values(RULES["careful"], "main_px") == (1280, 960, 640, 320)
    assert stricter_values(RULES["dangerous"], "release_batch") == (20, 50, 100)
    assert (wish_read("pictures_out", "no"), wish_read("main_px", "640")) == (False, 640)
    for name, text in (("pictures_out", "perhaps"), ("main_px", "-3"), ("nothing", "1")):
        assert refused_code(lambda name=name, text=text: wish_read(name, text)) == "preset-unknown"


@pytest.mark.database
def test_nothing_can_be_made_looser(cast: Cast) -> None:
    """No preset below, no value below; what is refused changes nothing, and what is the same already says so."""
    campaign = cast.campaign_with(preset="careful", handle="careful-one")
    for wish in (
        Stricter("everyday"),
        Stricter(wishes={"comments": "shown"}),
        Stricter(wishes={"main_px": 1600}),
    ):
        assert (
            refused_code(lambda wish=wish: campaign_tighten(campaign=campaign, wish=wish)) == "preset-looser"
        )
    assert refused_code(lambda: campaign_tighten(campaign=campaign, wish=Stricter())) == "preset-same"
    assert refused_code(lambda: change_of(campaign, Stricter("reckless"))) == "preset-unknown"
    assert preset_rules(campaign) == RULES["careful"] and tightening_progress(campaign) is None
    campaign_tighten(campaign=campaign, wish=Stricter(wishes={"main_px": 320, "release_batch": 50}))
    campaign_tighten(campaign=campaign, wish=DANGER)
    rules = preset_rules(Campaign.objects.get(pk=campaign.pk))
    assert (campaign.preset, rules.main_px, rules.release_batch) == ("dangerous", 320, 50)
    assert (rules.cover, rules.comments, rules.by_mail) == ("everybody", "no", False)


@pytest.mark.database
@pytest.mark.threat("D", "E")
def test_what_is_public_is_covered_and_cut(committed_cast: Cast) -> None:
    """Hidden with the change, back when every face is covered and no copy is larger; the number stays, and recounts."""
    cast = committed_cast
    (post,) = stand(cast, "seen by all")
    old = {row.blob: cast.house.store.get(row.blob) for row in Rendition.objects.filter(photo__post=post)}
    key = post_key(post.pk)
    assert key is not None and all(shown(post))
    campaign_tighten(campaign=cast.campaign, wish=DANGER)
    assert not any(shown(post)) and post_photos(post)[0].state == "waiting"
    progress = tightening_progress(cast.campaign)
    assert progress is not None and (progress.left, progress.done, progress.is_over) == (1, 0, False)
    work(cast)
    post.refresh_from_db()
    assert (post.cover, post.confirmed, post_state(post)) == ("everybody", True, PostState.ON_WALL)
    assert all(shown(post)) and longest(post) <= 640
    (view,) = post_photos(post)
    assert [face["covered"] for face in view.faces] == [True]
    order = cast.house.darkroom.orders[-1]
    assert len(order.heads) == 1 and order.main_px == 640
    assert not any(cast.house.store.exists(blob) for blob in old), "the large copies are gone"
    fresh = post_key(post.pk)
    assert fresh is not None and fresh != key
    for blob in old.values():
        with pytest.raises(Broken):
            open_sealed(fresh, blob)
    assert cast.house.trace_of(next(iter(old.values()))[40:90]) == []
    progress = tightening_progress(cast.campaign)
    assert progress is not None and (progress.total, progress.left, progress.is_over) == (1, 0, True)
    assert tally(cast.campaign).posts == 1
    assert_sound(cast.campaign)


@pytest.mark.database
def test_sizes_alone_can_be_cut(committed_cast: Cast) -> None:
    """A single rule: faces that were agreed to be seen stay, the pictures get smaller; what fits is left alone."""
    cast = committed_cast
    large, small = stand(cast, "one", "two")
    Rendition.objects.filter(photo__post=small, size="main").update(width_px=500, height_px=700)
    campaign_tighten(campaign=cast.campaign, wish=Stricter(wishes={"main_px": 960}))
    assert not all(shown(large)) and all(shown(small))
    assert post_photos(large)[0].state == "waiting"
    before = names(small)
    work(cast)
    large.refresh_from_db()
    assert large.cover == "nobody" and longest(large) <= 960 and all(shown(large))
    assert names(small) == before


@pytest.mark.database
def test_where_a_face_may_have_been_missed_a_person_looks_first(committed_cast: Cast) -> None:
    """Such a post leaves the wall with the change and waits for a moderator, who sees the covered picture."""
    cast = committed_cast
    (doubtful,) = stand(cast, "small face", people=3)
    (plain,) = stand(cast, "plain")
    campaign_tighten(campaign=cast.campaign, wish=DANGER)
    work(cast)
    doubtful.refresh_from_db()
    assert post_state(doubtful) == PostState.REVIEW and reviews_open(cast.campaign) == 1
    assert post_state(plain) == PostState.ON_WALL
    assert tally(cast.campaign).posts == 1


@pytest.mark.database
def test_comments_are_held_or_erased(cast: Cast) -> None:
    """Careful: what was shown at once waits for a person. Dangerous: no stranger's word is left, shown or waiting."""
    (post,) = stand(cast, "talked about")
    comment = comment_add(post=post, name="A", text="With you!", language="en")
    assert len(comments_shown(post)) == 1
    campaign_tighten(campaign=cast.campaign, wish=Stricter("careful"))
    posts_tighten_pending()
    comment.refresh_from_db()
    assert comment.state == CommentState.HELD
    post.campaign.refresh_from_db()
    campaign_tighten(campaign=cast.campaign, wish=DANGER)
    post.campaign.refresh_from_db()
    assert comments_shown(post) == []
    posts_tighten_pending()
    comment.refresh_from_db()
    assert (comment.state, comment.text, comment.name) == (CommentState.REMOVED, "", "")


@pytest.mark.database
def test_a_post_of_several_photos_keeps_them_all(committed_cast: Cast) -> None:
    """Each photo is made anew under a new key, and the other ones still open under it, at every moment between."""
    cast = committed_cast
    post = cast.somebody().decided(b"first", b"second", b"third")
    append_pending()
    campaign_tighten(campaign=cast.campaign, wish=DANGER)
    posts_tighten_pending()
    keys = set()
    while Photo.objects.filter(post=post, due_at__isnull=False).exists():
        keys.add(post_key(post.pk))
        develop_pending()
    run_until_idle(STEPS)
    assert all(shown(post)) and len(names(post)) == 18
    assert post_key(post.pk) not in keys
    assert DoomedBlob.objects.count() == 0


@pytest.mark.database
def test_a_photo_that_was_in_the_darkroom_goes_round_again(committed_cast: Cast) -> None:
    """The rules changed while it was developed under the old ones: it is not shown before it obeys the new ones."""
    cast = committed_cast
    post = cast.somebody().posts(b"in the middle")
    cast.house.darkroom.inside = lambda: (
        None
        if Tightening.objects.exists()
        else (campaign_tighten(campaign=cast.campaign, wish=DANGER), posts_tighten_pending())
    )
    develop_pending()
    cast.house.darkroom.inside = None
    assert Tightening.objects.get().total == 1 and Photo.objects.get(post=post).attempts == 0
    assert not any(shown(post))
    work(cast)
    post.refresh_from_db()
    assert post.cover == "everybody" and all(shown(post)) and longest(post) <= 640


@pytest.mark.database
@pytest.mark.threat("F")
def test_posts_that_wait_for_the_darkroom_do_not_hold_up_the_others(committed_cast: Cast) -> None:
    """A raid fills the line with posts that ask for no cover: what is public is brought in line all the same."""
    cast = committed_cast
    public = [cast.somebody().decided(b"public %d" % number, cover="nobody") for number in range(2)]
    waiting = [cast.somebody().posts(b"waits %d" % number, cover="nobody") for number in range(3)]
    campaign_tighten(campaign=cast.campaign, wish=DANGER)
    run_until_idle((posts_tighten_pending,))
    for post in (*public, *waiting):
        post.refresh_from_db()
        assert post.cover == "everybody", "also whoever waits is covered from the start"
    assert not Photo.objects.filter(post__in=public, due_at=None).exists(), "due to be made anew, covered"
    progress = tightening_progress(cast.campaign)
    assert progress is not None and (progress.total, progress.left) == (5, 2)
    work(cast)
    progress = tightening_progress(cast.campaign)
    assert progress is not None and progress.is_over
    assert all(longest(post) <= 640 for post in (*public, *waiting))


@pytest.mark.database
def test_two_photos_at_the_same_moment_lose_nothing(committed_cast: Cast) -> None:
    """Another photo of the post gets its new key in between: this one is sealed again, under that one's successor."""
    cast = committed_cast
    post = cast.somebody().decided(b"first", b"second")
    append_pending()
    campaign_tighten(campaign=cast.campaign, wish=DANGER)
    posts_tighten_pending()
    one, other = (prepare(photo) for photo in claim(Photo, limit=2, lease_s=90))
    assert one is not None and other is not None
    first, second = develop(one), develop(other)
    turns = [lambda: record(other, second)]
    cast.house.use(Between(cast.house.store, turns))
    record(one, first)
    cast.house.use(cast.house.store)
    assert turns == []
    run_until_idle(STEPS)
    assert all(shown(post)) and len(names(post)) == 12


class Between(FaultyBlobs):
    """Lets something else happen just after the first writing."""

    def __init__(self, inner: BlobStore, turns: list[Callable[[], None]]) -> None:
        super().__init__(inner)
        self._turns = turns

    def put(self, key: str, content: bytes) -> None:
        super().put(key, content)
        if self._turns:
            self._turns.pop()()


@pytest.mark.database
@pytest.mark.parametrize("number", sampled(45))
@pytest.mark.threat("D")
def test_a_server_killed_at_any_statement_goes_on(committed_cast: Cast, number: int) -> None:
    """Nothing is shown that the rules forbid, whenever it dies; started again it comes to the same end."""
    cast = committed_cast
    posts = stand(cast, "seen", "also seen")
    campaign_tighten(campaign=cast.campaign, wish=DANGER)
    with killed_at_statement(number), suppress(Killed):
        for step in (posts_tighten_pending, develop_pending, develop_pending, blobs_doom_pending):
            step()
    for post in posts:
        post.refresh_from_db()
        if any(shown(post)):
            assert post.cover == "everybody" and longest(post) <= 640
    cast.house.restarted()
    cast.house.clock.advance(200)
    work(cast)
    for post in posts:
        post.refresh_from_db()
        assert post.cover == "everybody" and longest(post) <= 640 and all(shown(post))
    progress = tightening_progress(cast.campaign)
    assert progress is not None and progress.is_over
    assert_sound(cast.campaign)


@pytest.mark.database
@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("number", [0, 3, 6, 11])
def test_a_failing_store_loses_no_picture(committed_cast: Cast, number: int, fault: Fault) -> None:
    """A write that failed, or failed and had happened: the post stays hidden meanwhile, and comes back whole."""
    cast = committed_cast
    post = cast.somebody().decided(b"first", b"second")
    append_pending()
    campaign_tighten(campaign=cast.campaign, wish=DANGER)
    posts_tighten_pending()
    faulty = FaultyBlobs(cast.house.store)
    faulty.fail(number, fault)
    cast.house.use(faulty)
    with suppress(TryAgain, Killed):
        develop_pending()
    cast.house.use(cast.house.store)
    cast.house.restarted()
    cast.house.clock.advance(200)
    work(cast)
    post.refresh_from_db()
    assert all(shown(post)) and longest(post) <= 640
    named = set(Rendition.objects.values_list("blob", flat=True))
    assert all(server.store().exists(blob) for blob in named)
