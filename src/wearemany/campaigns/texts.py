"""What a campaign's texts may be, and which of them a reader gets.

A reader gets her own language, else its relative, else the campaign's first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wearemany.campaigns.models import Campaign, CampaignText
from wearemany.errors import N_, Refused

BESIDE_MAX = {"about_honouree": 2000, "run_by": 300, "run_from": 200, "legal_aid": 1000}
"""What is said beside title and call, by field, and how many characters it may have."""


def beside_checked(words: Mapping[str, str]) -> dict[str, str]:
    """Return texts said beside title and call with plain line ends; Refused `text-too-long`."""
    plain = {name: _plain(text) for name, text in words.items()}
    for name, text in plain.items():
        if len(text) > BESIDE_MAX[name]:
            raise Refused(
                "text-too-long",
                N_("This text may have up to %(limit)s characters: %(begin)s"),
                limit=BESIDE_MAX[name],
                begin=f"{text[:40]}…",
            )
    return plain


def best_language(wanted: str, offered: Sequence[str]) -> str:
    """Return the offered tag that serves `wanted` best; `offered` is in order of preference and not empty."""
    root = wanted.split("-")[0].lower()
    for tag in offered:
        if tag.lower() == wanted.lower():
            return tag
    for tag in offered:
        if tag.split("-")[0].lower() == root:
            return tag
    return offered[0]


def text_for(campaign: Campaign, language: str) -> CampaignText:
    """Return the campaign's text for a reader of `language`; every campaign has at least one."""
    return text_among(list(campaign.texts.all()), campaign, language)


def text_among(texts: Sequence[CampaignText], campaign: Campaign, language: str) -> CampaignText:
    """Return the same for a caller who has all the campaign's texts."""
    by_language = {text.language: text for text in texts}
    order = [tag for tag in campaign.languages if tag in by_language] or sorted(by_language)
    return by_language[best_language(language, order)]


def legal_aid_for(texts: Sequence[CampaignText], text: CampaignText) -> tuple[str, str]:
    """Return (language tag, lines) for whoever is questioned or detained; in another language rather than none.

    `text` is the reader's own among all `texts`. Both are empty where the campaign has no such lines at all.
    """
    if text.legal_aid:
        return text.language, text.legal_aid
    others = {other.language: other.legal_aid for other in texts if other.legal_aid}
    return words_for(others, text.language) if others else ("", "")


def words_for(words: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return (language tag, text) that serve `language` best out of a non-empty mapping of tag to text."""
    tag = best_language(language, list(words))
    return tag, words[tag]


def _plain(text: str) -> str:
    """Return the text with plain line ends, whichever a browser sent."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
