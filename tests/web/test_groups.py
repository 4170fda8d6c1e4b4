"""The group door as its leader sees it: invitation, sitting, slips, confirmation; and the desk's part."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.desk_rig import DESK, signed_in
from tests.web.door_visits import FORM, work
from tests.web.html import Reading, foreign
from wearemany.adapters.received import ENVIRON_KEY
from wearemany.campaigns.groups import InvitationOrder, Invited, invitation_make
from wearemany.campaigns.models import GroupInvitation
from wearemany.campaigns.services import campaign_pause
from wearemany.cli.main import main
from wearemany.moderation.services import decision_make
from wearemany.photos.groups import STATEMENTS
from wearemany.photos.models import Post
from wearemany.wall.log import append_campaign
from wearemany.wall.queries import PostState, entry_of, post_state

pytestmark = [pytest.mark.database, pytest.mark.django_db]

HIDDEN = re.compile(r'<input type="hidden" name="(sitting|token|next)" value="([^"]*)">')


class Leader:
    """A group's leader with the sitting open; `page` is the last answer's text."""

    def __init__(self, client: Client, cast: Cast, made: Invited) -> None:
        self.client, self.cast, self.made = client, cast, made
        self.fields: dict[str, str] = {}
        self.page = ""
        self.status = 0

    def opens(self, given: str = "") -> Leader:
        """Come in with the invitation's link, pasted as it is."""
        link = f"https://many.example/en/we-are-many/group#{self.made.token}"
        return self.acts("", given=given or link)

    def acts(self, step: str, *numbers: int, path: str = "", **fields: object) -> Leader:
        """Send a form of the sitting, with photos of these numbers."""
        received = tuple(
            self.cast.house.received(b"selfie of %d" % number, field_name=f"photo-{number}")
            for number in numbers
        )
        body = urlencode({**self.fields, "step": step, **fields}, doseq=True)
        answer = self.client.post(f"/en/keep/group{path}", body, content_type=FORM, **{ENVIRON_KEY: received})
        self.status, self.page = answer.status_code, answer.content.decode()
        if not path:
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            reading = Reading(self.page)
            assert not reading.faults and not foreign(reading), reading.faults
            self.fields = dict(HIDDEN.findall(self.page)) or self.fields
        return self

    def sends(self, *numbers: int, **fields: object) -> Leader:
        """Send photos, the statement ticked."""
        version = STATEMENTS[self.made.invitation.kind][0]
        return self.acts("send", *numbers, **{"stated": version, "cover": "everybody", **fields})

    @property
    def slips(self) -> list[str]:
        """The codes on the slips, in their order."""
        return re.findall(r'class="slip__code" lang="">([^<]*)<', self.page)


def leader(client: Client, cast: Cast, kind: str = "minors", *, most: int = 6) -> Leader:
    """Invite a group and hand its leader the link."""
    order = InvitationOrder("Class 7b", kind, most=most, days=14)
    return Leader(client, cast, invitation_make(campaign=cast.campaign, order=order))


def test_the_door_asks_for_the_invitation_and_gives_nothing_away(client: Client, cast: Cast) -> None:
    """A neutral page with one field; what is unknown is told so, and the secret is in no address."""
    page = client.get("/en/we-are-many/group")
    text = page.content.decode()
    assert "<title>Notes</title>" in text and not Reading(text).faults
    assert 'action="/en/keep/group"' in text and page.headers["Referrer-Policy"] == "no-referrer"
    for wrong in ("nothing", "a" * 26, "amber birch cedar delta ember frost grove"):
        answer = client.post("/en/keep/group", {"given": wrong})
        assert answer.status_code == 404 and "We do not know this invitation" in answer.content.decode()
    assert client.get("/en/keep/group").status_code == 200
    assert client.get("/en/keep/group/photo").status_code == 405


