"""The group door's promises: never more posts than invited, one code a photo, and what holds for children."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection

from tests.cast import CODE, Cast
from wearemany.adapters import words
from wearemany.campaigns.groups import (
    InvitationOrder,
    Invited,
    invitation_by_token,
    invitation_make,
    invitation_revoke,
    invitations_forget_pending,
)
from wearemany.campaigns.models import GroupInvitation
from wearemany.campaigns.services import campaign_pause
from wearemany.conversations.models import CommentState
from wearemany.conversations.services import comment_add
from wearemany.errors import Refused
from wearemany.moderation.groups import group_hold, group_release
from wearemany.moderation.models import Review
from wearemany.moderation.services import decide_pending, decision_make, post_withdraw, standing
from wearemany.photos.elsewhere import may_go_elsewhere
from wearemany.photos.groups import (
    STATEMENTS,
    GroupPhoto,
    group_post_submit,
    sitting_code,
    sitting_new,
    sitting_posts,
)
from wearemany.photos.models import Consent, Post, Upload
from wearemany.photos.orders import TICKS, PostChange
from wearemany.photos.services import post_amend, post_by_code, post_confirm
from wearemany.photos.slips import slip_code, slip_token
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.wall.log import append_campaign
from wearemany.wall.queries import PostState, post_state
from wearemany.worker.loop import run_until_idle

SITTING = CODE
STATED = {kind: version for kind, (version, _) in STATEMENTS.items()}


def invited(cast: Cast, kind: str = "adults", *, most: int = 6, days: int = 14, preset: str = "") -> Invited:
    """Invite a group."""
    campaign = cast.campaign_with(preset=preset, handle=preset) if preset else cast.campaign
    return invitation_make(campaign=campaign, order=InvitationOrder("Class 7b", kind, most=most, days=days))


def sends(cast: Cast, made: Invited, number: int, *, content: bytes = b"selfie", **changes: object) -> Post:
    """Send one photo of the sitting, as its leader does."""
    photo = GroupPhoto(
        SITTING, number, cover="nobody", language="en", has_stated=STATED[made.invitation.kind]
    )
    return group_post_submit(
        invitation=made.invitation,
        photo=replace(photo, **changes),  # type: ignore[arg-type]
        received=cast.house.received(content + b" %d" % number, field_name=f"photo-{number}"),
    )


def work() -> None:
    """Develop and decide."""
    run_until_idle((develop_pending, blobs_doom_pending, decide_pending))


def stands(post: Post) -> PostState:
    """Return where a post stands now."""
    return post_state(Post.objects.get(pk=post.pk))


def used(made: Invited) -> int:
    """Return how many posts were counted."""
    return GroupInvitation.objects.get(pk=made.invitation.pk).used


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_slip_has_a_code_of_its_own_that_tells_nothing_of_the_others(language: str) -> None:
    """Derived from the leader's secret alone, in that secret's language, all different; the uploads' tokens too."""
    known = words.load(language)
    sitting = slip_code("any words at all do for this one", 1, known)
    codes = {slip_code(sitting, number, known) for number in range(1, 201)}
    tokens = {slip_token(sitting, number) for number in range(1, 201)}
    assert len(codes) == len(tokens) == 200 and sitting not in codes
    assert all(len(code.split()) == 7 and set(code.split()) <= set(known) for code in codes)
    assert sitting_code(sitting.upper().replace(" ", "-"), 3) == sitting_code(sitting, 3) in codes


@pytest.mark.database
def test_a_sitting_is_fresh_each_time(cast: Cast) -> None:
    """Two leaders never share a secret; one that made nothing owns nothing."""
    assert sitting_new("ru") != sitting_new("ru")
    assert sitting_posts(sitting_new("en")) == {}


@pytest.mark.database
def test_each_photo_is_a_post_of_its_own(cast: Cast) -> None:
    """With the slip's code, the statement's version as its consent, and the invitation it came by."""
    made = invited(cast)
    posts = [sends(cast, made, number) for number in (1, 2, 3)]
    assert len({post.pk for post in posts}) == 3 and used(made) == 3
    for number, post in enumerate(posts, start=1):
        owned = post_by_code(sitting_code(SITTING, number))
        assert owned is not None and owned.pk == post.pk
        assert (post.door, post.group_id) == ("group", made.invitation.pk)
        assert [(row.kind, row.text_version) for row in Consent.objects.filter(post=post)] == [
            ("wall", "group-adults-1")
        ]
    assert list(sitting_posts(SITTING)) == [1, 2, 3]


@pytest.mark.database
def test_the_same_photo_sent_twice_is_one_post_and_counts_once(cast: Cast) -> None:
    """A lost answer, a second press: the same post, nothing left of the second copy, also when it is full meanwhile."""
    made = invited(cast, most=1)
    assert sends(cast, made, 1).pk == sends(cast, made, 1).pk
    assert (used(made), Upload.objects.count()) == (1, 1)


