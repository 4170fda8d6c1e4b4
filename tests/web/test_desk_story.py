"""Comments, posts by number, the story, voices, phases, the team: each act, its refusal, its trace."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.web.desk_rig import DESK, Browser, signed_in
from wearemany.campaigns.models import Campaign, PhaseChange, StoryItem, Voice
from wearemany.campaigns.story import voice_introduce
from wearemany.conversations.models import Comment
from wearemany.conversations.services import comment_add, comments_shown
from wearemany.moderation.services import standing
from wearemany.photos.models import Post
from wearemany.wall.log import append_campaign
from wearemany.wall.queries import entry_of

pytestmark = [pytest.mark.database]


@pytest.fixture
def olga(cast: Cast) -> Browser:
    """The organiser at the desk."""
    return signed_in(cast.organiser)


@pytest.fixture
def post(cast: Cast) -> Post:
    """A post on the wall."""
    made = cast.supporter.decided(caption="We care")
    append_campaign(cast.campaign)
    return made


def number_of(post: Post) -> int:
    """Return the post's public number."""
    entry = entry_of(post)
    assert entry is not None
    return int(entry.position)


def test_held_comments_are_shown_or_removed(cast: Cast) -> None:
    """Shown: everybody reads it. Removed: its words are erased. Deciding again says that it was decided."""
    campaign = cast.campaign_with(preset="careful", handle="careful")
    post = cast.somebody(campaign).posted()
    good = comment_add(post=post, name="Ina", text="Thank you", language="en")
    bad = comment_add(post=post, name="", text="Go away", language="en")
    olga = signed_in(cast.organiser).get("/desk/careful/comments")
    assert "Thank you" in olga.page and "Go away" in olga.page
    olga.post(f"/desk/careful/comments/{good.pk}/show")
    olga.post(f"/desk/careful/comments/{bad.pk}/remove")
    assert [comment.text for comment in comments_shown(post)] == ["Thank you"]
    assert Comment.objects.get(pk=bad.pk).text == ""
    assert olga.post(f"/desk/careful/comments/{bad.pk}/show").status == 400
    assert "decided this comment already" in olga.page


def test_shown_comments_can_be_removed_and_others_campaigns_are_out_of_reach(cast: Cast, post: Post) -> None:
    """A moderator of one campaign cannot touch a comment of another."""
    mine = comment_add(post=post, name="", text="Hurts", language="en")
    theirs = cast.somebody(cast.campaign_with(preset="everyday", handle="elsewhere")).posted()
    other = comment_add(post=theirs, name="", text="Not yours", language="en")
    mark = signed_in(cast.moderator).get(f"{DESK}comments")
    assert "Hurts" in mark.page and "Not yours" not in mark.page
    mark.post(f"{DESK}comments/{mine.pk}/remove")
    assert mark.post(f"{DESK}comments/{other.pk}/remove").status == 400
    assert Comment.objects.get(pk=other.pk).text == "Not yours" and not comments_shown(post)


def test_a_post_is_taken_off_by_its_number_and_put_back(cast: Cast, post: Post) -> None:
    """Hidden with the decision, not with the next batch; any member can put it back."""
    number = number_of(post)
    mark = signed_in(cast.moderator).get(f"{DESK}posts?number={number}")
    assert "We care" in mark.page and "Approved." in mark.page
    assert mark.post(f"{DESK}posts/{number}/take-off", reason="").status == 400
    mark.post(f"{DESK}posts/{number}/take-off", reason="unsafe")
    decision = standing(post)
    assert decision is not None and decision.reason == "unsafe" and "Hidden from everybody" in mark.page
    olga = signed_in(cast.organiser)
    olga.post(f"{DESK}posts/{number}/put-back")
    decision = standing(post)
    assert decision is not None and decision.kind == "approve" and "Approved." in olga.page
    assert olga.post(f"{DESK}posts/{number}/put-back").status == 400


