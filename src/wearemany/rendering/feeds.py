"""The hashtag as RSS 2.0 with Media RSS. No time finer than the day, no picture where pictures are to stay here."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from xml.etree import ElementTree

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from wearemany.doors import Door
from wearemany.rendering.frames import CampaignView
from wearemany.rendering.numerals import day_text, figure_text
from wearemany.rendering.pictures import Picture
from wearemany.rendering.posts import Card, shortened
from wearemany.rendering.walls import NumberView
from wearemany.wall.day_figures import Day

_ATOM = "http://www.w3.org/2005/Atom"
_MEDIA = "http://search.yahoo.com/mrss/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
# Characters that no XML 1.0 document may hold, not even as references.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TITLE_MAX = 80

for _prefix, _name in (("atom", _ATOM), ("media", _MEDIA), ("content", _CONTENT)):
    ElementTree.register_namespace(_prefix, _name)


@dataclass(frozen=True)
class FeedDoors:
    """The door that the feed is read through, and the others, by which it can be read when that one is blocked."""

    here: Door
    others: tuple[Door, ...]


def feed_xml(
    campaign: CampaignView,
    cards: Sequence[Card],
    *,
    doors: FeedDoors,
    number: NumberView,
    signed: Sequence[Day] = (),
) -> bytes:
    """Return the feed: newest posts first, then the signed counts of past days, for whoever keeps what they read.

    An item's `guid` is the same behind every door, its links are not.
    """
    address = doors.here.origin
    rss = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(rss, "channel")
    _add(channel, "title", f"{campaign.hashtag} · {campaign.title}")
    _add(channel, "link", f"{address}{campaign.at.wall}")
    _add(channel, "description", _description(campaign, doors, number))
    _add(channel, "language", campaign.at.language)
    _add(channel, "ttl", "15")
    ElementTree.SubElement(
        channel,
        f"{{{_ATOM}}}link",
        href=f"{address}{campaign.at.feed}",
        rel="self",
        type="application/rss+xml",
    )
    for door in doors.others:
        ElementTree.SubElement(
            channel,
            f"{{{_ATOM}}}link",
            href=door.url(campaign.at.feed),
            rel="alternate",
            type="application/rss+xml",
        )
    for card in cards:
        _item(channel, card, campaign=campaign, address=address)
    for day in signed:
        _signed_item(channel, day, campaign=campaign, address=address)
    text: str = ElementTree.tostring(rss, encoding="unicode")
    return ('<?xml version="1.0" encoding="utf-8"?>\n' + text).encode()


def _description(campaign: CampaignView, doors: FeedDoors, number: NumberView) -> str:
    """Return the call, the number with its signed count, and the other doors: few readers show links of a channel."""
    parts = [campaign.call]
    if number.day is not None:
        values = {
            "posts": figure_text(number.posts, campaign.at.language),
            "unit": number.unit,
            "day": day_text(number.day, campaign.at.language),
            "address": f"{doors.here.origin}{campaign.at.log}checkpoint",
        }
        parts.append(
            gettext("%(posts)s %(unit)s. Anyone can recount; signed count of %(day)s: %(address)s") % values
        )
    if doors.others:
        walls = " ".join(door.url(campaign.at.wall) for door in doors.others)
        parts.append(f"{gettext('Other ways to reach this wall:')} {walls}")
    return "\n\n".join(parts)


def _item(channel: ElementTree.Element, card: Card, *, campaign: CampaignView, address: str) -> None:
    with_pictures = campaign.pictures_out and not card.stays_here
    item = ElementTree.SubElement(channel, "item")
    link = f"{address}{card.path}"
    title = shortened(" ".join(card.caption.split()), limit=_TITLE_MAX) or card.name or gettext("A new post")
    _add(item, "title", title)
    _add(item, "link", link)
    ElementTree.SubElement(item, "guid", isPermaLink="false").text = f"{campaign.origin}/{card.position}"
    _add(item, "pubDate", _midnight(card.day))
    _add(item, "description", _html(card, address=address, with_pictures=with_pictures))
    if with_pictures:
        for picture in card.pictures:
            _media(item, picture, address=address)
        large = card.picture.large
        ElementTree.SubElement(
            item,
            "enclosure",
            url=f"{address}{large.path}",
            type=large.media_type,
            length=str(large.size_bytes),
        )


def _signed_item(channel: ElementTree.Element, day: Day, *, campaign: CampaignView, address: str) -> None:
    item = ElementTree.SubElement(channel, "item")
    said = day_text(day.day, campaign.at.language)
    _add(item, "title", gettext("Signed count of %(day)s") % {"day": said})
    _add(item, "link", f"{address}{campaign.at.figures}")
    guid = f"{campaign.origin}/signed/{day.day.isoformat()}"
    ElementTree.SubElement(item, "guid", isPermaLink="false").text = guid
    _add(item, "pubDate", _midnight(day.day))
    keep = gettext(
        "Keep this. Whoever compares two kept copies of one day finds out whether everybody was shown the same list."
    )
    _add(item, "description", format_html("<p>{}</p><pre>{}</pre>", keep, day.checkpoint))


def _midnight(day: datetime.date) -> str:
    at = datetime.datetime.combine(day, datetime.time(), tzinfo=datetime.UTC)
    return format_datetime(at, usegmt=True)


def _media(item: ElementTree.Element, picture: Picture, *, address: str) -> None:
    large = picture.large
    media = ElementTree.SubElement(
        item,
        f"{{{_MEDIA}}}content",
        url=f"{address}{large.path}",
        type=large.media_type,
        medium="image",
        width=str(large.width_px),
        height=str(large.height_px),
        fileSize=str(large.size_bytes),
    )
    _add(media, f"{{{_MEDIA}}}description", picture.alt)


def _html(card: Card, *, address: str, with_pictures: bool) -> str:
    """Return the item's words as HTML, everything of the author escaped."""
    parts = []
    if with_pictures:
        parts.append(
            format_html_join(
                "",
                '<p><img src="{}{}" alt="{}" width="{}" height="{}"></p>',
                (
                    (
                        address,
                        picture.medium.path,
                        picture.alt,
                        picture.medium.width_px,
                        picture.medium.height_px,
                    )
                    for picture in card.pictures
                ),
            )
        )
    if card.caption:
        parts.append(format_html('<p lang="{}">{}</p>', card.language, card.caption))
    if card.name:
        parts.append(format_html("<p>{}</p>", card.name))
    return "".join(parts)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _NOT_XML.sub("\ufffd", text)