@pytest.mark.database
def test_an_invitation_ends(cast: Cast) -> None:
    """Full, revoked, past its last day in the campaign's calendar, or the campaign paused: refused, nothing made."""
    full, revoked, old, paused = (invited(cast, most=1) for _ in range(4))
    sends(cast, full, 1)
    invitation_revoke(invitation=revoked.invitation)
    revoked.invitation.refresh_from_db()
    GroupInvitation.objects.filter(pk=old.invitation.pk).update(expires_on=datetime.date(2026, 3, 7))
    old.invitation.refresh_from_db()
    full.invitation.refresh_from_db()
    codes = []
    for made in (full, revoked, old):
        with pytest.raises(Refused) as ended:
            sends(cast, made, 2)
        codes.append(ended.value.code)
    campaign_pause(campaign=cast.campaign, notice={"en": "Later."})
    with pytest.raises(Refused) as waits:
        sends(cast, paused, 2)
    assert [*codes, waits.value.code] == ["group-full", "group-revoked", "group-over", "campaign-paused"]
    assert Post.objects.count() == 1 and used(paused) == 0


@pytest.mark.database
def test_a_link_taken_back_at_this_moment_lets_nothing_through(cast: Cast) -> None:
    """What the page knew a second ago does not count; the transaction looks again."""
    made = invited(cast)
    invitation_revoke(invitation=made.invitation)
    with pytest.raises(Refused) as revoked:
        sends(cast, made, 1)
    assert revoked.value.code == "group-revoked" and used(made) == 0 and not Post.objects.exists()


@pytest.mark.database
@pytest.mark.parametrize("stated", ["", "group-minors-0", "group-adults-1"])
def test_without_the_statement_nothing_is_sent(cast: Cast, stated: str) -> None:
    """The very wording that holds now, of this very kind of group."""
    with pytest.raises(Refused) as unstated:
        sends(cast, invited(cast, "minors"), 1, has_stated=stated)
    assert unstated.value.code == "group-unstated" and not Upload.objects.exists()


@pytest.mark.database
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "group-name-unusable"),
        ({"name": "x" * 81}, "group-name-unusable"),
        ({"kind": "all"}, "group-kind-missing"),
        ({"most": 0}, "group-bounds-impossible"),
        ({"most": 201}, "group-bounds-impossible"),
        ({"days": 91}, "group-bounds-impossible"),
    ],
)
def test_an_invitation_has_bounds(cast: Cast, change: dict[str, object], code: str) -> None:
    """A name, a kind, and neither endless nor for ever."""
    order = replace(InvitationOrder("Class", "adults", most=1, days=1), **change)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        invitation_make(campaign=cast.campaign, order=order)
    assert refused.value.code == code


@pytest.mark.database
def test_the_secret_of_a_link_and_of_a_sitting_is_in_no_file(committed_cast: Cast) -> None:
    """The database and everything beside it hold digests only."""
    cast = committed_cast
    made = invited(cast)
    sends(cast, made, 1)
    assert invitation_by_token(made.token) == made.invitation
    assert invitation_by_token(made.token[:-1] + "a") in (None, made.invitation)
    for secret in (made.token, SITTING, sitting_code(SITTING, 1)):
        assert cast.house.trace_of(secret.encode()) == []


@pytest.mark.database
def test_many_at_once_never_make_more_than_invited(committed_cast: Cast) -> None:
    """Ten photos in parallel by an invitation for four, half of them sent twice: four posts, four counted."""
    cast = committed_cast
    made = invited(cast, most=4)

    def send(number: int) -> str:
        try:
            return sends(cast, made, number).pk
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(send, [1, 1, 2, 2, 3, 3, 4, 5, 6, 7]))
    posts = {answer for answer in answers if answer != "group-full"}
    assert len(posts) == Post.objects.count() == used(made) == 4


@pytest.mark.database
@pytest.mark.threat("K")
def test_children_are_covered_looked_at_and_nowhere_but_on_the_wall(cast: Cast) -> None:
    """Whatever the form said; a person looks also in an everyday campaign; confirmed first by the leader."""
    made = invited(cast, "minors")
    post = sends(cast, made, 1, cover="nobody")
    assert (post.cover, post.door) == ("everybody", "minors")
    work()
    assert stands(post) == PostState.CONFIRM
    post_confirm(post=post)
    decide_pending()
    assert Review.objects.get(post=post).reasons == ["group-minors"]
    assert not may_go_elsewhere(post)
    assert [row.text_version for row in post.consents.all()] == ["group-minors-1"]