@pytest.mark.parametrize("typed", ["0", "999", "-1", "x", "9" * 40, "<b>"])
def test_a_number_that_there_is_not_is_answered_by_a_sentence(cast: Cast, typed: str) -> None:
    """Also a phase's number, and nonsense; what was typed stays in the field."""
    mark = signed_in(cast.moderator).get(f"{DESK}posts?number={typed}")
    assert mark.status == 400 and "no post with this number" in mark.page


def test_a_voice_is_introduced_and_answers_under_a_post(cast: Cast, olga: Browser, post: Post) -> None:
    """The organiser pins the honouree's words with a translation; a moderator cannot speak for others."""
    olga.post(
        f"{DESK}story/voices/new",
        who="Vera",
        honouree="yes",
        **{"words-en": "A letter", "words-ru": "Письмо"},
    )
    voice = Voice.objects.get()
    assert (voice.name, voice.is_honouree, voice.how_known) == (
        "Vera",
        True,
        {"ru": "Письмо", "en": "A letter"},
    )
    number = number_of(post)
    fields = {"voice": voice.pk, "original": "ru", "words-ru": "Спасибо!", "words-en": "Thank you!"}
    assert signed_in(cast.moderator).post(f"{DESK}posts/{number}/answer", **fields).status == 403
    olga.post(f"{DESK}posts/{number}/answer", **fields)
    (answer,) = comments_shown(post)
    assert (answer.text, answer.language, answer.translations) == ("Спасибо!", "ru", {"en": "Thank you!"})
    assert answer.pinned and "pinned answer" in olga.page
    assert signed_in(cast.moderator).post(f"{DESK}comments/{answer.pk}/remove").status == 400
    olga.post(f"{DESK}comments/{answer.pk}/remove", number=number)
    assert not comments_shown(post) and "pinned answer" not in olga.page


def test_an_unfinished_answer_keeps_what_was_typed(cast: Cast, olga: Browser, post: Post) -> None:
    """Words in one language, marked as said in another: the form again, nothing lost."""
    voice = voice_introduce(campaign=cast.campaign, name="Vera", how_known={"en": "A letter"})
    fields = {
        "voice": voice.pk,
        "original": "ru",
        "words-en": "Thank you!",
        "words-other": "Merci",
        "other-language": "fr",
    }
    olga.post(f"{DESK}posts/{number_of(post)}/answer", **fields)
    assert (
        olga.status == 400
        and ">Thank you!<" in olga.page
        and ">Merci<" in olga.page
        and 'value="fr"' in olga.page
    )


STORIES = {
    "announcement": {},
    "statement": {
        "who": "A minister",
        "side": "government",
        "source": "An agency",
        "address": "https://a.example/1",
    },
    "tally": {"who": "A group", "source": "Its site", "number": "over 10,000", "help": "+1 234"},
    "milestone": {},
}


@pytest.mark.parametrize("kind", STORIES)
def test_the_story_is_told_in_several_languages(olga: Browser, kind: str) -> None:
    """Each kind keeps its day, source, original and translations, also in a language that is not the campaign's."""
    words = {
        "original": "ru",
        "words-ru": "Слова",
        "words-en": "Words",
        "words-other": "Worte",
        "other-language": "de",
    }
    olga.post(f"{DESK}story/new/{kind}", day="2026-03-07", **words, **STORIES[kind])
    item = StoryItem.objects.get()
    assert (olga.status, item.kind, str(item.day)) == (200, kind, "2026-03-07")
    assert {text.language: text.text for text in item.texts.all()} == {
        "ru": "Слова",
        "en": "Words",
        "de": "Worte",
    }
    assert [text.language for text in item.texts.all() if text.is_original] == ["ru"]
    assert item.number == STORIES[kind].get("number", "") and item.who == STORIES[kind].get("who", "")
    assert "Слова" in olga.page and "Published." in olga.page


