"""A range of the wall as JSON for programs: the number with its checkpoint, and the posts, newest first.

One fixed shape that every reader shares. No time finer than the day; no picture where pictures are to stay here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from wearemany.rendering.frames import CampaignView
from wearemany.rendering.pictures import Picture
from wearemany.rendering.posts import Card
from wearemany.rendering.walls import NumberView, WallWindow


def newest_json(campaign: CampaignView, number: NumberView, window: WallWindow) -> bytes:
    """Return the text; `older` is the path of the range before, empty at the wall's beginning."""
    values: Mapping[str, object] = {
        "number": {
            "posts": number.posts,
            "people": number.people,
            "distinct": number.distinct,
            "in_colour": number.in_colour,
            "removed": number.removed,
            "size": number.entries,
            "checkpoint": f"{campaign.at.log}checkpoint",
        },
        "posts": [_post(card, campaign) for card in window.cards],
        "older": f"{window.older}.json" if window.older else "",
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _post(card: Card, campaign: CampaignView) -> dict[str, object]:
    shows = campaign.pictures_out and not card.stays_here
    return {
        "position": card.position,
        "page": card.path,
        "day": card.day.isoformat(),
        "caption": card.caption,
        "language": card.language,
        "name": card.name,
        "people": card.people,
        "in_colour": card.in_colour,
        "repeat": card.repeat,
        "pictures": [_picture(picture) for picture in card.pictures] if shows else [],
    }


def _picture(picture: Picture) -> dict[str, object]:
    large = picture.large
    return {
        "path": large.path,
        "type": large.media_type,
        "width_px": large.width_px,
        "height_px": large.height_px,
        "alt": picture.alt,
        "small": picture.small.path,
    }