def test_a_class_is_sent_in_one_sitting(client: Client, cast: Cast) -> None:
    """Four at a time, then the rest; one slip a photo, with the leader's word on it, which is kept nowhere."""
    anna = leader(client, cast).opens()
    assert "Photos of <bdi>Class 7b</bdi>" in anna.page and "6 photos may still be sent" in anna.page
    assert anna.page.count('type="file" name="photo-') == 4
    anna.sends(1, 2, 3, 4, **{"label-1": "Miriam-Zoe <3", "label-2": "Ben"})
    assert anna.status == 200 and len(anna.slips) == 4 and "Miriam-Zoe &lt;3" in anna.page
    assert 'name="photo-5"' in anna.page and 'name="photo-7"' not in anna.page
    anna.sends(5, 6)
    assert len(set(anna.slips)) == 6 and "Miriam" not in anna.page
    assert "As many photos were sent as this invitation is for" in anna.page
    assert Post.objects.filter(door="minors", cover="everybody").count() == 6
    assert cast.house.trace_of(b"Miriam") == []
    for code in anna.slips:
        assert "Your photo has arrived" in client.post("/en/keep", {"code": unescape(code)}).content.decode()


def test_a_slip_of_the_thumb_erases_nothing(client: Client, cast: Cast) -> None:
    """Leaving out is opened first; then a button says which photo it erases, and that nobody can undo it."""
    anna = leader(client, cast).opens().sends(1, 2)
    for number in (1, 2):
        assert f'<summary aria-label="Leave photo {number} out">Leave out</summary><form' in anna.page
        assert f"Erase photo {number} now" in anna.page
    assert anna.page.count("This cannot be undone.") == anna.page.count('value="leave"') == 2


def test_the_code_of_the_sitting_is_there_before_the_first_answer(client: Client, cast: Cast) -> None:
    """With scripts photos go before the form does: the code is on the page to be shown with the first that arrived.

    A slip says nothing of the campaign: whoever finds it in a pocket reads seven words and an address.
    """
    anna = leader(client, cast).opens()
    assert "data-sitting hidden>" in anna.page
    assert f'<p class="code code--large" lang="">{anna.fields["sitting"]}</p>' in anna.page
    anna.sends(1)
    assert "data-sitting>" in anna.page
    assert anna.page.index("data-sitting>") < anna.page.index("Send more photos")
    slip = anna.page[anna.page.index('class="slip"') : anna.page.index("</ul>")]
    assert "#" not in slip and anna.slips[0] in slip


def test_while_the_campaign_rests_the_page_says_so_and_offers_no_sending(client: Client, cast: Cast) -> None:
    """The leader learns it before choosing thirty photos; what was sent before can still be confirmed and left out."""
    anna = leader(client, cast).opens().sends(1)
    work()
    campaign_pause(campaign=cast.campaign, notice={"en": "Until spring."})
    anna.acts("")
    assert "The campaign is paused" in anna.page and 'type="file"' not in anna.page
    anna.acts("confirm", number=1)
    assert anna.status == 200 and "We show them as you saw them" in anna.page
    assert anna.acts("leave", number=1).status == 200
    assert post_state(Post.objects.get()) == PostState.WITHDRAWN


def test_a_repeated_form_shows_the_same_slips(client: Client, cast: Cast) -> None:
    """The answer was lost, the page is loaded again: the same posts, the same codes."""
    anna = leader(client, cast).opens()
    before = dict(anna.fields)
    first = anna.sends(1, 2).slips
    anna.fields = before
    assert anna.sends(1, 2).slips == first and Post.objects.count() == 2


def test_the_leader_confirms_what_is_covered(client: Client, cast: Cast) -> None:
    """Pictures as they are ready; all are right, or one is left out; nothing is public before."""
    anna = leader(client, cast).opens().sends(1, 2, 3)
    work()
    anna.acts("")
    assert (
        anna.page.count('<img src="data:image/jpeg;base64,') == 3 and "Are these pictures right?" in anna.page
    )
    assert all(post_state(post) == PostState.CONFIRM for post in Post.objects.all())
    anna.acts("leave", number=2)
    assert "Left out, and erased here." in anna.page and Post.objects.filter(erased=True).count() == 1
    anna.acts("confirm", number=[1, 3])
    work()
    kept = Post.objects.filter(erased=False)
    assert [post_state(post) for post in kept] == [PostState.REVIEW] * 2
    assert (
        "Are these pictures right?" not in anna.acts("").page and anna.page.count("A person will look") == 2
    )