def test_a_denial_stands_under_what_it_denies_and_a_revision_before_what_it_replaces(olga: Browser) -> None:
    """Both keep their place; only the newest can be revised."""
    said = {"day": "2026-03-07", "original": "en", **STORIES["statement"]}
    olga.post(f"{DESK}story/new/statement", **said, **{"words-en": "They say so"})
    first = StoryItem.objects.get()
    olga.post(
        f"{DESK}story/new/statement", **{**said, "who": "Us"}, **{"words-en": "Not so", "answers": first.pk}
    )
    assert StoryItem.objects.get(who="Us").answers == first
    revision = {"day": "2026-03-08", "original": "en", "words-en": "They said so"}
    assert "They say so" in olga.get(f"{DESK}story/{first.pk}/revise").page
    olga.post(f"{DESK}story/{first.pk}/revise", **revision)
    assert first.revised_by.texts.get().text == "They said so"
    assert olga.post(f"{DESK}story/{first.pk}/revise", **revision).status == 400


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("day", "yesterday", "year-month-day"),
        ("who", "", "who said"),
        ("who", "w" * 161, "more than 160"),
        ("source", "", "need a source"),
        ("address", "javascript:alert(1)", "begin with http"),
        ("words-en", "", "in the language they were said in"),
        ("other-language", "<b>", "not a language code"),
        ("words-en", "w" * 4001, "4,000"),
    ],
)
def test_an_unfinished_story_keeps_what_was_typed(
    olga: Browser, field: str, value: str, sentence: str
) -> None:
    """The form again, with a sentence and everything else still in it; nothing is published."""
    fields = {
        "day": "2026-03-07",
        "original": "en",
        "words-en": "Words",
        "words-ru": "Слова",
        **STORIES["statement"],
    }
    fields |= {"words-other": "Worte", "other-language": "de"}
    olga.post(f"{DESK}story/new/statement", **{**fields, field: value})
    assert olga.status == 400 and sentence in olga.page and not StoryItem.objects.exists()
    assert ">Слова<" in olga.page and ">Worte<" in olga.page and "government" in olga.page


def test_a_campaign_is_paused_after_a_second_yes(cast: Cast, olga: Browser) -> None:
    """The first send shows what everybody will read; only the second pauses, with the notice in both languages."""
    notice = {"words-en": "Until spring", "words-ru": "До весны"}
    assert olga.post(f"{DESK}campaign/pause").status == 400
    olga.post(f"{DESK}campaign/pause", **notice)
    assert "Until spring" in olga.page and Campaign.objects.get(pk=cast.campaign.pk).phase == "opened"
    olga.post(f"{DESK}campaign/pause", sure="yes", **notice)
    change = PhaseChange.objects.order_by("-position")[0]
    assert (change.phase, change.notice) == ("paused", {"en": "Until spring", "ru": "До весны"})
    assert olga.post(f"{DESK}campaign/pause", sure="yes", **notice).status == 400
    olga.post(f"{DESK}campaign/resume", sure="yes", **notice)
    olga.post(f"{DESK}campaign/close", sure="yes", **notice)
    assert Campaign.objects.get(pk=cast.campaign.pk).phase == "closed" and "archive" in olga.page


def test_everything_of_one_moderator_is_undone_at_once(cast: Cast, olga: Browser) -> None:
    """After a second yes, what he approved and rejected waits for a person again."""
    posts = [cast.somebody().decided(b"refer: %d" % place) for place in range(2)]
    mark = signed_in(cast.moderator).get(f"{DESK}review")
    mark.review("approve").review("reject", reason="hate")
    assert all(standing(post) for post in posts)
    assert 'data-head="Decisions that hold">2</td>' in olga.get(f"{DESK}team").page
    olga.post(f"{DESK}team/{cast.moderator.pk}/reverse")
    assert "Undo everything by Mark" in olga.page and all(standing(post) for post in posts)
    olga.post(f"{DESK}team/{cast.moderator.pk}/reverse", sure="yes")
    assert not any(standing(post) for post in posts)
