"""One's own post, elsewhere: which links may be shown, who looks at them first, and where nothing leads out."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.cast import Cast
from wearemany.campaigns.models import Campaign
from wearemany.darkroom.orders import CARD_SIZES_PX
from wearemany.errors import Refused
from wearemany.moderation.models import Review
from wearemany.moderation.services import decide_pending, decision_make, post_withdraw
from wearemany.photos.elsewhere import link_host, may_go_elsewhere, post_card, size_checked
from wearemany.photos.models import Post
from wearemany.photos.orders import PostChange
from wearemany.photos.services import post_amend
from wearemany.wall.log import append_campaign
from wearemany.wall.models import Entry

LINK = "https://photos.example/p/Abc123/?hl=ru"


def tell(post: Post, link: str) -> None:
    """Say where the post is elsewhere."""
    post_amend(post=post, change=PostChange(elsewhere=link))
    post.refresh_from_db()


@pytest.mark.parametrize(
    ("link", "host"),
    [
        (LINK, "photos.example"),
        ("https://Photos.Example:443/x", "photos.example"),
        ("https://фото.example/я", "xn--n1aalg.example"),
        ("http://photos.example/", ""),
        ("https://photos.example@evil.example/", ""),
        ("https://localhost/", ""),
        ("https://127.0.0.1/", ""),
        ("https://[::1]/", ""),
        ("https://photos.example:8443/", ""),
        ("https://photos..example/", ""),
        ("javascript:alert(1)", ""),
        ("https://photos.example/\"onclick='x'", ""),
        ("https://photos.example/a b", ""),
        ("https://photos.example\\@evil.example/", ""),
        ("//photos.example/", ""),
        ("https:///x", ""),
        ("https://photos.example/\u202egpj", ""),
    ],
)
def test_a_link_is_plain_and_secure_or_none(link: str, host: str) -> None:
    """Only https to a public name; nothing that hides where it leads."""
    assert link_host(link) == host


@pytest.mark.database
def test_a_person_looks_where_a_link_leads_before_anybody_can_follow_it(cast: Cast) -> None:
    """Also in an everyday campaign, where changed words count at once."""
    post = cast.supporter.decided()
    tell(post, LINK)
    decide_pending()
    post.refresh_from_db()
    assert (post.elsewhere, post.edit) == ("", {"elsewhere": LINK})
    assert "link" in Review.objects.get(post=post, open=True).reasons
    decision_make(post=post, kind="approve", account=cast.moderator)
    post.refresh_from_db()
    assert (post.elsewhere, post.edit) == (LINK, {})


@pytest.mark.database
def test_a_link_given_before_the_first_look_is_looked_at_with_the_post(cast: Cast) -> None:
    """It is then simply one of the post's words, and a reason to look."""
    post = cast.supporter.posts()
    tell(post, LINK)
    assert post.elsewhere == LINK
    cast.somebody().decided()
    decide_pending()
    assert Review.objects.get(post=post).reasons == ["link"]


@pytest.mark.database
def test_changing_other_words_later_asks_nobody_about_the_link_again(cast: Cast) -> None:
    """What was looked at once holds."""
    post = cast.supporter.decided()
    tell(post, LINK)
    decide_pending()
    decision_make(post=post, kind="approve", account=cast.moderator)
    post_amend(post=post, change=PostChange(caption="Мы вместе", elsewhere=LINK))
    decide_pending()
    post.refresh_from_db()
    assert (post.caption, post.elsewhere) == ("Мы вместе", LINK)


@pytest.mark.database
def test_taking_a_link_away_counts_at_once(cast: Cast) -> None:
    """Shown or waiting, in every campaign, and every kept page is asked for anew."""
    campaign = cast.campaign_with(preset="careful", handle="careful")
    post = cast.somebody(campaign).decided()
    tell(post, LINK)
    decision_make(post=post, kind="approve", account=cast.moderator)
    tell(post, "https://photos.example/other")
    campaign.refresh_from_db()
    version = campaign.visible_version
    tell(post, "")
    campaign.refresh_from_db()
    assert (post.elsewhere, post.edit) == ("", {})
    assert campaign.visible_version > version