@pytest.mark.database
@pytest.mark.parametrize(
    "change",
    [
        {"caption": "We are class 7b"},
        {"name": "Anna"},
        {"alts": ("Anna in red",)},
        {"consents": ("press",)},
        {"consents": ("wall", "fediverse")},
        {"elsewhere": "https://photos.example/p/1"},
    ],
)
def test_nothing_is_ever_added_to_a_childs_post(cast: Cast, change: dict[str, object]) -> None:
    """Not later either, with the slip's code in hand: no words, no name, no consent, no link."""
    post = sends(cast, invited(cast, "minors"), 1)
    with pytest.raises(Refused) as bare:
        post_amend(post=post, change=PostChange(**change))  # type: ignore[arg-type]
    post.refresh_from_db()
    assert bare.value.code == "minors-bare"
    assert (post.caption, post.name, post.edit, post.consents.count()) == ("", "", {}, 1)
    post_amend(post=post, change=PostChange(caption="", name="", alts=("",), consents=(), elsewhere=""))


@pytest.mark.database
@pytest.mark.parametrize(
    "change", [{"cover": "nobody"}, {"caption": "x"}, {"consents": ("press",)}, {"name": "x"}]
)
def test_no_other_door_makes_a_childs_post_with_more(cast: Cast, change: dict[str, object]) -> None:
    """The rule is the service's, not the page's."""
    bare = {"caption": "", "cover": "everybody", "door": "minors"}
    order = cast.supporter.order(**{**bare, **change})
    assert set(order.ticks) == set(TICKS)
    with pytest.raises(Refused) as refused:
        cast.supporter.posts(**{**bare, **change})
    assert refused.value.code == "minors-bare"


@pytest.mark.database
def test_comments_under_children_wait_for_a_person(cast: Cast) -> None:
    """Also where comments are shown at once."""
    post = sends(cast, invited(cast, "minors"), 1)
    assert comment_add(post=post, name="", text="Hello", language="en").state == CommentState.HELD
    adult = sends(cast, invited(cast), 2)
    assert comment_add(post=adult, name="", text="Hello", language="en").state == CommentState.SHOWN


@pytest.mark.database
@pytest.mark.threat("K")
def test_all_of_a_group_is_held_in_one_act_and_let_go_in_another(cast: Cast) -> None:
    """Off the wall at once, what comes waits; let go, what had been approved is approved again, and nothing else."""
    made = invited(cast)
    good = [sends(cast, made, number) for number in (1, 2)]
    doubtful = sends(cast, made, 3, content=b"selfie refer")
    other = cast.stranger.posts()
    work()
    append_campaign(cast.campaign)
    decision_make(post=good[1], kind="approve", account=cast.moderator)
    version = type(cast.campaign).objects.get(pk=cast.campaign.pk).visible_version

    assert group_hold(invitation=made.invitation, account=cast.organiser) == 2
    assert [stands(post) for post in (*good, doubtful)] == [PostState.REVIEW] * 3
    assert stands(other) == PostState.ON_WALL
    assert type(cast.campaign).objects.get(pk=cast.campaign.pk).visible_version > version
    late = sends(cast, made, 4)
    work()
    assert Review.objects.get(post=late).reasons == ["group-held"]
    assert group_hold(invitation=made.invitation, account=cast.organiser) == 0

    assert group_release(invitation=made.invitation, account=cast.organiser) == 2
    append_campaign(cast.campaign)
    assert [stands(post) for post in good] == [PostState.ON_WALL] * 2
    assert [stands(post) for post in (doubtful, late)] == [PostState.REVIEW] * 2
    assert group_release(invitation=made.invitation, account=cast.organiser) == 0


@pytest.mark.database
def test_holding_brings_back_nothing_that_was_taken_away(cast: Cast) -> None:
    """A post rejected by a person, and one that its person took back, stay as they are."""
    made = invited(cast)
    rejected, gone = sends(cast, made, 1), sends(cast, made, 2)
    work()
    decision_make(post=rejected, kind="reject", reason="not-own", account=cast.moderator)
    post_withdraw(post=gone)
    assert group_hold(invitation=made.invitation) == 0
    assert group_release(invitation=made.invitation) == 0
    holds = standing(rejected)
    assert holds is not None and holds.kind == "reject"


@pytest.mark.database
def test_which_group_took_part_is_forgotten(cast: Cast) -> None:
    """With the post when it is erased; altogether a month after the last day. What holds for children stays."""
    made = invited(cast, "minors", days=1)
    kept, erased = sends(cast, made, 1), sends(cast, made, 2)
    post_withdraw(post=erased)
    erased.refresh_from_db()
    assert (erased.group_id, erased.door) == (None, "")
    cast.house.clock.advance(31 * 86400)
    assert invitations_forget_pending() == 0
    cast.house.restarted()
    cast.house.clock.advance(86400)
    assert invitations_forget_pending() >= 1
    kept.refresh_from_db()
    assert (kept.group_id, kept.door) == (None, "minors")
    with pytest.raises(Refused):
        post_amend(post=kept, change=PostChange(name="Anna"))