def test_only_what_was_seen_is_confirmed(client: Client, cast: Cast) -> None:
    """A photo that became ready after the page was made is not swept along; a stranger's neither."""
    anna = leader(client, cast).opens().sends(1, 2)
    other = cast.stranger.posted(cover="nobody")
    work()
    anna.acts("confirm", number=[1, 99, "x"])
    confirmed = Post.objects.filter(confirmed=True)
    assert confirmed.count() == 1 and other not in confirmed


def test_a_number_left_out_is_never_given_again(client: Client, cast: Cast) -> None:
    """A slip that was handed out must not open somebody else's photo."""
    anna = leader(client, cast).opens().sends(1, 2)
    slip = anna.slips[1]
    anna.acts("leave", number=2)
    assert anna.fields["next"] == "3"
    anna.sends(3)
    assert slip not in anna.slips
    assert client.post("/en/keep", {"code": unescape(slip)}).status_code == 404


def test_a_leader_comes_back_with_the_code_of_the_sitting(client: Client, cast: Cast) -> None:
    """Another day, another browser: the photos are there and the slips can be shown; nothing more can be sent."""
    anna = leader(client, cast).opens().sends(1, 2)
    first, code = anna.slips, anna.fields["sitting"]
    assert code in anna.page
    again = leader(client, cast).opens(given=code.upper().replace(" ", "-"))
    assert again.status == 200 and "Send more photos" not in again.page and not again.slips
    assert again.acts("slips").slips == first
    again.made = anna.made
    again.sends(3)
    assert again.status == 400 and "open the invitation&#x27;s link once more" in again.page


def test_without_the_statement_nothing_is_taken(client: Client, cast: Cast) -> None:
    """The sentence says what is missing; the form is there again."""
    anna = leader(client, cast).opens().acts("send", 1)
    assert anna.status == 400 and "Please read the sentence" in anna.page and not Post.objects.exists()
    anna.sends()
    assert anna.status == 400 and "There is no photo yet" in anna.page


def test_adults_choose_a_cover_and_a_careful_campaign_has_none_to_choose(client: Client, cast: Cast) -> None:
    """Each of them agreed to be seen, or all are covered; where everybody is covered there is no choice."""
    anna = leader(client, cast, "adults").opens()
    assert 'name="cover" value="nobody"' in anna.page and 'value="group-adults-1"' in anna.page
    anna.sends(1, cover="nobody")
    assert Post.objects.get().cover == "nobody"
    dangerous = cast.campaign_with(preset="dangerous", handle="dangerous")
    made = invitation_make(campaign=dangerous, order=InvitationOrder("Union", "adults", most=3, days=3))
    bob = Leader(client, cast, made).opens()
    assert 'value="nobody"' not in bob.page and "What we cannot protect." in bob.page
    bob.sends(1, cover="nobody")
    assert bob.status == 400 and Post.objects.count() == 1


def test_a_script_sends_one_by_one(client: Client, cast: Cast) -> None:
    """JSON for scripts: the number that arrived, or a sentence; then the form asks for the slips."""
    anna = leader(client, cast, most=2).opens()
    version = STATEMENTS["minors"][0]
    for number in (1, 2):
        assert anna.acts("", number, path="/photo", stated=version).page == f'{{"sent": [{number}]}}'
    full = anna.acts("", 3, path="/photo", stated=version)
    assert full.status == 400 and "group-full" in full.page
    assert anna.acts("", path="/photo", stated=version).status == 400
    anna.acts("send", scripts="yes", next=3)
    assert anna.status == 200 and len(anna.slips) == 2


def test_a_childs_page_offers_nothing_to_add(client: Client, cast: Cast) -> None:
    """Neither words nor consents nor a card; only looking, covering, taking back."""
    anna = leader(client, cast).opens().sends(1)
    page = client.post("/en/keep", {"code": unescape(anna.slips[0])}).content.decode()
    for absent in ("keep/add", "keep/card", "keep/elsewhere", 'name="consent"'):
        assert absent not in page
    assert "keep/take-back" in page


