"""Likes, comments, the honouree's answer, and forgetting them."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from wearemany.campaigns.services import campaign_close
from wearemany.campaigns.story import voice_introduce
from wearemany.conversations.models import Comment, CommentState, Like
from wearemany.conversations.services import (
    COMMENT_MAX,
    answer_add,
    comment_add,
    comment_remove,
    comment_show,
    comments_shown,
    conversation_erase,
    like_counts,
    post_like,
)
from wearemany.errors import Refused

pytestmark = pytest.mark.database


def test_one_cookie_likes_a_post_once(cast: Cast) -> None:
    """The same cookie counts once, another counts too, and rows of two posts cannot be matched."""
    first, second = cast.supporter.posts(), cast.stranger.posts()

    assert [post_like(post=first, cookie=b"a"), post_like(post=first, cookie=b"a")] == [1, 1]
    assert post_like(post=first, cookie=b"b") == 2
    post_like(post=second, cookie=b"a")

    assert like_counts([first, second]) == {first.pk: 2, second.pk: 1}
    digests = {bytes(like.liker_digest) for like in Like.objects.all()}
    assert len(digests) == 3


@pytest.mark.parametrize(("preset", "state"), [("everyday", "shown"), ("careful", "held")])
def test_the_preset_says_whether_comments_wait(cast: Cast, preset: str, state: str) -> None:
    """Everyday shows at once, careful holds for a person."""
    campaign = cast.campaign_with(preset=preset, handle=f"a-{preset}-one")
    post = cast.somebody(campaign).posts(cover="everybody")

    comment = comment_add(post=post, name="", text="Я с вами", language="ru")

    assert comment.state == state


def test_a_dangerous_campaign_has_no_comments(cast: Cast) -> None:
    """Where words can harm, there are none."""
    post = cast.somebody(cast.campaign_with(preset="dangerous", handle="a-dangerous-one")).posts(
        cover="everybody"
    )

    with pytest.raises(Refused) as refused:
        comment_add(post=post, name="", text="hello", language="en")
    assert refused.value.code == "comments-off"


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("  \n ", "en", "comment-empty"),
        ("x" * (COMMENT_MAX + 1), "en", "comment-too-long"),
        ("hello", "<script>", "language-unknown"),
    ],
)
def test_a_comment_that_cannot_be_is_refused(cast: Cast, text: str, language: str, code: str) -> None:
    """Empty, endless and oddly tagged comments each have a sentence."""
    post = cast.supporter.posts()

    with pytest.raises(Refused) as refused:
        comment_add(post=post, name="", text=text, language=language)

    assert refused.value.code == code
    assert not Comment.objects.exists()


def test_a_closed_campaign_takes_no_comments(cast: Cast) -> None:
    """An archive is not talked in."""
    post = cast.supporter.posts()
    campaign_close(campaign=cast.campaign, notice={})
    post.refresh_from_db()

    with pytest.raises(Refused) as refused:
        comment_add(post=post, name="", text="too late", language="en")
    assert refused.value.code == "comments-closed"


def test_the_answer_stands_above_all_comments(cast: Cast) -> None:
    """The honouree's answer is pinned, known how, with its translation."""
    post = cast.supporter.posts()
    comment_add(post=post, name="A friend", text="Hello", language="en")
    voice = voice_introduce(
        campaign=cast.campaign, name="Вера", how_known={"en": "By her lawyer."}, is_honouree="yes"
    )
    answer_add(
        post=post, voice=voice, text="Спасибо!", language="ru", translations={"en": "Thank you!", "de": " "}
    )

    first, second = comments_shown(post)

    assert (first.text, first.translations, first.pinned) == ("Спасибо!", {"en": "Thank you!"}, True)
    assert second.text == "Hello"


def test_a_removed_comment_is_gone_with_its_words(cast: Cast) -> None:
    """Removing erases the words and makes every page forget."""
    post = cast.supporter.posts()
    comment = comment_add(post=post, name="Somebody", text="something foul", language="en")

    comment_remove(comment=comment)

    comment.refresh_from_db()
    cast.campaign.refresh_from_db()
    assert (comment.state, comment.text, comment.name) == (CommentState.REMOVED, "", "")
    assert cast.campaign.visible_version == 2
    assert comments_shown(post) == []


def test_a_held_comment_can_be_shown(cast: Cast) -> None:
    """A moderator lets it through."""
    campaign = cast.campaign_with(preset="careful", handle="held-here")
    post = cast.somebody(campaign).posts()
    comment = comment_add(post=post, name="", text="Я с вами", language="ru")
    assert comments_shown(post) == []

    comment_show(comment=comment)

    assert [shown.text for shown in comments_shown(post)] == ["Я с вами"]


def test_erasing_a_post_forgets_what_was_said_under_it(cast: Cast) -> None:
    """Comments and likes go with the post."""
    post = cast.supporter.posts()
    comment_add(post=post, name="", text="hello", language="en")
    post_like(post=post, cookie=b"a")

    conversation_erase(post=post)

    assert not Comment.objects.exists()
    assert not Like.objects.exists()
