"""A campaign as its pages need it around the content: its words in the reader's language, its colour, its links."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import preset_rules
from wearemany.campaigns.texts import legal_aid_for, text_among, words_for
from wearemany.rendering.addresses import Addresses
from wearemany.rendering.contacts import Contacts, contacts


@dataclass(frozen=True)
class Link:
    """One link of the head."""

    path: str
    words: str


@dataclass(frozen=True)
class Notice:
    """What the organisers say about a pause or the end."""

    phase: str
    text: str
    language: str


@dataclass(frozen=True)
class CampaignView:
    """A campaign for the reader of one language. `text_language` is the language its own words really are in.

    `origin` is the log's, the same behind every door and for ever.
    """

    handle: str
    origin: str
    phrase: str
    phrase_language: str
    hashtag: str
    colour: str
    honouree: str
    title: str
    call: str
    about_honouree: str
    run_by: str
    run_from: str
    legal_aid: Contacts
    text_language: str
    phase: str
    preset: str
    comments: str
    pictures_out: bool
    notice: Notice | None
    at: Addresses
    links: tuple[Link, ...]
    joins: bool
    has_days: bool
    doors_frozen: bool
    wall_frozen: bool

    @property
    def has_own_title(self) -> bool:
        """The title says more than the phrase does."""
        return _letters(self.title) != _letters(self.phrase)

    @property
    def is_hidden_from_search(self) -> bool:
        """Search engines are asked to stay away wherever a campaign is careful with people."""
        return self.preset != "everyday"


def campaign_view(campaign: Campaign, *, language: str) -> CampaignView:
    """Return the campaign for readers of `language`."""
    texts = list(campaign.texts.all())
    text = text_among(texts, campaign, language)
    aid_language, aid = legal_aid_for(texts, text)
    rules = preset_rules(campaign)
    at = Addresses(language=language, handle=campaign.handle)
    return CampaignView(
        handle=campaign.handle,
        origin=campaign.origin,
        phrase=campaign.phrase,
        phrase_language=campaign.languages[0] if campaign.languages else "",
        hashtag=f"#{campaign.tag}",
        colour=campaign.colour,
        honouree=campaign.honouree,
        title=text.title,
        call=text.call,
        about_honouree=text.about_honouree,
        run_by=text.run_by,
        run_from=text.run_from,
        legal_aid=contacts(aid, language=aid_language),
        text_language=text.language,
        phase=campaign.phase,
        preset=campaign.preset,
        comments=rules.comments,
        pictures_out=rules.pictures_out,
        notice=_notice(campaign, language),
        at=at,
        links=(
            Link(at.wall, gettext("Wall")),
            Link(at.story, gettext("What happened")),
            Link(at.check, gettext("The number")),
        ),
        joins=campaign.phase == "opened" and not campaign.doors_frozen,
        has_days=campaign.starts_on is not None or campaign.ends_on is not None,
        doors_frozen=campaign.doors_frozen and campaign.phase == "opened",
        wall_frozen=campaign.wall_frozen,
    )


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _notice(campaign: Campaign, language: str) -> Notice | None:
    """Return the notice that holds now; an open campaign has none, its call says what is asked."""
    if campaign.phase == "opened":
        return None
    change = campaign.phase_changes.order_by("-position").first()
    if change is None or not change.notice:
        return Notice(campaign.phase, "", language)
    tag, text = words_for(change.notice, language)
    return Notice(campaign.phase, text, tag)
