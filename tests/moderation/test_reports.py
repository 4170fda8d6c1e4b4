"""Reports by anyone, the statement of reasons, and the appeal that another person decides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.web.desk_rig import DESK, Browser, signed_in
from tests.web.walls import position_of, stand, walk
from wearemany.errors import Refused, TryAgain
from wearemany.moderation.appeals import appeal_make, appeals_forget_pending
from wearemany.moderation.claims import ClaimOrder, claim_make
from wearemany.moderation.handing import review_next, review_return
from wearemany.moderation.models import Appeal, Erasure, Report, Review
from wearemany.moderation.reports import (
    AN_HOUR_LEAST,
    OPEN_A_POST_MAX,
    ReportOrder,
    report_by_number,
    report_make,
    report_withdraw,
    reports_forget_pending,
    rounded,
)
from wearemany.moderation.services import (
    authors_pseudonymise_pending,
    decision_make,
    decision_undo,
    erase_pending,
    post_withdraw,
    standing,
)
from wearemany.photos.models import Post
from wearemany.rendering.statements import statement_of
from wearemany.wall.models import Entry
from wearemany.wall.queries import PostState, entry_of, post_state
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database]

DAY_S = 86_400


def report(post: Post, number: str = "receipt", **changes: Any) -> Report:
    """Report a post."""
    order: dict[str, Any] = {"kind": "hate", "number": number, "wall_posts": 10, **changes}
    return report_make(ReportOrder(post, **order))


@pytest.fixture
def shown(cast: Cast) -> Post:
    """A post on the wall."""
    return stand(cast, "is shown")[0]


@pytest.mark.threat("F3")
def test_no_number_of_reports_hides_a_post(cast: Cast, shown: Post) -> None:
    """It stays where it is, becomes one review however many there are, and after twenty nothing more is taken."""
    for number in range(OPEN_A_POST_MAX):
        report(shown, f"receipt {number}")
    with pytest.raises(Refused) as refused:
        report(shown, "one more")
    assert refused.value.code == "report-known"
    assert entry_of(shown) is not None and post_state(shown) == PostState.ON_WALL
    assert Review.objects.filter(open=True).count() == 1
    page = signed_in(cast.moderator).get(f"{DESK}review").page
    assert "Ten people or more" in page and "20" not in page.partition('class="waits"')[2][:900]
    assert [rounded(count) for count in (1, 2, 9, 10, 20)] == [1, 2, 2, 10, 10]


@pytest.mark.threat("F3")
def test_a_flood_over_all_posts_holds_up_neither_the_team_nor_those_who_wait(cast: Cast, shown: Post) -> None:
    """Only so many posts an hour are newly reported; honest posts are handed out every second time, claims first."""
    posts = [shown, *stand(cast, *(f"stands {number}" for number in range(AN_HOUR_LEAST)))]
    for number, post in enumerate(posts[:AN_HOUR_LEAST]):
        report(post, f"receipt {number}", wall_posts=0)
    with pytest.raises(TryAgain) as many:
        report(posts[-1], "one too many", wall_posts=0)
    assert many.value.code == "reports-many"
    report(posts[0], "of one that is looked at anyway", wall_posts=0)
    waiting = cast.somebody().decided(b"refer: honest")
    tries = 0
    while (handed := review_next(account=cast.moderator, campaign=cast.campaign)) and handed.pk != waiting.pk:
        review_return(review=handed, account=cast.moderator)
        tries += 1
        assert tries < 40
    claim_make(ClaimOrder(posts[-1], "pictured", "a claim", wall_posts=1000))
    first = review_next(account=cast.organiser, campaign=cast.campaign)
    assert first is not None and first.pk == posts[-1].pk


def test_a_receipt_shows_how_it_went(cast: Cast, shown: Post) -> None:
    """One number, nothing else; the same number is the same report; nobody finds it without."""
    made = report(shown, words="It shows a street")
    assert report(shown, words="again").pk == made.pk
    assert report_by_number("receipt") == made and report_by_number("guess") is None
    assert "receipt" not in str(Report.objects.values().get())
    decision_make(post=shown, kind="reject", reason="unsafe", account=cast.moderator)
    known = report_by_number("receipt")
    assert known is not None and (known.open, known.outcome) == (False, "taken-down")
    decision_undo(post=shown, account=cast.moderator)
    known = report_by_number("receipt")
    assert known is not None and known.open and Review.objects.get(post=shown).open
    decision_make(post=shown, kind="approve", account=cast.moderator)
    known = report_by_number("receipt")
    assert known is not None and known.outcome == "kept"
    with pytest.raises(Refused) as refused:
        report(shown, "another")
    assert refused.value.code == "report-looked"
    assert report(shown, "for another reason", kind="nudity").open
    assert claim_make(ClaimOrder(shown, "pictured", "a claim", wall_posts=1000)).hides, (
        "a report shields nobody"
    )


def test_a_report_is_taken_back_by_its_number(cast: Cast, shown: Post) -> None:
    """The last one's review ends; a review that somebody else asked for stays."""
    first, second = report(shown, "one"), report(shown, "two")
    report_withdraw(first)
    assert Review.objects.get(post=shown).open
    report_withdraw(second)
    report_withdraw(second)
    assert not Review.objects.get(post=shown).open
    assert {row.outcome for row in Report.objects.all()} == {"withdrawn"}


