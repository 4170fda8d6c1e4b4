"""Reading a campaign, and a fresh posting form in it."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language, gettext

from wearemany.api.asking import Asked
from wearemany.api.shapes import CampaignAnswer, Choice, FormAnswer, Limits, Number
from wearemany.campaigns.models import Campaign, Phase, Preset
from wearemany.campaigns.services import campaign_by_handle, posting_checked, preset_rules
from wearemany.errors import N_
from wearemany.hashtags import is_handle
from wearemany.photos.forms import form_fresh
from wearemany.photos.orders import (
    ALT_MAX,
    CAPTION_MAX,
    NAME_MAX,
    PEOPLE_MAX,
    PHOTOS_MAX,
    TERMS_VERSION,
    TICK_WORDS,
)
from wearemany.photos.resumable import UPLOADS_A_FORM_MAX
from wearemany.rendering.contacts import Contacts
from wearemany.rendering.frames import campaign_view
from wearemany.rendering.keep_consents import CONSENT_WORDS
from wearemany.wall.queries import number
from wearemany.wall.witnesses.standing import witnessed

_COVERS = {
    "everybody": (N_("Everybody's"), N_("Nobody can be known by the face. The safest choice.")),
    "others": (N_("The others', not mine"), N_("The largest face stays visible, all others are covered.")),
    "nobody": (N_("Nobody's"), N_("Everyone in the photo agreed to be seen by the whole world.")),
}


def campaign_read(asked: Asked) -> CampaignAnswer:
    """Return a campaign in the words of its reader's language."""
    campaign = campaign_of(asked)
    view = campaign_view(campaign, language=asked.language)
    rules = preset_rules(campaign)
    # The pages have the interface's languages only.
    at = campaign_view(campaign, language=get_language() or "en").at
    return CampaignAnswer(
        handle=campaign.handle,
        phase=Phase(campaign.phase),
        takes_posts=view.joins,
        notice=view.notice.text if view.notice else "",
        phrase=view.phrase,
        hashtag=view.hashtag,
        colour=view.colour,
        honouree=view.honouree,
        title=view.title,
        call=view.call,
        about_honouree=view.about_honouree,
        run_by=view.run_by,
        run_from=view.run_from,
        legal_aid=_lines(view.legal_aid),
        text_language=view.text_language,
        languages=list(campaign.languages),
        preset=Preset(campaign.preset),
        covers=[
            Choice(name=name, words=gettext(words), more=gettext(more))
            for name, (words, more) in _COVERS.items()
            if rules.cover != "everybody" or name == "everybody"
        ],
        ticks=[Choice(name=name, words=gettext(words)) for name, words in TICK_WORDS.items()],
        terms_version=TERMS_VERSION,
        consents=[Choice(name=kind.value, words=gettext(words)) for kind, words in CONSENT_WORDS]
        if rules.pictures_out
        else [],
        before=at.join,
        wall=at.wall,
        number=_number(campaign, log=at.log, explained=at.check),
        limits=_limits(),
    )


def form_make(asked: Asked) -> FormAnswer:
    """Return a fresh form; its code has the words of the language asked for."""
    posting_checked(campaign_of(asked))
    fresh = form_fresh(asked.language)
    return FormAnswer(form=fresh.token, code=fresh.code)


def campaign_of(asked: Asked) -> Campaign:
    """Return the campaign that the path names."""
    handle = asked.named["handle"]
    # A text that can be no handle is not asked for: not every database takes every character.
    return campaign_by_handle(handle if is_handle(handle) else "")


def _number(campaign: Campaign, *, log: str, explained: str) -> Number:
    now, seen = number(campaign), witnessed(campaign)
    return Number(
        posts=now.tally.posts,
        people=now.tally.people,
        distinct=now.tally.distinct,
        in_colour=now.tally.in_colour,
        removed=now.tally.removed,
        size=now.size,
        witnesses=list(seen.names),
        witnessed_size=seen.size,
        checkpoint=f"{log}checkpoint",
        explained=explained,
    )


def _limits() -> Limits:
    options = settings.WEAREMANY
    return Limits(
        photo_bytes=options["UPLOAD_MAX_BYTES"],
        photos=PHOTOS_MAX,
        uploads_a_form=UPLOADS_A_FORM_MAX,
        upload_hours=options["UPLOAD_KEEP_HOURS"],
        caption=CAPTION_MAX,
        name=NAME_MAX,
        alt=ALT_MAX,
        people=PEOPLE_MAX,
    )


def _lines(contacts: Contacts) -> list[str]:
    return ["".join(piece.text for piece in line) for line in contacts.lines]