@pytest.mark.database
def test_a_link_that_nobody_saw_goes_unnoticed(cast: Cast) -> None:
    """Taken away before anybody looked at it, no page is made anew: a watcher would learn the second."""
    post = cast.supporter.decided()
    tell(post, LINK)
    version = Campaign.objects.get(pk=cast.campaign.pk).visible_version
    tell(post, "")
    assert "elsewhere" not in post.edit
    assert Campaign.objects.get(pk=cast.campaign.pk).visible_version == version


@pytest.mark.database
def test_the_log_says_nothing_of_a_link(cast: Cast) -> None:
    """Neither giving nor taking it makes a line, and the commitment stays as it was."""
    post = cast.supporter.decided()
    append_campaign(cast.campaign)
    before = list(Entry.objects.order_by("position").values_list("line", flat=True))
    tell(post, LINK)
    decide_pending()
    decision_make(post=post, kind="approve", account=cast.moderator)
    append_campaign(cast.campaign)
    tell(post, "")
    append_campaign(cast.campaign)
    assert list(Entry.objects.order_by("position").values_list("line", flat=True)) == before


@pytest.mark.database
def test_nothing_leads_out_of_a_dangerous_campaign(cast: Cast) -> None:
    """No card and no link; a link left empty is no offence."""
    campaign = cast.campaign_with(preset="dangerous", handle="dangerous")
    post = cast.somebody(campaign).decided(cover="everybody")
    assert not may_go_elsewhere(post)
    with pytest.raises(Refused) as no_link:
        tell(post, LINK)
    with pytest.raises(Refused) as no_card:
        post_card(post=post, photo_id=post.photos.get().pk, size="post", link="many.example/")
    tell(post, "")
    assert (no_link.value.code, no_card.value.code) == ("link-not-here", "card-not-here")


@pytest.mark.database
def test_a_card_waits_until_its_author_has_seen_the_picture(cast: Cast) -> None:
    """Not of a photo that is still being checked, not of an unconfirmed cover, not of somebody else's photo."""
    mine, other = cast.supporter.posts(cover="everybody"), cast.stranger.posts()
    for post, photo in ((mine, mine.photos.get()), (other, mine.photos.get())):
        with pytest.raises(Refused) as early:
            post_card(post=post, photo_id=photo.pk, size="post", link="many.example/")
        assert early.value.code == "card-not-ready"


@pytest.mark.database
def test_a_link_that_is_none_changes_nothing(cast: Cast) -> None:
    """Refused as a whole, with a sentence; also one that is too long."""
    post = cast.supporter.decided()
    for wrong in ("photos.example", f"https://photos.example/{'x' * 300}"):
        with pytest.raises(Refused) as refused:
            post_amend(post=post, change=PostChange(caption="Other", elsewhere=wrong))
        assert refused.value.code == "link-unusable"
    post.refresh_from_db()
    assert (post.caption, post.edit) == ("Мы не равнодушны", {})


@pytest.mark.database
def test_a_link_dies_with_its_post(committed_cast: Cast) -> None:
    """Taken back, it is in no row any more."""
    cast = committed_cast
    post = cast.supporter.posts()
    tell(post, LINK)
    post_withdraw(post=post)
    post.refresh_from_db()
    assert post.elsewhere == ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM post WHERE elsewhere <> ''")
        assert cursor.fetchone() == (0,)


def test_a_card_has_one_of_two_sizes() -> None:
    """Anything else is refused before a child is troubled."""
    assert [size_checked(size) for size in CARD_SIZES_PX] == list(CARD_SIZES_PX)
    with pytest.raises(Refused):
        size_checked("poster")
