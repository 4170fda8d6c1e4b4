"""Review: one post at a time, to one person, without time or sender; every act, and every act undone."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.rig import NOON
from tests.web.desk_rig import DESK, HANDLE, Browser, signed_in
from wearemany.campaigns.models import Campaign
from wearemany.moderation.models import Review
from wearemany.moderation.reasons import REJECTIONS, REVIEWS
from wearemany.moderation.services import decide_pending, post_withdraw, standing
from wearemany.photos.models import Post
from wearemany.photos.orders import PostChange
from wearemany.photos.services import photos_of_posts, post_amend
from wearemany.photos.steps import develop_pending
from wearemany.web.desk import words
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database]


@pytest.fixture
def waiting(cast: Cast) -> Post:
    """A post before a person: the machine was not sure."""
    return cast.supporter.decided(
        b"refer: burgundy", caption="We care", name="Nadia", alts=("A woman in burgundy",)
    )


@pytest.fixture
def mark(cast: Cast, waiting: Post) -> Browser:
    """The moderator, with the post in hand."""
    return signed_in(cast.moderator).get(f"{DESK}review")


def test_a_review_shows_everything_to_decide_by(mark: Browser, waiting: Post) -> None:
    """Picture, words, why it waits, what was seen, the garment's outline, every reason, every key."""
    for piece in (
        "We care",
        "Nadia",
        "A woman in burgundy",
        words.WAITS["colour-doubtful"],
        "Likelihood",
        "<polygon",
    ):
        assert piece in mark.page
    for code, sentence in REJECTIONS.items():
        assert f'value="{code}"' in mark.page and sentence in mark.page
    for key in ("s", "a", "t", "r", "c", "n", "?", "1", "0"):
        assert f'data-key="{key}"' in mark.page
    assert "js/desk." in mark.page and '<input class="reveal' in mark.page


@pytest.mark.threat("C")
def test_a_review_tells_no_time_and_no_sender(mark: Browser, cast: Cast, waiting: Post) -> None:
    """Neither when nor from where, nor the keep-code nor its digest; nor is there anything to search by."""
    page = mark.page
    for trace in (str(NOON.year) + "-", "12:34", "March", "<time", "datetime", cast.supporter.code):
        assert trace not in page
    assert bytes(waiting.code_digest or b"").hex() not in page
    assert 'type="search"' not in page and "<input id=" not in page


def test_the_words_cover_every_code() -> None:
    """Whatever policy or a rejection may say has words at the desk."""
    assert set(words.WAITS) == set(REVIEWS)
    assert set(words.REJECT_LABELS) == set(REJECTIONS)


@pytest.mark.threat("C")
def test_one_post_is_never_before_two_people(cast: Cast, mark: Browser) -> None:
    """While one holds it, the other is told that nothing is left, and cannot decide or see it by its id."""
    olga = signed_in(cast.organiser).get(f"{DESK}review")
    assert "Nothing for you just now" in olga.page and "We care" not in olga.page
    held = mark.hidden("post")
    assert olga.post(f"{DESK}review/approve", post=held).status == 400
    assert standing(Post.objects.get(pk=held)) is None


def test_two_posts_go_to_two_people(cast: Cast, mark: Browser) -> None:
    """Each gets another one."""
    cast.somebody().decided(b"refer: another")
    olga = signed_in(cast.organiser).get(f"{DESK}review")
    assert olga.hidden("post") and olga.hidden("post") != mark.hidden("post")


@pytest.mark.parametrize("ticked", [True, False])
def test_approving_says_whether_the_colour_is_worn(mark: Browser, waiting: Post, ticked: bool) -> None:
    """The tick becomes the decision's word on the colour, and the page goes on to the next one at once."""
    mark.review("approve", **({"colour": "yes"} if ticked else {}))
    decision = standing(waiting)
    assert decision is not None and (decision.kind, decision.colour) == ("approve", ticked)
    assert mark.status == 200 and "Approved." in mark.page and "Nobody waits" in mark.page