def test_nothing_of_a_report_outlives_its_month(cast: Cast, shown: Post) -> None:
    """Words go with the post, the row a month after the outcome."""
    report(shown, words="It shows a street")
    post_withdraw(post=shown)
    row = Report.objects.get()
    assert (row.words, row.open, row.outcome) == ("", False, "gone")
    cast.house.clock.advance(32 * DAY_S)
    assert reports_forget_pending() == 1


def test_what_cannot_be_reported(cast: Cast, shown: Post) -> None:
    """A post that nobody is shown, no reason, too many words."""
    waiting = cast.supporter.decided(b"refer: waits")
    for post, changes, code in (
        (waiting, {}, "report-needless"),
        (shown, {"kind": "because"}, "report-kind"),
        (shown, {"place": "everywhere"}, "report-kind"),
        (shown, {"words": "x" * 301}, "report-words-long"),
    ):
        with pytest.raises(Refused) as refused:
            report(post, **changes)
        assert refused.value.code == code
    assert not Report.objects.exists()


@pytest.fixture
def rejected(cast: Cast, shown: Post) -> Post:
    """A post that was reported, and that Mark took off the wall."""
    report(shown)
    decision_make(post=shown, kind="reject", reason="hate", account=cast.moderator)
    walk()
    return shown


def test_the_author_reads_what_why_on_what_ground_and_by_whom(cast: Cast, rejected: Post) -> None:
    """And until when another person can be asked; never who decided or who reported."""
    statement = statement_of(rejected)
    assert statement is not None
    assert "hurts people" in statement.why and "reported" in statement.ground
    assert "person of the team" in statement.by_whom and "No program" in statement.by_whom
    assert statement.appeal_until is not None
    assert "Mark" not in str(statement)
    other = stand(cast, "another")[0]
    assert statement_of(other) is None
    decision_make(post=other, kind="reject", reason="copy", account=cast.moderator)
    alone = statement_of(other)
    assert alone is not None and "by itself" in alone.ground


def test_an_appeal_is_decided_by_another_person(cast: Cast, rejected: Post) -> None:
    """Mark is never handed it and cannot decide it, nor can nobody by name; Olga can, and it is shown after all."""
    appeal = appeal_make(post=rejected, words="It is a song")
    assert appeal_make(post=rejected, words="again").pk == appeal.pk
    assert review_next(account=cast.moderator, campaign=cast.campaign) is None
    for account in (cast.moderator, None):
        with pytest.raises(Refused) as refused:
            decision_make(post=rejected, kind="approve", account=account)
        assert refused.value.code == "appeal-another-person"
    olga = signed_in(cast.organiser).get(f"{DESK}review")
    assert "It is a song" in olga.page and "Rejected before: Hate" in olga.page
    assert post_state(rejected) == PostState.REJECTED
    olga.review("approve")
    walk()
    assert post_state(rejected) == PostState.ON_WALL
    assert Entry.objects.filter(post=rejected, kind="post").count() == 2, "it comes back as a new line"
    statement = statement_of(rejected)
    assert statement is not None and "shown after all" in statement.what
    assert not Erasure.objects.filter(post=rejected).exists()


