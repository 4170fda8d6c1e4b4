"""One campaign in the middle of its life: a row of every kind that an act can be about, and people who hold some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.cast import Cast
from tests.web.walls import position_of, stand
from wearemany.accounts.models import Account
from wearemany.accounts.services import account_create
from wearemany.adapters import clock
from wearemany.campaigns.groups import InvitationOrder, invitation_make
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.story import Telling, announcement_publish, voice_introduce
from wearemany.conversations.models import Comment, CommentState
from wearemany.conversations.services import comment_add
from wearemany.moderation.claims import ClaimOrder, claim_make
from wearemany.moderation.handing import review_take
from wearemany.moderation.models import Reversal, Sweep, SweptPost
from wearemany.moderation.reports import ReportOrder, report_make
from wearemany.moderation.services import decision_make, decisions_reverse
from wearemany.photos.models import Photo, Post, Rendition
from wearemany.wall.mirrors.listing import mirror_add
from wearemany.wall.mirrors.offer import mirror_key_make
from wearemany.wall.models import Resemblance, Sighting
from wearemany.wall.repeats.questions import question_answer


@dataclass
class Things:
    """What there is in a campaign. `in_hand`, `decided` and `answered` are by role."""

    campaign: Campaign
    code: str
    unconfirmed: str
    post: Post
    photo: str
    position: int
    rejected: int
    in_hand: dict[str, str]
    decided: dict[str, str]
    answered: dict[str, str]
    question: str
    comments: dict[str, str]
    voice: int
    item: int
    invitation: str
    invitation_token: str
    mirror: str
    key: str
    key_secret: str
    claim_number: str
    report_number: str
    colleague: int
    marks: tuple[str, ...]
    places: Mapping[str, object] = field(default_factory=dict)

    def held_by(self, role: str) -> str:
        """Return the post in the role's hands, or in somebody's."""
        return self.in_hand.get(role) or next(iter(self.in_hand.values()))

    def photo_of(self, role: str) -> str:
        """Return the photo of that post."""
        return str(Photo.objects.get(post=self.held_by(role)).pk)

    def decided_by(self, role: str) -> str:
        """Return the post that the role decided last, or somebody did."""
        return self.decided.get(role) or next(iter(self.decided.values()))

    def answered_by(self, role: str) -> str:
        """Return the question that the role has answered, or somebody's."""
        return self.answered.get(role) or next(iter(self.answered.values()))


def things_of(cast: Cast, campaign: Campaign, team: Mapping[str, Account], *, name: str) -> Things:
    """Fill a campaign; every word in it that is not public carries `name`."""
    standing = (f"{name} stands {number}" for number in range(10))
    shown, *rest = stand(cast, *standing, campaign=campaign, consents=("mirrors", "press"))
    author, waiting = cast.somebody(campaign), cast.somebody(campaign)
    post = author.decided(b"refer: burgundy", caption=f"{name} waits", people=2)
    waiting.posts(b"refer: covered", cover="everybody", caption=f"{name} is unconfirmed")
    stand(cast, f"{name} again", campaign=campaign)
    unconfirmed = Post.objects.get(caption=f"{name} is unconfirmed")
    assert not unconfirmed.confirmed and post.review.open
    in_hand, decided_by, answered = {}, {}, {}
    for (role, account), claimed, decided in zip(team.items(), rest, rest[2:4], strict=False):
        decision_make(post=decided, kind="reject", reason="off-call", account=account)
        decided_by[role] = decided.pk
        claim_make(ClaimOrder(claimed, "pictured", f"{name}{role}", words=f"{name} said", wall_posts=1000))
        assert review_take(post=claimed, account=account)
        in_hand[role] = claimed.pk
    temp = account_create(name=f"{name} temp")
    decision_make(post=rest[8], kind="reject", reason="off-call", account=temp)
    decisions_reverse(campaign=campaign, account=temp)
    report_make(ReportOrder(shown, "hate", f"{name}report", words=f"{name} said", wall_posts=1000))
    photos = [Photo.objects.get(post=one) for one in rest[4:8]]
    for number, photo in enumerate(photos):
        Sighting.objects.create(photo=photo, campaign=campaign, picture=f"{name} {number}")
    for later, earlier in ((1, 0), (2, 0), (3, 0)):
        Resemblance.objects.create(
            photo=photos[later],
            earlier=photos[earlier],
            campaign=campaign,
            picture=f"{name} 0",
            place=bytes(8),
        )
    for (role, account), photo in zip(team.items(), photos[2:], strict=False):
        answered[role] = str(
            question_answer(question=photo.pk, campaign=campaign, account=account, state="different").pk
        )
    comment_add(post=shown, name="", text=f"{name} comments", language="en")
    held = comment_add(post=shown, name="", text=f"{name} comment waits", language="en")
    Comment.objects.filter(pk=held.pk).update(state=CommentState.HELD)
    said = Comment.objects.get(post=shown, state=CommentState.SHOWN)
    invited = invitation_make(campaign=campaign, order=InvitationOrder(f"{name} class", "adults", 3, 3))
    made = mirror_key_make(campaign=campaign, name=f"{name} mirror")
    # One that somebody of the team made: a second organiser may agree to it.
    half_made = mirror_key_make(campaign=campaign, name=f"{name} shelf", account=next(iter(team.values())))
    url = f"https://{name}.example/log/{campaign.handle}/"
    mirror_add(campaign=campaign, url=url)
    telling = Telling(day=clock.now().date(), original="en", words={"en": f"{name} tells"})
    position = position_of(shown)
    handle = campaign.handle
    sweep = Sweep.objects.create(
        id="s" * 20 + f"{campaign.pk:06}", campaign=campaign, kind="words", day=clock.now().date()
    )
    SweptPost.objects.create(sweep=sweep, post=post)
    item = announcement_publish(campaign=campaign, telling=telling)
    return Things(
        campaign=campaign,
        code=author.code,
        unconfirmed=waiting.code,
        post=post,
        photo=str(post.photos.get().pk),
        position=position,
        rejected=position_of(rest[2]),
        in_hand=in_hand,
        decided=decided_by,
        answered=answered,
        question=str(photos[1].pk),
        comments={"show": held.pk, "remove": said.pk},
        voice=voice_introduce(campaign=campaign, name="Vera", how_known={"en": "We met her."}).pk,
        item=item.pk,
        invitation=invited.invitation.pk,
        invitation_token=invited.token,
        mirror=url,
        key=made.key.pk,
        key_secret=made.secret,
        report_number=f"{name}report",
        claim_number=f"{name}{next(iter(team))}",
        colleague=next(iter(team.values())).pk,
        marks=(
            f"{name} waits",
            f"{name} is unconfirmed",
            f"{name} said",
            f"{name} comment waits",
            f"{name} class",
            f"{name} mirror",
            author.code,
        ),
        places={
            "language": "en",
            "handle": handle,
            "position": position,
            "number": position,
            "shot": 1,
            "page": 0,
            "block": 0,
            "day": clock.now().date().isoformat(),
            "upload_id": "a" * 26,
            "file": f"{_picture(Post.objects.get(pk=next(iter(in_hand.values()))))}.webp",
            "comment": held.pk,
            "colleague": next(iter(team.values())).pk,
            "item": item.pk,
            "kind": "announcement",
            "move": "pause",
            "sweep": sweep.pk,
            "act": "hold",
            "key": half_made.key.pk,
            "reversal": Reversal.objects.get(campaign=campaign).pk,
            "invitation": invited.invitation.pk,
        },
    )


def _picture(post: Post) -> str:
    return str(Rendition.objects.get(photo__post=post, size="640", format="webp").name)