@pytest.mark.parametrize(("content", "ticked"), [(b"refer: burgundy", False), (b"two people", True)])
def test_the_tick_begins_as_the_machine_saw_it(cast: Cast, content: bytes, ticked: bool) -> None:
    """Accepted: ticked. Anything else: a person has to say so."""
    cast.supporter.decided(content)
    page = signed_in(cast.moderator).get(f"{DESK}review").page
    tick = page[page.index('name="colour"') :].split(">")[0]
    assert ("checked" in tick) is ticked


def test_rejecting_needs_a_reason_and_tells_nobody_else(mark: Browser, cast: Cast, waiting: Post) -> None:
    """Without one the same post stays in hand with a sentence; with one it is decided, and nobody outside notices."""
    mark.review("reject", reason="because")
    assert mark.status == 400 and "one of the reasons" in mark.page and mark.hidden("post") == waiting.pk
    before = Campaign.objects.get(pk=cast.campaign.pk).visible_version
    mark.review("reject", reason="hate")
    decision = standing(waiting)
    assert decision is not None and (decision.kind, decision.reason) == ("reject", "hate")
    # Nobody had seen it: whoever watches the wall is not to learn that something was rejected just now.
    assert Campaign.objects.get(pk=cast.campaign.pk).visible_version == before


def test_undo_brings_the_same_post_back_into_the_same_hands(cast: Cast, mark: Browser, waiting: Post) -> None:
    """Also when another one was taken up meanwhile: that one goes back to everybody."""
    other = cast.somebody().decided(b"refer: another")
    mark.review("reject", reason="hate")
    assert mark.hidden("post") == other.pk
    mark.post(f"{DESK}review/undo", decided=mark.hidden("decided"))
    assert mark.hidden("post") == waiting.pk and "Undone" in mark.page
    assert words.WAITS["colour-doubtful"] in mark.page
    assert standing(waiting) is None
    assert Review.objects.get(pk=other.pk).handed_to is None
    mark.review("approve")
    decision = standing(waiting)
    assert decision is not None and decision.kind == "approve"


def test_undo_twice_undoes_once(mark: Browser, cast: Cast, waiting: Post) -> None:
    """The form names its decision, so a nervous finger does not undo an older one as well."""
    cast.somebody().decided(b"refer: another")
    mark.review("approve")
    mark.review("approve")
    newest = mark.hidden("decided")
    mark.post(f"{DESK}review/undo", decided=newest)
    assert mark.post(f"{DESK}review/undo", decided=newest).status == 400
    assert Review.objects.filter(open=True).count() == 1


def test_nobody_undoes_anothers_last_decision_here(mark: Browser, cast: Cast, waiting: Post) -> None:
    """`u` is about one's own decisions."""
    mark.review("approve")
    olga = signed_in(cast.organiser).get(f"{DESK}review")
    assert olga.hidden("decided") == ""
    assert olga.post(f"{DESK}review/undo", decided=mark.hidden("decided")).status == 400


def test_leaving_a_post_hands_out_another_one(mark: Browser, cast: Cast, waiting: Post) -> None:
    """The one that was left is free for everybody again."""
    other = cast.somebody().decided(b"refer: another")
    mark.review("skip")
    assert mark.hidden("post") == other.pk
    assert Review.objects.get(pk=waiting.pk).handed_to is None


def test_drawn_covers_are_laid_and_the_picture_comes_back(mark: Browser, cast: Cast, waiting: Post) -> None:
    """Per cent become fractions; until the darkroom is done nobody can approve; then it is in the same hands."""
    boxes = {"left": ["10", "50,5"], "top": ["20", "0"], "width": ["30", "10"], "height": ["25", "12.5"]}
    mark.review("cover", photo=mark.hidden("photo"), **boxes)
    assert "cover is being laid" in mark.page and mark.hidden("post") == ""
    (photo,) = photos_of_posts([waiting])[waiting.pk]
    assert photo.drawn == ((0.1, 0.2, 0.4, 0.45), (0.505, 0.0, 0.605, 0.125))
    run_until_idle((develop_pending, decide_pending))
    assert mark.get(f"{DESK}review").hidden("post") == waiting.pk
    assert "2 covers were drawn by hand" in mark.page