def test_a_second_no_is_final_and_erased_soon(cast: Cast, rejected: Post) -> None:
    """The sealed copy is kept until the answer, and two days after it nothing is left."""
    appeal_make(post=rejected)
    cast.house.clock.advance(40 * DAY_S)
    run_until_idle((erase_pending,))
    authors_pseudonymise_pending()
    rejected.refresh_from_db()
    assert not rejected.erased
    with pytest.raises(Refused):
        decision_make(post=rejected, kind="approve", account=cast.moderator)
    decision_make(post=rejected, kind="reject", reason="unsafe", account=cast.organiser)
    statement = statement_of(rejected)
    assert statement is not None and "final" in statement.appeal and statement.appeal_until is None
    with pytest.raises(Refused) as refused:
        appeal_make(post=rejected)
    assert refused.value.code == "appeal-not-now"
    cast.house.clock.advance(3 * DAY_S)
    run_until_idle((erase_pending,))
    rejected.refresh_from_db()
    assert rejected.erased and not Appeal.objects.exists()


def test_undoing_the_answer_asks_again(cast: Cast, rejected: Post) -> None:
    """The first rejection holds again, hidden, the appeal waits, and the copy is not kept for ever."""
    appeal_make(post=rejected)
    decision_make(post=rejected, kind="approve", account=cast.organiser)
    decision_undo(post=rejected, account=cast.organiser)
    newest = standing(rejected)
    assert newest is not None and newest.kind == "reject"
    assert Appeal.objects.get().open and Review.objects.get(post=rejected).open
    assert Erasure.objects.get(post=rejected).due_at is not None


def test_an_appeal_has_its_term(cast: Cast, rejected: Post) -> None:
    """After fourteen days nothing can be asked; taking back ends everything; answers are forgotten in a month."""
    cast.house.clock.advance(15 * DAY_S)
    with pytest.raises(Refused):
        appeal_make(post=rejected)
    other = stand(cast, "another")[0]
    decision_make(post=other, kind="reject", reason="copy", account=cast.moderator)
    appeal_make(post=other)
    decision_make(post=other, kind="approve", account=cast.organiser)
    cast.house.clock.advance(32 * DAY_S)
    assert appeals_forget_pending() == 1


def test_the_whole_way_without_scripts(cast: Cast, shown: Post) -> None:
    """Report under the post, number, decision at the desk, reasons under the code, appeal, another person, outcome."""
    author = cast.somebody()
    post = author.decided(b"a red scarf", caption="words of mine")
    walk()
    at = f"/en/{cast.campaign.handle}/post/{position_of(post)}"
    stranger = Browser().get(at)
    assert f'href="{at}/report"' in stranger.page
    number = stranger.get(f"{at}/report").hidden("number")
    assert (
        stranger.post(f"{at}/report", number=number).status == 400 and "choose what is wrong" in stranger.page
    )
    stranger.post(f"{at}/report", number=number, kind="hate", place="words", words="look at the last word")
    assert number in stranger.page and "stays until a person" in stranger.page
    mark = signed_in(cast.moderator).get(f"{DESK}review")
    assert "One person:" in mark.page and "in the words" in mark.page and "look at the last word" in mark.page
    mark.review("reject", reason="hate")
    assert "not on the wall any more" in stranger.post("/en/claim", number=number.upper()).page
    mine = Browser().post("/en/keep", code=author.code)
    for piece in (
        "What was decided, and why",
        "hurts people",
        "Somebody had reported it",
        "Ask for another person",
    ):
        assert piece in mine.page
    mine.post("/en/keep/appeal", code=author.code, words="It is a line of a song")
    assert "Another person will look at it" in mine.page and "Ask for another person" not in mine.page
    olga = signed_in(cast.organiser).get(f"{DESK}review")
    assert "It is a line of a song" in olga.page and "look at the last word" not in olga.page
    olga.review("approve")
    walk()
    assert "shown after all" in mine.post("/en/keep", code=author.code).page
    assert Browser().post("/en/claim/withdraw", number="no such number").status == 404


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_report_leaves_no_trace_of_who_made_it(cast: Cast, shown: Post, language: str) -> None:
    """No cookie, nothing kept by a cache, no address that holds the number; the page loads nothing from elsewhere."""
    at = f"/{language}/{cast.campaign.handle}/post/{position_of(shown)}/report"
    browser = Browser()
    answer = browser.client.get(at)
    assert answer.headers["Cache-Control"] == "no-store" and not answer.cookies
    number = browser.get(at).hidden("number")
    sent = browser.client.post(
        at, {"number": number, "kind": "hate"}, headers={"origin": "http://testserver"}
    )
    assert sent.status_code == 200 and not sent.cookies and "Location" not in sent.headers
    fields = {field.name for field in Report._meta.concrete_fields}
    assert fields == {
        "id", "post", "kind", "place", "words", "number_digest", "open", "outcome", "decision", "day",
    }  # fmt: skip
