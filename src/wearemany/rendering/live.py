"""What the live stream sends, as JSON texts: one post, the number, or the newest window of the wall anew."""

from __future__ import annotations

import json

from django.utils.translation import gettext

from wearemany.languages import direction
from wearemany.rendering.posts import Card
from wearemany.rendering.walls import NumberView


def card_json(card: Card) -> dict[str, object]:
    """Return a card as the page's script needs it; words are ready to show."""
    picture = card.picture
    return {
        "position": card.position,
        "path": card.path,
        "caption": card.excerpt,
        "language": card.language,
        "direction": direction(card.language),
        "name": card.name,
        "alt": picture.alt,
        "alt_language": "" if picture.alt_is_ours else card.language,
        "src": picture.medium.path,
        "webp": picture.srcset_webp,
        "jpeg": picture.srcset_jpeg,
        "placeholder": picture.placeholder,
        "hold": picture.hold,
        "count": f"+{card.more_pictures}" if card.more_pictures else "",
        "drawn": gettext("drawn sample") if card.is_drawn else "",
    }


def number_json(number: NumberView, *, text: str) -> dict[str, object]:
    """Return the number; `text` is how the page's language writes it."""
    return {"posts": number.posts, "text": text, "unit": number.unit, "said": f"{text} {number.unit}"}


def event_text(values: dict[str, object]) -> str:
    """Return one event's data: one line of JSON."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