@pytest.mark.parametrize("left", ["", "nan", "ten", "1e999", "-500"])
def test_unreadable_covers_come_back_as_they_were_typed(mark: Browser, waiting: Post, left: str) -> None:
    """A sentence, the same post, and the numbers still in their fields."""
    mark.review("cover", photo=mark.hidden("photo"), left=left, top="77", width="10", height="10")
    assert mark.status == 400 and "per cent" in mark.page and 'value="77"' in mark.page
    assert mark.hidden("post") == waiting.pk


def test_a_cover_goes_only_on_the_picture_in_hand(mark: Browser, cast: Cast) -> None:
    """Another post's picture cannot be reached through this one's form."""
    other = cast.somebody().decided(b"refer: another")
    photo = other.photos.get()
    mark.review("cover", photo=photo.pk, left="1", top="1", width="9", height="9")
    assert mark.status == 400 and not other.photos.get().drawn


def test_changed_words_are_shown_before_they_are_approved(mark: Browser, waiting: Post) -> None:
    """An approval of words that the author changed meanwhile is refused, and the new ones are there to read."""
    post_amend(post=waiting, change=PostChange(caption="Something else"))
    mark.review("approve")
    assert mark.status == 400 and "changed the words" in mark.page and "Something else" in mark.page
    assert standing(waiting) is None


def test_an_edit_stands_beside_what_everybody_reads_now(cast: Cast) -> None:
    """Both words are there, so that one sees what changed."""
    campaign = cast.campaign_with(preset="careful", handle="careful")
    post = cast.somebody(campaign).decided(b"red", caption="First words")
    olga = signed_in(cast.organiser).get("/desk/careful/review")
    olga.post("/desk/careful/review/approve", post=post.pk, colour="yes")
    post_amend(post=post, change=PostChange(caption="Second words"))
    decide_pending()
    page = olga.get("/desk/careful/review").page
    assert "First words" in page and "Second words" in page and words.WAITS["edited"] in page


def test_a_post_taken_back_meanwhile_is_gone_with_a_sentence(mark: Browser, waiting: Post) -> None:
    """Its author was faster; nothing is left to decide."""
    post_withdraw(post=waiting)
    mark.review("approve")
    assert mark.status == 400 and "do not hold that post any more" in mark.page


def test_a_hand_out_ends_after_ten_minutes(cast: Cast, mark: Browser, waiting: Post) -> None:
    """Somebody who went away does not keep a post from the others, nor decide it after them."""
    cast.house.clock.advance(601)
    olga = signed_in(cast.organiser).get(f"{DESK}review")
    assert olga.hidden("post") == waiting.pk
    assert mark.post(f"{DESK}review/approve", post=waiting.pk).status == 400


def test_pictures_are_for_those_who_hold_them(cast: Cast, mark: Browser, waiting: Post) -> None:
    """The moderator gets bytes that nobody keeps; a colleague without the post, a stranger and a guess get nothing."""
    address = mark.page[mark.page.index(f"/desk/{HANDLE}/picture/") :].split('"')[0]
    answer = mark.client.get(address)
    assert answer.status_code == 200 and answer.content.startswith(b"rendition main webp")
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Content-Type"] == "image/webp"
    assert signed_in(cast.organiser).get(address).status == 404
    assert Browser().get(address).path == "/desk/in"
    assert mark.get(f"{DESK}picture/{'a' * 26}.webp").status == 404
    mark.review("approve", post=waiting.pk)
    assert mark.get(address).status == 404
