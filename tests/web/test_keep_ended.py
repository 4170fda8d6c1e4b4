"""What an author reads under the secret code after the team ended the post, or hid the campaign: plain, true, calm."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.door_visits import Visitor, visitor, work
from tests.web.html import Reading
from wearemany.campaigns.models import Shut
from wearemany.campaigns.services import campaign_shut
from wearemany.moderation.purging import post_purge
from wearemany.moderation.services import decision_make, erase_pending
from wearemany.photos.models import Post

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DOWN = {"en": "The team has taken this post down", "ru": "Команда убрала этот пост"}
SELF = {"en": "You took this post back", "ru": "Вы забрали этот пост"}
UNKNOWN = {"en": "the post was taken back or erased", "ru": "пост забрали или стёрли"}
BLAME = ("broke", "violat", "banned", "наруш", "запре", "вин")
LANGUAGES = ("en", "ru")


def read(her: Visitor, language: str) -> str:
    """Return what she reads where her post stands, without the page around it."""
    answer = her.client.post(f"/{language}/keep", {"code": her.code})
    return " ".join(Reading(answer.content.decode()).words)


@pytest.fixture
def her(client: Client, cast: Cast) -> Visitor:
    """Somebody whose post is on the wall."""
    her = visitor(client, cast)
    her.posts(b"selfie in a red coat")
    work()
    return her


@pytest.mark.parametrize("before", ["public", "rejected"])
def test_a_post_that_waits_to_be_erased_says_so(cast: Cast, her: Visitor, before: str) -> None:
    """Asked for by one of the team: down now, erased later, may still be undone; nobody says that she took it back."""
    post = Post.objects.get()
    if before == "rejected":
        decision_make(post=post, kind="reject", reason="off-call", account=cast.moderator)
    post_purge(post=post, account=cast.organiser)
    for language in LANGUAGES:
        page = read(her, language)
        assert DOWN[language] in page and SELF[language] not in page
        assert not any(word in page.lower() for word in BLAME)
    assert "unless the team changes its mind" in read(her, "en") and "Taken down" in read(her, "en")
    assert "Taken back" not in read(her, "en")


def test_a_post_that_two_erase_says_that_it_is_for_good(cast: Cast, her: Visitor) -> None:
    """Between the second person's word and the worker nothing can be undone, and the page promises nothing else."""
    post = Post.objects.get()
    post_purge(post=post, account=cast.organiser)
    post_purge(post=post, account=cast.moderator)
    page = read(her, "en")
    assert "taken this post down for good" in page or "took this post down for good" in page
    assert "changes its mind" not in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("before", ["public", "rejected"])
def test_an_erased_posts_code_says_that_it_may_have_been_erased(
    cast: Cast, her: Visitor, before: str, language: str
) -> None:
    """Nothing of it is left to say more; but what is said holds for this case as well."""
    post = Post.objects.get()
    if before == "rejected":
        decision_make(post=post, kind="reject", reason="off-call", account=cast.moderator)
    post_purge(post=post, account=cast.organiser)
    post_purge(post=post, account=cast.moderator)
    erase_pending()
    assert UNKNOWN[language] in read(her, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shut", [Shut.ASKED, Shut.ERASED, Shut.RESTORED])
def test_where_everything_is_hidden_nobody_hears_of_the_wall(
    cast: Cast, her: Visitor, shut: Shut, language: str
) -> None:
    """A post of a campaign that is shut is not on its way to the wall, whatever was decided before."""
    campaign_shut(campaign=cast.campaign, shut=shut)
    page = read(her, language)
    said = {
        (Shut.ASKED, "en"): "hidden all posts",
        (Shut.ASKED, "ru"): "скрыла все посты",
        (Shut.ERASED, "en"): "is being erased",
        (Shut.ERASED, "ru"): "стирается",
        (Shut.RESTORED, "en"): "are hidden until",
        (Shut.RESTORED, "ru"): "скрыты, пока",
    }
    assert said[shut, language] in page
    assert "Everything is fine" not in page and "Всё в порядке" not in page