def test_pictures_of_children_stay_on_the_wall(client: Client, cast: Cast) -> None:
    """No feed and no preview elsewhere carries them, though the campaign's pictures go out."""
    anna = leader(client, cast).opens().sends(1)
    work()
    anna.acts("confirm", number=1)
    work()
    post = Post.objects.get()
    decision_make(post=post, kind="approve", account=cast.moderator)
    append_campaign(cast.campaign)
    entry = entry_of(post)
    assert entry is not None
    page = client.get(f"/en/we-are-many/post/{entry.position}").content.decode()
    feed = client.get("/en/we-are-many/feed.rss").content.decode()
    assert "/r/" in page and "og:image" not in page
    assert f"/post/{entry.position}" in feed and "/r/" not in feed


def test_an_organiser_invites_revokes_holds_and_lets_go(client: Client, cast: Cast) -> None:
    """The link is shown once; the list says how many came; one act holds a group, another undoes that."""
    olga = signed_in(cast.organiser).get(f"{DESK}groups")
    assert "No group was invited yet." in olga.page
    olga.post(f"{DESK}groups", name="Class 7b", kind="adults", most="3", days="7", language="ru")
    link = re.search(r"http://\S+/ru/we-are-many/group#([a-z2-7]{26})", olga.page)
    assert link and not Reading(olga.raw.decode()).faults
    row = GroupInvitation.objects.get()
    anna = Leader(client, cast, Invited(row, link.group(1))).opens().sends(1, cover="nobody")
    work()
    assert "1 of 3 sent" in olga.get(f"{DESK}groups").page and link.group(1) not in olga.page
    olga.post(f"{DESK}groups/{row.pk}/hold")
    assert post_state(Post.objects.get()) == PostState.REVIEW and "Undo: let its posts go" in olga.page
    olga.post(f"{DESK}groups/{row.pk}/release")
    assert post_state(Post.objects.get()) in (PostState.ON_WALL, PostState.WAITING_RELEASE)
    olga.post(f"{DESK}groups/{row.pk}/revoke")
    assert "Revoked." in olga.page
    assert "The organisers have taken this invitation back" in anna.acts("").page
    mark = signed_in(cast.moderator)
    assert mark.get(f"{DESK}groups").status == 403 and mark.post(f"{DESK}groups/{row.pk}/hold").status == 403


def test_what_cannot_be_invited_comes_back_as_it_was_typed(cast: Cast) -> None:
    """With the sentence; another campaign's invitation is out of reach."""
    olga = signed_in(cast.organiser)
    olga.post(f"{DESK}groups", name="Class 7b", kind="", most="3", days="7")
    assert olga.status == 400 and 'value="Class 7b"' in olga.page and "adults or minors" in olga.page
    elsewhere = cast.campaign_with(preset="everyday", handle="elsewhere")
    other = invitation_make(campaign=elsewhere, order=InvitationOrder("Other", "adults", most=1, days=1))
    assert olga.post(f"{DESK}groups/{other.invitation.pk}/revoke").status == 404


def test_the_command_line_invites_too(client: Client, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    """The link on one line, the list without it; hold and release print how many."""
    order = [
        "group",
        "invite",
        "we-are-many",
        "--name",
        "Union",
        "--kind",
        "adults",
        "--most",
        "2",
        "--days",
        "3",
    ]
    assert main(order) == 0
    token = capsys.readouterr().out.strip().rpartition("#")[2]
    row = GroupInvitation.objects.get()
    Leader(client, cast, Invited(row, token)).opens().sends(1, cover="nobody")
    work()
    assert main(["group", "list", "we-are-many"]) == 0
    listed = capsys.readouterr().out
    assert "Union (adults)  1 of 2" in listed and token not in listed
    assert main(["group", "hold", "we-are-many", row.pk]) == 0
    assert main(["group", "release", "we-are-many", row.pk]) == 0
    assert main(["group", "revoke", "we-are-many", row.pk]) == 0
    assert capsys.readouterr().out.split() == ["1", "1", "Revoked."]
    assert main(["group", "revoke", "we-are-many", "nothing"]) == 2
    assert "revoked" in (main(["group", "list", "we-are-many", "--json"]), capsys.readouterr().out)[1]
